"""Proofs that an expression is zero, under stated assumptions and within a stated time.

`prove_zero` answers proved=True only where a rewriting by identities ends in exactly 0, and
proved=False only where ball arithmetic encloses the expression, at a shown point that meets the
assumptions, away from zero.  Everything else is None: unknown, and never a pass.

>>> z = sympy.Symbol("z", real=True)
>>> prove_zero(sympy.tanh(z) + 1 - 2 / (1 + sympy.exp(-2 * z))).proved
True
>>> proof = prove_zero(sympy.tanh(z) - z)
>>> proof.proved, sorted(map(str, proof.counterexample))
(False, ['z'])
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import sympy
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanAtom

from gradmath.catalogue.applied import explicit
from gradmath.errors import ArgumentTypeError, BackendError, EquationError
from gradmath.verify import cases, prover
from gradmath.verify.normalform import vanishes
from gradmath.verify.oracle import Answer, Ball, Inconclusive, value

#: dyadic numbers without a pattern, small and large, on which a false identity shows itself
_PROBES: Final = (0.7109375, -1.3671875, 2.5859375, -0.3203125, 1.1171875, -5.6484375, 9.8984375)


@dataclass(frozen=True)
class Proof:
    """`proved` is True (zero), False (not zero: `counterexample`) or None (unknown); `how` says."""

    proved: bool | None
    how: str
    counterexample: Mapping[sympy.Symbol, object] | None = None
    found: str = ""

    def __bool__(self) -> bool:
        return self.proved is True


def prove_zero(
    expression: sympy.Expr,
    assumptions: Iterable[object] = (),
    seconds: float = 10.0,
    breakpoints: bool = True,
) -> Proof:
    """Prove that `expression` is 0 wherever it is defined, or that it is not, within `seconds`.

    Symbols carry their own assumptions; `assumptions` may add relations such as ``z > 0``.
    Expressions with branches are proved on each part of the line; with ``breakpoints=False`` the
    breakpoints themselves are left out, which is what a derivative wants at a kink.  Nothing is
    proved under assumptions that no number meets, nor of an expression that has a value at none of
    the points tried.  The time does not count what starting a process for SymPy takes.

    What was found for certain is remembered: statements with a mistake planted in one part ask for
    the proofs of all others again.
    """
    if not isinstance(expression, sympy.Expr):
        raise ArgumentTypeError(
            "expression", got=type(expression).__name__, allowed="a SymPy expression"
        )
    stated = [_relation(a) for a in assumptions]
    question = (expression, tuple(stated), breakpoints)
    found = _certain.get(question)
    if found is None:
        found = _sought(expression, stated, time.monotonic() + seconds, breakpoints)
        if found.proved is not None:  # an unknown may only have lacked the time
            if len(_certain) >= _REMEMBERED:
                _certain.clear()
            _certain[question] = found
    return found


_Question = tuple[sympy.Expr, tuple[Relational | BooleanAtom, ...], bool]
_REMEMBERED: Final = 1024
#: Seconds; with fewer left the process that simplifies would be killed, and a new one takes longer.
_WORTH_ASKING: Final = 0.1
_certain: dict[_Question, Proof] = {}


def _sought(
    expression: sympy.Expr,
    stated: Sequence[Relational | BooleanAtom],
    end: float,
    breakpoints: bool,
) -> Proof:
    relations = [r for r in stated if isinstance(r, Relational)]
    if sympy.false in stated or _contradict(relations):
        return Proof(None, "no number meets the assumptions")
    whole = explicit(expression).replace(
        # the slope of Max and Min; with SymPy's value 1/2 at 0 this holds everywhere
        lambda e: isinstance(e, sympy.Heaviside) and e.args[1] == sympy.S.Half,
        lambda e: (1 + sympy.sign(e.args[0])) / 2,
    )
    counter = counterexample(whole, relations, end)
    if counter is not None:
        return counter
    if _nowhere_defined(whole, relations, end):
        return Proof(None, "no value at any of the points tried")
    bounded, unused = _bounded(whole, relations)
    try:
        parts = cases.split(bounded, with_points=breakpoints, end=end)
    except cases.NotSplit as error:
        return Proof(None, str(error))
    how: list[str] = []
    for part in parts:
        belongs = _belongs(part.at, relations)
        if belongs is False:
            unused = [r for r in unused if r.subs(dict(part.at)) != sympy.false]
            continue
        proof = _prove_smooth(part.expression, end)
        if proof.proved is None and part.point and belongs:
            disproof = counterexample(part.expression, end=end)
            proof = proof if disproof is None else disproof
        if proof.proved is False:
            how_false = f"{proof.how}, {part.description}"
            return Proof(False, how_false, proof.counterexample, proof.found)
        if not proof.proved:
            where = f" for {part.description}" if part.description else ""
            return Proof(None, proof.how + where)
        how.append(proof.how)
    note = f", {len(parts)} cases" if len(parts) > 1 else ""
    extra = f"; without using {', '.join(map(str, unused))}" if unused else ""
    return Proof(True, " and ".join(dict.fromkeys(how)) + note + extra)


def _prove_smooth(expression: sympy.Expr, end: float) -> Proof:
    if expression == 0:
        return Proof(True, "identical")
    if vanishes(expression, min(5.0, end - time.monotonic())):
        return Proof(True, "normal form")
    if expression.is_Rational:
        return Proof(None, "no rewriting reduced it to 0")
    left = end - time.monotonic()
    if left < _WORTH_ASKING:
        return Proof(None, "the time is up")
    try:
        found = prover.attempt(expression, left)
    except prover.TimeIsUp:
        return Proof(None, "the time is up")
    except BackendError as error:
        return Proof(None, str(error))
    if found is None:
        return Proof(None, "no rewriting reduced it to 0")
    return Proof(True, found)


def _belongs(
    at: Sequence[tuple[sympy.Symbol, sympy.Expr]], relations: list[Relational]
) -> bool | None:
    """Whether a breakpoint meets the assumptions; None where that is not seen."""
    answers = []
    for symbol, number in at:
        for told, holds in (
            (symbol.is_nonnegative, number.is_nonnegative),
            (symbol.is_nonpositive, number.is_nonpositive),
            (symbol.is_nonzero, number.is_nonzero),
            (symbol.is_integer, number.is_integer),
        ):
            if told:
                answers.append(holds)
    for relation in relations:
        met = relation.subs(dict(at), simultaneous=True)
        answers.append({sympy.true: True, sympy.false: False}.get(met))
    if not at or all(answers):
        return True
    return False if False in answers else None


def _relation(assumption: object) -> Relational | BooleanAtom:
    """An assumption as a relation, or what SymPy already knows it to be."""
    if isinstance(assumption, bool):
        return sympy.sympify(assumption)
    if not isinstance(assumption, Relational | BooleanAtom):
        raise ArgumentTypeError(
            "assumptions", got=repr(assumption), allowed="relations such as z > 0"
        )
    return assumption


def _bounded(
    expression: sympy.Expr, relations: list[Relational]
) -> tuple[sympy.Expr, list[Relational]]:
    """Put in what a bound on one symbol says: z > b becomes z = b + t with t > 0.

    Returns the relations that were not used; leaving one out makes the proof stronger.
    """
    unused = []
    for relation in relations:
        if isinstance(relation, sympy.Eq | sympy.Ne):
            unused.append(relation)
            continue
        symbol, bound = relation.gts, relation.lts
        direction = 1
        if not symbol.is_Symbol:
            symbol, bound, direction = relation.lts, relation.gts, -1
        if not symbol.is_Symbol or bound.has(symbol) or not expression.has(symbol):
            unused.append(relation)
            continue
        strict = isinstance(relation, sympy.StrictGreaterThan | sympy.StrictLessThan)
        t = sympy.Dummy("t", **({"positive": True} if strict else {"nonnegative": True}))
        expression = expression.subs(symbol, bound + direction * t)
    return expression, unused


def _contradict(relations: list[Relational]) -> bool:
    """Whether the bounds on some symbol, its own assumptions among them, leave no number."""
    left: dict[sympy.Symbol, sympy.Set] = {}
    for relation in relations:
        symbols = relation.free_symbols
        bound = {relation.lhs, relation.rhs} - symbols
        if len(symbols) != 1 or len(bound) != 1 or not all(b.is_number for b in bound):
            continue
        (symbol,) = symbols
        left.setdefault(symbol, _own(symbol))
        left[symbol] = left[symbol].intersect(relation.as_set())
    return any(numbers is sympy.S.EmptySet for numbers in left.values())


def _own(symbol: sympy.Symbol) -> sympy.Set:
    """The real numbers that the sign a symbol was declared with allows."""
    low = 0 if symbol.is_nonnegative else -sympy.oo
    high = 0 if symbol.is_nonpositive else sympy.oo
    return sympy.Interval(low, high, bool(symbol.is_positive), bool(symbol.is_negative))


def _nowhere_defined(expression: sympy.Expr, relations: Iterable[Relational], end: float) -> bool:
    """Whether the oracle says of every point tried, and of one at least, that there is no value."""
    answers = [answer for _, answer in _tried(expression, relations, end)]
    reasons = [answer.reason for answer in answers if isinstance(answer, Inconclusive)]
    return 0 < len(reasons) == len(answers) and all(r.startswith("undefined") for r in reasons)


def _tried(
    expression: sympy.Expr, relations: Iterable[Relational], end: float
) -> Iterator[tuple[dict[sympy.Symbol, object], Answer]]:
    """Points that meet the assumptions, with what the expression is worth there; ends in time."""
    named = [expression.free_symbols, *(relation.free_symbols for relation in relations)]
    symbols = sorted(set().union(*named), key=str)
    seen: list[dict[sympy.Symbol, object]] = []
    for shift in range(len(_PROBES)):
        point = {
            symbol: _meeting(symbol, _PROBES[(shift + 3 * n) % len(_PROBES)])
            for n, symbol in enumerate(symbols)
        }
        if point in seen or not all(_holds(relation, point) for relation in relations):
            continue
        if time.monotonic() > end:
            return
        seen.append(point)
        try:
            yield point, value(expression, point)
        except (EquationError, ArgumentTypeError):
            return  # a head that the oracle does not know: nothing to be shown here


def counterexample(
    expression: sympy.Expr, relations: Iterable[Relational] = (), end: float = math.inf
) -> Proof | None:
    """Return a disproof: a point at which the ball of `expression` excludes 0, or None."""
    for point, found in _tried(expression, relations, end):
        if isinstance(found, Ball) and found.kind == "relative":
            where = ", ".join(f"{symbol} = {number}" for symbol, number in point.items())
            return Proof(False, f"ball arithmetic at {where or 'the constant'}", point, str(found))
    return None


def _meeting(symbol: sympy.Symbol, probe: float) -> object:
    """Return a number near `probe` that meets the symbol's own assumptions."""
    if symbol.is_integer:
        probe = int(abs(probe)) + 1 if not symbol.is_negative else -int(abs(probe)) - 1
    if symbol.is_nonnegative:
        return abs(probe)
    if symbol.is_nonpositive:
        return -abs(probe)
    return probe


def _holds(relation: Relational, point: Mapping[sympy.Symbol, object]) -> bool:
    gap = value(relation.lhs - relation.rhs, point)
    if not isinstance(gap, Ball) or gap.kind == "tiny":
        return False
    sign = 0 if gap.kind == "zero" else (1 if gap.arb > 0 else -1)
    return bool(relation.func(sign, 0) == True)  # noqa: E712 - a SymPy boolean
