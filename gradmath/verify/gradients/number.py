"""A number that does what a NumPy float does, in balls, and whose history is on a tape."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from flint import arb

from gradmath.errors import GradmathError
from gradmath.verify import balls
from gradmath.verify.gradients.blame import delegated
from gradmath.verify.gradients.rule import Rule
from gradmath.verify.gradients.rules import RULES, UNSIGNED, integer_power

if TYPE_CHECKING:
    from gradmath.verify.gradients.trace import Trace


class NotTraceable(GradmathError, TypeError):
    """The code asks of a traced number what only a machine number can do.

    `reason` says it for a report: the error that the code raised, or what was asked for.
    """

    @property
    def reason(self) -> str:
        """What stood in the way, in words."""
        if self.argument == "code":
            return str(self.got)
        return f"{type(self).__name__}: {self}"


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
        if _is_infinite(other):
            return float(other)  # as in a mask of -inf before a softmax
        return self._with(RULES["add"], self, other)

    def __radd__(self, other: Any) -> Any:
        if _is_infinite(other):
            return float(other)
        return self._with(RULES["add"], other, self)

    def __sub__(self, other: Any) -> Any:
        if _is_infinite(other):
            return -float(other)
        return self._with(RULES["subtract"], self, other)

    def __rsub__(self, other: Any) -> Any:
        if _is_infinite(other):
            return float(other)
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
        try:
            return -self if self.trace.sign(self) < 0 else self
        except balls.Undecided:
            if not isinstance(self.value, arb):
                raise
            # of a number that is 0 the value may still do, as in abs(p.sum() - 1) < 1e-6
            return self._with(UNSIGNED, self)

    def __pow__(self, other: Any) -> Any:
        if isinstance(other, np.ndarray) and other.ndim == 0:
            other = other.item()
        if not isinstance(other, Number) and isinstance(other, int | float | np.number | Fraction):
            if not math.isfinite(other):
                raise NotTraceable("power", got=f"the exponent {other}", allowed="finite numbers")
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
        if _is_array(other):
            return NotImplemented
        return math.floor(self / other)

    def __mod__(self, other: Any) -> Any:
        if _is_array(other):
            return NotImplemented
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

    @property
    def real(self) -> Number:
        """Itself."""
        return self

    @property
    def imag(self) -> float:
        """0: traced numbers are real."""
        return 0.0

    def item(self) -> Number:
        """Itself."""
        return self

    def sum(self, *_: Any, **__: Any) -> Number:
        """Itself, as the sum of one number."""
        return self

    mean = sum

    def astype(self, dtype: Any, *_: Any, **__: Any) -> Any:
        """Itself: a traced number is exact in every floating-point type; others cut it off."""
        from gradmath.verify.gradients.arrays import cast

        return cast(self, dtype)

    def copy(self, *_: Any) -> Number:
        """Itself."""
        return self

    def __getitem__(self, key: Any) -> Any:
        if key == () or key is Ellipsis:
            return self
        return delegated(np.asarray(self, dtype=object).__getitem__, key)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        from gradmath.verify.gradients.arrays import call_ufunc

        return call_ufunc(ufunc, method, inputs, options)

    def __array_function__(
        self, function: Any, types: Any, args: Sequence[Any], options: Mapping[str, Any]
    ) -> Any:
        from gradmath.verify.gradients.arrays import call_function

        return call_function(function, args, options)


def _is_infinite(x: Any) -> bool:
    return isinstance(x, float | np.floating) and math.isinf(x)


def _is_array(x: Any) -> bool:
    return isinstance(x, np.ndarray) and x.ndim > 0
