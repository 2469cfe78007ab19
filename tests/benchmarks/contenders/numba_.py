"""numba: one compiled loop with fastmath."""

from __future__ import annotations

import functools

import numba
import numpy as np

from gradmath.claims.performance.record import FRESH, REUSED, SCALARS
from tests.benchmarks.cases import B, Call, Case, W

ID = "numba"
POLICIES = (REUSED, FRESH)


@functools.cache
def _functions():
    @numba.njit(fastmath=True, error_model="numpy")
    def full(x, y, w, b, loss, dw, db, dx):
        one, two = x.dtype.type(1), x.dtype.type(2)
        for i in range(x.size):
            s = one / (one + np.exp(-(w * x[i] + b)))
            d = s - y[i]
            g = two * d * s * (one - s)
            loss[i] = d * d
            dw[i] = g * x[i]
            db[i] = g
            dx[i] = g * w

    @numba.njit(fastmath=True, error_model="numpy")
    def reduced(x, y, w, b):
        one, two = x.dtype.type(1), x.dtype.type(2)
        loss = dw = db = x.dtype.type(0)
        for i in range(x.size):
            s = one / (one + np.exp(-(w * x[i] + b)))
            d = s - y[i]
            g = two * d * s * (one - s)
            loss += d * d
            dw += g * x[i]
            db += g
        return loss, dw, db

    return full, reduced


def calls(case: Case) -> dict[str, Call]:
    """Outputs made outside of the loop, by NumPy."""
    full, reduced = _functions()
    x, y = case.arrays
    w, b = case.type(W), case.type(B)
    kept = case.kept()

    def into(outputs):
        full(x, y, w, b, *outputs)
        return outputs

    def means():
        return [case.type(total / case.size) for total in reduced(x, y, w, b)]

    if case.full:
        return {REUSED: lambda: into(kept), FRESH: lambda: into(case.outputs())}
    return {SCALARS: means}
