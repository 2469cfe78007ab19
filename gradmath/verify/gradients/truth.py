"""The derivative that the definition has: one sweep back over the traced function, in sharp balls.

Precision is doubled until every entry is known to 80 bits, or is exactly 0, or lies below
2^-8000, which no floating-point number of any format comes near.  At a breakpoint the derivatives
on its sides are taken at points moved off it by less than any format can hold.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import numpy as np
from flint import arb, fmpq

from gradmath.verify import balls
from gradmath.verify.gradients.functions import Formula
from gradmath.verify.gradients.noise import Noise
from gradmath.verify.gradients.number import Number, defined
from gradmath.verify.gradients.places import Point
from gradmath.verify.gradients.running import Traced, flat, floating, run, targets
from gradmath.verify.gradients.shifts import BITS, BITS_CLOSER, Leaving, shifts
from gradmath.verify.gradients.trace import Trace
from gradmath.verify.oracle import FIRST, Answer, Ball, sharpen

#: below this (mantissa, exponent) nothing is told apart from 0
SMALLEST: Final = (1, -8000)
TINY: Final = arb(2) ** -8000


@dataclass
class Shape:
    """How the derivative by one argument is arranged: `whole` is the shape a claim must have."""

    kind: str
    whole: tuple[int, ...]


@dataclass
class Sides:
    """The derivatives on the sides of a breakpoint, by direction: near it, and farther off.

    `leaving` are the numbers by which the breakpoint is left, as `Definition.leaving` has them.
    """

    definition: Definition
    point: Point
    arrangement: Mapping[str, Shape]
    leaving: Leaving

    @functools.cached_property
    def near(self) -> list[dict[str, list[Answer]]]:
        """Those at the points nearest to it."""
        return self.definition.beside(self.point, self.arrangement, self.leaving, closer=True)

    @functools.cached_property
    def far(self) -> list[dict[str, list[Answer]]]:
        """Those at the points farther off; found only when they are asked for."""
        return self.definition.beside(self.point, self.arrangement, self.leaving, closer=False)


class Definition:
    """The derivatives of a formula by `wrt`, at any point."""

    def __init__(
        self, formula: Formula, wrt: Sequence[str], order: int, reduction: str | None
    ) -> None:
        self.formula, self.wrt, self.order, self.reduction = formula, tuple(wrt), order, reduction
        self.touched = False
        self.leaving = Leaving()
        self.last_run: Traced | None = None
        self.oracles: set[str] = set()

    def output_shape(self, point: Point) -> tuple[int, ...]:
        """The shape of the function's value, reduced if a reduction was asked for."""
        with balls.precision(128):
            shape = flat(run(self.formula, point, tuple(point)).output)[1]
        return () if self.reduction or np.prod(shape) == 1 else shape

    def at(self, point: Point, arrangement: Mapping[str, Shape]) -> dict[str, list[Answer]]:
        """The true derivatives at a point, flat, in the arrangement that the claim has.

        `self.touched` tells afterwards whether the point lies on a breakpoint, and `self.leaving`
        which of the moving numbers, counted in their order, the comparisons there depend on.
        """
        return self._sharp(point, arrangement, None)

    def beside(
        self,
        point: Point,
        arrangement: Mapping[str, Shape],
        leaving: Leaving,
        closer: bool = False,
    ) -> list[dict[str, list[Answer]]]:
        """The derivatives at points moved off a breakpoint by some numbers, in several directions.

        Those of a smooth function draw together if the points are moved `closer`.
        """
        entries = floating(point, self._moving(point))
        bits = BITS_CLOSER if closer else BITS
        return [
            self._sharp(point, arrangement, each, bits) for each in shifts(entries, leaving, closer)
        ]

    def exactly(self, point: Point, arrangement: Mapping[str, Shape], bits: int) -> dict[str, Any]:
        """The derivatives in balls of one precision, however wide they may be."""
        with balls.precision(bits, self.order):
            numbers = self._compute(point, arrangement, None, None)
            return self._split(
                [balls.real(balls.coefficients(x, 1)[0]) for x in numbers], point, arrangement
            )

    def disturbed(
        self, point: Point, arrangement: Mapping[str, Shape], noise: Noise
    ) -> dict[str, list[arb]]:
        """The derivatives that a sweep with roundings in it finds."""
        with balls.precision(noise.bits, self.order):
            numbers = self._compute(point, arrangement, noise, None)
            flat_numbers = [balls.real(balls.coefficients(x, 1)[0]) for x in numbers]
        return self._split(flat_numbers, point, arrangement)

    def _moving(self, point: Point) -> list[str]:
        return [name for name in point if floating(point, [name])]

    def _sharp(
        self,
        point: Point,
        arrangement: Mapping[str, Shape],
        shift: Sequence[Fraction] | None,
        first: int = FIRST,
    ) -> dict[str, list[Answer]]:
        def compute() -> list[balls.Number]:
            found = self._compute(point, arrangement, None, shift)
            return [balls.coefficients(x, 1)[0] for x in found]

        found = sharpen(compute, 1, SMALLEST, self.order, growth=4, first=first)
        answers = [settled(answer) for answer in found]
        count = sum(self._sizes(point, arrangement).values())
        if len(answers) < count:  # the run itself did not come to an end
            answers = [answers[0]] * count
        return self._split(answers, point, arrangement)

    def _sizes(self, point: Point, arrangement: Mapping[str, Shape]) -> dict[str, int]:
        return {name: int(np.prod(arrangement[name].whole, dtype=int)) for name in self.wrt}

    def _split(self, flat_list: list[Any], point: Point, arrangement: Any) -> dict[str, list[Any]]:
        found, start = {}, 0
        for name, size in self._sizes(point, arrangement).items():
            found[name] = flat_list[start : start + size]
            start += size
        return found

    def _compute(
        self,
        point: Point,
        arrangement: Mapping[str, Shape],
        noise: Noise | None,
        shift: Sequence[Fraction] | None,
    ) -> list[balls.Number]:
        moving = self._moving(point)
        if self.order == 2:
            return [
                x
                for name in self.wrt
                for x in self._second(point, name, arrangement[name], moving, noise, shift)
            ]
        traced = run(self.formula, point, moving, noise, shift=shift)
        self._note(traced)
        swept: dict[str, list[balls.Number]] = {}
        results: list[balls.Number] = []
        for name in self.wrt:
            results += _arranged(traced, name, arrangement[name], self.reduction, swept)
        self.oracles |= traced.trace.oracles
        return results

    def _note(self, traced: Traced) -> None:
        self.last_run, self.touched = traced, traced.trace.touched
        if self.touched:
            each = [traced.trace.inputs_of([place]) for place in traced.trace.zero]
            asked = set().union(*each)
            inputs = (number.place for numbers in traced.inputs.values() for number in numbers)
            moved = tuple(n for n, place in enumerate(inputs) if place in asked)
            self.leaving = Leaving(moved, any(len(found) > 1 for found in each))

    def _second(
        self, point: Point, name: str, shape: Shape, moving: list[str], noise: Any, shift: Any
    ) -> list[balls.Number]:
        """Second derivatives: the first-order part in t of the gradient along each entry."""
        by, along = name.split(",") if "," in name else (name, name)
        count = len(floating(point, [along]))
        units: list[list[int]]
        if shape.kind == "per sample":
            units = [[1] * count]
        else:
            units = [[int(n == m) for m in range(count)] for n in range(count)]
        columns = []
        for unit in units:
            traced = run(self.formula, point, moving, noise, {along: unit}, shift)
            self._note(traced)
            single = Shape("per sample" if shape.kind == "per sample" else "gradient", ())
            first = _arranged(traced, by, single, self.reduction, {})
            columns.append([balls.coefficients(x, 2)[1] for x in first])
        # the Hessian's rows are the entries of `by`, its columns those of `along`
        return [column[row] for row in range(len(columns[0])) for column in columns]


def settled(answer: Answer) -> Answer:
    """The answer, or "tiny" for one that no format of any size tells from 0."""
    if isinstance(answer, Ball) and answer.kind == "relative" and bool(abs(answer.arb) < TINY):
        return Ball(answer.arb, "tiny", answer.bits)
    return answer


def _arranged(
    traced: Traced,
    name: str,
    shape: Shape,
    reduction: str | None,
    known: dict[str, list[balls.Number]],
) -> list[balls.Number]:
    """The derivatives of one run by one argument, in the arrangement of the claim."""
    outputs, out_shape = flat(traced.output)
    found = targets(traced, name)

    def swept(weights: Sequence[int | Fraction], key: str) -> list[balls.Number]:
        if key not in known:
            known[key] = _sweep(traced.trace, outputs, weights)
        return [known[key][t.place] if t.place < len(known[key]) else fmpq(0) for t in found]

    ones: list[int | Fraction] = [1] * len(outputs)
    if shape.kind == "jacobian":
        rows = [
            swept([int(n == m) for m in range(len(outputs))], f"output {n}")
            for n in range(len(outputs))
        ]
        return [x for row in rows for x in row]
    if reduction == "mean" and out_shape:
        return swept([Fraction(1, out_shape[0])] * len(outputs), "mean")
    return swept(ones, "sum")


def _sweep(
    trace: Trace, outputs: Sequence[Any], weights: Sequence[int | Fraction]
) -> list[balls.Number]:
    """Derivatives of the weighted sum of outputs by everything on the tape."""
    total: Any = None
    kept, trace.noise = trace.noise, None
    for output, weight in zip(outputs, weights, strict=True):
        if weight == 0 or not isinstance(output, Number):
            continue
        defined(output)
        term = output if weight == 1 else output * Fraction(weight)
        total = term if total is None else total + term
    trace.noise = kept
    return [] if total is None else trace.sweep(total)


def decoupled(formula: Formula, point: Point, name: str, out_shape: tuple[int, ...]) -> bool:
    """Whether entry i of the output depends on slice i of the argument alone.

    Told from the tape: the gradient of a weighted sum is the weights times that of the sum.
    """
    with balls.precision(256):
        traced = run(formula, point, [n for n in point if floating(point, [n])])
        outputs, _ = flat(traced.output)
        plain = _sweep(traced.trace, outputs, [1] * len(outputs))
        weights = [Fraction(n + 2, 7) for n in range(len(outputs))]
        weighted = _sweep(traced.trace, outputs, weights)
        found = targets(traced, name)
        each = max(1, len(found) // max(1, len(outputs)))
        for n, target in enumerate(found):
            one = plain[target.place] if target.place < len(plain) else fmpq(0)
            other = weighted[target.place] if target.place < len(weighted) else fmpq(0)
            weight = weights[min(n // each, len(weights) - 1)]
            gap = balls.add(other, balls.negative(balls.multiply(one, balls.exact(weight))))
            if not balls.real(gap).overlaps(arb(0)):
                return False
            size = balls.real(balls.multiply(one, balls.exact(weight)))
            if not bool(abs(balls.real(gap)) <= abs(size) * arb(2) ** -100 + arb(2) ** -400):
                return False
    return True
