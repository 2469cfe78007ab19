"""Remedies."""

from __future__ import annotations

from gradmath.claims.glossary.term import Term

TERMS = (
    Term(
        id="initialisation",
        en=("initialisation", "How the parameters are chosen before the first step."),
        zh=("初始化", "训练第一步之前参数的取法。"),
        claims=("lsuv-unit-variance",),
    ),
    Term(
        id="layer-wise-pretraining",
        en=("layer-wise pretraining", "Training a deep network one layer after another before it "
            "is trained as a whole."),
        zh=("逐层预训练", "先一层一层地训练深层网络，再整体训练。"),
        claims=("layerwise-pretraining",),
    ),
    Term(
        id="gradient-clipping",
        en=("gradient clipping", "Making a gradient smaller before the step is taken, if it is too "
            "large; it is no cure for a small one."),
        zh=("梯度裁剪", "梯度过大时，先把它缩小再更新参数；梯度过小则无能为力。"),
        claims=("clip-is-for-gradients", "clip-no-cure-for-vanishing"),
    ),
    Term(
        id="clipping-by-value",
        en=("clipping by value", r"Cutting each entry of the gradient at $\pm c$ by itself, which "
            "may turn the gradient."),
        zh=("按值裁剪", r"把梯度的每个分量各自截断在 $\pm c$ 之内，梯度的方向可能因此改变。"),
        claims=("clip-value-formula", "clip-value-turns"),
    ),
    Term(
        id="clipping-by-norm",
        en=("clipping by norm", "Scaling the whole gradient so that its length is at most $c$, "
            "which keeps its direction."),
        zh=("按范数裁剪", "把整个梯度按比例缩小，使长度不超过 $c$，方向保持不变。"),
        claims=("clip-norm-keeps-direction", "clip-norm-bound"),
    ),
    Term(
        id="regularisation",
        en=("regularisation", "A penalty on the weights, added to the loss."),
        zh=("正则化", "在损失上加一个针对权重的惩罚项。"),
        claims=("penalty-gradients", "penalty-no-rescue"),
    ),
    Term(
        id="weight-decay", symbol=r"1 - \eta\lambda",
        en=("weight decay", r"Multiplying every weight by $1 - \eta\lambda$ in each step; in plain "
            r"descent the L2 penalty does the same."),
        zh=("权重衰减", r"每一步都把权重乘以 $1 - \eta\lambda$；在普通的梯度下降中，"
            r"L2 惩罚项的作用与此相同。"),
        claims=("l2-shrinks",),
    ),
    Term(
        id="normalisation",
        en=("normalisation", "Shifting and scaling the pre-activations of a layer by their own "
            "mean and standard deviation."),
        zh=("归一化", "用一层预激活值自身的均值和标准差对它们平移、缩放。"),
        claims=("layernorm-scale-invariant", "layernorm-gradient-orthogonal"),
    ),
    Term(
        id="residual-connection",
        en=("residual connection", "Adding a layer's input to its output, which gives the gradient "
            "a second path, the identity."),
        zh=("残差连接", "把一层的输入加到它的输出上，使梯度多出一条恒等通路。"),
        claims=("residual-identity-path",),
    ),
    Term(
        id="loss-scaling",
        en=("loss scaling", "Multiplying the loss by a large number and dividing the gradients by "
            "it later, so that small gradients are not lost in half precision."),
        zh=("损失缩放", "先把损失乘以一个大数，之后再把梯度除以它，"
            "使小梯度不致在半精度下丢失。"),
        claims=("loss-scaling",),
    ),
)  # fmt: skip
