"""What mpmath finds by search, Newton steps and quadrature: good numbers without a proof.

They are what a statement states before anything is proved, and what shows a planted mistake to be
wrong by a way that shares no code with the evidence.  Derivatives here are SymPy's.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import mpmath
import sympy as sp

from gradmath.catalogue import pieces
from gradmath.catalogue.applied import explicit
from gradmath.catalogue.gaussian import Z, quadrature

if TYPE_CHECKING:
    from flint import arb

DIGITS = 40
#: distance from a breakpoint at which a limit from one side is looked at
_BESIDE = sp.Rational(1, 10**21)
_FAR = (40, 10**30)


@functools.cache
def _function(of: sp.Expr, order: int = 0, module: str = "mpmath") -> Any:
    (variable,) = of.free_symbols
    found = explicit(of)
    for _ in range(order):
        found = found.diff(variable)
    return sp.lambdify(variable, found, modules=module)


def _breaks(of: sp.Expr) -> list[sp.Rational]:
    (variable,) = of.free_symbols
    return sorted(pieces.breakpoints(explicit(of), variable) or [])


def rounded(number: Any, digits: int = 24) -> sp.Rational:
    """An mpmath number as the fraction that its decimal to `digits` places is."""
    with mpmath.workdps(DIGITS):
        return sp.Rational(int(mpmath.nint(number * mpmath.mpf(10) ** digits)), 10**digits)


def _kept[R](function: Callable[..., R]) -> Callable[..., R]:
    """Remembered, and kept on disk: pages ask for what `verify` has found."""

    @functools.cache
    def found(*args: Any) -> R:
        from gradmath.dynamics import cached  # it loads NumPy

        return cached(function)(*args)

    return found


@_kept
def extreme(of: sp.Expr, kind: str) -> tuple[sp.Rational, sp.Rational]:
    """The least or greatest value that a search finds, and the point where it was found."""
    sign = 1 if kind == "greatest" else -1
    function = _function(of)
    breaks = _breaks(of)
    rough = _function(of, module="math")
    grid = [sp.Rational(n, 16) for n in range(-160, 161)]
    tried = [max(grid, key=lambda x: sign * rough(float(x)))]  # in doubles, the rest exactly
    tried += [side * sp.Integer(far) for far in _FAR for side in (1, -1)]
    tried += [point + side * _BESIDE for point in breaks for side in (-1, 0, 1)]
    with mpmath.workdps(DIGITS):
        value, point = max(((sign * function(_mpf(x)), x) for x in tried), key=lambda pair: pair[0])
        if point not in breaks and abs(point) <= 10:
            value, point = _polished(of, sign, value, point, breaks)
        return rounded(sign * value, 20), point


def _polished(
    of: sp.Expr, sign: int, value: Any, point: sp.Rational, breaks: list[sp.Rational]
) -> tuple[Any, sp.Rational]:
    """The maximum between the neighbours of the best point of a grid, by Newton's method."""
    try:
        root = mpmath.findroot(_function(of, 1), _mpf(point))
    except (ValueError, ZeroDivisionError):
        return value, point  # constant there, or an extreme at a corner
    crossed = any(min(_mpf(point), root) < _mpf(b) < max(_mpf(point), root) for b in breaks)
    better = sign * _function(of)(root)
    if crossed or abs(root - _mpf(point)) > mpmath.mpf(1) / 4 or better < value:
        return value, point
    return better, rounded(root, 30)


@functools.cache
def changes(of: sp.Expr) -> tuple[tuple[sp.Rational, sp.Rational], ...]:
    """Neighbouring points of a grid at which the sign is not the same."""
    function = _function(of)
    grid = [sp.Rational(n, 16) + sp.Rational(1, 97) for n in range(-400, 401)]
    signs = [mpmath.sign(function(_mpf(x))) for x in grid]
    return tuple(
        (low, high)
        for (low, one), (high, other) in itertools.pairwise(zip(grid, signs, strict=True))
        if one * other < 0
    )


@_kept
def zeros(of: sp.Expr) -> tuple[sp.Rational, ...]:
    """The zeros between the points of `changes`, by bracketing."""
    function = _function(of)
    with mpmath.workdps(DIGITS):
        return tuple(
            rounded(mpmath.findroot(function, (_mpf(low), _mpf(high)), solver="anderson"), 30)
            for low, high in changes(of)
        )


@_kept
def mean(of: sp.Expr) -> sp.Rational:
    """E of(Z) for Z ~ N(0, 1), by quadrature between breakpoints."""
    (variable,) = of.free_symbols
    return rounded(quadrature(of.xreplace({variable: Z}), DIGITS))


def _mpf(x: sp.Rational) -> Any:
    return mpmath.mpf(int(x.p)) / int(x.q)


def number(value: sp.Expr) -> arb:
    """A number as a ball of the present precision."""
    from gradmath.verify import balls
    from gradmath.verify.lower import State, lower

    return balls.real(balls.constant(lower(sp.sympify(value)).run(State({}))))


def near(of: sp.Expr, place: sp.Expr, within: sp.Expr) -> arb:
    """The values of a function on the ball of radius `within` around a place, as a ball.

    By the mean-value form: flat functions are told apart to the square of the radius.
    """
    from flint import arb

    from gradmath.verify import balls
    from gradmath.verify.lower import State, lower

    (variable,) = of.free_symbols
    program, middle = lower(explicit(of)), number(place)
    around = middle + arb(0, number(within).upper())
    with balls.precision(256, 2):
        moved = program.run(State({variable: balls.variable(around, 2)}))
        slope = balls.real(balls.coefficients(moved, 2)[1])
        value = balls.real(balls.constant(program.run(State({variable: middle}))))
        return value + slope * (around - middle)
