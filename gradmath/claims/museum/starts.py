"""Rules for initial weights as they were printed: a width for a deviation, one rule for another."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import sympy as sp

from gradmath.catalogue.activations import selu_alpha, selu_scale
from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.evidence import Refutation, enclosure, identity
from gradmath.claims.grades import REFUTED
from gradmath.claims.relation import equal, less
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Positive
from gradmath.claims.values import Value

PAGE = "museum"
s, n, m = sp.symbols("s n_in n_out", positive=True)
u = sp.Symbol("u", real=True)


def variance(half_width: sp.Expr) -> sp.Expr:
    """The variance of the uniform distribution on [-half_width, half_width]: its integral."""
    return sp.integrate(u**2 / (2 * half_width), (u, -half_width, half_width))


@claim(
    "museum-half-width",
    page=PAGE,
    grade=REFUTED,
    titles={"en": "A deviation used as a half-width", "zh": "把标准差当成半宽"},
    statement_text={
        "en": "As written in code: weights drawn evenly between −s and s have the variance s². "
        "They have s²/3.",
        "zh": "代码原先的写法：在 −s 与 s 之间均匀抽取的权重，方差为 s²。实际是 s²/3。",
    },
    assumptions={"en": "s > 0.", "zh": "其中 s > 0。"},
)
def half_width() -> Case:
    statement = ForAll(
        {"statement": equal(variance(s), s**2)},
        {s: Positive},
        display=(r"\int_{-s}^{s} \frac{u^2}{2 s}\, \mathrm{d}u = s^2",),
        words="for all s > 0: the variance of U(-s, s) = s^2",
    )
    neighbours = [
        Mistake("a third of it", "应为其三分之一",
                statement.but(statement=equal(variance(s), s**2 / 3)), proof=[identity()]),
        Mistake("a half-width of √3 s gives the variance s²", "半宽取 √3 s 时方差为 s²",
                statement.but(statement=equal(variance(sp.sqrt(3) * s), s**2)),
                proof=[identity()]),
        Mistake("three times the half-width gives nine times the variance",
                "半宽变为三倍，方差变为九倍",
                statement.but(statement=equal(variance(3 * s), 9 * variance(s))),
                proof=[identity()]),
    ]  # fmt: skip
    return Case(statement, [Refutation({s: 1})], neighbours)


@claim(
    "museum-lecun-called-xavier",
    page=PAGE,
    grade=REFUTED,
    titles={"en": "LeCun's rule under Xavier's name", "zh": "LeCun 的规则写成 Xavier 的"},
    statement_text={
        "en": "As printed: the Xavier rule draws weights with the deviation √(1/n_in). That is "
        "LeCun's rule; Xavier's is √(2/(n_in + n_out)).",
        "zh": "原文：Xavier 规则的标准差为 √(1/n_in)。那是 LeCun 的规则；Xavier 规则是 "
        "√(2/(n_in + n_out))。",
    },
    assumptions={
        "en": "A layer with n_in inputs and n_out outputs.",
        "zh": "一层有 n_in 个输入、n_out 个输出。",
    },
    references=("glorot2010",),
)
def lecun_called_xavier() -> Case:
    lecun, xavier = sp.sqrt(1 / n), sp.sqrt(2 / (n + m))
    statement = ForAll({"statement": equal(xavier, lecun)}, {n: Positive, m: Positive})
    neighbours = [
        Mistake("the same for as many outputs as inputs", "输出与输入一样多时两者相同",
                statement.but(statement=equal(xavier.subs(m, n), lecun)), proof=[identity()]),
        Mistake("LeCun's rule keeps the variance on the way forward",
                "LeCun 规则在前向保持方差",
                statement.but(statement=equal(n * lecun**2, 1)), proof=[identity()]),
        Mistake("Xavier's is the compromise between forward and backward",
                "Xavier 规则是前向与反向之间的折中",
                statement.but(statement=equal(1 / xavier**2, (n + m) / 2)), proof=[identity()]),
    ]  # fmt: skip
    at = {n: 100, m: 300}
    return Case(statement, [Refutation(at)], neighbours)


GAIN, LAYERS = sp.Rational(3, 4), 20


def _below(t: sp.Expr) -> sp.Expr:
    """The probability that a standard normal number lies below -t."""
    return sp.erfc(t / sp.sqrt(2)) / 2


def second_moment(gain: sp.Expr) -> sp.Expr:
    """E selu(gain Z)^2 for a standard normal Z, by completing the square."""
    left = (
        sp.exp(2 * gain**2) * _below(2 * gain)
        - 2 * sp.exp(gain**2 / 2) * _below(gain)
        + sp.Rational(1, 2)
    )
    return selu_scale**2 * (gain**2 / 2 + selu_alpha**2 * left)


def mean(gain: sp.Expr) -> sp.Expr:
    """E selu(gain Z)."""
    left = sp.exp(gain**2 / 2) * _below(gain) - sp.Rational(1, 2)
    return selu_scale * (gain / sp.sqrt(2 * sp.pi) + selu_alpha * left)


def after_layers(gain: Fraction | float, layers: int) -> float:
    """The second moment after so many wide layers, each fed what the one before gives."""
    scale, alpha = float(selu_scale), float(selu_alpha)
    q = 1.0
    for _ in range(layers):
        g = float(gain) * math.sqrt(q)
        below = (math.erfc(k * g / math.sqrt(2)) / 2 for k in (2, 1))
        far, near = below
        left = math.exp(2 * g * g) * far - 2 * math.exp(g * g / 2) * near + 0.5
        q = scale**2 * (g * g / 2 + alpha**2 * left)
    return q


def _after_again(gain: float, layers: int) -> float:
    """The same with our own SELU and SciPy's quadrature in place of the closed form."""
    from scipy.integrate import quad

    from gradmath.functions import activations

    selu: Any = activations["selu"]

    def density(t: float, size: float) -> float:
        return float(selu(size * t)) ** 2 * math.exp(-t * t / 2) / math.sqrt(2 * math.pi)

    q = 1.0
    for _ in range(layers):
        size = gain * math.sqrt(q)
        ends = [(-30.0, 0.0), (0.0, 30.0)]
        q = sum(quad(density, *end, args=(size,), epsabs=1e-15, epsrel=1e-12)[0] for end in ends)
    return q


def _layers_to(reached: float) -> int:
    """How many layers with the gain 3/4 lead to this second moment."""
    return next((n for n in range(100) if abs(after_layers(0.75, n) / reached - 1) < 1e-9), -1)


@claim(
    "museum-selu-gain",
    page=PAGE,
    grade=REFUTED,
    titles={"en": "SELU with the gain 3/4", "zh": "SELU 配增益 3/4"},
    statement_text={
        "en": "What one would read into a gain: started with 3/4, a SELU layer gives unit second "
        "moment for unit input. It gives less; with the gain 1 it gives 1.",
        "zh": "从“增益”二字容易读出的意思：以 3/4 初始化，SELU 层把单位二阶矩变成单位二阶矩。"
        "实际上会变小；增益取 1 才得到 1。",
    },
    assumptions={
        "en": "A wide layer: its pre-activations are normal with mean 0 and the gain as deviation.",
        "zh": "层足够宽：预激活值服从均值为 0、标准差为增益的正态分布。",
    },
    references=("klambauer2017",),
)
def selu_gain() -> Case:
    statement = ForAll(
        {"statement": equal(second_moment(GAIN), 1)},
        display=(r"\mathbb E\,\operatorname{SELU}\left(\tfrac34 Z\right)^2 = 1",),
        words="E selu(3/4 Z)^2 = 1 for a standard normal Z",
    )
    tiny = sp.Rational(1, 10**15)
    neighbours = [
        Mistake("with the gain 1 it is 1 (to fifteen decimals)",
                "增益为 1 时等于 1（至十五位小数）",
                statement.but(statement=less(sp.Abs(second_moment(sp.S.One) - 1), tiny)),
                proof=[enclosure()]),
        Mistake("with 3/4 it is less than 1", "增益为 3/4 时小于 1",
                statement.but(statement=less(second_moment(GAIN), 1)), proof=[enclosure()]),
        Mistake("with 3/4 the mean leaves 0 as well", "增益为 3/4 时均值也偏离 0",
                statement.but(statement=less(mean(GAIN), 0)), proof=[enclosure()]),
    ]  # fmt: skip
    values: dict[str, Value] = {
        "once": Value(second_moment(GAIN), digits=3),
        "deep": Value(
            after_layers(0.75, LAYERS), digits=2, again=lambda: _after_again(0.75, LAYERS)
        ),
        "kept": Value(after_layers(1.0, LAYERS), digits=4),
        "layers": Value(LAYERS, again=lambda: _layers_to(values["deep"].value)),
    }
    return Case(statement, [Refutation()], neighbours, values)
