"""Points and their entries: how they are shown, held in a format, and found beside breakpoints."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np

from gradmath.verify import balls
from gradmath.verify import points as grids
from gradmath.verify.gradients import trees
from gradmath.verify.gradients.number import Number, Undefined
from gradmath.verify.gradients.places import REALS, Interval, Point, Sequence32, float32
from gradmath.verify.gradients.question import Question
from gradmath.verify.gradients.running import run
from gradmath.verify.gradients.trace import Trace
from gradmath.verify.tally import place
from gradmath.verify.ulps import FLOAT32, Format


def shape_of(value: Any) -> tuple[int, ...]:
    """The shape of an argument; a list or mapping of arrays has the number of its entries."""
    if trees.is_tree(value):
        return (sum(int(np.size(leaf)) for _, leaf in trees.leaves(value)),)
    return np.shape(value)


def numbers_in(point: Point) -> Iterator[tuple[str, float]]:
    """Every floating-point entry of a point, with its name."""
    for name, value in point.items():
        for path, leaf in trees.leaves(value):
            array = np.asarray(leaf)
            if array.dtype.kind != "f":
                continue
            for index, x in np.ndenumerate(array):
                yield f"{name}{path}{list(index) if index else ''}", float(x)


def is_ordinary(point: Point) -> bool:
    """Whether a person can check the point by hand: no number is very large or small."""
    return all(x == 0 or 0.01 <= abs(x) <= 8 for _, x in numbers_in(point))


_SHOWN: Final = 6


def where(point: Point, name: str, n: int, shape: tuple[int, ...]) -> str:
    """The point for a reader, and which entry of the gradient is meant."""
    entries = list(itertools.islice(numbers_in(point), _SHOWN + 1))
    shown = place(dict(entries[:_SHOWN]))
    if len(entries) > _SHOWN:
        shown += ", ..."
    if shape:
        index = list(map(int, np.unravel_index(n, shape)))
        return f"entry {index} at {shown}"
    return shown


def in_format(point: Point, form: Format) -> tuple[dict[str, Any], bool]:
    """The point in a format, and whether the format holds it exactly."""
    kind = np.dtype(form.name).type
    exact = True

    def cast(leaf: Any) -> Any:
        nonlocal exact
        array = np.asarray(leaf)
        if array.dtype.kind != "f":
            return leaf
        with np.errstate(all="ignore"):
            made = array.astype(kind)
        exact = exact and bool(np.array_equal(made.astype(np.float64), array))
        return made if array.ndim else made[()]

    values = {name: trees.mapped(cast, value) for name, value in point.items()}
    return values, exact


# -- breakpoints ------------------------------------------------------------------------------

#: so many points are asked for the comparisons that the code makes there
_ASKED: Final = 24
#: so many breakpoints are looked at, and so many steps lead to one
_MOST, _STEPS = 12, 5
#: with more entries than this a point is dear, and fewer of them have to do
_FEW_ENTRIES: Final = 6


def beside_breakpoints(question: Question, points: Sequence[Point]) -> Iterator[list[Point]]:
    """Points on, next to and near the breakpoints of the function and of the claims, in groups.

    Each comparison that the code makes has a difference; Newton's method along one entry leads
    from a point at which it was met to where it changes its sign.  A breakpoint that several points
    lead to is looked at once.
    """
    chosen = _spread_out(points, _ASKED)
    seen: set[tuple[int, int, float]] = set()
    for formula in _formulas(question):
        count = 0
        for point in chosen:
            for key, group in _candidates(question, formula, point):
                if key not in seen and count < _most(point):
                    seen.add(key)
                    count += 1
                    yield group


def beside_two(question: Question, groups: Sequence[list[Point]]) -> Iterator[list[Point]]:
    """The same from points just beside a breakpoint: where a second one comes into sight."""
    chosen = [point for group in groups for point in group[:2]]
    for formula in _formulas(question):
        count = 0
        for point in _spread_out(chosen, _ASKED):
            for _, group in _candidates(question, formula, point):
                if count < 3 * _most(point):
                    count += 1
                    yield group[:4]


def _formulas(question: Question) -> list[Any]:
    """None for the function itself, and each claim once."""
    return [None, *dict.fromkeys(claim.formula for claim in question.claims.values())]


def _spread_out(points: Sequence[Point], count: int) -> Sequence[Point]:
    if not points:
        return []
    if sum(1 for _ in numbers_in(points[0])) > _FEW_ENTRIES:
        count = 3
    return points[:: max(1, len(points) // count)]


def _most(point: Point) -> int:
    return 4 if sum(1 for _ in numbers_in(point)) > _FEW_ENTRIES else _MOST


def _candidates(
    question: Question, formula: Any, point: Point
) -> Iterator[tuple[tuple[int, int, float], list[Point]]]:
    decisions = _decisions(question, formula, point)
    for number, differences in enumerate(decisions):
        for entry in differences:
            x = _followed(question, formula, point, number, entry)
            if x is None:
                continue
            inside = [v for v in _around(x) if _allowed(question, point, entry, v)]
            if inside:
                inside = inside[:5] if _most(point) < _MOST else inside
                yield (number, entry, float32(x)), [replaced(point, {entry: v}) for v in inside]


def _around(x: float) -> list[float]:
    """On it, next to it, and a little farther off."""
    at, below, above, *farther = grids.beside(x, FLOAT32)
    next_below, next_above = math.nextafter(x, -math.inf), math.nextafter(x, math.inf)
    return [next_below, next_above, x, below, above, at, *farther]


def _decisions(question: Question, formula: Any, point: Point) -> list[dict[int, float]]:
    """For each comparison, the entries that move it: the Newton step along each of them."""
    try:
        with balls.precision(128):
            traced = run(question.formula, point, tuple(point), also=formula)
            inputs = [number for numbers in traced.inputs.values() for number in numbers]
            decisions = [*traced.trace.decisions, *_shifted(traced.trace)]
            return [_steps(traced.trace, d, inputs) for d in decisions[: 4 * _MOST]]
    # anyone's code may raise anything; then it shows no breakpoints
    except Exception:  # noqa: BLE001
        return []


#: of a longer tape only the comparisons are followed
_SHORT: Final = 60


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


def _steps(trace: Any, difference: Number, inputs: Sequence[Number]) -> dict[int, float]:
    slopes = trace.sweep(difference)
    d = _float(difference.value)
    steps = {}
    for entry, number in enumerate(inputs):
        slope = _float(slopes[number.place]) if number.place < len(slopes) else 0.0
        if slope and math.isfinite(slope) and math.isfinite(d / slope):
            steps[entry] = -d / slope
    if len(steps) > 2:  # of many entries the one that is nearest to its breakpoint
        nearest = min(steps, key=lambda entry: abs(steps[entry]))
        return {nearest: steps[nearest]}
    return steps


def _float(x: Any) -> float:
    return float(balls.real(balls.coefficients(x, 1)[0]).mid())


def _followed(
    question: Question, formula: Any, point: Point, number: int, entry: int
) -> float | None:
    """Where the difference of this comparison is 0, as a float; None if it is not reached."""
    for _ in range(_STEPS):
        differences = _decisions(question, formula, point)
        if number >= len(differences):
            return None
        step = differences[number].get(entry)
        x = _entry(point, entry)
        if step is None or not math.isfinite(x + step) or abs(x + step) > 1e30:
            return x if step is None else None
        if abs(step) <= 4 * math.ulp(x) or step == 0:
            return x + step
        point = replaced(point, {entry: x + step})
    return None


def _entry(point: Point, entry: int) -> float:
    return next(itertools.islice(numbers_in(point), entry, None))[1]


def replaced(point: Point, values: Mapping[int, Any]) -> Point:
    """The point with some of its entries replaced, which are counted as `numbers_in` does."""
    count = itertools.count()

    def one(leaf: Any) -> Any:
        array = np.asarray(leaf)
        if array.dtype.kind != "f":
            return leaf
        entries = [values.get(next(count), v) for v in array.reshape(-1).tolist()]
        return np.array(entries).reshape(array.shape) if array.ndim else entries[0]

    return {name: trees.mapped(one, value) for name, value in point.items()}


def stirred(point: Point, domains: Mapping[str, Interval]) -> Point:
    """The point with other, ordinary numbers of the domains in the place of all its entries."""
    draw, moved = Sequence32(3), {}
    names = [name for name, value in point.items() for _ in numbers_in({name: value})]
    for entry, name in enumerate(names):
        moved[entry] = domains.get(name, REALS).inside(draw.next(), 1.0)
    return replaced(point, moved)


def _allowed(question: Question, point: Point, entry: int, x: float) -> bool:
    names = [name for name, value in point.items() for _ in numbers_in({name: value})]
    name = names[entry]
    return name not in question.places.held and x in question.places.domains.get(name, REALS)


__all__ = [
    "beside_breakpoints",
    "beside_two",
    "in_format",
    "numbers_in",
    "replaced",
    "shape_of",
    "where",
]
