"""The activation functions: one declaration each, with its conventions at kinks, and no more.

At a kink we return the slope of the flat or the weaker side for the piecewise linear functions,
as PyTorch and TensorFlow do for ReLU, and the slope of the identity for the ELU family.
"""

from __future__ import annotations

from sympy import (
    Abs,
    Piecewise,
    Rational,
    Symbol,
    erf,
    erfc,
    exp,
    log,
    oo,
    pi,
    sqrt,
    tanh,
)

from gradmath.catalogue.declaration import Activation, Kink, Parameter

z = Symbol("z", real=True)
alpha = Symbol("alpha", positive=True)
negative_slope = Symbol("negative_slope", positive=True)
weight = Symbol("weight", real=True)

identity = Activation(
    "identity", z,
    limits=(-oo, oo),
    titles={"en": "Identity", "zh": "恒等函数"},
    summary={
        "en": "Passes the pre-activation on unchanged: a linear layer.",
        "zh": "原样输出预激活值，即线性层。",
    },
    references=["goodfellow2016"],
    latex=r"\operatorname{id}",
)  # fmt: skip

sigmoid = Activation(
    "sigmoid", 1 / (1 + exp(-z)),
    limits=(0, 1),
    titles={"en": "Sigmoid", "zh": "S 型函数"},
    summary={
        "en": "Squeezes the real line into (0, 1); saturates on both sides.",
        "zh": "把实数轴压缩到 (0, 1)，两侧都会饱和。",
    },
    references=["rumelhart1986"],
    latex=r"\sigma",
)  # fmt: skip

tanh_ = Activation(
    "tanh", tanh(z),
    limits=(-1, 1),
    titles={"en": "Hyperbolic tangent", "zh": "双曲正切"},
    summary={
        "en": "Odd, with values in (-1, 1) and slope 1 at 0; saturates on both sides.",
        "zh": "奇函数，取值于 (-1, 1)，在 0 处斜率为 1，两侧都会饱和。",
    },
    references=["lecun1998"],
    latex=r"\tanh",
)  # fmt: skip

relu = Activation(
    "relu", Piecewise((z, z > 0), (0, True)),
    kinks={0: Kink(left=0, right=1, returned=0)},
    limits=(0, oo),
    titles={"en": "ReLU", "zh": "线性整流函数"},
    summary={
        "en": "Passes the positive part; slope 0 or 1, so a unit may die.",
        "zh": "只保留正部；斜率为 0 或 1，单元可能“死亡”。",
    },
    references=["nair2010", "glorot2011"],
    latex=r"\operatorname{ReLU}",
)  # fmt: skip

leaky_relu = Activation(
    "leaky_relu", Piecewise((z, z > 0), (negative_slope * z, True)),
    parameters={negative_slope: Parameter(Rational(1, 100), positive=True)},
    kinks={0: Kink(left=negative_slope, right=1, returned=negative_slope)},
    limits=(-oo, oo),
    titles={"en": "Leaky ReLU", "zh": "带泄漏线性整流函数"},
    summary={
        "en": "A ReLU that keeps a small slope for negative input.",
        "zh": "负半轴保留一个小斜率的 ReLU。",
    },
    references=["maas2013"],
    latex=r"\operatorname{LeakyReLU}",
)  # fmt: skip

prelu = Activation(
    "prelu", Piecewise((z, z > 0), (weight * z, True)),
    parameters={weight: Parameter(Rational(1, 4))},
    kinks={0: Kink(left=weight, right=1, returned=weight)},
    # the default weight is positive; for a negative one the left limit is +oo, for 0 it is 0
    limits=(-oo, oo),
    titles={"en": "Parametric ReLU", "zh": "参数化线性整流函数"},
    summary={
        "en": "A leaky ReLU whose slope for negative input is learnt.",
        "zh": "负半轴斜率由学习得到的带泄漏 ReLU。",
    },
    references=["he2015"],
    latex=r"\operatorname{PReLU}",
)  # fmt: skip

elu = Activation(
    "elu", Piecewise((z, z > 0), (alpha * (exp(z) - 1), True)),
    parameters={alpha: Parameter(1, positive=True)},
    kinks={0: Kink(left=alpha, right=1, returned=1)},
    limits=(-alpha, oo),
    titles={"en": "ELU", "zh": "指数线性单元"},
    summary={
        "en": "Identity on the right, saturating exponential on the left; C1 only for alpha = 1.",
        "zh": "右侧为恒等函数，左侧为饱和的指数函数；仅当 alpha = 1 时为 C1。",
    },
    references=["clevert2016"],
    latex=r"\operatorname{ELU}",
)  # fmt: skip

# the closed forms (Klambauer et al. 2017, equation 14) for which N(0, 1) keeps mean 0, variance 1
_tail = erfc(1 / sqrt(2)) * exp(Rational(1, 2))
selu_alpha = sqrt(2 / pi) / (1 - _tail)
selu_scale = (
    (1 - _tail) * sqrt(2 * pi)
    / sqrt(2 * erfc(sqrt(2)) * exp(2) + pi * _tail**2 - 2 * (2 + pi) * _tail + pi + 2)
)  # fmt: skip

selu = Activation(
    "selu",
    Piecewise((selu_scale * z, z > 0), (selu_scale * selu_alpha * (exp(z) - 1), True)),
    kinks={0: Kink(left=selu_scale * selu_alpha, right=selu_scale, returned=selu_scale)},
    limits=(-selu_scale * selu_alpha, oo),
    titles={"en": "SELU", "zh": "缩放指数线性单元"},
    summary={
        "en": "An ELU scaled so that mean 0 and variance 1 are a fixed point.",
        "zh": "经过缩放的 ELU，使均值 0、方差 1 成为不动点。",
    },
    references=["klambauer2017"],
    latex=r"\operatorname{SELU}",
)

celu = Activation(
    "celu", Piecewise((z, z > 0), (alpha * (exp(z / alpha) - 1), True)),
    parameters={alpha: Parameter(1, positive=True)},
    kinks={0: Kink(left=1 / alpha, right=0, returned=0, order=2)},
    limits=(-alpha, oo),
    titles={"en": "CELU", "zh": "连续可微指数线性单元"},
    summary={
        "en": "An ELU made C1 for every alpha; its second derivative jumps at 0.",
        "zh": "对任意 alpha 都是 C1 的 ELU；二阶导数在 0 处跳变。",
    },
    references=["barron2017"],
    latex=r"\operatorname{CELU}",
)  # fmt: skip

gelu = Activation(
    "gelu", z / 2 * (1 + erf(z / sqrt(2))),
    limits=(0, oo),
    titles={"en": "GELU", "zh": "高斯误差线性单元"},
    summary={
        "en": "z times the standard normal distribution function of z.",
        "zh": "z 乘以标准正态分布函数在 z 处的值。",
    },
    references=["hendrycks2016"],
    latex=r"\operatorname{GELU}",
)  # fmt: skip

gelu_tanh = Activation(
    "gelu_tanh",
    z / 2 * (1 + tanh(sqrt(2 / pi) * (z + Rational(44715, 1000000) * z**3))),
    limits=(0, oo),
    titles={"en": "GELU (tanh approximation)", "zh": "GELU（tanh 近似）"},
    summary={
        "en": "The usual approximation of GELU by a hyperbolic tangent; another function.",
        "zh": "用双曲正切对 GELU 的常用近似，是另一个函数。",
    },
    references=["hendrycks2016"],
    latex=r"\operatorname{GELU}_{\tanh}",
)

silu = Activation(
    "silu", z / (1 + exp(-z)),
    limits=(0, oo),
    titles={"en": "SiLU (Swish)", "zh": "SiLU（Swish）"},
    summary={
        "en": "z times its sigmoid; smooth, with a minimum near z = -1.28.",
        "zh": "z 乘以它的 sigmoid 值；光滑，在 z = -1.28 附近取最小值。",
    },
    references=["elfwing2018", "ramachandran2017"],
    latex=r"\operatorname{SiLU}",
)  # fmt: skip

softplus = Activation(
    "softplus", log(1 + exp(z)),
    limits=(0, oo),
    titles={"en": "Softplus", "zh": "Softplus"},
    summary={
        "en": "A smooth ReLU whose slope is the sigmoid.",
        "zh": "光滑版 ReLU，其斜率就是 sigmoid。",
    },
    references=["dugas2001"],
)  # fmt: skip

mish = Activation(
    "mish", z * tanh(log(1 + exp(z))),
    limits=(0, oo),
    titles={"en": "Mish", "zh": "Mish"},
    summary={
        "en": "z times the hyperbolic tangent of its softplus.",
        "zh": "z 乘以其 softplus 的双曲正切。",
    },
    references=["misra2020"],
    latex=r"\operatorname{Mish}",
)  # fmt: skip

hard_sigmoid = Activation(
    "hard_sigmoid", Piecewise((0, z <= -3), (1, z >= 3), (z / 6 + Rational(1, 2), True)),
    kinks={
        -3: Kink(left=0, right=Rational(1, 6), returned=0),
        3: Kink(left=Rational(1, 6), right=0, returned=0),
    },
    limits=(0, 1),
    titles={"en": "Hard sigmoid", "zh": "硬 S 型函数"},
    summary={
        "en": "z/6 + 1/2 clipped to [0, 1]; exactly flat beyond 3.",
        "zh": "把 z/6 + 1/2 截断到 [0, 1]；|z| 超过 3 后完全平坦。",
    },
    references=["howard2019"],
    latex=r"\operatorname{hard}\sigma",
)  # fmt: skip

hard_tanh = Activation(
    "hard_tanh", Piecewise((-1, z <= -1), (1, z >= 1), (z, True)),
    kinks={-1: Kink(left=0, right=1, returned=0), 1: Kink(left=1, right=0, returned=0)},
    limits=(-1, 1),
    titles={"en": "Hard tanh", "zh": "硬双曲正切"},
    summary={
        "en": "z clipped to [-1, 1].",
        "zh": "把 z 截断到 [-1, 1]。",
    },
    references=["collobert2011"],
    latex=r"\operatorname{hard\,tanh}",
)  # fmt: skip

hard_swish = Activation(
    "hard_swish", Piecewise((0, z <= -3), (z, z >= 3), (z * (z + 3) / 6, True)),
    kinks={
        -3: Kink(left=0, right=-Rational(1, 2), returned=0),
        3: Kink(left=Rational(3, 2), right=1, returned=1),
    },
    limits=(0, oo),
    titles={"en": "Hard swish", "zh": "硬 Swish"},
    summary={
        "en": "z times its hard sigmoid.",
        "zh": "z 乘以它的硬 sigmoid 值。",
    },
    references=["howard2019"],
    latex=r"\operatorname{hard\,swish}",
)  # fmt: skip

relu6 = Activation(
    "relu6", Piecewise((0, z <= 0), (6, z >= 6), (z, True)),
    kinks={0: Kink(left=0, right=1, returned=0), 6: Kink(left=1, right=0, returned=0)},
    limits=(0, 6),
    titles={"en": "ReLU6", "zh": "ReLU6"},
    summary={
        "en": "ReLU capped at 6.",
        "zh": "上限为 6 的 ReLU。",
    },
    references=["sandler2018"],
    latex=r"\operatorname{ReLU6}",
)  # fmt: skip

softsign = Activation(
    "softsign", z / (1 + Abs(z)),
    kinks={0: Kink(left=2, right=-2, returned=-2, order=2)},
    limits=(-1, 1),
    titles={"en": "Softsign", "zh": "Softsign"},
    summary={
        "en": "Saturates like 1/|z|, much more slowly than tanh; its second derivative jumps at 0.",
        "zh": "以 1/|z| 的速度饱和，远慢于 tanh；二阶导数在 0 处跳变。",
    },
    references=["glorot2010"],
)  # fmt: skip

log_sigmoid = Activation(
    "log_sigmoid", log(1 / (1 + exp(-z))),
    limits=(-oo, 0),
    titles={"en": "Log-sigmoid", "zh": "对数 S 型函数"},
    summary={
        "en": "The logarithm of the sigmoid: the log-likelihood of the target 1 under a logit.",
        "zh": "sigmoid 的对数，即以该 logit 预测时，目标 1 的对数似然。",
    },
    references=["goodfellow2016"],
    latex=r"\log\sigma",
)  # fmt: skip
