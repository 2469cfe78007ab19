"""The oracle: what the *definition* is worth at a point, to as many bits as it takes.

The definition is evaluated in ball arithmetic, doubling the precision until the answer has a
relative radius below 2^-80, or lies wholly below half the smallest positive number of the type
asked about, or is exactly 0 by its branch.  If `LIMIT` bits do not suffice the answer is
`Inconclusive`; it is never a guess.  Derivatives are Taylor coefficients of the definition in
truncated power series of balls: no differentiated formula is used.

>>> import sympy
>>> z = sympy.Symbol("z", real=True)
>>> tail = taylor(1 / (1 + sympy.exp(-z)), z, {z: 700}, order=1)[1]
>>> float(tail)
9.85967654375977e-305
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import sympy
from flint import arb, fmpq

from gradmath.verify import balls
from gradmath.verify.lower import Program, State, lower

FIRST: Final = 128
LIMIT: Final = 8192
RELATIVE_BITS: Final = 80
#: half the smallest positive float64
TINIEST: Final = (1, -1075)

Value = object  # int, float, Fraction, NumPy scalar or SymPy number


@dataclass(frozen=True)
class Ball:
    """A rigorous enclosure of one number.

    `kind` says why the precision suffices: "relative" (radius below 2^-80 of the value), "zero"
    (exactly 0), or "tiny" (the whole ball is below half the smallest positive number of the type).
    `bits` is the precision that was needed.
    """

    arb: arb
    kind: Literal["relative", "zero", "tiny"]
    bits: int = 0

    def __float__(self) -> float:
        return 0.0 if self.kind in ("zero", "tiny") else float(self.arb.mid())

    def __str__(self) -> str:
        return self.arb.str(17, radius=False) if self.kind != "tiny" else str(self.arb)


@dataclass(frozen=True)
class Inconclusive:
    """No answer within the limit of precision, and why.

    `arb` is the last ball, where there is one: too wide for a value, it may still have a sign.
    """

    reason: str
    bits: int = LIMIT
    arb: arb | None = None


Answer = Ball | Inconclusive


def value(
    expression: sympy.Expr,
    at: Mapping[sympy.Symbol, Value] | None = None,
    smallest: tuple[int, int] = TINIEST,
) -> Answer:
    """The value of `expression` at the exact point `at`.

    `smallest` = (mantissa, exponent) is the threshold below which a ball counts as "tiny".

    >>> x = sympy.Symbol("x", real=True)
    >>> str(value(sympy.sqrt(x), {x: 2}))
    '1.4142135623730950'
    """
    program, points = lower(sympy.sympify(expression)), dict(at or {})

    def compute() -> list[balls.Number]:
        return balls.coefficients(program.run(State(_inputs(points))), 1)

    return sharpen(compute, 1, smallest)[0]


def taylor(
    expression: sympy.Expr,
    variable: sympy.Symbol,
    at: Mapping[sympy.Symbol, Value],
    order: int,
    side: int = 0,
    smallest: tuple[int, int] = TINIEST,
) -> list[Answer]:
    """Value and derivatives 0..`order` of `expression` in `variable` at the point `at`.

    At a breakpoint `side` = +1 or -1 gives the derivatives from the right or from the left.
    """
    return derivatives(lower(sympy.sympify(expression)), variable, at, order, side, smallest)


def derivatives(
    program: Program,
    variable: sympy.Symbol,
    at: Mapping[sympy.Symbol, Value],
    order: int,
    side: int = 0,
    smallest: tuple[int, int] = TINIEST,
) -> list[Answer]:
    """`taylor` for an expression that is lowered already."""
    points = dict(at)

    def compute() -> list[balls.Number]:
        inputs = _inputs(points)
        inputs[variable] = balls.variable(inputs[variable], order + 1)
        terms = balls.coefficients(program.run(State(inputs, side)), order + 1)
        return [term * math.factorial(n) for n, term in enumerate(terms)]

    return sharpen(compute, order + 1, smallest)


def on_breakpoint(
    program: Program, variable: sympy.Symbol, at: Mapping[sympy.Symbol, Value]
) -> bool:
    """Whether some comparison in the definition meets an exact zero at the point."""
    with balls.precision(FIRST, 2):
        inputs = _inputs(dict(at))
        inputs[variable] = balls.variable(inputs[variable], 2)
        state = State(inputs, 1)
        try:
            program.run(state)
        except (balls.Undecided, balls.UndefinedHere):
            return state.touched
        return state.touched


def sharpen(
    compute: Callable[[], list[balls.Number]],
    count: int = 1,
    smallest: tuple[int, int] = TINIEST,
    length: int | None = None,
    growth: int = 2,
    first: int = FIRST,
) -> list[Answer]:
    """Run `compute` at doubling precision until each of the `count` balls it gives is sharp.

    `compute` is called with FLINT's precision set, and series of `length` terms (`count`, if not
    given).  Answers that are sharp early are kept, so each was found at the lowest sufficient
    precision.  A `growth` above 2 leaves steps out, where `compute` costs more than bits do;
    `first` is the precision to begin with, where fewer bits are known to be too few.
    """
    answers: list[Answer] = []
    reason = "the ball stayed too wide"
    bits = first
    while bits <= LIMIT:
        with balls.precision(bits, length or count):
            try:
                found = compute()
            except balls.Undecided as undecided:
                found, reason = [], str(undecided)
            except balls.UndefinedHere as undefined:
                return [Inconclusive(f"undefined: {undefined}", bits)] * count
            threshold = arb(smallest)
            for n, number in enumerate(found):
                ball = balls.real(number)
                if n >= len(answers):
                    answers.append(Inconclusive(reason))
                if isinstance(answers[n], Inconclusive):
                    answers[n] = _judge(ball, threshold, bits)
        if answers and all(isinstance(answer, Ball) for answer in answers):
            return answers
        bits *= growth
    return answers or [Inconclusive(reason)] * count


def _judge(ball: arb, threshold: arb, bits: int) -> Answer:
    if ball.is_zero():
        return Ball(ball, "zero", bits)
    if ball.is_finite():
        if ball.rel_accuracy_bits() > RELATIVE_BITS and not ball.contains(0):
            return Ball(ball, "relative", bits)
        if abs(ball) < threshold:
            return Ball(ball, "tiny", bits)
    return Inconclusive(f"the ball {ball} is too wide", bits, ball)


def _inputs(points: dict[sympy.Symbol, Value]) -> dict[sympy.Symbol, balls.Number]:
    inputs = {}
    for symbol, number in points.items():
        if isinstance(number, sympy.Rational):
            inputs[symbol] = fmpq(int(number.p), int(number.q))
        elif isinstance(number, sympy.Expr):
            inputs[symbol] = balls.constant(lower(number).run(State({})))
        else:
            inputs[symbol] = balls.exact(number)
    return inputs
