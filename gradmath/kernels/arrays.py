"""Which array library the arguments belong to, their common type, and the checks on them."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from gradmath.errors import ArgumentTypeError, ArrayLibraryError, ShapeError, ValueRangeError


def is_number(value: object) -> bool:
    """A Python number; NumPy's own scalars count as arrays without axes."""
    return type(value) in (int, float)


def library_of(arguments: Mapping[str, Any]) -> ModuleType:
    """The array-API namespace of the arguments; NumPy for Python numbers and lists.

    Raises ArrayLibraryError if two libraries meet, naming one argument of each.
    """
    import array_api_compat
    import array_api_compat.numpy as numpy_namespace

    found: dict[ModuleType, str] = {}
    for name, value in arguments.items():
        if type(value) is numpy_namespace.ndarray:  # mostly, and told at once
            found.setdefault(numpy_namespace, name)
            continue
        if is_number(value) or isinstance(value, list | tuple):
            continue
        if not array_api_compat.is_array_api_obj(value):
            raise ArgumentTypeError(
                name, got=type(value).__name__, allowed="a number, a list of numbers or an array"
            )
        if type(value).__name__ in ("MaskedArray", "matrix"):
            # A mask would be lost, and a matrix multiplies where an array goes entry by entry.
            raise ArgumentTypeError(
                name, got=f"a NumPy {type(value).__name__}", allowed="a plain array"
            )
        found.setdefault(array_api_compat.array_namespace(value), name)
    if len(found) > 1:
        (one, first), (two, second), *_ = found.items()
        raise ArrayLibraryError(
            f"{first} and {second}",
            got=f"arrays of {_library_name(one)} and {_library_name(two)}",
            allowed="arrays of one library",
            remedy="convert one of them",
        )
    return next(iter(found), numpy_namespace)


def _library_name(namespace: ModuleType) -> str:
    return namespace.__name__.removeprefix("array_api_compat.").partition(".")[0]


@functools.cache
def is_numpy(xp: ModuleType) -> bool:
    """Whether the namespace is NumPy's."""
    return _library_name(xp) == "numpy"


def common_dtype(xp: ModuleType, arguments: Mapping[str, Any]) -> tuple[Any, Any]:
    """(type of the results, type to compute in).

    Floating types are promoted by the library's rule; integers count as float64; Python numbers
    take part only if there is nothing else.  float16 (and bfloat16) are computed in float32 and
    rounded once at the end.
    """
    result = None
    for name, value in arguments.items():
        if is_number(value):
            continue
        kind = _float_type(xp, name, value.dtype)
        result = kind if result is None else _promote(xp, name, result, kind)
    if result is None:
        result = xp.float64
    return result, _computed_in(xp, result)


@functools.cache
def _computed_in(xp: ModuleType, result: Any) -> Any:
    """float64 or float32, in the machine's own byte order."""
    wide = xp.float64 if _bits(xp, result) == 64 else xp.float32
    return xp.zeros(0, dtype=wide).dtype


def _promote(xp: ModuleType, name: str, one: Any, two: Any) -> Any:
    try:
        return xp.result_type(one, two)
    except TypeError:
        raise ArgumentTypeError(
            name, got=f"{two} beside {one}", allowed="types with a common one"
        ) from None


def _float_type(xp: ModuleType, name: str, dtype: Any) -> Any:
    found = _floating(xp, dtype)
    if found is None:
        raise ArgumentTypeError(
            name,
            got=f"an array of {dtype}",
            allowed="real floating numbers up to 64 bits, or integers",
        )
    return found


@functools.cache  # a training asks thousands of times for the same few types
def _floating(xp: ModuleType, dtype: Any) -> Any:
    """The floating type that stands for a type, or None where there is none."""
    if _is_bfloat16(dtype):
        return dtype
    if xp.isdtype(dtype, "integral"):
        return xp.float64
    return dtype if xp.isdtype(dtype, "real floating") and _bits(xp, dtype) <= 64 else None


def _is_bfloat16(dtype: Any) -> bool:
    """Whether it is the bfloat16 that ml_dtypes adds to NumPy and CuPy, whose own `isdtype` and
    `finfo` do not know it.
    """
    return str(dtype) == "bfloat16"


def is_floating(xp: ModuleType, dtype: Any) -> bool:
    """Whether it is one of the library's own real floating types."""
    return not _is_bfloat16(dtype) and bool(xp.isdtype(dtype, "real floating"))


@functools.cache
def _bits(xp: ModuleType, dtype: Any) -> int:
    return 16 if _is_bfloat16(dtype) else int(xp.finfo(dtype).bits)


def as_array(xp: ModuleType, name: str, value: Any, dtype: Any, device: Any) -> Any:
    """The argument as an array of the compute type, on the device of the others."""
    if is_number(value):
        if device is None and is_numpy(xp):  # NumPy's own function, without the standard's checks
            import numpy as np

            return np.asarray(value, dtype)
        return xp.asarray(float(value), dtype=dtype, device=device)
    if value.dtype != dtype:
        return xp.astype(value, dtype)
    return value


def rounded(xp: ModuleType, value: Any, dtype: Any) -> Any:
    """The values in another floating type; an underflow to the nearest tiny number is right."""
    if value.dtype == dtype:
        return value
    if not is_numpy(xp):
        return xp.astype(value, dtype)
    import numpy as np

    with np.errstate(under="ignore"):
        return xp.astype(value, dtype)


def divided(xp: ModuleType, value: Any, count: int) -> Any:
    """A sum divided by how many there are; an underflow to the nearest tiny number is right."""
    if not is_numpy(xp):
        return value / count
    import numpy as np

    with np.errstate(under="ignore"):
        return value / count


def listed(name: str, value: Any) -> Any:
    """A list or tuple of numbers as a NumPy array; anything else unchanged."""
    if type(value) is int:
        try:
            float(value)
        except OverflowError:
            raise ValueRangeError(
                name, got="an integer beyond the range of a double", allowed="numbers below 1.8e308"
            ) from None
    if not isinstance(value, list | tuple):
        return value
    import numpy as np

    try:
        array = np.asarray(value)
    except ValueError:
        raise ShapeError(name, got="rows of different lengths", allowed="a full array") from None
    if array.dtype.kind not in "iufb":
        raise ArgumentTypeError(name, got=f"a list of {array.dtype}", allowed="numbers")
    return array


def check_not_empty(name: str, value: Any) -> None:
    """Refuse an array without entries: there is nothing to compute, and a mean of nothing."""
    if not is_number(value) and 0 in tuple(value.shape):
        raise ValueRangeError(
            name, got=f"an empty array of shape {tuple(value.shape)}", allowed="at least one entry"
        )


def check_finite(
    xp: ModuleType,
    name: str,
    value: Any,
    remedy: str | None = "pass check_finite=False to let NaN and infinity through",
) -> None:
    """Refuse NaN and infinity, naming the first place."""
    if is_number(value):
        if not math.isfinite(value):
            raise ValueRangeError(name, got=value, allowed="a finite number", remedy=remedy)
        return
    if not _is_bfloat16(value.dtype) and xp.isdtype(value.dtype, "integral"):
        return
    good = xp.isfinite(value)
    if not bool(xp.all(good)):
        flat = xp.reshape(xp.astype(good, xp.int8), (-1,))
        first = int(xp.argmin(flat))
        where = f" at flat index {first}" if value.ndim else ""
        raise ValueRangeError(
            name,
            got=f"{float(xp.reshape(value, (-1,))[first])}{where}",
            allowed="finite numbers",
            remedy=remedy,
        )


def common_shape(arguments: Mapping[str, Any]) -> tuple[int, ...]:
    """The shape that all arguments broadcast to; an error names the one that does not fit."""
    shape: tuple[int, ...] = ()
    before: dict[str, tuple[int, ...]] = {}
    for name, value in arguments.items():
        own = () if is_number(value) else tuple(int(size) for size in value.shape)
        merged: list[int] = []
        for position in range(max(len(shape), len(own))):
            a = shape[-1 - position] if position < len(shape) else 1
            b = own[-1 - position] if position < len(own) else 1
            if a != b and 1 not in (a, b):
                others = ", ".join(f"{n} {s}" for n, s in before.items() if s)
                raise ShapeError(
                    name, got=f"shape {own}", allowed=f"one that broadcasts with {others}"
                )
            merged.append(b if a == 1 else a)
        shape = tuple(reversed(merged))
        before[name] = own
    return shape


def check_distinct(out: Mapping[str, Any]) -> None:
    """Refuse two results in one array, and in NumPy's arrays that share memory."""
    seen: dict[int, str] = {}
    for name, array in out.items():
        if id(array) in seen:
            raise ArgumentTypeError(
                f"out[{name!r}]", got=f"the array of out[{seen[id(array)]!r}]", allowed="its own"
            )
        seen[id(array)] = name
    if (pair := sharing(out)) is not None:
        raise ArgumentTypeError(
            f"out[{pair[1]!r}]", got=f"memory of out[{pair[0]!r}]", allowed="its own"
        )


def sharing[K](given: Mapping[K, Any]) -> tuple[K, K] | None:
    """Two of NumPy's arrays that share memory, if there are two; others are not looked at."""
    import numpy as np
    from numpy.lib.array_utils import byte_bounds

    numpys = [(byte_bounds(a), name) for name, a in given.items() if isinstance(a, np.ndarray)]
    reaching: list[tuple[int, K]] = []  # those that go on beyond where the next one begins
    for (low, high), name in sorted(numpys, key=lambda one: one[0]):
        reaching = [(end, other) for end, other in reaching if end > low]
        for _, other in reaching:
            if np.shares_memory(given[other], given[name]):
                return other, name
        reaching.append((high, name))
    return None
