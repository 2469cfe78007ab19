"""Three number systems for arrays of objects: SymPy symbols, Arb balls, and exact dual fractions.

Each offers `array(name, shape)`, an entrywise function `phi` with its `slope`, and derivatives:
`moved(array, index)` marks the entry by which one differentiates, and `derivative(result, entry)`
reads the derivative off the result.
"""

from __future__ import annotations

import functools
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy as sp

Array = Any


@dataclass(frozen=True)
class Dual:
    """value + slope * e with e^2 = 0: arithmetic that carries an exact derivative along."""

    value: Fraction
    slope: Fraction = Fraction(0)

    def __add__(self, other: Any) -> Dual:
        other = dual(other)
        return Dual(self.value + other.value, self.slope + other.slope)

    def __sub__(self, other: Any) -> Dual:
        return self + dual(other) * Fraction(-1)

    def __mul__(self, other: Any) -> Dual:
        other = dual(other)
        return Dual(self.value * other.value, self.slope * other.value + self.value * other.slope)

    def __truediv__(self, number: int) -> Dual:
        return self * Fraction(1, number)

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, other: Any) -> Dual:
        return dual(other) - self


def dual(number: Any) -> Dual:
    """A number as a dual number that does not move."""
    return number if isinstance(number, Dual) else Dual(Fraction(number))


@dataclass(frozen=True)
class System:
    """A number system; see the module's text."""

    entry: Callable[[str, tuple[int, ...]], Any]
    phi: Callable[[Array], Array]
    slope: Callable[[Array], Array]
    mark: Callable[[Any], Any]
    read: Callable[[Any, Any], Any]

    def array(self, name: str, shape: tuple[int, ...]) -> Array:
        """An array of this shape, whose entries depend on the name and the index alone."""
        import numpy as np

        made = np.empty(shape, dtype=object)
        for index in np.ndindex(shape):
            made[index] = self.entry(name, index)
        return made

    def moved(self, array: Array, index: tuple[int, ...]) -> Array:
        """A copy in which one entry is marked as the variable."""
        made = array.copy()
        made[index] = self.mark(made[index])
        return made

    def derivative(self, result: Any, entry: Any) -> Any:
        """The derivative of a result (a number or an array) by the marked entry."""
        import numpy as np

        if not isinstance(result, np.ndarray):
            return self.read(result, entry)
        made = np.empty(result.shape, dtype=object)
        for index in np.ndindex(result.shape):
            made[index] = self.read(result[index], entry)
        return made


def _entrywise(function: Callable[[Any], Any]) -> Callable[[Array], Array]:
    def apply(array: Array) -> Array:
        import numpy as np

        made = np.empty(array.shape, dtype=object)
        for index in np.ndindex(array.shape):
            made[index] = function(array[index])
        return made

    return apply


class Phi(sp.Function):
    """Any differentiable function of one argument, about which nothing else is known."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Its derivative, as a function about which nothing else is known either."""
        return PhiSlope(self.args[0])

    def _eval_is_real(self) -> bool:
        return True


class PhiSlope(sp.Function):
    """The derivative of `Phi`."""

    def _eval_is_real(self) -> bool:
        return True


@functools.cache
def symbol_system() -> System:
    """Entries are real symbols such as W_12; phi is any differentiable function."""

    def entry(name: str, index: tuple[int, ...]) -> sp.Symbol:
        return sp.Symbol(name + "_" + "".join(str(i + 1) for i in index), real=True)

    return System(
        entry,
        phi=_entrywise(Phi),
        slope=_entrywise(PhiSlope),
        mark=lambda symbol: symbol,
        read=lambda result, symbol: sp.diff(result, symbol),
    )


def _fraction(name: str, index: tuple[int, ...]) -> Fraction:
    """A small fraction without pattern, the same on every machine."""
    code = zlib.crc32(f"{name}{index}".encode())
    return Fraction(code % 41 - 20, 7 + code % 5) or Fraction(3, 7)


@functools.cache
def ball_system() -> System:
    """Entries are Arb balls around small fractions; phi is the sigmoid as a power series."""
    from flint import arb, arb_series, fmpq

    def entry(name: str, index: tuple[int, ...]) -> Any:
        number = _fraction(name, index)
        return arb(fmpq(number.numerator, number.denominator))

    def phi(u: Any) -> Any:
        return 1 / (1 + (-u).exp())

    def slope(u: Any) -> Any:
        value = u[0] if isinstance(u, arb_series) else u
        return phi(arb_series([value, 1], 2))[1]

    return System(
        entry,
        phi=_entrywise(phi),
        slope=_entrywise(slope),
        mark=lambda ball: arb_series([ball, 1], 2),
        read=lambda result, _: result[1] if isinstance(result, arb_series) else arb(0),
    )


@functools.cache
def exact_system() -> System:
    """Entries are dual fractions; phi(u) = u^3 - 2 u stands for any smooth activation."""
    return System(
        entry=lambda name, index: Dual(_fraction(name, index)),
        phi=_entrywise(lambda u: u * u * u - u * 2),
        slope=_entrywise(lambda u: Dual(3 * u.value * u.value - 2)),
        mark=lambda number: Dual(number.value, Fraction(1)),
        read=lambda result, _: Dual(dual(result).slope),
    )
