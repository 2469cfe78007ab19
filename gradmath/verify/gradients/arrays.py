"""NumPy on traced numbers: arrays of objects that every NumPy function can work on.

NumPy's own loops for objects do sums, products, matrix products, comparisons and indexing.  What
has no such loop (expit, logaddexp, isnan, ...) is done here number by number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradmath.errors import ArgumentTypeError
from gradmath.verify.gradients import composed
from gradmath.verify.gradients.altered import factors
from gradmath.verify.gradients.blame import delegated
from gradmath.verify.gradients.masks import masked
from gradmath.verify.gradients.number import NotTraceable, Number
from gradmath.verify.gradients.scalar_functions import (
    BINARY,
    BOOLEAN,
    OTHER_NAMES,
    UNARY,
    larger,
    smaller,
)

if TYPE_CHECKING:
    from gradmath.verify.gradients.trace import Trace


class Traced(np.ndarray):
    """An array whose entries are traced numbers or exact constants."""

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        return call_ufunc(ufunc, method, inputs, options)

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        return call_function(function, args, options)

    def astype(self, dtype: Any, *_: Any, **__: Any) -> Any:
        """A copy: a traced number is exact in every floating-point type; others cut it off."""
        return cast(self.copy(), dtype)

    def mean(self, axis: Any = None, dtype: Any = None, out: Any = None, **options: Any) -> Any:
        """The mean, whatever type was asked for."""
        _no_output(out)
        return mean(self, axis, **options)

    def var(self, axis: Any = None, *_: Any, **options: Any) -> Any:
        """The variance, whatever type was asked for."""
        _no_output(options.get("out"))
        return _variance(self, axis, **options)

    def std(self, axis: Any = None, *_: Any, **options: Any) -> Any:
        """The standard deviation, whatever type was asked for."""
        _no_output(options.get("out"))
        return np.sqrt(_variance(self, axis, **options))

    def sum(self, axis: Any = None, dtype: Any = None, out: Any = None, **options: Any) -> Any:
        """The sum, whatever type was asked for."""
        _no_output(out)
        return wrapped(np.sum(plain(self), axis=axis, **options))


def _no_output(out: Any) -> None:
    if out is not None:
        raise NotTraceable("out", got="an array to write a sum or a mean into")


def traced(entries: Any) -> Traced:
    """An array of objects, of the shape of `entries`."""
    table = delegated(np.asarray, _unpacked(entries), dtype=object)
    return table.view(Traced)


def table(argument: str, value: Any) -> np.ndarray:
    """What code returned, as an array; `argument` is named if it is no array."""
    try:
        return np.asarray(traced(value) if isinstance(value, list | tuple) else value)
    except ValueError as error:
        raise ArgumentTypeError(
            argument, got=f"a list of several shapes ({error})"[:90],
            allowed="a number or an array of numbers",
        ) from None  # fmt: skip


def _unpacked(entries: Any) -> Any:
    """Lists with arrays of no axes in them as lists of numbers; arrays as they are."""
    if isinstance(entries, list | tuple):
        return [_unpacked(each) for each in entries]
    if isinstance(entries, np.ndarray) and entries.ndim == 0:
        return entries.item()
    if isinstance(entries, np.ndarray) and entries.dtype == object:
        return entries.tolist() if entries.size < _LARGE else entries
    return entries


#: an array of more entries than this is not unpacked: it was made as a whole
_LARGE = 4096


def cast(x: Any, dtype: Any) -> Any:
    """Traced numbers as a type holds them: whole numbers and truth values are no longer traced."""
    kind = None if dtype is None else np.dtype(dtype).kind
    if kind is None or kind in "fO":
        return x
    if kind not in "iub":
        raise NotTraceable("type", got=str(dtype), allowed="floating-point and whole numbers")
    made = np.frompyfunc(bool if kind == "b" else int, 1, 1)(plain(x))
    return np.asarray(made, dtype=dtype)[()]


def plain(x: Any) -> Any:
    """The same without our class, so that NumPy's own loops are used; lists are gone through."""
    if isinstance(x, Traced):
        return x.view(np.ndarray)
    if isinstance(x, Number):
        return _zero_dimensional(x)
    if isinstance(x, list | tuple) and not hasattr(x, "_fields"):
        return type(x)(plain(each) for each in x)
    return x


def _zero_dimensional(x: Any) -> np.ndarray:
    array = np.empty((), dtype=object)
    array[()] = x
    return array


def wrapped(x: Any) -> Any:
    """Arrays of objects as `Traced`; a single number as itself; anything else as it is."""
    if isinstance(x, np.ndarray) and x.dtype == object:
        return x.item() if x.ndim == 0 else x.view(Traced)
    if isinstance(x, tuple | list):
        return type(x)(wrapped(each) for each in x)
    return x


def elementwise(call: Callable[..., Any], *inputs: Any) -> Any:
    """A function of numbers, entry by entry."""
    return wrapped(delegated(np.frompyfunc(call, len(inputs), 1), *map(plain, inputs)))


_BY_NUMBER = frozenset([*UNARY, *BINARY, *composed.SEVERAL, "clip"])


def call_ufunc(ufunc: Any, method: str, inputs: Sequence[Any], options: Mapping[str, Any]) -> Any:
    """One of NumPy's or SciPy's functions of arrays, on traced numbers."""
    kept = {k: v for k, v in options.items() if k not in ("dtype", "casting", "order", "subok")}
    out = kept.pop("out", None)
    where = kept.pop("where", True)
    name = OTHER_NAMES.get(ufunc.__name__, ufunc.__name__)
    if method == "__call__" and name in _BY_NUMBER:
        result = by_number(name, inputs)
    elif method in ("reduce", "accumulate", "outer") and name in BINARY:
        loop = np.frompyfunc(BINARY[name], 2, 1)
        if method == "reduce":
            inputs, kept = _on_one_axis(inputs, kept)
        result = wrapped(delegated(getattr(loop, method), *map(plain, inputs), **kept))
    elif method == "__call__" and ufunc.signature is None and not _has_object_loop(ufunc):
        raise NotTraceable("function", got=f"{ufunc.__name__} of traced numbers")
    else:
        if ufunc is np.matmul and method == "__call__":
            inputs = factors(*inputs)
        result = wrapped(delegated(getattr(ufunc, method), *map(plain, inputs), **kept))
        result = masked(result, _tape(inputs))
    if where is not True:
        before = out[0] if out else np.zeros(np.shape(result), dtype=object)
        result = wrapped(delegated(np.where, where, plain(result), plain(before)))
    if out:
        delegated(np.copyto, out[0], plain(result), casting="unsafe")
        return out[0]
    return result


def _on_one_axis(
    inputs: Sequence[Any], options: dict[str, Any]
) -> tuple[Sequence[Any], dict[str, Any]]:
    """A reduction over several axes, as one over a single axis, which is all that our loops do."""
    array, axis = np.asarray(plain(inputs[0])), options.get("axis", 0)
    if len(inputs) > 1 and inputs[1:] != (0,):
        return inputs, options  # the axis was given by position
    axes = tuple(range(array.ndim)) if axis is None else axis
    if not isinstance(axes, tuple) or len(axes) < 2:
        return inputs, options
    axes = tuple(each % array.ndim for each in axes)
    rest = [n for n in range(array.ndim) if n not in axes]
    joined = array.transpose(*rest, *axes).reshape([array.shape[n] for n in rest] + [-1])
    if options.get("keepdims"):
        joined = joined.reshape([1 if n in axes else size for n, size in enumerate(array.shape)]
                                + [-1])  # fmt: skip
    return (joined,), {**options, "axis": -1, "keepdims": False}


def _tape(inputs: Sequence[Any]) -> Trace | None:
    for each in inputs:
        entries = each.flat if isinstance(each, Traced) else [each]
        for entry in entries:
            if isinstance(entry, Number):
                return entry.trace
    return None


def is_object(x: Any) -> bool:
    """Whether traced numbers may hide in x."""
    if isinstance(x, list | tuple):
        return any(map(is_object, x))
    return isinstance(x, Number) or (isinstance(x, np.ndarray) and x.dtype == object)


def by_number(name: str, inputs: Sequence[Any]) -> Any:
    """A function by its name, entry by entry."""
    if name in composed.SEVERAL:
        return tuple(by_number(each, inputs) for each in composed.SEVERAL[name])
    if name == "clip":
        x, low, high = inputs
        x = x if low is None else elementwise(larger, x, low)
        return x if high is None else elementwise(smaller, x, high)
    result = elementwise({**UNARY, **BINARY}[name], *inputs)
    if name in BOOLEAN:
        return np.asarray(plain(result), dtype=bool)[()]
    return result


def _has_object_loop(ufunc: Any) -> bool:
    return any("O" in kind for kind in ufunc.types)


# Options that are not named here (`where`, `weights`, ...) are refused, so that the code is
# then judged by its values; to leave one out would be to trace another function.


def mean(
    x: Any, axis: Any = None, dtype: Any = None, out: None = None, *, keepdims: Any = False
) -> Any:
    """`np.mean` of traced numbers."""
    total: Any = np.asarray(np.sum(plain(x), axis=axis, keepdims=keepdims), dtype=object)
    return wrapped(total / (np.size(x) // max(total.size, 1)))


def _variance(
    x: Any, axis: Any = None, dtype: Any = None, out: None = None, ddof: int = 0, *,
    keepdims: Any = False,
) -> Any:  # fmt: skip
    centre = plain(mean(x, axis, keepdims=True))
    off: Any = traced(plain(x) - centre)
    total: Any = np.sum(off * off, axis=axis, keepdims=keepdims)
    return total / (np.size(x) // max(np.size(centre), 1) - ddof)


def _array(x: Any, dtype: Any = None, copy: Any = None, order: Any = None, ndmin: int = 0) -> Any:
    if ndmin:
        raise NotTraceable("array", got="ndmin")
    return cast(traced(plain(x)), dtype)


#: functions of arrays that NumPy cannot do on objects; `array_functions` has more
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "mean": mean,
    "var": _variance,
    "std": lambda x, *args, **options: np.sqrt(_variance(x, *args, **options)),
    "array": _array,
    "asarray": _array,
}


#: those of them that make an array of the type asked for
_CASTING = ("array", "asarray")


def call_function(function: Any, args: Sequence[Any], options: Mapping[str, Any]) -> Any:
    """One of NumPy's other functions, on arrays of traced numbers."""
    kept = {key: plain(value) for key, value in options.items() if key != "dtype"}
    from gradmath.verify.gradients import array_functions

    ours = {**array_functions.FUNCTIONS, **_FUNCTIONS}
    if function.__name__ in ours:
        out = kept.pop("out", None)
        if function.__name__ in _CASTING and "dtype" in options:
            kept["dtype"] = options["dtype"]
        result = delegated(ours[function.__name__], *args, **kept)
        if out is None:
            return result
        delegated(np.copyto, out, plain(result), casting="unsafe")
        return wrapped(out)
    if function.__module__ == "numpy.linalg":
        from gradmath.verify.gradients import linear

        if function.__name__ not in linear.FUNCTIONS:
            raise NotTraceable("function", got=f"np.linalg.{function.__name__}")
        return delegated(linear.FUNCTIONS[function.__name__], *args, **kept)
    if function in (np.dot, np.inner) and len(args) == 2:
        args = factors(*args)
    own = getattr(function, "_implementation", function)
    if function.__name__ in ("einsum", "dot", "matmul", "vdot", "inner", "tensordot", "outer"):
        own = function
    return wrapped(delegated(own, *map(plain, args), **kept))
