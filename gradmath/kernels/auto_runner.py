"""backend="auto" on NumPy arrays: native code for large arrays where it can be had, else NumPy.

The choice is made by size alone, never by what happens to be built or measured: one program on one
machine takes the same way each time.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any

from gradmath.errors import BackendError
from gradmath.kernels.native.library import require_native
from gradmath.kernels.native.runner import NativeRunner
from gradmath.kernels.numpy.runner import NumpyRunner
from gradmath.kernels.runner import Sizes, concrete
from gradmath.program.ir import Program

#: entries of the largest array from which on a build pays: it takes about as long as some hundred
#: calls of this size gain, and is kept for later processes
LARGE = 1 << 18


class AutoRunner:
    """Runs a program by NumPy, or by C from `LARGE` entries on."""

    def __init__(self, program: Program, threads: int = 1) -> None:
        self._program = program
        self._threads = threads
        self.numpy = NumpyRunner(program, threads)
        self._native: NativeRunner | None = None
        self._missing = False
        self._shapes = {item.shape for item in program.instructions}

    @property
    def source(self) -> str:
        """NumPy's source."""
        return self.numpy.source

    def native(self) -> NativeRunner | None:
        """The native runner, or None on a machine that has no cffi or no compiler."""
        if self._native is None and not self._missing:
            try:
                require_native()
                self._native = NativeRunner(self._program, self._threads)
            except BackendError:
                self._missing = True
        return self._native

    def run(
        self,
        values: Mapping[str, Any],
        sizes: Sizes,
        dtype: Any,
        out: Mapping[str, Any],
        sums: Collection[str] = (),
        finite: Collection[str] = (),
    ) -> tuple[dict[str, Any], list[Any]]:
        """Results by name, and the guards; see `NumpyRunner.run`."""
        entries = max(math.prod(concrete(shape, sizes)) for shape in self._shapes)
        native = self.native() if entries >= LARGE else None
        if native is not None:
            try:
                return native.run(values, sizes, dtype, out, sums, finite)
            except BackendError:  # a compiler that does not compile
                self._native, self._missing = None, True
        return self.numpy.run(values, sizes, dtype, out, sums, finite)
