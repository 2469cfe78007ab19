"""Rational functions of a size a = |z| >= 0, such as softsign's, without overflow."""

from __future__ import annotations

from sympy import Expr, Integer, Max, Min, Poly, Symbol, cancel, factor_list, fraction

from gradmath.stable.lets import Lets


def rational_of_size(lets: Lets, expression: Expr, z: Symbol, size: Expr) -> Expr | None:
    """N(a)/D(a) for a >= 0, with positive coefficients and no growth; None otherwise.

    With a = n/i, n = min(a, 1) and i = 1/max(a, 1), each factor of degree d becomes homogeneous
    in n and i, of size about 1 whatever a is.  What is left is a power of i, spread over the
    factors of the denominator so that it underflows only with the result.
    """
    numerator, denominator = fraction(cancel(expression))
    above, upper = factor_list(numerator, z)
    below, lower = factor_list(denominator, z)
    constant = above / below
    degree = 0
    for factors, direction in ((upper, 1), (lower, -1)):
        for factor, exponent in factors:
            coefficients = Poly(factor, z).all_coeffs()
            if all(c.is_nonpositive for c in coefficients):
                constant *= (-1) ** exponent
            elif not all(c.is_nonnegative for c in coefficients):
                return None
            degree -= direction * exponent * Poly(factor, z).degree()
    if degree < 0:
        return None
    n = lets.bind(Min(size, 1))
    i = lets.quotient(Integer(1), lets.bind(Max(size, 1)))
    tops: list[Expr] = [i] * degree
    for factor, exponent in upper:
        tops += [_homogeneous(lets, factor, z, n, i)] * exponent
    bottoms: list[Expr] = []
    for factor, exponent in lower:
        bottoms += [_homogeneous(lets, factor, z, n, i)] * exponent
    value: Expr = constant
    while tops or bottoms:
        top = tops.pop(0) if tops else Integer(1)
        quotient = lets.quotient(top, bottoms.pop(0)) if bottoms else top
        value = lets.product(value, quotient)
    return value


def _homogeneous(lets: Lets, factor: Expr, z: Symbol, n: Expr, i: Expr) -> Expr:
    """sum |c_j| n^j i^(d-j)."""
    coefficients = [abs(c) for c in Poly(factor, z).all_coeffs()[::-1]]
    degree = len(coefficients) - 1
    terms = [
        lets.product(c, lets.power(n, j), lets.power(i, degree - j))
        for j, c in enumerate(coefficients)
        if c != 0
    ]
    return lets.total(*terms)
