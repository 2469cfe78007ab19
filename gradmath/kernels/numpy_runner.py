"""NumPy: in place, with buffers kept between calls."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from typing import Any

from gradmath.kernels.numpy_source import numpy_source
from gradmath.kernels.runner import Sizes, concrete, run_of, summed
from gradmath.program.ir import Program


class NumpyRunner:
    """In place, with buffers kept between calls, one set for each thread."""

    def __init__(self, program: Program) -> None:
        import numpy as np
        from scipy import special

        self.program = program
        self.source, self._slots = numpy_source(program)
        self._run = run_of(self.source, {"np": np, "special": special})
        self._unique = list(dict.fromkeys(program.outputs.values()))
        self._thread = threading.local()

    def run(
        self,
        values: Mapping[str, Any],
        sizes: Sizes,
        dtype: Any,
        out: Mapping[str, Any],
        sums: Collection[str] = (),
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
        results = {name: by_position[p] for name, p in self.program.outputs.items()}
        return summed(np, results, self.program, sizes, sums) if sums else results, guards

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
