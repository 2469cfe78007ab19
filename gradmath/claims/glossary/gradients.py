"""Gradients: how they are computed, and what becomes of them on a long way."""

from __future__ import annotations

from gradmath.claims.glossary.term import Term

TERMS = (
    Term(
        id="gradient", symbol=r"\nabla L",
        en=("gradient", "All partial derivatives of the loss together; a small step against it "
            "lowers the loss."),
        zh=("梯度", "损失的全部偏导数放在一起；逆着它走一小步，损失就会下降。"),
        claims=("update-rule", "descent-small-step"),
    ),
    Term(
        id="chain-rule",
        en=("chain rule", "Along one way the local derivatives are multiplied; where several ways "
            "lead to the loss, the products are added."),
        zh=("链式法则", "沿一条路径把局部导数相乘；有多条路径通向损失时，再把各个乘积相加。"),
        claims=("chain-product", "shared-weight-sums"),
    ),
    Term(
        id="local-derivative", symbol=r"\partial a / \partial z",
        en=("local derivative", "The derivative of one equation by one name in it, the others "
            "held."),
        zh=("局部导数", "只看一个方程，其余的量不动，对其中一个量求的导数。"),
        claims=("local-derivatives",),
    ),
    Term(
        id="jacobian", symbol="J",
        en=("Jacobian", "The matrix of the partial derivatives of several outputs by several "
            "inputs."),
        zh=("雅可比矩阵", "多个输出对多个输入的偏导数排成的矩阵。"),
        claims=("layout-conventions",),
    ),
    Term(
        id="adjoint", symbol=r"\delta",
        en=("adjoint", r"The derivative of the loss by an intermediate quantity; for a "
            r"pre-activation, $\delta = \partial L / \partial z$."),
        zh=("伴随量", r"损失对某个中间量的导数；对预激活值即 $\delta = \partial L / \partial z$。"),
        claims=("adjoint-recurrence",),
    ),
    Term(
        id="backpropagation",
        en=("backpropagation", "The chain rule from the loss backwards, each adjoint from the one "
            "after it, at a cost that grows linearly with depth."),
        zh=("反向传播", "从损失出发往回用链式法则，每个伴随量由后一个算出，"
            "计算量随深度线性增长。"),
        claims=("adjoint-recurrence", "reverse-cost-linear"),
    ),
    Term(
        id="backpropagation-through-time",
        en=("backpropagation through time", "Backpropagation through a recurrent network written "
            "out step by step: the same weights return at every step, and their gradients add up."),
        zh=("随时间反向传播", "把循环网络按时间步展开后的反向传播：每一步都是同一组权重，"
            "各步的梯度相加。"),
        claims=("bptt-product", "shared-weight-sums"),
    ),
    Term(
        id="vanishing-gradient",
        en=("vanishing gradient", "A gradient that almost every layer, or every step in time, "
            "makes smaller on its way back, until it no longer moves the early ones."),
        zh=("梯度消失", "梯度在回传途中几乎逐层（或逐个时间步）变小，"
            "最终再也推不动靠前的层。"),
        claims=("one-dial", "depth-bound"),
    ),
    Term(
        id="exploding-gradient",
        en=("exploding gradient", "A gradient that grows from layer to layer, or from step to step "
            "in time, on its way back."),
        zh=("梯度爆炸", "梯度在回传途中逐层（或逐个时间步）变大。"),
        claims=("one-dial", "sigmoid-can-explode", "relu-can-explode"),
    ),
)  # fmt: skip
