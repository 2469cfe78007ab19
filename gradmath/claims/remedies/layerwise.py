"""Tuning layer by layer: unit variance."""

from __future__ import annotations

import sympy as sp

from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.evidence import identity
from gradmath.claims.grades import PROVED
from gradmath.claims.relation import equal, unequal
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Reals

PAGE = "remedies"
SAMPLES, INPUTS = 3, 2


def _preactivations(scale: sp.Expr) -> tuple[list[sp.Expr], list[sp.Symbol]]:
    """The pre-activations of one unit over the batch, its weights divided by `scale`."""
    weights = list(sp.symbols(f"w1:{INPUTS + 1}", real=True))
    inputs = [list(sp.symbols(f"x{i}_1:{INPUTS + 1}", real=True)) for i in range(1, SAMPLES + 1)]
    made = [
        sp.Add(*(weight / scale * entry for weight, entry in zip(weights, row, strict=True)))
        for row in inputs
    ]
    return made, [*weights, *(entry for row in inputs for entry in row)]


def _variance(numbers: list[sp.Expr], *, centred: bool = True) -> sp.Expr:
    count = len(numbers)
    mean = sp.Add(*numbers) / count if centred else sp.S.Zero
    return sp.Add(*((number - mean) ** 2 for number in numbers)) / count


@claim(
    "lsuv-unit-variance",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Unit variance, layer by layer", "zh": "逐层把方差调成 1"},
    statement_text={
        "en": "Divide the weights of a unit by the standard deviation of its pre-activations over "
        "a batch, and on that batch their variance is exactly 1. Dividing by any other positive "
        "number s divides the variance by s².",
        "zh": "把一个单元的权重除以它在一个批次上预激活值的标准差，则在该批次上预激活值的方差恰"
        "为 1。若改除以另一个正数 s，则方差被除以 s²。",
    },
    assumptions={
        "en": "Proved for a batch of three samples and two inputs; the standard deviation is not "
        "0, and the bias is 0 (any other would only shift all samples alike). Nothing is said "
        "of the gradient, nor of another batch. Written for one unit; the published method does "
        "the same to a whole layer with one common number.",
        "zh": "对三个样本、两个输入的批次证明；标准差不为 0，偏置取 0（其他偏置只是使所有样本同样"
        "平移）。结论不涉及梯度，也不涉及别的批次。此处只写一个单元；原方法对整层使用同一个数。",
    },
    references=("mishkin2016",),
)
def lsuv_unit_variance() -> Case:
    s = sp.Symbol("s", positive=True)
    raw, symbols = _preactivations(sp.S.One)
    variance = _variance(raw)
    deviation = sp.sqrt(variance)
    tuned, divided = (_variance(_preactivations(by)[0]) for by in (deviation, s))
    statement = ForAll(
        {"tuned": equal(tuned, 1), "divided": equal(divided, variance / s**2)},
        {**dict.fromkeys(symbols, Reals), s: sp.Interval.open(0, sp.oo)},
        given=(unequal(variance, 0),),
        display=(
            r"z_i = \sum_k w_k\,x_{ik},",
            r"\operatorname{Var} z = \frac1n \sum_i (z_i - \bar z)^2:",
            r"\operatorname{Var}\left(\frac zs\right) = \frac{\operatorname{Var} z}{s^2},",
            r"s = \sqrt{\operatorname{Var} z} \;\Rightarrow\;"
            r" \operatorname{Var}\left(\frac zs\right) = 1",
        ),
        words="Var(z/s) = Var(z)/s^2, so Var(z/s) = 1 for s = sqrt(Var z)",
    )
    by_variance = _variance(_preactivations(variance)[0])
    about_zero = _variance(_preactivations(sp.sqrt(_variance(raw, centred=False)))[0])
    unbiased = _variance(_preactivations(deviation * sp.sqrt(sp.Rational(SAMPLES, SAMPLES - 1)))[0])
    mistakes = [
        Mistake("divided by the variance in place of its root", "除以方差而不是标准差",
                statement.but(tuned=equal(by_variance, 1))),
        Mistake("divided by the root mean square about 0", "除以关于 0 的均方根",
                statement.but(tuned=equal(about_zero, 1))),
        Mistake("the deviation with n − 1 against the variance with n",
                "标准差用 n − 1、方差用 n",
                statement.but(tuned=equal(unbiased, 1))),
        Mistake("s in place of its square", "把 s² 写成 s",
                statement.but(divided=equal(divided, variance / s))),
        Mistake("multiplied in place of divided", "把除写成乘",
                statement.but(divided=equal(divided, variance * s**2))),
    ]  # fmt: skip
    return Case(statement, [identity()], mistakes)
