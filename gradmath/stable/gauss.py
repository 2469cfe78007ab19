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
    ceiling,
    erf,
    exp,
    factorial,
    floor,
    pi,
    sqrt,
)

from gradmath.stable.exponent import corrected, quadratic
from gradmath.stable.lets import Lets, Tail
from gradmath.stable.primitives import scaled_erfc
from gradmath.stable.rational import factored
from gradmath.stable.tails import SPLIT

CENTRE = Rational(25, 32)  # (c z)^2 up to which the series is used: |z| <= 5/4 for GELU,
CENTRE_SLOPE = Rational(1, 2)  # and |z| <= 1 for its slope
SERIES_BITS = 64  # the series stands for its function within 2^-SERIES_BITS


def series_length(square: Rational, growth: int = 1, bits: int = SERIES_BITS) -> int:
    """How many terms hold the error of the Taylor series below 2^-bits for (c z)^2 <= square.

    The series of erf(u)/u and of exp(-u^2) alternate with terms that fall from the third on, so
    that what is left out is smaller than the first term left out, here below
    growth * square^n / n!, where `growth` bounds the coefficients in front.
    """
    n = 2
    while growth * square**n / factorial(n) >= Rational(1, 2**bits):
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
    if marked.free_symbols - {z, w, g}:  # series and clamps are cut for numbers
        return None
    clamp = SPLIT / sqrt(square) if sqrt(square).is_Rational else SPLIT
    size = lets.bind(Abs(z))
    inner_size = lets.stand(Min(size, clamp), size)
    inner = lets.stand(Max(lets.bind(Min(z, clamp)), -clamp), z)
    exponent, lost = quadratic(lets, inner_size, square)
    near = lets.stand(Min(exponent, SPLIT), exponent)
    bell = corrected(lets, lets.bind(exp(lets.bind(-near))), lost)
    terms = ((1, r), (1, q))  # erfcx <= 1
    far = clamp**2 * square
    lets.tails.append(Tail(z, "all of it", clamp, far, clamp, Integer(0), terms, (1, -1)))
    if p != 0:
        start = floor(sqrt(SPLIT / square))
        for side, leading in ((1, p + q), (-1, p - q)):
            if leading != 0:
                tail_of_side = Tail(z, "terms in E", start, SPLIT, clamp, leading, terms, (side,))
                lets.tails.append(tail_of_side)
    if q == 0:
        tail = lets.bind(exp(lets.stand(Min(lets.bind(SPLIT - exponent), 0), Integer(0))))
        return lets.product(_polynomial(lets, r, z, inner), bell, tail)
    root = sqrt(square)
    u = lets.product(inner_size, root)
    far_tail = lets.bind(scaled_erfc(u))
    content = z if all(part.subs(z, 0) == 0 for part in (p, q, r)) else Integer(1)
    p, q, r = ((part / content).expand() for part in (p, q, r))
    ways = {
        "centre": _centre(lets, (p, q, r), z, inner, bell, square),
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
    edge = sqrt((CENTRE_SLOPE if r != 0 else CENTRE) / square)
    value = lets.bind(Piecewise(
        (ways["left"], z < -edge), (ways["right"], z > edge), (ways["centre"], True),
    ))  # fmt: skip
    # On a side where nothing but the tail is left, it alone has to fall below every number.
    bare = z < 0 if p - q == 0 else z > 0 if p + q == 0 else None
    lead = z
    if bare is not None:
        lead = lets.stand(Max(z, -clamp) if p - q == 0 else Min(z, clamp), z)
    value = lets.product(lead if content == z else Integer(1), value)
    if bare is not None:
        room = lets.bind(SPLIT - lets.bind(Piecewise((exponent, bare), (0, True))))
        tail = lets.bind(exp(lets.stand(Min(room, 0), Integer(0))))
        value = lets.product(value, tail)
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
    square: Rational,
) -> Expr:  # fmt: skip
    """P + Q erf + R exp near 0, with erf(c z) = z * (its Taylor series in z^2).

    Where Q is constant and R a multiple of z, both go into one series.
    """
    p, q, r = parts
    top = CENTRE_SLOPE if r != 0 else CENTRE
    edge = sqrt(top / square)
    kept = lets.stand(Max(lets.bind(Min(z, edge)), -edge), z)
    one_series = not q.has(z) and not (r / z).has(z)
    weight, slope = (q, (r / z)) if one_series else (Integer(1), Integer(0))
    growth = ceiling(2 * abs(weight) + abs(slope) + 1)
    coefficients = [
        ((2 * weight * sqrt(square / pi)) / (2 * n + 1) + slope) * (-square) ** n / factorial(n)
        for n in range(series_length(top, growth))
    ]
    series = lets.horner(coefficients, lets.power(kept, 2))
    exact = weight * erf(sqrt(square) * z) + slope * z * exp(-square * z**2)
    stood = lets.stand(kept * series, exact, "series", edge)
    if one_series:
        return lets.total(_polynomial(lets, p, z, inner), stood)
    terms = [lets.product(stood, _polynomial(lets, q, z, inner))]
    if r != 0:
        terms.append(lets.product(_polynomial(lets, r, z, inner), bell))
    return lets.total(_polynomial(lets, p, z, inner), lets.total(*terms))
