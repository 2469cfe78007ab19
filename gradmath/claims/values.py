"""Numbers and formulas that a page may quote: computed once, written with a stated precision."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from numbers import Integral, Real
from typing import Any

import sympy as sp

from gradmath import notation
from gradmath.errors import DeclarationError

_SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_GUARD = 25  # digits carried beyond those shown, so that the last one shown is rounded correctly
_DIGITS_PER_BIT = 0.30102  # the common logarithm of 2, from below
_PLAIN_EXPONENTS = range(-4, 6)  # outside these, a number is written with a power of ten


@dataclass(frozen=True)
class Instance:
    """Either side of the named part of the statement, at a point of its domain."""

    part: str
    at: Mapping[sp.Symbol, Any] = field(default_factory=dict)


#: The same number found another way: as it stands, by a computation, or as an instance of a part.
type Again = sp.Basic | float | int | Instance | Callable[[], Any]


@dataclass(frozen=True)
class Value:
    """A number or formula with the number of significant digits it is quoted to.

    Without `digits` the value is exact and is written as it stands: an integer, a fraction, a
    formula.  With `digits` it is a decimal rounded to that many significant digits; an exact
    number that needs fewer is written with fewer.  `unit` follows the number.

    `again` gives the same by another way, where the statement itself does not say it: `held` tells
    what holds a value, and a claim with a value that nothing holds fails.

    >>> import sympy as sp
    >>> Value(sp.Rational(-1, 8)).plain, Value(sp.exp(-20), digits=3).plain
    ('-1/8', '2.06e-9')
    """

    value: sp.Expr | float | int
    digits: int | None = None
    unit: str = ""
    again: Again | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if isinstance(self.value, bool) or not isinstance(self.value, (sp.Basic, Real)):
            raise DeclarationError(
                "value", got=repr(self.value), allowed="a SymPy expression or a real number"
            )
        exact = isinstance(self.value, (sp.Basic, Integral))
        if not exact and self.digits is None:
            raise DeclarationError(
                "value", got=f"{self.value!r} without digits", remedy="say digits=..."
            )
        if self.digits is not None and self.digits < 1:
            raise DeclarationError("digits", got=self.digits, allowed="1 or more")
        if self.digits is not None and self.is_formula:
            raise DeclarationError("digits", got=str(self.value), allowed="numbers only")

    @property
    def is_formula(self) -> bool:
        """True for a value with symbols and for a matrix: a formula rather than a number."""
        return isinstance(self.value, sp.Basic) and (
            bool(self.value.free_symbols) or isinstance(self.value, sp.MatrixBase)
        )

    @property
    def expression(self) -> sp.Expr:
        """The value as a SymPy expression, unrounded."""
        return sp.sympify(self.value)

    @property
    def plain(self) -> str:
        """ASCII: `-1/8`, `0.16195`, `-4.12e-9`."""
        if self.digits is None:
            return str(self.value)
        mantissa, exponent = self._rounded()
        return mantissa if exponent is None else f"{mantissa}e{exponent}"

    @property
    def text(self) -> str:
        """For prose: a true minus sign and a raised power of ten, then the unit."""
        if isinstance(self.value, sp.MatrixBase):
            number = str(self.value.tolist())
        elif self.digits is None:
            number = notation.text(self.expression)
        else:
            mantissa, exponent = self._rounded()
            power = "" if exponent is None else " × 10" + str(exponent).translate(_SUPERSCRIPT)
            number = mantissa + power
        number = number.replace("-", "−") if not self.is_formula else number
        return f"{number} {self.unit}".rstrip()

    @property
    def latex(self) -> str:
        """For formulas, without the dollar signs."""
        if self.digits is None:
            number = notation.latex(self.expression)
        else:
            mantissa, exponent = self._rounded()
            number = mantissa if exponent is None else rf"{mantissa} \times 10^{{{exponent}}}"
        return number + (rf"\,\mathrm{{{self.unit}}}" if self.unit else "")

    @property
    def certain(self) -> int | None:
        """How many significant digits are known for certain; None if all are, for an exact value.

        For a number from an expression, the digits on which the ends of its enclosure by the
        oracle agree in size; for the result of a run, those that it is quoted to.
        """
        if self.digits is None or (isinstance(self.value, sp.Basic) and self.value.is_Rational):
            return None
        if not isinstance(self.value, sp.Basic):
            return None if isinstance(self.value, Integral) else self.digits
        from gradmath.verify import oracle

        enclosed = oracle.value(self.expression, {})
        if not isinstance(enclosed, oracle.Ball) or enclosed.kind != "relative":
            raise DeclarationError("value", got=str(self.value), allowed="a number with digits")
        known = int(enclosed.arb.rel_accuracy_bits() * _DIGITS_PER_BIT)
        if known < self.digits:
            raise DeclarationError("digits", got=self.digits, allowed=f"{known} for {self.value}")
        return known

    def to_json(self) -> dict[str, object]:
        """The exact value as text, the digits and every form in which a page may show it."""
        return {
            "exact": str(self.value),
            "digits": self.digits,
            "certain": self.certain,
            "unit": self.unit,
            "plain": self.plain,
            "text": self.text,
            "latex": self.latex,
        }

    def _decimal(self) -> Decimal:
        if isinstance(self.value, sp.Basic):
            return Decimal(str(sp.N(self.value, (self.digits or 0) + _GUARD)))
        if isinstance(self.value, Integral):
            return Decimal(int(self.value))
        return Decimal(float(self.value))

    def _rounded(self) -> tuple[str, int | None]:
        """Mantissa as text and the power of ten, or None where none is needed."""
        exact = self._decimal()
        if exact == 0:
            return "0", None
        if not exact.is_finite():
            return str(exact), None
        assert self.digits is not None
        with localcontext() as context:
            context.prec = self.digits
            context.rounding = ROUND_HALF_EVEN
            rounded = +exact
        exponent = rounded.adjusted()
        if exponent in _PLAIN_EXPONENTS:
            return self._trimmed(rounded, exact), None
        return self._trimmed(rounded.scaleb(-exponent), exact.scaleb(-exponent)), exponent

    @property
    def _terminates(self) -> bool:
        """Whether the value is known exactly, so that final zeros would say nothing new."""
        return not isinstance(self.value, sp.Basic) or bool(self.value.is_Rational)

    def _trimmed(self, rounded: Decimal, exact: Decimal) -> str:
        """Drop the final zeros of a number that is exactly what is shown; keep those that say
        something.
        """
        shown = f"{rounded:f}"
        if self._terminates and rounded == exact and "." in shown:
            shown = shown.rstrip("0").rstrip(".")
        return shown
