"""A factor that depends on the point: the quantity by which a wrong gradient differs from the true.

The ratio of the two is compared, at several points, with what stands on the tape of the function:
its inputs, what was computed from them, and the slopes of its operations.  If the ratio is always
1/x, the factor x was lost; if it is always phi'(u)/phi'(v), the slope was taken at the wrong place.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sympy

from gradmath.catalogue.applied import AppliedFunction
from gradmath.errors import GradmathError
from gradmath.verify import balls
from gradmath.verify.gradients.expressions import Program, program
from gradmath.verify.gradients.number import NotTraceable, Number, Undefined
from gradmath.verify.gradients.pairs import CLOSE, Pair, named
from gradmath.verify.gradients.places import Point
from gradmath.verify.gradients.pointwise import is_moderate
from gradmath.verify.gradients.question import Question
from gradmath.verify.gradients.rule import OnDemand
from gradmath.verify.gradients.running import Traced, run
from gradmath.verify.gradients.tape_words import as_float, in_words
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
    """Something on the tape, in words, with its value at the point of each number.

    `missing` and `extra` are the operators when it is lost, or there once too often.
    """

    words: str
    value: Callable[[int], float]
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
    moderate = [n for n, point in enumerate(chosen) if is_moderate(point)]
    if len(moderate) >= _LEAST:
        chosen, ratios = [chosen[n] for n in moderate], [ratios[n] for n in moderate]
    step = max(1, len(chosen) // (3 * _POINTS))
    runs = [_run(question, point) for point in chosen[::step]]
    ratios = ratios[::step]
    first = next((each for each in runs if each), None)
    if first is None:
        return ""
    same = [n for n, each in enumerate(runs) if each and _like(each, first)][:_POINTS]
    if len(same) < _LEAST:
        return ""
    with balls.precision(_BITS):
        return _named(question, [ratios[n] for n in same], [runs[n] for n in same])


def _named(question: Question, wanted: Sequence[float], runs: Sequence[Any]) -> str:
    """The quantity that turns the truth into the claim at every point.

    Most are told apart at the first point, so that the others are seldom asked.
    """
    # what is evaluated for a comparison goes onto the tapes too
    tapes = [list(each.trace.entries) for each in runs]
    for quantity in itertools.chain(_catalogue(question, runs), _quantities(tapes)):
        for sign, also in ((1, ""), (-1, " and the sign flipped")):
            if _explains(wanted, quantity, lambda v, sign=sign: sign / v if v else math.inf):  # type: ignore[misc]  # mypy infers no type for the default
                return named(quantity.missing, f"the factor {quantity.words} lost{also}")
            if _explains(wanted, quantity, lambda v, sign=sign: sign * v):  # type: ignore[misc]  # mypy infers no type for the default
                return named(quantity.extra, f"{_extra(quantity)}{also}")
    return ""


def _extra(quantity: _Quantity) -> str:
    if quantity.extra is Operator.WRONG_PLACE:
        return quantity.words
    return f"the factor {quantity.words} once too often"


def _explains(wanted: Sequence[float], quantity: _Quantity, made: Callable[[float], float]) -> bool:
    for n, ratio in enumerate(wanted):
        value = made(quantity.value(n))
        if not (math.isfinite(value) and abs(ratio - value) <= CLOSE * abs(ratio)):
            return False
    return True


def _run(question: Question, point: Point) -> Traced | None:
    """The function's run at a point; nothing, if it fails there or its tape is too long."""
    try:
        with balls.precision(_BITS):
            traced = run(question.formula, point, tuple(point))
    except (NotTraceable, balls.Undecided, balls.UndefinedHere):
        return None
    return traced if len(traced.trace.entries) <= _LONGEST else None


def _like(one: Traced, other: Traced) -> bool:
    return [(e.rule.name if e.rule else "", e.operands) for e in one.trace.entries] == [
        (e.rule.name if e.rule else "", e.operands) for e in other.trace.entries
    ]


def _quantities(tapes: Sequence[list[Entry]]) -> Iterator[_Quantity]:
    """Everything that may stand or be missing as a factor: inputs first, then what is computed."""
    first = tapes[0]
    words = [in_words(first, place) for place in range(len(first))]

    def result(place: int) -> Callable[[int], float]:
        return lambda n: as_float(tapes[n][place].result)

    def rest(place: int) -> Callable[[int], float]:
        return lambda n: 1 - as_float(tapes[n][place].result)

    def slope(place: int) -> Callable[[int], float]:
        return lambda n: _slope(tapes[n][place])

    def elsewhere(place: int, other: int) -> Callable[[int], float]:
        return lambda n: _ratio(_slope(tapes[n][place], tapes[n][other]), _slope(tapes[n][place]))

    for place, entry in enumerate(first):
        if entry.rule is None or entry.rule.name not in ("add", "subtract", "negative"):
            yield _Quantity(
                words[place], result(place), Operator.LOST_FACTOR, Operator.DOUBLED_FACTOR
            )
    for place in range(len(words)):
        yield _Quantity(
            f"(1 - {words[place]})", rest(place), Operator.LOST_FACTOR, Operator.DOUBLED_FACTOR
        )
    for place, entry in enumerate(first):
        if entry.rule is None or len(entry.operands) != 1:
            continue
        inner = words[entry.operands[0]] if entry.operands[0] >= 0 else "constant"
        yield _Quantity(
            f"{entry.rule.name}'({inner})", slope(place), Operator.DROPPED_CHAIN_FACTOR,
            Operator.DOUBLED_FACTOR,
        )  # fmt: skip
        for other in range(len(words)):
            if other == entry.operands[0]:
                continue
            yield _Quantity(
                f"{entry.rule.name}' taken at {words[other]} in place of {inner}",
                elsewhere(place, other), Operator.WRONG_PLACE, Operator.WRONG_PLACE,
            )  # fmt: skip
    if len(words) <= _SHORT:
        yield from _composed(tapes, words)


def _ratio(a: float, b: float) -> float:
    return a / b if b else math.inf


def _catalogue(question: Question, runs: Sequence[Traced]) -> Iterator[_Quantity]:
    """Slopes of catalogue functions in the equations, at their arguments and elsewhere."""
    equations = getattr(question.formula, "equations", {})
    calls = {call for right in equations.values() for call in right.atoms(AppliedFunction)}
    names = [sympy.Symbol(name, real=True) for name in (*question.formula.names, *equations)]
    for call in sorted(calls, key=str):
        slope = program(call.func(_PLACE, *call.args[1:]).fdiff(1))
        here = _slopes_at(slope, call.args[0], runs)
        name, inner = call.entry.name, call.args[0]
        yield _Quantity(f"{name}'({inner})", here, Operator.DROPPED_CHAIN_FACTOR,
                        Operator.DOUBLED_FACTOR)  # fmt: skip
        for other in names:
            if other == inner:
                continue
            there = _slopes_at(slope, other, runs)
            yield _Quantity(f"{name}' taken at {other} in place of {inner}",
                            functools.partial(_quotient, there, here),
                            Operator.WRONG_PLACE, Operator.WRONG_PLACE)  # fmt: skip


def _quotient(there: Callable[[int], float], here: Callable[[int], float], n: int) -> float:
    return _ratio(there(n), here(n))


#: where a slope is taken
_PLACE: Final = sympy.Symbol("the_place", real=True)


def _slopes_at(slope: Program, at: sympy.Expr, runs: Sequence[Traced]) -> Callable[[int], float]:
    """The slope at an expression in the names of a run, for the run of each number."""

    @functools.cache
    def value(n: int) -> float:
        traced = runs[n]
        known = {**traced.values, **traced.middle}
        try:
            known[_PLACE.name] = program(at).run(known, traced.trace)
            found = slope.run(known, traced.trace)
        except GradmathError:
            return math.nan
        return as_float(found.value) if isinstance(found, Number) else float(found)

    return value


def _composed(tapes: Sequence[list[Entry]], words: Sequence[str]) -> Iterator[_Quantity]:
    """Slopes of stretches of the tape: of any result by anything it was computed from."""

    @functools.cache
    def adjoints(n: int, top: int) -> list[float]:
        trace = Trace(entries=tapes[n])
        return [as_float(x) for x in trace.sweep(_at(trace, top))]

    def stretch(top: int, below: int) -> Callable[[int], float]:
        return lambda n: adjoints(n, top)[below]

    for top in range(len(words)):
        for below in range(top):
            if adjoints(0, top)[below]:
                yield _Quantity(
                    f"d({words[top]})/d({words[below]})", stretch(top, below),
                    Operator.DROPPED_CHAIN_FACTOR, Operator.DOUBLED_FACTOR,
                )  # fmt: skip


def _at(trace: Trace, place: int) -> Any:
    return Number(trace, place, trace.entries[place].result)


def _slope(entry: Entry, at: Entry | None = None) -> float:
    """The slope of a unary operation at its operand, or at another number on the tape."""
    assert entry.rule is not None
    values = entry.values if at is None else (at.result,)
    if any(isinstance(x, Undefined) for x in (*values, entry.result)):
        return math.nan
    try:
        result = entry.result if at is None else entry.rule.value(values)
        slope = entry.rule.slopes(values, result)[0]
        return as_float(slope.find() if isinstance(slope, OnDemand) else slope)
    except (GradmathError, ZeroDivisionError):
        return math.nan
