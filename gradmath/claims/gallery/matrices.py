"""SymPy's derivatives by a whole matrix, as recorded, and asked for again now."""

from __future__ import annotations

import sympy as sp

from gradmath.claims.claim import Case, claim
from gradmath.claims.gallery.cases import ON_RECORD, PAGE, written
from gradmath.claims.gallery.facts import Again, Fact, verdict
from gradmath.claims.grades import RECORDED

NOW = ("asked again now", "现在再问一次")


def _sum_now() -> str:
    w, x, y = sp.MatrixSymbol("W", 2, 3), sp.MatrixSymbol("x", 3, 1), sp.MatrixSymbol("y", 2, 1)
    return str((sp.Trace((w * x - y).T * (w * x - y)) + sp.Trace(w.T * w)).diff(w))


def _entry_now() -> str:
    m = sp.MatrixSymbol("M", 2, 2)
    return str(m[1, 1].diff(m))


@claim(
    "gallery-penalised-loss",
    page=PAGE,
    grade=RECORDED,
    titles={
        "en": "The gradient of a penalised loss by its matrix (SymPy)",
        "zh": "带惩罚项的损失对矩阵求梯度（SymPy）",
    },
    statement_text={
        "en": "SymPy differentiates the squared error rightly, the penalty rightly, and gives 0 "
        "for their sum. By a single entry of the matrix it gives the right answer.",
        "zh": "SymPy 对平方误差求导正确，对惩罚项求导也正确，对两者之和却给出 0；"
        "若对矩阵的单个元素求导，则结果正确。",
    },
    assumptions=ON_RECORD,
)
def penalised_loss() -> Case:
    name = "penalised-loss"
    facts: dict[str, Fact] = {
        "sum": verdict(name, "sum", "0", ("of the sum", "对两者之和"), other="right"),
        "error": verdict(name, "error", "right", ("of the error", "对平方误差"), other="0"),
        "penalty": verdict(name, "penalty", "right", ("of the penalty", "对惩罚项"), other="0"),
        "entry": verdict(name, "entry", "right", ("by one entry", "对单个元素"), other="0"),
        "now": Again(NOW, "sympy", _sum_now, "0", "right"),
    }
    return written(
        r"\frac{\partial}{\partial W}\Bigl(\lVert W x - y \rVert^2 + \lVert W \rVert^2\Bigr)"
        r" = 2\,(W x - y)\,x^{\mathsf T} + 2\,W \;\ne\; 0",
        "SymPy gives 0 for the matrix gradient of the penalised squared error",
        facts,
        {},
    )


@claim(
    "gallery-matrix-entry",
    page=PAGE,
    grade=RECORDED,
    titles={
        "en": "One entry of a matrix, by the matrix (SymPy)",
        "zh": "矩阵的一个元素对该矩阵求导（SymPy）",
    },
    statement_text={
        "en": "SymPy gives 0 for the derivative of a matrix's entry by the matrix, and 1 for that "
        "by the entry itself.",
        "zh": "矩阵的一个元素对该矩阵求导，SymPy 给出 0；对这个元素本身求导则给出 1。",
    },
    assumptions=ON_RECORD,
)
def matrix_entry() -> Case:
    name = "matrix-entry"
    facts: dict[str, Fact] = {
        "matrix": verdict(name, "matrix", "0", ("by the matrix", "对矩阵"), other="1"),
        "entry": verdict(name, "entry", "1", ("by the entry", "对元素"), other="0"),
        "now": Again(NOW, "sympy", _entry_now, "0", "1"),
    }
    return written(
        r"\frac{\partial M_{22}}{\partial M} = \begin{pmatrix} 0 & 0 \\ 0 & 1 \end{pmatrix}"
        r" \;\ne\; 0",
        "SymPy gives 0 for the derivative of an entry by its matrix",
        facts,
        {},
    )
