"""Means over the standard normal distribution, E f(Z), with a rigorous error.

The mean is the integral of f(z) e^(-z^2/2)/sqrt(2 pi).  Between -R and R it is integrated by Arb
(Gauss-Legendre rules with error bounds from the complex plane), piece by piece between breakpoints;
beyond R the integrand is bounded by falling exponentials (`tails`).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import sympy
from flint import acb, arb

from gradmath.verify import balls
from gradmath.verify.enclose import complex as plane
from gradmath.verify.enclose.curve import BITS, Curve, Formula
from gradmath.verify.enclose.extremes import NotEnclosed
from gradmath.verify.enclose.line import Part, Segment, number, segments
from gradmath.verify.enclose.tail_series import on_half_line
from gradmath.verify.enclose.tails import NoTail

_RADII: Final = (12, 16, 24, 32, 48, 64)
#: what the tails may add
_SLACK: Final = (1, -100)
_EVALUATIONS: Final = 10_000  # for one piece; beyond it the ball stays as wide as it is


@dataclass(frozen=True)
class Moment:
    """A ball around E f(Z); `tail` bounds what lies beyond `radius` on each side."""

    value: arb
    radius: int
    tail: arb
    parts: tuple[Part, ...]
    bits: int = BITS


def moment(expression: sympy.Expr, variable: sympy.Symbol | None = None) -> Moment:
    """E f(Z) for an expression f of one symbol and Z ~ N(0, 1).

    Raises `NotEnclosed` where the tails cannot be bounded or the integral cannot be had.

    >>> z = sympy.Symbol("z", real=True)
    >>> moment(z**4).value.str(20, radius=False)
    '3.0000000000000000000'
    """
    curve = Curve(expression, variable)
    z = curve.variable
    density = sympy.exp(-(z**2) / 2) / sympy.sqrt(2 * sympy.pi)
    parts: list[Part] = []
    total = arb(0)
    radius, tails = _RADII[0], arb(0)
    with balls.precision(BITS):
        pieces = list(segments(curve, sympy.S.Reals))
        for segment in pieces:
            for side in segment.sides:
                far, tail = _tail(segment, density, side)
                radius = max(radius, far)
                tails += tail
        parts.append(Part(f"|z| > {radius}", f"below {tails.upper().str(3, radius=False)}"))
        for segment in pieces:
            low = arb(-radius) if segment.low.is_infinite else number(segment.low)
            high = arb(radius) if segment.high.is_infinite else number(segment.high)
            share = _integral(_weighted(segment, density), z, low, high)
            parts.append(Part(f"({segment.low}, {segment.high})", "acb.integral"))
            total += share
        total += tails * arb(0, 1)
    if not total.is_finite():
        raise NotEnclosed("integral", got=str(expression))
    return Moment(total, radius, tails, tuple(parts))


def _weighted(segment: Segment, density: sympy.Expr) -> Formula:
    return Formula(segment.formula.outer * density, segment.formula.inner)


def _tail(segment: Segment, density: sympy.Expr, side: int) -> tuple[int, arb]:
    """A radius and a bound of the integral beyond it; a larger radius keeps the bound."""
    edge = segment.low if side > 0 else -segment.high
    reason = NoTail("tail", got=str(segment.curve.expression))
    for radius in _RADII:
        if not edge.is_infinite and not edge < radius:
            continue
        try:
            weighted = _weighted(segment, density)
            variable = segment.curve.variable
            terms = on_half_line(weighted, variable, Fraction(radius), side, 1)[0]
            bound = terms.integral()
        except NoTail as failure:
            reason = failure
            continue
        if bound < arb(_SLACK):
            return radius, arb(bound.upper())
        reason = NoTail("tail", got=str(bound))
    raise NotEnclosed("tail", got=str(reason))


def _integral(formula: Formula, variable: sympy.Symbol, low: arb, high: arb) -> arb:
    def integrand(at: acb, analytic: bool) -> acb:
        return plane.value(formula, variable, at, BITS)

    found = acb.integral(
        integrand, acb(low), acb(high), abs_tol=arb(_SLACK), eval_limit=_EVALUATIONS
    )
    if not found.imag.contains(0):
        raise NotEnclosed("integral", got=str(found))
    return found.real
