"""Inequalities on whole domains, infinite ends included: proved, refuted, or not decided.

left < right is read as: the gap left - right has no zero on the domain and is negative somewhere on
each part of it.  The parts are

- finite segments between breakpoints: all zeros are isolated there (`isolate`), and none may be;
- a point where both sides touch: the gap and its derivatives up to order k - 1 are exactly 0 there
  and the derivative of order k has one sign on a ball around it, so that Taylor's formula gives the
  sign of the gap on both sides;
- half lines: the gap is a sum whose largest term decides the sign (`tails`);
- breakpoints and closed ends, each a single number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

import sympy
from flint import arb, fmpq

from gradmath.errors import ArgumentTypeError
from gradmath.verify import balls, oracle
from gradmath.verify.enclose.contact import contact
from gradmath.verify.enclose.curve import BITS, Curve, between
from gradmath.verify.enclose.isolate import BUDGET, OutOfBoxes, Zero, isolate
from gradmath.verify.enclose.line import (
    Part,
    Segment,
    fraction,
    half_line,
    interval,
    number,
    points,
    rational,
    segments,
)
from gradmath.verify.enclose.tails import NoTail
from gradmath.verify.symbolic import prove_zero

#: the signs that left - right may have
OPERATORS: Final = {
    "<": frozenset({-1}),
    "<=": frozenset({-1, 0}),
    ">": frozenset({1}),
    ">=": frozenset({0, 1}),
    "!=": frozenset({-1, 1}),
}
_SECONDS = 10.0  # for SymPy's proof that a number is exactly 0


@dataclass(frozen=True)
class Verdict:
    """`proved` is True, False (with `witness`, where it certainly fails) or None with `reason`.

    `parts` say how each part of the domain was settled, `boxes` in how many boxes altogether, and
    `bits` with which precision.
    """

    proved: bool | None
    parts: tuple[Part, ...] = ()
    witness: sympy.Expr | None = None
    found: str = ""
    reason: str = ""
    bits: int = BITS

    @property
    def boxes(self) -> int:
        """All boxes used."""
        return sum(part.boxes for part in self.parts)

    @property
    def how(self) -> str:
        """The parts in one line, or why there is no proof."""
        if self.proved is None:
            return self.reason
        return "; ".join(map(str, self.parts)) + f"; {self.bits} bits"

    def __bool__(self) -> bool:
        return self.proved is True


class _Refuted(Exception):
    def __init__(self, witness: sympy.Expr | None, found: str) -> None:
        self.witness, self.found = witness, found


class _Undecided(Exception):
    pass


class _Touching(Exception):
    def __init__(self, point: sympy.Expr) -> None:
        self.point = point


def inequality(
    left: sympy.Expr,
    operator: str,
    right: sympy.Expr | int,
    domain: sympy.Set = sympy.S.Reals,
    *,
    touching: Sequence[sympy.Expr] = (),
    without: Sequence[sympy.Expr] = (),
    budget: int = BUDGET,
) -> Verdict:
    """Prove or refute `left operator right` for every real number of `domain`.

    `touching` names points at which both sides are equal (0, breakpoints and ends are tried
    anyway); `without` names points that do not belong to the domain.

    >>> z = sympy.Symbol("z", real=True)
    >>> inequality(1 / (1 + sympy.exp(-z)), "<", 1).proved
    True
    >>> inequality(z / (1 + z**2), "<=", sympy.Rational(49, 100)).proved
    False
    """
    if operator not in OPERATORS:
        raise ArgumentTypeError("operator", got=repr(operator), allowed=" ".join(OPERATORS))
    curve = Curve(sympy.sympify(left) - sympy.sympify(right))
    contacts = [sympy.S.Zero, *map(sympy.sympify, touching)]
    excluded = frozenset(map(sympy.sympify, without))
    while True:
        search = _Search(curve, domain, OPERATORS[operator], contacts, excluded, budget)
        try:
            search.run()
        except _Refuted as refuted:
            return Verdict(False, tuple(search.parts), refuted.witness, refuted.found)
        except _Undecided as undecided:
            return Verdict(None, tuple(search.parts), reason=str(undecided))
        except _Touching as guess:  # looked at by itself in the next round, and once only
            contacts.append(guess.point)
            continue
        return Verdict(True, tuple(search.parts))


@dataclass
class _Search:
    """The question whether a curve has one of the allowed signs all over a domain."""

    curve: Curve
    domain: sympy.Set
    allowed: frozenset[int]
    contacts: list[sympy.Expr]
    without: frozenset[sympy.Expr]
    budget: int
    parts: list[Part] = field(default_factory=list)

    def run(self) -> None:
        """Settle every part; raises `_Refuted` or `_Undecided`."""
        for point in points(self.curve, self.domain):
            if point not in self.without:
                self._point(point)
        for segment in segments(self.curve, self.domain):
            with balls.precision(BITS):
                self._segment(segment)
        if not self.parts:
            raise _Undecided("the domain has no point")

    def _point(self, point: sympy.Expr) -> None:
        self._judge(self._sign_of(self.curve.at(point)), point)
        self.parts.append(Part(f"at {point}", "value"))

    def _judge(self, sign: int, witness: sympy.Expr) -> None:
        """Accept a sign, or show by the oracle that it is that sign at the witness."""
        if sign in self.allowed:
            return
        found = self._sign_of(self.curve.at(witness))
        if found in self.allowed:
            raise _Undecided(f"two answers at {witness}")
        raise _Refuted(witness, str(oracle.value(self.curve.at(witness))) if found else "0")

    @staticmethod
    def _sign_of(number: sympy.Expr) -> int:
        found = oracle.value(number)
        if isinstance(found, oracle.Ball) and found.kind != "tiny":
            return 0 if found.kind == "zero" else 1 if found.arb > 0 else -1
        if isinstance(found, oracle.Ball) and not found.arb.contains(0):
            return 1 if found.arb > 0 else -1
        if prove_zero(number, seconds=_SECONDS).proved:
            return 0
        raise _Undecided(f"the sign of {number}")

    def _segment(self, segment: Segment) -> None:
        where = f"({segment.low}, {segment.high})"
        if self._constant(segment, where):
            return
        starts: dict[int, Fraction] = {}
        for side in segment.sides:
            try:
                starts[side], sign = segment.beyond(side, 1, lambda series: series[0].sign())
            except NoTail as failure:
                raise _Undecided(
                    f"{segment.curve.expression} for z -> {side}*oo: {failure}"
                ) from None
            self._judge(sign, side * sympy.Rational(starts[side]))
            self.parts.append(Part(half_line(side, starts[side]), "largest term"))
        low, high = segment.finite(starts)
        for left, right in self._away_from_touching(segment, low, high):
            self._finite(segment, left, right)

    def _constant(self, segment: Segment, where: str) -> bool:
        smooth = segment.smooth
        if smooth.free_symbols:
            return False
        self._judge(self._sign_of(smooth), between(segment.low, segment.high))
        self.parts.append(Part(where, "one number"))
        return True

    # -- points where both sides touch -----------------------------------------------------------

    def _away_from_touching(
        self, segment: Segment, low: fmpq, high: fmpq
    ) -> list[tuple[fmpq, fmpq]]:
        """The rest of [low, high] once a neighbourhood of each point of contact is settled."""
        contacts = {point for point in self.contacts if segment.low < point < segment.high}
        contacts |= {end for end in (segment.low, segment.high) if not end.is_infinite}
        rest, start = [], low
        for point in sorted(contacts):
            radius = self._contact(segment, point)
            if radius is None:
                continue
            ball = number(point)
            # inside the ball that was looked at, even where the point is known to some bits only
            left, right = fraction(ball.upper()) - radius, fraction(ball.lower()) + radius
            if left > start:
                rest.append((start, left))
            start = max(start, right)
        return [*rest, (start, high)] if start < high else rest

    def _contact(self, segment: Segment, point: sympy.Expr) -> fmpq | None:
        """A radius within which the gap has an allowed sign, but for the point itself."""
        met = contact(segment, point)
        if met is None:
            return None
        inside = segment.low < point < segment.high  # an end is judged as a point, if it belongs
        if 0 not in self.allowed and inside and point not in self.without:
            raise _Refuted(point, "0")
        room = sympy.Min(segment.high - point, point - segment.low, rational(met.radius))
        if room <= 0:  # at an end of the segment
            room = sympy.Min(segment.high - segment.low, rational(met.radius))
        for side, there in ((1, point < segment.high), (-1, segment.low < point)):
            if there:
                self._judge(met.sign * side**met.order, point + side * room / 2)
        self.parts.append(Part(f"within {met.radius} of {point}", met.text, 1))
        return met.radius

    # -- finite segments -------------------------------------------------------------------------

    def _finite(self, segment: Segment, low: fmpq, high: fmpq) -> None:
        try:
            found = isolate(segment.terms, low, high, self.budget)
        except OutOfBoxes:
            raise _Undecided(
                f"{self.budget} boxes did not suffice on {interval(low, high)}"
            ) from None
        for a, b in found.vanishing:
            self._judge(0, rational((a + b) / 2))
        for zero in found.zeros:
            self._crossing(segment, zero, low, high)
        for a, b in found.clusters:
            self._guess(a, b)
            raise _Undecided(
                f"both sides may be equal near {arb((a + b) / 2).str(12, radius=False)}"
            )
        if not found.vanishing:
            self._sample(segment, low, high)
        self.parts.append(Part(interval(low, high), "no zero", found.boxes))

    def _sample(self, segment: Segment, low: fmpq, high: fmpq) -> None:
        """Without a zero the sign is the same throughout: look at one point."""
        for probe in ((low + high) / 2, low, high):
            value = segment.terms(probe, 1, 2 * BITS)[0]
            if not value.contains(0):
                self._judge(1 if value > 0 else -1, rational(probe))
                return
        raise _Undecided(f"the sign on {interval(low, high)}")

    def _guess(self, a: fmpq, b: fmpq) -> None:
        """Where both sides seem to touch, try the simplest fraction there as a point of contact."""
        middle = Fraction(int((a + b).p), 2 * int((a + b).q)).limit_denominator(64)
        point = sympy.Rational(middle.numerator, middle.denominator)
        if rational(a) <= point <= rational(b) and point not in self.contacts:
            raise _Touching(point)

    def _crossing(self, segment: Segment, zero: Zero, low: fmpq, high: fmpq) -> None:
        """At a simple zero the gap takes both signs: show a point with the wrong one."""
        if self.allowed == OPERATORS["!="]:
            if zero.exact is not None:
                self._judge(0, rational(zero.exact))
            raise _Refuted(None, f"0 in {zero.ball.str(25)}")
        wrong = -next(iter(self.allowed - {0}))
        side = wrong if zero.rising else -wrong
        edge = fraction(zero.ball.upper() if side > 0 else zero.ball.lower())
        for n in range(4, 160, 3):
            probe = edge + side * fmpq(1, 2**n)
            if low <= probe <= high and segment.terms(probe, 1, 4 * BITS)[0] * wrong > 0:
                self._judge(wrong, rational(_simplest(segment, probe, wrong, low, high)))
        raise _Undecided(f"the sign beside {zero.ball.str(12, radius=False)}")


def _simplest(segment: Segment, probe: fmpq, wrong: int, low: fmpq, high: fmpq) -> fmpq:
    """A fraction near the point that is shorter to write and has the same sign of the gap."""
    long = Fraction(int(probe.p), int(probe.q))
    for digits in range(1, 30):
        short = long.limit_denominator(10**digits)
        near = fmpq(short.numerator, short.denominator)
        if low <= near <= high and segment.terms(near, 1, 4 * BITS)[0] * wrong > 0:
            return near
    return probe


__all__ = ["OPERATORS", "Verdict", "inequality"]
