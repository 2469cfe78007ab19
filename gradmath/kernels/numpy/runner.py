"""NumPy: in place, in blocks that stay in the cache, with buffers kept between calls."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from gradmath.kernels.numpy.forms import numpy_program
from gradmath.kernels.runner import Sizes
from gradmath.program.collection import uncollected
from gradmath.program.ir import Program

if TYPE_CHECKING:
    from gradmath.kernels.numpy.compiled import Compiled  # it loads NumPy


class NumpyRunner:
    """In place, block by block; sums are taken on the way, and added up in the order of the blocks.

    With `threads` above 1 the blocks are shared among as many threads.  The blocks do not depend
    on it, so that every result has the same bits for any number of threads.
    """

    def __init__(self, program: Program, threads: int = 1) -> None:
        self.program = numpy_program(program)
        self.threads = threads
        self._made: dict[frozenset[str], Compiled] = {}

    @property
    def source(self) -> str:
        """The source, for every result for each sample."""
        return self.compiled(frozenset()).text

    def run(
        self,
        values: Mapping[str, Any],
        sizes: Sizes,
        dtype: Any,
        out: Mapping[str, Any],
        sums: Collection[str] = (),
        finite: Collection[str] = (),
    ) -> tuple[dict[str, Any], list[Any]]:
        """Results by name, and the guards; see `Runner.run`.

        finite: array inputs that are checked block by block, while they are in the cache; raises
        `NotFinite` where one holds a NaN or an infinity, and then leaves `out` half written.
        """
        compiled = self.compiled(frozenset(sums))
        return compiled.run(values, sizes, dtype, out, finite, self.threads)

    def compiled(self, sums: frozenset[str]) -> Compiled:
        """The functions for every result for each sample but those in `sums`, added up."""
        if sums not in self._made:
            from gradmath.kernels.numpy.compiled import Compiled

            with uncollected():
                self._made[sums] = Compiled(self.program, sums)
        return self._made[sums]
