"""A formula run once at a point: its tape, its inputs as numbers, and the output's entries."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

import numpy as np
from flint import arb

from gradmath.errors import ArgumentTypeError, ShapeError
from gradmath.verify import balls
from gradmath.verify.gradients import arrays, trees
from gradmath.verify.gradients.functions import Code, Formula
from gradmath.verify.gradients.noise import Noise
from gradmath.verify.gradients.number import Number, Undefined
from gradmath.verify.gradients.places import Point
from gradmath.verify.gradients.trace import Trace
from gradmath.verify.oracle import LIMIT


@dataclass
class Traced:
    """One run: its tape, the inputs by name as flat lists of numbers, and the output."""

    trace: Trace
    inputs: dict[str, list[Number]] = field(default_factory=dict)
    output: Any = None
    values: dict[str, Any] = field(default_factory=dict)
    middle: dict[str, Any] = field(default_factory=dict)

    def copies(self) -> dict[str, Any]:
        """The arguments, for code that may write into them."""
        return {name: trees.mapped(_copied, value) for name, value in self.values.items()}


def run(
    formula: Formula,
    point: Point,
    moving: Sequence[str],
    noise: Noise | None = None,
    directions: Mapping[str, Sequence[object]] | None = None,
    shift: Sequence[Fraction] | None = None,
    also: Formula | None = None,
    names_only: bool = False,
    trace: Trace | None = None,
) -> Traced:
    """Run a formula at a point; the arguments in `moving` are inputs of the tape.

    `shift` is added to the inputs, one after the other; `directions` makes them series in t.
    With `also`, that formula is run in the names of the first one and gives the output; with
    `names_only`, there is no output but the named quantities.  `trace` is an empty tape to write
    on, for who wants what stands on it after an error too.
    """
    found = Traced(trace or Trace(noise))
    shifts = iter(shift or ())
    values: dict[str, Any] = {}
    for name in point:
        if name not in moving:
            values[name] = point[name]
            continue
        along = iter((directions or {}).get(name, ()))
        numbers = found.inputs.setdefault(name, [])

        def one(
            leaf: Any, name: str = name, along: Any = along, numbers: list[Number] = numbers
        ) -> Any:
            if not np.issubdtype(np.asarray(leaf).dtype, np.floating):
                return leaf  # integers are data, such as classes
            made = []
            for entry in np.asarray(leaf).reshape(-1).tolist():
                start: Any = Fraction(entry) + next(shifts, Fraction(0))
                made.append(found.trace.input(start, name, next(along, 0)))
            numbers.extend(made)
            if np.shape(leaf) == ():
                return made[0]
            table = np.empty(len(made), dtype=object)
            table[:] = made
            return arrays.traced(table.reshape(np.shape(leaf)))

        values[name] = trees.mapped(one, point[name])
    found.values, found.middle = values, formula.intermediates(values, found.trace)
    if names_only:
        return found
    if also is not None:
        forward(formula, found)
        found.output = also.run({**found.copies(), **found.middle}, found.trace)
    elif found.middle:
        found.output = list(found.middle.values())[-1]
    else:
        found.output = formula.run(found.copies(), found.trace)
    return found


def leaves_every_format(formula: Formula, point: Point, also: Formula | None) -> bool:
    """Whether a number on the way is so large, or so small, that no format comes near it.

    It is what many bits are needed for: 1 - s, where s is a sigmoid of 50000.
    """
    trace = Trace()
    with contextlib.suppress(balls.Undecided, balls.UndefinedHere), balls.precision(_BITS):
        run(formula, point, tuple(point), also=also, trace=trace)
    return any(_is_out(entry.result) for entry in trace.entries)


def _is_out(result: Any) -> bool:
    if isinstance(result, Undefined):
        return False
    if isinstance(result, balls.Scaled):
        return True
    size = abs(balls.real(balls.coefficients(result, 1)[0]))
    return bool(size > _LARGEST) or bool(0 < size < _SMALLEST)


#: bits that tell the size of a number, and sizes that no format comes near
_BITS: Final = 128
_LARGEST, _SMALLEST = arb(2) ** 8000, arb(2) ** -8000


def forward(formula: Formula, found: Traced) -> None:
    """Run code that keeps something: a layer's `backward` goes by what its `forward` has kept."""
    if isinstance(formula, Code) and formula.remembers:
        formula.run(found.copies(), found.trace)


def _copied(leaf: Any) -> Any:
    return leaf.copy() if isinstance(leaf, np.ndarray) else leaf


def signs(formula: Formula, point: Point, also: Formula | None) -> tuple[int, ...]:
    """The signs that the comparisons of a run find, in order."""
    bits = _SIGNS
    while True:
        try:
            with balls.precision(bits):
                return tuple(run(formula, point, tuple(point), also=also).trace.signs)
        except balls.Undecided:
            bits *= 2
            if bits > LIMIT:
                raise


#: bits at which the branches of a run are found out first
_SIGNS: Final = 512


def flat(output: Any) -> tuple[list[Any], tuple[int, ...]]:
    """The entries of an output and its shape; machine numbers stay what they are."""
    if isinstance(output, Number):
        return [output], ()
    array = arrays.table("function", output)
    entries = [e.item() if isinstance(e, np.ndarray) else e for e in array.reshape(-1).tolist()]
    for entry in entries:
        if not isinstance(entry, Number | int | float | np.number | Fraction):
            raise ArgumentTypeError(
                "function", got=f"{type(entry).__name__} as its value",
                allowed="a number or an array of numbers", remedy="is a return missing?",
            )  # fmt: skip
    return entries, array.shape


def floating(point: Point, names: Sequence[str]) -> list[float]:
    """The entries of floating-point leaves, in order."""
    return [
        x
        for name in point
        if name in names
        for _, leaf in trees.leaves(point[name])
        if np.issubdtype(np.asarray(leaf).dtype, np.floating)
        for x in np.asarray(leaf).reshape(-1).tolist()
    ]


def targets(traced: Traced, name: str) -> list[Number]:
    """The numbers on the tape that an argument, or a named quantity, stands for."""
    if name in traced.inputs:
        return traced.inputs[name]
    middle = traced.middle.get(name)
    if isinstance(middle, Number):
        return [middle]
    raise ShapeError("wrt", got=name, allowed="an argument, or a name that depends on one")
