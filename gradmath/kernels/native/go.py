"""One quick native call: numbers put into their table, and the library run."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

from gradmath.kernels.native.built import Frame
from gradmath.kernels.native.recipe import Recipe
from gradmath.kernels.native.source import GROUP

#: numbers beyond this are left to the general way, in float32
_SINGLE = 3.4e38


def fill(recipe: Recipe, frame: Frame, items: list[Any], check_finite: bool) -> bool:
    """Put the numbers into their table; False where they are out of the ordinary."""
    values = [items[n] for n in recipe.scalars]
    if recipe.single and (max(values) > _SINGLE or min(values) < -_SINGLE):
        return False
    try:
        if check_finite and not all(map(math.isfinite, values)):
            return False
        frame.scalar_pointer[0 : len(values)] = values
    except OverflowError:
        return False
    return True


def overlap(recipe: Recipe, frame: Frame, first: Any) -> bool:
    """Whether an output shares memory with an input or another output, or is not aligned.

    For arrays that stand where those of the call before stood it is known that they do not.
    """
    table = frame.addresses[recipe.part]
    where = (table.tobytes(), first.nbytes)
    if where == frame.apart:
        return False
    if _overlap(table.tolist(), recipe, first):
        return True
    frame.apart = where
    return False


def _overlap(addresses: list[int], recipe: Recipe, first: Any) -> bool:
    size, inputs = first.nbytes, len(recipe.arrays)
    given = sorted(addresses[inputs : inputs + recipe.outputs])
    if any(b - a < size for a, b in pairwise(given)):
        return True
    for address in addresses[:inputs]:
        for other in given:
            if -size < address - other < size:
                return True
    return any(address % first.itemsize for address in addresses)


def go(recipe: Recipe, frame: Frame, count: int, check_finite: bool) -> bool:
    """Run; False where a value was not finite or a derivative does not exist."""
    built = recipe.built
    library, flags = built.library, frame.flags
    flags[0] = 0
    for n in range(1, built.flags):
        flags[n] = 0
    if recipe.scalar_part is not None:
        library.run_scalars(
            recipe.scalar_part, frame.scalar_pointer, len(built.plan.scalars), flags, frame.work
        )
    part = recipe.part
    room = 1 if not recipe.sums else recipe.sums * -(-count // (built.block * GROUP))
    library.run_arrays(
        part, frame.arrays[part], built.ffi.NULL, frame.scalar_pointer, frame.sums[part],
        frame.partial(room), flags, frame.work, frame.room, count, built.threads,
    )  # fmt: skip
    if built.flags > 1 and any(flags[n] for n in range(1, built.flags)):
        return False
    return not (check_finite and flags[0])
