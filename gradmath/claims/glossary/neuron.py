"""One neuron: what it computes, and how wrong it is."""

from __future__ import annotations

from gradmath.claims.glossary.term import Term

TERMS = (
    Term(
        id="weight", symbol="w",
        en=("weight", "The number that an input is multiplied by: the slope of a linear unit's "
            "line."),
        zh=("权重", "与输入相乘的数，也就是线性单元那条直线的斜率。"),
        claims=("linear-range",),
    ),
    Term(
        id="bias", symbol="b",
        en=("bias", "The number that is added to the weighted input."),
        zh=("偏置", "加在加权输入上的数。"),
        claims=("linear-quadrants",),
    ),
    Term(
        id="intercept",
        en=("intercept", "The height at which a line crosses the vertical axis; for a linear unit "
            "it is the bias."),
        zh=("截距", "直线与纵轴相交处的高度；对线性单元来说就是偏置。"),
        claims=("linear-quadrants",),
    ),
    Term(
        id="pre-activation", symbol="z",
        en=("pre-activation", "What a unit has computed before its activation function is applied, "
            "$z = w x + b$; the function's slope is taken here."),
        zh=("预激活值", "单元在套用激活函数之前算出的值 $z = wx + b$；激活函数的导数就取在这里。"),
        claims=("preactivation-not-input",),
    ),
    Term(
        id="activation-function", symbol=r"\varphi,\ \sigma",
        en=("activation function", "A curve applied to each pre-activation by itself; without one, "
            "any number of layers is a single linear layer."),
        zh=("激活函数", "逐个作用在预激活值上的曲线；没有它，无论多少层叠起来都只是一个线性层。"),
        claims=("affine-compose-affine", "linear-stack-is-linear"),
    ),
    Term(
        id="activation", symbol="a",
        en=("activation", r"What a unit passes on, $a = \varphi(z)$."),
        zh=("激活值", r"单元传给下一层的值 $a = \varphi(z)$。"),
        claims=("composition-not-product", "sigmoid-range"),
    ),
    Term(
        id="saturation",
        en=("saturation", "A unit is saturated where its activation function is so flat that its "
            "slope is almost zero."),
        zh=("饱和", "激活函数在某处平坦到导数几乎为零，单元就在那里饱和。"),
        claims=("saturation-decay", "confidently-wrong", "saturation-is-not-depth"),
    ),
    Term(
        id="kink",
        en=("kink", "A point at which a function has one slope on the left, another on the right, "
            "and no derivative."),
        zh=("不可导点", "左右两侧的导数不相等、函数因而不可导的点。"),
        claims=("relu-kink",),
    ),
    Term(
        id="subgradient",
        en=("subgradient", "The slope of a line through a point of a convex function's graph that "
            "stays below the graph; at a kink there are many."),
        zh=("次梯度", "过凸函数图像上一点、且始终不高于图像的直线的斜率；在不可导点处有许多个。"),
        claims=("relu-kink",),
    ),
    Term(
        id="dying-relu",
        en=("dying ReLU", "A ReLU unit whose pre-activation is negative for every sample: its "
            "gradient is exactly zero, and plain descent never moves it again."),
        zh=("ReLU 死亡", "ReLU 单元的预激活值对每个样本都为负：梯度恰好为零，"
            "普通的梯度下降再也不会移动它。"),
        claims=("dying-relu",),
    ),
    Term(
        id="residual", symbol="a - y",
        en=("residual", "Activation minus target; its sign says on which side of the target the "
            "unit is, which the loss does not."),
        zh=("残差", "激活值减去目标；它的符号说明单元落在目标的哪一侧，损失却说明不了。"),
        claims=("residual-not-loss",),
    ),
    Term(
        id="loss", symbol="L",
        en=("loss", "One number for how wrong the answers are: here the mean over the samples of "
            "the sum over the outputs."),
        zh=("损失", "用一个数衡量回答错了多少：本站先对输出求和，再对样本取平均。"),
        claims=("mean-divides-by-samples", "mse-gradient"),
    ),
    Term(
        id="learning-rate", symbol=r"\eta",
        en=("learning rate", "The share of the gradient that one step of descent subtracts from "
            "the parameters."),
        zh=("学习率", "一步梯度下降从参数中减去的量与梯度之比。"),
        claims=("update-rule", "descent-small-step"),
    ),
    Term(
        id="stationary-point", symbol=r"\nabla L = 0",
        en=("stationary point", "A point where the gradient is zero; it need not be a minimum."),
        zh=("驻点", "梯度为零的点；它不一定是极小点。"),
        claims=("descent-small-step",),
    ),
)  # fmt: skip
