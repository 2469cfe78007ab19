"""Values and derivatives by mpmath, for what ball arithmetic has no function of.

A value is computed at the present precision and at twice as much; what lies between them is taken
for its error, and so is what the error of the argument moves.  No ball encloses such a value: the
report says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import flint
import mpmath
from flint import arb

from gradmath.errors import GradmathError
from gradmath.verify import balls

#: bits more than are asked for
_GUARD: Final = 30
#: mpmath is not asked for more bits than this: it takes long
LIMIT: Final = 1024
#: the name of this oracle in reports
MPMATH: Final = "mpmath"

Function = Callable[..., Any]


class NoOracle(GradmathError, ValueError):
    """Neither ball arithmetic nor mpmath has a value for this."""

    @property
    def reason(self) -> str:
        """What is missing, in words."""
        return str(self)


def value(function: Function, at: Sequence[arb]) -> arb:
    """The value at the middle of the balls, with an estimate of its error as radius."""
    return _estimated(function, at)


def derivative(function: Function, orders: Sequence[int], at: Sequence[arb]) -> arb:
    """The derivative of these orders by the arguments, by mpmath's differences of values.

    What is lost of the values counts as error: a slope far smaller than they is not seen.
    """
    if not any(orders):
        return value(function, at)
    found = _estimated(lambda *x: mpmath.diff(function, x, tuple(orders)), at)
    lost = abs(value(function, at)) * arb(2) ** -flint.ctx.prec
    return arb(found.mid(), (found.rad() + lost).upper())


def _estimated(function: Function, at: Sequence[arb]) -> arb:
    bits = flint.ctx.prec
    if bits > LIMIT:
        raise balls.Undecided("mpmath", got=f"no answer with {LIMIT} bits")
    rough = _at_precision(function, [x.mid() for x in at], bits + _GUARD)
    sharp = _at_precision(function, [x.mid() for x in at], 2 * bits + _GUARD)
    error = 4 * abs(sharp - rough) + abs(sharp) * arb(2) ** -bits
    for n, x in enumerate(at):
        if not x.is_exact():
            ends = [
                _at_precision(function, [*at[:n], end, *at[n + 1 :]], bits + _GUARD)
                for end in (x.lower(), x.upper())
            ]
            error += 2 * abs(ends[1] - ends[0]) + 2 * abs(ends[0] - rough)
    return arb(sharp.mid(), error.upper())


def _at_precision(function: Function, at: Sequence[arb], bits: int) -> arb:
    with mpmath.workprec(bits):
        try:
            found = function(*(_mpf(x.mid()) for x in at))
        except (ZeroDivisionError, ValueError, OverflowError, TypeError) as error:
            raise balls.UndefinedHere("mpmath", got=f"{type(error).__name__}: {error}") from None
        except mpmath.libmp.NoConvergence as error:
            raise balls.Undecided("mpmath", got=str(error)) from None
        if isinstance(found, complex):  # an imaginary unit that stood alone
            found = mpmath.mpc(found)
        if isinstance(found, mpmath.mpc):
            if abs(found.imag) > mpmath.eps * 2**_GUARD * abs(found):
                raise balls.UndefinedHere("mpmath", got="a complex value", allowed="real numbers")
            found = found.real
        found = mpmath.mpf(found)
        if not mpmath.isfinite(found):
            raise balls.UndefinedHere("mpmath", got=str(found), allowed="a finite value")
        mantissa, exponent = found.man_exp
        sign = -1 if found < 0 else 1
    return arb((sign * abs(int(mantissa)), int(exponent)))


def _mpf(x: arb) -> Any:
    mantissa, exponent = x.man_exp()
    return mpmath.ldexp(mpmath.mpf(int(mantissa)), int(exponent))
