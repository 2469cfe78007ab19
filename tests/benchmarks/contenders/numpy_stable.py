"""NumPy by hand, as fast as whole arrays go, and accurate over the whole range as we are.

With E = exp(-|z|) nothing overflows or cancels: s is 1 / (1 + E) or E / (1 + E), by the sign of z,
and s' = E / (1 + E)^2.  Of several ways to take that branch, `np.where` was the fastest.
"""

from __future__ import annotations

import numpy as np

from gradmath.claims.performance.record import FRESH, REUSED
from tests.benchmarks.cases import B, Call, Case, W
from tests.benchmarks.contenders.in_place import calls_of

ID = "numpy-stable"
POLICIES = (REUSED, FRESH)


def calls(case: Case) -> dict[str, Call]:
    """Outputs reused or fresh; buffers for what is in between are always reused."""
    x, y = case.arrays
    w, b, one, two = (case.type(number) for number in (W, B, 1, 2))
    r, e = np.empty_like(x), np.empty_like(x)

    def run(loss, dw, db, z):
        np.multiply(x, w, out=z)
        np.add(z, b, out=z)
        np.abs(z, out=e)
        np.negative(e, out=e)
        np.exp(e, out=e)
        np.add(e, one, out=r)
        np.divide(one, r, out=r)
        np.multiply(e, r, out=e)
        np.subtract(np.where(z < 0, e, r), y, out=z)
        np.multiply(z, z, out=loss)
        np.multiply(e, r, out=e)  # the slope of s
        np.multiply(z, e, out=db)
        np.multiply(db, two, out=db)
        np.multiply(db, x, out=dw)

    return calls_of(case, run)
