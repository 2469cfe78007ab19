"""Quotients and logarithms of sums of exponentials of several arguments: softmax and its kin.

With M = max t_k every sum of positive terms is e^M sum c_k e^(t_k - M), in which no exponential is
beyond 1 and one of them is 1.  A quotient of such sums is written in what is left when the powers
of e^M are taken together, a logarithm as

    log(sum c_k e^(t_k)) = M + log(sum c_k e^(t_k - M))
    log(1 + sum c_k e^(t_k)) = M + log1p(sum c_k e^(t_k - M) + (e^(-M) - 1)),  M = max(0, t_k)

which is exact for every M, and so is the form.  Terms of a sum that differ from the logarithm by an
exponent go into it, as -log(e^a/(e^a + e^b)) = log(1 + e^(b - a)) does: a vanished loss keeps its
digits.

Source: P. Blanchard, D. J. Higham, N. J. Higham, IMA J. Numer. Anal. 41 (2021) 2311, for the
rounding errors of both.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sympy import (
    Abs,
    Add,
    Dummy,
    Expr,
    Integer,
    Max,
    Mul,
    Rational,
    exp,
    expand,
    fraction,
    log,
    sign,
    together,
)
from sympy.codegen.cfunctions import expm1, log1p

from gradmath.stable.lets import Lets

#: A sum of exponentials: the coefficient of each exponent.
Sum = dict[Expr, Expr]

#: Products of as many exponentials are looked through for one that a numerator needs.
_PICKS = 500
#: Longer numerators are left as they were typed.
_TERMS = 100


@dataclass(frozen=True)
class Lines:
    """Bindings, one operation each, and the value in them."""

    bindings: tuple[tuple[Expr, Expr], ...]
    value: Expr


def in_sums(expression: Expr) -> Lines | None:
    """A form of a sum, product, power or logarithm with sums of exponentials, or None.

    It is written where a denominator or a logarithm holds a sum of exponentials with positive
    numbers before them, of arguments that are no multiples of each other.

    >>> from sympy import symbols
    >>> a, b = symbols("a b", real=True)
    >>> in_sums(1 / (1 + exp(a))) is None
    True
    >>> in_sums(exp(a) / (exp(a) + exp(b))).bindings[0][1]
    Max(a, b)
    """
    if not expression.has(exp):
        return None
    lets = Lets(frozenset(s.name for s in expression.free_symbols))
    if isinstance(expression, log):
        found = _logarithms(lets, [expression])
    elif expression.is_Add:
        found = _sum(lets, expression)
    else:
        found = _product(lets, expression)
    if found is None:
        return None
    return Lines(tuple(lets.bindings), found)


def _sum(lets: Lets, expression: Expr) -> Expr | None:
    """A sum: its quotients by the same sums are one, and its logarithms take exponents in."""
    groups: list[tuple[set[Expr], list[Expr]]] = []
    others: list[Expr] = []
    for term in expression.args:
        own, terms = _several_below(term), [term]
        if not own:
            others.append(term)
            continue
        apart = []
        for bases, known in groups:
            if bases & own:
                own, terms = own | bases, [*known, *terms]
            else:
                apart.append((bases, known))
        groups = [*apart, (own, terms)]
    written = []
    for _, terms in groups:
        numbers = [term for term in others if term.is_number]
        value = _quotient(lets, Add(*terms, *numbers), alike=True) if numbers else None
        if value is not None:  # 1 - e^a/(e^a + e^b) is e^b/(e^a + e^b)
            others = [term for term in others if not term.is_number]
        else:
            value = _quotient(lets, Add(*terms))
        if value is None:
            others += terms
        else:
            written.append(value)
    rest = _logarithms(lets, others)
    if rest is None and not written:
        return None
    return Add(*written, rest if rest is not None else Add(*others))


def _product(lets: Lets, expression: Expr) -> Expr | None:
    """A product: what is a sum of exponentials in it, or divides by one, is one quotient."""
    if not _several_below(expression):
        return None
    inside: list[Expr] = []
    outside: list[Expr] = []
    for factor in Mul.make_args(expression):
        (inside if _is_rational(factor) else outside).append(factor)
    value = _quotient(lets, Mul(*inside))
    return None if value is None else Mul(*outside, value)


def _is_rational(factor: Expr) -> bool:
    """Whether a factor is a power of a sum of exponentials, or of quotients of such.

    p - y with a quotient p and no exponential in y is not: p is computed, and y taken from it.
    """
    base = factor.base if factor.is_Pow and not isinstance(factor, exp) else factor
    if not base.has(exp):
        return False
    if exponential_sum(base) is not None:
        return True
    return base.is_Add and all(term.has(exp) or term.is_number for term in base.args)


def _several_below(term: Expr) -> set[Expr]:
    """The sums of exponentials of several arguments that a term, or a factor in it, is over."""
    found = set()
    for factor in Mul.make_args(term):
        if not factor.has(exp) or isinstance(factor, exp):
            continue
        if factor.is_Pow and factor.exp.is_Rational and factor.exp.is_negative:
            if is_of_several(factor.base):
                found.add(factor.base)
        elif factor.is_Add and _is_rational(factor):
            found.update(*map(_several_below, factor.args))
    return found


def is_of_several(expression: Expr) -> bool:
    """Whether an expression is such a sum: of exponentials, positive, of different arguments."""
    if not (expression.is_Add and expression.has(exp)):
        return False
    terms = exponential_sum(expression)
    return terms is not None and _is_positive(terms) and not _on_one_line(terms)


def _is_positive(terms: Sum) -> bool:
    return all(c.is_number and c.is_positive for c in terms.values())


def _on_one_line(terms: Iterable[Expr]) -> bool:
    """Whether all exponents are numbers times one of them: other forms are for those."""
    others = [t for t in terms if t != 0]
    return all((t / others[0]).is_number for t in others[1:])


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


def _quotient(lets: Lets, expression: Expr, alike: bool = False) -> Expr | None:
    """Exponentials over sums of them, with one maximum taken out of each sum.

    alike: None too where the numerator has terms of different signs, or of an unknown one.
    """
    above, below = _fraction(expression)
    numerator = exponential_sum(above)
    if numerator is None:
        return None
    if alike and not (
        _is_positive(numerator) or _is_positive({t: -c for t, c in numerator.items()})
    ):
        return None
    divisors: list[tuple[Sum, Rational]] = []
    shift: Expr = Integer(0)  # of every exponent
    outside: Expr = Integer(1)
    for factor in Mul.make_args(below):
        if not factor.has(exp):
            outside *= factor
            continue
        base, power = _power(factor)
        terms = exponential_sum(base)
        if terms is None or not _is_positive(terms) or not power.is_Rational:
            return None
        if len(terms) > 1:
            divisors.append((terms, power))
        else:
            ((t, c),) = terms.items()
            shift -= power * t
            outside *= c**power
    if not numerator:
        return Integer(0)
    shifted = {t + shift: c for t, c in numerator.items()}
    return _written(lets, shifted, divisors) / outside


def _fraction(expression: Expr) -> tuple[Expr, Expr]:
    """Numerator and denominator, everything brought together."""
    masked, exponents, coefficients = _masked(expression)
    back = coefficients | {symbol: exp(t) for symbol, t in exponents.items()}
    above, below = fraction(together(masked))
    return above.xreplace(back), below.xreplace(back)


def _power(factor: Expr) -> tuple[Expr, Expr]:
    """Base and exponent; an exponential is itself to the power 1."""
    return (factor, Integer(1)) if isinstance(factor, exp) else factor.as_base_exp()


def _written(lets: Lets, numerator: Sum, divisors: Sequence[tuple[Sum, Rational]]) -> Expr:
    tops: list[tuple[Expr, Rational]] = []
    parts: list[list[tuple[Expr, Expr]]] = []  # of each sum, the exponents and their exponentials
    below: list[Expr] = []
    for terms, power in divisors:
        top, scaled = _scaled(lets, terms)
        tops.append((top, power))
        parts += [list(scaled.items())] * int(power)
        total = lets.total(*(lets.product(e, terms[t]) for t, e in scaled.items()))
        below.append(lets.power(total, int(power)))
        if rest := power - int(power):
            below.append(total**rest)
    difference = _difference(lets, numerator, tops)
    if difference is not None:
        return lets.quotient(difference, lets.product(*below))
    whole = all(power.is_Integer for _, power in divisors)
    picks = _picks(parts) if whole else {}
    written = []
    for t, c in numerator.items():
        factors = picks.get(t)
        if factors is None:
            factors = [exp(_less(lets, t, tops))]
        written.append(lets.product(*factors, c))
    return lets.quotient(lets.total(*written), lets.product(*below))


def _scaled(lets: Lets, terms: Sum) -> tuple[Expr, Sum]:
    """The largest exponent, and each exponent's exponential with it taken out."""
    top = lets.bind(Max(*(lets.bind(t) for t in terms)))
    return top, {t: lets.bind(exp(lets.bind(lets.bind(t) - top))) for t in terms}


def _less(lets: Lets, exponent: Expr, tops: Sequence[tuple[Expr, Rational]]) -> Expr:
    """An exponent less what was taken out, so many times each."""
    left = lets.bind(exponent)
    for top, power in tops:
        for _ in range(int(power)):
            left = lets.bind(left - top)
        if rest := power - int(power):
            left = lets.bind(left - lets.product(top, rest))
    return left


def _picks(parts: Sequence[Sequence[tuple[Expr, Expr]]]) -> dict[Expr, list[Expr]]:
    """What products of one exponential of each sum there are, by their exponents."""
    if math.prod(len(part) for part in parts) > _PICKS:
        return {}
    found: dict[Expr, list[Expr]] = {}
    for chosen in itertools.product(*parts):
        found.setdefault(Add(*(t for t, _ in chosen)), [e for _, e in chosen])
    return found


def _difference(lets: Lets, numerator: Sum, tops: Sequence[tuple[Expr, Rational]]) -> Expr | None:
    """c (e^s - e^t) without cancellation: c sign(s - t) e^max(s, t) (1 - e^(-|s - t|))."""
    if len(numerator) != 2:
        return None
    (s, c), (t, other) = numerator.items()
    if not c.is_number or c + other != 0:
        return None
    gap = lets.bind(lets.bind(s) - lets.bind(t))
    larger = lets.bind(Max(lets.bind(s), lets.bind(t)))
    size = lets.bind(-lets.bind(expm1(lets.bind(-lets.bind(Abs(gap))))))
    return lets.product(sign(gap), exp(_less(lets, larger, tops)), size, c)


def _logarithms(lets: Lets, terms: Sequence[Expr]) -> Expr | None:
    """The sum of these terms, each logarithm of sums written out; None where there is none."""
    logs: list[tuple[Expr, Sum]] = []
    rest: list[Expr] = []
    for term in terms:
        found = _log_of_sums(term)
        if found is None:
            rest.append(term)
            continue
        new, exponents = found
        logs += new
        rest += exponents
    if not logs:
        return None
    written = []
    left = Add(*rest)
    for factor, sums in logs:
        taken, left = _taken_in(factor, sums, left)
        written.append(factor * _logarithm(lets, taken))
    return Add(left, *written)


def _log_of_sums(term: Expr) -> tuple[list[tuple[Expr, Sum]], list[Expr]] | None:
    """A multiple of log(P/Q) as multiples of logarithms of sums, and of single exponents."""
    calls = [f for f in Mul.make_args(term) if isinstance(f, log) and f.has(exp)]
    if len(calls) != 1:
        return None
    factor = term / calls[0]
    sums: list[tuple[Expr, Sum]] = []
    singles: list[Expr] = []
    several = False
    for part, side in zip(_fraction(calls[0].args[0]), (1, -1), strict=True):
        for piece in Mul.make_args(part):
            base, power = _power(piece)
            own = exponential_sum(base)
            if own is None or not _is_positive(own) or not power.is_Rational:
                return None
            several = several or not _on_one_line(own)
            weight = side * power * factor
            if len(own) > 1:
                sums.append((weight, own))
            else:
                ((t, c),) = own.items()
                singles += [weight * t, weight * log(c)]
    return (sums, singles) if several else None


def _taken_in(factor: Expr, terms: Sum, left: Expr) -> tuple[Sum, Expr]:
    """f log(sum c_k e^(t_k)) - f t_j is f log(sum c_k e^(t_k - t_j)): taken in if it is there."""
    there = set(Add.make_args(left))
    for t in terms:
        for opposite in (-factor * t, (-factor * t).expand()):
            if t != 0 and set(Add.make_args(opposite)) <= there:
                return {other - t: c for other, c in terms.items()}, left - opposite
    return terms, left


def _logarithm(lets: Lets, terms: Sum) -> Expr:
    top, scaled = _scaled(lets, terms)
    constant = terms.get(Integer(0))
    weighted = [lets.product(e, terms[t]) for t, e in scaled.items() if t != 0 or constant != 1]
    total = lets.total(*weighted)
    if constant != 1:
        return lets.total(top, log(total))
    # The 1 of the sum and the one that a maximum leaves meet in e^(-M) - 1, which is 0 for M = 0.
    return lets.total(top, log1p(lets.total(total, expm1(lets.bind(-top)))))
