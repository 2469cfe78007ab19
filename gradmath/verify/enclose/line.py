"""A domain on the line as finite segments and half lines, on each of which a formula is smooth."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, TypeVar

import sympy
from flint import arb, fmpq

from gradmath.errors import ArgumentTypeError, EquationError
from gradmath.verify import balls
from gradmath.verify.enclose.curve import BITS, Curve, Formula
from gradmath.verify.enclose.tail_series import Series, on_half_line
from gradmath.verify.enclose.tails import NoTail
from gradmath.verify.lower import State, lower

T = TypeVar("T")

#: where a half line may begin; the first that decides the question is taken
STARTS: Final = tuple(
    Fraction(2) ** n for n in (3, 5, 8, 12, 20, 32, 64, 128, 256, 512, 1024, 2048)
)


@dataclass(frozen=True)
class Part:
    """One part of the domain: where, by what method, and in how many boxes it was settled."""

    where: str
    method: str
    boxes: int = 0

    def __str__(self) -> str:
        boxes = f", {self.boxes} boxes" if self.boxes else ""
        return f"{self.where}: {self.method}{boxes}"


@dataclass(frozen=True)
class Segment:
    """What lies between two neighbouring breakpoints or ends of the domain."""

    low: sympy.Expr
    high: sympy.Expr
    formula: Formula
    curve: Curve

    @property
    def smooth(self) -> sympy.Expr:
        """The formula with its derivatives carried out by SymPy."""
        return self.curve.smooth(self.low, self.high)

    @property
    def sides(self) -> tuple[int, ...]:
        """-1 and +1 for the infinite ends."""
        return (-1,) * bool(self.low.is_infinite) + (1,) * bool(self.high.is_infinite)

    def terms(self, at: arb | fmpq, count: int, bits: int = BITS) -> list[arb]:
        """Taylor coefficients on a ball."""
        return self.formula.taylor(self.curve.variable, at, count, bits)

    def slope_terms(self, at: arb | fmpq, count: int, bits: int = BITS) -> list[arb]:
        """Taylor coefficients of the derivative."""
        return [n * term for n, term in enumerate(self.terms(at, count + 1, bits))][1:]

    def finite(self, starts: dict[int, Fraction]) -> tuple[fmpq, fmpq]:
        """The ends of the finite part, rounded outwards where they are irrational."""
        low = -starts[-1] if self.low.is_infinite else self.low
        high = starts[1] if self.high.is_infinite else self.high
        return _outer(low, -1), _outer(high, 1)

    def beyond(self, side: int, count: int, decide: Callable[[Series], T]) -> tuple[Fraction, T]:
        """The first half line on this side on which `decide` has an answer, and the answer.

        Raises `NoTail` if there is none.
        """
        edge = self.low if side > 0 else -self.high
        reason = NoTail("half line", got=str(self.curve.expression))
        for start in STARTS:
            if not edge.is_infinite and not edge < sympy.Rational(start):
                continue
            try:
                series = on_half_line(self.formula, self.curve.variable, start, side, count)
                with balls.precision(BITS):
                    return start, decide(series)
            except NoTail as failure:
                reason = failure
            except (EquationError, balls.Undecided, balls.UndefinedHere) as failure:
                reason = NoTail("half line", got=str(failure))
        raise reason


def half_line(side: int, start: Fraction) -> str:
    """The name of a half line."""
    shown = str(start) if start < 10**7 else f"2^{start.numerator.bit_length() - 1}"
    return f"[{shown}, oo)" if side > 0 else f"(-oo, -{shown}]"


def interval(low: fmpq, high: fmpq) -> str:
    """The name of a finite interval."""
    return f"[{_short(low)}, {_short(high)}]"


def _short(x: fmpq) -> str:
    if len(str(x)) <= 12:
        return str(x)
    return arb(x).str(6, radius=False)


def _outer(value: sympy.Expr | Fraction, side: int) -> fmpq:
    if isinstance(value, Fraction) or value.is_Rational:
        ratio = value if isinstance(value, Fraction) else Fraction(int(value.p), int(value.q))
        return fmpq(ratio.numerator, ratio.denominator)
    return fraction(number(value).lower() if side < 0 else number(value).upper())


def number(value: sympy.Expr) -> arb:
    """A number as a ball of the present precision."""
    return balls.real(balls.constant(lower(value).run(State({}))))


def fraction(ball: arb) -> fmpq:
    """The middle of a ball as an exact fraction."""
    mantissa, exponent = ball.mid().man_exp()
    return fmpq(mantissa) * fmpq(2) ** int(exponent)


def rational(x: fmpq) -> sympy.Rational:
    """An exact fraction in SymPy."""
    return sympy.Rational(int(x.p), int(x.q))


def segments(curve: Curve, domain: sympy.Set) -> Iterator[Segment]:
    """The segments of a domain, from left to right."""
    for low, high in intervals(domain):
        edges = [low, *(b for b in curve.breaks if low < b < high), high]
        for left, right in itertools.pairwise(edges):
            yield Segment(left, right, curve.piece(left, right), curve)


def intervals(domain: sympy.Set) -> Iterator[tuple[sympy.Expr, sympy.Expr]]:
    """The ends of the intervals that make up a domain, single points left out."""
    if isinstance(domain, sympy.Union):
        for part in domain.args:
            yield from intervals(part)
    elif isinstance(domain, sympy.Interval):
        if domain.start != domain.end:
            yield domain.start, domain.end
    elif domain == sympy.S.Reals:
        yield -sympy.oo, sympy.oo
    elif not isinstance(domain, sympy.FiniteSet):
        raise ArgumentTypeError("domain", got=str(domain), allowed="intervals of real numbers")


def points(curve: Curve, domain: sympy.Set) -> list[sympy.Expr]:
    """The single points to be looked at by themselves: breakpoints and ends that belong to it."""
    ends: Iterable[sympy.Expr] = (end for pair in intervals(domain) for end in pair)
    members = list(domain.args) if isinstance(domain, sympy.FiniteSet) else []
    if isinstance(domain, sympy.Union):
        members = [m for part in domain.args if isinstance(part, sympy.FiniteSet) for m in part]
    found = {*curve.breaks, *members, *(end for end in ends if not end.is_infinite)}
    return sorted(point for point in found if domain.contains(point) == sympy.true)
