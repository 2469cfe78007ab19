"""A small evaluator of stable forms: NumPy, node by node, as the bindings say and no other way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy as sp
from scipy.special import erfcx
from sympy.codegen.cfunctions import expm1, log1p

from gradmath.stable import Form, scaled_erfc

UNARY = {
    sp.exp: np.exp, expm1: np.expm1, log1p: np.log1p, sp.Abs: np.abs, sp.sign: np.sign,
    sp.tanh: np.tanh, sp.floor: np.floor, scaled_erfc: erfcx,
}  # fmt: skip
COMPARISONS = {
    sp.StrictLessThan: np.less, sp.StrictGreaterThan: np.greater,
    sp.LessThan: np.less_equal, sp.GreaterThan: np.greater_equal,
}  # fmt: skip


def run(form: Form, x: np.ndarray, parameters: Mapping[sp.Symbol, float]) -> np.ndarray:
    """The form at the points x, in the type of x; floating-point errors but underflow raise."""
    kind = x.dtype.type
    values: dict[sp.Expr, Any] = {form.variable: x}
    values.update({symbol: kind(number) for symbol, number in parameters.items()})
    with np.errstate(over="raise", divide="raise", invalid="raise", under="ignore"):
        for symbol, expression in form.bindings:
            values[symbol] = _value(expression, values, kind)
        result = _value(form.value, values, kind)
    return np.broadcast_to(np.asarray(result, dtype=x.dtype), x.shape)


def _value(expression: sp.Expr, values: Mapping[sp.Expr, Any], kind: Any) -> Any:
    if expression in values:
        return values[expression]
    if expression.is_number:
        return kind(str(sp.N(expression, 40)))
    if isinstance(expression, sp.Piecewise):
        result = None
        for branch, condition in reversed(expression.args):
            value = _value(branch, values, kind)
            if condition == sp.true:
                result = value
            else:
                sides = (_value(side, values, kind) for side in condition.args)
                result = np.where(COMPARISONS[type(condition)](*sides), value, result)
        return result
    args = [_value(arg, values, kind) for arg in expression.args]
    if type(expression) in UNARY:
        return UNARY[type(expression)](args[0])
    if isinstance(expression, (sp.Min, sp.Max)):
        choose = np.minimum if isinstance(expression, sp.Min) else np.maximum
        return _fold(choose, args)
    if expression.is_Add:
        return _fold(np.add, args)
    if expression.is_Pow and expression.exp == -1:
        return kind(1) / args[0]
    if expression.is_Pow:
        return _fold(np.multiply, [args[0]] * int(expression.exp))
    if expression.is_Mul:
        below = [f.base for f in expression.args if f.is_Pow and f.exp == -1]
        above = [f for f in expression.args if not (f.is_Pow and f.exp == -1)]
        result = _fold(np.multiply, [_value(f, values, kind) for f in above] or [kind(1)])
        return _fold(np.divide, [result, *(_value(f, values, kind) for f in below)])
    raise AssertionError(f"a form may not hold {type(expression).__name__}")


def _fold(operation: Any, args: list[Any]) -> Any:
    result = args[0]
    for arg in args[1:]:
        result = operation(result, arg)
    return result
