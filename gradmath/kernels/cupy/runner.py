"""CuPy: generated kernels for maps and sums, CuPy's own matrix products.

Numbers may come as Python numbers, and arrays in a narrower type than that of the computation:
float16 and bfloat16 are converted as they are loaded, computed in float, and rounded once when
they are stored.

What a device does to float32 beyond IEEE arithmetic: CuPy compiles with -ftz=true, so operands and
results below the smallest normal number, 1.2e-38, may count as zero.  An argument that small may be
answered as 0 is, at a kink with the declared derivative; any other answer is off by less than four
times that number where it is not within the bound.  float64 keeps its subnormal numbers.  In either
type the compiler may join a product and a sum into one rounding, which leaves the bound as it is.
Beside that the device's own functions (exp, log1p, tanh, erfcx) are rounded as NVIDIA made them: by
its tables, which rest on tests, within a few units in the last place.  A run on a device is held to
8(1 + k) ulp, k being the condition number.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from typing import Any

from gradmath.kernels.cupy.cuda_map import Map, maps, preamble, results
from gradmath.kernels.cupy.cuda_readable import cuda_text
from gradmath.kernels.cupy.device import cupy_module
from gradmath.kernels.cupy.sums import SumRunner
from gradmath.kernels.runner import Sizes, concrete
from gradmath.program.ir import MATRIX, Program


class CupyRunner:
    """Runs a program on the device that holds its arguments; see `Runner`.

    values: arrays of the type to compute in, or all of one narrower floating type; those of shape
    () are 0-d arrays of the type to compute in, or Python numbers.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.source = cuda_text(program)
        self._cupy = cupy_module()
        self._parts = maps(program)
        self._sums = SumRunner(program)
        self._kernels: dict[tuple[int, str], Any] = {}
        self._lock = threading.Lock()
        read = results(program)
        for item in program.instructions:
            if item.op in MATRIX:
                read.update(item.args)
        self._constants = [p for p in read if program.instructions[p].op == "const"]

    def run(
        self,
        values: Mapping[str, Any],
        sizes: Sizes,
        dtype: Any,
        out: Mapping[str, Any],
        sums: Collection[str] = (),
    ) -> tuple[dict[str, Any], list[Any]]:
        """Results by name, and the guards; see `Runner.run`."""
        if sums:
            return self._sums.run(values, sizes, dtype, sums)
        cp = self._cupy
        found: dict[int, Any] = {p: cp.asarray(self._value(p), dtype) for p in self._constants}
        for position, item in enumerate(self.program.instructions):
            if item.op == "input":
                found[position] = values[str(item.value)]
        storage = storage_of(values.values(), dtype)
        free = self._targets(values, storage, out)
        for part in self._parts:
            if isinstance(part, Map):
                self._launch(part, found, sizes, dtype, storage, free)
            else:
                found[part] = self._matrix(part, found)
        named = {
            name: cp.asarray(found[position], getattr(found[position], "dtype", dtype))
            for name, position in self.program.outputs.items()
        }
        return named, [found[guard.predicate] for guard in self.program.guards]

    def _value(self, position: int) -> Any:
        return self.program.instructions[position].value

    def _targets(
        self, values: Mapping[str, Any], storage: Any, out: Mapping[str, Any]
    ) -> dict[int, Any]:
        """Arrays of `out` that may be written while the inputs are read, by instruction.

        They lie apart from all inputs, or are one of them where a single map reads it.
        """
        arrays = [value for value in values.values() if getattr(value, "ndim", 0)]
        once = sum(not isinstance(part, Map) or part.shape != () for part in self._parts) == 1
        free = {}
        for name, target in out.items():
            others = [a for a in arrays if not (once and a is target)]
            apart = not any(self._cupy.may_share_memory(target, other) for other in others)
            if target.dtype == storage and apart:
                free[self.program.outputs[name]] = target
        return free

    def _launch(
        self,
        part: Map,
        found: dict[int, Any],
        sizes: Sizes,
        dtype: Any,
        storage: Any,
        free: Mapping[int, Any],
    ) -> None:
        types = {"S": storage, "T": dtype, "bool": bool}
        shape = concrete(part.shape, sizes)
        targets = [
            free[p] if p in free else self._cupy.empty(shape, types[part.types[p]])
            for p in part.outputs
        ]
        self._kernel(part, dtype)(*(found[p] for p in part.inputs), *targets)
        found.update(zip(part.outputs, targets, strict=True))

    def _kernel(self, part: Map, dtype: Any) -> Any:
        compute = self._cupy.dtype(dtype).name
        key = (part.number, compute)
        with self._lock:
            if key not in self._kernels:
                ins, outs = part.parameters(compute)
                self._kernels[key] = self._cupy.ElementwiseKernel(
                    ins, outs, part.body, part.name, preamble=preamble(compute), no_return=True
                )
            return self._kernels[key]

    def _matrix(self, position: int, found: Mapping[int, Any]) -> Any:
        cp = self._cupy
        item = self.program.instructions[position]
        args = [found[a] for a in item.args]
        match item.op:
            case "matmul":
                return args[0] @ args[1]
            case "matmul_nt":
                return args[0] @ args[1].T
            case "matmul_tn":
                return args[0].T @ args[1]
            case "sum_rows":
                return cp.sum(args[0], axis=0)
            case "row_sum":
                return cp.sum(args[0], axis=1, keepdims=True)
            case "row_max":
                return cp.max(args[0], axis=1, keepdims=True)
            case "sum_all":
                return cp.sum(args[0])
        return cp.arange(args[0].shape[1])[None, :] == cp.argmax(args[0], axis=1)[:, None]


def storage_of(values: Collection[Any], dtype: Any) -> Any:
    """The type that arrays are stored in; that of the computation where there is none."""
    return next((value.dtype for value in values if getattr(value, "ndim", 0)), dtype)
