"""Whether two numbers or formulas that were found in two ways are the same."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, Final

import sympy as sp

from gradmath.catalogue.applied import explicit

REPEATS: Final = 1e-9  # numbers in doubles, found twice, agree to this share of their size
_BITS: Final = 60  # and exact ones, enclosed by Arb, to so many bits
_SECONDS: Final = 5.0


def agree(
    one: Any, other: Any, within: Any = None, at: Mapping[sp.Symbol, Any] | None = None
) -> bool:
    """Whether two values are the same; the second may be a formula taken `at` a point.

    Formulas: their difference reduces to 0.  Exact numbers: enclosures agree to 60 bits.  A double
    among them: to 1e-9 of its size.  With `within`, the numbers may differ by that much instead.
    """
    first, second = sp.sympify(one), sp.sympify(other)
    matrices = isinstance(first, sp.MatrixBase), isinstance(second, sp.MatrixBase)
    if any(matrices):
        return (
            all(matrices)
            and first.shape == second.shape
            and all(agree(a, b, within) for a, b in zip(first, second, strict=True))
        )
    if first == second:
        return True
    first, second = explicit(first), explicit(second)
    if at:
        return not first.free_symbols and _close(first, second, within, 2.0**-_BITS, at)
    if first.free_symbols or second.free_symbols:
        return first.free_symbols == second.free_symbols and _same_formula(first, second)
    if first.is_Rational and second.is_Rational and within is None:
        return bool(first == second)
    return _close(first, second, within, 2.0**-_BITS)


def _same_formula(first: sp.Expr, second: sp.Expr) -> bool:
    from gradmath.verify.symbolic import prove_zero

    return prove_zero(first - second, seconds=_SECONDS).proved is True


def _close(
    first: sp.Expr,
    second: sp.Expr,
    within: Any,
    share: float,
    at: Mapping[sp.Symbol, Any] | None = None,
) -> bool:
    share = REPEATS if first.has(sp.Float) or second.has(sp.Float) else share
    balls = [_ball(first), _ball(second, tuple((at or {}).items()))]
    if None in balls:
        return False
    gap = abs(balls[0] - balls[1])
    if within is not None:
        return bool(gap <= _ball(sp.sympify(within)))
    return bool(gap <= share * abs(balls[1])) or bool(balls[0] == balls[1])


@functools.lru_cache(maxsize=4096)
def _ball(number: sp.Expr, at: tuple[tuple[sp.Symbol, Any], ...] = ()) -> Any:
    """An enclosure, or None where the oracle has none; what no oracle knows, SymPy evaluates."""
    from flint import arb

    from gradmath.errors import GradmathError
    from gradmath.verify import oracle

    if number.is_Float:
        return arb(float(number)) if number.is_finite else None
    try:
        found = oracle.value(number, dict(at))
    except GradmathError:
        found = None
    if isinstance(found, oracle.Ball):
        return found.arb
    if at:
        return None
    by_sympy = sp.N(number, 40)
    return arb(str(by_sympy)) if by_sympy.is_Float else None
