"""Straight lines between points, as `np.interp` draws them, on traced numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from gradmath.verify.gradients.number import Number


def straight_lines(
    xp: Sequence[Any], fp: Sequence[Any], left: Any = None, right: Any = None
) -> Callable[[Any], Any]:
    """A function of one number: lines between the points (xp, fp), constants beyond them."""
    low, high = (fp[0] if left is None else left), (fp[-1] if right is None else right)

    def at(x: Any) -> Any:
        if x < xp[0]:
            return low
        if x > xp[-1]:
            return high
        for n in range(1, len(xp)):
            if x <= xp[n]:
                run, rise = (_exactly(p[n]) - _exactly(p[n - 1]) for p in (xp, fp))
                return fp[n - 1] + (x - xp[n - 1]) * rise / run
        return fp[0]

    return at


def _exactly(number: Any) -> Any:
    """A difference of two constants is not to be rounded before it is traced."""
    return number if isinstance(number, Number) else Fraction(float(number))
