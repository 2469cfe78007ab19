"""What a call of a kernel finds out about its arguments, once for each kind of arguments."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Literal

from gradmath.kernels import arrays
from gradmath.kernels.backends import converts

Shape = tuple[int, ...]
Reduce = Literal["sum", "mean"] | None


@dataclass(frozen=True)
class Plan:
    """The library, types and shapes of a call.

    converts: whether the runner takes numbers by value, and arrays in the type of the results.
    result_type: the type of the results; dtype: the one to compute in.  shape: what the arguments
    broadcast to; sizes: the same as a runner takes it; count: how many samples.  scalars: the
    arguments that are one number; numbers: whether all are Python's.  full: floating arrays of
    the common shape, which a runner may check on the way; as_given: those that are of the type to
    compute in, too, and need nothing done.  shapes: that of every result, by key;
    when reduced, the argument's own.  sums: the results to be summed by the runner; direct: those
    that it may write into an array that was given.
    """

    xp: ModuleType
    numpy: bool
    converts: bool
    result_type: Any
    dtype: Any
    shape: Shape
    sizes: Mapping[str, Shape]
    count: int
    scalars: frozenset[str]
    numbers: bool
    full: frozenset[str]
    as_given: frozenset[str]
    reduce: Reduce
    shapes: Mapping[str, Shape]
    sums: frozenset[str]
    direct: frozenset[str]

    def ready(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Every argument as an array of the compute type; true arrays in the common shape.

        A runner that converts as it loads gets Python's numbers as they are, and true arrays in the
        type of the results.
        """
        xp, device = self.xp, None
        if not self.numpy:
            import array_api_compat

            others = [value for value in given.values() if not arrays.is_number(value)]
            device = array_api_compat.device(others[0]) if others else None
        ready = {}
        for name, value in given.items():
            if name in self.as_given:
                ready[name] = value
                continue
            if self.converts and arrays.is_number(value):
                ready[name] = float(value)
                continue
            wanted = self.result_type if self.converts and value.ndim else self.dtype
            array = arrays.as_array(xp, name, value, wanted, device)
            if array.shape != self.shape and array.ndim:
                array = xp.broadcast_to(array, self.shape)
            ready[name] = array
        return ready

    def shaped(self, key: str, value: Any) -> Any:
        """A result in the shape that is due: for each sample, or summed, or the mean."""
        own, xp = self.shapes[key], self.xp
        if self.reduce is None:
            if getattr(value, "shape", None) == self.shape:
                return value
            # The same for each sample.
            return xp.asarray(xp.broadcast_to(xp.asarray(value), self.shape), copy=True)
        total = value if key in self.sums else _summed(xp, xp.asarray(value), self.shape, own)
        if self.reduce == "mean":
            total = arrays.divided(xp, total, self.count)
        return total if getattr(total, "shape", None) == own else xp.reshape(total, own)

    def typed(self, value: Any) -> Any:
        """A result in the type that is due; NumPy's numbers are its scalars."""
        if value.dtype != self.result_type:
            value = arrays.rounded(self.xp, self.xp.asarray(value), self.result_type)
        return value[()] if self.numpy and value.ndim == 0 else value


def plan_of(
    given: Mapping[str, Any],
    names: Mapping[str, str],
    output: str,
    reduce: Reduce,
    backend: str = "auto",
) -> Plan:
    """The plan for these arguments; an error if they do not belong together.

    names: the name of each result's quantity by the result's key; output: that of the output.
    An intermediate that is differentiated by has one value for each sample.
    """
    xp = arrays.library_of(given)
    result_type, dtype = arrays.common_dtype(xp, given)
    for name, value in given.items():
        arrays.check_not_empty(name, value)
    shape = arrays.common_shape(given)
    own = {n: () if arrays.is_number(v) else tuple(v.shape) for n, v in given.items()}
    shapes = dict.fromkeys(names, shape)
    if reduce:
        shapes = {key: own.get(name, shape) for key, name in names.items()}
        shapes[output] = ()
    full = frozenset(
        name
        for name, size in own.items()
        if size == shape != () and arrays.is_floating(xp, given[name].dtype)
    )
    sums = frozenset(k for k, s in shapes.items() if reduce and math.prod(s) == 1)
    return Plan(
        xp=xp,
        numpy=arrays.is_numpy(xp),
        converts=converts(backend, xp),
        result_type=result_type,
        dtype=dtype,
        shape=shape,
        sizes={"*": shape},
        count=math.prod(shape),
        scalars=frozenset(name for name, size in own.items() if size == ()),
        numbers=all(arrays.is_number(value) for value in given.values()),
        full=full,
        as_given=frozenset(name for name in full if given[name].dtype == dtype == result_type),
        reduce=reduce,
        shapes=shapes,
        sums=sums,
        direct=frozenset(k for k, s in shapes.items() if s == shape and k not in sums),
    )


def signature(given: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """What a plan depends on, or None where that is not known: for arrays of other libraries."""
    import numpy as np

    parts: list[Any] = []
    for value in given.values():
        kind = type(value)
        if kind is np.ndarray:
            parts.append(value.dtype)
            parts.append(value.shape)
        elif kind is float or kind is int:
            parts.append(kind)
        elif kind.__module__ == "cupy" and kind.__name__ == "ndarray":
            parts += [kind, value.dtype, value.shape]
        else:
            return None
    return tuple(parts)


def _summed(xp: ModuleType, value: Any, shape: Shape, own: Shape) -> Any:
    """The sum over the samples that share an entry of the argument, which has several."""
    if tuple(value.shape) != shape:
        value = xp.asarray(xp.broadcast_to(value, shape), copy=True)
    padded = (1,) * (len(shape) - len(own)) + own
    axes = tuple(k for k, size in enumerate(padded) if size == 1 and shape[k] != 1)
    return xp.sum(value, axis=axes, keepdims=True) if axes else value
