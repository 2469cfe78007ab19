"""Putting deep expressions into shallow ones, without going down into them.

SymPy looks into the whole of an argument when it builds a sum or a function of it, by recursion,
which ends at a depth of some hundred.  Here every node is built as it stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

#: Equations resting on one another that SymPy's own substitution is trusted with.
DEEPEST = 64


def inserted(expression: sp.Basic, values: Mapping[sp.Symbol, sp.Expr]) -> Any:
    """The expression with symbols replaced by their values, which stay as they are."""
    if expression.is_Symbol:
        return values.get(expression, expression)
    if not expression.args or not expression.free_symbols:
        return expression
    args = [inserted(argument, values) for argument in expression.args]
    if all(new is old for new, old in zip(args, expression.args, strict=True)):
        return expression
    if isinstance(expression, sp.Add | sp.Mul):
        made = expression.func._from_args(args, is_commutative=True)
    elif isinstance(expression, sp.Function | sp.Pow | sp.Rel | sp.logic.boolalg.BooleanFunction):
        made = expression.func(*args, evaluate=False)
    else:  # a branch of a Piecewise
        made = sp.Basic.__new__(expression.func, *args)
    hash(made)  # kept by the node, so that nobody goes down for it later
    return made
