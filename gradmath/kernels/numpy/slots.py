"""Where each intermediate array lives: the fewest buffers, reused as soon as they are free."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from gradmath.program.ir import BINARY, UNARY, Program, Shape

#: Operations that may write onto one of their own arguments.
IN_PLACE = UNARY | BINARY | {"neg_abs", "quick_exp"}

#: So many results' arrays are considered for a buffer: a program may have thousands.
_LOOKED_AT = 8

#: A buffer's shape, and whether it holds numbers or truth values.
Kind = tuple[Shape, Literal["number", "truth"]]
#: A buffer: its kind, and its number among the buffers of that kind; ~k for the k-th result.
Place = tuple[Kind, int]


@dataclass
class Slots:
    """`of[i]` is the buffer of instruction i, `scratch[i]` one it needs only while it runs."""

    of: dict[int, Place] = field(default_factory=dict)
    scratch: dict[int, Place] = field(default_factory=dict)
    counts: dict[Kind, int] = field(default_factory=dict)


def assign_slots(
    program: Program,
    buffered: Mapping[int, Kind],
    last_use: list[int],
    scratch: Collection[int] = (),
    written: Mapping[int, int] | None = None,
) -> Slots:
    """Linear scan over the program: a buffer is free again after its last reader.

    `buffered` are the instructions that need a buffer; results that the caller receives are not
    among them, since they are written into the caller's arrays.  `scratch` are the instructions
    that need one more buffer of numbers of their own shape while they run.  `written` are the
    results, with their numbers: until it is written, a result's array serves as a buffer too, and
    what is in the cache is all the less.
    """
    slots = Slots()
    of, free = slots.of, dict[Kind, list[Place]]()
    items = program.instructions
    results: dict[Kind, list[tuple[int, Place]]] = {}
    for position, number in sorted((written or {}).items()):
        kind: Kind = (items[position].shape, "number")
        results.setdefault(kind, []).append((position, (kind, ~number)))
    lent: dict[Place, int] = {}
    ending: dict[int, list[int]] = {}
    for position in buffered:
        ending.setdefault(last_use[position], []).append(position)

    def taken(kind: Kind, until: int, onto: bool = True) -> Place:
        """A buffer until this position; `onto`: the operation there may write onto it."""
        own = results.get(kind)
        if own:
            for k in range(len(own) - 1, max(-1, len(own) - 1 - _LOOKED_AT), -1):
                end, place = own[k]  # the last one read is in the cache
                if until < end or (onto and until == end and items[end].op in IN_PLACE):
                    del own[k]
                    lent[place] = end
                    return place
        pool = free.get(kind)
        if pool:
            return pool.pop()
        count = slots.counts.get(kind, 0)
        slots.counts[kind] = count + 1
        return kind, count

    def release(place: Place) -> None:
        if place[1] < 0:
            results[place[0]].append((lent.pop(place), place))
        else:
            free.setdefault(place[0], []).append(place)

    for position, (op, _, _, shape) in enumerate(items):
        read = [of[p] for p in ending.get(position, ()) if p != position]
        onto = op in IN_PLACE
        if onto:
            for place in read:
                release(place)
        if position in buffered:
            of[position] = taken(buffered[position], last_use[position])
        if position in scratch:
            slots.scratch[position] = taken((shape, "number"), position, onto=False)
            release(slots.scratch[position])
        if not onto:
            for place in read:
                release(place)
        if position in buffered and last_use[position] == position:
            release(of[position])  # read at once where it stands, by a sum alone
    return slots
