"""The functions of a NumPy kernel, called block by block."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from gradmath.kernels.numpy.blocks import Index, block_length, cut
from gradmath.kernels.numpy.bodies import Body, Found, near_of, quietly
from gradmath.kernels.numpy.source import numpy_calls
from gradmath.kernels.numpy.steps import once_of
from gradmath.kernels.numpy.workers import in_threads
from gradmath.kernels.runner import NotFinite, Sizes, concrete
from gradmath.program.ir import Program

#: Sizes whose layout a kernel remembers.
_LAYOUTS = 64


@dataclass(frozen=True)
class _Layout:
    """What a run finds out about sizes, once: the blocks, and the shapes of the results."""

    dtype: Any
    blocks: Sequence[Index]
    shapes: Sequence[tuple[int, ...]]


class Compiled:
    """The functions of the source, called block by block."""

    def __init__(self, program: Program, sums: frozenset[str]) -> None:
        self.program = program
        self.calls = calls = numpy_calls(program, sums)
        self._sums = sums
        self._block = Body(calls, "block")
        self._near = None if calls.long else near_of(program, sums, self._block)
        # Wrapped once: to begin a `with` takes twice as long.
        self._once = None if calls.passes_numbers else quietly(once_of(calls))
        self._attempt = self._near.attempt if self._near else None
        self._in_parts = quietly(self._near.in_parts if self._near else self._alone)
        calls.forget()
        self._layouts: dict[Any, _Layout] = {}
        named: dict[int, list[str]] = {k: [] for k in calls.written}
        for name, p in program.outputs.items():
            named.get(p, []).append(name)
        self._written = list(named.values())
        self._direct = {names[0]: k for k, names in enumerate(self._written)}
        # Most kernels give arrays alone, each under one name.
        self._plain = not program.guards and len(self._direct) == len(program.outputs)

    @property
    def text(self) -> str:
        """The source, printed when it is asked for."""
        calls = numpy_calls(self.program, self._sums)
        parts = [calls.once_text(), calls.block_text("block")]
        if self._near:
            parts.insert(1, self._near.text)
        return "\n\n".join(parts)

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
        calls = self.calls
        layout = self._layout(sizes, dtype)
        arrays = [values[name] for name in calls.arrays]
        arrays = [np.array(a, order="C") if runs_backwards(a) else a for a in arrays]
        scalars = [values[name] for name in calls.scalars]
        if out:
            read = [*arrays, *scalars]
            targets = [_given(names, layout.dtype, out, read) for names in self._written]
            targets = [
                np.empty(shape, layout.dtype) if target is None else target
                for target, shape in zip(targets, layout.shapes, strict=True)
            ]
        else:
            targets = [np.empty(shape, layout.dtype) for shape in layout.shapes]
        checked = [k for k, name in enumerate(calls.arrays) if name in finite] if finite else ()
        numbers = self._once(*scalars) if self._once else scalars
        if len(layout.blocks) == 1:
            _look(arrays, checked)
            found = self._found(arrays, numbers, targets, sizes, layout.dtype)
        else:
            job = _Job(layout.dtype, arrays, targets, numbers, checked)
            found = in_threads(threads, partial(self._several, job), layout.blocks)
        if self._plain:
            return {name: targets[k] for name, k in self._direct.items()}, []
        return self._results(values, sizes, numbers, targets, found)

    def _layout(self, sizes: Sizes, dtype: Any) -> _Layout:
        key = (dtype, tuple(sizes.values()))
        found = self._layouts.get(key)
        if found is None:
            own = np.dtype(dtype)
            blocks: list[Index] = [()]
            # What has no array has nothing to cut: numbers alone, the same for every sample.
            if not self.calls.whole and (self.calls.arrays or self.calls.written):
                blocks = cut(sizes["*"], block_length(self.calls.buffers, own))
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
        self,
        arrays: Sequence[Any],
        scalars: Sequence[Any],
        targets: Sequence[Any],
        sizes: Sizes,
        dtype: Any,
    ) -> list[Found]:
        """What is found in arrays that are one block; results go into `targets`, as written."""
        numbers = self._once(*scalars) if self._once else scalars
        return self._found(arrays, numbers, targets, sizes, dtype)

    def _several(self, job: _Job, indices: Sequence[Index]) -> list[Found]:
        """The blocks at these indices."""
        found = []
        for index in indices:
            inputs, results = job.parts(index)
            sizes = {"*": (inputs or results)[0].shape}
            _look(inputs, job.checked)
            found += self._found(inputs, job.numbers, results, sizes, job.dtype)
        return found

    def _found(self, *given: Any) -> list[Found]:
        """What is found in a block."""
        if self._attempt is not None:
            try:
                return [self._attempt(*given)]
            except FloatingPointError:
                pass
        return self._in_parts(*given)

    def _alone(self, *given: Any) -> list[Found]:
        """The same, by the program as it is."""
        return [self._block(*given)]

    def _results(
        self,
        values: Mapping[str, Any],
        sizes: Sizes,
        numbers: Sequence[Any],
        targets: Sequence[Any],
        found: Sequence[Found],
    ) -> tuple[dict[str, Any], list[Any]]:
        """Every result by its name, the parts of each sum added up, and the guards."""
        calls, items = self.calls, self.program.instructions
        known: dict[int, Any] = dict(zip(calls.kept, numbers, strict=True))
        known |= zip(calls.written, targets, strict=True)
        known |= zip(calls.late, found[-1][2], strict=True)
        total = dict(zip(calls.sums, totals(found), strict=True))
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


def runs_backwards(array: Any) -> bool:
    """Whether an axis does: NumPy computes exponentials another way there, and rounds otherwise."""
    return not array.flags.c_contiguous and min(array.strides) < 0


def is_finite(array: Any) -> bool:
    """Whether an array is free of NaN and infinity."""
    return bool(np.logical_and.reduce(np.isfinite(array), axis=None))


def _look(inputs: Sequence[Any], checked: Sequence[int]) -> None:
    """Raise NotFinite where one of the inputs to be checked holds a NaN or an infinity."""
    for k in checked:
        if not is_finite(inputs[k]):
            raise NotFinite


def totals(found: Sequence[Found]) -> list[Any]:
    """The sums of all blocks added up, in pairs, in the order of the blocks."""
    if len(found) == 1:
        return [np.float64(one) for one in found[0][0]]
    columns = zip(*[sums for sums, _, _ in found], strict=True)
    return [np.add.reduce(np.array(parts, np.float64)) for parts in columns]


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
    names: Collection[str], dtype: Any, out: Mapping[str, Any], inputs: Collection[Any]
) -> Any:
    """The array that was given for one of these names, if it may be written at once.

    It may not while the inputs, numbers among them, are still being read and share memory with it.
    """
    for name in names:
        given = out.get(name)
        if given is None or given.dtype != dtype or runs_backwards(given):
            continue
        for array in inputs:
            if np.may_share_memory(given, array):
                break
        else:
            return given
    return None
