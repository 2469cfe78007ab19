"""The short way into a native kernel of named equations, for the calls that are made most.

A call with numbers and contiguous arrays of one shape and type needs none of the general
preparation: addresses go straight to the library, which looks for NaN and infinity on its way.
Whatever is out of the ordinary is left to the general way, which also finds the words for errors;
results are the same to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from gradmath.derivation import NamedDerivation
from gradmath.errors import BackendError
from gradmath.kernels.auto_runner import LARGE, AutoRunner
from gradmath.kernels.native.built import Frame
from gradmath.kernels.native.go import fill, go, overlap
from gradmath.kernels.native.recipe import Recipe, recipe_of
from gradmath.kernels.native.runner import NativeRunner
from gradmath.kernels.runner import Runner

#: results up to this many bytes are rows of one array: making many small arrays takes time
_TOGETHER = 1 << 13

Answer = tuple[Any, dict[str, Any]] | None


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


class _Kinds:
    """Calls whose arguments are of the same Python types: where the arrays are among them.

    double, single: the types of arrays that the short way knows.  Python's numbers take the type of
    the arrays; NumPy's are doubles, beside which single precision would give doubles: None then.
    recipes: by the number of bits of the arrays.
    """

    def __init__(self, kinds: Sequence[type]) -> None:
        import numpy as np

        different = set(kinds)
        self.arrays = [n for n, kind in enumerate(kinds) if kind is np.ndarray]
        doubles = np.float64 in different
        known = {np.ndarray, float, int, np.float64}
        # Doubles alone give NumPy's numbers, not Python's.
        self.fit = different <= known and bool(self.arrays or not doubles)
        self.double = np.dtype("float64")
        self.single = None if doubles else np.dtype("float32")
        self.recipes: dict[int, Recipe | None] = {}


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
        self._numbers_too = least == 0
        self._inputs = tuple(derivation.inputs)
        self._names = tuple(dict.fromkeys((derivation.output, *derivation.wrt)))
        self._runner_of = runner_of
        self._known: dict[tuple[Any, ...], _Kinds] = {}

    def __call__(
        self, given: Mapping[str, Any], reduce: Any, out: Any, check_finite: bool
    ) -> Answer:
        """The answer, or None where the general way has to find it."""
        if len(given) != len(self._inputs):
            return None
        try:
            items = [given[name] for name in self._inputs]
        except KeyError:
            return None
        types = (*map(type, items), reduce)
        kinds = self._known.get(types)
        if kinds is None:
            kinds = self._known[types] = _Kinds(types[:-1])
        if not kinds.fit:
            return None
        if not kinds.arrays:
            return self._numbers(kinds, items, check_finite, out, reduce)
        first = items[kinds.arrays[0]]
        dtype, shape = first.dtype, first.shape
        if first.size < self._least:
            return None
        if dtype is kinds.double:
            bits = 64
        elif dtype is kinds.single:
            bits = 32
        else:
            return None
        for n in kinds.arrays:
            if items[n].dtype is not dtype or items[n].shape != shape:
                return None
        recipe = self._recipe(kinds, bits, reduce)
        if recipe is None or (out is not None and reduce is not None):
            return None
        return self._arrays(recipe, items, first, out, reduce == "mean", check_finite)

    def _recipe(self, kinds: _Kinds, bits: int, reduce: Any) -> Recipe | None:
        if bits not in kinds.recipes:
            arrays = set(kinds.arrays)
            numbers = frozenset(n for k, n in enumerate(self._inputs) if k not in arrays)
            runner = self._runner_of(numbers)
            kinds.recipes[bits] = None
            try:
                if runner is not None:
                    kinds.recipes[bits] = recipe_of(
                        runner, bits, self._inputs, self._names, numbers, reduce
                    )
            except BackendError:
                if self._numbers_too:
                    raise  # where this backend was asked for
        return kinds.recipes[bits]

    def _numbers(
        self, kinds: _Kinds, items: list[Any], check_finite: bool, out: Any, reduce: Any
    ) -> Answer:
        """Numbers alone: one sample, whose values are floats."""
        if out is not None or reduce is not None or not self._numbers_too:
            return None
        recipe = self._recipe(kinds, 64, reduce)
        if recipe is None:
            return None
        frame = recipe.built.frame()
        values = [items[n] for n in recipe.arrays]
        total = sum(values)
        if check_finite and total - total != 0:
            return None
        count = len(values)
        one = frame.one
        if one is None:
            ffi = recipe.built.ffi
            one = frame.one = ffi.new("double[]", count + recipe.outputs)
            for n in range(count + recipe.outputs):
                frame.arrays[recipe.part][n] = ffi.cast("char *", one + n)
        try:
            one[0:count] = values
        except OverflowError:
            return None
        if not go(recipe, frame, 1, check_finite):
            return None
        found = one[count : count + recipe.outputs]
        grads = {
            name: where if kind == "constant" else found[where]
            for name, kind, where in recipe.results
        }
        loss = grads.pop(self._names[0])
        return loss, grads

    def _arrays(
        self,
        recipe: Recipe,
        items: list[Any],
        first: Any,
        out: Any,
        mean: bool,
        check_finite: bool,
    ) -> Answer:
        built, frame = recipe.built, recipe.built.frame()
        if recipe.scalars and not fill(recipe, frame, items, check_finite):
            return None
        table = frame.arrays[recipe.part]
        from_buffer = built.ffi.from_buffer
        try:
            n = 0
            for k in recipe.arrays:
                table[n] = from_buffer(items[k])
                n += 1
            rows = self._rows(recipe, first, out)
            if rows is None:
                return None
            for row in rows:
                table[n] = from_buffer(row, require_writable=True)
                n += 1
        except (ValueError, BufferError):  # not contiguous, or read-only
            return None
        if out and overlap(recipe, frame, first):
            return None
        count = first.size
        if not go(recipe, frame, count, check_finite):
            return None
        return self._results(recipe, frame, rows, first, out, count if mean else 1)

    def _results(
        self, recipe: Recipe, frame: Frame, rows: Any, first: Any, out: Any, scale: int
    ) -> Answer:
        """Results by name, from rows, sums and what is the same for every sample."""
        import numpy as np

        sums, number = frame.sums[recipe.part], first.dtype.type
        finished: dict[str, Any] = {}
        for name, kind, where in recipe.results:
            if kind == "sum":
                finished[name] = number(sums[where] / scale)
                continue
            if kind == "row":
                value = rows[where]
                if scale != 1:
                    np.divide(value, scale, out=value)
            elif kind == "copy":
                value = finished[where].copy()
            else:
                same = where if kind.startswith("constant") else float(frame.scalars[where])
                if kind.endswith("sum"):
                    finished[name] = number(same * first.size / scale)
                    continue
                value = np.full(first.shape, same / scale, first.dtype)
            target = out.get(name) if out else None
            if target is not None and target is not value:
                target[...] = value
                value = target
            finished[name] = value
        loss = finished.pop(self._names[0])
        return loss, finished

    def _rows(self, recipe: Recipe, first: Any, out: Any) -> Any:
        """Arrays for the outputs: the caller's, new ones, or rows of one; None: the general way."""
        import numpy as np

        shape, dtype = first.shape, first.dtype
        if out is None:
            if recipe.outputs > 1 and first.nbytes <= _TOGETHER:
                return list(np.empty((recipe.outputs, *shape), dtype))
            return [np.empty(shape, dtype) for _ in range(recipe.outputs)]
        if type(out) is not dict or not out.keys() <= recipe.names or recipe.unusual:
            return None
        rows = []
        for name in recipe.row_names:
            given = out.get(name)
            if given is None:
                rows.append(np.empty(shape, dtype))
            elif type(given) is np.ndarray and given.dtype is dtype and given.shape == shape:
                rows.append(given)
            else:
                return None
        return rows
