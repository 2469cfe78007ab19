"""Matrix expressions that a network needs: a function entry by entry, and a loss row by row."""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar

import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixElement

from gradmath.catalogue.applied import AppliedFunction
from gradmath.catalogue.entries import VectorLoss


class Entrywise(sp.MatrixExpr):
    """A catalogue function applied to the entries of matrices of one shape.

    Arguments are matrices or scalars; entry (i, j) is the function of the matrices' entries
    (i, j).  Made by `entrywise`.
    """

    function: ClassVar[type[AppliedFunction]]

    def __new__(cls, *args: Any) -> Entrywise:
        """Matrices of one shape and scalars, in the order of the function's arguments."""
        made: Entrywise = sp.Basic.__new__(cls, *map(sp.sympify, args))
        return made

    @property
    def shape(self) -> tuple[Any, Any]:
        """Shape of the result: that of the first matrix."""
        return self.args[0].shape

    def _entry(self, i: Any, j: Any, **_: Any) -> sp.Expr:
        return self.function(*(a[i, j] if a.is_Matrix else a for a in self.args))

    def _eval_transpose(self) -> Entrywise:
        return type(self)(*(sp.transpose(a) if a.is_Matrix else a for a in self.args))

    def _shown(self) -> sp.Expr:
        """The function of scalar stand-ins, so that the catalogue's own notation prints it."""
        return self.function(
            *(sp.Symbol(str(a), real=True) if isinstance(a, sp.MatrixSymbol) else _standing_for(a)
              for a in self.args)
        )  # fmt: skip

    def _latex(self, printer: Any) -> str:
        return str(printer._print(self._shown()))

    def _sympystr(self, printer: Any) -> str:
        return str(printer._print(self._shown()))


def _standing_for(argument: sp.Basic) -> sp.Basic:
    return sp.Symbol(f"({argument})", real=True) if argument.is_Matrix else argument


@cache
def entrywise(function: type[Any]) -> type[Entrywise]:
    """The matrix function that applies `function` entry by entry.

    >>> from gradmath.catalogue import activations
    >>> from gradmath.catalogue.applied import applied
    >>> entrywise(applied(activations["tanh"]))(sp.MatrixSymbol("z1", 3, 2))[0, 1]
    tanh(z1[0, 1])
    """
    return type(f"Entrywise_{function.__name__}", (Entrywise,), {"function": function})


class RowwiseGradient(sp.MatrixExpr):
    """The gradient of a whole-sample loss by its predictions, row by row."""

    entry: ClassVar[VectorLoss]

    def __new__(cls, predictions: Any, targets: Any) -> RowwiseGradient:
        """Two matrices of one shape: a row for each sample."""
        made: RowwiseGradient = sp.Basic.__new__(cls, predictions, targets)
        return made

    @property
    def shape(self) -> tuple[Any, Any]:
        """Shape of the result: that of the first matrix."""
        return self.args[0].shape

    def _entry(self, i: Any, j: Any, **_: Any) -> sp.Expr:
        if not getattr(j, "is_Integer", isinstance(j, int)):
            return MatrixElement(self, i, j)  # which derivative it is depends on the column
        count = int(self.shape[1])
        predictions, targets, rule = _rule(self.entry, count, int(j))
        values: dict[sp.Symbol, MatrixElement] = {}
        for k in range(count):
            values[predictions[k]] = self.args[0][i, k]
            values[targets[k]] = self.args[1][i, k]
        return rule.xreplace(values)

    def _latex(self, printer: Any) -> str:
        a, y = (printer._print(argument) for argument in self.args)
        return rf"\nabla_{{{a}}}\, {self.entry.latex}\left({a}, {y}\right)"

    def _sympystr(self, printer: Any) -> str:
        a, y = (printer._print(argument) for argument in self.args)
        return f"gradient_{self.entry.name}({a}, {y})"


@cache
def _rule(entry: VectorLoss, count: int, j: int) -> tuple[Any, Any, sp.Expr]:
    """The derivative by prediction j of a loss of `count` outputs, with the symbols in it."""
    predictions, targets = entry.symbols(count)
    return predictions, targets, entry.instance(predictions, targets).diff(predictions[j])


@cache
def rowwise_gradient(entry: VectorLoss) -> type[RowwiseGradient]:
    """The gradient of `entry` by its predictions, as a function of two matrices."""
    return type(f"Gradient_{entry.name}", (RowwiseGradient,), {"entry": entry})
