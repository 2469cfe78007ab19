"""Functions as they were printed: a fraction lost, a parameter ignored, max and min exchanged."""

from __future__ import annotations

import sympy as sp

from gradmath.catalogue import activations
from gradmath.catalogue.applied import applied
from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.evidence import Refutation, certificate, identity
from gradmath.claims.grades import REFUTED
from gradmath.claims.relation import equal, greater
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Positive, Reals, sigmoid, x, z

PAGE = "museum"
elu = applied(activations["elu"])
leaky = applied(activations["leaky_relu"])
SLOPE = sp.Rational(1, 100)


@claim(
    "museum-sigmoid-without-fraction",
    page=PAGE,
    grade=REFUTED,
    titles={"en": "A sigmoid without its fraction", "zh": "sigmoid 丢了分数线"},
    statement_text={
        "en": "As printed: the sigmoid is 1 + exp(−x). It is one over that.",
        "zh": "原文：sigmoid 函数是 1 + exp(−x)。应当是它的倒数。",
    },
    assumptions={"en": "x is real.", "zh": "x 为实数。"},
)
def sigmoid_without_fraction() -> Case:
    printed = 1 + sp.exp(-x)
    statement = ForAll({"statement": equal(sigmoid(x), printed)}, {x: Reals})
    neighbours = [
        Mistake("one over what was printed", "取倒数",
                statement.but(statement=equal(sigmoid(x), 1 / printed)), proof=[identity()]),
        Mistake("the two multiply to 1", "两者之积为 1",
                statement.but(statement=equal(printed * sigmoid(x), 1)), proof=[identity()]),
        Mistake("what was printed lies above 1, where the sigmoid never is",
                "原式恒大于 1，而 sigmoid 恒小于 1",
                statement.but(statement=greater(printed, 1)),
                proof=[certificate(statement=sp.exp(-x))]),
    ]  # fmt: skip
    return Case(statement, [Refutation({x: 0})], neighbours)


@claim(
    "museum-elu-without-alpha",
    page=PAGE,
    grade=REFUTED,
    titles={"en": "An ELU that ignores its α", "zh": "忽略 α 的 ELU"},
    statement_text={
        "en": "As printed: an ELU with the parameter α is exp(z) − 1 on the left, whatever α is. "
        "It is α (exp(z) − 1).",
        "zh": "原文：带参数 α 的 ELU 在左侧取 exp(z) − 1，与 α 无关。应当是 α (exp(z) − 1)。",
    },
    assumptions={"en": "z is real, α > 0.", "zh": "z 为实数，α > 0。"},
    references=("clevert2016",),
)
def elu_without_alpha() -> Case:
    alpha = sp.Symbol("alpha", positive=True)
    left = sp.Symbol("z", nonpositive=True)
    printed = sp.Piecewise((z, z > 0), (sp.exp(z) - 1, True))
    both = {z: Reals, alpha: Positive}
    statement = ForAll({"statement": equal(elu(z, alpha), printed)}, both)
    neighbours = [
        Mistake("with α on the left", "左侧补上 α",
                statement.but(statement=equal(
                    elu(z, alpha), sp.Piecewise((z, z > 0), (alpha * (sp.exp(z) - 1), True)))),
                proof=[identity()]),
        Mistake("right for α = 1", "α = 1 时正确",
                statement.but(statement=equal(elu(z, 1), printed)), proof=[identity()]),
        Mistake("on the left the ELU is α times what was printed", "左侧的 ELU 是原式的 α 倍",
                ForAll({"statement": equal(elu(left, alpha), alpha * (sp.exp(left) - 1))},
                       {left: sp.Interval(-sp.oo, 0), alpha: Positive}), proof=[identity()]),
    ]  # fmt: skip
    return Case(statement, [Refutation({z: -1, alpha: 2})], neighbours)


@claim(
    "museum-leaky-relu-as-min",
    page=PAGE,
    grade=REFUTED,
    titles={"en": "A leaky ReLU with min for max", "zh": "带泄漏的 ReLU 把 max 写成 min"},
    statement_text={
        "en": "As printed, by our notes: the leaky ReLU is the smaller of 0.01 z and z. It is the "
        "larger.",
        "zh": "原文（据我们的记录）：带泄漏的 ReLU 取 0.01 z 与 z 中较小者。应取较大者。",
    },
    assumptions={"en": "z is real.", "zh": "z 为实数。"},
)
def leaky_relu_as_min() -> Case:
    printed = sp.Piecewise((SLOPE * z, z > 0), (z, True))
    right = sp.Piecewise((z, z > 0), (SLOPE * z, True))
    statement = ForAll(
        {"statement": equal(leaky(z, SLOPE), printed)},
        {z: Reals},
        display=(r"\operatorname{LeakyReLU}(z) = \min\left(\tfrac{z}{100}, z\right)",),
        words="for all real z: leaky_relu(z, 1/100) = min(z/100, z)",
    )
    neighbours = [
        Mistake("max for min", "min 改为 max",
                statement.but(statement=equal(leaky(z, SLOPE), right)), proof=[identity()]),
        Mistake("min is the leaky ReLU turned through half a circle", "min 是它绕原点转半圈",
                statement.but(statement=equal(
                    -sp.Piecewise((-z, -z > 0), (-SLOPE * z, True)), printed)),
                proof=[identity()]),
        Mistake("the two add up to 1.01 z", "两者之和为 1.01 z",
                statement.but(statement=equal(printed + leaky(z, SLOPE), (1 + SLOPE) * z)),
                proof=[identity()]),
    ]  # fmt: skip
    return Case(statement, [Refutation({z: 1})], neighbours)
