"""Formulas on boxes of the complex plane, for rigorous integration.

Derivatives of a definition are its Taylor coefficients in complex power series, as on the line.  A
logarithm or root whose argument may meet the branch cut has no value here: the integrator cuts the
box then.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import flint
import sympy
from flint import acb, acb_series
from sympy.codegen.cfunctions import expm1, log1p

from gradmath.errors import EquationError
from gradmath.verify import balls
from gradmath.verify.enclose.curve import Formula
from gradmath.verify.lower import State, lower

Number = Any  # acb | acb_series; python-flint has no type stubs
Instruction = Callable[[Sequence[Number], Mapping[sympy.Expr, Number]], Number]


class NotAnalytic(Exception):
    """The formula may not be analytic on this box."""


def value(formula: Formula, variable: sympy.Symbol, at: acb, bits: int) -> acb:
    """The formula's value on a box; one without end where it may not be analytic there."""
    try:
        inputs: dict[sympy.Expr, Number] = {variable: at}
        for place, part in formula.inner.items():
            argument = _walk(part.argument, inputs)
            with balls.precision(bits, part.order + 1):
                start = {part.variable: acb_series([argument, 1], part.order + 1)}
                series = _walk(part.definition, start)
                inputs[place] = math.factorial(part.order) * (
                    series[part.order] if isinstance(series, acb_series) else acb(0)
                )
        return _walk(formula.outer, inputs)
    except NotAnalytic:
        return acb("nan")


def _walk(expression: sympy.Expr, inputs: Mapping[sympy.Expr, Number]) -> Number:
    slots: list[Number] = []
    for instruction in _program(expression, frozenset(inputs)):
        slots.append(instruction(slots, inputs))
    return slots[-1]


@functools.lru_cache(maxsize=512)  # an integral asks for thousands of values of one expression
def _program(expression: sympy.Expr, given: frozenset[sympy.Expr]) -> tuple[Instruction, ...]:
    """Instructions in order, of which each sees the results of those before it."""
    made: list[Instruction] = []
    slot: dict[sympy.Expr, int] = {}

    def place(node: sympy.Expr) -> int:
        if node not in slot:
            known = node in given or node.is_number
            made_of = [] if known else [place(part) for part in _parts(node)]
            made.append(_given(node) if node in given else _instruction(node, made_of))
            slot[node] = len(made) - 1
        return slot[node]

    place(expression)
    return tuple(made)


def _parts(node: sympy.Expr) -> Sequence[sympy.Expr]:
    sums = isinstance(node, sympy.Add | sympy.Mul)
    return node.args if sums else (node.base,) if _is_power(node) else node.args[:1]


def _is_power(node: sympy.Expr) -> bool:
    return isinstance(node, sympy.Pow) and node.base is not sympy.E and bool(node.exp.is_Integer)


def _given(node: sympy.Expr) -> Instruction:
    return lambda _, inputs: inputs[node]


def _instruction(node: sympy.Expr, at: Sequence[int]) -> Instruction:
    if node.is_number:
        return lambda _, __: _constant(node, flint.ctx.prec)
    if isinstance(node, sympy.Add):
        return lambda s, _: functools.reduce(operator.add, [s[i] for i in at])
    if isinstance(node, sympy.Mul):
        return lambda s, _: functools.reduce(operator.mul, [s[i] for i in at])
    if _is_power(node):
        n = int(node.exp)
        return lambda s, _: s[at[0]] ** n if n > 0 else _inverse(s[at[0]] ** -n)
    for head, rule in _RULES.items():
        if isinstance(node, head):
            return functools.partial(_applied, rule, at[0])
    raise EquationError("expression", got=str(node), allowed="exp, log, tanh, erf and powers")


def _applied(rule: Callable[[Number], Number], at: int, slots: Sequence[Number], _: Any) -> Number:
    return rule(slots[at])


@functools.lru_cache(maxsize=512)
def _constant(node: sympy.Expr, bits: int) -> acb:
    """A number at the precision that is open, which is `bits`."""
    return acb(balls.real(balls.constant(lower(node).run(State({})))))


def _first(x: Number) -> acb:
    return x[0] if isinstance(x, acb_series) else x


def _inverse(x: Number) -> Number:
    if _first(x).contains(0):
        raise NotAnalytic
    return 1 / x


def _log(x: Number) -> Number:
    first = _first(x)
    if not (first.real > 0 or not first.imag.contains(0)):
        raise NotAnalytic
    return x.log()


def _tanh(x: Number) -> Number:
    # on the left half plane by e^2x, on the right one by e^-2x: neither leaves its range
    if _first(x).real.mid() < 0:
        grown = (2 * x).exp()
        return 2 * grown * _inverse(1 + grown) - 1
    return 2 * _inverse(1 + (-2 * x).exp()) - 1


_RULES: dict[Any, Callable[[Number], Number]] = {
    sympy.exp: lambda x: x.exp(),
    sympy.log: _log,
    sympy.tanh: _tanh,
    sympy.erf: lambda x: x.erf(),
    sympy.erfc: lambda x: x.erfc(),
    expm1: lambda x: x.exp() - 1,
    log1p: lambda x: _log(1 + x),
}
