"""SymPy expressions that have no rule here, each as one operation of its symbols, by mpmath.

Hypergeometric functions, elliptic integrals, integrals and sums that were not carried out: mpmath
has values for them.  An undefined function has none.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import sympy
from flint import arb, fmpq
from sympy.core.function import AppliedUndef

from gradmath.verify import balls
from gradmath.verify.gradients.by_mpmath import MPMATH, NoOracle, derivative
from gradmath.verify.gradients.rule import OnDemand, Rule

#: what the library that a person's code calls may be off, in units in the last place
_ULPS = 64


def names_in(node: Any) -> list[str]:
    """The names of the symbols that the node is a function of."""
    return sorted(symbol.name for symbol in node.free_symbols)


def rule_of(node: Any) -> Rule:
    """The operation that evaluates a node at values of its symbols, in the order of their names.

    Raises `NoOracle` for a node that has no value.
    """
    undefined = node.atoms(AppliedUndef)
    if undefined or isinstance(node, sympy.Subs | sympy.DiracDelta):
        culprit = min(map(str, undefined)) if undefined else str(node)[:60]
        raise NoOracle("expression", got=culprit, allowed="functions that have values")
    symbols = sorted(node.free_symbols, key=lambda s: s.name)
    inner, orders = _taken_apart(node, symbols)
    function = _function(inner, symbols)

    def asked(x: Sequence[Any], more: Sequence[int]) -> arb:
        if any(not isinstance(v, arb | fmpq) for v in x):
            raise NoOracle(f"second derivatives of {type(node).__name__}", got="mpmath's values")
        total = [n + also for n, also in zip(orders, more, strict=True)]
        return derivative(function, total, [balls.real(v) for v in x])

    def slopes(x: Sequence[Any], _: Any) -> list[Any]:
        units = [[int(n == m) for m in range(len(x))] for n in range(len(x))]
        return [OnDemand(functools.partial(asked, x, unit), MPMATH) for unit in units]

    name = f"{type(node).__name__} by mpmath"
    none = [0] * len(symbols)
    return Rule(name, lambda x: asked(x, none), slopes, _ULPS, True, MPMATH)


def _taken_apart(node: Any, symbols: list[Any]) -> tuple[Any, list[int]]:
    """A derivative that SymPy left standing: of what, and of which orders by the symbols."""
    orders = [0] * len(symbols)
    if not isinstance(node, sympy.Derivative):
        return node, orders
    for symbol, order in node.variable_count:
        if symbol not in symbols or not order.is_Integer:
            raise NoOracle("derivative", got=str(node)[:60], allowed="by symbols")
        orders[symbols.index(symbol)] += int(order)
    return node.expr, orders


def _function(node: Any, symbols: list[Any]) -> Callable[..., Any]:
    """A node as a function of mpmath's numbers, at the precision that mpmath works with."""
    printed: Callable[..., Any] | None
    try:
        printed = sympy.lambdify(symbols, node, modules="mpmath")
    except (NotImplementedError, TypeError, AttributeError, SyntaxError):
        printed = None

    def call(*x: Any) -> Any:
        nonlocal printed
        if printed is not None:
            try:
                return printed(*x)
            except (NameError, AttributeError, NotImplementedError):
                printed = None  # mpmath has no function of this name
        return _evaluated(node, dict(zip(symbols, x, strict=True)))

    return call


def _evaluated(node: Any, at: dict[Any, Any]) -> Any:
    """The value by SymPy's own `evalf`, which is mpmath's as well."""
    digits = mpmath.mp.dps + 5
    floats = {symbol: sympy.Float(x, digits) for symbol, x in at.items()}
    found = node.xreplace(floats).evalf(digits)
    if not found.is_number or found.has(*_NO_NUMBERS):
        raise NoOracle(type(node).__name__, got=f"{str(found)[:60]}", allowed="a number")
    return mpmath.mpmathify(found)


_NO_NUMBERS = (sympy.nan, sympy.zoo, sympy.oo, -sympy.oo)
