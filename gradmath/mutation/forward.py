"""Derivatives by forward mode in balls: the judge that shows a planted mistake to be false.

One number is moved at a time and carried through the equations as a power series of two terms.  No
reverse sweep, no chain rule written down and no proof takes part, so nothing here is shared with
the checks that must reject the mistake.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import sympy as sp
from flint import arb

from gradmath.errors import GradmathError
from gradmath.verify import balls
from gradmath.verify.lower import State, lower

#: precisions that are tried, until two balls part
PRECISIONS = (192, 2304)

Names = Mapping[sp.Expr, sp.Expr]


@dataclass
class Forward:
    """Equations (name -> right-hand side, each after those it reads) at one exact point.

    Must be used within `balls.precision(bits, 2)`; `within` opens that for each precision.
    """

    equations: Names
    at: Mapping[sp.Expr, object]
    values: dict[sp.Expr, Any] = field(init=False)
    _slopes: dict[sp.Expr, arb] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.values = {name: balls.exact(number) for name, number in self.at.items()}
        for name, right in self.equations.items():
            self.values[name] = _constant(_run(right, self.values))

    def slope(self, by: sp.Expr) -> arb:
        """The derivative of the last equation's value by one name."""
        if by not in self._slopes:
            self._slopes[by] = self._moved(by)
        return self._slopes[by]

    def _moved(self, by: sp.Expr) -> arb:
        values = dict(self.values)
        values[by] = balls.variable(values[by], 2)
        moving = {by}
        last: sp.Expr = by
        for name, right in self.equations.items():
            last = name
            if name != by and not moving.isdisjoint(_leaves(right)):
                values[name] = _run(right, values)
                moving.add(name)
        return _slope(values[last]) if last in moving else arb(0)

    def partial(self, of: sp.Expr, by: sp.Expr) -> arb:
        """The derivative of one equation by one name in it, the others held."""
        values = {**self.values, by: balls.variable(self.values[by], 2)}
        return _slope(_run(self.equations[of], values))

    def evaluate(self, expression: sp.Expr, more: Mapping[sp.Expr, arb] | None = None) -> arb:
        """An expression in the names (and those of `more`)."""
        values = {**self.values, **(more or {})}
        return balls.real(_constant(_run(expression, values)))


@functools.lru_cache(maxsize=4096)
def _leaves(expression: sp.Expr) -> frozenset[sp.Expr]:
    elements = expression.atoms(sp.matrices.expressions.matexpr.MatrixElement)
    return frozenset(expression.free_symbols | elements)


def _run(expression: sp.Expr, values: Mapping[sp.Expr, Any]) -> Any:
    return lower(expression).run(State(values))


def _constant(x: Any) -> Any:
    return balls.coefficients(x, 1)[0]


def _slope(x: Any) -> arb:
    return balls.real(balls.coefficients(x, 2)[1])


def within(equations: Names, at: Mapping[sp.Expr, object]) -> Iterator[Forward]:
    """The equations at a point, at each precision in turn; nothing where they have no value."""
    equations_, at_ = tuple(equations.items()), tuple(at.items())
    for bits in PRECISIONS:
        with balls.precision(bits, 2):
            made = _at(equations_, at_, bits)
            if isinstance(made, Forward):
                yield made
            elif not isinstance(made, balls.Undecided):
                return


@functools.lru_cache(maxsize=256)
def _at(
    equations: tuple[tuple[sp.Expr, sp.Expr], ...],
    at: tuple[tuple[sp.Expr, object], ...],
    bits: int,  # the precision that is open: part of what the numbers are
) -> Forward | GradmathError:
    """The equations at a point, made once for all mistakes that are looked at there."""
    try:
        return Forward(dict(equations), dict(at))
    except GradmathError as error:
        return error


def apart(one: arb, other: arb) -> bool:
    """Whether two balls certainly hold different numbers."""
    return bool(one.is_finite() and other.is_finite() and not one.overlaps(other))
