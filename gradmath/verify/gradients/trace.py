"""Anyone's formula, run on traced numbers: values in balls, and a tape for the reverse sweep.

A `Number` stands where the code expects a float.  Every operation is done in ball arithmetic on
the exact inputs and noted on a tape, so that one sweep back gives the derivative by every input.
Comparisons are decided by balls, never guessed: too wide a ball raises `Undecided`, and the caller
tries again with more bits.  What a number cannot do (turn into a float, say) raises `NotTraceable`.

With `noise` each operation is disturbed by about one unit in the last place of a floating-point
format, which shows what rounding in that format does to the result.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from flint import fmpq, fmpq_series

from gradmath.verify import balls
from gradmath.verify.gradients.noise import Noise
from gradmath.verify.gradients.number import NotTraceable, Number, Undefined, defined
from gradmath.verify.gradients.rule import OnDemand, Rule


@dataclass(frozen=True)
class Entry:
    """One operation on the tape: its rule, its operands' places and their values, its result."""

    rule: Rule | None
    operands: tuple[int, ...]
    values: tuple[balls.Number, ...]
    result: balls.Number
    name: str = ""


@dataclass
class Trace:
    """The tape of one run at FLINT's present precision.

    `decisions` are the differences that a comparison asked the sign of; `zero` are the places of
    those that were exactly 0: the point then lies on a breakpoint.  `signs` are those found.
    `fixed` are the places of numbers that depend on no input.  `oracles` are those besides ball
    arithmetic that gave something.
    """

    noise: Noise | None = None
    entries: list[Entry] = field(default_factory=list)
    decisions: list[Number] = field(default_factory=list)
    zero: list[int] = field(default_factory=list)
    signs: list[int] = field(default_factory=list)
    fixed: set[int] = field(default_factory=set)
    oracles: set[str] = field(default_factory=set)

    def input(self, value: object, name: str, direction: object = 0) -> Number:
        """A number that others depend on; `direction` makes it value + direction t."""
        start = balls.exact(value)
        if direction:
            start = balls.add(start, balls.multiply(balls.exact(direction), balls.variable(0, 2)))
        return self._put(Entry(None, (), (), start, name))

    def given(self, value: int) -> Number:
        """A whole number that depends on nothing, such as a sign that a comparison found."""
        number = self._put(Entry(None, (), (), fmpq(value)))
        self.fixed.add(number.place)
        return number

    def apply(self, rule: Rule, operands: Sequence[Number | balls.Number]) -> Number:
        """The result of one operation."""
        places = tuple([o.place if isinstance(o, Number) else -1 for o in operands])
        values = tuple([o.value if isinstance(o, Number) else o for o in operands])
        if self.noise is not None and rule.carries:
            moved = tuple(
                v if place < 0 or isinstance(v, Undefined) else self.noise.on(v, 2)
                for v, place in zip(values, places, strict=True)
            )
            result = _result(rule, moved)
        else:
            result = _result(rule, values)
        if rule.oracle:
            self.oracles.add(rule.oracle)
        if self.noise is not None and rule.ulps and not isinstance(result, Undefined):
            result = self.noise.on(result, rule.ulps)
        number = self._put(Entry(rule, places, values, result))
        if self._is_fixed(rule, places, values):
            self.fixed.add(number.place)
        return number

    def _is_fixed(self, rule: Rule, places: Sequence[int], values: Sequence[Any]) -> bool:
        """Whether a result depends on no input; 0 times anything does not, as after a dead unit."""
        if -1 in places and rule.name == "multiply":
            factor = values[places.index(-1)]
            if isinstance(factor, fmpq) and factor == 0:
                return True
        return bool(self.fixed) and all(place < 0 or place in self.fixed for place in places)

    def _put(self, entry: Entry) -> Number:
        self.entries.append(entry)
        return Number(self, len(self.entries) - 1, entry.result)

    def constant(self, value: object) -> balls.Number:
        """A machine number that the code brings along, exactly."""
        if type(value) is int and self.noise is None:
            return fmpq(value)
        if isinstance(value, Fraction):
            exact = value
        else:
            if isinstance(value, complex | np.complexfloating):
                raise NotTraceable("constant", got=repr(value), allowed="real numbers")
            number = float(value) if not isinstance(value, int | np.integer) else int(value)  # type: ignore[arg-type]  # float() refuses what it cannot
            if isinstance(number, float) and not math.isfinite(number):
                raise NotTraceable("constant", got=repr(value), allowed="finite numbers")
            exact = Fraction(number)
        if self.noise is not None:
            exact = self.noise.constant(exact)
        return fmpq(exact.numerator, exact.denominator)

    def ask(self) -> None:
        """Note that the code asks whether a number is finite: it answers for overflow itself."""
        if self.noise is not None:
            self.noise.asked = True

    def sign(self, difference: Number) -> int:
        """The sign of a difference, noted as a decision."""
        defined(difference)
        turns = () if self.noise is None else self.noise.turns
        if len(self.signs) < len(turns):
            found, touched = turns[len(self.signs)], False
        else:
            found, touched = balls.germ_sign(difference.value, 0)
        self.signs.append(found)
        if difference.place in self.fixed:
            return found  # np.sign(x) == 1 is no breakpoint of its own
        if touched:
            self.zero.append(difference.place)
        if self.noise is None:
            self.decisions.append(difference)
        else:
            self.noise.differences.append(balls.real(balls.coefficients(difference.value, 1)[0]))
        return found

    @property
    def touched(self) -> bool:
        """Whether the point lies on a breakpoint."""
        return bool(self.zero)

    def inputs_of(self, places: Sequence[int]) -> set[int]:
        """The places of the inputs that what stands at these places was computed from."""
        waiting, seen = list(places), set(places)
        while waiting:
            for operand in self.entries[waiting.pop()].operands:
                if operand >= 0 and operand not in seen:
                    seen.add(operand)
                    waiting.append(operand)
        return {place for place in seen if self.entries[place].rule is None}

    def sweep(self, output: Number) -> list[balls.Number]:
        """The derivative of `output` by every number on the tape, by place."""
        defined(output)
        adjoints: list[balls.Number] = [_ZERO] * len(self.entries)
        adjoints[output.place] = fmpq(1)
        for place in range(output.place, -1, -1):
            above, entry = adjoints[place], self.entries[place]
            if entry.rule is None or (isinstance(above, fmpq) and above == 0):
                continue
            slopes = entry.rule.slopes(entry.values, entry.result)
            for operand, slope in zip(entry.operands, slopes, strict=True):
                if operand < 0:
                    continue
                if isinstance(slope, OnDemand):
                    self.oracles |= {slope.oracle} - {""}
                    slope = slope.find()
                part = balls.multiply(above, slope)
                if self.noise is not None:
                    part = self.noise.on(part, 4)
                adjoints[operand] = balls.add(adjoints[operand], part)
        return adjoints


def _result(rule: Rule, values: Sequence[Any]) -> Any:
    for value in values:
        if isinstance(value, Undefined):
            return value
    try:
        result = rule.value(values)
    except balls.UndefinedHere as error:
        return Undefined(error)
    return balls.real(result) if _is_long(result) else result


def _is_long(x: balls.Number) -> bool:
    """Whether an exact fraction (or a coefficient of a series of them) has grown too long."""
    if isinstance(x, fmpq):
        return int(x.q.bit_length() + x.p.bit_length()) > _LONGEST
    return isinstance(x, fmpq_series) and any(map(_is_long, balls.coefficients(x, 2)))


_ZERO = fmpq(0)
#: exact fractions longer than this many bits are carried on as balls
_LONGEST = 4096
