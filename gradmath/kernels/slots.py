"""Where each intermediate array lives: the fewest buffers, reused as soon as they are free."""

from __future__ import annotations

from dataclasses import dataclass, field

from gradmath.program.ir import BINARY, UNARY, Program, Shape

#: Operations that may write onto one of their own arguments.
IN_PLACE = UNARY | BINARY


@dataclass
class Slots:
    """`of[i]` is the buffer of instruction i, as (shape, number); `counts[shape]` how many."""

    of: dict[int, tuple[Shape, int]] = field(default_factory=dict)
    counts: dict[Shape, int] = field(default_factory=dict)


def assign_slots(program: Program, buffered: set[int]) -> Slots:
    """Linear scan over the program: a buffer is free again after its last reader.

    `buffered` are the instructions that need a buffer; outputs are not among them, since they are
    written into the arrays that the caller receives.
    """
    slots = Slots()
    free: dict[Shape, list[int]] = {}
    last_use = program.last_uses()
    ending: dict[int, list[int]] = {}
    for position in buffered:
        ending.setdefault(last_use[position], []).append(position)
    for position, instruction in enumerate(program.instructions):
        ended = ending.get(position, [])
        release_first = instruction.op in IN_PLACE
        if release_first:
            _release(slots, free, ended)
        if position in buffered:
            shape = instruction.shape
            pool = free.setdefault(shape, [])
            if not pool:
                pool.append(slots.counts.get(shape, 0))
                slots.counts[shape] = pool[0] + 1
            slots.of[position] = (shape, pool.pop())
        if not release_first:
            _release(slots, free, ended)
    return slots


def _release(slots: Slots, free: dict[Shape, list[int]], ended: list[int]) -> None:
    for position in ended:
        if position in slots.of:
            shape, number = slots.of[position]
            free.setdefault(shape, []).append(number)
