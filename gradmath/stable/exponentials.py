"""Reading expressions as sums of exponentials, sum_k c_k exp(t_k), and as quotients of such."""

from __future__ import annotations

from collections.abc import Iterable

from sympy import Add, Dummy, Expr, Integer, Mul, cosh, exp, expand, fraction, sinh, together

#: A sum of exponentials: the coefficient of each exponent.
Sum = dict[Expr, Expr]

#: Longer sums are left as they were typed.
_TERMS = 100


def in_exponentials(expression: Expr) -> Expr:
    """The expression with hyperbolic sines and cosines written out."""
    return expression.replace(
        lambda node: isinstance(node, sinh | cosh), lambda node: node.rewrite(exp)
    )


def exponential_sum(expression: Expr) -> Sum | None:
    """The expression as sum_k c_k exp(t_k), no c_k with an exponential; None if it is not.

    Exponents are added up and nothing is multiplied out in them; neither is it in coefficients.

    >>> from sympy import symbols
    >>> x, y = symbols("x y", real=True)
    >>> exponential_sum((2 + exp(x)) * exp(-((x - y) ** 2)))
    {-(x - y)**2: 2, x - (x - y)**2: 1}
    """
    masked, exponents, coefficients = _masked(expression)
    terms: Sum = {}
    for term in Add.make_args(expand(masked)):
        exponent, coefficient = Integer(0), Integer(1)
        for factor in Mul.make_args(term):
            base, power = factor.as_base_exp()
            if base in exponents:
                if not power.is_Rational:
                    return None
                exponent += power * exponents[base]
            elif factor.free_symbols & exponents.keys():
                return None
            else:
                coefficient *= factor
        terms[exponent] = terms.get(exponent, Integer(0)) + coefficient
    if len(terms) > _TERMS:
        return None
    return {t: c.xreplace(coefficients) for t, c in terms.items() if c != 0}


def is_positive(terms: Sum) -> bool:
    """Whether all coefficients are positive numbers."""
    return all(c.is_number and c.is_positive for c in terms.values())


def is_difference(terms: Sum) -> bool:
    """Whether it is c (e^s - e^t) with a number c."""
    coefficients = list(terms.values())
    return len(coefficients) == 2 and coefficients[0].is_number and sum(coefficients) == 0


def on_one_line(terms: Iterable[Expr]) -> bool:
    """Whether all exponents are numbers times one of them."""
    others = [t for t in terms if t != 0]
    return all((t / others[0]).is_number for t in others[1:])


def quotient_of(expression: Expr) -> tuple[Expr, Expr]:
    """Numerator and denominator, everything brought together."""
    masked, exponents, coefficients = _masked(expression)
    back = coefficients | {symbol: exp(t) for symbol, t in exponents.items()}
    above, below = fraction(together(masked))
    return above.xreplace(back), below.xreplace(back)


def power_of(factor: Expr) -> tuple[Expr, Expr]:
    """Base and exponent; an exponential is itself to the power 1."""
    return (factor, Integer(1)) if isinstance(factor, exp) else factor.as_base_exp()


def _masked(expression: Expr) -> tuple[Expr, dict[Expr, Expr], dict[Expr, Expr]]:
    """The expression with symbols for exponentials, and for factors without one.

    With it the exponents, and the factors, that the symbols stand for.
    """
    exponents: dict[Expr, Expr] = {}
    coefficients: dict[Expr, Expr] = {}

    def mask(known: dict[Expr, Expr], value: Expr) -> Expr:
        for symbol, other in known.items():
            if other == value:
                return symbol
        symbol = Dummy("m", positive=known is exponents, real=True)
        known[symbol] = value
        return symbol

    def walk(node: Expr) -> Expr:
        if isinstance(node, exp) and not node.is_number:
            return mask(exponents, node.args[0])
        if not node.has(exp) and not node.is_number and not node.is_Symbol:
            return mask(coefficients, node)
        if node.is_Add or node.is_Mul or node.is_Pow:
            return node.func(*map(walk, node.args))
        return node

    return walk(expression), exponents, coefficients
