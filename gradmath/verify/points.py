"""Deterministic test points that cover a floating-point format: no random number, no round number.

The points reach from the smallest subnormal to the largest finite number, lie dense where the
catalogue's functions bend and where their tails leave the format, and stand on both sides of
every breakpoint.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np

from gradmath.verify.ulps import FLOAT64, Format

_GOLDEN: Final = (math.sqrt(5) - 1) / 2


def spread(count: int, low: float, high: float) -> list[float]:
    """`count` points of the golden-ratio sequence in (low, high): evenly spread, full mantissas."""
    return [low + (high - low) * ((n * _GOLDEN) % 1.0) for n in range(1, count + 1)]


def points(
    form: Format = FLOAT64, breakpoints: Iterable[float] = (), count: int = 300
) -> list[float]:
    """About `count` ascending points exactly representable in `form`, breakpoints included.

    >>> from gradmath.verify.ulps import FLOAT32
    >>> found = points(FLOAT32, breakpoints=[3.0])
    >>> 3.0 in found and FLOAT32.largest in found and FLOAT32.smallest in found
    True
    """
    kind = np.dtype(form.name).type
    found: set[float] = set()
    with np.errstate(over="ignore"):  # candidates beyond the format round to inf and are dropped
        for x in _candidates(form, count):
            rounded = float(kind(x))
            if math.isfinite(rounded):
                found |= {rounded, -rounded}
        for b in breakpoints:
            found |= {x for x in beside(b, form) if math.isfinite(x)}
    return sorted(found | {0.0})


def beside(breakpoint: float, form: Format = FLOAT64) -> list[float]:
    """A breakpoint (rounded to the format), its two neighbours, and points a little farther off."""
    kind = np.dtype(form.name).type
    b = kind(breakpoint)
    step = max(abs(float(b)), 1.0)
    near = [float(b), float(np.nextafter(b, kind(-np.inf))), float(np.nextafter(b, kind(np.inf)))]
    for power in (-form.precision // 2, -7, -3):
        near += [float(kind(float(b) + sign * step * 2.0**power)) for sign in (-1, 1)]
    return near


def _candidates(form: Format, count: int) -> Iterator[float]:
    """Positive points; their negatives are added later."""
    each = max(count // 10, 4)
    yield from spread(each, 0.0, 1.0)
    yield from spread(each, 0.0, 8.0)
    yield from spread(each, 0.0, 40.0)
    tail = -math.log(form.smallest_normal) + form.precision
    yield from spread(each, 0.0, tail)  # where exp(-x) leaves the format
    lowest, highest = form.emin - form.precision + 1, form.emax
    for n, exponent in enumerate(spread(each, lowest, highest)):
        yield math.ldexp(1.0 + ((n + 1) * _GOLDEN) % 1.0, math.floor(exponent))
    edges = [form.smallest, 3 * form.smallest, form.smallest_normal, form.epsilon, form.largest]
    edges += [-math.log(form.smallest), -math.log(form.smallest_normal), math.log(form.largest)]
    edges += [-math.log(form.epsilon), -math.log(form.epsilon) / 2, 0.5, 1.0, 2.0, 3.0, 6.0]
    yield from edges
    kind = np.dtype(form.name).type
    for edge in edges[2:]:
        yield float(np.nextafter(kind(edge), kind(0)))
        yield float(np.nextafter(kind(edge), kind(np.inf)))
