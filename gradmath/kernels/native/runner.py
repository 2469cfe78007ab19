"""Native: the fused C loops of a program, built by the system's compiler, called through cffi."""

from __future__ import annotations

import math
import threading
from collections.abc import Collection, Mapping
from typing import Any

from gradmath.kernels.native.built import Built
from gradmath.kernels.native.library import require_native
from gradmath.kernels.native.matrix import matrix
from gradmath.kernels.native.plan import Part
from gradmath.kernels.native.source import GROUP
from gradmath.kernels.native.text import prepared, text_of
from gradmath.kernels.runner import NotFinite, Sizes, concrete
from gradmath.program.ir import Program


class NativeRunner:
    """Runs a program through C loops; matrix products are NumPy's.

    threads: how many threads share the blocks of one call.  Results do not depend on it.
    """

    def __init__(self, program: Program, threads: int = 1) -> None:
        require_native()
        self.program = prepared(program)
        self.threads = threads
        self._built: dict[tuple[int, frozenset[str]], Built] = {}
        self._lock = threading.Lock()

    @property
    def source(self) -> str:
        """The C loops, in the type T, and the tables that say what they are applied to."""
        return text_of(self.program)

    def built(self, bits: int, sums: Collection[str]) -> Built:
        """The library for float64 or float32, built on first use."""
        key = bits, frozenset(sums)
        found = self._built.get(key)
        if found is None:
            with self._lock:
                found = self._built.get(key)
                if found is None:
                    found = Built(self.program, bits, key[1], self.threads)
                    self._built[key] = found
        return found

    def run(
        self,
        values: Mapping[str, Any],
        sizes: Sizes,
        dtype: Any,
        out: Mapping[str, Any],
        sums: Collection[str] = (),
        finite: Collection[str] = (),
    ) -> tuple[dict[str, Any], list[Any]]:
        """Results by name, and the guards; see `NumpyRunner.run`.  Sums are in float64."""
        import numpy as np

        with np.errstate(under="ignore"):  # an underflow to the nearest tiny number is the answer
            call = _Call(self, values, sizes, np.dtype(dtype), out, sums)
            results = call.results()
        if finite and not call.finite(finite):
            raise NotFinite
        return results


class _Call:
    """One run: the arrays found so far, by instruction."""

    def __init__(
        self,
        runner: NativeRunner,
        values: Mapping[str, Any],
        sizes: Sizes,
        dtype: Any,
        out: Mapping[str, Any],
        sums: Collection[str],
    ) -> None:
        self.program, self.values, self.sizes, self.out = runner.program, values, sizes, out
        self.sums = sums
        self.built = runner.built(8 * dtype.itemsize, sums)
        self.dtype = self.built.dtype
        self.frame = self.built.frame()
        self.found: dict[int, Any] = {}
        self.total: dict[int, float] = {}

    def results(self) -> tuple[dict[str, Any], list[Any]]:
        import numpy as np

        built, frame, items = self.built, self.frame, self.program.instructions
        built.ffi.memmove(frame.flags, frame.clear, len(frame.clear))
        for position, item in enumerate(items):
            if item.op == "input":
                self._keep(position, self.values[str(item.value)])
        number = 0
        for step in built.plan.steps:
            if isinstance(step, int):
                item = items[step]
                args = [self.found[a] for a in item.args]
                shape = concrete(item.shape, self.sizes)
                target = self._target(step, shape) if shape else None
                self._keep(step, matrix(item, args, target))
                continue
            if step.scalar:
                built.library.run_scalars(
                    number, frame.scalar_pointer, len(built.plan.scalars), frame.flags, frame.work
                )
            else:
                self._arrays(number, step)
            number += 1
        results = {
            name: self._sum(p) if name in self.sums else self._value(p)
            for name, p in self.program.outputs.items()
        }
        guards = [np.bool_(frame.flags[n]) for n in range(1, built.flags)]
        return results, guards

    def finite(self, names: Collection[str]) -> bool:
        """Whether no NaN or infinity was met in these inputs."""
        import numpy as np

        items, checked = self.program.instructions, self.built.plan.checked
        seen = {str(items[p].value) for p in checked}
        return not self.frame.flags[0] and all(
            bool(np.all(np.isfinite(self.values[name]))) for name in names if name not in seen
        )

    def _keep(self, position: int, value: Any) -> None:
        if self.program.instructions[position].shape == ():
            self.frame.scalars[self.built.plan.scalars[position]] = value
        else:
            self.found[position] = value

    def _value(self, position: int) -> Any:
        import numpy as np

        item = self.program.instructions[position]
        if item.op == "const":
            return np.asarray(item.value, self.dtype)
        if item.op == "input":
            return self.values[str(item.value)]
        if item.shape == ():
            return np.array(self.frame.scalars[self.built.plan.scalars[position]])
        return self.found[position]

    def _sum(self, position: int) -> Any:
        import numpy as np

        if position in self.total:
            return np.asarray(self.total[position])
        value = np.asarray(self._value(position), np.float64)
        if self.program.instructions[position].shape == ():  # the same for every sample
            return value * math.prod(self.sizes["*"])
        return np.sum(value)

    def _target(self, position: int, shape: tuple[int, ...]) -> Any:
        """The array for a value: the caller's own where it may be written into while the inputs are
        read, a new one for any other result, and what the last call used for what lies between.
        """
        import numpy as np

        if position in self.built.results:
            for name, array in self.out.items():
                if self.program.outputs.get(name) == position and fit_for_output(
                    array, self.dtype, self.values.values()
                ):
                    return array
            return np.empty(shape, self.dtype)
        kept = self.frame.kept.get(position)
        if kept is None or kept.shape != shape:
            kept = self.frame.kept[position] = np.empty(shape, self.dtype)
        return kept

    def _arrays(self, number: int, part: Part) -> None:
        built, frame, ffi = self.built, self.frame, self.built.ffi
        shape = concrete(part.shape, self.sizes)
        count = math.prod(shape)
        inputs = [self._input(p, shape) for p in part.inputs]
        for position in part.outputs:
            self.found[position] = self._target(position, shape)
        arrays = frame.arrays[number]
        strided = False
        for n, array in enumerate(inputs):
            if array.flags.c_contiguous:
                arrays[n] = ffi.from_buffer(array)
            else:
                arrays[n] = ffi.cast("char *", array.__array_interface__["data"][0])
                strided = True
        for n, position in enumerate(part.outputs, start=len(inputs)):
            arrays[n] = ffi.from_buffer(self.found[position], require_writable=True)
        layout: Any = ffi.NULL
        if strided:
            numbers = [len(shape), *shape]
            for array in inputs:
                numbers += [not array.flags.c_contiguous, *array.strides]
            layout = ffi.new("long[]", numbers)
        groups = -(-count // (built.block * GROUP))
        built.library.run_arrays(
            number, arrays, layout, frame.scalar_pointer, frame.sums[number],
            frame.partial(groups * len(part.summed)), frame.flags, frame.work, frame.room, count,
            built.threads,
        )  # fmt: skip
        for n, position in enumerate(part.summed):
            self.total[position] = frame.sums[number][n]

    def _input(self, position: int, shape: tuple[int, ...]) -> Any:
        """An array that C can read: of the kernel's type, in this machine's order of bytes."""
        import numpy as np

        array = self.found[position]
        if array.dtype != self.dtype or not array.dtype.isnative or not array.flags.aligned:
            array = np.array(array, self.dtype)
        return array if array.shape == shape else np.broadcast_to(array, shape)


def fit_for_output(given: Any, dtype: Any, values: Collection[Any]) -> bool:
    """Whether results may be written into `given` while the inputs are still being read."""
    import numpy as np

    return (
        given.dtype == dtype
        and given.dtype.isnative
        and given.flags.c_contiguous
        and given.flags.aligned
        and not any(
            isinstance(value, np.ndarray) and np.may_share_memory(given, value) for value in values
        )
    )
