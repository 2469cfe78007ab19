"""The short way into a NumPy kernel of named equations, for the calls that are made most.

A call with numbers and arrays of one shape and type, few enough for one block, needs none of the
general preparation, which would take longer than the computation.  Whatever is out of the ordinary
is left to the general way, which also finds the words for errors; results have the same bits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gradmath.derivation import NamedDerivation
from gradmath.kernels.numpy.runner import Compiled, NumpyRunner
from gradmath.kernels.runner import Sizes
from gradmath.program.ir import derivative_key

#: Numbers beyond this are left to the general way, in float32.
_SINGLE = 3.4e38
Answer = tuple[Any, dict[str, Any]] | None


class NumpyCall:
    """Calls of one kernel; `runner_of(scalars)` is the runner for a choice of numbers."""

    def __init__(
        self, derivation: NamedDerivation, runner_of: Callable[[frozenset[str]], NumpyRunner]
    ) -> None:
        import numpy as np

        self._array, self._types = np.ndarray, {np.dtype("float64"), np.dtype("float32")}
        self._inputs = derivation.inputs
        self._output = derivation.output
        self._wrt = derivation.wrt
        self._keys = {derivation.output: derivation.output}
        self._keys |= {name: derivative_key(name) for name in derivation.wrt}
        self._runner_of = runner_of
        self._made: dict[tuple[Any, ...], Compiled | None] = {}

    def __call__(
        self, given: Mapping[str, Any], reduce: Any, out: Any, check_finite: bool
    ) -> Answer:
        """The answer, or None where the general way has to find it."""
        import numpy as np

        if len(given) != len(self._inputs):
            return None
        try:
            kinds = (reduce is None, *[type(given[name]) for name in self._inputs])
        except KeyError:
            return None
        if kinds not in self._made:
            self._made[kinds] = self._compiled(kinds)
        compiled = self._made[kinds]
        if compiled is None or (out is not None and reduce is not None):
            return None
        arrays = [given[name] for name in compiled.calls.arrays]
        first = arrays[0]
        dtype, shape = first.dtype, first.shape
        if dtype not in self._types or first.size == 0 or first.ndim == 0:
            return None
        for array in arrays:
            if array.dtype is not dtype or array.shape != shape:
                return None
        sizes = {"*": shape}
        if not compiled.is_one_block(sizes, dtype):
            return None
        if check_finite:
            for array in arrays:
                if not np.isfinite(array).all():
                    return None
        numbers = [given[name] for name in compiled.calls.scalars]
        for number in numbers:
            if not -_SINGLE < number < _SINGLE:
                return None
        scalars = [np.asarray(number, dtype) for number in numbers]
        return self._run(compiled, arrays, scalars, sizes, reduce, out)

    def _compiled(self, kinds: tuple[Any, ...]) -> Compiled | None:
        """The functions for arguments of these types, where they may be called at once."""
        names = dict(zip(self._inputs, kinds[1:], strict=True))
        if not set(names.values()) <= {self._array, float, int}:
            return None
        scalars = frozenset(name for name, kind in names.items() if kind is not self._array)
        each = kinds[0]
        sums = frozenset() if each else frozenset(self._keys.values())
        if len(scalars) == len(names) or (not each and not scalars.issuperset(self._wrt)):
            return None
        compiled = self._runner_of(scalars).compiled(sums)
        results = compiled.calls.written if each else compiled.calls.sums
        read = {*compiled.calls.arrays, *compiled.calls.scalars}
        whole = read == set(names) and not compiled.program.guards
        return compiled if whole and len(results) == len(self._keys) else None

    def _run(
        self,
        compiled: Compiled,
        arrays: list[Any],
        numbers: list[Any],
        sizes: Sizes,
        reduce: Any,
        out: Any,
    ) -> Answer:
        import numpy as np

        shape, dtype = arrays[0].shape, arrays[0].dtype
        outputs = compiled.program.outputs
        targets: dict[int, Any] = {}
        if reduce is None:
            if out is not None and (type(out) is not dict or not self._fit(out, arrays)):
                return None
            for name, key in self._keys.items():
                own = out.get(name) if out else None
                targets[outputs[key]] = np.empty(shape, dtype) if own is None else own
        found = compiled.one_block(
            arrays, [targets[p] for p in compiled.calls.written], numbers, sizes, dtype
        )
        if reduce is None:
            results = {name: targets[outputs[key]] for name, key in self._keys.items()}
        else:
            total = dict(zip(compiled.calls.sums, found[0], strict=True))
            count = arrays[0].size if reduce == "mean" else 1
            results = {
                name: dtype.type(np.float64(total[outputs[key]]) / count)
                for name, key in self._keys.items()
            }
        loss = results.pop(self._output)
        return loss, results

    def _fit(self, out: Mapping[str, Any], arrays: list[Any]) -> bool:
        """Whether results may be written into these arrays at once."""
        import numpy as np

        for name, array in out.items():
            if name not in self._keys or type(array) is not self._array:
                return False
            if array.dtype is not arrays[0].dtype or array.shape != arrays[0].shape:
                return False
            if not array.flags.writeable:
                return False
            for other in arrays:
                if np.may_share_memory(array, other):
                    return False
        return len({id(array) for array in out.values()}) == len(out)
