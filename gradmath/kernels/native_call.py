"""The short way into a native kernel of named equations, for the calls that are made most.

A call with numbers and contiguous arrays of one shape and type needs none of the general
preparation: addresses go straight to the library, which looks for NaN and infinity on its way.
Whatever is out of the ordinary is left to the general way, which also finds the words for errors;
results are the same to the last bit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from gradmath.derivation import NamedDerivation
from gradmath.errors import BackendError
from gradmath.kernels.auto_runner import LARGE, AutoRunner
from gradmath.kernels.native_plan import Part
from gradmath.kernels.native_runner import Built, NativeRunner, fit_for_output
from gradmath.kernels.native_source import GROUP
from gradmath.kernels.runner import Runner
from gradmath.program.ir import derivative_key

#: results up to this many bytes are rows of one array: making many small arrays takes time
_TOGETHER = 1 << 13


@dataclass
class _Recipe:
    """What a call with these kinds of arguments does: where they go, and where results stand.

    results: for each name its kind and a number: a row of the outputs, a sum, a scalar, an input
    or a constant.
    """

    built: Built
    part: int | None
    scalar_part: int | None
    arrays: tuple[int, ...]
    scalars: tuple[int, ...]
    outputs: int
    results: list[tuple[str, str, Any]] = field(default_factory=list)


def quick_call(
    derivation: NamedDerivation, backend: str, runner_of: Callable[[frozenset[str], Any], Runner]
) -> QuickCall | None:
    """The short way of a kernel whose backend has one."""
    if backend not in ("native", "auto"):
        return None

    def native(scalars: frozenset[str]) -> NativeRunner | None:
        import array_api_compat.numpy as numpy_namespace

        runner = runner_of(scalars, numpy_namespace)
        return runner.native() if isinstance(runner, AutoRunner) else cast(NativeRunner, runner)

    return QuickCall(derivation, native, LARGE if backend == "auto" else 0)


class QuickCall:
    """Calls of one kernel; `runner_of(scalars)` makes the runner for a choice of numbers.

    Arrays of fewer than `least` entries, and numbers alone if that is not 0, are left alone.
    """

    def __init__(
        self,
        derivation: NamedDerivation,
        runner_of: Callable[[frozenset[str]], NativeRunner | None],
        least: int,
    ) -> None:
        self._least = max(2, least)
        self._inputs = tuple(derivation.inputs)
        self._names = tuple(dict.fromkeys((derivation.output, *derivation.wrt)))
        self._output = derivation.output
        self._runner_of = runner_of
        self._recipes: dict[tuple[Any, ...], _Recipe | None] = {}

    def __call__(
        self, given: Mapping[str, Any], reduce: Any, out: Any, check_finite: bool
    ) -> tuple[Any, dict[str, Any]] | None:
        """The answer, or None where the general way has to find it."""
        import numpy as np

        if len(given) != len(self._inputs) or (out is not None and reduce is not None):
            return None
        try:
            items = [given[name] for name in self._inputs]
        except KeyError:
            return None
        kinds = tuple(map(type, items))
        shape, dtype, least = (), None, self._least
        for item, kind in zip(items, kinds, strict=True):
            if kind is np.ndarray:
                if dtype is None:
                    dtype, shape = item.dtype, item.shape
                    if dtype.char not in "df" or not dtype.isnative or item.size < least:
                        return None
                elif item.dtype != dtype or item.shape != shape:
                    return None
                flags = item.flags
                if not (flags.c_contiguous and flags.aligned):
                    return None
            elif kind is not float and kind is not int:
                return None
        if dtype is None and least > 2:
            return None
        key = (kinds, dtype and dtype.char, reduce)
        recipe = self._recipes.get(key, self)
        if recipe is self:
            recipe = self._recipes[key] = self._recipe(kinds, dtype, reduce)
        if recipe is None:
            return None
        assert isinstance(recipe, _Recipe)
        if dtype is None:
            return self._numbers(recipe, items, check_finite, out)
        return self._run(recipe, items, shape, reduce, out, check_finite)

    def _recipe(self, kinds: Sequence[type], dtype: Any, reduce: Any) -> _Recipe | None:
        import numpy as np

        numbers = [n for n, kind in enumerate(kinds) if kind is not np.ndarray]
        scalars = frozenset(self._inputs[n] for n in numbers)
        keys = {n: n if n == self._output else derivative_key(n) for n in self._names}
        # an argument with a value for each sample has a derivative for each; so have intermediates
        summed = [n for n in self._names if n == self._output or n in scalars] if reduce else []
        runner = self._runner_of(scalars)
        if runner is None:
            return None
        program = runner.program
        bits = 64 if dtype is None else 8 * dtype.itemsize
        try:
            built = runner.built(bits, [keys[n] for n in summed])
        except BackendError:
            if self._least > 2:  # nobody asked for this backend
                return None
            raise
        plan = built.plan
        steps = [step for step in plan.steps if isinstance(step, Part)]
        part = next((n for n, step in enumerate(steps) if not step.scalar), None)
        scalar_part = next((n for n, step in enumerate(steps) if step.scalar), None)
        if len(steps) != (part is not None) + (scalar_part is not None) or part is None:
            return None
        if reduce and dtype is None:
            return None
        number = {name: n for n, name in enumerate(self._inputs)}
        items = program.instructions
        arrays = tuple(number[str(items[p].value)] for p in steps[part].inputs)
        fed = [(slot, p) for p, slot in plan.scalars.items() if items[p].op == "input"]
        if [slot for slot, _ in sorted(fed)] != list(range(len(fed))):
            return None
        places = tuple(number[str(items[p].value)] for _, p in sorted(fed))
        unread = {n for n in range(len(kinds)) if n not in (*arrays, *places)}
        checked = {number[str(items[p].value)] for p in plan.checked}
        if unread or not set(arrays) <= checked:
            return None
        recipe = _Recipe(built, part, scalar_part, arrays, places, len(steps[part].outputs))
        rows: set[int] = set()
        for name in self._names:
            position = program.outputs[keys[name]]
            item = items[position]
            if name in summed and position in steps[part].summed:
                recipe.results.append((name, "sum", steps[part].summed.index(position)))
            elif item.op == "const":
                kind = "constant sum" if name in summed else "constant"
                recipe.results.append((name, kind, float(str(item.value))))
            elif position in plan.scalars:
                kind = "scalar sum" if name in summed else "scalar"
                recipe.results.append((name, kind, plan.scalars[position]))
            elif item.op == "input" or name in summed:
                return None
            else:
                row = steps[part].outputs.index(position)
                recipe.results.append((name, "copy" if row in rows else "row", row))
                rows.add(row)
        return recipe if len(rows) == recipe.outputs else None

    def _numbers(
        self, recipe: _Recipe, items: list[Any], check_finite: bool, out: Any
    ) -> tuple[Any, dict[str, Any]] | None:
        """Numbers alone: one sample, whose values are floats."""
        if out is not None:
            return None
        built, frame = recipe.built, recipe.built.frame()
        ffi = built.ffi
        try:
            values = [float(items[n]) for n in recipe.arrays]
        except OverflowError:
            return None
        if check_finite and not math.isfinite(sum(values)):
            return None
        count = len(values)
        if frame.one is None:
            frame.one = ffi.new("double[]", count + recipe.outputs)
            assert recipe.part is not None
            for n in range(count + recipe.outputs):
                frame.arrays[recipe.part][n] = ffi.cast("char *", frame.one + n)
        frame.one[0:count] = values
        if not _go(recipe, frame, 1, check_finite):
            return None
        found = list(frame.one[count : count + recipe.outputs])
        finished = {}
        for name, kind, where in recipe.results:
            finished[name] = where if kind == "constant" else found[where]
        loss = finished.pop(self._output)
        return loss, finished

    def _run(
        self,
        recipe: _Recipe,
        items: list[Any],
        shape: tuple[int, ...],
        reduce: Any,
        out: Any,
        check_finite: bool,
    ) -> tuple[Any, dict[str, Any]] | None:
        import numpy as np

        built, frame = recipe.built, recipe.built.frame()
        ffi, dtype = built.ffi, built.dtype
        count = math.prod(shape)
        if recipe.scalars:
            try:
                values = [float(items[n]) for n in recipe.scalars]
            except OverflowError:
                return None
            total = sum(map(abs, values))
            if check_finite and not total <= (1e308 if built.type == "double" else 3e38):
                return None
            if built.type == "float" and not total <= 3e38:
                return None
            frame.scalar_pointer[0 : len(values)] = values
        assert recipe.part is not None
        table = frame.arrays[recipe.part]
        inputs = [items[n] for n in recipe.arrays]
        for n, array in enumerate(inputs):
            table[n] = ffi.from_buffer(array)
        first = len(inputs)
        rows = self._rows(recipe, shape, out, inputs)
        if rows is None:
            return None
        if isinstance(rows, np.ndarray):
            start = ffi.cast("uintptr_t", ffi.from_buffer(rows))
            address = frame.addresses[recipe.part]
            address[first : first + recipe.outputs] = int(start) + np.arange(
                recipe.outputs, dtype=np.uintp
            ) * (count * dtype.itemsize)
            rows = list(rows.reshape(recipe.outputs, *shape))
        else:
            for n, row in enumerate(rows):
                table[first + n] = ffi.from_buffer(row)
        if not _go(recipe, frame, count, check_finite):
            return None
        scale = count if reduce == "mean" else 1
        kind_of = dtype.type
        finished: dict[str, Any] = {}
        for name, kind, where in recipe.results:
            if kind == "row":
                value = rows[where]
                if scale != 1:
                    np.divide(value, scale, out=value)
            elif kind == "sum":
                value = kind_of(frame.sums[recipe.part][where] / scale)
            elif kind == "copy":
                value = rows[where].copy()
                if scale != 1:  # the row may be divided or not, and its copy with it
                    return None
            else:
                number = where if kind.startswith("constant") else float(frame.scalars[where])
                if kind.endswith("sum"):
                    value = kind_of(number * count / scale)
                elif scale != 1:
                    return None
                else:
                    value = np.full(shape, number, dtype)
            target = out.get(name) if out else None
            if target is not None and target is not value:
                target[...] = value
                value = target
            finished[name] = value
        loss = finished.pop(self._output)
        return loss, finished

    def _rows(self, recipe: _Recipe, shape: tuple[int, ...], out: Any, inputs: list[Any]) -> Any:
        """Arrays for the outputs: the caller's, new ones, or one for all; None: the general way."""
        import numpy as np

        dtype = recipe.built.dtype
        if not out:
            if out is None and recipe.outputs > 1:
                size = math.prod(shape) * dtype.itemsize
                if size <= _TOGETHER:
                    return np.empty((recipe.outputs, *shape), dtype)
            return [np.empty(shape, dtype) for _ in range(recipe.outputs)]
        if not isinstance(out, dict) or not out.keys() <= set(self._names):
            return None
        rows: list[Any] = [None] * recipe.outputs
        seen: set[int] = set()
        for name, kind, where in recipe.results:
            given = out.get(name)
            if given is None:
                continue
            if (
                type(given) is not np.ndarray
                or given.shape != shape
                or not given.flags.writeable
                or not fit_for_output(given, dtype, inputs)
                or id(given) in seen
            ):
                return None
            seen.add(id(given))
            if kind == "row":
                rows[where] = given
        return [np.empty(shape, dtype) if row is None else row for row in rows]


def _go(recipe: _Recipe, frame: Any, count: int, check_finite: bool) -> bool:
    """Run; False where a value was not finite or a derivative does not exist."""
    built = recipe.built
    library, ffi, flags = built.library, built.ffi, frame.flags
    ffi.memmove(flags, frame.clear, len(frame.clear))
    if recipe.scalar_part is not None:
        library.run_scalars(
            recipe.scalar_part, frame.scalar_pointer, len(built.plan.scalars), flags, frame.work
        )
    part = recipe.part
    sums = frame.sums[part]
    groups = -(-count // (built.block * GROUP))
    library.run_arrays(
        part, frame.arrays[part], ffi.NULL, frame.scalar_pointer, sums,
        frame.partial(groups * (len(sums) or 1)), flags, frame.work, frame.room, count,
        built.threads,
    )  # fmt: skip
    if built.flags > 1 and any(flags[n] for n in range(1, built.flags)):
        return False
    return not (check_finite and flags[0])
