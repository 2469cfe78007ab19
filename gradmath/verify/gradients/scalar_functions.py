"""Functions of single traced numbers by NumPy's and SciPy's names, and of machine numbers too."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from gradmath.verify.gradients import composed
from gradmath.verify.gradients.number import Number
from gradmath.verify.gradients.ruled import ruled, unary
from gradmath.verify.gradients.rules import RULES
from gradmath.verify.gradients.special_rules import OF_TWO

#: NumPy's name of a function -> ours, where they differ
OTHER_NAMES = {
    "asin": "arcsin", "acos": "arccos", "atan": "arctan", "asinh": "arcsinh", "atanh": "arctanh",
}  # fmt: skip


def larger(x: Any, y: Any) -> Any:
    """The larger of two; the first of equals."""
    return x if x >= y else y


def smaller(x: Any, y: Any) -> Any:
    """The smaller of two; the first of equals."""
    return x if x <= y else y


def heaviside(x: Any, half: Any) -> Any:
    """0 below 0, 1 above it, and `half` on it."""
    found = 0 if x < 0 else 1 if x > 0 else half
    return x.trace.given(found) if isinstance(x, Number) and isinstance(found, int) else found


def sign(x: Any) -> Any:
    """-1, 0 or 1; a traced number for a traced one, so that what is reckoned with it is traced."""
    found = -1 if x < 0 else 1 if x > 0 else 0
    return x.trace.given(found) if isinstance(x, Number) else found


def _logaddexp2(x: Any, y: Any) -> Any:
    traced = next((each for each in (x, y) if isinstance(each, Number)), None)
    if traced is None:
        return float(np.logaddexp2(float(x), float(y)))
    unit = unary("log", traced.trace.given(2))  # exactly: as a double it would be off
    return ruled("logaddexp", x * unit, y * unit) / unit


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
    **{name: functools.partial(ruled, name) for name in ("logaddexp", *OF_TWO)},
    **composed.BINARY,
    "heaviside": heaviside,
    "logaddexp2": _logaddexp2,
    "ldexp": lambda x, n: x * 2.0 ** int(n),
    "copysign": _copysign,
    "float_power": lambda x, y: x**y,
    "remainder": lambda x, y: x % y,
    "floor_divide": lambda x, y: x // y,
    "fmod": lambda x, y: x - y * math.trunc(x / y),
    "hypot": lambda x, y: unary("sqrt", x * x + y * y),
}
#: and those of one
UNARY: dict[str, Callable[[Any], Any]] = {
    **{
        rule: functools.partial(unary, rule)
        for rule in RULES
        if rule not in OF_TWO
        and rule not in ("add", "subtract", "multiply", "divide", "power", "negative", "logaddexp")
    },
    **composed.UNARY,
    "floor": math.floor,
    "ceil": math.ceil,
    "trunc": math.trunc,
    "rint": round,
    "absolute": abs,
    "fabs": abs,
    "sign": sign,
    "square": lambda x: x * x,
    "reciprocal": lambda x: 1 / x,
    "signbit": lambda x: bool(x < 0),
    "isnan": lambda x: _asked(np.isnan, x),
    "isinf": lambda x: _asked(np.isinf, x),
    "isfinite": lambda x: _asked(np.isfinite, x),
    "deg2rad": lambda x: x * (np.pi / 180),
    "radians": lambda x: x * (np.pi / 180),
    "rad2deg": lambda x: x * (180 / np.pi),
    "degrees": lambda x: x * (180 / np.pi),
    "conjugate": lambda x: x,
}
#: functions whose values are truth values
BOOLEAN = ("isnan", "isinf", "isfinite", "signbit")
