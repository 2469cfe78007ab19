"""Quotients and logarithms of sums of exponentials of several arguments: softmax and its kin.

With M = max t_k every sum of positive terms is e^M sum c_k e^(t_k - M), in which no exponential is
beyond 1 and one of them is 1.  A quotient of such sums is written in what is left when the powers
of e^M are taken together, a logarithm as

    log(sum c_k e^(t_k)) = M + log(sum c_k e^(t_k - M))
    log(1 + sum c_k e^(t_k)) = M + log1p(sum c_k e^(t_k - M) + (e^(-M) - 1)),  M = max(0, t_k)

which is exact for every M, and so is the form.  A difference e^s - e^t is
sign(s - t) e^M (1 - e^(-|s - t|)) with M = max(s, t), which does not cancel.  Terms that differ
from a logarithm by an exponent go into it, as in -log(e^a/(e^a + e^b)) = log(1 + e^(b - a)): a
vanished loss keeps its digits.

Source: P. Blanchard, D. J. Higham, N. J. Higham, IMA J. Numer. Anal. 41 (2021) 2311, for the
rounding errors of both.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from sympy import Abs, Add, Expr, Integer, Max, Mul, Rational, cosh, exp, log, sign, sinh
from sympy.codegen.cfunctions import expm1, log1p

from gradmath.stable.exponentials import (
    Sum,
    exponential_sum,
    in_exponentials,
    is_difference,
    is_positive,
    on_one_line,
    power_of,
    quotient_of,
)
from gradmath.stable.lets import Lets

#: Products of as many exponentials are looked through for one that a numerator needs.
_PICKS = 500


@dataclass(frozen=True)
class Lines:
    """Bindings, one operation each, and the value in them."""

    bindings: tuple[tuple[Expr, Expr], ...]
    value: Expr


def in_sums(expression: Expr, *, aligned: bool = False) -> Lines | None:
    """A form of a sum, product, power or logarithm with sums of exponentials, or None.

    It is written where a denominator or a logarithm holds a sum of exponentials with positive
    numbers before them, or the difference of two.  Where all exponents are numbers times one of
    them there are better forms, for most: it is written there only if `aligned`.

    >>> from sympy import symbols
    >>> a, b = symbols("a b", real=True)
    >>> in_sums(1 / (1 + exp(a))) is None
    True
    >>> in_sums(exp(a) / (exp(a) + exp(b))).bindings[0][1]
    Max(a, b)
    """
    if not expression.has(exp, sinh, cosh):
        return None
    written = in_exponentials(expression)
    lets = Lets(frozenset(s.name for s in written.free_symbols))
    found = _Writer(lets, aligned).write(written)
    return None if found is None else Lines(tuple(lets.bindings), found)


@dataclass(frozen=True)
class _Writer:
    """Writes expressions in the bindings of `lets`."""

    lets: Lets
    aligned: bool

    def write(self, expression: Expr) -> Expr | None:
        """The value, or None."""
        if isinstance(expression, log):
            return self._logarithms([expression])
        return self._sum(expression) if expression.is_Add else self._product(expression)

    def _is_ours(self, terms: Sum | None) -> bool:
        """Whether sums like this are written here."""
        if terms is None or len(terms) < 2 or not (is_positive(terms) or is_difference(terms)):
            return False
        return self.aligned or not on_one_line(terms)

    def _sums_below(self, term: Expr) -> set[Expr]:
        """Our sums that a term, or a factor in it, is divided by."""
        found = set()
        for factor in Mul.make_args(term):
            if not factor.has(exp) or isinstance(factor, exp):
                continue
            if factor.is_Pow and factor.exp.is_Rational and factor.exp.is_negative:
                if factor.base.is_Add and self._is_ours(exponential_sum(factor.base)):
                    found.add(factor.base)
            elif factor.is_Add and _is_rational(factor):
                found.update(*map(self._sums_below, factor.args))
        return found

    def _sum(self, expression: Expr) -> Expr | None:
        """A sum: its quotients by the same sums are one, and its logarithms take exponents in."""
        groups: list[tuple[set[Expr], list[Expr]]] = []
        others: list[Expr] = []
        for term in expression.args:
            own, terms = self._sums_below(term), [term]
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
            value = self._quotient(Add(*terms, *numbers), alike=True) if numbers else None
            if value is not None:  # 1 - e^a/(e^a + e^b) is e^b/(e^a + e^b)
                others = [term for term in others if not term.is_number]
            else:
                value = self._quotient(Add(*terms))
            if value is None:
                others += terms
            else:
                written.append(value)
        rest = self._logarithms(others)
        if rest is None and not written:
            return None
        return Add(*written, rest if rest is not None else Add(*others))

    def _product(self, expression: Expr) -> Expr | None:
        """A product: what is a sum of exponentials in it, or divides by one, is one quotient."""
        if not self._sums_below(expression):
            return None
        inside: list[Expr] = []
        outside: list[Expr] = []
        for factor in Mul.make_args(expression):
            (inside if _is_rational(factor) else outside).append(factor)
        value = self._quotient(Mul(*inside))
        return None if value is None else Mul(*outside, value)

    def _quotient(self, expression: Expr, alike: bool = False) -> Expr | None:
        """Exponentials over sums of them, with one maximum taken out of each sum.

        alike: None too where the numerator has terms of different signs, or of an unknown one.
        """
        above, below = quotient_of(expression)
        numerator = exponential_sum(above)
        if numerator is None:
            return None
        if alike and not (
            is_positive(numerator) or is_positive({t: -c for t, c in numerator.items()})
        ):
            return None
        divisors: list[tuple[Sum, Rational]] = []
        shift: Expr = Integer(0)  # of every exponent
        outside: Expr = Integer(1)
        for factor in Mul.make_args(below):
            if not factor.has(exp):
                outside *= factor
                continue
            base, power = power_of(factor)
            terms = exponential_sum(base)
            if terms is None or not power.is_Rational:
                return None
            if not (is_positive(terms) or is_difference(terms)):
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
        return self._written(shifted, divisors) / outside

    def _written(self, numerator: Sum, divisors: Sequence[tuple[Sum, Rational]]) -> Expr:
        lets = self.lets
        tops: list[tuple[Expr, Rational]] = []
        parts: list[list[tuple[Expr, Expr]]] = []  # of each sum, exponents and exponentials
        below: list[Expr] = []
        for terms, power in divisors:
            top, scaled, total = self._scaled(terms)
            tops.append((top, power))
            parts += [scaled] * int(power)
            below.append(lets.power(total, int(power)))
            if rest := power - int(power):
                below.append(total**rest)
        if is_difference(numerator):
            top, _, total = self._scaled(numerator)
            above = lets.product(exp(self._less(top, tops)), total)
            return lets.quotient(above, lets.product(*below))
        picks = _picks(parts) if all(power.is_Integer for _, power in divisors) else {}
        written = []
        for t, c in numerator.items():
            factors = picks.get(t)
            if factors is None:
                factors = [exp(self._less(t, tops))]
            written.append(lets.product(*factors, c))
        return lets.quotient(lets.total(*written), lets.product(*below))

    def _scaled(self, terms: Sum) -> tuple[Expr, list[tuple[Expr, Expr]], Expr]:
        """The largest exponent M; exponents with their exponentials over e^M; the sum over e^M.

        A difference is written without the two exponentials.
        """
        lets = self.lets
        exponents = [lets.bind(t) for t in terms]
        top = lets.bind(Max(*exponents))
        if is_difference(terms):
            gap = lets.bind(exponents[0] - exponents[1])
            size = lets.bind(-lets.bind(expm1(lets.bind(-lets.bind(Abs(gap))))))
            return top, [], lets.product(sign(gap), size, next(iter(terms.values())))
        scaled = [
            (t, lets.bind(exp(lets.bind(exponent - top))))
            for t, exponent in zip(terms, exponents, strict=True)
        ]
        return top, scaled, lets.total(*(lets.product(e, terms[t]) for t, e in scaled))

    def _less(self, exponent: Expr, tops: Sequence[tuple[Expr, Rational]]) -> Expr:
        """An exponent less what was taken out, so many times each."""
        left = self.lets.bind(exponent)
        for top, power in tops:
            for _ in range(int(power)):
                left = self.lets.bind(left - top)
            if rest := power - int(power):
                left = self.lets.bind(left - self.lets.product(top, rest))
        return left

    def _logarithms(self, terms: Sequence[Expr]) -> Expr | None:
        """The sum of these terms, each logarithm of sums written out; None where there is none."""
        logs: list[tuple[Expr, Sum]] = []
        rest: list[Expr] = []
        for term in terms:
            found = self._log_of_sums(term)
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
            written.append(factor * self._logarithm(taken))
        return Add(left, *written)

    def _log_of_sums(self, term: Expr) -> tuple[list[tuple[Expr, Sum]], list[Expr]] | None:
        """A multiple of log(P/Q) as multiples of logarithms of sums, and of single exponents."""
        calls = [f for f in Mul.make_args(term) if isinstance(f, log) and f.has(exp)]
        if len(calls) != 1:
            return None
        factor = term / calls[0]
        sums: list[tuple[Expr, Sum]] = []
        singles: list[Expr] = []
        ours, differences = False, 0
        for part, side in zip(quotient_of(calls[0].args[0]), (1, -1), strict=True):
            for piece in Mul.make_args(part):
                base, power = power_of(piece)
                own = exponential_sum(base)
                if own is None or not power.is_Rational:
                    return None
                if is_difference(own):
                    differences += 1 if abs(power) == 1 else 2
                elif not is_positive(own):
                    return None
                ours = ours or self._is_ours(own)
                weight = side * power * factor
                if len(own) > 1:
                    sums.append((weight, own))
                else:
                    ((t, c),) = own.items()
                    singles += [weight * t, weight * log(c)]
        # A square of a difference, or a product of two, may be positive where they are not.
        return (sums, singles) if ours and differences <= 1 else None

    def _logarithm(self, terms: Sum) -> Expr:
        lets = self.lets
        top, scaled, total = self._scaled(terms)
        if not scaled or terms.get(Integer(0)) != 1:
            return lets.total(top, log(total))
        # The 1 of the sum and the one that a maximum leaves meet in e^(-M) - 1: 0 where M = 0.
        others = lets.total(*(lets.product(e, terms[t]) for t, e in scaled if t != 0))
        return lets.total(top, log1p(lets.total(others, expm1(lets.bind(-top)))))


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


def _picks(parts: Sequence[Sequence[tuple[Expr, Expr]]]) -> dict[Expr, list[Expr]]:
    """What products of one exponential of each sum there are, by their exponents."""
    if math.prod(len(part) for part in parts) > _PICKS:
        return {}
    found: dict[Expr, list[Expr]] = {}
    for chosen in itertools.product(*parts):
        found.setdefault(Add(*(t for t, _ in chosen)), [e for _, e in chosen])
    return found


def _taken_in(factor: Expr, terms: Sum, left: Expr) -> tuple[Sum, Expr]:
    """f log(sum c_k e^(t_k)) - f t_j is f log(sum c_k e^(t_k - t_j)): taken in if it is there."""
    there = set(Add.make_args(left))
    for t in terms:
        for opposite in (-factor * t, (-factor * t).expand()):
            if t != 0 and set(Add.make_args(opposite)) <= there:
                return {other - t: c for other, c in terms.items()}, left - opposite
    return terms, left
