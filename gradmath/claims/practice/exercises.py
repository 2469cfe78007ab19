"""Answers to the exercises of the page, each checked as a claim."""

from __future__ import annotations

from typing import Any

import sympy as sp

from gradmath.catalogue.applied import explicit
from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.computed import Computed, Quantity
from gradmath.claims.evidence import identity, points
from gradmath.claims.exercise import Answer, Kind
from gradmath.claims.grades import CHECKED, PROVED
from gradmath.claims.measured import Runs
from gradmath.claims.practice.runs import PAGE, pair
from gradmath.claims.relation import equal
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import sigmoid
from gradmath.claims.values import Value

HALF = sp.Rational(1, 2)


def _chain(weights: list[sp.Symbol], biases: list[sp.Symbol], x: sp.Expr) -> sp.Expr:
    for w, b in zip(weights, biases, strict=True):
        x = sigmoid(w * x + b)
    return x


@claim(
    "exercise-practice-hand",
    page=PAGE,
    grade=PROVED,
    titles={
        "en": "Exercise: the update-to-weight ratio by hand",
        "zh": "练习：手算更新与权重之比",
    },
    statement_text={
        "en": "Two sigmoid neurons with w = 2 and b = −1 each, x = 1/2, y = 1: with η = 1/10 the "
        "update of the last weight is 1/160 of it, that of the first half as much, and the signal "
        "shrinks by a half on its way from the last neuron to the first.",
        "zh": "两个 sigmoid 神经元，w = 2，b = −1，x = 1/2，y = 1：取 η = 1/10，最后一个权重的"
        "更新是它自身的 1/160，第一个权重的是它的一半；信号从末层传到首层缩为一半。",
    },
    assumptions={"en": "One sample, squared error.", "zh": "单个样本，平方误差。"},
)  # fmt: skip
def exercise_practice_hand() -> Case:
    w1, w2, b1, b2 = sp.symbols("w1 w2 b1 b2", real=True)
    x, y, eta = HALF, sp.Integer(1), sp.Rational(1, 10)
    at = {w1: 2, w2: 2, b1: -1, b2: -1}
    loss = (_chain([w1, w2], [b1, b2], x) - y) ** 2
    # dl/db_k is dl/dz_k
    gradient = {s: loss.diff(s).subs(at) for s in (w1, w2, b1, b2)}
    ratio = {s: eta * sp.Abs(gradient[s]) / 2 for s in (w1, w2)}
    stated = sp.Rational(1, 160)
    statement = ForAll(
        {
            "last ratio": equal(ratio[w2], stated),
            "first ratio": equal(ratio[w1], stated / 2),
            "signal": equal(gradient[b1] / gradient[b2], HALF),
        },
        display=(
            r"w_1 = w_2 = 2,\; b_1 = b_2 = -1,\; x = \tfrac12,\; y = 1,\; \eta = \tfrac1{10}:",
            r"\frac{\eta\,|\partial l/\partial w_2|}{|w_2|} = \tfrac1{160}, \quad"
            r" \frac{\eta\,|\partial l/\partial w_1|}{|w_1|} = \tfrac1{320}, \quad"
            r" \frac{\delta_1}{\delta_2} = \tfrac12",
        ),
        words="eta |dl/dw2| / |w2| = 1/160; eta |dl/dw1| / |w1| = 1/320; delta1/delta2 = 1/2",
    )
    mistakes = [
        Mistake("the weight not divided by", "忘了除以权重",
                statement.but(**{"last ratio": equal(ratio[w2], stated * 2)})),
        Mistake("both layers alike", "以为两层相同",
                statement.but(**{"first ratio": equal(ratio[w1], stated)})),
        Mistake("the factor of a layer taken for 1/4", "以为每层的因子是 1/4",
                statement.but(signal=equal(gradient[b1] / gradient[b2], HALF / 2))),
        Mistake("a loss with 1/2", "损失多乘了 1/2",
                statement.but(**{"last ratio": equal(ratio[w2], stated / 2)})),
    ]  # fmt: skip
    values = {
        "last": Value(stated),
        "first": Value(stated / 2),
        "g2": Value(explicit(gradient[w2]), again=-sp.Rational(1, 8)),
        "g1": Value(explicit(gradient[w1]), again=-sp.Rational(1, 16)),
        "factor": Value(HALF),
    }
    answer = Answer(
        Kind.BY_HAND,
        en="Both pre-activations are 0, both activations $1/2$ and both slopes $1/4$. So "
        "$\\delta_2 = 2 \\cdot (-1/2) \\cdot 1/4 = -1/4$ and $\\partial l/\\partial w_2 = "
        "\\delta_2 \\cdot 1/2 = {$g2}$; one layer down $\\delta_1 = \\delta_2 \\cdot 2 \\cdot "
        "1/4 = -1/8$ and $\\partial l/\\partial w_1 = {$g1}$. The ratios are $\\eta \\cdot 1/8 : "
        "2 = {$last}$ and $\\eta \\cdot 1/16 : 2 = {$first}$: with the usual thousandth in "
        "mind, neither is alarming. The signal shrinks by ${$factor}$ a layer, which two layers "
        "bear and twenty do not.",
        zh="两个预激活值都是 0，两个激活值都是 $1/2$，两处斜率都是 $1/4$。于是 $\\delta_2 = 2 "
        "\\cdot (-1/2) \\cdot 1/4 = -1/4$，$\\partial l/\\partial w_2 = \\delta_2 \\cdot 1/2 = "
        "{$g2}$；再往下一层，$\\delta_1 = \\delta_2 \\cdot 2 \\cdot 1/4 = -1/8$，$\\partial "
        "l/\\partial w_1 = {$g1}$。两个比值为 $\\eta \\cdot 1/8 : 2 = {$last}$ 与 $\\eta \\cdot "
        "1/16 : 2 = {$first}$：与通常的千分之一相比，都不算异常。信号每层乘以 ${$factor}$，"
        "两层受得了，二十层就受不了。",
    )  # fmt: skip
    return Case(statement, [identity()], mistakes, values, answer)


@claim(
    "exercise-practice-proof",
    page=PAGE,
    grade=PROVED,
    titles={
        "en": "Exercise: one function, other gradients",
        "zh": "练习：同一个函数，不同的梯度",
    },
    statement_text={
        "en": "In a chain of two ReLU neurons that are on, multiplying one weight by c > 0 and "
        "dividing the next by c leaves the output as it is; the gradient by the first is then "
        "divided by c, that by the second multiplied by c, and the update-to-weight ratios by c² "
        "the one and the other way.",
        "zh": "两个处于开启状态的 ReLU 神经元相连：把前一个权重乘以 c > 0、后一个除以 c，输出不变；"
        "这时对前者的梯度除以 c，对后者的梯度乘以 c，两个“更新与权重之比”则分别除以和乘以 c²。",
    },
    assumptions={
        "en": "One neuron a layer, biases 0, x and the first weight positive, squared error, η > "
        "0.",
        "zh": "每层一个神经元，偏置为 0，x 与第一个权重为正，平方误差，η > 0。",
    },
)
def exercise_practice_proof() -> Case:
    w, v, x, c, eta = sp.symbols("w v x c eta", positive=True)
    y = sp.Symbol("y", real=True)
    first, second = sp.symbols("omega nu", positive=True)

    def output(one: sp.Expr, other: sp.Expr) -> sp.Expr:
        return other * sp.Max(one * x, 0)  # the first neuron; the second one is linear

    loss = (output(first, second) - y) ** 2
    slope = {s: loss.diff(s) for s in (first, second)}

    def here(expression: sp.Expr) -> sp.Expr:
        return sp.simplify(expression.subs({first: w, second: v}))

    def there(expression: sp.Expr) -> sp.Expr:
        return sp.simplify(expression.subs({first: c * w, second: v / c}))

    positive, real = sp.Interval.open(0, sp.oo), sp.S.Reals
    domain = {w: positive, v: positive, x: positive, c: positive, eta: positive, y: real}
    ratio = {s: eta * slope[s] / s for s in (first, second)}
    statement = ForAll(
        {
            "output": equal(output(c * w, v / c), output(w, v)),
            "first gradient": equal(there(slope[first]), here(slope[first]) / c),
            "second gradient": equal(there(slope[second]), c * here(slope[second])),
            "first ratio": equal(there(ratio[first]), here(ratio[first]) / c**2),
            "second ratio": equal(there(ratio[second]), c**2 * here(ratio[second])),
        },
        domain,
        display=(
            r"a(c\,w_1,\, w_2/c) = a(w_1, w_2), \qquad a = w_2\,\mathrm{ReLU}(w_1 x)",
            r"\frac{\partial l}{\partial w_1} \to \frac1c\,\frac{\partial l}{\partial w_1}, \qquad"
            r" \frac{\partial l}{\partial w_2} \to c\,\frac{\partial l}{\partial w_2}",
            r"\frac{\eta g_1}{w_1} \to \frac{1}{c^2}\,\frac{\eta g_1}{w_1}, \qquad"
            r" \frac{\eta g_2}{w_2} \to c^2\,\frac{\eta g_2}{w_2}",
        ),
        words="a(c w1, w2/c) = a(w1, w2); dl/dw1 is divided by c, dl/dw2 multiplied by c; the "
        "ratios by c^2",
    )
    left = statement.parts
    mistakes = [
        Mistake("the gradients stay as they are, since the function does",
                "以为函数不变，梯度也不变",
                statement.but(**{"first gradient": equal(left["first gradient"].left,
                                                         here(slope[first]))})),
        Mistake("the gradient grows with its weight", "以为梯度随权重一同变大",
                statement.but(**{"second gradient": equal(left["second gradient"].left,
                                                          here(slope[second]) / c)})),
        Mistake("the ratio changes by c only", "以为比值只变 c 倍",
                statement.but(**{"first ratio": equal(left["first ratio"].left,
                                                      here(ratio[first]) / c)})),
        Mistake("the ratio does not depend on the scale", "以为比值与缩放无关",
                statement.but(**{"second ratio": equal(left["second ratio"].left,
                                                       here(ratio[second]))})),
        Mistake("the output is multiplied by c", "以为输出乘以 c",
                statement.but(output=equal(output(c * w, v / c), c * output(w, v)))),
    ]  # fmt: skip
    answer = Answer(
        Kind.PROOF,
        en="For $c > 0$ ReLU lets a factor through: $\\mathrm{ReLU}(c\\,w_1 x) = "
        "c\\,\\mathrm{ReLU}(w_1 x)$, and the $1/c$ of the second weight takes it back. So the "
        "loss is the same function of the products. Differentiate $l(c\\,w_1, w_2/c) = l(w_1, "
        "w_2)$ by $w_1$: the chain rule gives $c\\,\\partial_1 l(c\\,w_1, w_2/c) = \\partial_1 "
        "l(w_1, w_2)$, and by $w_2$ in the same way with $1/c$. Dividing by the weights, which "
        "changed by $c$ and $1/c$, gives the squares. A gradient norm of one layer therefore "
        "means little by itself: compare it with the weights, and with its own value at the start.",
        zh="当 $c > 0$ 时，ReLU 让因子通过：$\\mathrm{ReLU}(c\\,w_1 x) = c\\,\\mathrm{ReLU}(w_1 "
        "x)$，而第二个权重里的 $1/c$ 又把它抵消。所以 $l(c\\,w_1, w_2/c) = l(w_1, w_2)$。两边对 "
        "$w_1$ 求导，由链式法则得 $c\\,\\partial_1 l(c\\,w_1, w_2/c) = \\partial_1 l(w_1, w_2)$；"
        "对 $w_2$ 同理，因子为 $1/c$。再除以各自变了 $c$ 倍与 $1/c$ 倍的权重，便得到平方。"
        "可见单看某一层的梯度范数说明不了什么：要与权重相比，并与它自己起初的大小相比。",
    )  # fmt: skip
    return Case(statement, [identity(), points()], mistakes, {}, answer)


def _signals() -> list[float]:
    """Twenty sigmoid neurons in a row, all weights 4 and biases -2, but for one layer."""
    from gradmath.dynamics import diagnose
    from gradmath.network import Dense, Network

    net = Network(1, [Dense(1, "sigmoid")] * 20)
    params: dict[str, Any] = {k: [[4.0]] if k[0] == "W" else [-2.0] for k in net.shapes}
    params["W13"], params["b13"] = [[0.04]], [-0.02]
    return [float(s) for s in diagnose(net, params, [[0.5]], [[1.0]]).signal]


def _signals_again() -> list[float]:
    """By the textbook sweep, in NumPy."""
    import numpy as np

    weights = [4.0] * 12 + [0.04] + [4.0] * 7
    a, before = 0.5, []
    for w in weights:
        a = 1 / (1 + np.exp(-(w * a - w / 2)))
        before.append(a)
    delta = 2 * (a - 1)
    signals: list[float] = []
    for w, s in zip(reversed(weights), reversed(before), strict=True):
        signals.insert(0, abs(delta * s * (1 - s)))
        delta = delta * s * (1 - s) * w
    return signals


@claim(
    "exercise-practice-code",
    page=PAGE,
    grade=CHECKED,
    titles={"en": "Exercise: find the bad layer", "zh": "练习：找出有问题的一层"},
    statement_text={
        "en": "In a chain of twenty sigmoid neurons with w = 4 and b = −w/2 one weight is a "
        "hundredth of that, at layer 13: the signal is the same on layers 13 to 20 and a hundredth "
        "of it on layers 1 to 12.",
        "zh": "二十个 sigmoid 神经元相连，w = 4，b = −w/2，其中第 13 层的权重只有百分之一：第 13 "
        "到 20 层的信号相同，第 1 到 12 层只剩百分之一。",
    },
    assumptions={
        "en": "x = 1/2, y = 1: every activation is 1/2.",
        "zh": "x = 1/2，y = 1：每个激活值都是 1/2。",
    },
)
def exercise_practice_code() -> Case:
    def signal(k: int, low: float, high: float) -> Quantity:
        return pair(lambda: _signals()[k - 1], lambda: _signals_again()[k - 1], low, high)

    parts = {
        "layer 20": signal(20, 0.25, 0.25),
        "layer 13": signal(13, 0.25, 0.25),
        "layer 12": signal(12, 0.00249, 0.00251),
        "layer 1": signal(1, 0.00249, 0.00251),
    }
    statement = Computed(
        parts,
        formula=r"|\delta_{13}| = \dots = |\delta_{20}| = \tfrac14, \qquad"
        r" |\delta_1| = \dots = |\delta_{12}| = \tfrac1{400}",
        words="1/4 on layers 13 and 20, 1/400 on layers 1 and 12",
    )
    mistakes = [
        Mistake("the last layer has none", "以为末层没有信号",
                statement.but({"layer 20": 0})),
        Mistake("the fault is one layer up", "以为问题在上一层",
                statement.but({"layer 13": (0.00249, 0.00251)})),
        Mistake("the fault is one layer down", "以为问题在下一层",
                statement.but({"layer 12": 0.25})),
        Mistake("every layer shrinks it", "以为每层都使信号缩小",
                statement.but({"layer 1": (0, 1e-5)})),
    ]  # fmt: skip
    answer = Answer(
        Kind.CODE,
        en="""The verdict names the first and the last layer that suffer; where it happens is where
the signal of two neighbours differs.

```pycon
>>> import numpy as np
>>> import gradmath as gm
>>> from gradmath.dynamics import Thresholds
>>> net = gm.Network(1, [gm.Dense(1, gm.sigmoid)] * 20)
>>> params = {k: [[4.0]] if k[0] == "W" else [-2.0] for k in net.shapes}
>>> params["W13"], params["b13"] = [[0.04]], [-0.02]
>>> found = gm.diagnose(net, params, x=[[0.5]], y=[[1.0]],
...     thresholds=Thresholds(vanishing=0.1))
>>> found.verdict, found.findings[0].layers == tuple(range(1, 13))
('vanishing', True)
>>> factors = found.signal[:-1] / found.signal[1:]      # layer k over layer k + 1
>>> int(np.argmin(factors)) + 1, round(float(factors.min()), 3)
(12, 0.01)

```

The signal loses its size on the way from layer 13 to layer 12, so it is the weight of layer 13
that is wrong: it stands between the two.""",
        zh="""结论会指出受影响的是哪些层；问题出在相邻两层信号相差很大的地方。

```pycon
>>> import numpy as np
>>> import gradmath as gm
>>> from gradmath.dynamics import Thresholds
>>> net = gm.Network(1, [gm.Dense(1, gm.sigmoid)] * 20)
>>> params = {k: [[4.0]] if k[0] == "W" else [-2.0] for k in net.shapes}
>>> params["W13"], params["b13"] = [[0.04]], [-0.02]
>>> found = gm.diagnose(net, params, x=[[0.5]], y=[[1.0]],
...     thresholds=Thresholds(vanishing=0.1))
>>> found.verdict, found.findings[0].layers == tuple(range(1, 13))
('vanishing', True)
>>> factors = found.signal[:-1] / found.signal[1:]      # 第 k 层与第 k + 1 层之比
>>> int(np.argmin(factors)) + 1, round(float(factors.min()), 3)
(12, 0.01)

```

信号是从第 13 层传到第 12 层时变小的，因此有问题的是夹在两者之间的第 13 层权重。""",
    )
    return Case(statement, [Runs()], mistakes, {}, answer)
