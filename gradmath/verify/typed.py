"""What becomes of equations that are evaluated operation by operation, as they were typed.

Every operation is done exactly on the rounded results of those before it, and then rounded once, so
that nothing but the way in which the equations are written can go wrong.  A catalogue function is
one operation.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from flint import arb

from gradmath.verify import balls, tape
from gradmath.verify.ulps import Format

#: a result with fewer correct bits than this has been lost to cancellation
_LOST = 10


def trouble(recorded: tape.Tape, at: Mapping[str, object], swept: tape.Swept, form: Format) -> str:
    """Say how the equations as typed break down at a point in this format; empty if they do not.

    `swept` is the sharp sweep at the point.
    """
    kind = np.dtype(form.name).type
    largest = arb(form.largest)
    values: list[balls.Number] = []
    with balls.precision(256, 3), np.errstate(all="ignore"):
        for node, true in zip(recorded.nodes, swept.values, strict=True):
            try:
                found = tape.local(node, [values[n] for n in node.operands], at)
            except balls.UndefinedHere:
                return "meets a division by 0, or the logarithm of 0"
            except balls.Undecided:
                return ""
            plain = [balls.real(balls.coefficients(v, 1)[0]) for v in found]
            if any(not v.is_finite() or bool(abs(v) > largest) for v in plain):
                return "overflows"
            rounded = float(kind(float(plain[0].mid())))
            if math.isinf(rounded):
                return "overflows"
            exact = balls.real(balls.coefficients(true, 1)[0])
            normal = bool(abs(exact) >= arb(form.smallest_normal))
            if normal and bool(abs(arb(rounded) - exact) > abs(exact) / 2**_LOST):
                return "cancels"
            values.append(balls.exact(rounded))
    return ""
