"""A factor that depends on the point: the quantity by which a wrong gradient differs from the true.

The ratio of the two is compared, at several points, with what stands on the tape of the function:
its inputs, what was computed from them, and the slopes of its operations.  If the ratio is always
1/x, the factor x was lost; if it is always phi'(u)/phi'(v), the slope was taken at the wrong place.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sympy

from gradmath.catalogue.applied import AppliedFunction
from gradmath.errors import GradmathError
from gradmath.verify import balls
from gradmath.verify.gradients.expressions import program
from gradmath.verify.gradients.number import Number
from gradmath.verify.gradients.pairs import CLOSE, Pair, named
from gradmath.verify.gradients.places import Point
from gradmath.verify.gradients.pointwise import numbers_in
from gradmath.verify.gradients.question import Question
from gradmath.verify.gradients.running import run
from gradmath.verify.gradients.trace import Entry, Trace
from gradmath.verify.operators import Operator

#: so many points decide (fewer than the least show nothing)
_POINTS, _LEAST = 8, 3
#: bits for slopes such as 1 - tanh(100)^2
_BITS: Final = 1024
#: a tape longer than this is not searched
_LONGEST: Final = 400
#: of a longer one only single operations are taken, not stretches
_SHORT: Final = 60


@dataclass(frozen=True)
class _Quantity:
    """Something on the tape, in words, with its values at the points.

    `missing` and `extra` are the operators when it is lost, or there once too often.
    """

    words: str
    values: tuple[float, ...]
    missing: Operator
    extra: Operator


def factor(question: Question, pairs: Sequence[Pair]) -> str:
    """One sentence naming the factor, or nothing where none explains the ratios."""
    chosen, ratios = [], []
    for pair in pairs:
        found = pair.ratios()
        if len(found) != 1:
            return ""
        ratio = found[0]
        if ratio is not None and math.isfinite(ratio) and ratio and abs(ratio - 1) > CLOSE:
            chosen.append(pair.point)
            ratios.append(ratio)
    moderate = [n for n, point in enumerate(chosen) if _is_moderate(point)]
    if len(moderate) >= _LEAST:
        chosen, ratios = [chosen[n] for n in moderate], [ratios[n] for n in moderate]
    step = max(1, len(chosen) // (3 * _POINTS))
    tapes = [_tape(question, point) for point in chosen[::step]]
    ratios = ratios[::step]
    first = next((tape for tape in tapes if tape), None)
    if first is None:
        return ""
    same = [n for n, tape in enumerate(tapes) if tape and _like(tape, first)][:_POINTS]
    if len(same) < _LEAST:
        return ""
    wanted = [ratios[n] for n in same]
    points = [chosen[::step][n] for n in same]
    quantities = _quantities([tapes[n] for n in same])
    for quantity in itertools.chain(_catalogue(question, points), quantities):
        for sign, also in ((1, ""), (-1, " and the sign flipped")):
            if _equal(wanted, [sign / v if v else math.inf for v in quantity.values]):
                return named(quantity.missing, f"the factor {quantity.words} lost{also}")
            if _equal(wanted, [sign * v for v in quantity.values]):
                return named(quantity.extra, f"{_extra(quantity)}{also}")
    return ""


def _is_moderate(point: Point) -> bool:
    """Whether no number is so large or small that a ratio is all 0, 1 or infinity."""
    return all(1e-3 < abs(x) < 12 for _, x in numbers_in(point))


def _extra(quantity: _Quantity) -> str:
    if quantity.extra is Operator.WRONG_PLACE:
        return quantity.words
    return f"the factor {quantity.words} once too often"


def _equal(wanted: Sequence[float], values: Sequence[float]) -> bool:
    pairs = list(zip(wanted, values, strict=True))
    return all(math.isfinite(v) and abs(r - v) <= CLOSE * abs(r) for r, v in pairs)


def _tape(question: Question, point: Point) -> list[Entry]:
    try:
        with balls.precision(_BITS):
            traced = run(question.formula, point, tuple(point))
    # anyone's code may raise anything; then there is nothing to be learnt from it
    except Exception:  # noqa: BLE001
        return []
    entries = traced.trace.entries
    return entries if len(entries) <= _LONGEST else []


def _like(one: list[Entry], other: list[Entry]) -> bool:
    return [(e.rule.name if e.rule else "", e.operands) for e in one] == [
        (e.rule.name if e.rule else "", e.operands) for e in other
    ]


def _quantities(tapes: Sequence[list[Entry]]) -> Iterator[_Quantity]:
    """Everything that may stand or be missing as a factor: inputs first, then what is computed."""
    words = [_words(tapes[0], place) for place in range(len(tapes[0]))]
    with balls.precision(_BITS):
        results = [[_float(tape[place].result) for tape in tapes] for place in range(len(words))]
        for place, entry in enumerate(tapes[0]):
            operator = Operator.LOST_FACTOR
            if entry.rule is None or entry.rule.name not in ("add", "subtract", "negative"):
                yield _Quantity(
                    words[place], tuple(results[place]), operator, Operator.DOUBLED_FACTOR
                )
        for place in range(len(words)):
            rests = tuple(1 - v for v in results[place])
            yield _Quantity(f"(1 - {words[place]})", rests, Operator.LOST_FACTOR,
                            Operator.DOUBLED_FACTOR)  # fmt: skip
        for place, entry in enumerate(tapes[0]):
            if entry.rule is None or len(entry.operands) != 1:
                continue
            slopes = [_slope(tape[place]) for tape in tapes]
            inner = words[entry.operands[0]] if entry.operands[0] >= 0 else "constant"
            yield _Quantity(
                f"{entry.rule.name}'({inner})", tuple(slopes), Operator.DROPPED_CHAIN_FACTOR,
                Operator.DOUBLED_FACTOR,
            )  # fmt: skip
            for other in range(len(words)):
                if other == entry.operands[0]:
                    continue
                elsewhere = [_slope(tape[place], tape[other]) for tape in tapes]
                yield _Quantity(
                    f"{entry.rule.name}' taken at {words[other]} in place of {inner}",
                    tuple(e / s if s else math.inf for e, s in zip(elsewhere, slopes, strict=True)),
                    Operator.WRONG_PLACE, Operator.WRONG_PLACE,
                )  # fmt: skip
        if len(words) <= _SHORT:
            yield from _composed(tapes, words)


def _catalogue(question: Question, points: Sequence[Point]) -> Iterator[_Quantity]:
    """Slopes of catalogue functions in the equations, at their arguments and elsewhere."""
    equations = getattr(question.formula, "equations", {})
    calls = {call for right in equations.values() for call in right.atoms(AppliedFunction)}
    names = [sympy.Symbol(name, real=True) for name in (*question.formula.names, *equations)]
    for call in sorted(calls, key=str):
        inner = call.args[0]
        here = _evaluated(question, call.func(*call.args).fdiff(1), points)
        name = call.entry.name
        yield _Quantity(f"{name}'({inner})", here, Operator.DROPPED_CHAIN_FACTOR,
                        Operator.DOUBLED_FACTOR)  # fmt: skip
        for other in names:
            if other == inner:
                continue
            there = _evaluated(question, call.func(other, *call.args[1:]).fdiff(1), points)
            ratio = tuple(a / b if b else math.inf for a, b in zip(there, here, strict=True))
            yield _Quantity(f"{name}' taken at {other} in place of {inner}", ratio,
                            Operator.WRONG_PLACE, Operator.WRONG_PLACE)  # fmt: skip


def _evaluated(
    question: Question, expression: sympy.Expr, points: Sequence[Point]
) -> tuple[float, ...]:
    found = []
    for point in points:
        try:
            with balls.precision(_BITS):
                traced = run(question.formula, point, tuple(point), names_only=True)
                value = program(expression).run({**traced.values, **traced.middle}, traced.trace)
                found.append(_float(value.value) if isinstance(value, Number) else float(value))
        except (GradmathError, ArithmeticError):
            found.append(math.nan)
    return tuple(found)


def _composed(tapes: Sequence[list[Entry]], words: Sequence[str]) -> Iterator[_Quantity]:
    """Slopes of stretches of the tape: of any result by anything it was computed from."""
    table: dict[tuple[int, int], list[float]] = {}
    for tape in tapes:
        trace = Trace(entries=tape)
        for top in range(len(tape)):
            adjoints = trace.sweep(_at(trace, top))
            for below in range(top):
                table.setdefault((top, below), []).append(_float(adjoints[below]))
    for (top, below), values in table.items():
        if len(values) == len(tapes) and all(values):
            yield _Quantity(
                f"d({words[top]})/d({words[below]})", tuple(values),
                Operator.DROPPED_CHAIN_FACTOR, Operator.DOUBLED_FACTOR,
            )  # fmt: skip


def _at(trace: Trace, place: int) -> Any:
    return Number(trace, place, trace.entries[place].result)


def _slope(entry: Entry, at: Entry | None = None) -> float:
    """The slope of a unary operation at its operand, or at another number on the tape."""
    assert entry.rule is not None
    try:
        values = entry.values if at is None else (at.result,)
        result = entry.result if at is None else entry.rule.value(values)
        return _float(entry.rule.slopes(values, result)[0])
    except (balls.Undecided, balls.UndefinedHere, ZeroDivisionError):
        return math.nan


def _float(x: Any) -> float:
    return float(balls.real(balls.coefficients(x, 1)[0]).mid())


_SIGNS: Final = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/"}


def _words(tape: list[Entry], place: int, depth: int = 4) -> str:
    """What a place on the tape holds, as a formula; deep ones are cut short."""
    entry = tape[place]
    if entry.rule is None:
        return entry.name
    if depth == 0:
        return "..."
    parts = [
        _words(tape, operand, depth - 1) if operand >= 0 else f"{_float(value):.6g}"
        for operand, value in zip(entry.operands, entry.values, strict=True)
    ]
    name = entry.rule.name
    if name == "multiply" and parts[1] == "1":
        return parts[0]
    if name in _SIGNS:
        return f"({parts[0]} {_SIGNS[name]} {parts[1]})"
    if name.startswith("power ") and len(parts) == 1:
        return f"{parts[0]}**{name.removeprefix('power ')}"
    if name == "negative":
        return f"(-{parts[0]})"
    return f"{name}({', '.join(parts)})"
