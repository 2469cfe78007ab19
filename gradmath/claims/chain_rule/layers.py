"""A whole layer in matrix form, and the recurrence through all layers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.computed import AllOf
from gradmath.claims.grades import PROVED
from gradmath.claims.shapes import ForShapes, Gradient, ShapeProof, ShapeSample

PAGE = "chain-rule"
SHAPES = {
    "en": "Proved entry by entry for every shape with one to three samples, inputs and outputs, "
    "with δ held fixed: L depends on the layer through z alone, so to first order it changes "
    "by the sum of δ times the change of z. Checked at larger shapes, some drawn at random.",
    "zh": "对样本数、输入数、输出数均为 1 到 3 的所有形状逐元素证明。证明中 δ 固定不变：L 只通过 z "
    "依赖于这一层，因此它的一阶变化就是 δ 与 z 的变化逐元素相乘再求和。"
    "另在更大的、部分随机抽取的形状上核验。",
}
ARRAYS = {"x": "np", "W": "mp", "b": "m", "delta": "nm"}
EVIDENCE = (ShapeProof(), ShapeSample())


def linearised(a: SimpleNamespace) -> Any:
    """The change of L to first order: the sum of delta times z, with z = x W^T + b."""
    return (a.delta * (a.x @ a.W.T + a.b)).sum()


@claim(
    "matrix-rule-W",
    page=PAGE,
    grade=PROVED,
    titles={"en": "The gradient of a layer's weights", "zh": "一层权重的梯度"},
    statement_text={
        "en": "For every shape with one to three samples, inputs and outputs, the derivative of "
        "the loss with respect to the weights is δᵀ x, of the shape of W.",
        "zh": "只要样本数、输入数、输出数均不超过 3，损失对权重的导数就是 δᵀ x，形状与 W 相同。",
    },
    assumptions=SHAPES,
)
def matrix_rule_W() -> Case:  # the rule for W
    statement = ForShapes(
        ARRAYS,
        left=Gradient(linearised, by="W"),
        right=lambda a: a.delta.T @ a.x,
        formula=r"\frac{\partial L}{\partial W} = \delta^{\mathsf T} x, \quad"
        r" \frac{\partial L}{\partial W_{jk}} = \sum_i \delta_{ij}\, x_{ik}",
        words="dL/dW = delta^T x",
    )
    mistakes = [
        Mistake("transposed", "转置错位",
                statement.but(lambda a: a.x.T @ a.delta, words="x^T delta")),
        Mistake("averaged over the batch once more", "又对批次取了一次平均",
                statement.but(lambda a: a.delta.T @ a.x / a.sizes.n, words="delta^T x / n")),
        Mistake("only the first sample", "只用第一个样本",
                statement.but(lambda a: a.delta[:1].T @ a.x[:1], words="delta[1]^T x[1]")),
        Mistake("the weights in place of the input", "把输入写成权重",
                statement.but(lambda a: a.delta.T @ (a.delta @ a.W), words="delta^T (delta W)")),
        Mistake("the sign flipped", "符号写反",
                statement.but(lambda a: -1 * (a.delta.T @ a.x), words="-delta^T x")),
    ]  # fmt: skip
    return Case(statement, EVIDENCE, mistakes)


@claim(
    "matrix-rule-b",
    page=PAGE,
    grade=PROVED,
    titles={"en": "The gradient of a layer's bias", "zh": "一层偏置的梯度"},
    statement_text={
        "en": "For every shape with one to three samples, inputs and outputs, the derivative of "
        "the loss with respect to the bias is δ summed over the samples.",
        "zh": "只要样本数、输入数、输出数均不超过 3，损失对偏置的导数就等于 δ 对所有样本求和。",
    },
    assumptions=SHAPES,
)
def matrix_rule_b() -> Case:
    statement = ForShapes(
        ARRAYS,
        left=Gradient(linearised, by="b"),
        right=lambda a: a.delta.sum(axis=0),
        formula=r"\frac{\partial L}{\partial b_j} = \sum_i \delta_{ij}",
        words="dL/db = sum of delta over the batch",
    )
    mistakes = [
        Mistake("the sum over the batch lost", "漏掉对批次求和",
                statement.but(lambda a: a.delta[0], words="delta[1]")),
        Mistake("summed over the outputs", "对输出求和",
                statement.but(lambda a: a.delta.sum(axis=1), words="sum over the outputs")),
        Mistake("averaged", "取了平均",
                statement.but(lambda a: a.delta.sum(axis=0) / a.sizes.n, words="mean of delta")),
        Mistake("multiplied by the bias", "多乘了偏置",
                statement.but(lambda a: a.delta.sum(axis=0) * a.b, words="b sum of delta")),
    ]  # fmt: skip
    return Case(statement, EVIDENCE, mistakes)


@claim(
    "matrix-rule-x",
    page=PAGE,
    grade=PROVED,
    titles={"en": "The gradient of a layer's input", "zh": "一层输入的梯度"},
    statement_text={
        "en": "For every shape with one to three samples, inputs and outputs, the derivative of "
        "the loss with respect to the layer's input is δ W: what the layer hands back to the one "
        "before.",
        "zh": "只要样本数、输入数、输出数均不超过 3，损失对这一层输入的导数就是 δ W，"
        "也就是传回前一层的信号。",
    },
    assumptions=SHAPES,
)
def matrix_rule_x() -> Case:
    statement = ForShapes(
        ARRAYS,
        left=Gradient(linearised, by="x"),
        right=lambda a: a.delta @ a.W,
        formula=r"\frac{\partial L}{\partial x} = \delta\, W, \qquad"
        r" \frac{\partial L}{\partial x_{ik}} = \sum_j \delta_{ij}\, W_{jk}",
        words="dL/dx = delta W",
    )
    mistakes = [
        Mistake("W transposed", "W 被转置",
                statement.but(lambda a: a.delta @ a.W.T, words="delta W^T")),
        Mistake("delta transposed", "δ 被转置",
                statement.but(lambda a: a.delta.T @ a.W, words="delta^T W")),
        Mistake("only the first output", "只用第一个输出",
                statement.but(lambda a: a.delta[:, :1] @ a.W[:1], words="delta[:,1] W[1]")),
        Mistake("added over the batch", "对批次求和",
                statement.but(lambda a: (a.delta @ a.W).sum(axis=0), words="sum of delta W")),
    ]  # fmt: skip
    return Case(statement, EVIDENCE, mistakes)


@claim(
    "layout-conventions",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Two layouts", "zh": "两种布局约定"},
    statement_text={
        "en": "For every shape with one to three inputs, hidden units and outputs: for "
        "z = V φ(W x) the Jacobian is V diag(φ′) W in numerator layout and Wᵀ diag(φ′) Vᵀ in "
        "denominator layout. Each is the transpose of the other.",
        "zh": "设输入数、隐藏单元数、输出数均不超过 3。对 z = V φ(W x)，"
        "雅可比矩阵按分子布局为 V diag(φ′) W，按分母布局为 Wᵀ diag(φ′) "
        "Vᵀ，两者互为转置。",
    },
    assumptions={
        "en": "x is a column. Numerator layout: rows belong to z. Denominator layout: rows belong "
        "to x. φ is any differentiable function. Proved for every shape with one to three "
        "inputs, hidden units and outputs; checked with the sigmoid at larger shapes, "
        "some drawn at random.",
        "zh": "x 为列向量。分子布局：行对应 z；分母布局：行对应 x。φ 为任意可微函数。对输入数、"
        "隐藏单元数、输出数均为 1 到 3 的所有形状证明；"
        "更大的、部分随机抽取的形状以 sigmoid 核验。",
    },
    references=("parr2018",),
)
def layout_conventions() -> Case:
    arrays = {"x": "p", "W": "qp", "V": "mq"}

    def outputs(a: SimpleNamespace) -> Any:
        return a.V @ a.phi(a.W @ a.x)

    def slopes(a: SimpleNamespace) -> Any:
        return a.slope(a.W @ a.x)

    numerator = ForShapes(
        arrays,
        left=Gradient(outputs, by="x"),
        right=lambda a: (a.V * slopes(a)) @ a.W,
        formula=r"z = V\,\varphi(W x): \\[0.6ex] \frac{\partial z}{\partial x}"
        r" = V\,\operatorname{diag}(\varphi'(W x))\,W",
        words="numerator layout: dz/dx = V diag(phi') W",
        name="numerator layout",
    )
    denominator = ForShapes(
        arrays,
        left=Gradient(outputs, by="x", layout="denominator"),
        right=lambda a: a.W.T @ (slopes(a)[:, None] * a.V.T),
        formula=r"\left(\frac{\partial z}{\partial x}\right)^{\mathsf T}"
        r" = W^{\mathsf T}\,\operatorname{diag}(\varphi'(W x))\,V^{\mathsf T}",
        words="denominator layout: dz/dx = W^T diag(phi') V^T",
        name="denominator layout",
    )

    def mixed(changed: ForShapes) -> AllOf:
        members = [changed if m.name == changed.name else m for m in (numerator, denominator)]
        return AllOf(tuple(members))

    mistakes = [
        Mistake("the order of the other layout", "套用了另一种布局的次序",
                mixed(numerator.but(lambda a: (a.W * slopes(a)) @ a.V, words="W diag(phi') V"))),
        Mistake("half in one layout, half in the other", "一半分子布局，一半分母布局",
                mixed(numerator.but(lambda a: (a.V * slopes(a)) @ a.W.T,
                                    words="V diag(phi') W^T"))),
        Mistake("the slopes lost", "漏掉激活函数的导数",
                mixed(numerator.but(lambda a: a.V @ a.W, words="V W"))),
        Mistake("denominator layout in the order of the numerator's", "分母布局却用分子布局的次序",
                mixed(denominator.but(lambda a: a.V.T @ (slopes(a)[:, None] * a.W.T),
                                      words="V^T diag(phi') W^T"))),
    ]  # fmt: skip
    return Case(AllOf((numerator, denominator)), EVIDENCE, mistakes)


@claim(
    "adjoint-recurrence",
    page=PAGE,
    grade=PROVED,
    titles={"en": "From one layer back to the one before", "zh": "从一层回到前一层"},
    statement_text={
        "en": "For every shape with one to three samples and one to three units in each of the two "
        "layers, the adjoint of a layer is the adjoint of the next one times its weights, entry by "
        "entry times the activation's slope.",
        "zh": "只要样本数与前后两层的单元数均不超过 3，一层的伴随量就等于后一层的伴随量"
        "乘以后一层的权重，再逐元素乘以激活函数的导数。",
    },
    assumptions={
        "en": "zₖ = φ(zₖ₋₁) Wₖᵀ + bₖ, and L depends on zₖ₋₁ through zₖ alone; φ "
        "is any differentiable function. Proved for every shape with one to three samples and "
        "units; checked with the sigmoid at larger shapes, "
        "some drawn at random.",
        "zh": "zₖ = φ(zₖ₋₁) Wₖᵀ + bₖ，且 L 只通过 zₖ 依赖于 zₖ₋₁；φ 为任意可微函数。"
        "对样本数与单元数均为 1 到 3 的所有形状证明；"
        "更大的、部分随机抽取的形状以 sigmoid 核验。",
    },
    references=("rumelhart1986",),
)
def adjoint_recurrence() -> Case:
    statement = ForShapes(
        {"z": "np", "W": "mp", "b": "m", "delta": "nm"},
        left=Gradient(lambda a: (a.delta * (a.phi(a.z) @ a.W.T + a.b)).sum(), by="z"),
        right=lambda a: (a.delta @ a.W) * a.slope(a.z),
        formula=r"\delta_{k-1} = (\delta_k\, W_k) \odot \varphi'(z_{k-1})",
        words="delta[k-1] = (delta[k] W[k]) * phi'(z[k-1]), entry by entry",
    )
    mistakes = [
        Mistake("the slope lost", "漏掉激活函数的导数",
                statement.but(lambda a: a.delta @ a.W, words="delta W")),
        Mistake("W transposed", "W 被转置",
                statement.but(lambda a: (a.delta @ a.W.T) * a.slope(a.z),
                              words="(delta W^T) * phi'(z)")),
        Mistake("the activation in place of its slope", "导数写成激活值",
                statement.but(lambda a: (a.delta @ a.W) * a.phi(a.z),
                              words="(delta W) * phi(z)")),
        Mistake("the slope taken at the activation", "在激活值处取导数",
                statement.but(lambda a: (a.delta @ a.W) * a.slope(a.phi(a.z)),
                              words="(delta W) * phi'(phi(z))")),
        Mistake("a matrix product with the slope", "与导数做了矩阵乘法",
                statement.but(lambda a: (a.delta @ a.W) @ a.slope(a.z).T @ a.slope(a.z),
                              words="(delta W) phi'^T phi'")),
    ]  # fmt: skip
    return Case(statement, EVIDENCE, mistakes)
