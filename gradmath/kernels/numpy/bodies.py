"""The functions that compute a block: the program as it is, and a shorter one that does for most.

The shorter program (see `near`) is first run as if no exponent were large.  Where one is, NumPy
finds the quotient inf/inf, or the overflow before it, on its way and at no cost; only then is it
asked which samples are concerned, and these are computed by the program as it is.
"""

from __future__ import annotations

import contextvars
import functools
from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np

from gradmath.kernels.numpy.blocks import Workspace
from gradmath.kernels.numpy.calls import NumpyCalls
from gradmath.kernels.numpy.near import near_program
from gradmath.kernels.numpy.source import numpy_calls
from gradmath.kernels.numpy.steps import body_of
from gradmath.kernels.runner import Sizes
from gradmath.program.ir import Program

#: What a block gives: its sums, whether a guard's predicate held, and late numbers.
Found = Sequence[Sequence[Any]]

#: Where more than this share of the samples is taken a mask is quickest; else their indices are.
_MOST = 0.9

#: An underflow to the nearest tiny number is the answer, and never worth a word.
quietly = np.errstate(under="ignore")

#: Where anything exceptional, save an underflow, raises FloatingPointError.
_STRICT = contextvars.Context()
_STRICT.run(np.seterr, all="raise", under="ignore")


def strictly(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, ended by FloatingPointError where anything exceptional happens.

    As under `np.errstate`, in a fifth of the time.
    """

    def strict(*given: Any) -> Any:
        context = _STRICT.copy()  # of this call alone: of no other thread, nor of one within it
        found = context.run(function, *given)
        if context != _STRICT:  # changed meanwhile, as by the handler of a signal
            raise FloatingPointError
        return found

    return strict


class Body:
    """A function of the source, and the memory that it works in: each call takes a workspace.

    strict: see `strictly`.
    """

    def __init__(self, calls: NumpyCalls, name: str, strict: bool = False) -> None:
        function = body_of(calls, name)
        self._function = strictly(function) if strict else function
        self._wants = list(calls.wants.values())
        self._free: list[Workspace] = []

    def __call__(
        self,
        inputs: Sequence[Any],
        numbers: Sequence[Any],
        results: Sequence[Any],
        sizes: Sizes,
        dtype: Any,
    ) -> Any:
        """What the function returns for a block of these sizes, `results` being written."""
        try:
            space = self._free.pop()
        except IndexError:
            space = Workspace(self._wants)
        try:
            return self._function(inputs, numbers, space.arrays(sizes, dtype), results)
        finally:
            self._free.append(space)


class Near:
    """A block in which exponents are seldom large; `block` computes any block."""

    def __init__(
        self,
        shorter: Program,
        exponentials: Collection[int],
        sums: frozenset[str],
        block: Body,
    ) -> None:
        self._shorter, self._exponentials = shorter, exponentials
        self._sums, self._block = sums, block
        calls = numpy_calls(shorter, sums)
        #: Computes a block as if no exponent were large, and raises FloatingPointError where one
        #: may be, results half written; None where nothing would tell.
        self.attempt = Body(calls, "near", strict=True) if quotients_tell() else None

    @property
    def text(self) -> str:
        """The source of the shorter function."""
        return numpy_calls(self._shorter, self._sums).block_text("near")

    @functools.cached_property
    def _looking(self) -> Body:
        """The shorter function, asking at each exponential: it returns where none is infinite."""
        return Body(numpy_calls(self._shorter, self._sums, self._exponentials), "looking")

    def in_parts(
        self,
        inputs: Sequence[Any],
        numbers: Sequence[Any],
        results: Sequence[Any],
        sizes: Sizes,
        dtype: Any,
    ) -> list[Found]:
        """What is found in a block; in parts, where some of its samples are computed apart."""
        found = self._looking(inputs, numbers, results, sizes, dtype)
        if type(found) is tuple:
            return [found]
        parts: list[Found] = []
        share = np.count_nonzero(found) / found.size
        for near, which, part in ((True, found, share), (False, ~found, 1 - share)):
            if not part:
                continue
            if part < _MOST:
                which = np.nonzero(which)
            some = [array[which] for array in inputs]
            own = [np.empty(some[0].shape, dtype) for _ in results]
            given = (some, numbers, own, {"*": some[0].shape}, dtype)
            # Those that are near here may be far in what comes after.
            parts += self.in_parts(*given) if near else [self._block(*given)]
            for result, its in zip(results, own, strict=True):
                result[which] = its
        return parts


def near_of(program: Program, sums: frozenset[str], block: Body) -> Near | None:
    """The way to compute a program's blocks where it can be made shorter, else None."""
    found = near_program(program)
    return Near(*found, sums, block) if found else None


@functools.cache
def quotients_tell() -> bool:
    """Whether NumPy finds inf/inf, anywhere in an array, on this machine; WebAssembly does not."""
    return all(_tells(np.dtype(kind), k) for kind in ("float32", "float64") for k in range(17))


def _tells(dtype: np.dtype[Any], k: int) -> bool:
    infinite = np.ones(17, dtype)
    infinite[k] = np.inf
    try:
        strictly(np.divide)(infinite, infinite)
    except FloatingPointError:
        return True
    return False
