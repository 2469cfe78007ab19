"""NumPy's functions of arrays that have no loop for traced numbers, written in others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradmath.verify.gradients.arrays import by_number, elementwise, mean, plain, traced
from gradmath.verify.gradients.interpolation import straight_lines
from gradmath.verify.gradients.number import NotTraceable
from gradmath.verify.gradients.scalar_functions import UNARY

# Options that are not named here (`where`, `weights`, ...) are refused, so that the code is
# then judged by its values; to leave one out would be to trace another function.


def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    x = traced(plain(x))
    sum_: Any = np.sum
    if isinstance(axis, tuple) and len(axis) == 2 and ord not in (None, "fro"):
        raise NotTraceable("norm", got=f"the norm {ord!r} of matrices", allowed="Frobenius")
    if ord in (None, 2, "fro") and (axis is not None or ord is None or x.ndim == 1 or ord == "fro"):
        return np.sqrt(sum_(x * x, axis=axis, keepdims=keepdims))
    if ord == 1 and (axis is not None or x.ndim == 1):
        return sum_(np.abs(x), axis=axis, keepdims=keepdims)
    if ord == np.inf and (axis is not None or x.ndim == 1):
        largest: Any = np.max
        return largest(np.abs(x), axis=axis, keepdims=keepdims)
    raise NotTraceable("norm", got=f"ord={ord!r}", allowed="1, 2, inf of vectors, Frobenius")


def _clip(x: Any, low: Any = None, high: Any = None, **options: Any) -> Any:
    low = options.get("a_min", options.get("min", low))
    high = options.get("a_max", options.get("max", high))
    return by_number("clip", (x, low, high))


def _interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None) -> Any:
    places, values = (list(np.asarray(plain(each)).reshape(-1)) for each in (xp, fp))
    return elementwise(straight_lines(places, values, left, right), x)


def _average(x: Any, axis: Any = None, weights: Any = None) -> Any:
    if weights is None:
        return mean(x, axis)
    if axis is not None or np.shape(weights) != np.shape(x):
        raise NotTraceable("average", got="weights along an axis")
    return np.sum(traced(plain(x)) * weights) / np.sum(weights)


def _nan_to_num(x: Any, **_: Any) -> Any:
    """A traced number is never NaN or infinite; that it was asked is noted."""
    elementwise(UNARY["isnan"], x)
    return x


def _covariance(
    m: Any, y: None = None, rowvar: bool = True, bias: bool = False, ddof: int | None = None
) -> Any:
    rows = np.atleast_2d(traced(plain(m)))
    rows = rows if rowvar or np.ndim(m) < 2 else rows.T
    off = rows - rows.mean(axis=1, keepdims=True)
    free = ddof if ddof is not None else 0 if bias else 1
    found: Any = off @ off.T / (rows.shape[1] - free)
    return found if found.size > 1 else found.reshape(-1)[0]


def _correlations(x: Any, y: None = None, rowvar: bool = True) -> Any:
    covariance = _covariance(x, rowvar=rowvar)
    spread = np.sqrt(np.diag(covariance))
    return covariance / spread[:, None] / spread[None, :]


def _slopes(f: Any, *spacing: Any, axis: Any = None, edge_order: int = 1) -> Any:
    x = traced(plain(f))
    if x.ndim != 1 or edge_order != 1 or len(spacing) > 1 or any(map(np.ndim, spacing)):
        raise NotTraceable("gradient", got="several axes, or places", allowed="one axis, one step")
    step = spacing[0] if spacing else 1
    ends = (x[1:2] - x[:1], x[-1:] - x[-2:-1])
    return np.concatenate([ends[0], (x[2:] - x[:-2]) / 2, ends[1]]) / step


def _counts(x: Any, weights: Any = None, minlength: int = 0) -> Any:
    """Sums of traced weights by place; the places are whole numbers."""
    places = np.asarray(x)
    made = traced(np.zeros(max(int(places.max(initial=-1)) + 1, minlength)))
    for place, weight in zip(places, traced(plain(weights)), strict=True):
        made[place] = made[place] + weight
    return made


def _dot_of_all(a: Any, b: Any) -> Any:
    return np.dot(traced(plain(a)).reshape(-1), traced(plain(b)).reshape(-1))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "norm": _norm,
    "clip": _clip,
    "average": _average,
    "nan_to_num": _nan_to_num,
    "interp": _interp,
    "cov": _covariance,
    "corrcoef": _correlations,
    "gradient": _slopes,
    "bincount": _counts,
    "vdot": _dot_of_all,
    "i0": lambda x: elementwise(UNARY["i0"], x),
    "real": lambda x: x,
    "iscomplexobj": lambda x: False,
    "isrealobj": lambda x: True,
}
