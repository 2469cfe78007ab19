"""Whole arrays in blocks that stay in the cache, and the memory that a block is computed in."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

from gradmath.kernels.numpy.calls import Want
from gradmath.kernels.numpy.slots import Place
from gradmath.kernels.runner import Sizes, concrete

#: Bytes that the buffers of one block may take.
CACHE = 2**21
#: Entries of a block: fewer, and the calls cost more than the work; more, and no cache holds them.
FEWEST, MOST = 2**13, 2**17

Index = tuple[Any, ...]


def block_length(buffers: int, dtype: Any) -> int:
    """Entries of a block, for a program that needs so many buffers of this type."""
    fitting = CACHE // (max(buffers, 1) * int(dtype.itemsize))
    return min(max(fitting, FEWEST), MOST)


def cut(shape: tuple[int, ...], length: int) -> list[Index]:
    """Indices of blocks of at most `length` entries, about equal, in order of the first axes.

    They depend on the shape alone and not on how an array lies in memory, so that a sum taken
    block by block is the same for every layout.

    >>> cut((5, 4), 8)
    [(slice(0, 2, None),), (slice(2, 4, None),), (slice(4, 5, None),)]
    """
    size = math.prod(shape)
    if size <= length:
        return [()]
    axis, inner = 0, size // shape[0]
    while inner > length:
        axis += 1
        inner //= shape[axis]
    count = -(-shape[axis] // (length // inner))
    step = -(-shape[axis] // count)
    pieces = [slice(i, min(i + step, shape[axis])) for i in range(0, shape[axis], step)]
    leading = itertools.product(*(range(n) for n in shape[:axis]))
    return [(*lead, piece) for lead in leading for piece in pieces]


class Workspace:
    """Memory for the buffers of one block; it grows as needed and is kept between calls.

    One thread at a time uses a workspace.
    """

    def __init__(self, wants: Sequence[Want]) -> None:
        import numpy as np

        self._wants = wants
        self._memory = np.empty(0, np.uint8)
        self._constants: dict[tuple[float, Any], Any] = {}
        self._views: dict[Any, list[Any]] = {}
        self._last: tuple[Any, Any, list[Any]] = (None, None, [])

    def arrays(self, sizes: Sizes, dtype: Any) -> list[Any]:
        """What the workspace is asked for, where "*" and the other sizes stand for `sizes`."""
        if sizes is self._last[0] and dtype is self._last[1]:  # as in the call before
            return self._last[2]
        key = (dtype, *sizes.values())
        found = self._views.get(key)
        if found is None:
            if len(self._views) >= _KEPT:
                self._views.clear()
            found = self._views[key] = self._make(sizes, dtype)
        self._last = sizes, dtype, found
        return found

    def _make(self, sizes: Sizes, dtype: Any) -> list[Any]:
        import numpy as np

        types = {"number": dtype, "truth": np.dtype(bool)}
        layout: dict[Place, tuple[int, tuple[int, ...], Any]] = {}
        end = _LINE
        for want in self._wants:
            if want.place is not None and want.place not in layout:
                (symbolic, kind), _ = want.place
                shape = concrete(symbolic, sizes)
                layout[want.place] = end, shape, types[kind]
                end += math.prod(shape) * types[kind].itemsize
                # A line more than a multiple: buffers at equal distances would share cache sets.
                end += -end % _LINE + _LINE
        if end > len(self._memory):
            self._views.clear()
            self._memory = np.empty(end, np.uint8)
        first = -self._memory.ctypes.data % _LINE - _LINE
        views = {}
        for place, (offset, shape, own) in layout.items():
            flat = self._memory[first + offset :][: math.prod(shape) * own.itemsize].view(own)
            views[place] = flat.reshape(shape)
        return [
            views[want.place]
            if want.place is not None
            else self._constant(want.constant, want.vector, sizes, dtype)
            for want in self._wants
        ]

    def _constant(self, value: float, vector: bool, sizes: Sizes, dtype: Any) -> Any:
        """One number, or a vector of it apart from the memory that every layout divides anew."""
        import numpy as np

        if not vector:
            return np.asarray(value, dtype)
        shape = sizes["*"]
        size = math.prod(shape)
        known = self._constants.get((value, dtype))
        if known is None or len(known) < size:
            known = self._constants[value, dtype] = np.full(size, value, dtype)
        return known[:size].reshape(shape)


#: Bytes of a cache line.
_LINE = 64
#: Sizes whose views a workspace remembers: a full block, the last one, and those of other calls.
_KEPT = 8
