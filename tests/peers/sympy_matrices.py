"""SymPy: derivatives by a whole matrix."""

from __future__ import annotations

from typing import Any

from recording import record, trial
from sympy import Matrix, MatrixSymbol, Trace

TOOL = "sympy.diff"


def same(found: Any, stated: Any) -> bool:
    """Whether two matrix expressions agree entry by entry; a lone 0 stands for all entries."""
    rows, columns = stated.shape
    zero = Matrix.zeros(rows, columns)
    entries = found.as_explicit() if getattr(found, "shape", ()) else zero + found * zero
    return (entries - stated.as_explicit()).expand() == zero


def answered(found: Any, stated: Any) -> str:
    return "right" if same(found, stated) else str(found)


def penalised_loss() -> dict[str, Any]:
    """The squared error of a linear layer with a quadratic penalty, by the weights."""
    w, x, y = MatrixSymbol("W", 2, 3), MatrixSymbol("x", 3, 1), MatrixSymbol("y", 2, 1)
    error, penalty = Trace((w * x - y).T * (w * x - y)), Trace(w.T * w)
    by_error, by_penalty = 2 * (w * x - y) * x.T, 2 * w
    by_entry = (error + penalty).diff(w[0, 1]).doit()
    stated = (by_error + by_penalty).as_explicit()[0, 1]
    return record(
        "penalised-loss",
        "sympy",
        TOOL,
        inputs={"rows": 2, "columns": 3},
        trials=[
            trial("sum", answered((error + penalty).diff(w), by_error + by_penalty)),
            trial("error", answered(error.diff(w), by_error)),
            trial("penalty", answered(penalty.diff(w), by_penalty)),
            trial("entry", "right" if (by_entry - stated).expand() == 0 else str(by_entry)),
        ],
    )


def one_matrix_entry() -> dict[str, Any]:
    """One entry of a matrix, by the matrix."""
    m = MatrixSymbol("M", 2, 2)
    return record(
        "matrix-entry",
        "sympy",
        TOOL,
        inputs={"rows": 2, "columns": 2},
        trials=[
            trial("matrix", str(m[1, 1].diff(m))),
            trial("entry", str(m[1, 1].diff(m[1, 1]))),
        ],
    )


CASES = (penalised_loss, one_matrix_entry)
