"""Points and their entries: how they are shown, held in a format, and found beside breakpoints."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np

from gradmath.verify.gradients import trees
from gradmath.verify.gradients.intervals import REALS, Interval
from gradmath.verify.gradients.places import Point, Sequence32
from gradmath.verify.tally import place
from gradmath.verify.ulps import Format


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


def is_moderate(point: Point) -> bool:
    """Whether no number is so large or small that a ratio is all 0, 1 or infinity."""
    return all(1e-3 < abs(x) < 12 for _, x in numbers_in(point))


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
