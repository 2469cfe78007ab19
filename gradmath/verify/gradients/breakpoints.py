"""Points on, next to and near the places where a formula changes its mind.

Each comparison that a formula makes has a difference; Newton's method along one entry leads from a
point at which it was made to where the difference is 0.  What the formula does on the sides of that
place, its path, may be one that was not seen before, with comparisons of its own: then the search
goes on from there.  So conditions that must hold together are met one after the other, as in
``a > 100 and b > 100 and a < b``.

A comparison is known by what is compared: the same operations on the same inputs.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from gradmath.verify import balls
from gradmath.verify.gradients import along, together
from gradmath.verify.gradients.intervals import REALS, float32, neighbourhood
from gradmath.verify.gradients.number import NotTraceable, Number, Undefined
from gradmath.verify.gradients.places import Point
from gradmath.verify.gradients.pointwise import numbers_in, replaced
from gradmath.verify.gradients.question import Question
from gradmath.verify.gradients.running import run
from gradmath.verify.gradients.tape_words import as_float
from gradmath.verify.gradients.trace import Entry, Trace

#: bits that tell where a breakpoint is
_BITS: Final = 128
#: from so many points a search begins, and with more entries than this a point is dear
_STARTS, _STARTS_OF_MANY, _FEW_ENTRIES = 24, 3, 6
#: so many comparisons of a run are followed; of a long tape only the comparisons, no sums
_DECISIONS, _SHORT = 48, 60
#: so many steps lead to a breakpoint, or it is given up
_STEPS: Final = 5
#: how often a comparison is followed along one entry, on one path and after the same step
_TRIES, _TRIES_OF_MANY = 4, 1
#: so many places are looked at for each formula, so many of them with all their neighbours
_PLACES, _PLACES_OF_MANY = 48, 16
_WHOLE, _WHOLE_OF_MANY = 12, 4
#: so many runs may be spent on one formula
_RUNS, _RUNS_OF_MANY = 700, 150
#: farther than this nobody goes
_FARTHEST: Final = 1e300
#: from so many points the entries of a large array are moved all at once
_TOGETHER, _LARGE = 2, 100

Signature = frozenset[tuple[int, int]]


@dataclass
class _Look:
    """One run of a formula: its tape, its inputs, and the comparisons by what is compared."""

    trace: Trace
    inputs: list[Number]
    decisions: dict[int, Number]
    path: Signature

    def steps(self, key: int) -> dict[int, float]:
        """The Newton step along each entry that moves a difference.

        Of many entries, the one that is nearest to its breakpoint.
        """
        difference = self.decisions[key]
        with balls.precision(_BITS):
            try:
                slopes = self.trace.sweep(difference)
            except (balls.Undecided, balls.UndefinedHere):
                return {}
            d = as_float(difference.value)
            steps = {}
            for entry, number in enumerate(self.inputs):
                slope = as_float(slopes[number.place]) if number.place < len(slopes) else 0.0
                if slope and math.isfinite(slope) and math.isfinite(d / slope):
                    steps[entry] = -d / slope
        if len(steps) > 2:
            nearest = min(steps, key=lambda entry: abs(steps[entry]))
            return {nearest: steps[nearest]}
        return steps


@dataclass
class Search:
    """The search for the breakpoints of the function and of the claims."""

    question: Question
    names: dict[tuple[Any, ...], int] = field(default_factory=dict)
    tries: Counter[tuple[Signature, int | None, int, int]] = field(default_factory=Counter)
    places: set[tuple[int, int, float]] = field(default_factory=set)
    many: bool = False
    runs: int = 0
    sides: dict[int, set[int]] = field(default_factory=dict)

    def groups(self, points: Sequence[Point]) -> Iterator[list[Point]]:
        """Groups of points, each on, next to and near one breakpoint."""
        if not points:
            return
        self.many = sum(1 for _ in numbers_in(points[0])) > _FEW_ENTRIES
        count = _STARTS_OF_MANY if self.many else _STARTS
        starts = points[:: max(1, len(points) // count)]
        for formula in self._formulas():
            self._seen_from(formula, points)
            groups = 0
            for group in self._at_once(formula, starts):
                groups += 1
                yield group
            yield from self._together(formula, starts)
            yield from self._searched(formula, starts, met=groups > 0)

    def _formulas(self) -> list[Any]:
        """None for the function itself, and each claim once."""
        return [None, *dict.fromkeys(claim.formula for claim in self.question.claims.values())]

    @property
    def left_out(self) -> str:
        """What is to be said of comparisons that were met on one side only, where many are made."""
        alike = sum(len(signs) == 1 for signs in self.sides.values())
        if len(self.sides) <= _DECISIONS or not alike:
            return ""
        return f"{alike} of {len(self.sides)} comparisons came out the same way in every run"

    def _seen_from(self, formula: Any, points: Sequence[Point]) -> None:
        """Where many comparisons are made, note how they come out at every point."""
        if self.many and len(self.sides) <= _DECISIONS:
            self._look(formula, points[0])
        if self.many and len(self.sides) > _DECISIONS:
            for point in points:
                self._look(formula, point)

    def _at_once(self, formula: Any, starts: Sequence[Point]) -> Iterator[list[Point]]:
        """Groups beside the breakpoints of all entries of a large array together."""
        look = self._looking(formula)
        entries = sum(1 for _ in numbers_in(starts[0]))
        count = _TOGETHER if entries <= _LARGE else 1
        for start in starts[:count] if self.many else ():
            with balls.precision(_BITS):
                yield from together.groups(look, self._allowed, start)

    def _together(self, formula: Any, starts: Sequence[Point]) -> Iterator[list[Point]]:
        """Groups beside comparisons that depend on many entries at once."""
        with balls.precision(_BITS):
            for start in starts[:1] if self.many else ():
                yield from along.groups(self._looking(formula), self._allowed, start, self.sides)

    def _looking(self, formula: Any) -> together.Look:
        """Runs a formula, with every comparison that it makes."""

        def look(point: Point) -> tuple[Trace, list[Number], Mapping[int, Number]] | None:
            found = self._look(formula, point, most=None)
            return None if found is None else (found.trace, found.inputs, found.decisions)

        return look

    def _searched(self, formula: Any, starts: Sequence[Point], met: bool) -> Iterator[list[Point]]:
        """Groups beside one breakpoint after the other; fewer where entries were `met` at once."""
        waiting: deque[tuple[Point, int | None]] = deque((point, None) for point in starts)
        seen: set[tuple[Signature, int]] = set()
        found = 0
        places = (_PLACES_OF_MANY // (2 if met else 1)) if self.many else _PLACES
        whole = _WHOLE_OF_MANY if self.many else _WHOLE
        self.runs = _RUNS_OF_MANY if self.many else _RUNS
        while waiting and self.runs > 0:
            point, via = waiting.popleft()
            look = self._look(formula, point)
            if look is None:
                continue
            for key, entry, step in self._targets(look, via):
                x = self._followed(formula, point, key, entry, step)
                if x is None or (key, entry, float32(x)) in self.places:
                    continue
                self.places.add((key, entry, float32(x)))
                around = [v for v in neighbourhood(x) if self._allowed(point, entry, v)]
                if not around:
                    continue
                group = [replaced(point, {entry: v}) for v in around]
                asked = group if found < whole else group[:3] + group[-2:]
                new = list(self._on_new_paths(formula, asked, key, seen))
                waiting.extend((p, key) for p in new)
                # beyond the first, only those from which something new is seen
                kept = group[: 5 if self.many else None] if found < whole else new
                found += bool(kept)
                if kept:
                    yield kept
                if found >= places:
                    return

    def _on_new_paths(
        self, formula: Any, group: Sequence[Point], key: int, seen: set[tuple[Signature, int]]
    ) -> Iterator[Point]:
        """Points of a group whose path was not yet reached by this comparison: the ends of each.

        The last one is farther off, where there is room for what the next conditions ask.
        """
        found: dict[Signature, list[Point]] = {}
        for point in group:
            look = self._look(formula, point)
            if look is not None and (look.path, key) not in seen:
                found.setdefault(look.path, []).append(point)
        for path, points in found.items():
            seen.add((path, key))
            yield from points[:1] + points[1:][-1:]

    def _targets(self, look: _Look, via: int | None) -> Iterator[tuple[int, int, float]]:
        """Comparisons not yet followed too often, with the entry to move and the first step."""
        most = _TRIES_OF_MANY if self.many else _TRIES
        for key in look.decisions:
            for entry, step in look.steps(key).items():
                if self.tries[look.path, via, key, entry] < most:
                    self.tries[look.path, via, key, entry] += 1
                    yield key, entry, step

    def _followed(
        self, formula: Any, point: Point, key: int, entry: int, step: float
    ) -> float | None:
        """Where the difference of a comparison is 0, as a float; None if it is not reached."""
        for _ in range(_STEPS):
            x = _entry(point, entry)
            if not math.isfinite(x + step) or abs(x + step) > _FARTHEST:
                return None
            if abs(step) <= 4 * math.ulp(x):
                return x + step
            point = replaced(point, {entry: x + step})
            look = self._look(formula, point)
            if look is None:
                return None
            if key not in look.decisions:
                return x + step  # another comparison stands before it now; exact if it is linear
            steps = look.steps(key)
            if entry not in steps:
                return x + step if not steps else None
            step = steps[entry]
        return None

    def _look(self, formula: Any, point: Point, most: int | None = _DECISIONS) -> _Look | None:
        """One run; without `most`, every comparison is noted."""
        self.runs -= 1
        try:
            with balls.precision(_BITS):
                traced = run(self.question.formula, point, tuple(point), also=formula)
                trace = traced.trace
                numbers = self._numbered(trace.entries)
                signed = [(numbers[d.place], d) for d in trace.decisions]
                for key, d in signed:
                    self.sides.setdefault(key, set()).add(_sign(d))
                made = dict(signed[:most])
                path = frozenset((key, _sign(d)) for key, d in made.items())
                made |= {numbers[d.place]: d for d in _shifted(trace)}
        except (NotTraceable, balls.Undecided, balls.UndefinedHere):
            return None
        inputs = [number for numbers in traced.inputs.values() for number in numbers]
        return _Look(trace, inputs, made, path)

    def _numbered(self, entries: Sequence[Entry]) -> list[int]:
        """A number for what each place holds: the same for the same operations on the same."""
        found: list[int] = []
        inputs = itertools.count()
        for entry in entries:
            if entry.rule is None:
                key: tuple[Any, ...] = ("input", next(inputs))
            else:
                operands = tuple(
                    found[o] if o >= 0 else str(v)
                    for o, v in zip(entry.operands, entry.values, strict=True)
                )
                key = (entry.rule.name, *operands)
            found.append(self.names.setdefault(key, len(self.names)))
        return found

    def _allowed(self, point: Point, entry: int, x: float) -> bool:
        names = [name for name, value in point.items() for _ in numbers_in({name: value})]
        places = self.question.places
        return names[entry] not in places.held and x in places.domains.get(names[entry], REALS)


def _sign(difference: Number) -> int:
    """The sign that was found; balls too wide to tell have raised before."""
    value = as_float(difference.value)
    return (value > 0) - (value < 0)


def _shifted(trace: Trace) -> list[Number]:
    """Sums with a constant, such as z - 1000: where they are 0 something may well happen."""
    if len(trace.entries) > _SHORT:
        return []
    return [
        Number(trace, place, entry.result)
        for place, entry in enumerate(trace.entries)
        if entry.rule is not None
        and entry.rule.name in ("add", "subtract")
        and -1 in entry.operands
        and not isinstance(entry.result, Undefined)
    ]


def _entry(point: Point, entry: int) -> float:
    return next(itertools.islice(numbers_in(point), entry, None))[1]
