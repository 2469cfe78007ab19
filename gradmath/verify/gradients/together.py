"""A large array led to its breakpoints all at once.

A comparison that depends on one entry alone, as those of ``np.maximum(x, 0)`` do, is met by moving
that entry, and entries do not get in each other's way.  So the comparisons of hundreds of entries
are looked at from both sides in a few points: first those that each entry meets first, then those
that it meets next.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from gradmath.verify import balls
from gradmath.verify.gradients.intervals import beside
from gradmath.verify.gradients.number import Number, Undefined
from gradmath.verify.gradients.places import Point
from gradmath.verify.gradients.pointwise import numbers_in, replaced
from gradmath.verify.gradients.tape_words import as_float
from gradmath.verify.gradients.trace import Trace

#: with fewer comparisons of single entries each of them is followed by itself
FEWEST: Final = 8
#: so many comparisons of each entry are met, one after the other
_LAYERS: Final = 6
#: so many steps of Newton's method lead there
_STEPS: Final = 5
#: a step of this share has arrived
_ARRIVED: Final = 1e-9

#: runs the formula at a point: its tape, its inputs, and the comparisons by what is compared
Look = Callable[[Point], tuple[Trace, list[Number], Mapping[int, Number]] | None]
Allowed = Callable[[Point, int, float], bool]


def groups(look: Look, allowed: Allowed, start: Point) -> Iterator[list[Point]]:
    """Points on both sides of the breakpoints of all entries, a group for each layer."""
    found = look(start)
    if found is None:
        return
    owners = _owners(*found)
    by_entry: dict[int, list[int]] = {}
    for key, entry in owners.items():
        by_entry.setdefault(entry, []).append(key)
    if len(owners) < FEWEST:
        return
    for layer in range(min(_LAYERS, max(map(len, by_entry.values())))):
        keys = {e: each[layer] for e, each in by_entry.items() if layer < len(each)}
        places = _met(look, start, keys)
        if places:
            yield list(_beside(start, places, allowed))


def singles(trace: Trace, inputs: list[Number], decisions: Mapping[int, Number]) -> int:
    """How many comparisons depend on one entry alone."""
    return len(_owners(trace, inputs, decisions))


def _owners(trace: Trace, inputs: list[Number], decisions: Mapping[int, Number]) -> dict[int, int]:
    """The comparisons that depend on one entry alone, each with that entry."""
    places = {number.place: entry for entry, number in enumerate(inputs)}
    found = {}
    for key, difference in decisions.items():
        entry = _only(trace, difference.place, places)
        if entry is not None:
            found[key] = entry
    return found


def _only(trace: Trace, place: int, inputs: Mapping[int, int]) -> int | None:
    """The one entry that a place on the tape depends on; None for none and for several."""
    waiting, seen, found = [place], {place}, set[int]()
    while waiting:
        at = waiting.pop()
        if at in inputs:
            found.add(inputs[at])
            if len(found) > 1:
                return None
        for operand in trace.entries[at].operands:
            if operand >= 0 and operand not in seen:
                seen.add(operand)
                waiting.append(operand)
    return next(iter(found), None)


def _met(look: Look, start: Point, keys: Mapping[int, int]) -> dict[int, float]:
    """Where the chosen comparison of each entry is 0; without those that are not reached."""
    values = [x for _, x in numbers_in(start)]
    reached: dict[int, float] = {}
    point, moving = start, dict(keys)
    for _ in range(_STEPS):
        found = look(point)
        if found is None or not moving:
            break
        steps = _steps(*found, moving)
        for entry in list(moving):
            if moving[entry] not in found[2] and entry in reached:
                del moving[entry]  # another comparison stands before it now; exact if it is linear
                continue
            step = steps.get(entry, math.inf)
            x = values[entry] + step
            if not math.isfinite(x):
                reached.pop(entry, None)
                del moving[entry]
                continue
            values[entry] = reached[entry] = x
            if abs(step) <= _ARRIVED * abs(x):
                del moving[entry]
        point = replaced(start, reached)
    return reached


def _steps(
    trace: Trace, inputs: list[Number], decisions: Mapping[int, Number], keys: Mapping[int, int]
) -> dict[int, float]:
    """A Newton step for each entry; one sweep of the sum gives all the slopes."""
    chosen = {e: decisions[key] for e, key in keys.items() if key in decisions}
    chosen = {e: d for e, d in chosen.items() if not isinstance(d.value, Undefined)}
    if not chosen:
        return {}
    total: Any = None
    for difference in chosen.values():
        total = difference if total is None else total + difference
    try:
        slopes = trace.sweep(total)
    except (balls.Undecided, balls.UndefinedHere):
        return {}
    steps = {}
    for entry, difference in chosen.items():
        slope, value = as_float(slopes[inputs[entry].place]), as_float(difference.value)
        if slope and math.isfinite(value / slope):
            steps[entry] = -value / slope
    return steps


def _beside(start: Point, places: Mapping[int, float], allowed: Allowed) -> Iterator[Point]:
    """All entries below, above, and a little farther off on either side."""
    around = {entry: _around(x, n + 1) for n, (entry, x) in enumerate(places.items())}
    for n in range(min(map(len, around.values()))):
        moved = {entry: each[n] for entry, each in around.items() if allowed(start, entry, each[n])}
        if moved:
            yield replaced(start, moved)


def _around(x: float, n: int) -> list[float]:
    """On both sides, `n` doubles and `n` float32 off: no two entries tie where none tied before."""
    at, below, above, *farther = beside(x)
    off, step = math.ulp(x), n * (above - at)
    return [x - n * off, x + n * off, at - n * (at - below), at + step, *farther[:2]]
