"""Where each intermediate array lives: the fewest buffers, reused as soon as they are free."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from gradmath.program.ir import BINARY, UNARY, Program, Shape

#: Operations that may write onto one of their own arguments.
IN_PLACE = UNARY | BINARY | {"neg_abs", "quick_exp"}

#: A buffer's shape, and whether it holds numbers or truth values.
Kind = tuple[Shape, Literal["number", "truth"]]
#: A buffer: its kind, and its number among the buffers of that kind.
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
) -> Slots:
    """Linear scan over the program: a buffer is free again after its last reader.

    `buffered` are the instructions that need a buffer; results that the caller receives are not
    among them, since they are written into the caller's arrays.  `scratch` are the instructions
    that need one more buffer of numbers of their own shape while they run.
    """
    slots = Slots()
    free: dict[Kind, list[int]] = {}
    ending: dict[int, list[int]] = {}
    for position in buffered:
        ending.setdefault(last_use[position], []).append(position)

    def taken(kind: Kind) -> Place:
        pool = free.setdefault(kind, [])
        if not pool:
            pool.append(slots.counts.get(kind, 0))
            slots.counts[kind] = pool[0] + 1
        return kind, pool.pop()

    def release(place: Place) -> None:
        free.setdefault(place[0], []).append(place[1])

    for position, instruction in enumerate(program.instructions):
        read = [p for p in ending.get(position, ()) if p != position]
        if instruction.op in IN_PLACE:
            for ended in read:
                release(slots.of[ended])
        if position in buffered:
            slots.of[position] = taken(buffered[position])
        if position in scratch:
            slots.scratch[position] = taken((instruction.shape, "number"))
            release(slots.scratch[position])
        if instruction.op not in IN_PLACE:
            for ended in read:
                release(slots.of[ended])
        if position in buffered and last_use[position] == position:
            release(slots.of[position])  # read at once where it stands, by a sum alone
    return slots
