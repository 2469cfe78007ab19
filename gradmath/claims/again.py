"""Second ways to a number, for the values that pages quote.

They share nothing with the formula that they are held against: powers are multiplied out factor by
factor, layers counted, slopes taken from the oracle's power series, means by quadrature.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import mpmath
import sympy as sp

from gradmath.catalogue.applied import explicit

_DIGITS: Final = 50
_SHARE: Final = mpmath.mpf(10) ** -9
_MOST: Final = 10_000  # factors counted before giving up


def repeated(base: Any, times: int, start: Any = 1) -> sp.Float:
    """`start` multiplied `times` times by `base`.

    >>> int(repeated(2, 10))
    1024
    """
    with mpmath.workdps(_DIGITS):
        made, factor = _number(start), _number(base)
        for _ in range(times):
            made *= factor
        return sp.Float(mpmath.nstr(made, 40), 40)


def factors(base: Any, reached: Any, start: Any = 1) -> int:
    """How many times `start` is multiplied by `base` to give `reached`; -1 if it never does.

    >>> factors(2, 1024)
    10
    """
    with mpmath.workdps(_DIGITS):
        made, factor, goal = _number(start), _number(base), _number(reached)
        for count in range(_MOST):
            if abs(made - goal) <= _SHARE * abs(goal):
                return count
            made *= factor
    return -1


def slope_at(
    function: sp.Expr, variable: sp.Symbol, at: Mapping[sp.Symbol, Any], order: int = 1
) -> sp.Float:
    """A derivative of the definition at a point, from the oracle's power series in balls."""
    from gradmath.verify import oracle

    found = oracle.taylor(explicit(function), variable, dict(at), order)[order]
    if isinstance(found, oracle.Inconclusive):
        raise ValueError(found.reason)
    return sp.Float(found.arb.mid().str(40, radius=False), 40)


def _number(it: Any) -> Any:
    return mpmath.mpf(str(sp.N(explicit(sp.sympify(it)), _DIGITS)))
