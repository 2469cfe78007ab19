"""Real intervals, and the numbers in them at which something is looked at."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import sympy

from gradmath.errors import ArgumentTypeError, ValueRangeError
from gradmath.verify import points as grids
from gradmath.verify.ulps import FLOAT32, FLOAT64


@dataclass(frozen=True)
class Interval:
    """A real interval, its ends included where they are finite and `closed` says so."""

    low: float = -math.inf
    high: float = math.inf
    closed: tuple[bool, bool] = (True, True)

    def __contains__(self, x: float) -> bool:
        above = x > self.low or (x == self.low and self.closed[0])
        below = x < self.high or (x == self.high and self.closed[1])
        return math.isfinite(x) and above and below

    @property
    def is_open(self) -> bool:
        """Whether it reaches to infinity."""
        return math.isinf(self.low) or math.isinf(self.high)

    def inside(self, u: float, scale: float) -> float:
        """A member for u in (-1, 1): of size `scale`, or of that share of the interval."""
        low, high = self.low, self.high
        if math.isfinite(low) and math.isfinite(high):
            if scale < min(-low, high):  # around 0, where it is inside
                return scale * u
            return low + (high - low) * (u + 1) / 2
        if math.isfinite(low):
            return low + scale * abs(u)
        if math.isfinite(high):
            return high - scale * abs(u)
        return scale * u

    def __str__(self) -> str:
        left = "[" if self.closed[0] and math.isfinite(self.low) else "("
        right = "]" if self.closed[1] and math.isfinite(self.high) else ")"
        return f"{left}{_written(self.low)}, {_written(self.high)}{right}"


def _end(exact: sympy.Expr, is_open: bool, inward: float) -> tuple[float, bool]:
    """The double at the end of an interval, and whether it belongs to it."""
    x = float(exact)
    if math.isinf(x) or sympy.Rational(x) == exact:
        return x, not is_open
    if bool(sympy.Rational(x) < exact) == (inward > 0):  # rounded out of the interval
        x = math.nextafter(x, inward)
    return x, True


def _written(x: float) -> str:
    """The number, in few digits where these are all it has."""
    return f"{x:g}" if float(f"{x:g}") == x else repr(x)


@dataclass(frozen=True)
class Several(Interval):
    """The union of intervals, in ascending order."""

    pieces: tuple[Interval, ...] = ()

    def __contains__(self, x: float) -> bool:
        return any(x in piece for piece in self.pieces)

    def inside(self, u: float, scale: float) -> float:
        """A member: u chooses the piece, and the place in it."""
        place = (u + 1) / 2 * len(self.pieces)
        number = min(int(place), len(self.pieces) - 1)
        return self.pieces[number].inside(2 * (place - number) - 1, scale)

    def __str__(self) -> str:
        return " or ".join(map(str, self.pieces))


REALS: Final = Interval()


def interval(name: str, given: Any) -> Interval:
    """An interval from a SymPy set or a pair of numbers; None or an infinity leaves an end open.

    Raises `ValueRangeError` if no double lies in it.
    """
    found = _interval(name, given)
    if not doubles(found, 1):
        raise ValueRangeError(f"domain of {name}", got=str(given), allowed="one double or more")
    return found


def _interval(name: str, given: Any) -> Interval:
    if given is None or given is sympy.S.Reals:
        return REALS
    if isinstance(given, Interval):
        return given
    if isinstance(given, sympy.Interval):
        low, with_low = _end(given.start, given.left_open, math.inf)
        high, with_high = _end(given.end, given.right_open, -math.inf)
        return Interval(low, high, (with_low, with_high))
    if isinstance(given, sympy.Union) and all(isinstance(p, sympy.Interval) for p in given.args):
        pieces = tuple(_interval(name, p) for p in sorted(given.args, key=lambda p: p.start))
        return Several(pieces[0].low, pieces[-1].high, pieces=pieces)
    if isinstance(given, tuple | list) and len(given) == 2:
        try:
            low = -math.inf if given[0] is None else float(given[0])
            high = math.inf if given[1] is None else float(given[1])
        except (TypeError, ValueError, OverflowError):
            raise ArgumentTypeError(
                f"domain of {name}", got=repr(given)[:60], allowed="(low, high) with doubles"
            ) from None
        if not low < high:
            raise ValueRangeError(f"domain of {name}", got=f"({low}, {high})", allowed="low < high")
        return Interval(low, high)
    raise ArgumentTypeError(
        f"domain of {name}",
        got=repr(given)[:60],
        allowed="(low, high), a SymPy interval or union, or nothing for all finite reals",
    )


#: fewer points than this in an interval are too few
_FEWEST: Final = 8
#: an interval of fewer doubles than this is narrow
_NARROW: Final = 64


def float32(x: float) -> float:
    """The nearest float32, for any x whose nearest is finite; else x itself."""
    with np.errstate(over="ignore"):
        rounded = float(np.float32(x))
    return rounded if math.isfinite(rounded) else x


def beside(x: float) -> list[float]:
    """A place, its neighbours and others near it: in float32, beyond whose range in float64."""
    return grids.beside(x, FLOAT32 if abs(x) < FLOAT32.largest / 2 else FLOAT64)


def neighbourhood(x: float) -> list[float]:
    """Next to a place, on it, and a little farther off."""
    at, below, above, *farther = beside(x)
    next_below, next_above = math.nextafter(x, -math.inf), math.nextafter(x, math.inf)
    return [next_below, next_above, x, below, above, at, *farther]


def doubles(domain: Interval, most: int) -> list[float]:
    """The first numbers of a domain in ascending order, `most` of them or all there are."""
    if isinstance(domain, Several):
        return [x for piece in domain.pieces for x in doubles(piece, most)][:most]
    found: list[float] = []
    x = max(domain.low, -float(np.finfo(float).max))
    while x <= domain.high and len(found) < most and math.isfinite(x):
        if x in domain:
            found.append(x)
        x = math.nextafter(x, math.inf)
    return found


def grid(domain: Interval, count: int) -> list[float]:
    """Members of a domain from end to end: tails, both signs, near the ends, dense where near 0."""
    if isinstance(domain, Several):
        each = max(12, count // len(domain.pieces))
        return sorted(x for piece in domain.pieces for x in grid(piece, each))
    every = doubles(domain, _NARROW)
    if len(every) < _NARROW:  # so narrow that all its numbers can be asked
        return every
    found = {x for x in grids.points(FLOAT32, count=count) if x in domain}
    finite = [end for end in (domain.low, domain.high) if math.isfinite(end)]
    for end in finite:
        found |= {x for x in map(float32, grids.beside(end)) if x in domain}
        found |= {x for x in (end,) if x in domain}
    if len(finite) == 2:
        found |= {float32(x) for x in grids.spread(count // 2, domain.low, domain.high)}
    elif finite:
        signs = 1 if domain.low == finite[0] else -1
        reach = [2.0**power for power in range(-20, 12, 2)]
        found |= {float32(finite[0] + signs * step * 1.3) for step in reach}
    if (
        len(finite) == 2 and len({x for x in found if x in domain}) < _FEWEST
    ):  # narrower than float32
        found |= set(grids.spread(count // 2, domain.low, domain.high))
    found |= {x for x in grids.spread(8, -3.0, 3.0) if x in domain}  # with full mantissas
    if domain is REALS or not finite:
        found |= {5e-324, -5e-324, 1.7e308, -1.7e308, 709.5, -744.25, 1e200, -1e200}
    return sorted(x for x in found if x in domain)


def thinned[T](values: Sequence[T], count: int) -> list[T]:
    """About `count` of the values, evenly, the first and the last among them."""
    if len(values) <= count:
        return list(values)
    step = (len(values) - 1) / (count - 1)
    return [values[round(n * step)] for n in range(count)]
