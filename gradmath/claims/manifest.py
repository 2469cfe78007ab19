"""Signs that can be read off an expression: what makes a certificate worth something.

`positive` and `nonnegative` answer True only where the structure shows it: even powers, sums and
products of such terms, exponentials, absolute values, and affine expressions on a box.  They
never search and never evaluate at sample points; a `False` means "not manifest", not "not so".
"""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from gradmath.catalogue.applied import explicit
from gradmath.claims import ball
from gradmath.claims.points import Domain


def nonnegative(expression: sp.Expr, domain: Domain) -> bool:
    """Whether `expression >= 0` on the whole domain can be read off."""
    return _sign(explicit(expression), domain, strict=False)


def positive(expression: sp.Expr, domain: Domain) -> bool:
    """Whether `expression > 0` on the whole domain can be read off.

    >>> import sympy as sp
    >>> z = sp.Symbol("z", real=True)
    >>> positive(1 + sp.exp(-z), {z: sp.S.Reals}), positive(z**2, {z: sp.S.Reals})
    (True, False)
    """
    return _sign(explicit(expression), domain, strict=True)


def _sign(expression: sp.Expr, domain: Domain, *, strict: bool) -> bool:
    if expression.is_number:
        found = 0 if expression.is_zero else ball.sign(expression, {})
        return found == 1 or (found == 0 and not strict)
    if _affine(expression, domain, strict=strict):
        return True
    rule = _RULES.get(type(expression))
    return rule(expression, domain, strict) if rule else False


def _power(expression: sp.Expr, domain: Domain, strict: bool) -> bool:
    base, exponent = expression.as_base_exp()
    if base is sp.E:
        return bool(exponent.is_real)
    if exponent.is_integer and exponent.is_even and base.is_real:
        if not strict:
            return True
        return any(_sign(s * base, domain, strict=True) for s in (1, -1)) or _nonzero(base)
    if strict or not exponent.is_nonnegative:
        return bool(exponent.is_real) and _sign(base, domain, strict=True)
    return _sign(base, domain, strict=False)


def _nonzero(base: sp.Expr) -> bool:
    """By the symbols' own assumptions, which `ForAll` holds against their domains."""
    return bool(base.is_nonzero)


def _sum(expression: sp.Expr, domain: Domain, strict: bool) -> bool:
    terms = expression.args
    if len(terms) == 2 and _pair(terms[0], terms[1], domain, strict=strict):
        return True
    if not all(_sign(term, domain, strict=False) for term in terms):
        return False
    return not strict or any(_sign(term, domain, strict=True) for term in terms)


def _pair(first: sp.Expr, second: sp.Expr, domain: Domain, *, strict: bool) -> bool:
    """exp(p) - exp(q) has the sign of p - q, and |t| + t and |t| - t are never negative."""
    for one, other in ((first, second), (second, first)):
        size, rest = one.as_coeff_Mul()
        share, kernel = other.as_coeff_Mul()
        of_size = isinstance(rest, sp.Abs) and kernel == rest.args[0]
        if of_size and not strict and size >= abs(share):
            return True
        if size == -share and size.is_positive:
            high, low = _exponent(rest), _exponent(kernel)
            if high is not None and low is not None and _sign(high - low, domain, strict=strict):
                return True
    return False


def _exponent(term: sp.Expr) -> sp.Expr | None:
    """The real p for a term exp(p), 0 for 1, None for anything else."""
    if term == 1:
        return sp.Integer(0)
    if isinstance(term, sp.exp) and term.args[0].is_real:
        return term.args[0]
    return None


def _product(expression: sp.Expr, domain: Domain, strict: bool) -> bool:
    negatives = 0
    for factor in expression.args:
        if _sign(factor, domain, strict=strict):
            continue
        # -factor of a sum is a sum again; of anything else it would be this very product
        turned = _sign if isinstance(factor, sp.Add) or factor.is_number else _affine
        if not turned(-factor, domain, strict=strict):
            return False
        negatives += 1
    return negatives % 2 == 0


def _absolute(expression: sp.Expr, domain: Domain, strict: bool) -> bool:
    inside = expression.args[0]
    return not strict or any(_sign(s * inside, domain, strict=True) for s in (1, -1))


def _exponential(expression: sp.Expr, domain: Domain, strict: bool) -> bool:
    return bool(expression.args[0].is_real)


def _affine(expression: sp.Expr, domain: Domain, *, strict: bool) -> bool:
    """An affine expression is least at a corner of the box; exact arithmetic finds which."""
    symbols = sorted(expression.free_symbols, key=lambda symbol: symbol.name)
    if not expression.is_polynomial(*symbols) or any(symbol not in domain for symbol in symbols):
        return False
    polynomial = sp.Poly(expression, *symbols)
    if polynomial.total_degree() != 1:
        return False
    least, attained = polynomial.coeff_monomial(1), True
    for symbol in symbols:
        slope = polynomial.coeff_monomial(symbol)
        allowed = domain[symbol]
        end = allowed.inf if ball.sign(slope, {}) == 1 else allowed.sup
        if end.is_infinite:
            return False
        least += slope * end
        attained = attained and allowed.contains(end) != sp.false
    found = 0 if least.is_zero else ball.sign(least, {})
    if found == 1:
        return True
    return found == 0 and (not strict or not attained)


_Rule = Callable[[sp.Expr, Domain, bool], bool]
_RULES: dict[type[sp.Basic], _Rule] = {
    sp.Pow: _power,
    sp.Add: _sum,
    sp.Mul: _product,
    sp.Abs: _absolute,
    sp.exp: _exponential,
}
