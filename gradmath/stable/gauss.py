"""Expressions P(z) + Q(z) erf(c z) + R(z) exp(-c^2 z^2): GELU and its derivatives.

The tail of erf is written exp(-u^2) erfcx(u), which keeps its digits down to the smallest
number.  Near 0 it is its own Taylor series, which libraries' erf does not match in accuracy.
"""

from __future__ import annotations

from sympy import (
    Abs,
    Dummy,
    Expr,
    Integer,
    Max,
    Min,
    Piecewise,
    Poly,
    Rational,
    Symbol,
    erf,
    exp,
    factorial,
    pi,
    sqrt,
)

from gradmath.stable.halves import NEAR_FAR
from gradmath.stable.lets import Lets
from gradmath.stable.primitives import scaled_erfc
from gradmath.stable.rational import factored

CENTRE = Rational(9, 8)  # (c z)^2 up to which the series is used; |z| <= 3/2 for GELU
SERIES_BITS = 64  # the series stands for erf within 2^-SERIES_BITS, relative


def series_length(square: Rational = CENTRE, bits: int = SERIES_BITS) -> int:
    """How many terms of erf's Taylor series hold its relative error below 2^-bits.

    The series of erf(u)/u alternates with falling terms for u^2 <= 9/8, so that what is left out
    is smaller than the first term left out; and erf(u)/u is at least 1/2 there, so that a term
    (2/sqrt(pi)) u^(2n) / (n! (2n+1)) below 2^-bits / 2 is small enough.
    """
    n = 1
    while 2 * Rational(8, 7) * square**n / (factorial(n) * (2 * n + 1)) >= Rational(1, 2**bits):
        n += 1
    return n


def write(lets: Lets, expression: Expr, z: Symbol) -> Expr | None:
    """The value of an expression in erf(c z) and exp(-c^2 z^2); None if it is not one."""
    calls = {call for call in expression.atoms(erf, exp) if call.has(z)}
    if not calls:
        return None
    squares = {c.args[0] ** 2 / z**2 if isinstance(c, erf) else -c.args[0] / z**2 for c in calls}
    squares = {square.expand() for square in squares}
    if len(squares) != 1:
        return None
    square = squares.pop()
    if not (square.is_Rational and square > 0):
        return None
    w, g = Dummy("erf"), Dummy("gauss")
    marked = expression.xreplace({
        call: (w * (1 if (call.args[0] / z).is_positive else -1) if isinstance(call, erf) else g)
        for call in calls
    })  # fmt: skip
    if not marked.is_polynomial(z, w, g):
        return None
    poly = Poly(marked, w, g)
    if any(i + j > 1 for i, j in poly.monoms()):
        return None
    p, q, r = (poly.coeff_monomial(m) for m in (1, w, g))
    if not all(part.is_polynomial(z) for part in (p, q, r)) or (q == 0 and p != 0):
        return None
    clamp = NEAR_FAR / sqrt(square) if sqrt(square).is_Rational else NEAR_FAR
    size = lets.bind(Abs(z))
    inner_size = lets.stand(Min(size, clamp), size)
    inner = lets.stand(Max(lets.bind(Min(z, clamp)), -clamp), z)
    exponent = lets.product(lets.bind(inner_size * inner_size), square)
    near = lets.stand(Min(exponent, NEAR_FAR), exponent)
    bell = lets.bind(exp(lets.bind(-near)))
    tail = lets.bind(exp(lets.stand(Min(lets.bind(NEAR_FAR - exponent), 0), Integer(0))))
    if q == 0:
        return lets.product(_polynomial(lets, r, z, inner), bell, tail)
    root = sqrt(square)
    u = lets.product(inner_size, root)
    far_tail = lets.bind(scaled_erfc(u))
    content = z if all(part.subs(z, 0) == 0 for part in (p, q, r)) else Integer(1)
    p, q, r = ((part / content).expand() for part in (p, q, r))
    ways = {
        "centre": _centre(lets, (p, q, r), z, inner, bell, square, exponent),
        "right": lets.total(
            _polynomial(lets, p + q, z, z),
            lets.product(
                lets.total(
                    _polynomial(lets, r, z, inner),
                    lets.product(_polynomial(lets, -q, z, inner), far_tail),
                ),
                bell,
            ),
        ),
        "left": lets.total(
            _polynomial(lets, p - q, z, z),
            lets.product(
                lets.total(
                    _polynomial(lets, r, z, inner),
                    lets.product(_polynomial(lets, q, z, inner), far_tail),
                ),
                bell,
            ),
        ),
    }
    edge = sqrt(CENTRE / square)
    value = lets.bind(Piecewise(
        (ways["left"], z < -edge), (ways["right"], z > edge), (ways["centre"], True),
    ))  # fmt: skip
    left_leads = p - q == 0
    lead = lets.stand(Max(z, -clamp), z) if left_leads else z
    value = lets.product(lead if content == z else Integer(1), value)
    if left_leads:
        # the tail factor acts on the left alone, where z < -sqrt(64 / square)
        start = -sqrt(NEAR_FAR / square)
        value = lets.bind(Piecewise((lets.bind(value * tail), z < start), (value, True)))
    return value


def _polynomial(lets: Lets, expression: Expr, z: Symbol, at: Expr) -> Expr:
    """A polynomial by its factors, each by Horner's rule."""
    if not expression.has(z):
        return expression
    constant, factors = factored(expression, z)
    written = [lets.power(lets.polynomial(f, z, at), n) for f, n in factors]
    return lets.product(*written, constant)


def _centre(
    lets: Lets, parts: tuple[Expr, Expr, Expr], z: Symbol, inner: Expr, bell: Expr,
    square: Rational, exponent: Expr,
) -> Expr:  # fmt: skip
    """P + Q erf + R exp near 0, with erf(c z) = z * (its Taylor series in z^2)."""
    p, q, r = parts
    count = series_length()
    edge = sqrt(CENTRE / square)
    kept = lets.stand(Max(lets.bind(Min(z, edge)), -edge), z)
    coefficients = [
        2 * sqrt(square / pi) * (-square) ** n / (factorial(n) * (2 * n + 1))
        for n in range(count)
    ]
    folded = q.subs(z, 0) if not q.has(z) else Integer(1)  # a constant Q goes into the series
    series = lets.horner([c * folded for c in coefficients], lets.power(kept, 2))
    stood = lets.stand(kept * series, folded * erf(sqrt(square) * z), "series")
    product = stood if not q.has(z) else lets.product(stood, _polynomial(lets, q, z, inner))
    terms = [product]
    if r != 0:
        terms.append(lets.product(_polynomial(lets, r, z, inner), bell))
    inner_sum = lets.total(*terms)
    return lets.total(_polynomial(lets, p, z, inner), inner_sum)
