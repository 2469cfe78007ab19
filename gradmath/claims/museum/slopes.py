"""Derivatives as they were printed: a slope without a factor, a penalty without its weight."""

from __future__ import annotations

import sympy as sp

from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.evidence import Refutation, certificate, identity
from gradmath.claims.grades import REFUTED
from gradmath.claims.museum.caught import caught
from gradmath.claims.relation import at_most, equal, greater, less, partial
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Positive, Reals, sigmoid, w, z

PAGE = "museum"
lam = sp.Symbol("lam", positive=True)


@claim(
    "museum-sigmoid-slope",
    page=PAGE,
    grade=REFUTED,
    titles={"en": "The slope 1 − a", "zh": "导数写成 1 − a"},
    statement_text={
        "en": "As printed: the derivative of the activation a = σ(z) is 1 − a. It is a (1 − a).",
        "zh": "原文：激活值 a = σ(z) 的导数是 1 − a。正确的是 a (1 − a)。",
    },
    assumptions={"en": "z is real.", "zh": "z 为实数。"},
)
def sigmoid_slope() -> Case:
    s = sigmoid(z)
    statement = ForAll({"statement": equal(partial(s, z), 1 - s)}, {z: Reals})
    neighbours = [
        Mistake("the right slope", "正确的导数",
                statement.but(statement=equal(partial(s, z), s * (1 - s))), proof=[identity()]),
        Mistake("1 − a belongs to the logarithm of a", "1 − a 是 log a 的导数",
                statement.but(statement=equal(partial(sp.log(s), z), 1 - s)), proof=[identity()]),
        Mistake("1 − a is an upper bound", "1 − a 只是上界",
                statement.but(statement=at_most(s.diff(z), 1 - s)),
                proof=[certificate(statement=(1 - s) ** 2)]),
    ]  # fmt: skip
    return Case(statement, [Refutation({z: 0}), caught()], neighbours)


@claim(
    "museum-l2-without-weight",
    page=PAGE,
    grade=REFUTED,
    titles={"en": "A penalty's gradient without the weight", "zh": "正则项的梯度里没有权重"},
    statement_text={
        "en": "As printed: the L2 penalty adds λ to the gradient of a weight. It adds λ w.",
        "zh": "原文：L2 正则项给权重的梯度加上 λ。应当加上 λ w。",
    },
    assumptions={
        "en": "The penalty is λ/2 times the square of the weight, λ > 0.",
        "zh": "正则项为权重平方的 λ/2 倍，λ > 0。",
    },
)
def l2_without_weight() -> Case:
    penalty = lam * w**2 / 2
    statement = ForAll({"statement": equal(partial(penalty, w), lam)}, {w: Reals, lam: Positive})
    size = sp.Symbol("w", positive=True)
    neighbours = [
        Mistake("with the weight", "补上权重",
                statement.but(statement=equal(partial(penalty, w), lam * w)), proof=[identity()]),
        Mistake("λ is the gradient of an L1 penalty, for a positive weight",
                "权重为正时，λ 是 L1 正则项的梯度",
                ForAll({"statement": equal(partial(lam * sp.Abs(size), size), lam)},
                       {size: Positive, lam: Positive}), proof=[identity()]),
        Mistake("λ is the curvature of the L2 penalty", "λ 是 L2 正则项的二阶导数",
                statement.but(statement=equal(partial(penalty, w, w), lam)), proof=[identity()]),
    ]  # fmt: skip
    return Case(statement, [Refutation({w: 0, lam: 1}), caught()], neighbours)


DEPTH = 10


@claim(
    "museum-below-identity",
    page=PAGE,
    grade=REFUTED,
    titles={"en": "Small weights that explode", "zh": "权重小于单位阵也会爆炸"},
    statement_text={
        "en": "As printed: when every layer's weight is below the identity, things explode. With "
        "one weight between 0 and 1 in each of ten linear layers, the signal shrinks.",
        "zh": "原文：各层权重小于单位阵时会爆炸。取十个线性层，每层权重在 0 与 1 之间，"
        "信号是在缩小。",
    },
    assumptions={
        "en": "Ten linear layers with the same weight w, 0 < w < 1, and an input y > 0.",
        "zh": "十个线性层，权重同为 w，0 < w < 1，输入 y > 0。",
    },
)
def below_identity() -> Case:
    weight, signal = sp.symbols("w y", positive=True)
    small = {weight: sp.Interval.open(0, 1), signal: Positive}
    large = {weight: sp.Interval.open(1, sp.oo), signal: Positive}
    out = weight**DEPTH * signal
    ladder = sp.Add(*(weight**k for k in range(DEPTH)))
    statement = ForAll({"statement": greater(out, signal)}, small)
    neighbours = [
        Mistake("below the identity the signal vanishes", "小于单位阵时信号消失",
                statement.but(statement=less(out, signal)),
                proof=[certificate(statement=signal * (1 - weight) * ladder)]),
        Mistake("above the identity it explodes", "大于单位阵时信号爆炸",
                ForAll({"statement": greater(out, signal)}, large),
                proof=[certificate(statement=signal * (weight - 1) * ladder)]),
        Mistake("and so does its derivative by the input", "对输入的导数也同样消失",
                statement.but(statement=less(out.diff(signal), 1)),
                proof=[certificate(statement=(1 - weight) * ladder)]),
    ]  # fmt: skip
    at = {weight: sp.Rational(1, 2), signal: 1}
    return Case(statement, [Refutation(at)], neighbours)
