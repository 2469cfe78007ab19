"""Functions of single traced numbers by NumPy's and SciPy's names, and of machine numbers too."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from gradmath.verify.gradients.number import NotTraceable, Number
from gradmath.verify.gradients.rules import RULES

#: NumPy's name of a function -> ours, where they differ
OTHER_NAMES = {
    "asin": "arcsin", "acos": "arccos", "atan": "arctan", "asinh": "arcsinh", "atanh": "arctanh",
}  # fmt: skip


def unary(name: str, x: Any) -> Any:
    """The function of this name of a traced number or of a machine number."""
    if name not in RULES:
        raise NotTraceable("function", got=f"{name} of a traced number")
    if isinstance(x, Number):
        return x.function(name)
    return _machine(name)(float(x))


@functools.cache
def _machine(name: str) -> Callable[[float], float]:
    import scipy.special

    found = getattr(np, name, None) or getattr(scipy.special, name)
    return lambda x: float(found(x))


def larger(x: Any, y: Any) -> Any:
    """The larger of two; the first of equals."""
    return x if x >= y else y


def smaller(x: Any, y: Any) -> Any:
    """The smaller of two; the first of equals."""
    return x if x <= y else y


def _logaddexp(x: Any, y: Any) -> Any:
    if isinstance(x, Number):
        return x._with(RULES["logaddexp"], x, y)
    if isinstance(y, Number):
        return y._with(RULES["logaddexp"], x, y)
    return float(np.logaddexp(x, y))


def _xlogy(x: Any, y: Any) -> Any:
    if not isinstance(x, Number) and x == 0:
        return 0
    return x * unary("log", y)


def heaviside(x: Any, half: Any) -> Any:
    """0 below 0, 1 above it, and `half` on it."""
    found = 0 if x < 0 else 1 if x > 0 else half
    return x.trace.given(found) if isinstance(x, Number) and isinstance(found, int) else found


def sign(x: Any) -> Any:
    """-1, 0 or 1; a traced number for a traced one, so that what is reckoned with it is traced."""
    found = -1 if x < 0 else 1 if x > 0 else 0
    return x.trace.given(found) if isinstance(x, Number) else found


def _copysign(x: Any, y: Any) -> Any:
    return -abs(x) if y < 0 else abs(x)


def _asked(question: Any, x: Any) -> bool:
    """Whether a number is NaN, infinite or finite; a traced number is finite, and notes it."""
    if not isinstance(x, Number):
        return bool(question(float(x)))
    x.trace.ask()
    return question is np.isfinite


#: NumPy's and SciPy's functions of two numbers
BINARY: dict[str, Callable[..., Any]] = {
    "maximum": larger,
    "minimum": smaller,
    "fmax": larger,
    "fmin": smaller,
    "logaddexp": _logaddexp,
    "xlogy": _xlogy,
    "heaviside": heaviside,
    "copysign": _copysign,
    "float_power": lambda x, y: x**y,
    "remainder": lambda x, y: x % y,
    "floor_divide": lambda x, y: x // y,
    "hypot": lambda x, y: unary("sqrt", x * x + y * y),
}
#: and those of one
UNARY: dict[str, Callable[[Any], Any]] = {
    **{
        rule: functools.partial(unary, rule)
        for rule in RULES
        if rule not in ("add", "subtract", "multiply", "divide", "power", "negative", "logaddexp")
    },
    "floor": math.floor,
    "ceil": math.ceil,
    "trunc": math.trunc,
    "rint": round,
    "absolute": abs,
    "fabs": abs,
    "sign": sign,
    "square": lambda x: x * x,
    "reciprocal": lambda x: 1 / x,
    "isnan": lambda x: _asked(np.isnan, x),
    "isinf": lambda x: _asked(np.isinf, x),
    "isfinite": lambda x: _asked(np.isfinite, x),
    "deg2rad": lambda x: x * (np.pi / 180),
    "conjugate": lambda x: x,
}
#: functions whose values are truth values
BOOLEAN = ("isnan", "isinf", "isfinite")
