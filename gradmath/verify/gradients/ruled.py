"""Operations by name: on traced numbers by their rule, on machine numbers by NumPy or SciPy."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from gradmath.verify import balls
from gradmath.verify.gradients.number import NotTraceable, Number
from gradmath.verify.gradients.rules import RULES

_BITS: Final = 256


def unary(name: str, x: Any) -> Any:
    """The function of this name of a traced number or of a machine number."""
    return ruled(name, x)


def ruled(name: str, *x: Any) -> Any:
    """The operation of this name on numbers; NumPy's or SciPy's own if none of them is traced."""
    if name not in RULES:
        raise NotTraceable("function", got=f"{name} of a traced number")
    for each in x:
        if isinstance(each, Number):
            return each._with(RULES[name], *x)
    if any(isinstance(each, complex | np.complexfloating) for each in x):
        raise NotTraceable("function", got=f"{name} of complex numbers", allowed="real numbers")
    return _machine(name)(*map(float, x))


@functools.cache
def _machine(name: str) -> Callable[..., float]:
    import scipy.special

    found = getattr(np, name, None) or getattr(scipy.special, name, None)
    if isinstance(found, np.ufunc) and found.nout == 1:
        return lambda *x: float(found(*x))
    return lambda *x: _by_rule(name, x)


def _by_rule(name: str, x: tuple[float, ...]) -> float:
    """The value as the nearest double, for what NumPy and SciPy have no function of one result."""
    with balls.precision(_BITS):
        return float(balls.real(RULES[name].value([balls.exact(v) for v in x])).mid())
