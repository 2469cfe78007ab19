"""Disturbances of the size of a rounding: what floating-point formats do to each operation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from flint import arb, fmpq

from gradmath.verify import balls
from gradmath.verify.ulps import Format


@dataclass
class Noise:
    """Disturbances of the size of a rounding: NumPy's `Generator(PCG64(seed))`.

    `bits` is the precision of the run.  With seed 1 the constants of the code are rounded to the
    format, as the machine does it; with other seeds they are disturbed like everything else.
    `overflow` tells that a result left the format, `underflow` that one became 0 in it; `asked`
    that the code itself asks whether numbers are finite; `turns` are the signs that comparisons are
    to find one after the other, whatever was disturbed: the run then takes the same branches;
    `differences` are those that comparisons asked the sign of.
    """

    form: Format
    seed: int
    bits: int = 256
    overflow: bool = False
    underflow: bool = False
    differences: list[arb] = field(default_factory=list)
    asked: bool = False
    turns: Sequence[int] = ()

    def __post_init__(self) -> None:
        self._largest = arb(self.form.largest)
        self._low = arb(4 * self.form.smallest_normal)
        self._lowest = arb(self.form.smallest) / 2
        self._generator = np.random.Generator(np.random.PCG64(self.seed))
        self._drawn: list[float] = []
        self._constants: dict[Fraction, Fraction] = {}

    def _draw(self) -> float:
        """A number in [1/2, 1] with either sign."""
        if not self._drawn:
            u = self._generator.uniform(-1.0, 1.0, 1024)
            self._drawn = np.copysign(0.5 + np.abs(u) / 2, u).tolist()
        return self._drawn.pop()

    def on(self, x: balls.Number, ulps: int) -> balls.Number:
        """The number, off by up to `ulps` units in the last place, and what subnormals lose."""
        if isinstance(x, balls.Scaled):  # beyond even the range of balls
            self.overflow = True
            return x
        if not isinstance(x, arb | fmpq):
            return balls.multiply(x, self._factor(ulps))
        off = arb(x)
        size = abs(off)
        if not size < self._largest:
            self.overflow = True
        off *= self._factor(ulps)
        if size < self._low:
            vanished = bool(size > 0) and bool(size < self._lowest)
            self.underflow = self.underflow or vanished
            off += arb(4 * self.form.smallest * self._draw())
        return off

    def _factor(self, ulps: int) -> arb:
        """1 and a rounding; in doubles it would be 1 + epsilon or 1, and two of them cancel."""
        return 1 + arb(ulps * self.form.epsilon * self._draw())

    def constant(self, value: Fraction) -> Fraction:
        """A constant as the format holds it; one that needs all its bits may itself be rounded."""
        if value not in self._constants:
            self._constants[value] = self._held(value)
        return self._constants[value]

    def _held(self, value: Fraction) -> Fraction:
        odd = value.numerator
        while odd and odd % 2 == 0:
            odd //= 2
        if abs(odd).bit_length() + 8 < self.form.precision and _power_of_two(value.denominator):
            return value
        if abs(value) > self.form.largest:  # the format has no such constant
            self.overflow = True
            return value
        if self.seed == 1:
            return Fraction(float(np.dtype(self.form.name).type(float(value))))
        return value * (1 + Fraction(self.form.epsilon) * Fraction(self._draw()))


def _power_of_two(n: int) -> bool:
    return n & (n - 1) == 0
