"""Special functions by Arb: values in balls, derivatives by power series or by recurrences.

A function is lifted from balls to series by its derivatives, which are such functions themselves.
Orders and other parameters have no derivative here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import flint
import mpmath
from flint import acb, arb, arb_series, fmpq, fmpq_series

from gradmath.verify import balls
from gradmath.verify.balls import Number, add, exp, log, multiply, negative, reciprocal, sqrt
from gradmath.verify.gradients.by_mpmath import MPMATH, NoOracle, derivative
from gradmath.verify.gradients.rule import (
    HALF,
    ONE,
    TWO,
    OnDemand,
    Rule,
    Values,
    minus,
    over,
    square,
)

Function = Callable[..., Number]
#: at this precision an argument without a finite value has none; NaN is the answer at any
_LAST_WORD: Final = 2048
#: what good libraries may be off, in units in the last place
_ULPS: Final = 32


def lifted(name: str, value: Callable[..., arb], *slopes: Function | None) -> Function:
    """A function of balls as one of series too; `slopes` are its derivatives by each argument.

    None stands for a derivative that is not known.
    """

    def call(*x: Number) -> Number:
        if any(isinstance(v, balls.Scaled) for v in x):
            raise balls.Undecided(name, got="an argument out of range")
        at = [balls.real(balls.constant(v)) for v in x]
        found = value(*at)
        if not found.is_finite():
            middle = value(*(v.mid() for v in at))
            if middle.is_nan() or (not middle.is_finite() and flint.ctx.prec >= _LAST_WORD):
                raise balls.UndefinedHere(name, got=", ".join(v.str(6, radius=False) for v in at))
            raise balls.Undecided(name, got=str(found))
        moving = [n for n, v in enumerate(x) if isinstance(v, arb_series | fmpq_series)]
        if not moving:
            return found
        slope = arb(0)
        for n in moving:
            along = balls.real(balls.coefficients(x[n], 2)[1])
            if slopes[n] is not None:
                slope += balls.real(slopes[n](*at)) * along  # type: ignore[misc]  # not None
            elif not along.is_zero():
                raise NoOracle(f"second derivative of {name}", got=f"by its argument {n + 1}")
        return arb_series([found, slope], 2)

    return call


def _coefficient(x: arb, order: int, function: Callable[[arb_series], arb_series]) -> arb:
    """The derivative of this order of a function of series at x."""
    before = flint.ctx.cap
    flint.ctx.cap = order + 1
    try:
        return function(arb_series([x, 1], order + 1))[order] * math.factorial(order)
    finally:
        flint.ctx.cap = before


def by_series(name: str, *parameters: Any, order: int = 0) -> Function:
    """The derivative of this order of a function of one variable that FLINT has for series."""

    def value(x: arb) -> arb:
        return _coefficient(x, order, lambda t: getattr(t, name)(*parameters))

    return lifted(name, value, lambda x: by_series(name, *parameters, order=order + 1)(x))


def _of_order(name: str, recurrence: Callable[[Function, Number, Number], Number]) -> Function:
    """A Bessel function J_n(x), by its order and its argument; `recurrence` gives the slope."""

    def value(order: arb, x: arb) -> arb:
        return getattr(x, f"bessel_{name}")(order)

    return lifted(f"bessel {name}", value, None, lambda n, x: recurrence(bessel(name), n, x))


def bessel(name: str) -> Function:
    """One of the Bessel functions j, y, i, k of order and argument."""
    return _of_order(name, _RECURRENCES[name])


def _half(sign_below: int, sign_above: int) -> Callable[[Function, Number, Number], Number]:
    def slope(f: Function, n: Number, x: Number) -> Number:
        below, above = f(minus(n, ONE), x), f(add(n, ONE), x)
        total = add(multiply(fmpq(sign_below), below), multiply(fmpq(sign_above), above))
        return multiply(HALF, total)

    return slope


_RECURRENCES: Final = {"j": _half(1, -1), "y": _half(1, -1), "i": _half(1, 1), "k": _half(-1, -1)}


def polygamma(n: Number, x: Number) -> Number:
    """The derivative of this order of the digamma function."""
    call = lifted(
        "polygamma", lambda n, x: acb(x).polygamma(n).real, None,
        lambda n, x: polygamma(add(n, ONE), x),
    )  # fmt: skip
    return call(n, x)


digamma = lifted("digamma", arb.digamma, lambda x: polygamma(ONE, x))
gamma: Function = lifted("gamma", arb.gamma, lambda x: multiply(gamma(x), digamma(x)))
log_gamma = lifted(
    "gammaln", lambda x: abs(x.gamma()).log() if x < 0 else x.lgamma(), lambda x: digamma(x)
)


def _at_zeta(order: int) -> Function:
    """The derivative of this order by s of the Hurwitz zeta function of s and a."""

    def value(s: arb, a: arb) -> arb:
        if a < 0 and not order and s.is_integer() and s > 1:  # a sum of 1/(a + n)^s, which is real
            n = int(s.unique_fmpz())
            return acb(a).polygamma(n - 1).real * arb((-1) ** n) / arb(n).gamma()
        return _coefficient(s, order, lambda t: t.zeta(a))

    def by_a(s: Number, a: Number) -> Number:
        found = multiply(s, _at_zeta(order)(add(s, ONE), a))
        if order:
            lower = _at_zeta(order - 1)(add(s, ONE), a)
            found = add(found, multiply(fmpq(order), lower))
        return negative(found)

    return lifted("zeta", value, lambda s, a: _at_zeta(order + 1)(s, a), by_a)


def expn(n: Number, x: Number) -> Number:
    """The exponential integral E_n(x)."""
    return lifted("expint", lambda n, x: x.expint(n), None,
                  lambda n, x: negative(expn(minus(n, ONE), x)))(n, x)  # fmt: skip


def _power_exp(s: Number, x: Number) -> Number:
    """x^(s - 1) e^-x."""
    return exp(minus(multiply(minus(s, ONE), log(x)), x))


upper_gamma = lifted("uppergamma", lambda s, x: x.gamma_upper(s), None,
                     lambda s, x: negative(_power_exp(s, x)))  # fmt: skip
lower_gamma = lifted("lowergamma", lambda s, x: x.gamma_lower(s), None, _power_exp)


def _polylog_slope(s: Number, z: Number) -> Number:
    if balls.is_zero(balls.constant(z)):
        return ONE
    return over(polylog(minus(s, ONE), z), z)


polylog: Function = lifted("polylog", lambda s, z: z.polylog(s), None, _polylog_slope)


def _inverse_slope(sign: int) -> Callable[[Number], Number]:
    """The slope of an inverse error function at the value y it has: sqrt(pi)/2 e^(y^2)."""
    return lambda y: multiply(multiply(fmpq(sign, 2), sqrt(arb.pi())), exp(square(y)))


erfinv: Function = lifted("erfinv", arb.erfinv, lambda x: _inverse_slope(1)(erfinv(x)))
erfcinv: Function = lifted("erfcinv", arb.erfcinv, lambda x: _inverse_slope(-1)(erfcinv(x)))


def _normal_quantile(x: Number) -> Number:
    """The inverse of the normal distribution function."""
    return negative(multiply(sqrt(TWO), erfcinv(multiply(TWO, x))))


def _density(y: Number) -> Number:
    """The density of the normal distribution."""
    return over(exp(multiply(fmpq(-1, 2), square(y))), sqrt(multiply(TWO, arb.pi())))


def _dawson(x: Number) -> Number:
    """Dawson's integral: sqrt(pi)/2 e^(-x^2) erfi(x)."""
    scaled = multiply(multiply(HALF, sqrt(arb.pi())), exp(negative(square(x))))
    return multiply(scaled, by_series("erfi")(x))


def _norm(y: Number, x: Number) -> Number:
    return add(square(x), square(y))


arctan2 = lifted(
    "atan2", lambda y, x: arb.atan2(y, x), lambda y, x: over(x, _norm(y, x)),
    lambda y, x: negative(over(y, _norm(y, x))),
)  # fmt: skip


def _unary(name: str, value: Function, slope: Function) -> Rule:
    return Rule(name, lambda x: value(x[0]), lambda x, _: [slope(x[0])], _ULPS, True)


def series_rule(name: str, method: str, order: int = 0, *parameters: Any) -> Rule:
    """The rule of a derivative of a function of one variable that FLINT has for series."""
    value = by_series(method, *parameters, order=order)
    return _unary(name, value, by_series(method, *parameters, order=order + 1))


def _second(name: str, value: Function, slope: Function, numeric: Function | None = None) -> Rule:
    """A function of a parameter and a variable; its slope by the parameter is asked of mpmath."""

    def by_parameter(x: Values) -> Number:
        if numeric is None or any(not isinstance(v, arb | fmpq) for v in x):
            raise NoOracle(f"derivative of {name}", got="by its parameter")
        return derivative(numeric, (1, 0), [balls.real(v) for v in x])

    def slopes(x: Values, _: Number) -> list[Number | OnDemand]:
        return [OnDemand(lambda: by_parameter(x), MPMATH), slope(*x)]

    return Rule(name, lambda x: value(*x), slopes, _ULPS, True)


SPECIAL: Final = (
    _unary("gamma", gamma, lambda x: multiply(gamma(x), digamma(x))),
    _unary("gammaln", log_gamma, digamma),
    series_rule("rgamma", "rgamma"),
    _unary("psi", digamma, lambda x: polygamma(ONE, x)),
    _second("polygamma", polygamma, lambda n, x: polygamma(add(n, ONE), x)),
    Rule(
        "zeta", lambda x: _at_zeta(0)(*x),
        lambda x, _: [
            OnDemand(lambda: _at_zeta(1)(*x)),
            OnDemand(lambda: negative(multiply(x[0], _at_zeta(0)(add(x[0], ONE), x[1])))),
        ],
        _ULPS, True,
    ),
    series_rule("riemann", "zeta"),
    series_rule("erfi", "erfi"),
    _unary("erfinv", erfinv, lambda x: _inverse_slope(1)(erfinv(x))),
    _unary("erfcinv", erfcinv, lambda x: _inverse_slope(-1)(erfcinv(x))),
    _unary("ndtri", _normal_quantile, lambda x: reciprocal(_density(_normal_quantile(x)))),
    _unary("dawsn", _dawson, lambda x: minus(ONE, multiply(TWO, multiply(x, _dawson(x))))),
    series_rule("expi", "ei"),
    series_rule("li", "li"),
    series_rule("si", "si"),
    series_rule("ci", "ci"),
    series_rule("shi", "shi"),
    series_rule("chi", "chi"),
    series_rule("fresnel_s", "fresnel_s"),
    series_rule("fresnel_c", "fresnel_c"),
    series_rule("airy_ai", "airy_ai"),
    series_rule("airy_bi", "airy_bi"),
    series_rule("airy_ai_prime", "airy_ai", 1),
    series_rule("airy_bi_prime", "airy_bi", 1),
    series_rule("lambertw", "lambertw"),
    series_rule("lambertw_lower", "lambertw", 0, -1),
    _second("jv", bessel("j"), lambda n, x: _RECURRENCES["j"](bessel("j"), n, x),
            mpmath.besselj),
    _second("yv", bessel("y"), lambda n, x: _RECURRENCES["y"](bessel("y"), n, x),
            mpmath.bessely),
    _second("iv", bessel("i"), lambda n, x: _RECURRENCES["i"](bessel("i"), n, x),
            mpmath.besseli),
    _second("kv", bessel("k"), lambda n, x: _RECURRENCES["k"](bessel("k"), n, x),
            mpmath.besselk),
    _second("expn", expn, lambda n, x: negative(expn(minus(n, ONE), x)), mpmath.expint),
    _second("uppergamma", upper_gamma, lambda s, x: negative(_power_exp(s, x)), mpmath.gammainc),
    _second("lowergamma", lower_gamma, _power_exp, lambda s, x: mpmath.gammainc(s, 0, x)),
    _second("polylog", polylog, _polylog_slope, mpmath.polylog),
    Rule("arctan2", lambda x: arctan2(*x),
         lambda x, _: [over(x[1], _norm(*x)), negative(over(x[0], _norm(*x)))], 4),
)  # fmt: skip
#: those of a parameter and a variable, or of two variables
OF_TWO: Final = frozenset(
    ["polygamma", "zeta", "jv", "yv", "iv", "kv", "expn", "uppergamma", "lowergamma", "polylog",
     "arctan2"]
)  # fmt: skip
