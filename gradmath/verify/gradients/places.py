"""Where a gradient is looked at: deterministic points over the whole stated domain.

Scalars take values from the smallest subnormal to the largest number of the domain, both signs and
the tails of each, with the others at ordinary values without a pattern.  Arrays are filled the same
way at several sizes, from vanishing to saturating.  Every value is a float32, so that both formats
are asked at the same places.
"""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from gradmath.verify.gradients import trees
from gradmath.verify.gradients.intervals import Interval, doubles, float32, grid, thinned

_GOLDEN: Final = (math.sqrt(5) - 1) / 2

Point = dict[str, Any]

#: more names than this are not listed
_SHOWN: Final = 6
#: so many combinations of constants are looked at
_TOGETHER: Final = 64
#: with more numbers than this there are fewer points for each
_MANY: Final = 12
#: arrays of more entries than this are looked at at so many constants, and not at these
_LARGE, _FEW_CONSTANTS, _USUAL = 12, 2, frozenset({0.0, 0.5, 1.0, 2.0, -1.0})
#: scales that entries of an array take in turn, and entries after which each had both signs
_LADDER: Final = (25.0, 1e-6, 120.0, 1e-3, 45.0, 1e-12, 8.0, 400.0, 0.05)
_ROUND: Final = 108
#: scales of whole arrays in an open domain, beyond what is ordinary
_FAR_OUT: Final = (1e36, 1e200, 1e-36, 1e-200)


def _names(names: Sequence[str]) -> str:
    shown = names if len(names) <= _SHOWN else [*names[: _SHOWN - 1], f"{len(names)} names in all"]
    return ", ".join(shown)


def _shapes(template: Any) -> str:
    return " ".join(str(np.shape(leaf)) for _, leaf in trees.leaves(template))


def _within(tree: Any, domain: Interval) -> bool:
    """Whether every number of an array or a tree of arrays lies in a domain."""
    leaves = (np.asarray(leaf, dtype=float).reshape(-1) for _, leaf in trees.leaves(tree))
    return all(float(x) in domain for leaf in leaves for x in leaf)


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


@dataclass(frozen=True)
class Places:
    """What varies and where: `templates` hold shapes, `held` the arguments kept as they are.

    `constants` are numbers at which something may hold that holds nowhere else.
    """

    templates: Mapping[str, Any]
    domains: Mapping[str, Interval]
    held: Mapping[str, Any]
    given: tuple[Point, ...] = ()
    count: int | None = None
    constants: tuple[float, ...] = ()

    @property
    def scalars(self) -> list[str]:
        """Names of single numbers that vary."""
        return [n for n, t in self.templates.items() if not trees.is_tree(t) and np.shape(t) == ()]

    @property
    def is_single(self) -> bool:
        """Whether one number varies and nothing else."""
        return len(self.templates) == len(self.scalars) == 1

    @property
    def all_square(self) -> bool:
        """Whether there are several arrays of two axes or more, all of whose axes are as long."""
        values = [*self.templates.values(), *self.held.values()]
        shapes = [np.shape(leaf) for value in values for _, leaf in trees.leaves(value)]
        wide = [shape for shape in shapes if len(shape) > 1]
        return len(wide) > 1 and len({n for shape in wide for n in shape}) == 1

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
        yield from self._at_constants(arrays)

    def _at_constants(self, arrays: Sequence[str]) -> Iterator[Point]:
        """One number after the other, or a whole array, at each of the constants; then several."""
        draw, varying = Sequence32(11), [*self.scalars, *arrays]
        constants = [] if self.count else list(self.constants)
        if self._entries() > _LARGE:
            constants = [c for c in constants if c not in _USUAL][:_FEW_CONSTANTS]
        inside = {n: [c for c in constants if c in self.domains[n]] for n in varying}

        def ordinary() -> Point:
            point = self._ordinary(draw, 1.0)
            return {**point, **{name: self._fill(name, draw, 1.0) for name in arrays}}

        for name in varying:
            for constant in inside[name]:
                yield {**ordinary(), name: self._full(name, constant)}
        if len(varying) > 1 and math.prod(map(len, inside.values())) <= _TOGETHER:
            for chosen in itertools.product(*inside.values()):
                full = zip(varying, chosen, strict=True)
                yield {**self.held, **{name: self._full(name, c) for name, c in full}}

    def _entries(self) -> int:
        leaves = (leaf for tree in self.templates.values() for _, leaf in trees.leaves(tree))
        return sum(int(np.size(leaf)) for leaf in leaves)

    def _full(self, name: str, constant: float) -> Any:
        def one(leaf: Any) -> Any:
            return np.full(np.shape(leaf), constant) if np.shape(leaf) else constant

        return trees.mapped(one, self.templates[name])

    def fewest(self, wanted: int) -> int:
        """`wanted`, or how many points there are at all, if the domain holds fewer."""
        found = 1
        for name, template in self.templates.items():
            entries = sum(int(np.size(leaf)) for _, leaf in trees.leaves(template))
            found *= len(doubles(self.domains[name], wanted)) ** min(entries, wanted)
        return min(found, wanted)

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

        # entries far out, of both signs, and tiny ones among ordinary ones, each in its turn
        turns = max(3, -(-_ROUND // (entries + 1)))
        for turn in range(turns) if not self.count else ():
            point = self._ordinary(draw, 1.0)
            count = itertools.count(turn * (entries + 1))
            for name in arrays:
                point[name] = self._mixed(name, draw, count)
            yield point
        if not self.count:
            yield from self._far_out(arrays, draw)

    def _far_out(self, arrays: Sequence[str], draw: Sequence32) -> Iterator[Point]:
        """All entries very large or very small, each of both signs, where the domain is open."""
        if not any(self.domains[name].is_open for name in arrays):
            return
        for scale in _FAR_OUT:
            point = self._ordinary(draw, 1.0)
            for name in arrays:
                point[name] = self._fill(name, draw, scale)
            yield point
            turned = {name: trees.mapped(operator.neg, point[name]) for name in arrays}
            if all(_within(turned[name], self.domains[name]) for name in arrays):
                yield {**point, **turned}

    def _mixed(self, name: str, draw: Sequence32, count: Iterator[int]) -> Any:
        """Every third entry takes a scale from the ladder, the next one each time."""
        domain, hold = self.domains[name], _holds(draw)

        def drawn() -> float:
            u, n = draw.next(), next(count)
            if n % 3:
                return hold(domain.inside(u, 1.0))
            sign = 1 - 2 * (n // 3 % 2)
            scale = _LADDER[n // 6 % len(_LADDER)]
            return hold(domain.inside(sign * (1 + abs(u)) / 2, scale))

        def one(leaf: Any) -> Any:
            values = [drawn() for _ in range(int(np.size(leaf)))]
            return np.array(values).reshape(np.shape(leaf)) if np.shape(leaf) else values[0]

        return trees.mapped(one, self.templates[name])

    def _fill(self, name: str, draw: Sequence32, scale: float, sign: int = 0) -> Any:
        domain, hold = self.domains[name], _holds(draw)

        def drawn() -> float:
            u = draw.next()
            return u if not sign else sign * (1 + abs(u)) / 2

        def one(leaf: Any) -> Any:
            values = [hold(domain.inside(drawn(), scale)) for _ in range(int(np.size(leaf)))]
            return np.array(values).reshape(np.shape(leaf)) if np.shape(leaf) else values[0]

        return trees.mapped(one, self.templates[name])
