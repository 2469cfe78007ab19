"""Derivatives that SymPy leaves standing, written so that they have values here.

SymPy has no derivative of the zeta function, and writes `Derivative(zeta(x), x)` or a `Subs` of it.
"""

from __future__ import annotations

from typing import Any

import sympy


class ZetaDerivative(sympy.Function):
    """The derivative of an order of Riemann's zeta function: `ZetaDerivative(order, s)`."""

    nargs = 2


def finished(expression: Any) -> Any:
    """The expression without substitutions into derivatives, and those of zeta by their own name.

    Anything else that SymPy can carry out now, such as a derivative of re(x), is carried out.
    """
    if not expression.has(sympy.Derivative, sympy.Subs):
        return expression
    done = expression.doit()
    named = {node: _of_zeta(node) for node in done.atoms(sympy.Derivative)}
    done = done.xreplace({node: name for node, name in named.items() if name is not None})
    for node in done.atoms(sympy.Subs):
        if not node.expr.has(sympy.Derivative):
            done = done.xreplace({node: node.expr.xreplace(dict(zip(*node.args[1:], strict=True)))})
    return done


def _of_zeta(node: sympy.Derivative) -> Any:
    if not isinstance(node.expr, sympy.zeta) or len(node.expr.args) != 1:
        return None
    ((symbol, order), *more) = node.variable_count
    if more or symbol != node.expr.args[0] or not order.is_Integer:
        return None
    return ZetaDerivative(order, symbol)
