"""sympy.lambdify with common subexpressions: formulas by sympy.diff, run by NumPy."""

from __future__ import annotations

import functools

import numpy as np
import sympy

from gradmath.claims.performance.record import FRESH, SCALARS
from tests.benchmarks.cases import B, Call, Case, W

ID = "lambdify"
POLICIES = (FRESH,)


@functools.cache
def _function():
    x, y, w, b = sympy.symbols("x y w b", real=True)
    loss = (1 / (1 + sympy.exp(-(w * x + b))) - y) ** 2
    return sympy.lambdify([x, y, w, b], [loss, *(loss.diff(v) for v in (w, b, x))], cse=True)


@functools.cache
def _reduced():
    x, y, w, b = sympy.symbols("x y w b", real=True)
    loss = (1 / (1 + sympy.exp(-(w * x + b))) - y) ** 2
    return sympy.lambdify([x, y, w, b], [loss, loss.diff(w), loss.diff(b)], cse=True)


def calls(case: Case) -> dict[str, Call]:
    """Called as it comes."""
    x, y = case.arrays
    w, b = case.type(W), case.type(B)
    if case.full:
        function = _function()
        return {FRESH: lambda: function(x, y, w, b)}
    few = _reduced()
    return {SCALARS: lambda: [np.mean(array) for array in few(x, y, w, b)]}
