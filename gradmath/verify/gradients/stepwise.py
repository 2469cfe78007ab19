"""Text that is given in steps: what the slopes of functions with kinks need.

Equations have their kinks in `relu`, `max` or `abs`; a claimed slope of them is a `sign`, a
`Heaviside`, or one thing on this side and another on that.
"""

from __future__ import annotations

import ast
from typing import Final

import sympy as sp

from gradmath.grammar import DEEPEST_NESTING, Reader

_STEPS: Final = {"sign": sp.sign, "Heaviside": sp.Heaviside, "heaviside": sp.Heaviside}
_RELATIONS: Final = {
    ast.Lt: sp.Lt, ast.LtE: sp.Le, ast.Gt: sp.Gt, ast.GtE: sp.Ge, ast.Eq: sp.Eq, ast.NotEq: sp.Ne,
}  # fmt: skip
_BOTH, _EITHER = ast.And | ast.BitAnd, ast.Or | ast.BitOr


class Stepwise(Reader):
    """The grammar of equations, and `sign(x)`, `Heaviside(x)`, `a if x > 0 else b`, `Piecewise`."""

    def read(self, node: ast.expr, depth: int) -> sp.Expr:
        """Read an expression; a choice is one too."""
        if not isinstance(node, ast.IfExp) or depth > DEEPEST_NESTING:
            return super().read(node, depth)
        chosen = self.read(node.body, depth + 1), self.condition(node.test, depth + 1)
        return sp.Piecewise(chosen, (self.read(node.orelse, depth + 1), True))

    def call(self, node: ast.Call, depth: int) -> sp.Expr:
        """Read a call; of SymPy's own names those that it prints for a derivative."""
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name in _STEPS:
            self.no_keywords(node, name)
            self.count(node, name, node.args, 1, 1)
            return _STEPS[name](self.read(node.args[0], depth + 1))
        if name == "Piecewise":
            self.no_keywords(node, name)
            return sp.Piecewise(*(self.piece(each, depth + 1) for each in node.args))
        return super().call(node, depth)

    def piece(self, node: ast.expr, depth: int) -> tuple[sp.Expr, sp.Basic]:
        """Read a pair of a value and its condition."""
        match node:
            case ast.Tuple(elts=[value, test]):
                return self.read(value, depth + 1), self.condition(test, depth + 1)
        raise self.refuse(node, "something else than (value, condition)")

    def condition(self, node: ast.expr, depth: int) -> sp.Basic:
        """Read a comparison, or several of them."""
        if depth > DEEPEST_NESTING:
            raise self.refuse(node, f"nesting deeper than {DEEPEST_NESTING} levels")
        match node:
            case ast.Constant(value=bool(value)):
                return sp.true if value else sp.false
            case ast.Compare() if all(type(op) in _RELATIONS for op in node.ops):
                sides = [self.read(each, depth + 1) for each in (node.left, *node.comparators)]
                pairs = zip(node.ops, sides, sides[1:], strict=False)
                return sp.And(*(_RELATIONS[type(op)](a, b) for op, a, b in pairs))
            case ast.BoolOp(op=op, values=parts):
                found = [self.condition(each, depth + 1) for each in parts]
                return sp.And(*found) if isinstance(op, _BOTH) else sp.Or(*found)
            case ast.BinOp(op=op, left=left, right=right) if isinstance(op, _BOTH | _EITHER):
                found = [self.condition(each, depth + 1) for each in (left, right)]
                return sp.And(*found) if isinstance(op, _BOTH) else sp.Or(*found)
        raise self.refuse(node, "something else than a comparison", "write x > 0")
