"""What the source says on words and signs: slips of the pen."""

from __future__ import annotations

from gradmath.claims.errata.erratum import CORRECTED, Erratum

ROWS: tuple[Erratum, ...] = (
    Erratum(
        CORRECTED,
        {
            "en": "What comes out of the linear unit is a pre-activation, and what comes out of "
            "the neuron an activation; parameters are its weight and bias.",
            "zh": "线性单元输出的是预激活值，神经元输出的是激活值；参数指的是权重与偏置。",
        },
        {
            "en": "The values that come out are called output parameters, and output weights.",
            "zh": "把输出的值称作“输出参数”“输出的权重”。",
        },
        slip=True,
    ),
    Erratum(
        CORRECTED,
        {
            "en": "The neuron is the composition $\\sigma(f(x))$.",
            "zh": "神经元是复合函数 $\\sigma(f(x))$。",
        },
        {
            "en": "$\\sigma f(x)$, which reads as a product, and $\\sigma(w, x, b)$, although "
            "$\\sigma$ takes one argument.",
            "zh": "写成 $\\sigma f(x)$，看上去像乘积；又写成 $\\sigma(w, x, b)$，"
            "而 $\\sigma$ 只有一个自变量。",
        },
        ("composition-not-product",),
        slip=True,
    ),
    Erratum(
        CORRECTED,
        {
            "en": "$b$ is the intercept: it moves the line up or down. A phase belongs to a wave.",
            "zh": "$b$ 是截距，使直线上下平移。“相位”是波的概念。",
        },
        {
            "en": "$b$ adjusts the phase of the function.",
            "zh": "$b$ 调节函数的相位。",
        },
        ("linear-quadrants",),
        slip=True,
    ),
    Erratum(
        CORRECTED,
        {
            "en": "$(a - y)^2$ is a squared error. A variance is the mean squared distance from a "
            "mean.",
            "zh": "$(a - y)^2$ 是平方误差。方差则是各值与均值之差的平方的平均。",
        },
        {
            "en": "The squared error is called a variance.",
            "zh": "把平方误差称作“方差”。",
        },
        slip=True,
    ),
    Erratum(
        CORRECTED,
        {
            "en": "A matrix stands in brackets; bars make it a determinant, which is one number.",
            "zh": "矩阵用方括号；用竖线则表示行列式，那是一个数。",
        },
        {
            "en": "The matrices of losses and of derivatives stand between vertical bars.",
            "zh": "损失矩阵与梯度矩阵写在竖线之间。",
        },
        slip=True,
    ),
    Erratum(
        CORRECTED,
        {
            "en": "$y$ is the target and $z$ the pre-activation.",
            "zh": "$y$ 表示目标，$z$ 表示预激活值。",
        },
        {
            "en": "The letter $y$ stands for both, in one and the same chain of derivatives.",
            "zh": "同一条求导链中，字母 $y$ 兼指两者。",
        },
        slip=True,
    ),
    Erratum(
        CORRECTED,
        {
            "en": "The bias belongs to every formula, or its absence is said again where it "
            "counts.",
            "zh": "每个公式都应带上偏置；若略去，应在用到之处再次说明。",
        },
        {
            "en": "$b$ is in the loss at first and missing from its derivative. (It was set to 0 "
            "once, on the way.)",
            "zh": "损失函数中原有 $b$，求导后不见了。（文中曾一度设其为 0。）",
        },
        ("chain-product",),
        slip=True,
    ),
)
