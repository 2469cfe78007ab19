"""Deterministic rational points of a domain: where a statement is tried, and how it is broken."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

import sympy as sp

from gradmath.errors import DeclarationError

Domain = Mapping[sp.Symbol, sp.Set]
Point = dict[sp.Symbol, sp.Rational]

#: offsets from a finite end of a half line, or from 0 both ways on the whole line
_OFFSETS = tuple(
    sp.Rational(text)
    for text in ("1/2", "1", "2", "1/9", "3", "5/4", "7", "7/3", "1/100", "13/2", "20", "41/10")
)
#: shares of a bounded interval
_SHARES = tuple(
    sp.Rational(text)
    for text in ("1/2", "1/3", "3/4", "1/9", "9/10", "2/7", "5/8", "1/50", "49/50", "3/7")
)
_STRIDES = (1, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73)


def rational(value: object) -> sp.Rational:
    """An exact rational for a Python or SymPy number (floats by their exact binary value)."""
    if isinstance(value, float):
        fraction = Fraction(value)
        return sp.Rational(fraction.numerator, fraction.denominator)
    return sp.Rational(value)


def candidates(allowed: sp.Set) -> list[sp.Rational]:
    """Some rational members of a set of reals: ends that belong to it, small and large ones.

    >>> import sympy as sp
    >>> candidates(sp.Interval(0, 1))[:4]
    [0, 1, 1/2, 1/3]
    """
    found = list(_members(allowed))
    if not found:
        raise DeclarationError("domain", got=str(allowed), allowed="a set with rational members")
    return found


@functools.cache  # asked for every symbol of every statement, and SymPy's sets are slow
def _members(allowed: sp.Set) -> tuple[sp.Rational, ...]:
    kept = (number for number in _raw(allowed) if allowed.contains(number) == sp.true)
    return tuple(dict.fromkeys(kept))


def _raw(allowed: sp.Set) -> list[sp.Rational]:
    if isinstance(allowed, (sp.FiniteSet, sp.Range)):
        return [sp.Rational(member) for member in allowed]
    if isinstance(allowed, sp.Complement):
        return _raw(allowed.args[0])
    if isinstance(allowed, sp.Union):
        return [number for part in allowed.args for number in _raw(part)]
    low, high = allowed.inf, allowed.sup
    if low.is_infinite and high.is_infinite:
        return [sp.Integer(0), *(sign * step for step in _OFFSETS for sign in (1, -1))]
    if high.is_infinite:
        return [low, *(low + step for step in _OFFSETS)]
    if low.is_infinite:
        return [high, *(high - step for step in _OFFSETS)]
    return [low, high, *(low + share * (high - low) for share in _SHARES)]


def points(domain: Domain, count: int) -> Iterator[Point]:
    """The first `count` points of a fixed sequence that varies every symbol.

    One symbol runs through its candidates in order; with several, each moves with a stride of its
    own, so that no two march together.
    """
    symbols = sorted(domain, key=lambda symbol: symbol.name)
    if len(symbols) > len(_STRIDES):
        strides: Sequence[int] = [2 * index + 1 for index in range(len(symbols))]
    else:
        strides = _STRIDES
    lists = [candidates(domain[symbol]) for symbol in symbols]
    seen: set[tuple[sp.Rational, ...]] = set()
    for index in range(count):
        # the quotient shifts the phase once a list has been run through
        chosen = tuple(
            numbers[(index * stride + place + index // len(numbers)) % len(numbers)]
            for place, (stride, numbers) in enumerate(zip(strides, lists, strict=False))
        )
        if chosen not in seen:
            seen.add(chosen)
            yield dict(zip(symbols, chosen, strict=True))
