"""NumPy as one writes it down: a new array for every operation, no thought of the tails."""

from __future__ import annotations

import numpy as np

from gradmath.claims.performance.record import FRESH, SCALARS
from tests.benchmarks.cases import B, Call, Case, W

ID = "numpy-plain"
POLICIES = (FRESH,)


def calls(case: Case) -> dict[str, Call]:
    """Loss and gradients by the textbook's formula."""
    x, y = case.arrays
    w, b = case.type(W), case.type(B)

    def full():
        s = 1 / (1 + np.exp(-(w * x + b)))
        g = 2 * (s - y) * s * (1 - s)
        return (s - y) ** 2, g * x, g, g * w

    def reduced():
        s = 1 / (1 + np.exp(-(w * x + b)))
        g = 2 * (s - y) * s * (1 - s)
        return np.mean((s - y) ** 2), np.mean(g * x), np.mean(g)

    return {FRESH: full} if case.full else {SCALARS: reduced}
