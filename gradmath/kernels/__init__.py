"""Program -> callable: one program, several ways of running it."""

from __future__ import annotations

from collections.abc import Iterable

from gradmath.derivation import Derivation, NamedDerivation, NetworkDerivation
from gradmath.errors import ArgumentTypeError
from gradmath.kernels.backends import BACKENDS
from gradmath.kernels.cupy.cuda_readable import cuda_text
from gradmath.kernels.layers import NetworkKernel
from gradmath.kernels.named import NamedKernel
from gradmath.program import program_of

__all__ = ["BACKENDS", "NamedKernel", "NetworkKernel", "compile", "cuda_source"]

Kernel = NamedKernel | NetworkKernel


def compile(derivation: Derivation, backend: str = "auto", threads: int = 1) -> Kernel:
    """Compile a derivation to a function of arrays that returns the loss and its gradients.

    derivation: what `derive` returned.
    backend: "numpy" (in place, in blocks that stay in the cache), "array_api" (any library of the
        Python array API standard), "cupy" (generated ElementwiseKernels; needs CuPy and a device),
        "javascript" (an ES module for browsers; Node.js runs it when the kernel is called, on
        NumPy arrays), "native" (C loops for NumPy arrays, built by the system's C compiler on first
        use and kept on disk; needs cffi), or "auto" (default: by the arrays of each call; NumPy
        arrays go through C from 262144 entries on, where cffi and a compiler are found).  C and
        NumPy may differ in the last bits: where results must be the same on every machine, name
        the backend.
    threads: on NumPy arrays, how many threads share the blocks of a large call of named equations
        (default 1).  Every result has the same bits for any number.  The matrix products of a
        network have BLAS's own threads.

    Named equations give `loss, grads = kernel(x=..., w=..., reduce=None)`, a network gives
    `loss, grads = kernel(params, x, y)`; `kernel.source` is the generated source.

    Raises BackendError for a backend that is missing here, UnknownNameError for one that does
    not exist.  The source of "javascript" needs no Node.js: there the call raises.

    >>> from gradmath.derivation import derive
    >>> kernel = compile(derive("L = (w*x - y)**2", wrt="w"))
    >>> kernel(w=3.0, x=1.0, y=1.0)
    (4.0, {'w': 4.0})
    """
    if isinstance(derivation, NetworkDerivation):
        return NetworkKernel(derivation, backend, threads)
    if isinstance(derivation, NamedDerivation):
        return NamedKernel(derivation, backend, threads)
    raise ArgumentTypeError(
        "derivation", got=repr(derivation)[:80], allowed="what gradmath.derive returns"
    )


def cuda_source(derivation: Derivation, numbers: Iterable[str] = ()) -> str:
    """The CUDA source of a derivation, for people; needs neither CuPy nor a device.

    derivation: what `derive` returned.
    numbers: the arguments of named equations that are one number for all samples.

    >>> from gradmath.derivation import derive
    >>> text = cuda_source(derive("L = (w*x - y)**2", wrt="w"), numbers=["w"])
    >>> "const T t3 = v0 * v1;" in text
    True
    """
    return cuda_text(program_of(derivation, frozenset(numbers)))
