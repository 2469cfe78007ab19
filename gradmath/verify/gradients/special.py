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
from gradmath.verify.gradients.ruled import ruled


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


def _polygamma(n: Any, x: Any) -> Any:
    return arrays.elementwise(functools.partial(ruled, "polygamma"), n, x)


def _zeta(x: Any, q: Any = None) -> Any:
    if q is None:
        return arrays.elementwise(functools.partial(ruled, "riemann"), x)
    return arrays.elementwise(functools.partial(ruled, "zeta"), x, q)


def _lambertw(z: Any, k: int = 0, tol: float = 1e-8) -> Any:
    if k not in (0, -1):
        raise NotTraceable("lambertw", got=f"the branch {k}", allowed="0 and -1")
    name = "lambertw" if k == 0 else "lambertw_lower"
    return arrays.elementwise(functools.partial(ruled, name), z)


def _factorial(n: Any, exact: bool = False) -> Any:
    return arrays.elementwise(lambda x: ruled("gamma", x + 1), n)


def _of_numbers(name: str, ours: Callable[..., Any]) -> Callable[..., Any]:
    """SciPy's own function for machine numbers, and ours for traced ones."""
    original = getattr(scipy.special, name)

    @functools.wraps(original)
    def call(*args: Any, **options: Any) -> Any:
        traced = any(map(_is_traced, (*args, *options.values())))
        return delegated(ours if traced else original, *args, **options)

    return call


FUNCTIONS = {
    "softmax": _softmax,
    "log_softmax": _log_softmax,
    "logsumexp": _logsumexp,
    "polygamma": _of_numbers("polygamma", _polygamma),
    "zeta": _of_numbers("zeta", _zeta),
    "lambertw": _of_numbers("lambertw", _lambertw),
    "factorial": _of_numbers("factorial", _factorial),
}
