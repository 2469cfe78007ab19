"""JavaScript: one ES module, readable without Node.js and run in it when called from Python."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any

from gradmath.kernels.javascript.matrices import matrix_source
from gradmath.kernels.javascript.node import evaluate
from gradmath.kernels.javascript.source import named_source
from gradmath.kernels.runner import Sizes, concrete, summed
from gradmath.program.ir import Program
from gradmath.program.special import expand_scaled_erfc


def javascript_source(program: Program) -> str:
    """The ES module of a program, without `eval` and `new Function`."""
    program = expand_scaled_erfc(program)
    return matrix_source(program) if _has_matrices(program) else named_source(program)


def _has_matrices(program: Program) -> bool:
    return any(len(item.shape) == 2 for item in program.instructions)


class JavascriptRunner:
    """The generated module in Node.js, on NumPy arrays; everything in double precision.

    Results in float32 are rounded once, when they are stored.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.source = javascript_source(program)
        self._matrices = _has_matrices(program)
        self._read = {str(item.value) for item in program.instructions if item.op == "input"}

    def run(
        self,
        values: Mapping[str, Any],
        sizes: Sizes,
        dtype: Any,
        out: Mapping[str, Any],
        sums: Collection[str] = (),
    ) -> tuple[dict[str, Any], list[Any]]:
        """Results by name, and the guards; see `Runner.run`."""
        import numpy as np

        given = {
            name: float(value) if value.ndim == 0 else np.ascontiguousarray(value, dtype)
            for name, value in values.items()
            if name in self._read
        }
        if self._matrices:
            counts, added = {n: s[0] for n, s in sizes.items() if s}, []
        else:
            counts, added = {"samples": math.prod(sizes["*"])}, list(sums)
        flat, refused = evaluate(self.source, given, counts, dtype, added)
        results = {}
        for (name, position), value in zip(self.program.outputs.items(), flat, strict=True):
            shape = self.program.instructions[position].shape
            with np.errstate(over="ignore", under="ignore"):
                array = np.asarray(value, dtype)
            results[name] = array if name in added else array.reshape(concrete(shape, sizes))
        if self._matrices and sums:
            results = summed(np, results, self.program, sizes, sums)
        return results, [np.asarray(hit) for hit in refused]
