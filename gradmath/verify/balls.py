"""Arb numbers with one common vocabulary: balls, truncated power series, and scaled exponentials.

A *number* here is an `arb` (a ball), an `arb_series` (the Taylor coefficients of a function at a
point, each a ball), an `fmpq` or `fmpq_series` as long as the arithmetic stays rational and exact
(so that z/6 + 1/2 at z = 3 is 1, not a ball around 1), or a `Scaled` m exp(E) for exponentials that
leave even Arb's exponent range: 1/(1 + exp(1e308)) and log(1 + exp(1e308)) have good answers
although exp(1e308) has none.

Nothing is decided by a guess.  Where a ball is too wide to tell a sign, `Undecided` is raised and
the caller tries again with more bits; an exact zero decides equality.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import flint
from flint import arb, arb_series, fmpq, fmpq_series

from gradmath.errors import GradmathError

Number = Any  # fmpq | fmpq_series | arb | arb_series | Scaled; python-flint has no type stubs


class Undecided(GradmathError):
    """A ball is too wide to decide a comparison or a division at this precision."""


class UndefinedHere(GradmathError):
    """The expression has no value at the point, at any precision (division by an exact zero)."""


# FLINT's working precision is one setting for the whole process.  A thread that changed it under
# our feet could only widen balls, never falsify them, but it would cost bits: so we take turns.
_turn = threading.RLock()


@contextmanager
def precision(bits: int, length: int = 1) -> Iterator[None]:
    """Work with `bits` bits and power series of `length` coefficients, one thread at a time."""
    with _turn:
        before = (flint.ctx.prec, flint.ctx.cap)
        flint.ctx.prec, flint.ctx.cap = bits, length
        try:
            yield
        finally:
            flint.ctx.prec, flint.ctx.cap = before


@dataclass(frozen=True)
class Scaled:
    """The number m exp(E), for an E whose exponential is out of range."""

    m: Number
    E: Number


def exact(value: object) -> Number:
    """An exact number: int, float, Fraction, NumPy scalar as an `fmpq`; a ball stays a ball."""
    if isinstance(value, arb | fmpq):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return fmpq(value)
    try:
        ratio = value if isinstance(value, Fraction) else Fraction(float(value))  # type: ignore[arg-type]  # float() refuses what it cannot
    except (TypeError, ValueError, OverflowError):
        raise UndefinedHere("value", got=repr(value), allowed="a finite real number") from None
    return fmpq(ratio.numerator, ratio.denominator)


def variable(value: object, length: int) -> Number:
    """The identity function's Taylor series at `value`."""
    start = exact(value)
    if isinstance(start, arb):
        return arb_series([start, 1], length)
    return fmpq_series([start, 1], prec=length)


def real(x: Number) -> Number:
    """`x` with rational parts turned into balls of the present precision."""
    if type(x) is arb:
        return x
    if isinstance(x, fmpq):
        return arb(x)
    if isinstance(x, fmpq_series):
        length = flint.ctx.cap
        return arb_series([arb(x[i]) for i in range(length)], length)
    return x


def constant(x: Number) -> Number:
    """The value of a number at the point itself: the series' constant term."""
    return x[0] if isinstance(x, arb_series | fmpq_series) else x


def coefficients(x: Number, length: int) -> list[Number]:
    """The first `length` Taylor coefficients; those of a plain ball are 0 after the first."""
    if isinstance(x, Scaled):
        x = multiply(x.m, real(x.E).exp())
    if isinstance(x, arb_series | fmpq_series):
        return [x[i] for i in range(length)]
    return [x] + [fmpq(0)] * (length - 1)


def is_zero(x: Number) -> bool:
    """Whether a constant is exactly 0."""
    return bool(x == 0) if isinstance(x, fmpq) else x.is_zero()


def germ_sign(x: Number, side: int) -> tuple[int, bool]:
    """The sign of `x` at the point, and whether the point is an exact zero of `x`.

    With `side` +1 or -1 it is the sign immediately right or left of the point, read from the first
    coefficient that is not an exact zero.
    """
    if isinstance(x, Scaled):
        return germ_sign(x.m, side)
    terms = coefficients(x, flint.ctx.cap)
    touched = is_zero(terms[0])
    if not touched or not side:
        return _ball_sign(terms[0]), touched
    for power, term in enumerate(terms):
        if not is_zero(term):
            return _ball_sign(term) * side**power, True
    return 0, True


def _ball_sign(x: Number) -> int:
    if is_zero(x):
        return 0
    if x > 0:
        return 1
    if x < 0:
        return -1
    raise Undecided("sign", got=str(x))


_RATIONAL = (fmpq, fmpq_series)
#: pairs that Arb or FLINT adds and multiplies as they stand: nearly all there are, and told at once
_ALIKE = frozenset((kind, kind) for kind in (arb, arb_series, fmpq, fmpq_series))


def add(x: Number, y: Number) -> Number:
    """Add: x + y."""
    if (type(x), type(y)) in _ALIKE:
        return x + y
    if isinstance(x, _RATIONAL) and isinstance(y, _RATIONAL):
        return x + y
    if isinstance(x, Scaled) and isinstance(y, Scaled):
        gap = add(y.E, negative(x.E))
        return add(y, x) if _ball_sign(constant(gap)) > 0 else _absorb(x, y.m, gap)
    if isinstance(x, Scaled):
        return _absorb(x, y, negative(x.E))
    if isinstance(y, Scaled):
        return _absorb(y, x, negative(y.E))
    return real(x) + real(y)


def _absorb(x: Scaled, y: Number, shift: Number) -> Number:
    """Add to x the number y exp(shift + x.E), for a shift that is not large."""
    scale = exp(shift)
    if isinstance(scale, Scaled):  # a ball so wide that its sign is not known either
        raise Undecided("exp", got=str(shift))
    return Scaled(add(x.m, multiply(y, scale)), x.E)


def negative(x: Number) -> Number:
    """Negate: -x."""
    return Scaled(negative(x.m), x.E) if isinstance(x, Scaled) else -x


def multiply(x: Number, y: Number) -> Number:
    """Multiply: x y.  An exact zero stays exact whatever the other factor is."""
    if (type(x), type(y)) in _ALIKE:
        return x * y
    if isinstance(x, _RATIONAL) and isinstance(y, _RATIONAL):
        return x * y
    for factor in (x, y):
        if isinstance(factor, fmpq) and factor == 0:
            return factor
    if isinstance(x, Scaled) and isinstance(y, Scaled):
        return _unscaled(multiply(x.m, y.m), add(x.E, y.E))
    if isinstance(x, Scaled):
        return Scaled(multiply(x.m, y), x.E)
    if isinstance(y, Scaled):
        return Scaled(multiply(x, y.m), y.E)
    return real(x) * real(y)


def _unscaled(m: Number, E: Number) -> Number:
    """Return m exp(E), as a plain number where that is in range."""
    e = exp(E)
    return Scaled(m, E) if isinstance(e, Scaled) else multiply(m, e)


def reciprocal(x: Number) -> Number:
    """Invert: 1/x."""
    if isinstance(x, Scaled):
        return _unscaled(reciprocal(x.m), negative(x.E))
    first = constant(x)
    if is_zero(first):
        raise UndefinedHere("division", got="a divisor of exactly 0")
    if isinstance(x, _RATIONAL):
        return 1 / x
    if not first.is_finite() or first.contains(0):
        raise Undecided("divisor", got=str(first))
    return 1 / x


def power(x: Number, n: int) -> Number:
    """Raise x to an integer power."""
    if n < 0:
        return reciprocal(power(x, -n))
    if isinstance(x, Scaled):
        return Scaled(power(x.m, n), multiply(x.E, fmpq(n)))
    if n > _LARGEST_EXACT_POWER:
        x = real(x)
    return x**n


_LARGEST_EXACT_POWER = 64  # beyond it exact rationals grow past any use


def exp(x: Number) -> Number:
    """Exponentiate, scaled where it leaves Arb's range upwards."""
    if isinstance(x, Scaled):
        raise Undecided("exp", got="an argument out of range")
    e = real(x).exp()
    return e if constant(e).is_finite() else Scaled(fmpq(1), x)


def log(x: Number) -> Number:
    """Take the natural logarithm of x > 0."""
    if isinstance(x, Scaled):
        return add(x.E, log(x.m))
    _require(constant(real(x)) <= 0, "log", x, "a positive number")
    return real(x).log()


def tanh(x: Number) -> Number:
    """Take the hyperbolic tangent, 1 - 2/(1 + e^2x); a ball uses Arb's own."""
    if isinstance(x, arb | fmpq):
        return real(x).tanh()
    twice = exp(multiply(fmpq(2), x))
    return add(fmpq(1), multiply(fmpq(-2), reciprocal(add(fmpq(1), twice))))


def sinh(x: Number) -> Number:
    """Take the hyperbolic sine."""
    return multiply(fmpq(1, 2), add(exp(x), negative(exp(negative(x)))))


def cosh(x: Number) -> Number:
    """Take the hyperbolic cosine."""
    return multiply(fmpq(1, 2), add(exp(x), exp(negative(x))))


def sqrt(x: Number) -> Number:
    """Take the square root of x >= 0."""
    if isinstance(x, Scaled):
        return _unscaled(sqrt(x.m), multiply(fmpq(1, 2), x.E))
    if isinstance(x, fmpq) and x == 0:
        return x
    first = constant(real(x))
    _require(first < 0, "sqrt", x, "a number >= 0")
    if isinstance(x, fmpq_series | arb_series):
        _require(first.is_zero(), "slope of sqrt", x, "a positive number")
    return real(x).sqrt()


def _require(outside: bool, function: str, x: Number, allowed: str) -> None:
    """Refuse an argument that surely lies outside the real domain, whatever the precision."""
    if outside:
        raise UndefinedHere(function, got=constant(x), allowed=allowed)


def method(name: str) -> Callable[[Number], Number]:
    """The function that balls and series offer as a method of this name (erf, sin, ...)."""

    def call(x: Number) -> Number:
        if isinstance(x, Scaled):
            raise Undecided(name, got="an argument out of range")
        return getattr(real(x), name)()

    call.__name__ = name
    return call
