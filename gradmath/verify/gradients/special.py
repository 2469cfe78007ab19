"""SciPy's functions of whole arrays, written out for traced numbers."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.special

from gradmath.verify.gradients import arrays
from gradmath.verify.gradients.blame import delegated
from gradmath.verify.gradients.number import NotTraceable, Number


def _is_traced(x: Any) -> bool:
    return isinstance(x, Number) or (isinstance(x, np.ndarray) and x.dtype == object)


def _on_traced(original: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Use the decorated function for traced numbers, and SciPy's own for all others."""

    def decorate(ours: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(ours)
        def call(x: Any, axis: Any = None, **options: Any) -> Any:
            if not _is_traced(x):
                return delegated(original, x, axis=axis, **options)
            if any(value is not None and value is not False for value in options.values()):
                raise NotTraceable(original.__name__, got=f"the options {sorted(options)}")
            return ours(arrays.traced(arrays.plain(x)), axis)

        return call

    return decorate


@_on_traced(scipy.special.softmax)
def _softmax(x: Any, axis: Any) -> Any:
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


@_on_traced(scipy.special.log_softmax)
def _log_softmax(x: Any, axis: Any) -> Any:
    off = x - np.max(x, axis=axis, keepdims=True)
    return off - np.log(np.sum(np.exp(off), axis=axis, keepdims=True))


@_on_traced(scipy.special.logsumexp)
def _logsumexp(x: Any, axis: Any) -> Any:
    top = np.max(x, axis=axis, keepdims=True)
    total = np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)) + top
    return np.squeeze(total, axis=axis) if axis is not None else np.sum(total)


FUNCTIONS = {"softmax": _softmax, "log_softmax": _log_softmax, "logsumexp": _logsumexp}
