"""numexpr: one expression at a time, shared parts in a buffer of their own."""

from __future__ import annotations

import numexpr
import numpy as np

from gradmath.claims.performance.record import FRESH, REUSED, SCALARS
from tests.benchmarks.cases import B, Call, Case, W

ID = "numexpr"
POLICIES = (REUSED, FRESH)


def calls(case: Case) -> dict[str, Call]:
    """Literal numbers stand as arrays of no dimension, which keep single precision single."""
    x, y = case.arrays
    names = {
        "x": x, "y": y, "w": case.type(W), "b": case.type(B),
        "one": case.type(1), "two": case.type(2),
    }  # fmt: skip
    numexpr.set_num_threads(1)
    s, g = np.empty_like(x), np.empty_like(x)
    kept = case.kept()

    def shared():
        numexpr.evaluate("one / (one + exp(-(w * x + b)))", names, {}, out=s)
        return {**names, "s": s}

    def full(outputs):
        known = shared()
        loss, dw, db, dx = outputs
        numexpr.evaluate("(s - y) * (s - y)", known, {}, out=loss)
        numexpr.evaluate("two * (s - y) * s * (one - s)", known, {}, out=db)
        known["g"] = db
        numexpr.evaluate("g * x", known, {}, out=dw)
        numexpr.evaluate("g * w", known, {}, out=dx)
        return outputs

    def reduced():
        known = shared()
        loss = numexpr.evaluate("sum((s - y) * (s - y))", known, {})
        numexpr.evaluate("two * (s - y) * s * (one - s)", known, {}, out=g)
        known["g"] = g
        dw = numexpr.evaluate("sum(g * x)", known, {})
        db = numexpr.evaluate("sum(g)", known, {})
        return [case.type(total / case.size) for total in (loss, dw, db)]

    if case.full:
        return {REUSED: lambda: full(kept), FRESH: lambda: full(case.outputs())}
    return {SCALARS: reduced}
