"""One relation between two SymPy expressions, kept as written.

SymPy evaluates `Eq(a, b)` and `a <= b` as far as it can, and may turn a statement into plain
`True` before anybody has looked at the evidence.  A `Relation` is inert: it holds both sides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy as sp

from gradmath import notation
from gradmath.errors import DeclarationError

#: sign of (left - right) that each relation allows: negative, zero, positive
_ALLOWED: Mapping[str, frozenset[int]] = {
    "==": frozenset({0}),
    "!=": frozenset({-1, 1}),
    "<": frozenset({-1}),
    "<=": frozenset({-1, 0}),
    ">": frozenset({1}),
    ">=": frozenset({0, 1}),
}
_LATEX = {"==": "=", "!=": r"\ne", "<": "<", "<=": r"\le", ">": ">", ">=": r"\ge"}


@dataclass(frozen=True)
class Relation:
    """`left` and `right` joined by one of `== != < <= > >=`."""

    left: sp.Expr
    operator: str
    right: sp.Expr

    def __post_init__(self) -> None:
        if self.operator not in _ALLOWED:
            raise DeclarationError("relation", got=self.operator, allowed=" ".join(_ALLOWED))

    @cached_property  # asked for at every point tried
    def sides(self) -> tuple[sp.Expr, sp.Expr]:
        """Both sides with every derivative carried out that is written as `partial(...)`."""
        return _carried_out(self.left), _carried_out(self.right)

    @cached_property
    def gap(self) -> sp.Expr:
        """`left - right`, derivatives carried out, catalogue functions applied, not simplified."""
        left, right = self.sides
        return sp.Add(left, sp.Mul(-1, right, evaluate=False), evaluate=False)

    @cached_property
    def free_symbols(self) -> set[sp.Symbol]:
        """Symbols on either side."""
        return set(self.left.free_symbols) | set(self.right.free_symbols)

    @property
    def sign(self) -> str:
        """The relation's sign in LaTeX."""
        return _LATEX[self.operator]

    @property
    def text(self) -> str:
        """Plain text, such as `sigmoid'(z) <= 1/4`."""
        return f"{notation.text(self.left)} {self.operator} {notation.text(self.right)}"

    def allows(self, sign: int) -> bool:
        """Whether the relation holds when `left - right` has this sign (-1, 0 or 1)."""
        return sign in _ALLOWED[self.operator]

    @property
    def ascending(self) -> tuple[sp.Expr, sp.Expr]:
        """The smaller and the larger side of an inequality."""
        left, right = self.sides
        if self.operator in ("<", "<="):
            return left, right
        if self.operator in (">", ">="):
            return right, left
        raise DeclarationError("relation", got=self.text, allowed="an inequality")

    @property
    def strict(self) -> bool:
        """True for `<`, `>` and `!=`."""
        return 0 not in _ALLOWED[self.operator]


def _carried_out(expression: sp.Expr) -> sp.Expr:
    inert = expression.atoms(sp.Derivative)
    return expression.xreplace({each: each.doit() for each in inert}) if inert else expression


def partial(expression: Any, *by: Any) -> sp.Derivative:
    """A partial derivative as it is written, not yet carried out: `partial(x**2, x)`."""
    return sp.Derivative(sp.sympify(expression), *by, evaluate=False)


def equal(left: Any, right: Any) -> Relation:
    """The relation `left = right`."""
    return Relation(sp.sympify(left), "==", sp.sympify(right))


def unequal(left: Any, right: Any) -> Relation:
    """The relation `left != right`."""
    return Relation(sp.sympify(left), "!=", sp.sympify(right))


def less(left: Any, right: Any) -> Relation:
    """The relation `left < right`."""
    return Relation(sp.sympify(left), "<", sp.sympify(right))


def at_most(left: Any, right: Any) -> Relation:
    """The relation `left <= right`."""
    return Relation(sp.sympify(left), "<=", sp.sympify(right))


def greater(left: Any, right: Any) -> Relation:
    """The relation `left > right`."""
    return Relation(sp.sympify(left), ">", sp.sympify(right))


def at_least(left: Any, right: Any) -> Relation:
    """The relation `left >= right`."""
    return Relation(sp.sympify(left), ">=", sp.sympify(right))


def equal_entries(left: sp.Matrix, right: sp.Matrix, name: str = "") -> dict[str, Relation]:
    """One equation for each entry of two matrices of one shape, named `name[i,j]` from 1.

    Matrices of two shapes are unequal in no particular entry; they give the single relation
    `rows * 1000 + columns` of both, which is false.
    """
    if left.shape != right.shape:
        code = [sp.Integer(rows * 1000 + columns) for rows, columns in (left.shape, right.shape)]
        return {f"{name}shape": equal(*code)}
    return {
        f"{name}[{i + 1},{j + 1}]": equal(left[i, j], right[i, j])
        for i in range(left.rows)
        for j in range(left.cols)
    }


def aligned(relations: Iterable[Relation]) -> str:
    """LaTeX rows aligned at the sign; a left side that repeats is written once."""
    rows: list[str] = []
    previous: sp.Expr | None = None
    for relation in relations:
        left = "" if relation.left == previous else notation.latex(relation.left)
        rows.append(f"{left} &{relation.sign} {notation.latex(relation.right)}")
        previous = relation.left
    return r"\begin{aligned}" + r" \\ ".join(rows) + r"\end{aligned}"
