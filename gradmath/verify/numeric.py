"""Derivatives of plain numerical functions, each with an estimate of its own error.

Cross-checks for what has no definition to evaluate: neither replaces the oracle, and no estimate is
ever taken as 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from gradmath.errors import ArgumentTypeError, KinkError, ValueRangeError

_EPS: Final = 2.0**-52
_SHRINK: Final = 1.4  # each step of Ridders' table is this much smaller
_ROWS: Final = 12
_ANALYTIC: Final = "functions analytic near x and real on the line: no abs, max, conj or real part"


@dataclass(frozen=True)
class Estimate:
    """A derivative and a bound that its error is believed to keep."""

    value: float
    error: float

    def agrees(self, claimed: float) -> bool:
        """Whether `claimed` lies within the error."""
        return abs(claimed - self.value) <= self.error


def complex_step(
    function: Callable[[complex], complex], x: float, scale: float | None = None
) -> Estimate:
    """Return Im f(x + ih) / h for a tiny h: no difference, so no cancellation.

    Works for functions that are real on the real line and analytic near x, and refuses the others
    as far as it can see them: `ArgumentTypeError` if f(x + ih) is no complex number, if its real
    part is not f(x), if f(conj z) is not conj f(z), or if the result contradicts differences
    (abs and max lose the imaginary part, conj turns its sign).  The error holds what the result
    moves by when x moves by a few units in the last place of `scale` (|x|, if not given).

    >>> complex_step(lambda z: z**3, 2.0).value
    12.0
    """
    h = math.ldexp(max(abs(x), 2.0**-500), -200)
    above, below, here = function(complex(x, h)), function(complex(x, -h)), function(complex(x))
    if not all(isinstance(v, complex) for v in (above, below)):
        raise ArgumentTypeError(
            "function", got=type(above).__name__, allowed="complex results for complex arguments"
        )
    size = abs(here) + _EPS
    beside = x + (scale or max(1.0, abs(x))) / 64
    if any(
        abs(complex(function(t)) - function(complex(t))) > 64 * _EPS * abs(function(complex(t)))
        for t in (x, beside)
    ):
        raise ArgumentTypeError(
            "function", got="another value for a complex number than for the same real one",
            allowed=_ANALYTIC,
        )  # fmt: skip
    if abs(above.real - complex(here).real) > 16 * _EPS * size or complex(here).imag != 0:
        raise ArgumentTypeError(
            "function", got="another real part beside the real line", allowed=_ANALYTIC
        )
    if above.imag == 0:
        raise ArgumentTypeError("function", got="no imaginary part at all", allowed=_ANALYTIC)
    if abs(above - below.conjugate()) > 16 * _EPS * abs(above):
        raise ArgumentTypeError("function", got="f(conj z) other than conj f(z)", allowed=_ANALYTIC)
    value = above.imag / h
    half = function(complex(x, h / 2)).imag / (h / 2)
    jump = _EPS * (abs(x) if scale is None else scale)
    near = [function(complex(x + n * jump, h)).imag / h for n in (-3, -2, -1, 1, 2, 3)]
    moved = max(abs(value - other) for other in near)
    error = abs(value - half) + 4 * moved + 16 * _EPS * abs(value) + math.ulp(0.0)
    found = Estimate(value, error)
    # steps of the size of the place as well: wide ones see nothing of what happens close to 0
    for step in {None, scale / 8 if scale else None}:
        rough = difference(lambda t: complex(function(complex(t))).real, x, step)
        if abs(rough.value - value) > 4 * rough.error + found.error:
            raise ArgumentTypeError(
                "function",
                got=f"complex step {value!r} but differences {rough.value!r} +- {rough.error:.1g}",
                allowed=_ANALYTIC,
            )
    return found


def difference(
    function: Callable[[float], float],
    x: float,
    step: float | None = None,
    epsilon: float = _EPS,
) -> Estimate:
    """Return the derivative by Ridders' extrapolated central differences, with its error.

    `step` is the first and largest step, an eighth of max(1, |x|) if not given; `epsilon` is that
    of the type in which the function's values were computed.  The error is the
    larger of the extrapolation's own and of rounding in the values.  Raises `KinkError` where the
    slopes of the two sides differ, and `ValueRangeError` for a value that is not finite.

    >>> found = difference(math.sin, 0.5)
    >>> abs(found.value - math.cos(0.5)) <= found.error < 1e-9
    True
    """
    h = step if step is not None else max(1.0, abs(x)) / 8
    if not h > 0:
        raise ValueRangeError("step", got=step, allowed="a number above 0")
    _refuse_kink(function, x, h, epsilon)
    best = Estimate(math.nan, math.inf)
    previous: list[float] = []
    for _ in range(_ROWS):
        high, low = _finite(function, x + h), _finite(function, x - h)
        width = (x + h) - (x - h)  # what was really stepped, after rounding
        noise = epsilon * (abs(high) + abs(low)) / width
        row = [(high - low) / width]
        factor = _SHRINK**2
        for n, coarse in enumerate(previous):
            row.append((row[n] * factor - coarse) / (factor - 1))
            factor *= _SHRINK**2
            error = max(abs(row[-1] - row[n]), abs(row[-1] - coarse)) + 4 * noise
            error += 4 * epsilon * abs(row[-1]) + math.ulp(0.0)
            if error < best.error:
                best = Estimate(row[-1], error)
        previous = row
        h /= _SHRINK
    return best


@dataclass(frozen=True)
class Slope:
    """The order at which |f(x + h) - f(x) - h g| falls with h, and the remainder over h.

    `off` is the latter at the smallest step: what g may be off by, if the order is 1.
    """

    order: float
    off: float


def taylor_slope(
    function: Callable[[float], float], claimed: float, step: float, epsilon: float = _EPS
) -> Slope | None:
    """Return the slope of the Taylor remainder at 0 in a doubly logarithmic plot, or None.

    The remainder |f(h) - f(0) - h g| falls like h^2 if g is the derivative, and like h if it is
    not.  Only steps count at which it stands clear of the rounding of the values; None where there
    are too few, as for a straight line.

    >>> right, wrong = taylor_slope(math.exp, 1.0, 0.5), taylor_slope(math.exp, 1.01, 0.5)
    >>> round(right.order, 1), round(wrong.order, 1)
    (2.0, 1.0)
    """
    here = _finite(function, 0.0)
    found = []
    for power in range(_HALVINGS):
        h = math.ldexp(step, -power)
        there = _finite(function, h)
        remainder = abs(there - here - h * claimed)
        noise = epsilon * (abs(there) + abs(here) + abs(h * claimed))
        if remainder > _CLEAR * noise:
            found.append((math.log(h), math.log(remainder)))
    if len(found) < _FEWEST:
        return None
    last = found[-_FEWEST:]  # the smallest steps, where the leading term is alone
    (x0, y0), (x1, y1) = last[0], last[-1]
    return Slope((y0 - y1) / (x0 - x1), math.exp(y1 - x1))


_HALVINGS: Final = 24
_CLEAR, _FEWEST = 64, 4


def _finite(function: Callable[[float], float], x: float) -> float:
    value = float(function(x))
    if not math.isfinite(value):
        raise ValueRangeError("function", got=f"{value} at {x!r}", allowed="finite values")
    return value


def _refuse_kink(function: Callable[[float], float], x: float, h: float, epsilon: float) -> None:
    """Compare the two one-sided slopes at a large and a small step.

    For a smooth function their gap shrinks with the step; at a kink it stays.
    """
    here = _finite(function, x)
    gaps = []
    for size in (h, h * 2.0**-12):
        right = (_finite(function, x + size) - here) / size
        left = (here - _finite(function, x - size)) / size
        noise = 8 * epsilon * (abs(here) + abs(right * size) + abs(left * size)) / size
        gaps.append((abs(right - left), noise))
    (wide, _), (narrow, noise) = gaps
    if narrow > 16 * noise and narrow > 0.5 * wide:
        raise KinkError("x", got=f"slopes of the two sides that differ by {narrow:.3g} at {x!r}",
                        allowed="points where the derivative exists")  # fmt: skip
