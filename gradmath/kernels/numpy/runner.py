"""NumPy: in place, in blocks that stay in the cache, with buffers kept between calls."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from gradmath.kernels.numpy.blocks import Index, Workspace, block_length, cut
from gradmath.kernels.numpy.forms import numpy_program
from gradmath.kernels.numpy.workers import in_threads
from gradmath.kernels.runner import NotFinite, Sizes, concrete
from gradmath.program.collection import uncollected
from gradmath.program.ir import Program

#: Sizes whose layout a kernel remembers.
_LAYOUTS = 64
#: What a block gives: its sums, whether a guard's predicate held, and late numbers.
Found = Sequence[Sequence[Any]]


class NumpyRunner:
    """In place, block by block; sums are taken on the way, and added up in the order of the blocks.

    With `threads` above 1 the blocks are shared among as many threads.  The blocks do not depend
    on it, so that every result has the same bits for any number of threads.
    """

    def __init__(self, program: Program, threads: int = 1) -> None:
        self.program = numpy_program(program)
        self.threads = threads
        self._made: dict[frozenset[str], Compiled] = {}

    @property
    def source(self) -> str:
        """The source, for every result for each sample."""
        return self.compiled(frozenset()).calls.text()

    def run(
        self,
        values: Mapping[str, Any],
        sizes: Sizes,
        dtype: Any,
        out: Mapping[str, Any],
        sums: Collection[str] = (),
        finite: Collection[str] = (),
    ) -> tuple[dict[str, Any], list[Any]]:
        """Results by name, and the guards; see `Runner.run`.

        finite: array inputs that are checked block by block, while they are in the cache; raises
        `NotFinite` where one holds a NaN or an infinity, and then leaves `out` half written.
        """
        compiled = self.compiled(frozenset(sums))
        return compiled.run(values, sizes, dtype, out, finite, self.threads)

    def compiled(self, sums: frozenset[str]) -> Compiled:
        """The functions for every result for each sample but those in `sums`, added up."""
        if sums not in self._made:
            with uncollected():
                self._made[sums] = Compiled(self.program, sums)
        return self._made[sums]


@dataclass(frozen=True)
class _Layout:
    """What a run finds out about sizes, once: the blocks, and the shapes of the results."""

    dtype: Any
    blocks: Sequence[Index]
    shapes: Sequence[tuple[int, ...]]


class Compiled:
    """The two functions of the source, called block by block."""

    def __init__(self, program: Program, sums: frozenset[str]) -> None:
        from gradmath.kernels.numpy.source import numpy_calls
        from gradmath.kernels.numpy.steps import functions_of

        self.program = program
        self.calls = calls = numpy_calls(program, sums)
        self._sums = sums
        self._once, self._block = functions_of(calls)
        self._wants = list(calls.wants.values())
        self._free: list[Workspace] = []  # each thread takes one and puts it back
        self._layouts: dict[Any, _Layout] = {}
        named: dict[int, list[str]] = {k: [] for k in calls.written}
        for name, p in program.outputs.items():
            named.get(p, []).append(name)
        self._written = list(named.values())
        self._direct = {names[0]: k for k, names in enumerate(self._written)}
        # Most kernels give arrays alone, each under one name.
        self._plain = not program.guards and len(self._direct) == len(program.outputs)

    def run(
        self,
        values: Mapping[str, Any],
        sizes: Sizes,
        dtype: Any,
        out: Mapping[str, Any],
        finite: Collection[str],
        threads: int,
    ) -> tuple[dict[str, Any], list[Any]]:
        """Results by name, and the guards; see `NumpyRunner.run`."""
        import numpy as np

        calls = self.calls
        layout = self._layout(sizes, dtype)
        arrays = [values[name] for name in calls.arrays]
        if out:
            targets = [_given(names, layout.dtype, out, arrays) for names in self._written]
            targets = [
                np.empty(shape, layout.dtype) if target is None else target
                for target, shape in zip(targets, layout.shapes, strict=True)
            ]
        else:
            targets = [np.empty(shape, layout.dtype) for shape in layout.shapes]
        checked = [k for k, name in enumerate(calls.arrays) if name in finite] if finite else ()
        # An underflow to the nearest tiny number is the answer.
        with np.errstate(under="ignore"):
            numbers = self._once(*[values[name] for name in calls.scalars])
            if len(layout.blocks) == 1:
                space = self._workspace()
                found = [self._one(space, arrays, targets, numbers, sizes, layout.dtype, checked)]
                self._free.append(space)
            else:
                job = _Job(layout.dtype, arrays, targets, numbers, checked)
                found = in_threads(threads, partial(self._several, job), layout.blocks)
        if self._plain:
            return {name: targets[k] for name, k in self._direct.items()}, []
        return self._results(values, sizes, numbers, targets, found)

    def _layout(self, sizes: Sizes, dtype: Any) -> _Layout:
        import numpy as np

        key = (dtype, tuple(sizes.values()))
        found = self._layouts.get(key)
        if found is None:
            own = np.dtype(dtype)
            blocks: list[Index] = [()]
            # What has no array has nothing to cut: numbers alone, the same for every sample.
            if not self.calls.whole and (self.calls.arrays or self.calls.written):
                blocks = cut(sizes["*"], block_length(len(self._wants), own))
            items = self.program.instructions
            shapes = [concrete(items[k].shape, sizes) for k in self.calls.written]
            if len(self._layouts) >= _LAYOUTS:
                self._layouts.clear()
            found = _Layout(own, blocks, shapes)
            self._layouts[key] = found
        return found

    def is_one_block(self, sizes: Sizes, dtype: Any) -> bool:
        """Whether arrays of this size are computed whole."""
        return len(self._layout(sizes, dtype).blocks) == 1

    def one_block(
        self, arrays: list[Any], targets: list[Any], scalars: list[Any], sizes: Sizes, dtype: Any
    ) -> Found:
        """What the block gives for arrays that are one; results go into `targets`, as written."""
        import numpy as np

        space = self._workspace()
        with np.errstate(under="ignore"):
            numbers = self._once(*scalars)
            found = self._one(space, arrays, targets, numbers, sizes, dtype, ())
        self._free.append(space)
        return found

    def _workspace(self) -> Workspace:
        try:
            return self._free.pop()
        except IndexError:
            return Workspace(self._wants)

    def _several(self, job: _Job, indices: Sequence[Index]) -> list[Found]:
        """The blocks at these indices, in a workspace of one's own."""
        space = self._workspace()
        found = []
        for index in indices:
            inputs, results = job.parts(index)
            sizes = {"*": (inputs or results)[0].shape}
            found.append(
                self._one(space, inputs, results, job.numbers, sizes, job.dtype, job.checked)
            )
        self._free.append(space)
        return found

    def _one(
        self,
        space: Workspace,
        inputs: Sequence[Any],
        results: Sequence[Any],
        numbers: Sequence[Any],
        sizes: Sizes,
        dtype: Any,
        checked: Sequence[int],
    ) -> Found:
        import numpy as np

        for k in checked:
            if not np.isfinite(inputs[k]).all():
                raise NotFinite
        found: Found = self._block(inputs, numbers, space.arrays(sizes, dtype), results)
        return found

    def _results(
        self,
        values: Mapping[str, Any],
        sizes: Sizes,
        numbers: Sequence[Any],
        targets: Sequence[Any],
        found: Sequence[Found],
    ) -> tuple[dict[str, Any], list[Any]]:
        """Every result by its name, the parts of each sum added up, and the guards."""
        import numpy as np

        calls, items = self.calls, self.program.instructions
        known: dict[int, Any] = dict(zip(calls.kept, numbers, strict=True))
        known |= zip(calls.written, targets, strict=True)
        known |= zip(calls.late, found[-1][2], strict=True)
        columns = zip(*[sums for sums, _, _ in found], strict=True)
        total = dict(zip(calls.sums, [_added(parts) for parts in columns], strict=True))
        results: dict[str, Any] = {}
        for name, p in self.program.outputs.items():
            if name in self._sums and p in total:
                results[name] = total[p]
                continue
            if items[p].op == "input":
                value = values[str(items[p].value)]
            else:
                value = known[p] if p in known else np.float64(items[p].value)
            alike = math.prod(sizes["*"]) if name in self._sums else 1  # the same for all samples
            results[name] = value * alike if alike != 1 else value
        columns = zip(*[guards for _, guards, _ in found], strict=True)
        held = dict(zip(calls.guards, [np.any(parts) for parts in columns], strict=True))
        return results, [
            held[k] if k in held else known[guard.predicate]
            for k, guard in enumerate(self.program.guards)
        ]


def _added(parts: Sequence[Any]) -> Any:
    """The sums of all blocks added up, in pairs, in the order of the blocks."""
    import numpy as np

    return np.float64(parts[0]) if len(parts) == 1 else np.add.reduce(np.array(parts, np.float64))


@dataclass
class _Job:
    """One run in several blocks: what it is given, and how a block of it is taken."""

    dtype: Any
    arrays: list[Any]
    targets: list[Any]
    numbers: Sequence[Any]
    checked: Sequence[int]

    def __post_init__(self) -> None:
        # In one piece each, a block of all arrays is a vector: one long loop, not one a row.
        self.flat = all(a.flags.c_contiguous for a in (*self.arrays, *self.targets))

    def parts(self, index: Index) -> tuple[list[Any], list[Any]]:
        """The block at an index, of the inputs and of the results."""
        inputs = [array[index] for array in self.arrays]
        results = [array[index] for array in self.targets]
        if self.flat and inputs and inputs[0].ndim > 1:
            return [part.reshape(-1) for part in inputs], [part.reshape(-1) for part in results]
        return inputs, results


def _given(
    names: Collection[str], dtype: Any, out: Mapping[str, Any], arrays: Collection[Any]
) -> Any:
    """The array that was given for one of these names, if it may be written at once.

    It may not while the inputs are still being read and share memory with it.
    """
    import numpy as np

    for name in names:
        given = out.get(name)
        if given is None or given.dtype != dtype:
            continue
        for array in arrays:
            if np.may_share_memory(given, array):
                break
        else:
            return given
    return None
