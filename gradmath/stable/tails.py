"""Where the clamps of an expression in one exponential stand, and what they neglect."""

from __future__ import annotations

from sympy import Expr, Integer, Poly

from gradmath.stable.lets import Tail
from gradmath.stable.rational import Factor, InExponential, Side

FAR = Integer(1024)  # exp(-FAR) < 2^-1075, half the smallest subnormal of double precision
SPLIT = Integer(64)  # exp(-SPLIT) beside 1 is far below rounding, and normal in single precision
SPLIT_SQUARE = Integer(43)  # the same for exp(-2 SPLIT_SQUARE), where E^2 leads


def clamp_of(reading: InExponential) -> Expr:
    """The modulus beyond which E = 0 in double precision: 1024/c for p = c z, 64 for cubics."""
    poly = Poly(reading.exponent, reading.variable)
    return FAR / poly.LC() if poly.degree() == 1 else SPLIT


def tails(
    reading: InExponential, side: Side, start: Expr | None, signs: tuple[int, ...]
) -> list[Tail]:
    """What is neglected on a half line: by |p| kept to `start` in E, and by the clamped variable.

    Coefficients with parameters are not clamped: there E alone decides, which is exact.
    """
    z, found = reading.variable, []
    clamp = clamp_of(reading)
    every = (*side.numerator, *side.denominator)
    numbers = all(c.free_symbols <= {z} for factor, _ in every for c in factor)
    if not numbers or clamp.free_symbols:
        return []
    reach = reading.exponent.subs(z, clamp)
    for factor, _ in every:
        rest = _terms(factor)
        if rest and start is not None:
            begin = _where(reading, start)
            found.append(Tail(z, "terms in E", begin, start, clamp, factor[0], rest, signs))
        if side.power == 0 and any(c.has(z) for _, c in rest):
            found.append(Tail(z, "clamped terms", clamp, reach, clamp, factor[0], rest, signs))
    if side.power and any(c.has(z) for factor, _ in side.numerator for c in factor):
        bound = _product_of_moduli(side.numerator, side, reading)
        whole = ((side.power, bound),)
        found.append(Tail(z, "all of it", clamp, reach, clamp, Integer(0), whole, signs))
    return found


def _terms(factor: tuple[Expr, ...]) -> tuple[tuple[int, Expr], ...]:
    return tuple((j, c) for j, c in enumerate(factor) if j and c != 0)


def _where(reading: InExponential, reach: Expr) -> Expr:
    """A modulus of the variable at which |p| has not yet got to `reach`."""
    z = reading.variable
    poly = Poly(reading.exponent, z)
    if poly.degree() == 1:
        return reach / poly.LC()
    n = 0
    while (reading.exponent.subs(z, n + 1) - reach).is_negative:
        n += 1
    return Integer(n)


def _product_of_moduli(factors: tuple[Factor, ...], side: Side, reading: InExponential) -> Expr:
    """A polynomial in z that bounds K prod N_i for E <= 1, by moduli of coefficients."""
    z = reading.variable
    result: Expr = abs(side.constant) if side.constant.is_number else Integer(1)
    for factor, exponent in factors:
        total: Expr = Integer(0)
        for c in factor:
            total += sum(abs(a) * z**m for (m,), a in Poly(c, z).terms())
        result *= total**exponent
    return result.expand()
