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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NoReturn

import numpy as np
from flint import arb, fmpq, fmpq_series

from gradmath.errors import GradmathError
from gradmath.verify import balls
from gradmath.verify.gradients.rules import RULES, Rule, integer_power
from gradmath.verify.ulps import Format


class NotTraceable(GradmathError, TypeError):
    """The code asks of a traced number what only a machine number can do."""


@dataclass
class Noise:
    """Disturbances of the size of a rounding: NumPy's `Generator(PCG64(seed))`.

    `bits` is the precision of the run.  With seed 1 the constants of the code are rounded to the
    format, as the machine does it; with other seeds they are disturbed like everything else.
    `overflow` tells that a result left the format, `underflow` that one became 0 in it;
    `differences` are those that comparisons asked the sign of.
    """

    form: Format
    seed: int
    bits: int = 256
    overflow: bool = False
    underflow: bool = False
    differences: list[arb] = field(default_factory=list)

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
            return balls.multiply(x, balls.exact(1 + ulps * self.form.epsilon * self._draw()))
        off = arb(x)
        size = abs(off)
        if not size < self._largest:
            self.overflow = True
        off *= arb(1 + ulps * self.form.epsilon * self._draw())
        if size < self._low:
            vanished = bool(size > 0) and bool(size < self._lowest)
            self.underflow = self.underflow or vanished
            off += arb(4 * self.form.smallest * self._draw())
        return off

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
        if self.seed == 1:
            return Fraction(float(np.dtype(self.form.name).type(float(value))))
        return value * (1 + Fraction(self.form.epsilon) * Fraction(self._draw()))


def _power_of_two(n: int) -> bool:
    return n & (n - 1) == 0


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

    `decisions` are the differences that a comparison asked the sign of; `touched` says whether one
    of them was exactly 0: the point then lies on a breakpoint.
    """

    noise: Noise | None = None
    entries: list[Entry] = field(default_factory=list)
    decisions: list[Number] = field(default_factory=list)
    touched: bool = False

    def input(self, value: object, name: str, direction: object = 0) -> Number:
        """A number that others depend on; `direction` makes it value + direction t."""
        start = balls.exact(value)
        if direction:
            start = balls.add(start, balls.multiply(balls.exact(direction), balls.variable(0, 2)))
        return self._put(Entry(None, (), (), start, name))

    def apply(self, rule: Rule, operands: Sequence[Number | balls.Number]) -> Number:
        """The result of one operation."""
        places = tuple(o.place if isinstance(o, Number) else -1 for o in operands)
        values = tuple(o.value if isinstance(o, Number) else o for o in operands)
        result = _result(rule, values)
        if self.noise is not None and rule.ulps and not isinstance(result, Undefined):
            result = self.noise.on(result, rule.ulps)
        return self._put(Entry(rule, places, values, result))

    def _put(self, entry: Entry) -> Number:
        self.entries.append(entry)
        return Number(self, len(self.entries) - 1, entry.result)

    def constant(self, value: object) -> balls.Number:
        """A machine number that the code brings along, exactly."""
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

    def sign(self, difference: Number) -> int:
        """The sign of a difference, noted as a decision."""
        defined(difference)
        found, touched = balls.germ_sign(difference.value, 0)
        self.touched = self.touched or touched
        if self.noise is None:
            self.decisions.append(difference)
        else:
            self.noise.differences.append(balls.real(balls.coefficients(difference.value, 1)[0]))
        return found

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
                part = balls.multiply(above, slope)
                if self.noise is not None:
                    part = self.noise.on(part, 4)
                adjoints[operand] = balls.add(adjoints[operand], part)
        return adjoints


@dataclass(frozen=True)
class Undefined:
    """What stands for a result that does not exist, such as log(-1); harmless until it is used.

    `np.where(x > 0, np.log(x), 0)` computes both branches everywhere and uses one of them.
    """

    error: balls.UndefinedHere


def defined(number: Number) -> Number:
    """The number, if it has a value; else the error that says why it has none."""
    if isinstance(number.value, Undefined):
        raise number.value.error
    return number


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


class Number:
    """A real number whose history is on a tape; does what a NumPy float does."""

    __slots__ = ("place", "trace", "value")
    shape = ()
    ndim = 0
    size = 1

    def __init__(self, trace: Trace, place: int, value: balls.Number) -> None:
        self.trace, self.place, self.value = trace, place, value

    def _with(self, rule: Rule, *operands: Any) -> Any:
        """Apply a rule; NotImplemented where an operand is no number."""
        ready = []
        for operand in operands:
            if isinstance(operand, Number):
                ready.append(operand)
            elif isinstance(operand, bool | np.bool_ | int | float | np.number | Fraction):
                ready.append(self.trace.constant(operand))
            elif isinstance(operand, np.ndarray) and operand.ndim == 0:
                return self._with(
                    rule, *(o.item() if isinstance(o, np.ndarray) else o for o in operands)
                )
            else:
                return NotImplemented
        return self.trace.apply(rule, ready)

    def __add__(self, other: Any) -> Any:
        return self._with(RULES["add"], self, other)

    def __radd__(self, other: Any) -> Any:
        return self._with(RULES["add"], other, self)

    def __sub__(self, other: Any) -> Any:
        return self._with(RULES["subtract"], self, other)

    def __rsub__(self, other: Any) -> Any:
        return self._with(RULES["subtract"], other, self)

    def __mul__(self, other: Any) -> Any:
        return self._with(RULES["multiply"], self, other)

    def __rmul__(self, other: Any) -> Any:
        return self._with(RULES["multiply"], other, self)

    def __truediv__(self, other: Any) -> Any:
        return self._with(RULES["divide"], self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return self._with(RULES["divide"], other, self)

    def __neg__(self) -> Any:
        return self._with(RULES["negative"], self)

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return -self if self.trace.sign(self) < 0 else self

    def __pow__(self, other: Any) -> Any:
        if isinstance(other, np.ndarray) and other.ndim == 0:
            other = other.item()
        if not isinstance(other, Number) and isinstance(other, int | float | np.number | Fraction):
            if other == int(other):
                return self._with(integer_power(int(other)), self)
            if other == 0.5:
                return self._with(RULES["sqrt"], self)
        return self._with(RULES["power"], self, other)

    def __rpow__(self, other: Any) -> Any:
        return self._with(RULES["power"], other, self)

    def compare(self, other: Any) -> int:
        """The sign of the difference, exact: a comparison is not rounded."""
        if not isinstance(other, Number) and isinstance(other, float | np.floating):
            if math.isinf(other):
                return -1 if other > 0 else 1
            if math.isnan(other):
                raise NotTraceable("comparison", got="a comparison with NaN")
        if isinstance(other, np.ndarray) and other.ndim == 0:
            other = other.item()
        if isinstance(other, int | float | np.number | Fraction):
            other = self.trace.constant(other)  # rounded, where rounding is what is looked at
            other = Fraction(int(other.p), int(other.q))
        kept, self.trace.noise = self.trace.noise, None
        try:
            difference = self._with(RULES["subtract"], self, other)
        finally:
            self.trace.noise = kept
        if difference is NotImplemented:
            raise NotTraceable("comparison", got=f"a comparison with {type(other).__name__}")
        return self.trace.sign(difference)

    def __lt__(self, other: Any) -> Any:
        return NotImplemented if _is_array(other) else np.bool_(self.compare(other) < 0)

    def __le__(self, other: Any) -> Any:
        return NotImplemented if _is_array(other) else np.bool_(self.compare(other) <= 0)

    def __gt__(self, other: Any) -> Any:
        return NotImplemented if _is_array(other) else np.bool_(self.compare(other) > 0)

    def __ge__(self, other: Any) -> Any:
        return NotImplemented if _is_array(other) else np.bool_(self.compare(other) >= 0)

    def __eq__(self, other: Any) -> Any:
        if _is_array(other):
            return NotImplemented
        if not isinstance(other, Number | int | float | np.number | Fraction):
            return np.False_
        return np.bool_(self.compare(other) == 0)

    def __ne__(self, other: Any) -> Any:
        return NotImplemented if _is_array(other) else np.bool_(not self == other)

    def __bool__(self) -> bool:
        return self.compare(0) != 0

    __hash__ = object.__hash__

    def __float__(self) -> NoReturn:
        raise NotTraceable("traced number", got="a conversion to a machine number")

    __index__ = __complex__ = __float__

    def __floor__(self) -> int:
        """The largest whole number that is not above; two comparisons."""
        near = balls.real(balls.coefficients(defined(self).value, 1)[0])
        if not near.is_finite() or bool(abs(near) > arb(2) ** 64):
            raise balls.Undecided("floor", got=str(near))
        n = math.floor(float(near.mid()))
        while self.compare(n) < 0:
            n -= 1
        while self.compare(n + 1) >= 0:
            n += 1
        return n

    def __ceil__(self) -> int:
        return -(-self).__floor__()

    def __trunc__(self) -> int:
        return self.__floor__() if self.compare(0) >= 0 else self.__ceil__()

    __int__ = __trunc__

    def __round__(self, digits: int | None = None) -> Any:
        if digits is not None:
            raise NotTraceable("round", got=f"to {digits} digits")
        n = self.__floor__()
        beyond = (self - n).compare(Fraction(1, 2))
        return n + (beyond > 0 or (beyond == 0 and n % 2 == 1))

    def __floordiv__(self, other: Any) -> Any:
        return math.floor(self / other)

    def __mod__(self, other: Any) -> Any:
        return self - other * math.floor(self / other)

    def __repr__(self) -> str:
        if isinstance(self.value, Undefined):
            return "<traced: undefined>"
        return f"<traced {balls.real(balls.coefficients(self.value, 1)[0]).str(8, radius=False)}>"

    def function(self, name: str) -> Any:
        """An elementary function of the table, of this number."""
        return self._with(RULES[name], self)

    # what NumPy asks of a scalar
    @property
    def T(self) -> Number:
        """Itself."""
        return self

    @property
    def dtype(self) -> Any:
        """Object, as for every array of traced numbers."""
        return np.dtype(object)

    def item(self) -> Number:
        """Itself."""
        return self

    def sum(self, *_: Any, **__: Any) -> Number:
        """Itself, as the sum of one number."""
        return self

    mean = sum

    def astype(self, *_: Any, **__: Any) -> Number:
        """Itself: a traced number is exact in every type."""
        return self

    copy = astype

    def __getitem__(self, key: Any) -> Any:
        if key == () or key is Ellipsis:
            return self
        return np.asarray(self, dtype=object)[key]

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        from gradmath.verify.gradients.arrays import call_ufunc

        return call_ufunc(ufunc, method, inputs, options)

    def __array_function__(
        self, function: Any, types: Any, args: Sequence[Any], options: Mapping[str, Any]
    ) -> Any:
        from gradmath.verify.gradients.arrays import call_function

        return call_function(function, args, options)


def _is_array(x: Any) -> bool:
    return isinstance(x, np.ndarray) and x.ndim > 0
