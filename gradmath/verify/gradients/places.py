"""Where a gradient is looked at: deterministic points over the whole stated domain.

Scalars take values from the smallest subnormal to the largest number of the domain, both signs and
the tails of each, with the others at ordinary values without a pattern.  Arrays are filled the same
way at several sizes, from vanishing to saturating.  Every value is a float32, so that both formats
are asked at the same places.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import sympy

from gradmath.errors import ArgumentTypeError, ValueRangeError
from gradmath.verify import points as grids
from gradmath.verify.gradients import trees
from gradmath.verify.ulps import FLOAT32

_GOLDEN: Final = (math.sqrt(5) - 1) / 2

Point = dict[str, Any]


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
        return f"{left}{self.low:g}, {self.high:g}{right}"


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
    """An interval from a SymPy set or a pair of numbers; None or an infinity leaves an end open."""
    if given is None or given is sympy.S.Reals:
        return REALS
    if isinstance(given, Interval):
        return given
    if isinstance(given, sympy.Interval):
        return Interval(
            float(given.start), float(given.end), (not given.left_open, not given.right_open)
        )
    if isinstance(given, sympy.Union) and all(isinstance(p, sympy.Interval) for p in given.args):
        pieces = tuple(interval(name, p) for p in sorted(given.args, key=lambda p: p.start))
        return Several(pieces[0].low, pieces[-1].high, pieces=pieces)
    if isinstance(given, tuple | list) and len(given) == 2:
        try:
            low = -math.inf if given[0] is None else float(given[0])
            high = math.inf if given[1] is None else float(given[1])
        except (TypeError, ValueError):
            raise ArgumentTypeError(
                f"domain of {name}", got=repr(given)[:60], allowed="(low, high) with numbers"
            ) from None
        if not low < high:
            raise ValueRangeError(f"domain of {name}", got=f"({low}, {high})", allowed="low < high")
        return Interval(low, high)
    raise ArgumentTypeError(
        f"domain of {name}",
        got=repr(given)[:60],
        allowed="(low, high), a SymPy interval or union, or nothing for all finite reals",
    )


def _names(names: Sequence[str]) -> str:
    shown = names if len(names) <= _SHOWN else [*names[: _SHOWN - 1], f"{len(names)} names in all"]
    return ", ".join(shown)


#: fewer points than this in an interval are too few
_FEWEST: Final = 8
#: more names than this are not listed
_SHOWN: Final = 6


def _shapes(template: Any) -> str:
    return " ".join(str(np.shape(leaf)) for _, leaf in trees.leaves(template))


def float32(x: float) -> float:
    """The nearest float32, for any x whose nearest is finite; else x itself."""
    with np.errstate(over="ignore"):
        rounded = float(np.float32(x))
    return rounded if math.isfinite(rounded) else x


class Sequence32:
    """Numbers in (-1, 1) without a pattern, one after the other, each a float32."""

    def __init__(self, start: int = 0) -> None:
        self.count = start
        self.points = 0

    def next(self) -> float:
        """The next number."""
        self.count += 1
        return (
            2.0 * ((self.count * _GOLDEN + (self.count * self.count * 0.3819660113) % 1.0) % 1.0)
            - 1.0
        )


def _holds(draw: Sequence32) -> Callable[[float], float]:
    """Rounds to float32, but for every third time: full mantissas show a cast that loses bits."""
    draw.points += 1
    return float if draw.points % 3 == 0 else float32


#: with more numbers than this there are fewer points for each
_MANY: Final = 12


def grid(domain: Interval, count: int) -> list[float]:
    """Members of a domain from end to end: tails, both signs, near the ends, dense where near 0."""
    if isinstance(domain, Several):
        each = max(12, count // len(domain.pieces))
        return sorted(x for piece in domain.pieces for x in grid(piece, each))
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


def thinned(values: Sequence[float], count: int) -> list[float]:
    """About `count` of the values, evenly, the first and the last among them."""
    if len(values) <= count:
        return list(values)
    step = (len(values) - 1) / (count - 1)
    return [values[round(n * step)] for n in range(count)]


@dataclass(frozen=True)
class Places:
    """What varies and where: `templates` hold shapes, `held` the arguments kept as they are."""

    templates: Mapping[str, Any]
    domains: Mapping[str, Interval]
    held: Mapping[str, Any]
    given: tuple[Point, ...] = ()
    count: int | None = None

    @property
    def scalars(self) -> list[str]:
        """Names of single numbers that vary."""
        return [n for n, t in self.templates.items() if not trees.is_tree(t) and np.shape(t) == ()]

    def text(self) -> str:
        """Where the points lie, in words."""
        groups: dict[str, list[str]] = {}
        for name, template in self.templates.items():
            shape = "" if name in self.scalars else f" {_shapes(template)}"
            groups.setdefault(str(self.domains[name]), []).append(name + shape)
        parts = [f"{_names(names)} in {domain}" for domain, names in groups.items()]
        parts += [
            f"{name} as given" if trees.is_tree(value) or np.shape(value) else f"{name} = {value}"
            for name, value in self.held.items()
        ]
        return ", ".join(parts)

    def points(self) -> Iterator[Point]:
        """Every point, in a fixed order: those that were given first."""
        yield from ({**self.held, **point} for point in self.given)
        arrays = [name for name in self.templates if name not in self.scalars]
        if arrays:
            yield from self._filled(arrays)
        elif len(self.scalars) == 1:
            (name,) = self.scalars
            for x in grid(self.domains[name], self.count or 100):
                yield {**self.held, name: x}
        elif self.scalars:
            yield from self._combined()

    def _combined(self) -> Iterator[Point]:
        draw = Sequence32()
        many = len(self.scalars) > _MANY
        for n in range(self.count or (24 if many else 48)):
            yield self._ordinary(draw, (1.0, 0.25, 3.0, 1.0, 12.0, 60.0, 400.0, 1e4)[n % 8])
        each = max(2, (60 if many else 120) // len(self.scalars))
        for number, name in enumerate(self.scalars):
            values = grid(self.domains[name], 30)
            few = thinned(values[number % 7 :: 7] if each < 8 else values, each)
            for n, x in enumerate(few):
                yield {**self._ordinary(draw, (1.0, 2.0)[n % 2]), name: x}

    def _ordinary(self, draw: Sequence32, scale: float) -> Point:
        hold = _holds(draw)
        return {
            **self.held,
            **{n: hold(self.domains[n].inside(draw.next(), scale)) for n in self.scalars},
        }

    def _filled(self, arrays: Sequence[str]) -> Iterator[Point]:
        draw = Sequence32(7)
        entries = sum(
            int(np.size(leaf)) for n in arrays for _, leaf in trees.leaves(self.templates[n])
        )
        many = self.count or (14 if entries <= 30 else 8 if entries <= 300 else 4)
        scales = itertools.cycle((1.0, 0.3, 3.0, 12.0, 1e-3, 40.0, 1.0, 400.0, 0.1, 2.0))
        for scale in itertools.islice(scales, many):
            point = self._ordinary(draw, min(scale, 12.0))
            for name in arrays:
                point[name] = self._fill(name, draw, scale)
            yield point
        # all of one sign, and in a corner of the domain: where conditions on all entries hold
        for sign, scale in ((1, 1.0), (-1, 1.0), (1, 15.0), (-1, 15.0)) if not self.count else ():
            point = self._ordinary(draw, min(scale, 12.0))
            for name in arrays:
                point[name] = self._fill(name, draw, scale, sign)
            yield point

    def _fill(self, name: str, draw: Sequence32, scale: float, sign: int = 0) -> Any:
        domain, hold = self.domains[name], _holds(draw)

        def drawn() -> float:
            u = draw.next()
            return u if not sign else sign * (1 + abs(u)) / 2

        def one(leaf: Any) -> Any:
            values = [hold(domain.inside(drawn(), scale)) for _ in range(int(np.size(leaf)))]
            return np.array(values).reshape(np.shape(leaf)) if np.shape(leaf) else values[0]

        return trees.mapped(one, self.templates[name])
