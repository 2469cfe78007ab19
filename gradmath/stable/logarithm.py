"""Expressions A(z) + sum B_i log(u_i) with u_i made of powers of 1 + exp(p z): softplus and kin.

log(1 + exp(p z)) is max(p z, 0) + log1p(exp(-|p z|)): both terms are positive, and the
exponential cannot overflow.
"""

from __future__ import annotations

from sympy import Abs, Dummy, Expr, Integer, Max, Min, Poly, Symbol, cancel, exp, factor_list, log
from sympy.codegen.cfunctions import log1p

from gradmath.stable.lets import Lets
from gradmath.stable.rational import in_exponential


def write(lets: Lets, expression: Expr, z: Symbol) -> Expr | None:
    """The value of the expression in bound symbols; None if it is not of that shape."""
    calls = [call for call in expression.atoms(log) if call.has(z)]
    if not calls:
        return None
    names = {call: Dummy() for call in calls}
    marked = expression.xreplace(names)
    if not marked.is_polynomial(z, *names.values()):
        return None
    poly = Poly(marked, *names.values())
    if any(sum(monomial) > 1 for monomial in poly.monoms()):
        return None
    below = above = poly.coeff_monomial(1)
    weight: Expr = Integer(0)
    exponents = set()
    for call, name in names.items():
        coefficient = poly.coeff_monomial(name)
        read = _log_of_powers(call.args[0], z)
        if read is None or coefficient.has(z):
            return None
        exponent, power, times = read
        exponents.add(exponent)
        below = below + coefficient * power * exponent
        above = above + coefficient * (power + times) * exponent
        weight = weight + coefficient * times
    if len(exponents) != 1:
        return None
    below, above, weight = below.expand(), above.expand(), weight.expand()
    slopes = [cancel(side / z) for side in (below, above)]
    if any(slope.has(z) for slope in slopes):
        return None
    rate = exponents.pop() / z
    size = lets.product(lets.bind(Abs(z)), rate)
    logarithm = lets.bind(log1p(lets.bind(exp(lets.bind(-size)))))
    linear = [
        lets.product(slope, half)
        for slope, half in zip(slopes, (Min(z, 0), Max(z, 0)), strict=True)
        if slope != 0
    ]
    return lets.total(*linear, lets.product(weight, logarithm))


def _log_of_powers(argument: Expr, z: Symbol) -> tuple[Expr, int, int] | None:
    """(p z, j, n) with argument = exp(j p z) (1 + exp(p z))^n; None if it is not such."""
    reading = in_exponential(argument, z)
    if reading is None or reading.constants or not (reading.exponent / z).is_positive:
        return None
    power = times = 0
    numerator, denominator = cancel(reading.ratio).as_numer_denom()
    for part, direction in ((numerator, 1), (denominator, -1)):
        constant, factors = factor_list(part)
        if constant != 1:
            return None
        for factor, exponent in factors:
            if factor == reading.x:
                power += direction * exponent
            elif factor == reading.x + 1:
                times += direction * exponent
            else:
                return None
    return reading.exponent, power, times
