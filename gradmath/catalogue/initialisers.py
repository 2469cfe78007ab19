"""Initialisers of weight matrices: the declared variance of one entry, and its distribution.

`xavier`, `he` and `lecun` alone name the distribution that the cited work used.
"""

from __future__ import annotations

from sympy import Integer, Max, Symbol

from gradmath.catalogue.entries import Initialiser

fan_in = Symbol("fan_in", positive=True, integer=True)
fan_out = Symbol("fan_out", positive=True, integer=True)
gain = Symbol("gain", positive=True)

xavier_uniform = Initialiser(
    "xavier_uniform", 2 * gain**2 / (fan_in + fan_out),
    distribution="uniform", aliases=("xavier", "glorot", "glorot_uniform"),
    titles={"en": "Xavier (Glorot), uniform", "zh": "Xavier（Glorot）均匀分布"},
    summary={
        "en": "A compromise between keeping the variance forward and backward.",
        "zh": "在保持前向方差与保持反向方差之间折中。",
    },
    references=["glorot2010"],
)  # fmt: skip

xavier_normal = Initialiser(
    "xavier_normal", 2 * gain**2 / (fan_in + fan_out),
    distribution="normal", aliases=("glorot_normal",),
    titles={"en": "Xavier (Glorot), normal", "zh": "Xavier（Glorot）正态分布"},
    summary={
        "en": "A compromise between keeping the variance forward and backward.",
        "zh": "在保持前向方差与保持反向方差之间折中。",
    },
    references=["glorot2010"],
)  # fmt: skip

he_normal = Initialiser(
    "he_normal", 2 * gain**2 / fan_in,
    distribution="normal", aliases=("he", "kaiming", "kaiming_normal"),
    titles={"en": "He (Kaiming), normal", "zh": "He（Kaiming）正态分布"},
    summary={
        "en": "Keeps the second moment through ReLU layers: E relu(Z)^2 = 1/2 for Z from N(0, 1).",
        "zh": "使二阶矩在 ReLU 层间保持不变：当 Z 服从 N(0, 1) 时，E relu(Z)^2 = 1/2。",
    },
    references=["he2015"],
)  # fmt: skip

he_uniform = Initialiser(
    "he_uniform", 2 * gain**2 / fan_in,
    distribution="uniform", aliases=("kaiming_uniform",),
    titles={"en": "He (Kaiming), uniform", "zh": "He（Kaiming）均匀分布"},
    summary={
        "en": "Keeps the second moment through ReLU layers: E relu(Z)^2 = 1/2 for Z from N(0, 1).",
        "zh": "使二阶矩在 ReLU 层间保持不变：当 Z 服从 N(0, 1) 时，E relu(Z)^2 = 1/2。",
    },
    references=["he2015"],
)  # fmt: skip

lecun_normal = Initialiser(
    "lecun_normal", gain**2 / fan_in,
    distribution="normal", aliases=("lecun",),
    titles={"en": "LeCun, normal", "zh": "LeCun 正态分布"},
    summary={
        "en": "Keeps the variance forward through a linear layer.",
        "zh": "使方差在线性层的前向传播中保持不变。",
    },
    references=["lecun1998"],
)  # fmt: skip

lecun_uniform = Initialiser(
    "lecun_uniform", gain**2 / fan_in,
    distribution="uniform",
    titles={"en": "LeCun, uniform", "zh": "LeCun 均匀分布"},
    summary={
        "en": "Keeps the variance forward through a linear layer.",
        "zh": "使方差在线性层的前向传播中保持不变。",
    },
    references=["lecun1998"],
)  # fmt: skip

orthogonal = Initialiser(
    "orthogonal", gain**2 / Max(fan_in, fan_out),
    distribution="orthogonal",
    titles={"en": "Orthogonal", "zh": "正交"},
    summary={
        "en": "gain times a random matrix with orthonormal rows or columns.",
        "zh": "gain 乘以一个行或列标准正交的随机矩阵。",
    },
    references=["saxe2014"],
)  # fmt: skip

zeros = Initialiser(
    "zeros", Integer(0),
    distribution="zeros",
    titles={"en": "Zeros", "zh": "全零"},
    summary={
        "en": "Every entry 0: right for biases, and for weights a symmetry that never breaks.",
        "zh": "所有分量为 0：适合偏置；用于权重时，对称性永远不会被打破。",
    },
    references=["goodfellow2016"],
)  # fmt: skip
