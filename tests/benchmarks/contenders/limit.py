"""What the memory allows: the same arrays read and written, with hardly any arithmetic.

A streaming triad compiled by numba: each output is one multiplication and one addition of the two
inputs.  It is no contender, and its outputs are not those of the task.
"""

from __future__ import annotations

import functools

import numba

from gradmath.claims.performance.record import FRESH, REUSED, SCALARS
from tests.benchmarks.cases import B, Call, Case, W

ID = "limit"
POLICIES = (REUSED, FRESH)


@functools.cache
def _functions():
    @numba.njit(fastmath=True)
    def full(x, y, w, b, loss, dw, db, dx):
        for i in range(x.size):
            loss[i] = x[i] + w * y[i]
            dw[i] = x[i] + b * y[i]
            db[i] = y[i] + w * x[i]
            dx[i] = y[i] + b * x[i]

    @numba.njit(fastmath=True)
    def reduced(x, y):
        total = x.dtype.type(0)
        for i in range(x.size):
            total += x[i] * y[i]
        return total

    return full, reduced


def calls(case: Case) -> dict[str, Call]:
    """Two arrays read, and four written or one number."""
    full, reduced = _functions()
    x, y = case.arrays
    w, b = case.type(W), case.type(B)
    kept = case.kept()

    def into(outputs):
        full(x, y, w, b, *outputs)
        return outputs

    if case.full:
        return {REUSED: lambda: into(kept), FRESH: lambda: into(case.outputs())}
    return {SCALARS: lambda: [reduced(x, y)]}
