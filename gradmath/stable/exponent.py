"""Exponents computed to a little more than working precision, as a sum hi + lo.

exp(-q) inherits q times the relative error of q: near the smallest number, where q is 708 in
double precision, a rounding of q costs hundreds of units.  Here the variable is split at a grid
so coarse that the leading product is exact in both float32 and float64; what the rounded sum
`hi` has lost comes out as `lo`, which is exactly 0 in real arithmetic.
"""

from __future__ import annotations

from sympy import Expr, Integer, Poly, Rational, floor

from gradmath.stable.lets import Lets

GRID = 32  # points per unit; see the counts of bits below


def quadratic(lets: Lets, a: Expr, factor: Rational) -> tuple[Expr, Expr]:
    """factor a^2 for 0 <= a <= 64, with (a - g)(a + g) = a^2 - g^2 at the nearest grid point g.

    g has at most 11 bits, so that g^2 is exact with 24; `factor` should be a power of two.
    """
    g = _grid_point(lets, a)
    low = lets.product(lets.bind(a - g), lets.bind(a + g))
    hi, lo = _two_sum(lets, lets.bind(g * g), low)
    return lets.product(hi, factor), lets.product(lo, factor)


def cubic(lets: Lets, poly: Poly, a: Expr) -> tuple[Expr, Expr]:
    """c1 a + c3 a^3 for a >= 0 and positive constants c1, c3 of modest size.

    a (c1 + c3 a^2) = g W + rest, with g the nearest grid point and W that part of the bracket,
    again on a grid, whose product with g is exact.  c1 and c3 enter as a few leading bits and
    what is left of them.
    """
    c3, _, c1, _ = poly.all_coeffs()
    c1_high, c3_high = _leading(c1, 12), _leading(c3, 7)
    g = _grid_point(lets, a)
    rest = lets.bind(a - g)
    square = lets.bind(g * g)
    bracket = lets.total(lets.product(square, c3_high), c1_high)
    inside = lets.total(
        lets.product(rest, lets.bind(a + g), c3),
        lets.product(square, c3 - c3_high),
        c1 - c1_high,
    )
    top = lets.product(lets.bind(floor(lets.product(bracket, Integer(2 * GRID)))),
                       Rational(1, 2 * GRID))  # fmt: skip
    below = lets.total(lets.bind(bracket - top), inside)
    low = lets.total(lets.product(g, below), lets.product(rest, lets.total(bracket, inside)))
    return _two_sum(lets, lets.bind(g * top), low)


def is_cubic(poly: Poly) -> bool:
    """Whether `cubic` serves: c1 a + c3 a^3 with numbers between 1/100 and 4."""
    coefficients = poly.all_coeffs()
    if poly.degree() != 3 or coefficients[1] != 0 or coefficients[3] != 0:
        return False
    c3, c1 = coefficients[0], coefficients[2]
    return all(c.is_number and Rational(1, 100) < c < 4 for c in (c1, c3))


def _grid_point(lets: Lets, a: Expr) -> Expr:
    """The multiple of 1/32 nearest to a."""
    scaled = lets.total(lets.product(a, Integer(GRID)), Rational(1, 2))
    return lets.product(lets.bind(floor(scaled)), Rational(1, GRID))


def _two_sum(lets: Lets, high: Expr, low: Expr) -> tuple[Expr, Expr]:
    """The rounded sum of high and low, |high| >= |low|, and what it lost (Dekker)."""
    hi = lets.bind(high + low)
    return hi, lets.bind(low - lets.bind(hi - high))


def _leading(c: Expr, bits: int) -> Rational:
    """The number of `bits` bits nearest to c > 0."""
    scale = Rational(1)
    while c * scale >= 2**bits:
        scale /= 2
    while c * scale < 2 ** (bits - 1):
        scale *= 2
    return Rational(floor(c * scale + Rational(1, 2))) / scale


def corrected(lets: Lets, exponential: Expr, lo: Expr) -> Expr:
    """exp(-hi) - exp(-hi) lo, which is exp(-(hi + lo)) to within lo^2."""
    if lo == 0:
        return exponential
    return lets.bind(exponential - lets.bind(exponential * lo))
