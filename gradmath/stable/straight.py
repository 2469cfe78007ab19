"""Rational functions of a size a = |z| >= 0, such as softsign's, without overflow."""

from __future__ import annotations

from sympy import Expr, Integer, Max, Min, Poly, Symbol, cancel, factor_list, fraction

from gradmath.stable.lets import Lets


def rational_of_size(lets: Lets, expression: Expr, z: Symbol, size: Expr) -> Expr | None:
    """N(a)/D(a) for a >= 0, with positive coefficients and no growth; None otherwise.

    With a = n/i, n = min(a, 1) and i = 1/max(a, 1), each factor of degree d becomes homogeneous
    in n and i, of size about 1 whatever a is.  What is left is a power of i, which underflows
    only with the result.
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
    top = [_homogeneous(lets, (f**k).expand(), z, n, i) for f, k in upper]
    bottom = [_homogeneous(lets, (f**k).expand(), z, n, i) for f, k in lower]
    above_all = lets.product(*[i] * degree, *top)
    return lets.product(constant, lets.quotient(above_all, lets.product(*bottom)))


def _homogeneous(lets: Lets, factor: Expr, z: Symbol, n: Expr, i: Expr) -> Expr:
    """sum |c_j| n^j i^(d-j); since n or i is 1, a symmetric one is a polynomial in m = n i.

    Powers of 1 + a are expanded: near 0 their roundings are then those of one addition.
    """
    coefficients = [abs(c) for c in Poly(factor, z).all_coeffs()[::-1]]
    degree = len(coefficients) - 1
    if coefficients == coefficients[::-1]:
        return lets.horner(coefficients, lets.bind(n * i))
    terms = [
        lets.product(c, lets.power(n, j), lets.power(i, degree - j))
        for j, c in enumerate(coefficients)
        if c != 0
    ]
    return lets.total(*terms)
