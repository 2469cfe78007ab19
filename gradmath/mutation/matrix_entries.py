"""Matrix lines written out in numbers: the counterexamples to changed ones."""

from __future__ import annotations

import functools
from typing import Any

import sympy as sp
from flint import arb
from sympy.matrices.expressions.matexpr import MatrixElement

from gradmath.catalogue.applied import explicit
from gradmath.derivation import NetworkDerivation, Step
from gradmath.derivation.matrices import Entrywise, RowwiseGradient
from gradmath.errors import GradmathError
from gradmath.mutation.forward import Forward, apart, within
from gradmath.mutation.named import written
from gradmath.mutation.points import points
from gradmath.verify.symbolic import prove_zero

_SECONDS = 5.0
#: of what the short name of an adjoint is one
_ADJOINT_OF = {"delta": "z", "g": "a"}


class Scalars:
    """A network written out in numbers: one equation for each entry of each matrix."""

    def __init__(self, derivation: NetworkDerivation, batch: int) -> None:
        self.derivation, self.batch = derivation, batch
        self.size = {derivation.symbols["n"]: sp.Integer(batch)}
        self.equations: dict[sp.Symbol, sp.Expr] = {}
        self.inputs: list[sp.Symbol] = []
        for name in derivation.inputs:
            self.inputs += self.entries(derivation.symbols[name].xreplace(self.size))
        for name, right in derivation.equations.items():
            whole = right.xreplace(self.size)
            if not whole.is_Matrix:
                self.equations[sp.Symbol(name, real=True)] = self.scalar(whole.doit())
                continue
            for number, right_entry in enumerate(self.written_out(right)):
                self.equations[entry(name, *divmod(number, whole.cols))] = right_entry
        biases = [symbol for symbol in self.inputs if symbol.name.startswith("b")]
        self.points = list(points(self.inputs, biases))

    @staticmethod
    def entries(matrix: Any) -> list[sp.Symbol]:
        """The symbols of all entries of a matrix."""
        return [entry(matrix.name, i, j) for i in range(matrix.rows) for j in range(matrix.cols)]

    def scalar(self, expression: sp.Expr) -> sp.Expr:
        """An expression in entries of matrices, in the symbols of these entries."""
        found = expression.atoms(MatrixElement)
        return expression.xreplace({e: entry(str(e.parent), int(e.i), int(e.j)) for e in found})

    def written_out(self, expression: Any) -> list[sp.Expr]:
        """The entries of a line, row by row."""
        whole = expression.xreplace(self.size)
        return list(_table(whole)) if whole.is_Matrix else [self.scalar(whole.doit())]

    def shape(self, expression: Any) -> tuple[int, ...]:
        """The shape of a line."""
        whole = expression.xreplace(self.size)
        return tuple(map(int, whole.shape)) if whole.is_Matrix else ()


def _table(e: Any) -> sp.Matrix:
    """The entries of a matrix expression, in the symbols of the entries of what it names."""
    rows, columns = map(int, e.shape)
    if isinstance(e, sp.MatrixSymbol):
        return sp.Matrix(rows, columns, lambda i, j: entry(e.name, i, j))
    if isinstance(e, sp.Transpose):
        return _table(e.arg).T
    if isinstance(e, sp.MatMul):
        number, matrices = e.as_coeff_matrices()
        return functools.reduce(lambda a, b: a * b, map(_table, matrices)) * number
    if isinstance(e, sp.MatAdd):
        return functools.reduce(lambda a, b: a + b, map(_table, e.args))
    if isinstance(e, sp.HadamardProduct):
        tables = [_table(argument) for argument in e.args]
        return sp.Matrix(rows, columns, lambda i, j: sp.Mul(*(t[i, j] for t in tables)))
    if isinstance(e, Entrywise):
        given = [_table(a) if a.is_Matrix else a for a in e.args]
        return sp.Matrix(
            rows, columns,
            lambda i, j: e.function(*(a[i, j] if hasattr(a, "shape") else a for a in given)),
        )  # fmt: skip
    if isinstance(e, RowwiseGradient):
        given = [_table(argument) for argument in e.args]
        values = {m[i, j]: t[i, j] for m, t in zip(e.args, given, strict=True)
                  for i in range(rows) for j in range(columns)}  # fmt: skip
        return sp.Matrix(rows, columns, lambda i, j: e[i, j].xreplace(values))
    return e.as_explicit()


def entry(name: str, i: int, j: int) -> sp.Symbol:
    """The symbol of one entry of a named matrix."""
    return sp.Symbol(f"{name}_{i}_{j}", real=True)


def shown(scalars: Scalars, step: Step, changed: Any) -> str:
    """A point at which a changed line is false, with both values; nothing where none was found."""
    rows = scalars.shape(step.expression)
    if scalars.shape(changed) != rows:
        return f"shape {scalars.shape(changed)} against {rows}"
    claimed = scalars.written_out(changed)
    for at in scalars.points:
        for forward in within(scalars.equations, at):
            for number, expression in enumerate(claimed):
                try:
                    got = forward.evaluate(expression, _deltas(expression, forward))
                    true = _true(step, forward, divmod(number, rows[1]) if rows else (0, 0))
                except GradmathError:
                    continue
                if apart(got, true):
                    return written(dict(list(at.items())[:4]), got, true) + ", ..."
    return ""


def _deltas(expression: sp.Expr, forward: Forward) -> dict[sp.Symbol, arb]:
    """Entries of delta_k and g_k are the derivatives of the loss by those of z_k and a_k."""
    found = {}
    for symbol in expression.free_symbols:
        letters = symbol.name.rstrip("0123456789_")
        if letters in _ADJOINT_OF:
            of = sp.Symbol(symbol.name.replace(letters, _ADJOINT_OF[letters], 1), real=True)
            found[symbol] = forward.slope(of)
    return found


def _true(step: Step, forward: Forward, index: tuple[int, int]) -> arb:
    if step.by is None:
        whole = sp.Symbol(step.of, real=True)
        return forward.evaluate(whole if whole in forward.values else entry(step.of, *index))
    by = entry(step.by, *index)
    if step.kind == "local" and step.of != "L":
        return forward.partial(entry(step.of, *index), by)
    return forward.slope(by)


def equal(scalars: Scalars, original: Any, changed: Any) -> bool:
    """Whether every entry of a changed line is proved equal to the original."""
    if scalars.shape(original) != scalars.shape(changed):
        return False
    pairs = zip(scalars.written_out(original), scalars.written_out(changed), strict=True)
    # a line that names an activation means the function of its pre-activation
    posts = {name: right for name, right in scalars.equations.items() if name.name[0] == "a"}
    return all(
        prove_zero(explicit((a - b).xreplace(posts)), seconds=_SECONDS, breakpoints=False).proved
        for a, b in pairs
    )
