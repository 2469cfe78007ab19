"""CuPy: results summed over all samples on the way, in one pass over the arguments."""

from __future__ import annotations

import math
import threading
from collections.abc import Collection, Mapping
from typing import Any

from gradmath.kernels.cupy.cuda_sums import (
    SAMPLES,
    THREADS,
    TOTALS,
    Layout,
    Sums,
    blocks_for,
    joined,
    sums,
)
from gradmath.kernels.cupy.device import cupy_module
from gradmath.kernels.runner import Sizes, concrete
from gradmath.program.ir import Program


class SumRunner:
    """Runs a program without matrix operations once over all samples, adding up as it goes."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._cupy = cupy_module()
        self._kernels: dict[tuple[tuple[str, ...], Layout], tuple[Sums, Any, Any]] = {}
        self._lock = threading.Lock()
        self._inputs = {
            position: str(item.value)
            for position, item in enumerate(program.instructions)
            if item.op == "input"
        }

    def run(
        self, values: Mapping[str, Any], sizes: Sizes, dtype: Any, names: Collection[str]
    ) -> tuple[dict[str, Any], list[Any]]:
        """Results by name, those in `names` as 0-d arrays of their sums, and the guards."""
        cp = self._cupy
        shape = sizes["*"]
        size, blocks = math.prod(shape), blocks_for(math.prod(shape))
        arrays = {p: values[name] for p, name in self._inputs.items()}
        layout, axes, strides = self._layout(arrays, shape, dtype)
        kernels, samples, totals = self._compiled(tuple(names), layout)
        partial = cp.empty((len(kernels.summed), blocks), cp.float64)
        types = {"S": layout.storage, "T": dtype, "bool": bool}
        stored = {
            p: cp.empty(
                concrete(self.program.instructions[p].shape, sizes), types[kernels.types[p]]
            )
            for p in kernels.stored
        }
        compute = cp.dtype(dtype).type
        arguments = [
            compute(arrays[p]) if p in layout.numbers else arrays[p] for p in kernels.inputs
        ]
        arguments += [*stored.values(), partial, size, *axes]
        arguments += [step for p in kernels.inputs for step in strides.get(p, ())]
        samples((blocks,), (THREADS,), tuple(arguments))
        total = cp.empty(len(kernels.summed), dtype)
        totals((len(kernels.summed),), (THREADS,), (partial, total, cp.dtype("int32").type(blocks)))
        found = {**stored, **{p: total[row] for row, p in enumerate(kernels.summed)}}
        results = {}
        for name, position in self.program.outputs.items():
            results[name] = (
                total[kernels.summed.index(position)] if name in names else found[position]
            )
        return results, [stored[guard.predicate] for guard in self.program.guards]

    def _layout(
        self, arrays: Mapping[int, Any], shape: tuple[int, ...], dtype: Any
    ) -> tuple[Layout, tuple[int, ...], dict[int, tuple[int, ...]]]:
        """What the text depends on, the sizes of the axes, and the strides in entries."""
        cp = self._cupy
        numbers = {p for p, value in arrays.items() if not hasattr(value, "ndim")}
        whole = {p: value for p, value in arrays.items() if getattr(value, "ndim", 0)}
        storage = next((value.dtype for value in whole.values()), dtype)
        strided = {p: v for p, v in whole.items() if not v.flags.c_contiguous}
        sizes, steps = joined(
            shape, [[s // v.dtype.itemsize for s in v.strides] for v in strided.values()]
        )
        layout = Layout(
            cp.dtype(storage).name,
            cp.dtype(dtype).name,
            len(sizes) if strided else 1,
            frozenset(strided),
            frozenset(numbers),
        )
        return layout, sizes if strided else (), dict(zip(strided, steps, strict=True))

    def _compiled(self, names: tuple[str, ...], layout: Layout) -> tuple[Sums, Any, Any]:
        key = (names, layout)
        with self._lock:
            if key not in self._kernels:
                found = sums(self.program, names, layout)
                self._kernels[key] = (
                    found,
                    self._cupy.RawKernel(found.source, SAMPLES),
                    self._cupy.RawKernel(found.source, TOTALS),
                )
            return self._kernels[key]
