"""Means over chance, written out: over independent two-point weights, and over normal numbers.

A two-point law takes the value u with probability v/(u + v) and -v with probability u/(u + v).  Its
mean is 0 and its variance u v.  Every law with mean 0 and finite variance is a mixture of such
laws (it is how Skorokhod embedded random walks), so what holds for independent two-point weights,
each with numbers u and v of its own, holds for independent weights with mean 0 of every law.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import sympy as sp

from gradmath.claims.symbols import Positive


@dataclass(frozen=True)
class TwoPoint:
    """A weight that is `high` or `-low`, with mean 0."""

    high: sp.Symbol
    low: sp.Symbol

    @property
    def variance(self) -> sp.Expr:
        """high * low: the mean of the square."""
        return self.high * self.low

    @property
    def outcomes(self) -> tuple[tuple[sp.Expr, sp.Expr], ...]:
        """Both values, each with its probability."""
        whole = self.high + self.low
        return ((self.high, self.low / whole), (-self.low, self.high / whole))

    @property
    def domain(self) -> dict[sp.Symbol, sp.Set]:
        """Both numbers are positive."""
        return {self.high: Positive, self.low: Positive}


def two_point(name: str) -> TwoPoint:
    """A law whose numbers carry the name."""
    high, low = sp.symbols(f"u_{name} v_{name}", positive=True)
    return TwoPoint(high, low)


def mean(of: Callable[..., sp.Expr], laws: Sequence[TwoPoint]) -> sp.Expr:
    """The mean of `of(w1, w2, ...)` over independent weights: all outcomes, with their chances."""
    total = []
    for outcome in itertools.product(*(law.outcomes for law in laws)):
        values, chances = zip(*outcome, strict=True)
        total.append(sp.Mul(*chances) * of(*values))
    return sp.Add(*total)


def normal_mean(polynomial: sp.Expr, variables: Sequence[sp.Symbol]) -> sp.Expr:
    """The mean of a polynomial in independent standard normal variables.

    E Z^k is 0 for odd k and 1 * 3 * ... * (k - 1) for even k.

    >>> x, y = sp.symbols("x y")
    >>> normal_mean(x**4 * y**2 + x * y + 5, [x, y])
    8
    """
    found = sp.Poly(sp.expand(polynomial), *variables)
    return sp.Add(
        *(factor * sp.Mul(*(moment(power) for power in powers)) for powers, factor in found.terms())
    )


def moment(power: int) -> sp.Integer:
    """E Z^power for a standard normal Z."""
    return sp.Integer(0) if power % 2 else sp.Integer(sp.factorial2(power - 1))


def domain(*laws: TwoPoint) -> Mapping[sp.Symbol, sp.Set]:
    """The domain of the numbers of several laws."""
    return {symbol: allowed for law in laws for symbol, allowed in law.domain.items()}
