"""Greatest and least values on a whole domain, with the places where they are taken.

Between two neighbouring zeros of the derivative a smooth function is monotone.  So all zeros of the
derivative are isolated on every smooth part, infinite ends included, and the extremes are among the
values at those zeros, at the ends of the parts, and the limits at infinity: a finite list of balls.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import sympy
from flint import arb, fmpq

from gradmath.errors import GradmathError
from gradmath.verify import balls, oracle
from gradmath.verify.enclose.curve import BITS, Curve
from gradmath.verify.enclose.isolate import BUDGET, SHARP, OutOfBoxes, box, isolate
from gradmath.verify.enclose.line import (
    Part,
    Segment,
    half_line,
    interval,
    number,
    points,
    rational,
    segments,
)
from gradmath.verify.enclose.tail_series import Series
from gradmath.verify.enclose.tails import NoTail
from gradmath.verify.enclose.tails import ball as tail_ball


class NotEnclosed(GradmathError):
    """The question could not be decided; the error says on which part and why."""


@dataclass(frozen=True)
class Place:
    """Where a value is taken or approached.

    `kind` is "point" (`at` is a ball that holds it), "interval" (throughout `span`), "side" (a
    limit from one side of a breakpoint), "limit" (for z -> `side` oo) or "near" (somewhere in the
    ball `at`, perhaps).
    """

    kind: str
    at: arb | None = None
    side: int = 0
    span: tuple[sympy.Expr, sympy.Expr] | None = None

    def __str__(self) -> str:
        if self.kind == "limit":
            return "z -> oo" if self.side > 0 else "z -> -oo"
        if self.span is not None:
            return f"all of ({self.span[0]}, {self.span[1]})"
        shown = "0" if self.at is None or self.at.is_zero() else self.at.str(25)
        return f"z = {shown}" + {1: " from the right", -1: " from the left"}.get(self.side, "")


@dataclass(frozen=True)
class Extreme:
    """A ball around the least upper (or greatest lower) bound, and the places that have it.

    `places` are all places whose value may be it: where several remain, their balls overlap.
    `attained` is False where the value is only approached, None where that is not certain.
    """

    value: arb
    places: tuple[Place, ...]
    attained: bool | None

    @property
    def infinite(self) -> bool:
        """Whether there is no bound."""
        return not self.value.is_finite()

    def __str__(self) -> str:
        where = " or ".join(map(str, self.places))
        shown = "unbounded" if self.infinite else self.value.str(25)
        return f"{shown} {'at' if self.attained else 'approached at'} {where}"

    @property
    def arguments(self) -> tuple[arb, ...]:
        """Balls around the points at which the extreme is taken."""
        return tuple(place.at for place in self.places if place.at is not None)


@dataclass(frozen=True)
class Range:
    """The extremes of a function, the parts of the domain, boxes and bits."""

    least: Extreme
    greatest: Extreme
    parts: tuple[Part, ...]
    bits: int = BITS

    @property
    def boxes(self) -> int:
        """All boxes used."""
        return sum(part.boxes for part in self.parts)


@dataclass(frozen=True)
class _Candidate:
    value: arb
    place: Place
    attained: bool | None


def extremes(
    expression: sympy.Expr, domain: sympy.Set = sympy.S.Reals, *, budget: int = BUDGET
) -> Range:
    """The least and the greatest value of an expression of one symbol on a domain.

    Derivatives written as `Derivative(...)`, or of catalogue functions, are taken from the Taylor
    coefficients of the definition.  Raises `NotEnclosed` where a part cannot be settled.

    >>> z = sympy.Symbol("z", real=True)
    >>> found = extremes(z / (1 + z**2))
    >>> found.greatest.value.str(20), str(found.greatest.places[0])
    ('0.50000000000000000000', 'z = 1.000000000000000000000000')
    """
    curve = Curve(expression)
    parts: list[Part] = []
    candidates: list[_Candidate] = []
    for point in points(curve, domain):
        answer = oracle.value(curve.at(point))
        if not isinstance(answer, oracle.Ball):
            raise NotEnclosed("value", got=f"at {point}: {answer.reason}")
        candidates.append(_Candidate(answer.arb, Place("point", number(point)), True))
    with balls.precision(SHARP):
        for segment in segments(curve, domain):
            candidates += _on_segment(segment, parts, budget)
        if not candidates:
            raise NotEnclosed("domain", got=str(domain), allowed="a set with a point in it")
        return Range(_best(candidates, -1), _best(candidates, 1), tuple(parts))


def _on_segment(segment: Segment, parts: list[Part], budget: int) -> Iterator[_Candidate]:
    span = (segment.low, segment.high)
    smooth = segment.smooth
    if not smooth.free_symbols:
        parts.append(Part(f"({span[0]}, {span[1]})", "one number"))
        yield _Candidate(number(smooth), Place("interval", span=span), True)
        return
    starts: dict[int, Fraction] = {}
    for side in segment.sides:
        try:
            starts[side], (sign, limit) = segment.beyond(side, 2, _behaviour)
        except NoTail as failure:
            raise NotEnclosed("half line", got=f"z -> {side}*oo: {failure}") from None
        method = {-1: "falls", 0: "constant", 1: "rises"}[sign]
        parts.append(Part(half_line(side, starts[side]), method))
        edge = side * sympy.Rational(starts[side])
        constant = Place("interval", span=(edge, sympy.oo) if side > 0 else (-sympy.oo, edge))
        place = Place("limit", side=side) if sign else constant
        yield _Candidate(limit, place, sign == 0)
    low, high = segment.finite(starts)
    try:
        found = isolate(segment.slope_terms, low, high, budget)
    except OutOfBoxes:
        where = interval(low, high)
        raise NotEnclosed("boxes", got=f"{budget} did not suffice on {where}") from None
    parts.append(Part(interval(low, high), f"{len(found.zeros)} zeros of the slope", found.boxes))
    for zero in found.zeros:
        yield _Candidate(_value(segment, zero.ball), Place("point", zero.ball), True)
    for a, b in found.clusters:
        whole = box(a, b)
        yield _Candidate(_value(segment, whole), Place("near", whole), None)
    for a, b in found.vanishing:
        place = Place("interval", span=(rational(a), rational(b)))
        yield _Candidate(_value(segment, arb((a + b) / 2)), place, True)
    for end, side in ((segment.low, 1), (segment.high, -1)):
        if not end.is_infinite:
            at = fmpq(int(end.p), int(end.q)) if end.is_Rational else number(end)
            yield _Candidate(_value(segment, at), Place("side", arb(at), side), False)


def _behaviour(series: Series) -> tuple[int, arb]:
    """Whether the function rises or falls on the whole half line, and its limit."""
    limit = series[0].limit()
    if limit in (sympy.oo, -sympy.oo):
        ends = arb.pos_inf() if limit > 0 else arb.neg_inf()
        return series[1].sign(), ends
    return series[1].sign(), tail_ball(limit)


def _value(segment: Segment, at: arb | fmpq) -> arb:
    """The value on a ball; by the mean-value form, as the ball is narrow."""
    try:
        if isinstance(at, fmpq) or at.is_exact():
            return segment.terms(at, 1, SHARP)[0]
        middle = segment.terms(at.mid(), 1, SHARP)[0]
        return middle + segment.terms(at, 2, SHARP)[1] * (at - at.mid())
    except (balls.Undecided, balls.UndefinedHere) as failure:
        raise NotEnclosed("value", got=f"near {at.str(12)}: {failure}") from None


def _best(candidates: list[_Candidate], sign: int) -> Extreme:
    """Keep every candidate that may be the best; the bound lies in the hull of what they allow."""
    values = [sign * c.value for c in candidates]
    floor = values[0].lower()
    for value in values[1:]:
        floor = floor if floor >= value.lower() else value.lower()
    kept = [c for c, value in zip(candidates, values, strict=True) if not value < floor]
    if not floor.is_finite():
        return Extreme(kept[0].value, tuple(c.place for c in kept), False)
    ceiling = (sign * kept[0].value).upper()
    for c in kept[1:]:
        upper = (sign * c.value).upper()
        ceiling = ceiling if ceiling >= upper else upper
    value = sign * floor.union(ceiling)
    answers = {c.attained for c in kept}
    attained = answers.pop() if len(answers) == 1 else None
    exact_ties = all(c.value.is_exact() and c.value == kept[0].value for c in kept)
    if attained is None and exact_ties and any(c.attained for c in kept):
        attained = True
    places = [c.place for c in kept if c.attained is not False or attained is not True]
    return Extreme(value, tuple(places), attained)


__all__ = ["Extreme", "NotEnclosed", "Place", "Range", "extremes"]
