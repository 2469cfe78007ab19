"""Formulas on half lines: Taylor coefficients of a definition, each a sum that holds on [M, oo)."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import sympy
from flint import fmpq
from sympy.codegen.cfunctions import expm1, log1p

from gradmath.verify import balls
from gradmath.verify.enclose.curve import BITS, Formula, Inner
from gradmath.verify.enclose.tails import NoTail, Tail

Series = list[Tail]
Rule = Callable[[Series, Tail], Series]


def on_half_line(
    formula: Formula,
    variable: sympy.Symbol,
    start: Fraction,
    side: int,
    count: int,
    bits: int = BITS,
) -> Series:
    """Taylor coefficients of a formula at all z with side * z >= start > 0.

    With side = -1 the terms are in t = -z; the coefficients are those in z all the same.
    """
    with balls.precision(bits):
        zero = Tail({}, fmpq(start.numerator, start.denominator))
        place = Tail({((), 1): sympy.Integer(side)}, zero.start)
        inputs = {variable: _series([place, zero.constant(sympy.S.One)], count, zero)}
        for symbol, part in formula.inner.items():
            argument = _walk(part.argument, inputs, count, zero)
            inputs[symbol] = _differentiated(part, argument, count, zero)
        return _walk(formula.outer, inputs, count, zero)


def _differentiated(part: Inner, argument: Series, count: int, zero: Tail) -> Series:
    order = part.order
    length = count + order
    start = _series([argument[0], zero.constant(sympy.S.One)], length, zero)
    found = _walk(part.definition, {part.variable: start}, length, zero)
    slopes = [
        found[n + order].scaled(sympy.Integer(math.perm(n + order, order))) for n in range(count)
    ]
    rest = [zero, *argument[1:]]
    total = _series([slopes[-1]], count, zero)
    for slope in reversed(slopes[:-1]):
        total = _product(total, rest, zero)
        total[0] = total[0] + slope
    return total


def _series(terms: Series, count: int, zero: Tail) -> Series:
    return [*terms, *[zero] * count][:count]


def _walk(
    expression: sympy.Expr, inputs: dict[sympy.Symbol, Series], count: int, zero: Tail
) -> Series:
    known: dict[sympy.Expr, Series] = {}

    def value(node: sympy.Expr) -> Series:
        if node not in known:
            known[node] = compute(node)
        return known[node]

    def compute(node: sympy.Expr) -> Series:
        if node in inputs:
            return inputs[node]
        if node.is_number:
            return _series([zero.constant(node)], count, zero)
        if isinstance(node, sympy.Add):
            total = [zero] * count
            for arg in node.args:
                total = [x + y for x, y in zip(total, value(arg), strict=True)]
            return total
        if isinstance(node, sympy.Mul):
            product = value(node.args[0])
            for arg in node.args[1:]:
                product = _product(product, value(arg), zero)
            return product
        if isinstance(node, sympy.Pow) and node.base is not sympy.E and node.exp.is_Integer:
            return _power(value(node.base), int(node.exp), zero)
        if isinstance(node, sympy.Abs):
            inside = value(node.args[0])
            return [-x for x in inside] if inside[0].sign() < 0 else inside
        for head, rule in _RULES.items():
            if isinstance(node, head):
                return rule(value(node.args[0]), zero)
        raise NoTail("expression", got=str(node), allowed="exp, log, tanh, erf, erfc and powers")

    return value(expression)


def _product(x: Series, y: Series, zero: Tail) -> Series:
    count = len(x)
    made = [zero] * count
    for i, a in enumerate(x):
        for j, b in enumerate(y[: count - i]):
            if a.terms and b.terms:
                made[i + j] = made[i + j] + a * b
    return made


def _power(x: Series, n: int, zero: Tail) -> Series:
    if n < 0:
        return _power(_reciprocal(x, zero), -n, zero)
    made = _series([zero.constant(sympy.S.One)], len(x), zero)
    for _ in range(n):
        made = _product(made, x, zero)
    return made


def _reciprocal(x: Series, zero: Tail) -> Series:
    first = x[0].reciprocal()
    made = [first]
    for n in range(1, len(x)):
        total = zero
        for k in range(1, n + 1):
            total = total + x[k] * made[n - k]
        made.append(-(first * total))
    return made


def _exp(x: Series, zero: Tail) -> Series:
    made = [x[0].exp()]
    for n in range(1, len(x)):
        total = zero
        for k in range(1, n + 1):
            total = total + (x[k] * made[n - k]).scaled(sympy.Integer(k))
        made.append(total.scaled(sympy.Rational(1, n)))
    return made


def _log(x: Series, zero: Tail) -> Series:
    return _integrated(x[0].log(), _product(_slope(x, zero), _reciprocal(x, zero), zero))


def _tanh(x: Series, zero: Tail) -> Series:
    twice = _exp([a.scaled(sympy.Integer(2)) for a in x], zero)
    twice[0] = twice[0] + zero.constant(sympy.S.One)
    made = [a.scaled(sympy.Integer(-2)) for a in _reciprocal(twice, zero)]
    made[0] = made[0] + zero.constant(sympy.S.One)
    return made


def _erfc(x: Series, zero: Tail) -> Series:
    bell = _exp([-a for a in _product(x, x, zero)], zero)
    slope = _product(_slope(x, zero), bell, zero)
    down = [a.scaled(-2 / sympy.sqrt(sympy.pi)) for a in slope]
    if x[0].sign() > 0:
        return _integrated(x[0].erfc(), down)
    return _integrated(zero.constant(sympy.Integer(2)) + -(-x[0]).erfc(), down)


def _erf(x: Series, zero: Tail) -> Series:
    made = [-a for a in _erfc(x, zero)]
    made[0] = made[0] + zero.constant(sympy.S.One)
    return made


def _slope(x: Series, zero: Tail) -> Series:
    """The derivative; its last coefficient is not needed and left out."""
    return [*(x[n].scaled(sympy.Integer(n)) for n in range(1, len(x))), zero]


def _integrated(first: Tail, slope: Series) -> Series:
    return [
        first,
        *(slope[n - 1].scaled(sympy.Rational(1, n)) for n in range(1, len(slope))),
    ]


def _shifted(rule: Rule, before: int, after: int) -> Rule:
    def call(x: Series, zero: Tail) -> Series:
        x = [x[0] + zero.constant(sympy.Integer(before)), *x[1:]]
        made = rule(x, zero)
        return [made[0] + zero.constant(sympy.Integer(after)), *made[1:]]

    return call


_RULES: dict[Any, Rule] = {
    sympy.exp: _exp,
    sympy.log: _log,
    sympy.tanh: _tanh,
    sympy.erf: _erf,
    sympy.erfc: _erfc,
    expm1: _shifted(_exp, 0, -1),
    log1p: _shifted(_log, 1, 0),
}
