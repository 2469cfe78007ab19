"""Elementary operations, one rule a line.

A rule is what a table of derivatives says.  Cancellation costs nothing here but bits: whoever asks
doubles the precision until the answer is sharp.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from flint import arb, fmpq

from gradmath.verify import balls
from gradmath.verify.balls import Number, add, exp, log, multiply, negative, reciprocal, sqrt
from gradmath.verify.gradients.rule import HALF, MINUS, ONE, TWO, Rule, Values, minus, over, square


def _pi() -> Number:
    return arb.pi()


def _sigmoid(x: Number) -> Number:
    return reciprocal(add(ONE, exp(negative(x))))


def _gauss(x: Number) -> Number:
    """exp(-x^2)."""
    return exp(negative(square(x)))


def _general_power(x: Values) -> Number:
    return exp(multiply(x[1], log(x[0])))


def _erf_slope(x: Number, sign: int) -> Number:
    return multiply(over(fmpq(2 * sign), sqrt(_pi())), _gauss(x))


def _ndtr(x: Number) -> Number:
    scaled = over(negative(x), sqrt(TWO))
    return multiply(HALF, balls.method("erfc")(scaled))


def _ndtr_slope(x: Number) -> Number:
    return over(exp(multiply(fmpq(-1, 2), square(x))), sqrt(multiply(TWO, _pi())))


def _log_of(base: int) -> Callable[[Number], Number]:
    return lambda x: over(log(x), log(fmpq(base)))


def _inverse_sinh(x: Number) -> Number:
    return log(add(x, sqrt(add(square(x), ONE))))


def _inverse_tanh(x: Number) -> Number:
    return multiply(HALF, log(over(add(ONE, x), minus(ONE, x))))


def _cube_root(x: Number) -> Number:
    """The real cube root; 0 has no slope there, and is left to the caller's domain."""
    sign, _ = balls.germ_sign(x, 0)
    if sign == 0:
        return fmpq(0)
    root = exp(over(log(x if sign > 0 else negative(x)), fmpq(3)))
    return root if sign > 0 else negative(root)


def _unary(
    name: str,
    value: Callable[[Number], Number],
    slope: Callable[[Number, Number], Number],
    ulps: int = 4,
) -> Rule:
    return Rule(name, lambda x: value(x[0]), lambda x, y: [slope(x[0], y)], ulps)


ELEMENTARY: Final = (
    Rule("add", lambda x: add(x[0], x[1]), lambda x, y: [ONE, ONE]),
    Rule("subtract", lambda x: minus(x[0], x[1]), lambda x, y: [ONE, MINUS]),
    Rule("multiply", lambda x: multiply(x[0], x[1]), lambda x, y: [x[1], x[0]]),
    Rule(
        "divide",
        lambda x: over(x[0], x[1]),
        lambda x, y: [reciprocal(x[1]), negative(over(y, x[1]))],
    ),
    Rule("negative", lambda x: negative(x[0]), lambda x, y: [MINUS], 0),
    Rule(
        "power",
        _general_power,
        lambda x, y: [over(multiply(x[1], y), x[0]), multiply(y, log(x[0]))],
        4,
    ),
    Rule(
        "logaddexp",
        lambda x: log(add(exp(x[0]), exp(x[1]))),
        lambda x, y: [exp(minus(x[0], y)), exp(minus(x[1], y))],
        4,
    ),
    _unary("exp", exp, lambda x, y: y),
    _unary("exp2", lambda x: exp(multiply(x, log(TWO))), lambda x, y: multiply(y, log(TWO))),
    _unary("expm1", lambda x: minus(exp(x), ONE), lambda x, y: exp(x)),
    _unary("log", log, lambda x, y: reciprocal(x)),
    _unary("log2", _log_of(2), lambda x, y: reciprocal(multiply(x, log(TWO)))),
    _unary("log10", _log_of(10), lambda x, y: reciprocal(multiply(x, log(fmpq(10))))),
    _unary("log1p", lambda x: log(add(ONE, x)), lambda x, y: reciprocal(add(ONE, x))),
    _unary("sqrt", sqrt, lambda x, y: over(HALF, y), 1),
    _unary("cbrt", _cube_root, lambda x, y: over(y, multiply(fmpq(3), x))),
    _unary("sin", balls.method("sin"), lambda x, y: balls.method("cos")(x)),
    _unary("cos", balls.method("cos"), lambda x, y: negative(balls.method("sin")(x))),
    _unary("tan", balls.method("tan"), lambda x, y: add(ONE, square(y))),
    _unary("sinh", balls.sinh, lambda x, y: balls.cosh(x)),
    _unary("cosh", balls.cosh, lambda x, y: balls.sinh(x)),
    _unary("tanh", balls.tanh, lambda x, y: minus(ONE, square(y))),
    _unary("arcsin", balls.method("asin"), lambda x, y: reciprocal(sqrt(minus(ONE, square(x))))),
    _unary(
        "arccos",
        balls.method("acos"),
        lambda x, y: negative(reciprocal(sqrt(minus(ONE, square(x))))),
    ),
    _unary("arctan", balls.method("atan"), lambda x, y: reciprocal(add(ONE, square(x)))),
    _unary("arcsinh", _inverse_sinh, lambda x, y: reciprocal(sqrt(add(ONE, square(x))))),
    _unary("arccosh", lambda x: log(add(x, sqrt(minus(square(x), ONE)))),
           lambda x, y: reciprocal(sqrt(minus(square(x), ONE)))),
    _unary("arctanh", _inverse_tanh, lambda x, y: reciprocal(minus(ONE, square(x)))),
    _unary("erf", balls.method("erf"), lambda x, y: _erf_slope(x, 1)),
    _unary("erfc", balls.method("erfc"), lambda x, y: _erf_slope(x, -1)),
    _unary("ndtr", _ndtr, lambda x, y: _ndtr_slope(x)),
    _unary("log_ndtr", lambda x: log(_ndtr(x)), lambda x, y: over(_ndtr_slope(x), _ndtr(x))),
    _unary("expit", _sigmoid, lambda x, y: multiply(y, minus(ONE, y))),
    _unary("log_expit", lambda x: log(_sigmoid(x)), lambda x, y: _sigmoid(negative(x))),
    _unary("logit", lambda x: log(over(x, minus(ONE, x))),
           lambda x, y: reciprocal(multiply(x, minus(ONE, x)))),
)  # fmt: skip
