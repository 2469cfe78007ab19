"""How a breakpoint is left: by less than any format can hold, in several directions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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
_LEADING: Final = 64


@dataclass(frozen=True)
class Leaving:
    """The entries by which a breakpoint is left: the comparisons that meet a 0 depend on no others.

    `tied` says that some comparison there depends on several of them, as where two are equal.
    """

    entries: tuple[int, ...] = ()
    tied: bool = False


def shifts(entries: Sequence[float], leaving: Leaving, closer: bool) -> Iterator[list[Fraction]]:
    """What is added to the entries, one direction after the other; others stay where they are."""
    steps = {entry: _step(entries[entry], closer) for entry in leaving.entries}
    for direction in _directions(len(steps), leaving.tied):
        found = [Fraction(0)] * len(entries)
        for entry, along in zip(steps, direction, strict=True):
            found[entry] = steps[entry] * along
        yield found


def _directions(count: int, tied: bool) -> Iterator[list[Fraction]]:
    """Directions off a breakpoint: both signs, and where several are tied each leading in turn.

    Where several numbers tie for the largest, each of them wins on one side.
    """
    if count == 1:
        yield from ([Fraction(1)], [Fraction(-1)])
        return
    for n in range(max(_DIRECTIONS, 2 * min(count, _LEADING) if tied else 0)):
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
