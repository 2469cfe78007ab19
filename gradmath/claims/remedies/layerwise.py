"""Tuning layer by layer: what forward outputs show, what they hide, and unit variance."""

from __future__ import annotations

import sympy as sp

from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.evidence import enclosure, identity
from gradmath.claims.grades import PROVED
from gradmath.claims.relation import equal, greater, less, unequal
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Reals, sigmoid, tanh, w, x
from gradmath.claims.values import Value

PAGE = "remedies"
HALF = sp.Rational(1, 2)
LAYERS = 20  # a depth to quote numbers for
SAMPLES, INPUTS = 3, 2


@claim(
    "outputs-hide-gradients",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Steady outputs, any gradient", "zh": "输出平稳，梯度未必"},
    statement_text={
        "en": "A sigmoid neuron with weight w and bias −w/2 answers the input 1/2 with exactly "
        "1/2, whatever w is, and its derivative there is w/4. So in a chain of such neurons "
        "every output stays at 1/2, while the gradient is multiplied by w/4 a layer: for w = 2 "
        "it halves, for w = 8 it doubles.",
        "zh": "权重为 w、偏置为 −w/2 的 sigmoid 神经元，无论 w 取何值，输入 1/2 时恰好输出 1/2，"
        "而那里的导数为 w/4。因此在由这种神经元组成的链中，每层输出始终是 1/2，"
        "梯度却每层乘以 w/4：w = 2 时逐层减半，w = 8 时逐层加倍。",
    },
    assumptions={
        "en": "w is real. The statement about a chain follows by repeating that about one layer; "
        "a chain of two layers is proved as well.",
        "zh": "w 为实数。关于整条链的结论由单层结论逐层重复得到；另外也直接证明了两层的情形。",
    },
)
def outputs_hide_gradients() -> Case:
    def layer(a: sp.Expr, weight: sp.Expr) -> sp.Expr:
        return sigmoid(weight * a - weight / 2)

    def factor(weight: int) -> sp.Expr:
        return layer(x, sp.Integer(weight)).diff(x).subs(x, HALF)

    one, two = layer(x, w), layer(layer(x, w), w)
    statement = ForAll(
        {
            "output": equal(one.subs(x, HALF), HALF),
            "factor": equal(one.diff(x).subs(x, HALF), w / 4),
            "output of two layers": equal(two.subs(x, HALF), HALF),
            "factor of two layers": equal(two.diff(x).subs(x, HALF), w**2 / 16),
            "w = 2 shrinks": less(factor(2), 1),
            "w = 8 grows": greater(factor(8), 1),
        },
        {w: Reals},
        display=(
            r"a_k = \sigma\!\left(w\,a_{k-1} - \tfrac w2\right),\quad a_0 = \tfrac12:",
            r"a_k = \tfrac12, \qquad \frac{\partial a_k}{\partial a_{k-1}} = \frac w4",
        ),
        words="a[k] = sigmoid(w a[k-1] - w/2), a[0] = 1/2: every a[k] = 1/2, and "
        "da[k]/da[k-1] = w/4",
    )
    evidence = [
        identity("output", "factor", "output of two layers", "factor of two layers"),
        enclosure("w = 2 shrinks", "w = 8 grows"),
    ]
    half_bias = sigmoid(w * x - HALF)
    tanh_layer = tanh(w * x - w / 2)
    mistakes = [
        Mistake("the bias −1/2 in place of −w/2", "偏置写成 −1/2 而不是 −w/2",
                statement.but(output=equal(half_bias.subs(x, HALF), HALF))),
        Mistake("tanh in place of the sigmoid", "把 sigmoid 换成 tanh",
                statement.but(output=equal(tanh_layer.subs(x, HALF), HALF),
                              factor=equal(tanh_layer.diff(x).subs(x, HALF), w / 4))),
        Mistake("the weight lost from the factor", "每层的因子漏掉权重",
                statement.but(factor=equal(one.diff(x).subs(x, HALF), sp.Rational(1, 4)))),
        Mistake("factors added in place of multiplied", "把各层因子相加而不是相乘",
                statement.but(**{"factor of two layers": equal(
                    two.diff(x).subs(x, HALF), w / 2)})),
        Mistake("outputs shrink as the gradient does", "以为输出也随梯度一起缩小",
                statement.but(**{"output of two layers": equal(two.subs(x, HALF), w / 8)})),
        Mistake("the two weights taken for each other", "两个权重弄反",
                statement.but(**{"w = 2 shrinks": less(factor(8), 1),
                                 "w = 8 grows": greater(factor(2), 1)})),
    ]  # fmt: skip
    values = {
        "layers": Value(LAYERS),
        "shrunk": Value(factor(2) ** LAYERS, digits=2),
        "grown": Value(factor(8) ** LAYERS, digits=3),
    }
    return Case(statement, evidence, mistakes, values)


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
            r"z_i = \sum_k w_k\,x_{ik}, \quad \operatorname{Var} z = \frac1n \sum_i (z_i - \bar "
            r"z)^2:",
            r"\operatorname{Var}\left(\frac zs\right) = \frac{\operatorname{Var} z}{s^2}, \qquad"
            r" s = \sqrt{\operatorname{Var} z} \;\Rightarrow\; \operatorname{Var}\left(\frac "
            r"zs\right)"
            r" = 1",
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
