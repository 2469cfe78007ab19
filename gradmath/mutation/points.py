"""Exact points at which a planted mistake may show itself: not those of the checks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Final

import sympy as sp

_ORDINARY: Final = (Fraction(1), Fraction(1, 4), Fraction(5, 2), Fraction(7))
_FAR: Final = (Fraction(29), Fraction(-41), Fraction(97, 2), Fraction(-211), Fraction(401))
#: as many ordinary points of each size
_EACH: Final = 2

Point = dict[sp.Symbol, Fraction]


def points(
    symbols: Sequence[sp.Symbol], going: Sequence[sp.Symbol] | None = None
) -> Iterator[Point]:
    """Ordinary points, the same with all numbers positive, then one name after another far out.

    `going` are the names that go far out (none given: all).
    """
    ordinary = [_point(symbols, seed, scale) for scale in _ORDINARY for seed in range(1, 1 + _EACH)]
    yield from ordinary
    yield from ({s: abs(x) for s, x in at.items()} for at in ordinary[:_EACH])
    for far in _FAR:
        for symbol in symbols if going is None else going:
            yield {**ordinary[0], symbol: abs(far) if symbol.is_nonnegative else far}


def _point(symbols: Sequence[sp.Symbol], seed: int, scale: Fraction) -> Point:
    found: Point = {}
    for place, symbol in enumerate(symbols):
        residue = (37 * (place + 2) * (seed + 3) + 11 * seed) % 61 - 30
        number = scale * Fraction(2 * residue + 1, 64)
        found[symbol] = abs(number) if symbol.is_nonnegative else number
    return found
