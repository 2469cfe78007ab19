"""How a breakpoint is left: by less than any format can hold, in several directions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Final

from flint import arb

from gradmath.verify.gradients.places import Sequence32

#: how far off a breakpoint its sides are looked at, relative and absolute
_BESIDE, _BESIDE_ZERO = Fraction(1, 2**400), Fraction(1, 2**1200)
_CLOSER: Final = Fraction(1, 2**1000)
#: by how much the points close to a breakpoint are closer, less some bits for good measure
CLOSER: Final = arb(2) ** 990
#: fewer bits do not tell such points from the breakpoint
BITS, BITS_CLOSER = 512, 2048
#: how many directions a breakpoint of several numbers is left in
_DIRECTIONS: Final = 6
#: and at the most so many of them lead in turn
_LEADING: Final = 16


def shifts(entries: Sequence[float], closer: bool) -> Iterator[list[Fraction]]:
    """What is added to the entries, one direction after the other."""
    for direction in _directions(len(entries)):
        yield [_step(x, closer) * along for x, along in zip(entries, direction, strict=True)]


def _directions(count: int) -> Iterator[list[Fraction]]:
    """Directions off a breakpoint: both signs, and each of a few numbers leading in turn.

    Where several numbers tie for the largest, each of them wins on one side.
    """
    if count == 1:
        yield from ([Fraction(1)], [Fraction(-1)])
        return
    for n in range(max(_DIRECTIONS, 2 * min(count, _LEADING))):
        draw, sign = Sequence32(n // 2 * 1000), 1 - 2 * (n % 2)
        direction = [Fraction(sign * draw.next()) for _ in range(count)]
        if n >= _DIRECTIONS or count > _DIRECTIONS // 2:
            direction[n // 2 % count] = Fraction(2 * sign)
        yield direction


def _step(x: float, closer: bool) -> Fraction:
    size = abs(Fraction(x))
    step = _BESIDE * max(Fraction(1), size)
    if size and size < Fraction(1, 2**300):
        step = _BESIDE_ZERO
    return step * _CLOSER if closer else step
