"""A normal form in which identities between exponentials, logarithms and roots become polynomial.

An expression is read as a quotient of two polynomials with rational coefficients in *generators*:
its symbols, e^(t/q) for each term t of an exponent, log(u) for each logarithm that does not split,
u^(1/q) for each root, and everything else as it stands.  Each rewriting used is an identity over
the reals:

    e^(s+t) = e^s e^t      e^(n log u) = u^n      log(u v) = log u + log v for u, v > 0
    log e^t = t            tanh, sinh, cosh, sech by e^u       (u^(1/q))^q = u
    cos^2 u = 1 - sin^2 u

If the numerator is the zero polynomial the expression is zero wherever it is defined: a proof.
If not, nothing follows, since generators may satisfy relations that are not known here.
Each operation is bounded in size, and the deadline is looked at between any two.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from typing import Any

import sympy
from sympy import Add, Expr, Integer, Mul, Pow, Rational, S, exp, log
from sympy.codegen.cfunctions import expm1, log1p
from sympy.polys.domains import QQ
from sympy.polys.rings import PolyElement, ring

from gradmath.errors import GradmathError

_LARGEST = 200_000  # products of term counts beyond this are not multiplied out
_HIGHEST = 64  # powers beyond this are not multiplied out


class TooLarge(GradmathError):
    """The normal form would grow beyond its bounds, or the time is up."""


def vanishes(expression: Expr, seconds: float = 5.0) -> bool:
    """Whether the normal form of `expression` is 0; False means only that it was not shown.

    >>> z = sympy.Symbol("z", real=True)
    >>> s = 1 / (1 + exp(-z))
    >>> vanishes(s.diff(z) - s * (1 - s))
    True
    >>> vanishes(s.diff(z) - s * (1 + s))
    False
    """
    try:
        return _Reader(time.monotonic() + seconds).vanishes(expression)
    except (TooLarge, RecursionError):
        return False


def elementary(expression: Expr) -> Expr:
    """Write hyperbolic functions, expm1, log1p and erfc in terms of exp, log and erf."""
    return expression.replace(
        lambda node: type(node) in _ELEMENTARY, lambda node: _ELEMENTARY[type(node)](*node.args)
    )


def _tanh(u: Expr) -> Expr:
    return (exp(2 * u) - 1) / (exp(2 * u) + 1)


_ELEMENTARY: dict[Any, Callable[[Expr], Expr]] = {
    sympy.tanh: _tanh,
    sympy.coth: lambda u: 1 / _tanh(u),
    sympy.sinh: lambda u: (exp(u) - exp(-u)) / 2,
    sympy.cosh: lambda u: (exp(u) + exp(-u)) / 2,
    sympy.sech: lambda u: 2 / (exp(u) + exp(-u)),
    sympy.csch: lambda u: 2 / (exp(u) - exp(-u)),
    expm1: lambda u: exp(u) - 1,
    log1p: lambda u: log(1 + u),
    sympy.erfc: lambda u: 1 - sympy.erf(u),
    sympy.tan: lambda u: sympy.sin(u) / sympy.cos(u),
}

Fraction = tuple[PolyElement, PolyElement]


class _Reader:
    """One reading of one expression: finds the generators, then computes in their ring."""

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.roots: dict[Expr, int] = {}  # generator -> q, so that generator^q = its base

    def vanishes(self, expression: Expr) -> bool:
        expression = self._flat(elementary(expression))
        generators = self._generators(expression)
        if not generators:
            return bool(expression == 0)
        made = ring([sympy.Dummy(f"g{n}") for n in range(len(generators))], QQ)
        self.ring = made[0]
        self.where = dict(zip(generators, made[1:], strict=True))
        numerator, _ = self._fraction(expression)
        return not self._reduced(numerator)

    # -- first pass: exponents as sums, logarithms split, roots of one base with one q ------------

    def _flat(self, e: Expr) -> Expr:
        """Rewrite exponentials as products of e^(c t), logarithms as sums, bottom up."""
        self._check()
        if e.is_Atom:
            if isinstance(e, sympy.Float):
                return Rational(e)
            return e
        args = [self._flat(arg) for arg in e.args if isinstance(arg, Expr)]
        if len(args) != len(e.args):
            return e
        if isinstance(e, exp):
            return Mul(*(self._power_of_e(term) for term in Add.make_args(self._spread(args[0]))))
        if isinstance(e, log):
            return self._log(args[0])
        return e.func(*args)

    def _spread(self, e: Expr) -> Expr:
        """An exponent as a sum of terms."""
        if len(Add.make_args(e)) * e.count_ops() > 2_000:
            raise TooLarge("exponent", got=f"{e.count_ops()} operations")
        return sympy.expand(e, log=False, power_base=False, power_exp=False, func=False)

    def _power_of_e(self, term: Expr) -> Expr:
        coefficient, rest = term.as_coeff_Mul()
        if isinstance(rest, log) and coefficient.is_Rational:
            return Pow(rest.args[0], coefficient)
        return exp(term)

    def _log(self, u: Expr) -> Expr:
        """Split log u into a sum over the factors of u, where all of them are positive."""
        if isinstance(u, exp) and u.args[0].is_real:
            return u.args[0]
        numerator, denominator = sympy.together(u).as_numer_denom()
        parts: list[Expr] = []
        for side, sign in ((numerator, 1), (denominator, -1)):
            for factor in Mul.make_args(self._monomial_out(side)):
                base, power = factor.as_base_exp()
                if isinstance(factor, exp):
                    base, power = factor, S.One
                if not base.is_positive or not power.is_Rational:
                    return log(u)
                inner = base.args[0] if isinstance(base, exp) else log(base)
                parts.append(sign * power * inner)
        return Add(*parts)

    def _monomial_out(self, e: Expr) -> Expr:
        """Take the lowest power of each e^t out of a sum, 1 + e^-z becoming e^-z (1 + e^z)."""
        e = sympy.expand_mul(e) if e.count_ops() < 200 else e
        terms = Add.make_args(e)
        if len(terms) == 1:
            return e
        exponents = [self._exponent(term) for term in terms]
        lowest: dict[Expr, Expr] = {}
        for t in {t for each in exponents for t in each}:
            lowest[t] = min(each.get(t, S.Zero) for each in exponents)
        common = Add(*(t * c for t, c in lowest.items()))
        rest = Add(*(Mul(term, exp(-common)) for term in terms))
        return Mul(*(exp(t * c) for t, c in lowest.items()), rest, evaluate=False)

    def _exponent(self, term: Expr) -> dict[Expr, Expr]:
        """The exponents of e in a product, as {t: rational coefficient}."""
        found: dict[Expr, Expr] = {}
        for factor in Mul.make_args(term):
            if isinstance(factor, exp):
                for part in Add.make_args(factor.args[0]):
                    coefficient, t = part.as_coeff_Mul()
                    if coefficient.is_Rational:
                        found[t] = found.get(t, S.Zero) + coefficient
        return found

    # -- second pass: what the generators are ------------------------------------------------------

    def _generators(self, expression: Expr) -> list[Expr]:
        exponents: dict[Expr, int] = {}
        bases: dict[Expr, int] = {}
        plain: dict[Expr, None] = {}
        for node in _outside_in(expression):
            self._check()
            if isinstance(node, exp):
                for t, c in self._terms(node.args[0]):
                    exponents[t] = math.lcm(exponents.get(t, 1), int(c.q))
            elif isinstance(node, Pow) and not node.exp.is_Integer:
                if node.exp.is_Rational:
                    base = node.base
                    bases[base] = math.lcm(bases.get(base, 1), int(node.exp.q))
                else:
                    plain[node] = None
            else:
                plain[node] = None
        self.exponents = exponents
        self.bases = bases
        for base, q in bases.items():
            self.roots[Pow(base, Rational(1, q))] = q
        return [*self.roots, *(_power_of_e(t, q) for t, q in exponents.items()), *plain]

    def _terms(self, exponent: Expr) -> Iterator[tuple[Expr, Rational]]:
        for part in Add.make_args(exponent):
            coefficient, t = part.as_coeff_Mul()
            if coefficient.is_Rational:
                yield t, coefficient
            else:
                yield part, S.One

    # -- third pass: the quotient of two polynomials ----------------------------------------------

    def _fraction(self, e: Expr) -> Fraction:
        self._check()
        one = self.ring.one
        if e in self.where:
            return self.where[e], one
        if isinstance(e, Rational):
            return self.ring(QQ(int(e.p), int(e.q))), one
        if isinstance(e, Add):
            total: Fraction = (self.ring.zero, one)
            for arg in e.args:
                total = self._sum(total, self._fraction(arg))
            return total
        if isinstance(e, Mul):
            product: Fraction = (one, one)
            for arg in e.args:
                product = self._product(product, self._fraction(arg))
            return product
        if isinstance(e, exp):
            product = (one, one)
            for t, c in self._terms(e.args[0]):
                q = self.exponents[t]
                generator = self.where[_power_of_e(t, q)]
                product = self._product(product, self._to_the((generator, one), int(c * q)))
            return product
        if isinstance(e, Pow) and e.exp.is_Integer:
            return self._to_the(self._fraction(e.base), int(e.exp))
        if isinstance(e, Pow) and e.base in self.bases:
            q = self.bases[e.base]
            generator = self.where[Pow(e.base, Rational(1, q))]
            return self._to_the((generator, one), int(e.exp * q))
        raise TooLarge("expression", got=f"{type(e).__name__} without a generator")

    def _sum(self, x: Fraction, y: Fraction) -> Fraction:
        if x[1] == y[1]:
            return x[0] + y[0], x[1]
        return self._times(x[0], y[1]) + self._times(y[0], x[1]), self._times(x[1], y[1])

    def _product(self, x: Fraction, y: Fraction) -> Fraction:
        return self._times(x[0], y[0]), self._times(x[1], y[1])

    def _to_the(self, x: Fraction, n: int) -> Fraction:
        if n < 0:
            if not x[0]:
                raise TooLarge("division", got="0")
            x, n = (x[1], x[0]), -n
        if n > _HIGHEST and (len(x[0]) > 1 or len(x[1]) > 1):
            raise TooLarge("power", got=n)
        result: Fraction = (self.ring.one, self.ring.one)
        if len(x[0]) <= 1 and len(x[1]) <= 1:
            return x[0] ** n if n else self.ring.one, x[1] ** n if n else self.ring.one
        for _ in range(n):
            result = self._product(result, x)
        return result

    def _times(self, p: PolyElement, q: PolyElement) -> PolyElement:
        self._check()
        if len(p) * len(q) > _LARGEST:
            raise TooLarge("product", got=f"{len(p)} by {len(q)} terms")
        return p * q

    def _reduced(self, numerator: PolyElement) -> PolyElement:
        """The numerator with g^q replaced by the base wherever g is its q-th root."""
        for root, q in self.roots.items():  # an outer root before those inside its base
            numerator = self._without_powers(
                numerator, self.where[root], q, self._fraction(root**q)
            )
        for cosine, generator in self.where.items():
            if isinstance(cosine, sympy.cos):
                _, sine = sympy.sin(*cosine.args).as_coeff_Mul()  # sin(-u) is -sin(u)
                if sine in self.where:
                    square = self._fraction(1 - sine**2)
                    numerator = self._without_powers(numerator, generator, 2, square)
        return numerator

    def _without_powers(
        self, p: PolyElement, g: PolyElement, q: int, base: Fraction
    ) -> PolyElement:
        """`p` with den g^q = num put in until no g^q is left; times a power of den, not zero."""
        index = self.ring.gens.index(g)
        while p and p.degree(index) >= q:
            high, low = self.ring.zero, self.ring.zero
            for monomial, coefficient in p.terms():
                if monomial[index] >= q:
                    lowered = (*monomial[:index], monomial[index] - q, *monomial[index + 1 :])
                    high += self.ring({lowered: coefficient})
                else:
                    low += self.ring({monomial: coefficient})
            p = self._times(high, base[0]) + self._times(low, base[1])
        return p

    def _check(self) -> None:
        if time.monotonic() > self.deadline:
            raise TooLarge("time", got="the deadline has passed")


def _power_of_e(t: Expr, q: int) -> Expr:
    return exp(t / Integer(q)) if q != 1 else exp(t)


def _outside_in(e: Expr) -> Iterator[Expr]:
    """The nodes that may be generators: what is left when sums, products and powers are opened."""
    stack = [e]
    while stack:
        node = stack.pop()
        if isinstance(node, Rational):
            continue
        if isinstance(node, Add | Mul):
            stack.extend(node.args)
        elif isinstance(node, Pow) and node.exp.is_Rational and not isinstance(node, exp):
            stack.append(node.base)
            if not node.exp.is_Integer:
                yield node
        else:
            yield node
