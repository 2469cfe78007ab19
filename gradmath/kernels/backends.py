"""Backends by name: what each needs, and the runner it makes of a program."""

from __future__ import annotations

from types import ModuleType

from gradmath.errors import ArgumentTypeError, ArrayLibraryError, UnknownNameError, ValueRangeError
from gradmath.kernels.array_api.runner import ArrayRunner
from gradmath.kernels.arrays import is_numpy
from gradmath.kernels.auto_runner import AutoRunner
from gradmath.kernels.cupy.device import is_cupy, require_cupy
from gradmath.kernels.cupy.runner import CupyRunner
from gradmath.kernels.javascript.runner import JavascriptRunner
from gradmath.kernels.native.library import require_native
from gradmath.kernels.native.runner import NativeRunner
from gradmath.kernels.numpy.runner import NumpyRunner
from gradmath.kernels.runner import Runner
from gradmath.program.ir import Program

#: "auto" takes NumPy's for NumPy arrays, and native code for large ones where it can be had;
#: CuPy's for CuPy arrays, the plain one for all others.
BACKENDS = ("auto", "numpy", "array_api", "cupy", "javascript", "native")


def check_backend(backend: str, threads: int = 1) -> None:
    """Refuse an unknown backend, and one that cannot run here, before anything is compiled."""
    if type(threads) is not int:
        raise ArgumentTypeError("threads", got=type(threads).__name__, allowed="an integer")
    if threads < 1:
        raise ValueRangeError("threads", got=threads, allowed="1 or more")
    if backend not in BACKENDS:
        raise UnknownNameError("backend", backend, BACKENDS)
    if backend == "cupy":
        require_cupy()
    if backend == "native":
        require_native()


def converts(backend: str, xp: ModuleType) -> bool:
    """Whether the runner takes numbers by value and arrays in the type they are stored in."""
    return backend in ("auto", "cupy") and is_cupy(xp)


def make_runner(backend: str, xp: ModuleType, program: Program, threads: int = 1) -> Runner:
    """The runner for arrays of `xp`; an error if the backend does not take them."""
    if backend in ("numpy", "javascript", "native") and not is_numpy(xp):
        raise ArrayLibraryError(
            f"backend {backend!r}",
            got=f"arrays of {xp.__name__}",
            allowed="NumPy arrays and Python numbers",
            remedy="compile with backend='array_api' or 'auto'",
        )
    if backend == "cupy" and not is_cupy(xp):
        raise ArrayLibraryError(
            "backend 'cupy'",
            got=f"arrays of {xp.__name__}",
            allowed="CuPy arrays",
            remedy="move the arrays with cupy.asarray",
        )
    if backend == "javascript":
        return JavascriptRunner(program)
    if backend == "native":
        return NativeRunner(program, threads)
    if backend == "auto" and is_numpy(xp):
        return AutoRunner(program, threads)
    if backend == "numpy":
        return NumpyRunner(program, threads)
    if backend in ("auto", "cupy") and is_cupy(xp):
        return CupyRunner(program)
    return ArrayRunner(program, xp)


def library_runner(xp: ModuleType, program: Program) -> Runner:
    """The runner that belongs to an array library, whatever compilers are here."""
    return make_runner("numpy" if is_numpy(xp) else "auto", xp, program)
