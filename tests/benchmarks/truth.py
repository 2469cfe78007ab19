"""True values of the activations and their derivatives at many points, ready for whole arrays.

The oracle's balls are kept as pairs of doubles (a number and what is left of it), so that the
errors of a contender are found in one sweep, exactly enough for any number of ulp.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb

from gradmath.verify import balls
from gradmath.verify.opaque import operation
from gradmath.verify.oracle import Inconclusive
from gradmath.verify.points import points
from gradmath.verify.scalars import derivatives
from gradmath.verify.ulps import FORMATS, Format, condition, lever

#: near a root both |x f'/f| and |f'/f| grow without bound: from here on points are left out, for
#: everybody alike.  In a tail the first grows too, and those points stay.
WORST_CONDITION = 100.0
COUNT = 3000


@dataclass(frozen=True)
class Errors:
    """The worst errors of one contender; see `performance.record.Error`."""

    worst: float
    where: float
    share: float
    tiny: float
    points: int


@dataclass(frozen=True)
class Truth:
    """A derivative at the points: `high + low` is its value, `k` its condition number."""

    form: Format
    x: Any
    high: Any
    low: Any
    k: Any

    def judge(self, got: Any) -> Errors:
        """The worst errors among points and results in the normal range, and among those below."""
        with np.errstate(all="ignore"):
            off = np.abs((np.asarray(got, np.float64) - self.high) - self.low)
        off[np.isnan(off)] = np.inf
        size = np.abs(self.high)
        with np.errstate(divide="ignore"):
            exponent = np.where(size > 0, np.frexp(size)[1] - 1, self.form.emin)
        exponent = np.clip(exponent, self.form.emin, self.form.emax)
        with np.errstate(over="ignore"):
            units = off / self.form.smallest
            ulps = off / np.ldexp(1.0, exponent - self.form.precision + 1)
        small = self.form.smallest_normal
        # a true zero may be missed by nothing at all: it is judged among the normal numbers
        tiny = (size < small) & ((size > 0) | (self.low != 0))
        # what flushes subnormal inputs errs in them all: it is held against it among the tiny
        normal = ~tiny & ((np.abs(self.x) >= small) | (self.x == 0))
        shares = ulps[normal] / (4 * (1 + self.k[normal]))
        place = int(np.argmax(ulps[normal]))
        return Errors(
            float(ulps[normal][place]),
            float(self.x[normal][place]),
            float(np.max(shares)),
            float(np.max(units[tiny], initial=0.0)),
            int(normal.sum()),
        )


def truths(entry: Any, dtype: str, orders: Sequence[int], count: int = COUNT) -> list[Truth]:
    """The true derivatives of an activation at its default parameters.

    Left out are kinks and what cannot be told from them in a sum that is rounded, where the
    derivative is a matter of declaration; points too near to a root of the derivative; and values
    beyond the largest number.
    """
    form = FORMATS[dtype]
    kinks = [float(place.subs(entry.defaults)) for place in entry.kinks]
    xs = [x for x in points(form, kinks, count) if all(_apart(x, kink, form) for kink in kinks)]
    act = operation(entry)
    answers = [derivatives(act, x, max(orders) + 1) for x in xs]
    return [_truth(form, xs, answers, order) for order in orders]


def _truth(form: Format, xs: Sequence[float], answers: list[Any], order: int) -> Truth:
    kept = []
    for x, row in zip(xs, answers, strict=True):
        true, slope = row[order], row[order + 1]
        if isinstance(true, Inconclusive) or isinstance(slope, Inconclusive):
            raise ValueError(f"no answer at {x}: {true}, {slope}")
        k = condition(true, lever(x, slope))
        if not min(k, k / abs(x) if x else k) < WORST_CONDITION:
            continue
        with balls.precision(192):
            middle = arb(0) if true.kind == "zero" else true.arb.mid()
            if abs(middle) > arb(form.largest):
                continue
            high = float(middle)
            kept.append((x, high, float((middle - arb(high)).mid()), k))
    return Truth(form, *(np.array(column) for column in zip(*kept, strict=True)))


def _apart(x: float, kink: float, form: Format) -> bool:
    return abs(x - kink) >= max(4 * form.epsilon * abs(kink), form.smallest_normal)
