"""What a person typed: of what it is a function, and whether it needs a form as a whole."""

from __future__ import annotations

import sympy as sp

from gradmath.catalogue.applied import AppliedFunction, explicit

#: Functions whose plain evaluation may overflow or cancel, and that stable forms know.
_DELICATE = (sp.exp, sp.log, sp.tanh, sp.sinh, sp.cosh, sp.erf, sp.erfc)


def common_argument(expression: sp.Expr) -> sp.Expr | None:
    """u, if every exponential of the expression is of a numeric multiple of u."""
    found: sp.Expr | None = None
    for call in expression.atoms(*_DELICATE):
        if isinstance(call, sp.log):
            continue  # its argument is 1 + exp(u), or it has no exponential to share
        _, base = _split(call.args[0])
        if base.is_number or (found is not None and base != found):
            return None
        found = base
    return found


def _split(argument: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """(c, u) with argument = c u, c a number and u without a leading minus."""
    content, base = argument.as_content_primitive()
    if base.could_extract_minus_sign():
        content, base = -content, -base
    return content, base


def in_terms_of(expression: sp.Expr, argument: sp.Expr, u: sp.Symbol) -> sp.Expr:
    """The expression with u for the argument."""
    values: dict[sp.Basic, sp.Basic] = {argument: u}
    for call in expression.atoms(*_DELICATE):
        if not isinstance(call, sp.log):
            values[call] = call.func(_split(call.args[0])[0] * u)
    return expression.xreplace(values)


def calls_without(expression: sp.Expr, u: sp.Symbol) -> list[sp.Expr]:
    """The functions of anything but u, in order: to a form in u they are numbers, branches too."""
    found: list[sp.Expr] = []
    walk = sp.preorder_traversal(expression)
    for node in walk:
        if isinstance(node, sp.Function | sp.Max | sp.Min) and not node.has(u):
            walk.skip()
            if not node.is_number and node not in found:
                found.append(node)
    return found


def mixes_functions(expression: sp.Expr) -> bool:
    """Whether functions stand where forms of their own do not help, in this very part.

    1 - sigmoid(z) cancels, sigmoid'(z)/sigmoid(z) is 0/0 far out, and the logarithm of either is
    infinite, however exact sigmoid and sigmoid' are.
    """
    if isinstance(expression, sp.Add):
        mixed = any(term.is_number for term in expression.args)
    else:
        divisors = (f for f in sp.Mul.make_args(expression) if f.is_Pow and f.exp.is_negative)
        mixed = isinstance(expression, sp.log) or any(divisors)
    return mixed and expression.has(AppliedFunction, sp.erf, sp.erfc, sp.exp, sp.sinh, sp.cosh)


def by_argument(product: sp.Mul) -> list[sp.Expr]:
    """The product as one for each argument of its functions, and first what holds none."""
    groups: dict[sp.Expr | None, list[sp.Expr]] = {None: []}
    for factor in product.args:
        argument = common_argument(explicit(factor)) if factor.has(sp.Function) else None
        groups.setdefault(argument, []).append(factor)
    return [sp.Mul(*factors) for factors in groups.values() if factors]
