"""The short way into a NumPy kernel of named equations, for the calls that are made most.

A call with numbers and arrays of one shape and type, few enough for one block, needs none of the
general preparation, which would take longer than the computation.  Whatever is out of the ordinary
is left to the general way, which also finds the words for errors; results have the same bits.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

import numpy as np

from gradmath.derivation import NamedDerivation
from gradmath.kernels.arrays import sharing
from gradmath.kernels.numpy.compiled import Compiled, is_finite, runs_backwards, totals
from gradmath.kernels.numpy.runner import NumpyRunner
from gradmath.kernels.runner import Sizes
from gradmath.program.ir import derivative_key

#: Numbers beyond this are left to the general way, in float32.
_SINGLE = 3.4e38
#: Shapes that are remembered for each choice of numbers and arrays.
_SHAPES = 64
#: Identities of arrays that may be written into and read from, and what tells when one is no more.
_Fit = tuple[list[int], Sequence[weakref.ref[Any]]]
_NONE: _Fit = ([], [])
Answer = tuple[Any, dict[str, Any]] | None


class NumpyCall:
    """Calls of one kernel; `runner_of(scalars)` is the runner for a choice of numbers."""

    def __init__(
        self, derivation: NamedDerivation, runner_of: Callable[[frozenset[str]], NumpyRunner]
    ) -> None:
        self._inputs = tuple(derivation.inputs)
        self._all = _picker(self._inputs)
        # The output first: the quantity that is differentiated may be one that is asked for.
        keys = {name: derivative_key(name) for name in derivation.wrt}
        self._keys = {derivation.output: derivation.output} | keys
        self._wrt = derivation.wrt
        self._runner_of = runner_of
        self._known: dict[tuple[Any, ...], _Kinds | None] = {}

    def __call__(
        self, given: Mapping[str, Any], reduce: Any, out: Any, check_finite: bool
    ) -> Answer:
        """The answer, or None where the general way has to find it."""
        if reduce is not None and (out is not None or reduce not in ("sum", "mean")):
            return None
        if len(given) != len(self._inputs):
            return None
        try:
            items = self._all(given)
        except KeyError:
            return None
        key = (reduce is None, *map(type, items))
        kinds = self._known.get(key)
        if kinds is None:
            if key not in self._known:
                self._known[key] = self._kinds(key)
            kinds = self._known[key]
        return None if kinds is None else kinds.answer(items, reduce, out, check_finite)

    def _kinds(self, key: tuple[Any, ...]) -> _Kinds | None:
        """How arguments of these types are called with, where they may be called with at once."""
        types = dict(zip(self._inputs, key[1:], strict=True))
        if not set(types.values()) <= {np.ndarray, float, int, np.float64}:
            return None
        scalars = frozenset(name for name, kind in types.items() if kind is not np.ndarray)
        each = key[0]
        if len(scalars) == len(types) or (not each and not scalars.issuperset(self._wrt)):
            return None
        sums = frozenset() if each else frozenset(self._keys.values())
        compiled = self._runner_of(scalars).compiled(sums)
        results = compiled.calls.written if each else tuple(compiled.calls.sums)
        read = {*compiled.calls.arrays, *compiled.calls.scalars}
        if read != set(types) or compiled.program.guards or len(results) != len(self._keys):
            return None
        places = {
            name: results.index(compiled.program.outputs[k]) for name, k in self._keys.items()
        }
        return _Kinds(compiled, self._inputs, places, doubles=np.float64 in key)


class _Kinds:
    """Calls whose arguments are of the same Python types, for each sample or summed.

    places: for each result, the output first, its place among those of `compiled`.
    doubles: some of the numbers are doubles of NumPy's, beside which float32 arrays give doubles.
    """

    def __init__(
        self, compiled: Compiled, inputs: Sequence[str], places: Mapping[str, int], doubles: bool
    ) -> None:
        self._compiled = compiled
        self._arrays = _picker([inputs.index(name) for name in compiled.calls.arrays])
        self._scalars = _picker([inputs.index(name) for name in compiled.calls.scalars])
        self._names = sorted(places, key=lambda name: places[name])
        self._results = _picker(self._names)
        (_, self._output), *self._grads = places.items()
        # What a run is told about a shape, None where the general way is to be taken; by type.
        kinds = ("float64",) if doubles else ("float64", "float32")
        self._sizes: dict[Any, dict[Any, Sizes | None]] = {np.dtype(kind): {} for kind in kinds}
        self._fit = _NONE
        # Numbers, a type, and the numbers as arrays of it: most are the same call after call.
        self._last: tuple[tuple[Any, ...], Any, list[Any]] = ((), None, [])

    def answer(self, items: Sequence[Any], reduce: Any, out: Any, check_finite: bool) -> Answer:
        """The answer, or None where the general way has to find it."""
        arrays = self._arrays(items)
        first = arrays[0]
        dtype, shape = first.dtype, first.shape
        for array in arrays:
            if array.dtype is not dtype or array.shape != shape or runs_backwards(array):
                return None
        try:
            sizes = self._sizes[dtype][shape]
        except KeyError:
            sizes = self._look_at(first)
        if sizes is None:
            return None
        if check_finite:
            for array in arrays:
                if not is_finite(array):
                    return None
        scalars = self._scalars(items)
        known, kind, numbers = self._last
        if known != scalars or kind is not dtype:
            for number in scalars:
                if not -_SINGLE < number < _SINGLE:
                    return None
            numbers = [np.asarray(number, dtype) for number in scalars]
            if all(scalars):  # 0.0 equals -0.0
                self._last = scalars, dtype, numbers
        found: Sequence[Any]
        if reduce is not None:
            sums = totals(self._compiled.one_block(arrays, numbers, [], sizes, dtype))
            count = first.size if reduce == "mean" else 1
            # Of Python's numbers, which underflow in silence.
            found = [dtype.type(float(one) / count) for one in sums]
        else:
            if out is None:
                found = [np.empty(shape, dtype) for _ in self._names]
            elif targets := self._targets(out, arrays):
                found = targets
            else:
                return None
            try:
                self._compiled.one_block(arrays, numbers, found, sizes, dtype)
            except (TypeError, ValueError):  # an array has changed since it was looked at
                return None
        return found[self._output], {name: found[k] for name, k in self._grads}

    def _look_at(self, first: Any) -> Sizes | None:
        """What a run is told about arrays like this; it is remembered."""
        known = self._sizes.get(first.dtype)
        if known is None:
            return None
        sizes = {"*": first.shape}
        fits = first.ndim and first.size and self._compiled.is_one_block(sizes, first.dtype)
        if len(known) >= _SHAPES:
            known.clear()
        found = known[first.shape] = sizes if fits else None
        return found

    def _targets(self, out: Any, arrays: tuple[Any, ...]) -> Sequence[Any] | None:
        """The arrays to write into, those in `out` where they may be written into at once.

        To see whether two arrays share memory takes a tenth as long as a small computation: the
        arrays of the last call, known by their identities while all of them live, are not looked at
        again.
        """
        if type(out) is not dict:
            return None
        if len(out) == len(self._names):
            try:
                targets = self._results(out)
            except KeyError:
                return None
            if self._fit[0] == [*map(id, targets + arrays)]:
                return targets
        given = [out.get(name) for name in self._names]
        dtype, shape = arrays[0].dtype, arrays[0].shape
        there = [array for array in given if array is not None]
        if len({id(array) for array in there}) != len(out):
            return None
        for array in there:
            if type(array) is not np.ndarray or array.dtype is not dtype or array.shape != shape:
                return None
            if not array.flags.writeable or runs_backwards(array):
                return None
            if any(np.may_share_memory(array, other) for other in arrays):
                return None
        if sharing(dict(enumerate(there))) is not None:
            return None
        if len(there) == len(given):
            # One assignment: another thread sees both, or neither.
            living = [weakref.ref(array, self._forget) for array in (*there, *arrays)]
            self._fit = ([*map(id, there), *map(id, arrays)], living)
        return [np.empty(shape, dtype) if array is None else array for array in given]

    def _forget(self, _: object) -> None:
        self._fit = _NONE


def _picker(places: Sequence[Any]) -> Callable[[Any], tuple[Any, ...]]:
    """What takes these places of something, as a tuple."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda given: tuple(given[place] for place in places)
