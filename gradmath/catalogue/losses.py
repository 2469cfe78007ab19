"""The losses: one declaration each.  Squared error has no 1/2; cross-entropies take logits."""

from __future__ import annotations

from sympy import Abs, IndexedBase, Piecewise, Sum, Symbol, exp, log

from gradmath.catalogue.declaration import Kink, Parameter
from gradmath.catalogue.entries import Loss, VectorLoss

p = Symbol("prediction", real=True)
y = Symbol("target", real=True)
delta = Symbol("delta", positive=True)
logits, targets = IndexedBase("prediction", real=True), IndexedBase("target", real=True)
j, k = Symbol("j", integer=True), Symbol("k", integer=True)
K = Symbol("K", integer=True, positive=True)

squared_error = Loss(
    "squared_error", (p - y) ** 2,
    titles={"en": "Squared error", "zh": "平方误差"},
    summary={
        "en": "The square of the residual, without a factor 1/2.",
        "zh": "残差的平方，不带 1/2 因子。",
    },
    references=["goodfellow2016"],
)  # fmt: skip

absolute_error = Loss(
    "absolute_error", Abs(p - y),
    kinks={y: Kink(left=-1, right=1, returned=0)},
    titles={"en": "Absolute error", "zh": "绝对误差"},
    summary={
        "en": "The modulus of the residual; its slope is the residual's sign, 0 at 0.",
        "zh": "残差的绝对值；斜率是残差的符号，在 0 处取 0。",
    },
    references=["huber1964"],
)  # fmt: skip

huber = Loss(
    "huber",
    Piecewise(((p - y) ** 2 / 2, Abs(p - y) <= delta), (delta * (Abs(p - y) - delta / 2), True)),
    parameters={delta: Parameter(1, positive=True)},
    kinks={
        y - delta: Kink(left=0, right=1, returned=1, order=2),
        y + delta: Kink(left=1, right=0, returned=0, order=2),
    },
    titles={"en": "Huber loss", "zh": "Huber 损失"},
    summary={
        "en": "Half the squared residual up to delta, linear beyond.",
        "zh": "残差不超过 delta 时为平方的一半，超过后为线性。",
    },
    references=["huber1964"],
)

binary_cross_entropy = Loss(
    "binary_cross_entropy",
    -y * log(1 / (1 + exp(-p))) - (1 - y) * log(1 / (1 + exp(p))),
    takes_logits=True,
    titles={"en": "Binary cross-entropy", "zh": "二元交叉熵"},
    summary={
        "en": "Negative log-likelihood of a target in [0, 1] under the sigmoid of the logit.",
        "zh": "以 logit 的 sigmoid 为概率时，目标（取值于 [0, 1]）的负对数似然。",
    },
    references=["goodfellow2016"],
)

softmax_cross_entropy = VectorLoss(
    "softmax_cross_entropy",
    -Sum(targets[j] * log(exp(logits[j]) / Sum(exp(logits[k]), (k, 1, K))), (j, 1, K)),
    predictions=logits, targets=targets, count=K, takes_logits=True,
    titles={"en": "Softmax cross-entropy", "zh": "Softmax 交叉熵"},
    summary={
        "en": "Negative log-likelihood of a class under the softmax of K logits; "
        "targets are a class or probabilities that sum to 1.",
        "zh": "以 K 个 logit 的 softmax 为概率时类别的负对数似然；目标为类别，或总和为 1 的概率。",
    },
    references=["bridle1990", "goodfellow2016"],
)  # fmt: skip
