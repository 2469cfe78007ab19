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
from gradmath.verify.lower import State, lower

Named = Callable[[str], arb_mat]


def evaluate(expression: Any, named: Named) -> arb_mat:
    """The balls of a matrix expression; `named` gives those of a matrix symbol."""
    if isinstance(expression, sympy.MatrixSymbol):
        return named(expression.name)
    if isinstance(expression, sympy.matrices.expressions.special.OneMatrix):
        rows, columns = map(int, expression.shape)
        return arb_mat(rows, columns, [1] * (rows * columns))
    if isinstance(expression, sympy.Transpose):
        return evaluate(expression.arg, named).transpose()
    if isinstance(expression, sympy.MatAdd):
        return functools.reduce(lambda a, b: a + b, (evaluate(e, named) for e in expression.args))
    if isinstance(expression, sympy.MatMul):
        return _product(expression, named)
    if isinstance(expression, sympy.HadamardProduct):
        parts = [evaluate(e, named) for e in expression.args]
        return functools.reduce(_times, parts)
    if hasattr(expression, "function"):
        return _entrywise(expression, named)
    if hasattr(expression, "entry"):
        return _rowwise(expression, named)
    raise EquationError(
        "expression", got=type(expression).__name__, allowed="sums and products of matrices"
    )


def scalar(expression: sympy.Expr, named: Named) -> Any:
    """The ball of a scalar expression in entries of matrices, sums written out."""
    written = expression.doit()
    at = {
        leaf: named(str(leaf.parent))[int(leaf.i), int(leaf.j)]
        for leaf in written.atoms(MatrixElement)
    }
    return balls.real(balls.coefficients(lower(written).run(State(at)), 1)[0])


def _product(expression: sympy.MatMul, named: Named) -> arb_mat:
    coefficient, matrices = expression.as_coeff_matrices()
    product = functools.reduce(lambda a, b: a * b, (evaluate(m, named) for m in matrices))
    return product * balls.real(lower(sympy.sympify(coefficient)).run(State({})))


def _times(x: arb_mat, y: arb_mat) -> arb_mat:
    entries = [a * b for a, b in zip(x.entries(), y.entries(), strict=True)]
    return arb_mat(x.nrows(), x.ncols(), entries)


def _entrywise(expression: Any, named: Named) -> arb_mat:
    slots = [
        sympy.Symbol(f"u{n}", real=True) if arg.is_Matrix else arg
        for n, arg in enumerate(expression.args)
    ]
    program = lower(expression.function(*slots))
    tables = {
        slot: evaluate(arg, named).entries()
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
