"""Comparisons of many entries at once, met along their gradient.

Whether a norm exceeds a threshold depends on all entries, and one of them alone may not reach so
far.  All entries together do: Newton's method along the gradient of what is compared leads to where
it is 0, and the points on both sides of that place are looked at.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from typing import Final

import numpy as np

from gradmath.verify import balls
from gradmath.verify.gradients.number import Number, Undefined
from gradmath.verify.gradients.places import Point
from gradmath.verify.gradients.pointwise import numbers_in, replaced
from gradmath.verify.gradients.tape_words import as_float
from gradmath.verify.gradients.together import Allowed, Look
from gradmath.verify.gradients.trace import Trace

#: so many comparisons are tried, and at the most so many places looked at for a number of entries
_TRIED, _PLACES, _FEWEST = 12, 240, 3
#: so many comparisons of several entries are all met, whether or not both sides were seen
_ALL: Final = 6
#: so many steps lead there, and a step of this share has arrived
_STEPS, _ARRIVED = 8, 1e-13
#: how far off the place is left, in shares of the size of what is moved
_OFF: Final = (2.0**-40, 2.0**-22, 2.0**-10)


def groups(
    look: Look, allowed: Allowed, start: Point, sides: Mapping[int, Collection[int]]
) -> Iterator[list[Point]]:
    """Points on both sides of comparisons of several entries, a group for each.

    `sides` are the signs with which each comparison was met so far.
    """
    found = look(start)
    if found is None:
        return
    keys = _shared(*found)
    if len(keys) > _ALL:
        keys = [key for key in keys if len(sides.get(key, ())) < 2]
    entries = sum(1 for _ in numbers_in(start))
    left = max(_FEWEST, _PLACES // entries)
    for key in keys[:_TRIED]:
        place = _met(look, allowed, start, key)
        if place is not None:
            yield list(_beside(allowed, *place))
            left -= 1
        if not left:
            return


def _shared(trace: Trace, inputs: list[Number], decisions: Mapping[int, Number]) -> list[int]:
    """The comparisons that depend on more than two entries."""
    found = []
    for key, difference in list(decisions.items())[: 16 * _TRIED]:
        if len(trace.inputs_of([difference.place])) > 2:
            found.append(key)
    return found


def _met(look: Look, allowed: Allowed, point: Point, key: int) -> tuple[Point, np.ndarray] | None:
    """Where a comparison is 0, and the direction in which it grows there; None if not reached."""
    direction: np.ndarray | None = None
    for _ in range(_STEPS):
        found = look(point)
        if found is None or key not in found[2]:
            return None
        step = _step(*found, key)
        if step is None:
            return None
        distance, direction = step
        values = np.array([x for _, x in numbers_in(point)])
        moved = values - distance * direction
        free = [n for n, x in enumerate(moved) if direction[n] and allowed(point, n, float(x))]
        if not free:
            return None
        point = replaced(point, {n: float(moved[n]) for n in free})
        if abs(distance) <= _ARRIVED * float(np.max(np.abs(values[free]))):
            return point, direction
    return None


def _step(
    trace: Trace, inputs: list[Number], decisions: Mapping[int, Number], key: int
) -> tuple[float, np.ndarray] | None:
    """How far off the place lies to first order, and the unit vector along the gradient."""
    difference = decisions[key]
    if isinstance(difference.value, Undefined):
        return None
    try:
        slopes = trace.sweep(difference)
    except (balls.Undecided, balls.UndefinedHere):
        return None
    gradient = np.array([as_float(slopes[n.place]) if n.place < len(slopes) else 0.0
                         for n in inputs])  # fmt: skip
    largest = float(np.max(np.abs(gradient), initial=0.0))
    if not largest or not math.isfinite(largest):
        return None
    size = largest * float(np.linalg.norm(gradient / largest))
    distance = as_float(difference.value) / size
    return (distance, gradient / size) if math.isfinite(distance) else None


def _beside(allowed: Allowed, point: Point, direction: np.ndarray) -> Iterator[Point]:
    values = np.array([x for _, x in numbers_in(point)])
    size = float(np.linalg.norm(values[direction != 0])) or 1.0
    for off in _OFF:
        for sign in (-1, 1):
            moved = values + sign * off * size * direction
            yield replaced(
                point, {n: float(x) for n, x in enumerate(moved) if allowed(point, n, float(x))}
            )
