"""What every backend gives: a program made callable.

A runner is made once for a program and may be called from several threads at a time: buffers
belong to the thread that uses them.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from types import ModuleType
from typing import Any, Protocol

from gradmath.program.ir import Program, Shape

Sizes = Mapping[str, tuple[int, ...]]


class NotFinite(Exception):
    """An array that was to be checked on the way holds a NaN or an infinity."""


class Runner(Protocol):
    """What a kernel needs: the readable source, and a run from inputs to named results."""

    @property
    def source(self) -> str:
        """The generated source."""
        ...

    def run(
        self,
        values: Mapping[str, Any],
        sizes: Sizes,
        dtype: Any,
        out: Mapping[str, Any],
        sums: Collection[str] = (),
    ) -> tuple[dict[str, Any], list[Any]]:
        """Results by name, and the guards' predicates.

        values: an array for each input of the program, of type dtype; those of shape ("*",) all
            have the common shape, those of shape () are 0-d.  An array may be read-only, and a
            view with any strides.
        sizes: what the symbolic sizes stand for ("*": the common shape, "n": (batch,)).
        dtype: the type to compute in, float32 or float64 in the library's own words.
        out: arrays to write results into, where the library allows it; none for those in sums.
        sums: the results that are wanted summed over all samples, as 0-d arrays; the order of
            summation is fixed by the sizes and the type alone.
        """
        ...


def concrete(shape: Shape, sizes: Sizes) -> tuple[int, ...]:
    """A symbolic shape with its sizes filled in."""
    result: list[int] = []
    for size in shape:
        result.extend(sizes[size] if isinstance(size, str) else (size,))
    return tuple(result)


def run_of(source: str, scope: dict[str, Any]) -> Any:
    """The function `run` of generated Python source."""
    # The source is our own printer's, made of operations of a Program; names in it are Python
    # identifiers checked when the equations were read.
    exec(compile(source, "<gradmath kernel>", "exec"), scope)
    return scope["run"]


def summed(
    xp: ModuleType,
    results: Mapping[str, Any],
    program: Program,
    sizes: Sizes,
    sums: Collection[str],
) -> dict[str, Any]:
    """The results, those named in sums added up: for runners that do not do it on the way."""
    finished = dict(results)
    for name in sums:
        shape = program.instructions[program.outputs[name]].shape
        alike = math.prod(sizes["*"]) if shape == () else 1  # the same for every sample
        finished[name] = xp.sum(results[name]) * alike
    return finished
