"""What a program's operations are in NumPy: each writes its last argument and returns it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special

_BITS = {4: np.int32, 8: np.int64}
_SIGN: dict[int, Any] = {4: np.float32(-0.0).view(np.int32), 8: np.float64(-0.0).view(np.int64)}


def _bits(value: Any, out: Any) -> Any:
    """The bits of an array, or of a number in the type of `out`, as integers."""
    kind = _BITS[out.itemsize]
    return (value if isinstance(value, np.ndarray) else out.dtype.type(value)).view(kind)


def _mask(condition: Any, out: Any) -> Any:
    """All bits of `out` where the condition holds, none elsewhere."""
    return np.negative(condition.view(np.int8), out=out)


def exp(z: Any, out: Any) -> Any:
    """e^z, rounded once in single precision too.

    NumPy's own float32 exp errs by up to 2.5 ulp, which alone would use up most of what a
    derivative is allowed; through float64 it is rounded once.
    """
    return np.exp(z, out=out, dtype="float64", casting="same_kind")


@np.errstate(over="ignore")
def silent_exp(z: Any, out: Any) -> Any:
    """e^z in the type of z, infinite where it is beyond the range."""
    return np.exp(z, out=out)


def neg_abs(z: Any, out: Any) -> Any:
    """-|z|: the sign bit set."""
    np.bitwise_or(_bits(z, out), _SIGN[out.itemsize], out=_bits(out, out))
    return out


def one_or(condition: Any, value: Any, out: Any) -> Any:
    """1 where the condition holds, else the value, which lies between 0 and 1."""
    np.copyto(out, condition)
    return np.maximum(value, out, out=out)


def nan_or(condition: Any, value: Any, out: Any) -> Any:
    """NaN where the condition holds, else the value: all bits set are a NaN."""
    own = _bits(out, out)
    np.bitwise_or(_mask(condition, own), _bits(value, out), out=own)
    return out


def keep(condition: Any, value: Any, out: Any) -> Any:
    """The value where the condition holds, else 0."""
    own = _bits(out, out)
    np.bitwise_and(_mask(condition, own), _bits(value, out), out=own)
    return out


def drop(condition: Any, value: Any, out: Any) -> Any:
    """0 where the condition holds, else the value."""
    own = _bits(out, out)
    np.subtract(condition.view(np.int8), 1, out=own)  # no bits where it holds, all elsewhere
    np.bitwise_and(own, _bits(value, out), out=own)
    return out


def choose(condition: Any, yes: Any, no: Any, spare: Any, out: Any) -> Any:
    """`yes` where the condition holds, else `no`: ((yes ^ no) & mask) ^ no on the bits.

    `spare` is a buffer like `out`, or None where both are numbers.  The condition may be a number.
    """
    if not condition.shape:
        np.copyto(out, yes if condition else no)
        return out
    own, other = _bits(out, out), _bits(no, out)
    between = None if spare is None else _bits(spare, out)
    between = np.bitwise_xor(_bits(yes, out), other, out=between)
    np.bitwise_and(_mask(condition, own), between, out=own)
    np.bitwise_xor(own, other, out=own)
    return out


def number_exp(z: Any) -> Any:
    """e^z of a number."""
    kind = getattr(z, "dtype", np.dtype("float64"))  # a constant is Python's own number
    return kind.type(np.exp(z, dtype="float64"))


def number_where(condition: Any, yes: Any, no: Any) -> Any:
    """A choice between numbers."""
    return yes if condition else no


def matmul_nt(a: Any, b: Any, out: Any) -> Any:
    """a b^T."""
    return np.matmul(a, b.T, out=out)


def matmul_tn(a: Any, b: Any, out: Any) -> Any:
    """a^T b."""
    return np.matmul(a.T, b, out=out)


def sum_rows(a: Any, out: Any) -> Any:
    """The sum over the first axis."""
    return np.sum(a, axis=0, out=out)


def row_sum(a: Any, out: Any) -> Any:
    """The sum of each row, shape (rows, 1)."""
    return np.sum(a, axis=1, keepdims=True, out=out)


def row_max(a: Any, out: Any) -> Any:
    """The largest of each row, shape (rows, 1)."""
    return np.max(a, axis=1, keepdims=True, out=out)


def first_max(a: Any, out: Any) -> Any:
    """Where the first largest entry of each row stands."""
    return np.equal(np.arange(a.shape[1]), np.argmax(a, axis=1)[:, None], out=out)


def total(a: Any) -> Any:
    """The sum of all entries, taken in the order of the axes whatever the strides."""
    return np.add.reduce(a.ravel())


def holds(condition: Any) -> Any:
    """Whether a condition holds anywhere."""
    return np.logical_or.reduce(condition, axis=None)


_OWN: tuple[Callable[..., Any], ...] = (
    exp, silent_exp, neg_abs, one_or, nan_or, keep, drop, choose, matmul_nt, matmul_tn, sum_rows,
    row_sum, row_max, first_max, total, holds, number_exp, number_where,
)  # fmt: skip
_UFUNCS = {
    "neg": "negative", "abs": "absolute", "atan": "arctan", "sub": "subtract", "mul": "multiply",
    "div": "divide", "pow": "power", "min": "minimum", "max": "maximum", "lt": "less",
    "le": "less_equal", "eq": "equal", "ne": "not_equal", "and": "logical_and", "or": "logical_or",
    "quick_exp": "exp",
}  # fmt: skip

#: Names in generated source.
SCOPE: dict[str, Any] = {"np": np, "special": special, **{f.__name__: f for f in _OWN}}


@functools.cache
def function_name(op: str) -> str:
    """How the source calls an operation."""
    if op == "scaled_erfc":
        return "special.erfcx"
    if op == "sum_all":
        return "np.sum"
    return op if op in SCOPE else f"np.{_UFUNCS.get(op, op)}"


@functools.cache
def function(name: str) -> Callable[..., Any]:
    """The function that the source calls by this name."""
    module, _, own = name.rpartition(".")
    found: Callable[..., Any] = getattr(SCOPE[module], own) if module else SCOPE[own]
    return found
