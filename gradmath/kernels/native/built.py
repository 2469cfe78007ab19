"""A program built for one type, and the memory that each thread calls it with."""

from __future__ import annotations

import threading
from collections.abc import Collection
from typing import Any

from gradmath.kernels.native.library import load
from gradmath.kernels.native.plan import Part, Plan, make_plan
from gradmath.kernels.native.source import block_size, unit
from gradmath.program.ir import Program

_DECLARATIONS = """
void run_arrays(int, char *const *, const long *, const {T} *, double *, double *, int *, char *,
                long, long, int);
void run_scalars(int, {T} *, int, int *, char *);
"""


class Built:
    """A program built for one type and one choice of sums: its plan, library and frames.

    A frame is what one thread hands to the library: tables of addresses and room for blocks.
    """

    def __init__(self, program: Program, bits: int, sums: Collection[str], threads: int) -> None:
        import numpy as np

        self.plan: Plan = make_plan(program, sums)
        self.results = frozenset(program.outputs.values())
        self.threads = threads
        self.flags = 1 + len(program.guards)
        self.dtype = np.dtype(f"float{bits}")
        self.type = "double" if bits == 64 else "float"
        self.block = block_size(self.plan, bits)
        text = unit(self.plan, bits, self.flags)
        self.ffi, self.library = load(text, _DECLARATIONS.replace("{T}", self.type), threads > 1)
        self._local = threading.local()

    def frame(self) -> Frame:
        """The frame of this thread."""
        try:
            found: Frame = self._local.frame
        except AttributeError:
            found = self._local.frame = Frame(self)
        return found


class Frame:
    """Memory that one thread uses in every call."""

    def __init__(self, built: Built) -> None:
        import numpy as np

        ffi, plan = built.ffi, built.plan
        parts = [step for step in plan.steps if isinstance(step, Part)]
        self.scalars = np.zeros(max(1, len(plan.scalars)), built.dtype)
        self.scalar_pointer = ffi.from_buffer(
            f"{built.type}[]", self.scalars, require_writable=True
        )
        self.flags = ffi.new("int[]", built.flags)
        self.clear = bytes(ffi.sizeof(self.flags))
        self.arrays = [ffi.new("char *[]", len(p.inputs) + len(p.outputs) or 1) for p in parts]
        self.addresses = [np.frombuffer(ffi.buffer(table), np.uintp) for table in self.arrays]
        self.apart: Any = None  # addresses and bytes of arrays that do not overlap
        self.one: Any = None  # values and results of a call with numbers alone
        self.sums = [ffi.new("double[]", len(p.summed) or 1) for p in parts]
        self.room = max((_room(part, built, len(plan.scalars)) for part in parts), default=64)
        self._work = np.empty(self.room * built.threads + 64, np.uint8)
        whole = ffi.from_buffer("char[]", self._work, require_writable=True)
        address = int(ffi.cast("uintptr_t", whole))
        self.work = ffi.cast("char *", (address + 63) // 64 * 64)
        self.kept: dict[int, Any] = {}  # arrays between parts, for the next call of these sizes
        self._partial = ffi.new("double[]", 64)
        self._size = 64
        self._ffi = ffi

    def partial(self, size: int) -> Any:
        """Room for the sums of parts of the samples."""
        if size > self._size:
            self._partial, self._size = self._ffi.new("double[]", size), size
        return self._partial


def _room(part: Part, built: Built, scalars: int) -> int:
    if part.scalar:
        return (scalars * 8 + 63) // 64 * 64
    slots = len(part.inputs) + len(part.outputs) + part.buffers
    return (slots + 7) // 8 * 64 + slots * built.block * built.dtype.itemsize
