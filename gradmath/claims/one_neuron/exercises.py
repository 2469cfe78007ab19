"""Answers to the exercises of the page, each checked as a claim."""

from __future__ import annotations

import math

import sympy as sp

from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.derivations import one_neuron
from gradmath.claims.evidence import certificate, enclosure, identity, points, slope
from gradmath.claims.exercise import Answer, Kind
from gradmath.claims.grades import PROVED
from gradmath.claims.kernel import KernelValues
from gradmath.claims.one_neuron.descent import PAGE, entry
from gradmath.claims.planted import derived_parts, with_rule
from gradmath.claims.relation import at_most, equal, greater
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Reals, b, sigmoid, tanh, w, x, y, z
from gradmath.claims.values import Instance, Value

HALF, QUARTER = sp.Rational(1, 2), sp.Rational(1, 4)


@claim(
    "exercise-one-neuron-hand",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Exercise: one step by hand", "zh": "练习：手算一步下降"},
    statement_text={
        "en": "From w = b = 0 with x = y = 1: z = 0, a = 1/2, l = 1/4, both derivatives are −1/4, "
        "and one step with η = 1 leads to w = b = 1/4, where the loss is smaller.",
        "zh": "从 w = b = 0 出发，x = y = 1：z = 0，a = 1/2，l = 1/4，两个导数均为 −1/4；"
        "取 η = 1 走一步到 w = b = 1/4，损失变小。",
    },
    assumptions={"en": "One sample, squared error.", "zh": "单个样本，平方误差。"},
)
def exercise_one_neuron_hand() -> Case:
    start = {w: 0, b: 0, x: 1, y: 1}
    point = {symbol.name: sp.Integer(number) for symbol, number in start.items()}
    loss, line = entry(w, b, x, y), w * x + b
    moved = {**start, w: QUARTER, b: QUARTER}
    derivation = one_neuron()
    gradient = {name: loss.diff(symbol).subs(start) for name, symbol in (("w", w), ("b", b))}
    stated = dict.fromkeys(("w", "b"), -QUARTER)
    own = derivation.symbols
    at_input = with_rule(derivation, "a", "z", sigmoid(own["x"]).diff(own["x"]))
    published = with_rule(derivation, "l", "a", 2 * (own["a"] - own["y"]) ** 2)
    statement = ForAll(
        {
            "z": equal(line.subs(start), 0),
            "a": equal(sigmoid(line).subs(start), HALF),
            "l": equal(loss.subs(start), QUARTER),
            "dl/dw": equal(gradient["w"], -QUARTER),
            "dl/db": equal(gradient["b"], -QUARTER),
            "falls": greater(loss.subs(start), loss.subs(moved)),
            **derived_parts(derivation, point, stated, "l"),
        },
        display=(
            r"x = y = 1,\; w = b = 0:\quad z = 0,\; a = \tfrac12,\; l = \tfrac14,",
            r"\frac{\partial l}{\partial w} = \frac{\partial l}{\partial b} = -\tfrac14, \quad"
            r" \hat w = \hat b = \tfrac14,",
            r"l(\hat w, \hat b) < \tfrac14",
        ),
        words="z = 0, a = 1/2, l = 1/4, dl/dw = dl/db = -1/4; after the step the loss is smaller",
    )
    mistakes = [
        Mistake("the loss in place of the residual", "用损失代替残差",
                statement.but(**{"dl/dw": equal(gradient["w"], 2 * QUARTER * QUARTER)})),
        Mistake("the factor 2 lost", "漏掉因子 2",
                statement.but(**{"dl/db": equal(gradient["b"], -QUARTER / 2)})),
        Mistake("the slope lost", "漏掉 sigmoid 的导数",
                statement.but(**{"dl/dw": equal(gradient["w"], -1)})),
        Mistake("the step taken uphill", "朝上坡走了一步",
                statement.but(falls=greater(
                    loss.subs(start), loss.subs({**start, w: -QUARTER, b: -QUARTER})))),
        Mistake("input and weight added", "输入与权重相加",
                statement.but(z=equal((w + x + b).subs(start), 0))),
        Mistake("tanh in place of the sigmoid", "把 sigmoid 换成 tanh",
                statement.but(a=equal(tanh(line).subs(start), HALF))),
        Mistake("a loss with 1/2", "损失多乘了 1/2",
                statement.but(l=equal(loss.subs(start), QUARTER / 2))),
        Mistake("a derivation with the slope at the input", "推导中导数取在输入 x 处",
                statement.but(**derived_parts(at_input, point, stated, "l")),
                derivation=at_input),
        Mistake("a derivation with twice the loss", "推导中残差误作损失",
                statement.but(**derived_parts(published, point, stated, "l")),
                derivation=published),
    ]  # fmt: skip
    evidence = [
        identity("z", "a", "l", "dl/dw", "dl/db", "derived dl/dw", "derived dl/db"),
        enclosure("falls"),
        KernelValues(derivation, point, {"l": "", "dl/dw": "w", "dl/db": "b"}),
    ]
    values = {
        "loss": Value(QUARTER),
        "gradient": Value(-QUARTER),
        "moved": Value(QUARTER),
        "loss_after": Value(loss.subs(moved), digits=4),
    }
    answer = Answer(
        Kind.BY_HAND,
        en="$z = 0 \\cdot 1 + 0 = 0$, so $a = \\sigma(0) = 1/2$ and $l = (1/2 - 1)^2 = {$loss}$. "
        "The residual is $-1/2$, the slope $1/4$ and the input $1$, so $\\partial l/\\partial w = "
        "2 \\cdot (-1/2) \\cdot 1/4 \\cdot 1 = {$gradient}$. The bias has input 1 as well, so its "
        "derivative is the same here. The step gives $\\hat w = \\hat b = 0 - 1 \\cdot "
        "({$gradient}) = {$moved}$, and the loss falls from {=loss} to {=loss_after}.",
        zh="$z = 0 \\cdot 1 + 0 = 0$，于是 $a = \\sigma(0) = 1/2$，$l = (1/2 - 1)^2 = {$loss}$。"
        "残差为 $-1/2$，导数为 $1/4$，输入为 $1$，所以 $\\partial l/\\partial w = 2 \\cdot (-1/2) "
        "\\cdot 1/4 \\cdot 1 = {$gradient}$。偏置的“输入”也是 1，因此这里两个导数相同。走一步得 "
        "$\\hat w = \\hat b = 0 - 1 \\cdot ({$gradient}) = {$moved}$，损失由 {=loss} 降到 "
        "{=loss_after}。",
    )
    return Case(statement, evidence, mistakes, values, answer)


@claim(
    "exercise-one-neuron-proof",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Exercise: the slope is even, and tanh", "zh": "练习：导数是偶函数，以及 tanh"},
    statement_text={
        "en": "The sigmoid's slope is an even function, tanh z = 2 σ(2z) − 1, and the slope of "
        "tanh is at most 1, which it reaches at 0.",
        "zh": "sigmoid 的导数是偶函数；tanh z = 2σ(2z) − 1；tanh 的导数至多为 1，在 0 处取到。",
    },
    assumptions={"en": "z is real.", "zh": "z 为实数。"},
)
def exercise_one_neuron_proof() -> Case:
    rise, bend = sigmoid(z).diff(z), tanh(z).diff(z)
    mirrored = rise.xreplace({z: -z})
    double = 2 * sigmoid(2 * z) - 1
    statement = ForAll(
        {
            "even": equal(mirrored, rise),
            "tanh": equal(tanh(z), double),
            "slope of tanh": at_most(bend, 1),
            "reached": equal(bend.subs(z, 0), 1),
        },
        {z: Reals},
    )
    mistakes = [
        Mistake("the slope taken for odd", "误以为导数是奇函数",
                statement.but(even=equal(mirrored, -rise))),
        Mistake("the inner factor 2 lost", "漏掉内层的 2",
                statement.but(tanh=equal(tanh(z), 2 * sigmoid(z) - 1))),
        Mistake("a quarter, as for the sigmoid", "以为与 sigmoid 同为四分之一",
                statement.but(**{"slope of tanh": at_most(bend, QUARTER)})),
        Mistake("one half, with one of the two factors lost", "漏掉一个因子 2，得 1/2",
                statement.but(reached=equal(bend.subs(z, 0), HALF))),
    ]  # fmt: skip
    evidence = [
        identity("even", "tanh", "reached"),
        certificate(**{"slope of tanh": sp.tanh(z) ** 2}),
        points(),
    ]
    answer = Answer(
        Kind.PROOF,
        en="Differentiate $\\sigma(-z) = 1 - \\sigma(z)$ on both sides: $-\\sigma'(-z) = "
        "-\\sigma'(z)$. For the second, $2\\,\\sigma(2z) - 1 = \\frac{2}{1 + e^{-2z}} - 1 = "
        "\\frac{1 - e^{-2z}}{1 + e^{-2z}}$, and multiplying above and below by $e^{z}$ gives "
        "$\\tanh z$. The composition rule now yields $\\tanh' z = 2 \\cdot 2\\,\\sigma'(2z)$, and "
        "with $\\sigma' \\le {$quarter}$ the largest slope is $4 \\cdot {$quarter} = {$most}$, at "
        "$z = 0$.",
        zh="对 $\\sigma(-z) = 1 - \\sigma(z)$ 两边求导：$-\\sigma'(-z) = -\\sigma'(z)$。其次，"
        "$2\\,\\sigma(2z) - 1 = \\frac{2}{1 + e^{-2z}} - 1 = \\frac{1 - e^{-2z}}{1 + e^{-2z}}$，"
        "分子分母同乘 $e^{z}$ 即得 $\\tanh z$。由链式法则，$\\tanh' z = 2 \\cdot "
        "2\\,\\sigma'(2z)$；又 $\\sigma' \\le {$quarter}$，故最大导数为 $4 \\cdot {$quarter} = "
        "{$most}$，在 $z = 0$ 处取到。",
    )
    values = {
        "quarter": Value(QUARTER, again=Instance("even", {z: 0})),
        "most": Value(sp.Integer(1)),
    }
    return Case(statement, evidence, mistakes, values, answer)


def _sigmoid_neuron(weight: float) -> float:
    """dl/dw of one sigmoid neuron at x = y = 1, b = 0, by the chain rule in doubles."""
    s = 1 / (1 + math.exp(-weight))
    return 2 * (s - 1) * s * (1 - s)


@claim(
    "exercise-one-neuron-code",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Exercise: tanh in place of the sigmoid", "zh": "练习：用 tanh 代替 sigmoid"},
    statement_text={
        "en": "At x = 1, y = 1, w = −2, b = 0 the derivative with respect to the weight is larger "
        "in size for a tanh neuron than for a sigmoid neuron, although the slope of tanh is the "
        "smaller of the two there.",
        "zh": "在 x = 1、y = 1、w = −2、b = 0 处，tanh 神经元对权重的导数绝对值比 sigmoid "
        "神经元大，尽管 tanh 本身的导数在那里更小。",
    },
    assumptions={
        "en": "Squared error. The residual of tanh is nearly −2 there, since tanh starts at −1.",
        "zh": "平方误差。tanh 的值域下端是 −1，因此那里的残差接近 −2。",
    },
)
def exercise_one_neuron_code() -> Case:
    from gradmath.derivation import derive

    at = {x: 1, y: 1, w: -2, b: 0}
    point = {symbol.name: sp.Integer(number) for symbol, number in at.items()}
    rule = (tanh(w * x + b) - y) ** 2
    with_tanh, with_sigmoid = (loss.diff(w).subs(at) for loss in (rule, entry(w, b, x, y)))
    slopes = [f(z).diff(z).subs(z, -2) for f in (tanh, sigmoid)]
    derivation = derive([("z", "w*x + b"), ("a", "tanh(z)"), ("L", "(a - y)**2")], wrt=["w", "b"])
    gradient = 2 * (tanh(w * x + b) - y) * tanh(z).diff(z).xreplace({z: w * x + b}) * x
    stated, own = {"w": gradient.subs(at)}, derivation.symbols
    kept = with_rule(derivation, "a", "z", sigmoid(own["z"]).diff(own["z"]))
    statement = ForAll(
        {
            "tanh neuron": equal(rule.diff(w), gradient),
            "larger gradient": greater(sp.Abs(with_tanh), sp.Abs(with_sigmoid)),
            "smaller slope": greater(slopes[1], slopes[0]),
            "value": equal(with_tanh, gradient.subs(at)),
            **derived_parts(derivation, point, stated, "L"),
        },
        dict.fromkeys((w, b, x, y), Reals),
        display=(
            r"\frac{\partial}{\partial w} (\tanh z - y)^2 = 2\,(\tanh z - y)\,\tanh'(z)\,x,",
            r"\left|\frac{\partial l_{\tanh}}{\partial w}\right| >"
            r" \left|\frac{\partial l_{\sigma}}{\partial w}\right|, \quad \tanh'(z) < \sigma'(z)",
            r"(x = y = 1,\; w = -2,\; b = 0)",
        ),
        words="dl/dw = 2 (tanh z - y) tanh'(z) x; at x = y = 1, w = -2, b = 0 it is larger in size "
        "than the sigmoid's, although tanh'(-2) < sigmoid'(-2)",
    )
    mistakes = [
        Mistake("the slope of the sigmoid kept", "沿用了 sigmoid 的导数",
                statement.but(**{"tanh neuron": equal(
                    rule.diff(w), gradient.xreplace({
                        tanh(z).diff(z).xreplace({z: w * x + b}):
                        sigmoid(z).diff(z).xreplace({z: w * x + b})}))})),
        Mistake("1 - tanh for the slope", "导数写成 1 − tanh",
                statement.but(**{"tanh neuron": equal(
                    rule.diff(w),
                    2 * (tanh(w * x + b) - y) * (1 - tanh(w * x + b)) * x)})),
        Mistake("the sigmoid neuron has the larger gradient", "以为 sigmoid 神经元的梯度更大",
                statement.but(**{"larger gradient": greater(
                    sp.Abs(with_sigmoid), sp.Abs(with_tanh))})),
        Mistake("tanh has the larger slope there", "以为 tanh 在那里的导数更大",
                statement.but(**{"smaller slope": greater(slopes[0], slopes[1])})),
        Mistake("the slope lost in the value", "数值中漏掉导数",
                statement.but(value=equal(
                    with_tanh, (2 * (tanh(w * x + b) - y) * x).subs(at)))),
        Mistake("a derivation that keeps the slope of the sigmoid", "推导中沿用 sigmoid 的导数",
                statement.but(**derived_parts(kept, point, stated, "L")), derivation=kept),
    ]  # fmt: skip
    evidence = [
        identity("tanh neuron", "value", "derived dL/dw"),
        enclosure("larger gradient", "smaller slope"),
        slope("tanh neuron", of=rule, by=w),
        KernelValues(derivation, point, {"value": "w"}),
    ]
    values = {
        "tanh": Value(with_tanh, digits=5),
        "sigmoid": Value(with_sigmoid, digits=5, again=lambda: _sigmoid_neuron(-2.0)),
        "slope_tanh": Value(slopes[0], digits=3),
        "slope_sigmoid": Value(slopes[1], digits=3),
    }
    code = """
```pycon
>>> import gradmath as gm
>>> for name in ("tanh", "sigmoid"):
...     chain = [("z", "w*x + b"), ("a", f"{name}(z)"), ("L", "(a - y)**2")]
...     d = gm.derive(chain, wrt=["w"])
...     loss, grads = gm.compile(d)(x=1.0, y=1.0, w=-2.0, b=0.0)
...     print(name, round(float(grads["w"]), 5))
tanh {#tanh}
sigmoid {#sigmoid}

```
"""
    answer = Answer(
        Kind.CODE,
        en=code + "\nThe tanh neuron learns faster there. Its slope is the smaller of the two, "
        "{=slope_tanh} against {=slope_sigmoid}, but its residual is more than twice as large, "
        "because tanh starts at $-1$ and not at $0$.",
        zh=code
        + "\n在那里 tanh 神经元学得更快。它的导数较小（{=slope_tanh} 对 {=slope_sigmoid}），"
        "但残差的绝对值是对方的两倍多，因为 tanh 的下端是 $-1$ 而不是 $0$。",
    )
    return Case(statement, evidence, mistakes, values, answer)
