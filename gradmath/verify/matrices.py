"""Matrix expressions evaluated in ball arithmetic: what a network's lines are made of.

Matrix symbols, sums, products, products entry by entry, transposes, matrices of ones, numbers as
factors, and catalogue functions applied entry by entry (an expression with a `function`) or row by
row (with an `entry`).  Shapes must be numbers.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import sympy
from flint import arb_mat
from sympy.matrices.expressions.matexpr import MatrixElement

from gradmath.errors import EquationError
from gradmath.verify import balls
from gradmath.verify.lower import Program, State, lower

Named = Callable[[str], arb_mat]


def evaluate(expression: Any, named: Named, memo: dict[Any, arb_mat] | None = None) -> arb_mat:
    """The balls of a matrix expression; `named` gives those of a matrix symbol.

    With a `memo`, what is in it already is not evaluated again.
    """
    known = {} if memo is None else memo
    if expression not in known:
        known[expression] = _evaluated(expression, named, known)
    return known[expression]


def _evaluated(expression: Any, named: Named, memo: dict[Any, arb_mat]) -> arb_mat:
    def part(inner: Any) -> arb_mat:
        return evaluate(inner, named, memo)

    if isinstance(expression, sympy.MatrixSymbol):
        return named(expression.name)
    if isinstance(expression, sympy.matrices.expressions.special.OneMatrix):
        rows, columns = map(int, expression.shape)
        return arb_mat(rows, columns, [1] * (rows * columns))
    if isinstance(expression, sympy.Identity | sympy.ZeroMatrix):
        rows, columns = map(int, expression.shape)
        one = int(isinstance(expression, sympy.Identity))
        return arb_mat(rows, columns, [one * (i == j) for i in range(rows) for j in range(columns)])
    if isinstance(expression, sympy.Transpose):
        return part(expression.arg).transpose()
    if isinstance(expression, sympy.MatAdd):
        return functools.reduce(lambda a, b: a + b, map(part, expression.args))
    if isinstance(expression, sympy.MatMul):
        return _product(expression, part)
    if isinstance(expression, sympy.HadamardProduct):
        return functools.reduce(_times, map(part, expression.args))
    if hasattr(expression, "function"):
        return _entrywise(expression, part)
    if hasattr(expression, "entry"):
        return _rowwise(expression, named)
    raise EquationError(
        "expression", got=type(expression).__name__, allowed="sums and products of matrices"
    )


def scalar(expression: sympy.Expr, named: Named) -> Any:
    """The ball of a scalar expression in entries of matrices, sums written out."""
    program, leaves = _prepared(expression)
    at = {leaf: named(str(leaf.parent))[int(leaf.i), int(leaf.j)] for leaf in leaves}
    return balls.real(balls.coefficients(program.run(State(at)), 1)[0])


@functools.lru_cache(maxsize=256)
def _prepared(expression: sympy.Expr) -> tuple[Program, tuple[Any, ...]]:
    """The program of a scalar expression, sums written out, and the entries that it reads."""
    written = expression.doit()
    return lower(written), tuple(written.atoms(MatrixElement))


def _product(expression: sympy.MatMul, part: Callable[[Any], arb_mat]) -> arb_mat:
    coefficient, matrices = expression.as_coeff_matrices()
    product = functools.reduce(lambda a, b: a * b, map(part, matrices))
    return product * balls.real(lower(sympy.sympify(coefficient)).run(State({})))


def _times(x: arb_mat, y: arb_mat) -> arb_mat:
    entries = [a * b for a, b in zip(x.entries(), y.entries(), strict=True)]
    return arb_mat(x.nrows(), x.ncols(), entries)


def _entrywise(expression: Any, part: Callable[[Any], arb_mat]) -> arb_mat:
    slots = [
        sympy.Symbol(f"u{n}", real=True) if arg.is_Matrix else arg
        for n, arg in enumerate(expression.args)
    ]
    program = lower(expression.function(*slots))
    tables = {
        slot: part(arg).entries()
        for slot, arg in zip(slots, expression.args, strict=True)
        if arg.is_Matrix
    }
    rows, columns = map(int, expression.shape)
    entries = [
        program.run(State({slot: table[n] for slot, table in tables.items()}))
        for n in range(rows * columns)
    ]
    return arb_mat(rows, columns, [balls.real(e) for e in entries])


def _rowwise(expression: Any, named: Named) -> arb_mat:
    rows, columns = map(int, expression.shape)
    return arb_mat([[scalar(expression[i, j], named) for j in range(columns)] for i in range(rows)])
