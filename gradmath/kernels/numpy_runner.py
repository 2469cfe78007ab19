"""NumPy: in place, in blocks that stay in the cache, with buffers kept between calls."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from gradmath.kernels.blocks import Index, Workspace, block_length, cut
from gradmath.kernels.numpy_forms import numpy_program
from gradmath.kernels.numpy_source import numpy_source
from gradmath.kernels.runner import NotFinite, Sizes, concrete
from gradmath.kernels.workers import in_threads
from gradmath.program.ir import Program

#: Sizes whose layout a kernel remembers.
_LAYOUTS = 64
#: What a block gives: its sums, whether a guard's predicate held, and late numbers.
Found = tuple[tuple[Any, ...], tuple[Any, ...], tuple[Any, ...]]


class NumpyRunner:
    """In place, block by block; sums are taken on the way, and added up in the order of the blocks.

    With `threads` above 1 the blocks are shared among as many threads.  The blocks do not depend
    on it, so that every result has the same bits for any number of threads.
    """

    def __init__(self, program: Program, threads: int = 1) -> None:
        self.program = numpy_program(program)
        self.threads = threads
        self._made: dict[frozenset[str], _Compiled] = {}
        self.source = self._compiled(frozenset()).source.text

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
        compiled = self._compiled(frozenset(sums))
        return compiled.run(values, sizes, dtype, out, finite, self.threads)

    def _compiled(self, sums: frozenset[str]) -> _Compiled:
        if sums not in self._made:
            self._made[sums] = _Compiled(self.program, sums)
        return self._made[sums]


@dataclass(frozen=True)
class _Layout:
    """What a run finds out about sizes, once: the blocks, and the shapes of the results.

    types: of one number, and of its bits.
    """

    dtype: Any
    types: tuple[Any, Any]
    blocks: Sequence[Index]
    shapes: Sequence[tuple[int, ...]]


class _Compiled:
    """The two functions of the source, called block by block."""

    def __init__(self, program: Program, sums: frozenset[str]) -> None:
        import numpy as np
        from scipy import special

        self.program = program
        self.source = source = numpy_source(program, sums)
        self._sums = sums
        scope: dict[str, Any] = {"np": np, "special": special}
        # The source is our own printer's, made of operations of a Program; names in it are Python
        # identifiers checked when the equations were read.
        exec(compile(source.text, "<gradmath kernel>", "exec"), scope)
        self._once, self._block = scope["once"], scope["block"]
        self._buffers = len(
            {want.place or want.constant for want in source.wants if want.place or not want.bits}
        )
        self._free: list[Workspace] = []  # each thread takes one and puts it back
        self._layouts: dict[Any, _Layout] = {}
        self._written: list[list[str]] = [
            [name for name, p in program.outputs.items() if p == k] for k in source.written
        ]
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
        import numpy as np

        source = self.source
        layout = self._layout(sizes, dtype)
        arrays = [values[name] for name in source.arrays]
        if out:
            targets = [_given(names, layout.dtype, out, arrays) for names in self._written]
            targets = [
                np.empty(shape, layout.dtype) if target is None else target
                for target, shape in zip(targets, layout.shapes, strict=True)
            ]
        else:
            targets = [np.empty(shape, layout.dtype) for shape in layout.shapes]
        checked = [k for k, name in enumerate(source.arrays) if name in finite] if finite else ()
        # An underflow to the nearest tiny number is the answer.
        with np.errstate(under="ignore"):
            numbers = self._once(*[values[name] for name in source.scalars], *layout.types)
            job = _Job(layout, sizes, arrays, targets, numbers, checked)
            if len(layout.blocks) == 1 or threads == 1:
                found = self._compute(job, layout.blocks)
            else:
                found = in_threads(threads, partial(self._compute, job), layout.blocks)
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
            if not self.source.whole:
                blocks = cut(sizes["*"], block_length(self._buffers, own))
            items = self.program.instructions
            shapes = [concrete(items[k].shape, sizes) for k in self.source.written]
            if len(self._layouts) >= _LAYOUTS:
                self._layouts.clear()
            types = own.type, np.dtype(f"i{own.itemsize}").type
            found = _Layout(own, types, blocks, shapes)
            self._layouts[key] = found
        return found

    def _compute(self, job: _Job, indices: Sequence[Index]) -> list[Found]:
        """The blocks at these indices, in a workspace of one's own."""
        import numpy as np

        try:
            space = self._free.pop()
        except IndexError:
            space = Workspace(self.source.wants)
        found = []
        for index in indices:
            inputs, results = job.parts(index)
            for k in job.checked:
                if not np.logical_and.reduce(np.isfinite(inputs[k]), axis=None):
                    raise NotFinite
            sizes = {"*": inputs[0].shape} if inputs and (index or job.flat) else job.sizes
            work = space.arrays(sizes, job.layout.dtype)
            found.append(self._block(inputs, job.numbers, work, job.layout.types[1], results))
        self._free.append(space)
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

        source, items = self.source, self.program.instructions
        known: dict[int, Any] = dict(zip(source.kept, numbers, strict=False))
        known |= zip(source.written, targets, strict=True)
        known |= zip(source.late, found[-1][2], strict=True)
        # In double precision: a mean is rounded once, and a long sum loses nothing.
        columns = zip(*[sums for sums, _, _ in found], strict=True)
        totals = [_added(parts) for parts in columns]
        total = dict(zip(source.sums, totals, strict=True))
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
        guards = self.program.guards
        held = (
            dict(zip(source.guards, np.any([g for _, g, _ in found], axis=0), strict=True))
            if guards
            else {}
        )
        return results, [
            held[k] if k in held else known[guard.predicate] for k, guard in enumerate(guards)
        ]


def _added(parts: Sequence[Any]) -> Any:
    """The sums of all blocks added up, in pairs, in the order of the blocks."""
    import numpy as np

    return np.float64(parts[0]) if len(parts) == 1 else np.add.reduce(np.array(parts, np.float64))


@dataclass
class _Job:
    """One run: what it is given, and how a block of it is taken."""

    layout: _Layout
    sizes: Sizes
    arrays: list[Any]
    targets: list[Any]
    numbers: Sequence[Any]
    checked: Sequence[int]
    flat: bool = False

    def __post_init__(self) -> None:
        # In one piece each, a block of all arrays is a vector: one long loop, not one a row.
        several = len(self.sizes.get("*", ())) > 1
        self.flat = several and all(a.flags.c_contiguous for a in (*self.arrays, *self.targets))

    def parts(self, index: Index) -> tuple[list[Any], list[Any]]:
        """The block at an index, of the inputs and of the results."""
        if not index and not self.flat:
            return self.arrays, self.targets
        inputs = [array[index] for array in self.arrays]
        results = [array[index] for array in self.targets]
        if self.flat:
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
        if not any(np.may_share_memory(given, array) for array in arrays):
            return given
    return None
