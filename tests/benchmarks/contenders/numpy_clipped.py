"""NumPy by hand, the quickest form that neither overflows nor cancels.

E = exp(-z) with -z held below a bound, s = 1 / (1 + E), s' = E s s.  As accurate as the form by
hand beside it wherever s is a normal number, and wrong below: s never gets smaller than exp(-87) in
single precision, exp(-708) in double.
"""

from __future__ import annotations

import numpy as np

from gradmath.claims.performance.record import FRESH, REUSED
from tests.benchmarks.cases import B, Call, Case, W
from tests.benchmarks.contenders.in_place import calls_of

ID = "numpy-clipped"
POLICIES = (REUSED, FRESH)
HIGHEST = {"float32": 87, "float64": 708}


def calls(case: Case) -> dict[str, Call]:
    """Outputs reused or fresh; the buffer for what is in between is always reused."""
    x, y = case.arrays
    w, b, one, two = (case.type(number) for number in (W, B, 1, 2))
    e = np.empty_like(x)
    highest = np.full_like(x, HIGHEST[case.dtype])  # quicker than a scalar in minimum

    def run(loss, dw, db, s):
        np.multiply(x, -w, out=e)
        np.subtract(e, b, out=e)
        np.minimum(e, highest, out=e)
        np.exp(e, out=e)
        np.add(e, one, out=s)
        np.divide(one, s, out=s)
        np.multiply(e, s, out=e)
        np.multiply(e, s, out=e)  # the slope of s
        np.subtract(s, y, out=s)
        np.multiply(s, s, out=loss)
        np.multiply(s, e, out=db)
        np.multiply(db, two, out=db)
        np.multiply(db, x, out=dw)

    return calls_of(case, run)
