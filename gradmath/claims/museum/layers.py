"""Matrix rules as they were printed: a slope lost on the way back, the wrong matrix transposed."""

from __future__ import annotations

from typing import Any

from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.evidence import Refutation
from gradmath.claims.grades import REFUTED
from gradmath.claims.museum.caught import caught_on_arrays
from gradmath.claims.shapes import ForShapes, Gradient, ShapeProof

PAGE = "museum"


def _layer(a: Any) -> Any:
    """The change of the loss to first order: the adjoint of v, times v = phi(W u + b)."""
    return (a.vbar * a.phi(a.W @ a.u + a.b)).sum()


@claim(
    "museum-lost-slope",
    page=PAGE,
    grade=REFUTED,
    titles={"en": "The slope lost on the way back", "zh": "回传时丢了激活函数的导数"},
    statement_text={
        "en": "As printed: the adjoint of a layer's input is Wᵀ times the adjoint of its output. "
        "The activation's slope belongs between the two.",
        "zh": "原文：一层输入的伴随量等于 Wᵀ 乘以其输出的伴随量。两者之间还应乘上激活函数的导数。",
    },
    assumptions={
        "en": "v = φ(W u + b) with u and v columns; v̄ is the adjoint of v; φ is any differentiable "
        "function. Layers are counted here so that u is the input and v the output of one layer.",
        "zh": "v = φ(W u + b)，u、v 为列向量，v̄ 为 v 的伴随量，φ 为任意可微函数。"
        "这里约定 u、v 是同一层的输入与输出。",
    },
)
def lost_slope() -> Case:
    statement = ForShapes(
        {"u": "p", "W": "mp", "b": "m", "vbar": "m"},
        left=Gradient(_layer, by="u"),
        right=lambda a: a.W.T @ a.vbar,
        formula=r"\bar u = W^{\mathsf T} \bar v, \qquad v = \varphi(W u + b)",
        words="adjoint of u = W^T vbar",
        name="statement",
    )

    def slope(a: Any) -> Any:
        return a.vbar * a.slope(a.W @ a.u + a.b)

    linear = Gradient(lambda a: (a.vbar * (a.W @ a.u + a.b)).sum(), by="u")
    neighbours = [
        Mistake("with the slope", "补上导数",
                statement.but(lambda a: a.W.T @ slope(a), words="W^T (vbar * phi'(W u + b))"),
                proof=[ShapeProof()]),
        Mistake("right for a layer without an activation", "没有激活函数的层则正确",
                ForShapes(statement.arrays, linear, statement.right, "",
                          "adjoint of u without phi = W^T vbar", "statement"),
                proof=[ShapeProof()]),
        Mistake("the bias gets the slope too", "偏置也须乘导数",
                ForShapes(statement.arrays, Gradient(_layer, by="b"), slope, "",
                          "adjoint of b = vbar * phi'(W u + b)", "statement"),
                proof=[ShapeProof()]),
    ]  # fmt: skip
    return Case(statement, [Refutation(), caught_on_arrays()], neighbours)


@claim(
    "museum-x-for-w",
    page=PAGE,
    grade=REFUTED,
    titles={"en": "xᵀ where wᵀ belongs", "zh": "该用 wᵀ 却写成 xᵀ"},
    statement_text={
        "en": "As printed: for y = x w, the derivative of the loss by x is δ xᵀ. It is δ wᵀ.",
        "zh": "原文：对 y = x w，损失对 x 的导数是 δ xᵀ。应当是 δ wᵀ。",
    },
    assumptions={
        "en": "x, w and y are matrices, δ is the derivative of the loss by y.",
        "zh": "x、w、y 为矩阵，δ 是损失对 y 的导数。",
    },
)
def x_for_w() -> Case:
    arrays = {"x": "nd", "w": "dm", "delta": "nm"}

    def linear(a: Any) -> Any:
        return (a.delta * (a.x @ a.w)).sum()

    statement = ForShapes(
        arrays,
        left=Gradient(linear, by="x"),
        right=lambda a: a.delta @ a.x.T,
        formula=r"\frac{\partial L}{\partial x} = \delta\, x^{\mathsf T}, \qquad y = x\, w",
        words="dL/dx = delta x^T",
        name="statement",
    )
    neighbours = [
        Mistake("wᵀ for xᵀ", "xᵀ 改为 wᵀ",
                statement.but(lambda a: a.delta @ a.w.T, words="delta w^T"),
                proof=[ShapeProof()]),
        Mistake("xᵀ belongs to the derivative by w, on the left",
                "xᵀ 出现在对 w 的导数里，且在左边",
                ForShapes(arrays, Gradient(linear, by="w"), lambda a: a.x.T @ a.delta, "",
                          "dL/dw = x^T delta", "statement"), proof=[ShapeProof()]),
        Mistake("the same, transposed as a whole", "整体转置后亦成立",
                statement.but(lambda a: (a.w @ a.delta.T).T, words="(w delta^T)^T"),
                proof=[ShapeProof()]),
    ]  # fmt: skip
    return Case(statement, [Refutation(), caught_on_arrays()], neighbours)
