"""SymPy's matrix expressions, node by node, on arrays of traced numbers.

A matrix is an array of two axes, a scalar expression a number, and what has more axes an array of
as many.  Nothing is differentiated by SymPy here, and no formula on whole matrices is used but what
each node means: a product multiplies, an inverse eliminates.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import sympy
from sympy.matrices.expressions.blockmatrix import BlockDiagMatrix, BlockMatrix
from sympy.matrices.expressions.determinant import Permanent
from sympy.matrices.expressions.diagonal import DiagMatrix, DiagonalMatrix, DiagonalOf
from sympy.matrices.expressions.matexpr import MatrixElement, MatrixExpr
from sympy.matrices.expressions.slice import MatrixSlice

from gradmath.errors import EquationError
from gradmath.verify.gradients import arrays, linear
from gradmath.verify.gradients.number import Number
from gradmath.verify.gradients.trace import Trace

Value = Any
#: what a node does with the values of its operands, the names and the tape
Action = Callable[[list[Value], Mapping[str, Value], Trace], Value]

_HEADS = (MatrixExpr, MatrixElement, sympy.NDimArray, sympy.Trace, sympy.Determinant,
          sympy.DotProduct, Permanent)  # fmt: skip


def is_matrix_node(node: Any) -> bool:
    """Whether a node is a matrix, or a number that is taken from one."""
    return isinstance(node, _HEADS)


def operands(node: Any) -> Sequence[sympy.Basic]:
    """The operands that must be computed before a matrix node."""
    if isinstance(node, sympy.MatrixSymbol | sympy.Identity | sympy.ZeroMatrix | sympy.OneMatrix):
        return ()
    if isinstance(node, sympy.ImmutableDenseMatrix | sympy.ImmutableSparseMatrix):
        return tuple(node.flat())
    if isinstance(node, sympy.NDimArray):
        return tuple(sympy.flatten(node.tolist()))
    if isinstance(node, BlockDiagMatrix):
        return node.args
    if isinstance(node, BlockMatrix):
        return tuple(node.blocks.flat())
    if isinstance(node, MatrixElement | MatrixSlice):
        return (node.parent,)
    if isinstance(node, sympy.matrices.expressions.applyfunc.ElementwiseApplyFunction):
        return (node.expr,)
    if isinstance(node, sympy.MatPow):
        return (node.base,)
    if isinstance(node, sympy.Inverse | sympy.Transpose | sympy.Adjoint):
        return (node.arg,)
    return node.args


def action(node: Any, program: Callable[[Any], Any]) -> Action:
    """What a matrix node does; `program` makes one of a scalar expression.

    Raises `EquationError` for a node that has no rule here.
    """
    if isinstance(node, sympy.MatrixSymbol):
        return lambda _, names, __: names[node.name]
    if isinstance(node, sympy.ImmutableDenseMatrix | sympy.ImmutableSparseMatrix | sympy.NDimArray):
        shape = tuple(map(int, node.shape))
        return lambda v, _, __: arrays.traced(v).reshape(shape)
    if isinstance(node, sympy.Identity | sympy.ZeroMatrix | sympy.OneMatrix):
        constant = _constant(node)
        return lambda _, __, ___: constant
    if isinstance(node, BlockMatrix) and not isinstance(node, BlockDiagMatrix):
        rows, columns = node.blockshape
        return lambda v, _, __: _blocks([v[r * columns : (r + 1) * columns] for r in range(rows)])
    if isinstance(node, MatrixElement):
        place = _whole(node, node.i), _whole(node, node.j)
        return lambda v, _, __: v[0][place]
    if isinstance(node, MatrixSlice):
        cut = tuple(slice(*map(int, each)) for each in (node.rowslice, node.colslice))
        return lambda v, _, __: v[0][cut]
    if isinstance(node, sympy.matrices.expressions.applyfunc.ElementwiseApplyFunction):
        return _entrywise(node, program)
    if isinstance(node, sympy.MatPow):
        exponent = _whole(node, node.exp)
        return lambda v, _, __: _raised(v[0], exponent)
    for head, simple in _SIMPLE.items():
        if isinstance(node, head):
            return lambda v, _, trace: simple(v, trace)
    raise EquationError(
        "expression", got=f"{type(node).__name__} in {str(node)[:60]}",
        allowed="matrix expressions: " + ", ".join(sorted(h.__name__ for h in _SIMPLE)),
    )  # fmt: skip


def _whole(node: Any, x: Any) -> int:
    if not x.is_Integer:
        raise EquationError("expression", got=f"{x} in {str(node)[:60]}", allowed="whole numbers")
    return int(x)


def _constant(node: Any) -> Any:
    rows, columns = map(int, node.shape)
    ones = isinstance(node, sympy.OneMatrix)
    table = np.full((rows, columns), int(ones), dtype=object)
    if isinstance(node, sympy.Identity):
        for n in range(rows):
            table[n, n] = 1
    return arrays.traced(table)


def _entrywise(node: Any, program: Callable[[Any], Any]) -> Action:
    variable, body = node.function.variables[0], program(node.function.expr)

    def run(v: list[Value], names: Mapping[str, Value], trace: Trace) -> Value:
        return arrays.elementwise(lambda x: body.run({**names, variable.name: x}, trace), v[0])

    return run


def _raised(matrix: Value, exponent: int) -> Value:
    if exponent < 0:
        matrix, exponent = linear.inv(matrix), -exponent
    power: Any = _constant(sympy.Identity(len(matrix)))
    for _ in range(exponent):
        power = power @ matrix
    return power


def _product(v: list[Value], _: Trace) -> Value:
    """Scalars multiply every entry, matrices one another in their order."""
    return functools.reduce(lambda a, b: a @ b if np.ndim(a) and np.ndim(b) else a * b, v)


def _sum(v: list[Value], _: Trace) -> Value:
    return functools.reduce(lambda a, b: a + b, v)


def _entry_by_entry(v: list[Value], _: Trace) -> Value:
    return functools.reduce(lambda a, b: a * b, v)


def _power_by_entry(v: list[Value], trace: Trace) -> Value:
    def one(x: Any, y: Any) -> Any:
        if not isinstance(x, Number | int | Fraction):
            x = Fraction(x)
        if not isinstance(x, Number) and not isinstance(y, Number) and y != int(y):
            x = trace.input(x, "constant")  # a root of a constant is no fraction
        return x ** (int(y) if not isinstance(y, Number) and y == int(y) else y)

    return arrays.elementwise(one, *v)


def _trace(v: list[Value], _: Trace) -> Value:
    return functools.reduce(lambda a, b: a + b, [v[0][n, n] for n in range(len(v[0]))])


def _flat(x: Value) -> list[Any]:
    return list(np.asarray(arrays.plain(x), dtype=object).reshape(-1))


def _dot(v: list[Value], _: Trace) -> Value:
    pairs = zip(_flat(v[0]), _flat(v[1]), strict=True)
    return functools.reduce(lambda a, b: a + b, [x * y for x, y in pairs])


def _blocks(rows: list[list[Value]]) -> Value:
    return arrays.traced(np.block([[arrays.plain(b) for b in row] for row in rows]))


def _block_diagonal(v: list[Value], _: Trace) -> Value:
    return _blocks(
        [
            [b if r == c else arrays.traced(np.zeros((len(v[r]), np.shape(b)[1]), dtype=int))
             for c, b in enumerate(v)]
            for r in range(len(v))
        ]
    )  # fmt: skip


def _diagonal(v: list[Value], _: Trace) -> Value:
    return arrays.traced(np.diag(np.array(_flat(v[0]), dtype=object)))


def _only_diagonal(v: list[Value], _: Trace) -> Value:
    rows, columns = np.shape(v[0])
    return v[0] * np.eye(rows, columns)


def _diagonal_of(v: list[Value], _: Trace) -> Value:
    return arrays.traced([[v[0][n, n]] for n in range(min(np.shape(v[0])))])


def _kronecker(v: list[Value], _: Trace) -> Value:
    def two(a: Value, b: Value) -> Value:
        return _blocks([[entry * b for entry in row] for row in arrays.plain(a).tolist()])

    return functools.reduce(two, v)


_SIMPLE: dict[Any, Callable[[list[Value], Trace], Value]] = {
    sympy.MatMul: _product,
    sympy.MatAdd: _sum,
    sympy.HadamardProduct: _entry_by_entry,
    sympy.HadamardPower: _power_by_entry,
    sympy.Transpose: lambda v, _: v[0].T,
    sympy.Adjoint: lambda v, _: v[0].T,
    sympy.Inverse: lambda v, _: linear.inv(v[0]),
    sympy.Determinant: lambda v, _: linear.det(v[0]),
    sympy.Trace: _trace,
    sympy.DotProduct: _dot,
    sympy.KroneckerProduct: _kronecker,
    BlockDiagMatrix: _block_diagonal,
    DiagMatrix: _diagonal,
    DiagonalMatrix: _only_diagonal,
    DiagonalOf: _diagonal_of,
}
