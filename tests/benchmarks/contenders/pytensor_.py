"""PyTensor: its own gradients, compiled in its default mode."""

from __future__ import annotations

import numpy as np
import pytensor
import pytensor.tensor as pt

from gradmath.claims.performance.record import FRESH, SCALARS
from tests.benchmarks.cases import B, Call, Case, W

ID = "pytensor"
POLICIES = (FRESH,)


def calls(case: Case) -> dict[str, Call]:
    """Inputs are trusted, so that they are not looked at again in every call."""
    pytensor.config.floatX = case.dtype
    x, y = pt.vector("x", dtype=case.dtype), pt.vector("y", dtype=case.dtype)
    w, b = pt.scalar("w", dtype=case.dtype), pt.scalar("b", dtype=case.dtype)
    loss = (pt.sigmoid(w * x + b) - y) ** 2
    if case.full:
        one = pt.ones_like(x)
        ws, bs = w * one, b * one  # each sample its own, so that its gradient is not summed
        loss = (pt.sigmoid(ws * x + bs) - y) ** 2
        outputs = [loss, *pytensor.grad(loss.sum(), [ws, bs, x])]
    else:
        outputs = [loss.mean(), *pytensor.grad(loss.mean(), [w, b])]
    function = pytensor.function([x, y, w, b], outputs, trust_input=True)
    given = (*case.arrays, *(np.asarray(n, case.dtype) for n in (W, B)))
    return {FRESH if case.full else SCALARS: lambda: function(*given)}
