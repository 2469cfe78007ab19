"""Formulas on boxes of the complex plane, for rigorous integration.

Derivatives of a definition are its Taylor coefficients in complex power series, as on the line.  A
logarithm or root whose argument may meet the branch cut has no value here: the integrator cuts the
box then.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from typing import Any

import sympy
from flint import acb, acb_series
from sympy.codegen.cfunctions import expm1, log1p

from gradmath.errors import EquationError
from gradmath.verify import balls
from gradmath.verify.enclose.curve import Formula
from gradmath.verify.lower import State, lower

Number = Any  # acb | acb_series; python-flint has no type stubs


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
    known: dict[sympy.Expr, Number] = dict(inputs)

    def compute(node: sympy.Expr) -> Number:
        if node not in known:
            known[node] = fresh(node)
        return known[node]

    def fresh(node: sympy.Expr) -> Number:
        if node.is_number:
            return acb(balls.real(balls.constant(lower(node).run(State({})))))
        if isinstance(node, sympy.Add):
            return functools.reduce(lambda x, y: x + y, map(compute, node.args))
        if isinstance(node, sympy.Mul):
            return functools.reduce(lambda x, y: x * y, map(compute, node.args))
        if isinstance(node, sympy.Pow) and node.base is not sympy.E and node.exp.is_Integer:
            base = compute(node.base)
            return base ** int(node.exp) if node.exp > 0 else _inverse(base ** int(-node.exp))
        for head, rule in _RULES.items():
            if isinstance(node, head):
                return rule(compute(node.args[0]))
        raise EquationError("expression", got=str(node), allowed="exp, log, tanh, erf and powers")

    return compute(expression)


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
