r"""Arithmetic on a half line [M, oo): rigorous sums of terms c z^m e^(-q(z)).

No ball reaches from M to infinity, so a function is written there as a finite sum of terms

    c z^m e^(-q(z)),    c a ball (or an exact number), m an integer, q a polynomial,

equal to it for every z >= M.  Small terms are folded into larger ones by what they are worth at
most, which is their quotient at M, once that quotient is known to fall from M on.  The balls c hold
all remainders, so that a sum is an identity and not an approximation; the largest term then decides
the sign for all z >= M, and an integral over the half line has a bound.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import flint
import sympy
from flint import arb, fmpq

from gradmath.errors import GradmathError
from gradmath.verify import balls
from gradmath.verify.lower import State, lower

Coefficient = Any  # sympy.Expr where exact | arb; neither library has type stubs
#: q(z) as (power, coefficient) pairs by falling power; () is q = 0
Exponent = tuple[tuple[int, sympy.Expr], ...]
Key = tuple[Exponent, int]
ONE: Key = ((), 0)
MOST = 14  # terms kept of a sum
_LARGE = 10**6  # constants above it stay in the exponent


class NoTail(GradmathError):
    """The function cannot be written so on this half line (perhaps on one farther out)."""


@functools.lru_cache(maxsize=4096)
def _number(value: sympy.Expr, bits: int) -> arb:
    return balls.real(balls.constant(lower(value).run(State({}))))


def ball(value: Coefficient) -> arb:
    """A coefficient as a ball of the present precision."""
    if isinstance(value, arb):
        return value
    return _number(value, flint.ctx.prec)


def _plus(x: Coefficient, y: Coefficient) -> Coefficient:
    return ball(x) + ball(y) if isinstance(x, arb) or isinstance(y, arb) else x + y


def _times(x: Coefficient, y: Coefficient) -> Coefficient:
    return ball(x) * ball(y) if isinstance(x, arb) or isinstance(y, arb) else x * y


def _is_zero(x: Coefficient) -> bool:
    return bool(x.is_zero()) if isinstance(x, arb) else x == 0


def _sign(x: Coefficient) -> int:
    """The sign of a coefficient; `NoTail` where it is not certain."""
    number = ball(x)
    if number > 0:
        return 1
    if number < 0:
        return -1
    raise NoTail("sign", got=str(number))


def _joined(p: Exponent, q: Exponent, sign: int = 1) -> Exponent:
    """The exponent p + sign q."""
    total = dict(p)
    for power, coefficient in q:
        total[power] = total.get(power, sympy.S.Zero) + sign * coefficient
    joined = tuple(sorted(((n, c) for n, c in total.items() if c != 0), reverse=True))
    if joined and joined[0][0] == 0:
        raise NoTail("exponent", got="a constant beyond any range")
    return joined


def grows(key: Key) -> int:
    """1 for a term without bound, 0 for a constant one, -1 for one that goes to 0."""
    exponent, power = key
    if exponent:
        return -_sign(exponent[0][1])
    return (power > 0) - (power < 0)


def quotient(one: Key, other: Key) -> Key:
    """The key of the quotient of two terms."""
    return _joined(one[0], other[0], -1), one[1] - other[1]


def product(one: Key, other: Key) -> Key:
    """The key of the product of two terms."""
    return _joined(one[0], other[0]), one[1] + other[1]


def _compared(one: Key, other: Key) -> int:
    return -grows(quotient(one, other))


_by_growth = functools.cmp_to_key(_compared)


@dataclass(frozen=True)
class Tail:
    """The sum of `terms` on [start, oo)."""

    terms: Mapping[Key, Coefficient]
    start: fmpq

    # -- what the terms are worth ---------------------------------------------------------------

    def ordered(self) -> list[Key]:
        """The keys, that of the largest term for large z first."""
        return sorted(self.terms, key=_by_growth)

    def reach(self, key: Key) -> arb:
        """A ball that holds z^m e^(-q(z)) for all z >= start, for a term that does not grow."""
        if key == ONE:
            return arb(1)
        if grows(key) > 0:
            raise NoTail("term", got="a term without bound")
        self.falling(key, arb(0))
        return arb(0).union(self.value(key))

    def value(self, key: Key) -> arb:
        """The term at `start` without its coefficient."""
        start = arb(self.start)
        power = sum((ball(c) * start**n for n, c in key[0]), arb(0))
        return start ** key[1] * (-power).exp()

    def falling(self, key: Key, rate: arb) -> None:
        """Make sure that the term falls from `start` on, by at least the share `rate` a unit.

        z q'(z) - m - rate z >= 0 for z >= start is read off its coefficients in t = z - start.
        """
        slope = {0: arb(-key[1]), 1: -rate}
        for n, c in key[0]:
            slope[n] = slope.get(n, arb(0)) + n * ball(c)
        for shifted in _shift(slope, arb(self.start)):
            if not shifted >= 0:
                raise NoTail("start", got=str(self.start), remedy="it must lie farther out")

    def total(self) -> arb:
        """A ball that holds all values on the half line."""
        return sum((ball(c) * self.reach(key) for key, c in self.terms.items()), arb(0))

    def sign(self) -> int:
        """The sign of the sum at every z >= start; 0 for a sum without terms."""
        if not self.terms:
            return 0
        lead = self.ordered()[0]
        sign = _sign(self.terms[lead])
        if not 1 + self._rest(lead).total() > 0:
            raise NoTail("start", got=str(self.start), remedy="the largest term must prevail")
        return sign

    def limit(self) -> Coefficient:
        """The limit for z -> oo, possibly infinite."""
        if not self.terms:
            return sympy.S.Zero
        lead = self.ordered()[0]
        if grows(lead) > 0:
            return sympy.oo * _sign(self.terms[lead])
        return self.terms.get(ONE, sympy.S.Zero)

    def integral(self) -> arb:
        """An upper bound of the integral of the absolute value over the half line.

        A term whose logarithm falls by at least `rate` a unit has an integral of at most its value
        at `start` divided by `rate`.
        """
        bound = arb(0)
        start = arb(self.start)
        for key, coefficient in self.terms.items():
            steep = (sum((n * ball(c) * start ** (n - 1) for n, c in key[0]), -key[1] / start)) / 2
            if not steep > 0:
                raise NoTail("term", got="a term that does not fall exponentially")
            rate = arb(steep.lower())
            self.falling(key, rate)
            bound += abs(ball(coefficient)) * self.value(key) / rate
        return bound

    # -- arithmetic ------------------------------------------------------------------------------

    def _made(self, terms: Mapping[Key, Coefficient]) -> Tail:
        """A sum with these terms, the smallest folded into the last one kept."""
        made = Tail({key: c for key, c in terms.items() if not _is_zero(c)}, self.start)
        if len(made.terms) <= MOST:
            return made
        keys = made.ordered()
        kept = {key: made.terms[key] for key in keys[:MOST]}
        last = keys[MOST - 1]
        for key in keys[MOST:]:
            share = ball(made.terms[key]) * self.reach(quotient(key, last))
            kept[last] = _plus(kept[last], share)
        return Tail(kept, self.start)

    def constant(self, value: Coefficient) -> Tail:
        """A constant on the same half line."""
        return self._made({ONE: value})

    def __add__(self, other: Tail) -> Tail:
        total = dict(self.terms)
        for key, c in other.terms.items():
            total[key] = _plus(total[key], c) if key in total else c
        return self._made(total)

    def __neg__(self) -> Tail:
        return self.scaled(sympy.S.NegativeOne)

    def scaled(self, factor: Coefficient) -> Tail:
        """The sum times a number."""
        return self._made({key: _times(c, factor) for key, c in self.terms.items()})

    def __mul__(self, other: Tail) -> Tail:
        total: dict[Key, Coefficient] = {}
        for one, c in self.terms.items():
            for two, d in other.terms.items():
                key = product(one, two)
                term = _times(c, d)
                total[key] = _plus(total[key], term) if key in total else term
        return self._made(total)

    def _rest(self, lead: Key) -> Tail:
        """eta in: sum = leading term * (1 + eta)."""
        c = self.terms[lead]
        inverse = 1 / c if not isinstance(c, arb) else 1 / ball(c)
        return self._made(
            {
                quotient(key, lead): _times(d, inverse)
                for key, d in self.terms.items()
                if key != lead
            }
        )

    def _split(self) -> tuple[Key, Coefficient, Tail, arb]:
        """Leading key, its coefficient, eta, and a ball of eta, which must lie above -1."""
        if not self.terms:
            raise NoTail("division", got="0")
        lead = self.ordered()[0]
        _sign(self.terms[lead])
        rest = self._rest(lead)
        size = rest.total()
        if not abs(size) < 1:
            raise NoTail("start", got=str(self.start), remedy="the largest term must prevail")
        return lead, self.terms[lead], rest, size

    def reciprocal(self) -> Tail:
        """1/x: the geometric sum of eta, with the exact remainder -eta^3/(1 + eta)."""
        lead, c, eta, size = self._split()
        square = eta * eta
        bracket = (
            self.constant(sympy.S.One) + -eta + square + (square * eta).scaled(-1 / (1 + size))
        )
        inverse = 1 / c if not isinstance(c, arb) else 1 / ball(c)
        return bracket * self._made({quotient(ONE, lead): inverse})

    def exp(self) -> Tail:
        """e^x: what grows becomes an exponent, the constant a factor, the rest a Taylor sum."""
        exponent: list[tuple[int, sympy.Expr]] = []
        constant: Coefficient = sympy.S.Zero
        small: dict[Key, Coefficient] = {}
        for key, c in self.terms.items():
            growth = grows(key)
            if key == ONE:
                constant = c
            elif growth < 0:
                small[key] = c
            elif key[0] or isinstance(c, arb):
                raise NoTail("exp", got="an argument that is no exact polynomial")
            else:
                exponent.append((key[1], -c))
        if exponent and not isinstance(constant, arb) and abs(constant) > _LARGE:
            exponent.append((0, -constant))  # its exponential may leave even Arb's range
            constant = sympy.S.Zero
        factor = sympy.S.One if _is_zero(constant) else ball(constant).exp()
        lead = self._made({(tuple(sorted(exponent, reverse=True)), 0): factor})
        if not small:
            return lead
        s = self._made(small)
        between = arb(0).union(s.total()).exp()  # e^xi in the remainder s^3/6 e^xi
        square = s * s
        series = self.constant(sympy.S.One) + s + square.scaled(sympy.S.Half)
        return lead * (series + (square * s).scaled(between / 6))

    def log(self) -> Tail:
        """Take the logarithm: -q, log c and a Taylor sum; the leading term has no power of z."""
        (exponent, power), c, eta, size = self._split()
        if power or _sign(c) < 0:
            raise NoTail("log", got="a power of z, or a negative number")
        terms: dict[Key, Coefficient] = {((), n): -d for n, d in exponent}
        if isinstance(c, arb) or c != 1:  # a ball is never known to be 1
            terms[ONE] = ball(c).log()
        square = eta * eta
        between = arb(0).union(size)
        remainder = (square * eta).scaled(1 / (3 * (1 + between) ** 3))
        return self._made(terms) + eta + square.scaled(-sympy.S.Half) + remainder

    def erfc(self) -> Tail:
        """Enclose the complementary error function of an x that goes to infinity.

        It lies in e^(-x^2)/(x sqrt(pi)) [1 - 1/(2 x^2), 1].
        Integrating e^(-t^2) = (1/(2t)) 2t e^(-t^2) by parts from x > 0 gives e^(-x^2)/(2x) less a
        positive integral, which the same step bounds by e^(-x^2)/(4 x^3).
        """
        lead, c, _, _ = self._split()
        if grows(lead) <= 0 or _sign(c) < 0:
            raise NoTail("erfc", got="an argument that does not go to infinity")
        inverse = self.reciprocal()
        least = 1 - (inverse * inverse).total() / 2
        share = least.union(arb(1)) / arb.pi().sqrt()
        return (-(self * self)).exp() * inverse.scaled(share)


def _shift(polynomial: Mapping[int, arb], start: arb) -> Iterator[arb]:
    """The coefficients in t of a polynomial in z = start + t."""
    degree = max(polynomial)
    for k in range(degree + 1):
        yield sum(
            (
                c * start ** (n - k) * int(sympy.binomial(n, k))
                for n, c in polynomial.items()
                if n >= k
            ),
            arb(0),
        )
