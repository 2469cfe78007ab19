"""The full source that CuPy would compile, and the options that it would compile it with.

CuPy's own functions are asked, down to the call of its compiler, which alone needs a device: the
private ones are those of the version pinned in pyproject.toml.
"""

from __future__ import annotations

from typing import Any

import cupy
import numpy as np
from cupy._core import _kernel, core
from cupy._core._carray import Indexer
from cupy.cuda import compiler

#: CuPy's numbers for the kinds of a kernel's arguments.
ARRAY, INDEXER, SCALAR = 1, 2, 3
#: The architectures that every kernel is compiled for: Turing, Ampere, Hopper, Blackwell (two).
ARCHITECTURES = (75, 80, 90, 100, 120)


class _Stop(Exception):
    """Raised in the place of CuPy's compiler."""


def handed_over(code: str, headers: bool) -> tuple[str, tuple[str, ...]]:
    """Source and options as CuPy hands them to its compiler; `headers` for elementwise kernels."""
    taken: list[Any] = []

    def take(source: str, options: tuple[str, ...], **_: Any) -> None:
        taken.extend((source, options))
        raise _Stop

    kept = compiler._compile_module_with_cache
    compiler._compile_module_with_cache = take
    try:
        core.compile_with_cache(code, (), prepend_cupy_headers=headers)
    except _Stop:
        return taken[0], taken[1]
    finally:
        compiler._compile_module_with_cache = kept
    raise AssertionError("CuPy did not ask its compiler")


def elementwise(
    kernel: cupy.ElementwiseKernel, arguments: list[Any], shape: tuple[int, ...]
) -> str:
    """The code of an elementwise kernel for these NumPy arrays and Python numbers."""
    types = [getattr(a, "dtype", None) for a in arguments]
    ins, outs, type_map = kernel._decide_params_type(
        tuple(types[: kernel.nin]), tuple(types[kernel.nin :])
    )
    infos = [_info(a, dtype) for a, dtype in zip(arguments, (*ins, *outs), strict=True)]
    infos.append(_kernel._ArgInfo(INDEXER, Indexer, None, len(shape), True, True))
    return _kernel._get_elementwise_kernel_code(
        tuple(infos), type_map, kernel.params, kernel.operation, kernel.name, kernel.preamble
    )


def _info(argument: Any, dtype: np.dtype) -> Any:
    if not isinstance(argument, np.ndarray):
        return _kernel._ArgInfo(SCALAR, type(None), dtype, 0, True, True)
    contiguous = argument.flags.c_contiguous
    return _kernel._ArgInfo(ARRAY, cupy.ndarray, dtype, argument.ndim, contiguous, True)


def cubin(source: str, options: tuple[str, ...], architecture: int) -> bytes:
    """The program that NVRTC makes, with the options that CuPy adds for a device."""
    program = compiler._NVRTCProgram(source, "kern.cu", method="cubin")
    options += ("-ftz=true", f"-arch=sm_{architecture}", "--device-as-default-execution-space")
    binary, _ = program.compile(options)
    return binary + b"\0"  # CuPy leaves out the last byte, and cuobjdump misses it
