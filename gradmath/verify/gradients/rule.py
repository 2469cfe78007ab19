"""One operation: its value in balls, and its derivative by each operand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flint import fmpq

from gradmath.verify.balls import Number, add, multiply, negative, reciprocal

ONE, TWO, HALF, MINUS = fmpq(1), fmpq(2), fmpq(1, 2), fmpq(-1)

Values = Sequence[Number]


@dataclass(frozen=True)
class OnDemand:
    """A slope that is seldom asked for: what gives it, and the oracle it comes from, if no ball."""

    find: Callable[[], Number]
    oracle: str = ""


@dataclass(frozen=True)
class Rule:
    """`value(operands)`, and `slopes(operands, result)`: the derivatives by the operands.

    `ulps` is what a good floating-point library may be off, in units in the last place; one that
    `carries` may also compute as if its operands were off by as much.  `oracle` names what the
    values come from, where that is not ball arithmetic.
    """

    name: str
    value: Callable[[Values], Number]
    slopes: Callable[[Values, Number], list[Number | OnDemand]]
    ulps: int = 1
    carries: bool = False
    oracle: str = ""


def minus(x: Number, y: Number) -> Number:
    """Subtract."""
    return add(x, negative(y))


def over(x: Number, y: Number) -> Number:
    """Divide."""
    return multiply(x, reciprocal(y))


def square(x: Number) -> Number:
    """Square."""
    return multiply(x, x)
