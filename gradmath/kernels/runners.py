"""Programs made callable: one runner for each way of executing the same instructions.

A runner is made once for a program and may be called from several threads at a time: buffers
belong to the thread that uses them.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from types import ModuleType
from typing import Any, Protocol

from gradmath.kernels.array_source import array_source
from gradmath.kernels.numpy_source import numpy_source
from gradmath.program.ir import Program, Shape
from gradmath.program.special import expand_scaled_erfc

Sizes = Mapping[str, tuple[int, ...]]


class Runner(Protocol):
    """What a kernel needs: the readable source, and a run from inputs to named results."""

    source: str

    def run(
        self, values: Mapping[str, Any], sizes: Sizes, dtype: Any, out: Mapping[str, Any]
    ) -> tuple[dict[str, Any], list[Any]]:
        """Results by name, and the guards' predicates.

        sizes: what the symbolic sizes stand for ("*": the common shape, "n": (batch,)).
        out: arrays to write results into, where the library allows it.
        """
        ...


def concrete(shape: Shape, sizes: Sizes) -> tuple[int, ...]:
    """A symbolic shape with its sizes filled in."""
    result: list[int] = []
    for size in shape:
        result.extend(sizes[size] if isinstance(size, str) else (size,))
    return tuple(result)


def _compiled(source: str, scope: dict[str, Any]) -> Any:
    # The source is our own printer's, made of operations of a Program; names in it are Python
    # identifiers checked when the equations were read.
    exec(compile(source, "<gradmath kernel>", "exec"), scope)
    return scope["run"]


class NumpyRunner:
    """In place, with buffers kept between calls, one set for each thread."""

    def __init__(self, program: Program) -> None:
        import numpy as np
        from scipy import special

        self.program = program
        self.source, self._slots = numpy_source(program)
        self._run = _compiled(self.source, {"np": np, "special": special})
        self._unique = list(dict.fromkeys(program.outputs.values()))
        self._thread = threading.local()

    def run(
        self, values: Mapping[str, Any], sizes: Sizes, dtype: Any, out: Mapping[str, Any]
    ) -> tuple[dict[str, Any], list[Any]]:
        """Results by name, and the guards; see `Runner.run`."""
        import numpy as np

        targets: list[Any] = []
        for position in self._unique:
            shape = self.program.instructions[position].shape
            names = [name for name, p in self.program.outputs.items() if p == position]
            given = next((out[name] for name in names if name in out), None)
            if shape == ():
                targets.append(None)
            elif given is not None and _writable_directly(given, values, dtype):
                targets.append(given)
            else:
                targets.append(np.empty(concrete(shape, sizes), dtype))
        guards: list[Any] = []
        arguments = [values[name] for name in self.program.inputs]
        with np.errstate(under="ignore"):  # an underflow to the nearest tiny number is the answer
            found = self._run(*arguments, self._workspace(sizes, dtype), targets, guards)
        by_position = dict(zip(self._unique, found, strict=True))
        return {name: by_position[p] for name, p in self.program.outputs.items()}, guards

    def _workspace(self, sizes: Sizes, dtype: Any) -> list[list[Any]]:
        """Buffers of this thread for these sizes; those of the last sizes only are kept."""
        import numpy as np

        key = (tuple(sorted(sizes.items())), np.dtype(dtype))
        if getattr(self._thread, "key", None) != key:
            self._thread.key = key
            self._thread.work = [
                [np.empty(concrete(shape, sizes), dtype) for _ in range(count)]
                for shape, count in self._slots.counts.items()
            ]
        work: list[list[Any]] = self._thread.work
        return work


def _writable_directly(given: Any, values: Mapping[str, Any], dtype: Any) -> bool:
    """Whether a result may be written into `given` while the inputs are still being read."""
    import numpy as np

    return given.dtype == dtype and not any(
        isinstance(value, np.ndarray) and np.may_share_memory(given, value)
        for value in values.values()
    )


class ArrayRunner:
    """The functions of the array API standard alone, on whatever library the arrays are from."""

    def __init__(self, program: Program, xp: ModuleType) -> None:
        self.program = expand_scaled_erfc(program)
        self.source = array_source(self.program)
        self._run = _compiled(self.source, {})
        self._xp = xp

    def run(
        self, values: Mapping[str, Any], sizes: Sizes, dtype: Any, out: Mapping[str, Any]
    ) -> tuple[dict[str, Any], list[Any]]:
        """Results by name, and the guards; see `Runner.run`."""
        import array_api_compat

        xp = self._xp
        arguments = [values[name] for name in self.program.inputs]
        device = array_api_compat.device(arguments[0])

        def asarray(value: float) -> Any:
            return xp.asarray(value, dtype=dtype, device=device)

        def exp(value: Any) -> Any:
            # Libraries' own float32 exp errs by some ulp; through float64 it is rounded once.
            wide = value if value.dtype == xp.float64 else xp.astype(value, xp.float64)
            result = xp.exp(wide)
            return result if wide is value else xp.astype(result, value.dtype)

        def columns(matrix: Any) -> Any:
            return xp.arange(matrix.shape[1], device=device)[None, :]

        guards: list[Any] = []
        found = self._run(*arguments, xp, asarray, exp, columns, guards)
        unique = list(dict.fromkeys(self.program.outputs.values()))
        by_position = dict(zip(unique, found, strict=True))
        return {name: by_position[p] for name, p in self.program.outputs.items()}, guards
