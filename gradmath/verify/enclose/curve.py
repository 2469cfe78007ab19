"""A function of one real variable as smooth pieces, each evaluated in balls with its derivatives.

A piece is evaluated on a whole interval at once: the arithmetic of balls gives a ball that surely
holds every value there.  Where a formula holds a derivative of a catalogue function, or one
written as `Derivative(...)`, the *definition* is evaluated in truncated power series of balls and
its Taylor coefficients are the derivatives; no differentiated formula is used.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy
from flint import arb, arb_series, fmpq

from gradmath.catalogue import pieces
from gradmath.catalogue.applied import AppliedFunction, explicit
from gradmath.errors import ArgumentTypeError
from gradmath.verify import balls
from gradmath.verify.lower import State, lower

BITS = 128  # working precision; a root or a value may ask for more


@dataclass(frozen=True)
class Inner:
    """The derivative of order `order` of a definition in `variable`, taken at `argument`."""

    definition: sympy.Expr
    variable: sympy.Symbol
    order: int
    argument: sympy.Expr


@dataclass(frozen=True)
class Formula:
    """An expression in which each derivative stands as a placeholder for an `Inner`."""

    outer: sympy.Expr
    inner: Mapping[sympy.Dummy, Inner]

    def taylor(self, variable: sympy.Symbol, at: Any, count: int, bits: int = BITS) -> list[arb]:
        """The first `count` Taylor coefficients on the ball `at`.

        Raises `balls.Undecided` or `balls.UndefinedHere` where the ball is too wide to tell.
        """
        with balls.precision(bits, count):
            inputs: dict[sympy.Expr, balls.Number] = {variable: balls.variable(at, count)}
            for place, part in self.inner.items():
                argument = lower(part.argument).run(State(dict(inputs)))
                inputs[place] = _derivative(part, argument, count, bits)
            found = lower(self.outer).run(State(inputs))
            terms = [balls.real(term) for term in balls.coefficients(found, count)]
        if not all(term.is_finite() for term in terms):
            raise balls.Undecided("value", got="a ball without end")
        return terms


def _derivative(part: Inner, argument: balls.Number, count: int, bits: int) -> balls.Number:
    """Taylor coefficients of a definition, differentiated, then composed with the argument."""
    terms = balls.coefficients(argument, count)
    length = count + part.order
    with balls.precision(bits, length):
        start = {part.variable: balls.variable(terms[0], length)}
        found = balls.coefficients(lower(part.definition).run(State(start)), length)
    slopes = [
        balls.multiply(fmpq(math.perm(n + part.order, part.order)), found[n + part.order])
        for n in range(count)
    ]
    if count == 1:
        return slopes[0]
    if terms[1] == 1 and all(term == 0 for term in terms[2:]):
        return arb_series([balls.real(slope) for slope in slopes], count)
    rest = arb_series([balls.real(term) for term in [fmpq(0), *terms[1:]]], count)
    total = arb_series([balls.real(slopes[-1])], count)
    for slope in reversed(slopes[:-1]):
        total = total * rest + balls.real(slope)
    return total


class Curve:
    """An expression of one symbol on the real line, cut where a branch may change."""

    def __init__(self, expression: sympy.Expr, variable: sympy.Symbol | None = None) -> None:
        expression = sympy.sympify(expression)
        symbols = sorted(expression.free_symbols, key=str)
        if variable is None:
            variable = symbols[0] if symbols else sympy.Symbol("z", real=True)
        if set(symbols) - {variable}:
            raise ArgumentTypeError(
                "expression", got=", ".join(map(str, symbols)), allowed="one symbol"
            )
        self.expression = expression
        self.variable = variable
        self._whole = _formula(expression)

    @cached_property
    def breaks(self) -> tuple[sympy.Expr, ...]:
        """The points at which a branch may change, ascending."""
        spelled_out = [self._whole.outer] + [
            part.definition.xreplace({part.variable: part.argument})
            for part in self._whole.inner.values()
        ]
        found: set[sympy.Expr] = set()
        for expression in spelled_out:
            points = pieces.breakpoints(expression, self.variable)
            if points is None:
                raise ArgumentTypeError(
                    "expression", got=str(expression), allowed="conditions linear in its symbol"
                )
            found |= set(points)
        return tuple(sorted(found))

    def piece(self, low: sympy.Expr, high: sympy.Expr) -> Formula:
        """The smooth formula that holds between two neighbouring breakpoints (or infinities)."""
        probe = between(low, high)
        at = {self.variable: probe}
        inner = {
            place: Inner(
                pieces.resolve(part.definition, {part.variable: part.argument.subs(at)}),
                part.variable,
                part.order,
                pieces.resolve(part.argument, at),
            )
            for place, part in self._whole.inner.items()
        }
        return Formula(pieces.resolve(self._whole.outer, at), inner)

    def at(self, point: sympy.Expr) -> sympy.Expr:
        """The value at one point as a number in SymPy, with what is declared at a breakpoint."""
        return explicit(_carried_out(self.expression).xreplace({self.variable: point}))

    def smooth(self, low: sympy.Expr, high: sympy.Expr) -> sympy.Expr:
        """The formula between two breakpoints, its derivatives carried out by SymPy."""
        at = {self.variable: between(low, high)}
        return pieces.resolve(explicit(_carried_out(self.expression)), at)


def between(low: sympy.Expr, high: sympy.Expr) -> sympy.Expr:
    """A rational point strictly between two numbers, either of which may be infinite."""
    if low.is_infinite and high.is_infinite:
        return sympy.S.Half
    if low.is_infinite:
        return sympy.floor(high) - 1
    if high.is_infinite:
        return sympy.ceiling(low) + 1
    middle = (low + high) / 2
    return middle if middle.is_Rational else sympy.nsimplify(middle.evalf(30), rational=True)


def _carried_out(expression: sympy.Expr) -> sympy.Expr:
    inert = expression.atoms(sympy.Derivative)
    return expression.xreplace({each: each.doit() for each in inert}) if inert else expression


def _formula(expression: sympy.Expr) -> Formula:
    """Replace derivatives by placeholders and catalogue functions by their definitions."""
    inner: dict[sympy.Dummy, Inner] = {}
    table: dict[sympy.Expr, sympy.Expr] = {}
    for node in expression.atoms(sympy.Derivative):
        if len(node.variable_count) != 1 or node.expr.has(sympy.Derivative):
            raise ArgumentTypeError(
                "expression", got=str(node), allowed="one variable's derivative"
            )
        variable, order = node.variable_count[0]
        table[node] = _placed(inner, Inner(explicit(node.expr), variable, int(order), variable))
    for node in expression.xreplace(table).atoms(AppliedFunction):
        if any(node.orders[1:]) or not node.orders[0]:
            continue  # no derivative, or one in a parameter: it writes itself out
        values = dict(zip(node.entry.arguments[1:], node.args[1:], strict=True))
        definition = node.entry.definition.xreplace(values)
        argument = explicit(node.args[0])
        part = Inner(definition, node.entry.variable, node.orders[0], argument)
        table[node] = _placed(inner, part)
    return Formula(explicit(expression.xreplace(table)), inner)


def _placed(inner: dict[sympy.Dummy, Inner], part: Inner) -> sympy.Dummy:
    place = sympy.Dummy("d", real=True)
    inner[place] = part
    return place
