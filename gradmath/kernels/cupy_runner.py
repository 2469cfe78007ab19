"""CuPy: one generated ElementwiseKernel for each fused segment, CuPy's own matrix products."""

from __future__ import annotations

import importlib.util
from collections.abc import Collection, Mapping
from types import ModuleType
from typing import Any

from gradmath.errors import BackendError
from gradmath.kernels.c_body import Segment, segments
from gradmath.kernels.cuda_source import cuda_text
from gradmath.kernels.runner import Sizes, summed
from gradmath.program.ir import Program


def is_cupy(xp: ModuleType) -> bool:
    """Whether the namespace is CuPy's."""
    return "cupy" in xp.__name__.split(".")


def require_cupy() -> None:
    """Raise BackendError, saying which, unless CuPy is installed and a device is there."""
    if importlib.util.find_spec("cupy") is None:
        raise BackendError(
            "backend 'cupy'",
            got="CuPy is not installed",
            allowed="CuPy and a CUDA device",
            remedy="pip install 'gradmath[cupy]', or use backend='numpy'",
        )
    import cupy

    try:
        devices = cupy.cuda.runtime.getDeviceCount()
    except cupy.cuda.runtime.CUDARuntimeError as error:
        raise BackendError(
            "backend 'cupy'",
            got=f"CuPy {cupy.__version__} is installed, but there is no usable device ({error})",
            allowed="a CUDA device and its driver",
            remedy="run on a machine with an NVIDIA GPU, or use backend='numpy'",
        ) from None
    if devices == 0:
        raise BackendError(
            "backend 'cupy'",
            got=f"CuPy {cupy.__version__} is installed, but there is no device",
            allowed="a CUDA device and its driver",
            remedy="run on a machine with an NVIDIA GPU, or use backend='numpy'",
        )


def cupy_namespace() -> ModuleType:
    """The array-API namespace of CuPy."""
    import array_api_compat.cupy

    namespace: ModuleType = array_api_compat.cupy
    return namespace


class CupyRunner:
    """Runs a program on the device that holds its arguments."""

    def __init__(self, program: Program) -> None:
        import cupy

        self.program = program
        self.source = cuda_text(program)
        self._cupy = cupy
        self._parts = [
            part
            if isinstance(part, int)
            else (
                part,
                cupy.ElementwiseKernel(
                    part.parameters(part.inputs),
                    part.parameters(part.outputs),
                    part.body,
                    f"gradmath_{number}",
                ),
            )
            for number, part in enumerate(segments(program))
        ]

    def run(
        self,
        values: Mapping[str, Any],
        sizes: Sizes,
        dtype: Any,
        out: Mapping[str, Any],
        sums: Collection[str] = (),
    ) -> tuple[dict[str, Any], list[Any]]:
        """Results by name, and the guards; see `Runner.run`."""
        found: dict[int, Any] = {}
        for position, item in enumerate(self.program.instructions):
            if item.op == "input":
                found[position] = values[str(item.value)]
            elif item.op == "const":
                found[position] = self._cupy.asarray(item.value, dtype=dtype)
        for part in self._parts:
            if isinstance(part, int):
                found[part] = self._matrix(part, found)
            else:
                segment, kernel = part
                found.update(_launch(segment, kernel, found))
        results = {name: found[position] for name, position in self.program.outputs.items()}
        if sums:
            results = summed(self._cupy, results, self.program, sizes, sums)
        return results, [found[guard.predicate] for guard in self.program.guards]

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


def _launch(segment: Segment, kernel: Any, found: Mapping[int, Any]) -> dict[int, Any]:
    results = kernel(*(found[position] for position in segment.inputs))
    if len(segment.outputs) == 1:
        results = (results,)
    return dict(zip(segment.outputs, results, strict=True))
