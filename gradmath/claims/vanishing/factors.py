"""The three factors of one neuron's gradient: which zero means what, and what a small one does."""

from __future__ import annotations

import sympy as sp

from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.evidence import certificate, enclosure, identity, points
from gradmath.claims.grades import PROVED
from gradmath.claims.relation import equal, greater, less, unequal
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Positive, Reals, b, eta, sigmoid, w, x, y, z
from gradmath.claims.values import Value

PAGE = "vanishing"

LINE = w * x + b
ENTRY = (sigmoid(LINE) - y) ** 2
SLOPE = sigmoid(z).diff(z)
K = ENTRY.diff(w)
#: a residual and an input that are not 0
r = sp.Symbol("r", real=True, nonzero=True)
v = sp.Symbol("v", real=True, nonzero=True)


@claim(
    "three-factors",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Three factors, three zeros", "zh": "三个因子，三种零"},
    statement_text={
        "en": "The derivative K with respect to the weight is 0 if the answer is right (residual "
        "0) or the input is 0, and in no other case: the slope of the sigmoid is positive for "
        "every z. An input of 0 stops the weight alone; the bias still has its derivative.",
        "zh": "对权重的导数 K 为 0，当且仅当答案正确（残差为 0）或输入为 0；"
        "sigmoid 的导数对任何 z 都为正，不会使 K 为 0。输入为 0 只让权重停住，偏置的导数照常存在。",
    },
    assumptions={
        "en": "l = (σ(w x + b) − y)², all real. In the last row the target is written a − r, with "
        "a residual r and an input v that are not 0.",
        "zh": "l = (σ(w x + b) − y)²，各量均为实数。末行把目标写作 a − r，其中残差 r 与输入 v "
        "均不为 0。",
    },
)
def three_factors() -> Case:
    here, at_bias = SLOPE.xreplace({z: LINE}), SLOPE.xreplace({z: b})
    by_bias = ENTRY.diff(b)
    reached = sigmoid(w * v + b)
    neither = K.xreplace({x: v, y: reached - r})
    square = (2 * r * SLOPE.xreplace({z: w * v + b}) * v) ** 2
    statement = ForAll(
        {
            "three factors": equal(K, 2 * (sigmoid(LINE) - y) * here * x),
            "the slope is positive": greater(SLOPE, 0),
            "right answer": equal(K.xreplace({y: sigmoid(LINE)}), 0),
            "no input": equal(K.xreplace({x: sp.S.Zero}), 0),
            "bias without input": equal(
                by_bias.xreplace({x: sp.S.Zero}), 2 * (sigmoid(b) - y) * at_bias
            ),
            "otherwise": greater(neither**2, 0),
        },
        {**dict.fromkeys((w, b, x, y, z, r, v), Reals)},
        given=(unequal(r, 0), unequal(v, 0)),
        display=(
            r"K = \partial l / \partial w = 2\,(a - y)\,\sigma'(z)\,x,",
            r"\sigma'(z) > 0,",
            r"K = 0 \iff a = y \ \text{or}\ x = 0,",
            r"\partial l / \partial b\,\big|_{x = 0} = 2\,\bigl(\sigma(b) - y\bigr)\,\sigma'(b)",
        ),
        scope=r"w, b, x, y \in \mathbb{R}",
        words="K = 2 (a - y) sigmoid'(z) x; sigmoid'(z) > 0; K = 0 exactly if a = y or x = 0; "
        "at x = 0 the derivative by the bias is 2 (sigmoid(b) - y) sigmoid'(b)",
    )
    mistakes = [
        Mistake("the slope lost", "漏掉 sigmoid 的导数",
                statement.but(**{"three factors": equal(K, 2 * (sigmoid(LINE) - y) * x)})),
        Mistake("the loss in place of the residual", "用损失代替残差",
                statement.but(**{"three factors": equal(K, 2 * ENTRY * here * x)})),
        Mistake("the slope is 0 far out", "以为远处导数等于 0",
                statement.but(**{"the slope is positive": greater(
                    sp.Piecewise((SLOPE, sp.Abs(z) < 6), (0, True)), 0)})),
        Mistake("0 where the loss is 1, for target and answer exchanged",
                "目标与答案弄反，以为 a = y + 1 处为 0",
                statement.but(**{"right answer": equal(
                    K.xreplace({y: sigmoid(LINE) + 1}), 0)})),
        Mistake("an input of 1 taken for no input", "把输入 1 当成没有输入",
                statement.but(**{"no input": equal(K.xreplace({x: sp.S.One}), 0)})),
        Mistake("without input the bias stops too", "以为没有输入时偏置也停住",
                statement.but(**{"bias without input": equal(
                    by_bias.xreplace({x: sp.S.Zero}), 0)})),
        Mistake("without input the bias sees the slope at 0", "以为没有输入时偏置看到 0 处的导数",
                statement.but(**{"bias without input": equal(
                    by_bias.xreplace({x: sp.S.Zero}), (sigmoid(b) - y) / 2)})),
        Mistake("K may vanish though no factor does", "以为因子都不为 0 时 K 也可能为 0",
                statement.but(otherwise=less(neither**2, 0))),
    ]  # fmt: skip
    evidence = [
        identity("three factors", "right answer", "no input", "bias without input"),
        certificate(
            **{
                "the slope is positive": sp.exp(-z) / (1 + sp.exp(-z)) ** 2,
                "otherwise": square,
            }
        ),
        points("three factors", "the slope is positive", "bias without input", count=20),
    ]
    return Case(statement, evidence, mistakes)


@claim(
    "frozen-weight",
    page=PAGE,
    grade=PROVED,
    titles={"en": "What freezes a weight", "zh": "什么会冻结一个权重"},
    statement_text={
        "en": "Plain descent leaves a weight where it is exactly if K = 0. With input 0 that is so "
        "at every step, wherever the bias goes. Weight decay and momentum move the weight all "
        "the same.",
        "zh": "普通梯度下降让权重原地不动，当且仅当 K = 0。输入为 0 时，不论偏置如何变化，"
        "每一步都是如此。而权重衰减与动量仍会移动这个权重。",
    },
    assumptions={
        "en": "One neuron, one sample, η > 0. Decay adds λ w to K, momentum adds μ times the last "
        "change u; λ, μ > 0, and w and u are not 0 in those rows.",
        "zh": "一个神经元、一个样本，η > 0。权重衰减在 K 上加 λ w，动量加上 μ 乘以上一次的变化 "
        "u；λ、μ > 0，在这两行中 w、u 不为 0。",
    },
)
def frozen_weight() -> Case:
    mu, lam = sp.symbols("mu lambda", positive=True)
    weight = sp.Symbol("omega", real=True, nonzero=True)
    last = sp.Symbol("u", real=True, nonzero=True)
    none = {x: sp.S.Zero}
    step = w - eta * K
    moved_bias = b - eta * ENTRY.diff(b)
    second = step.xreplace({w: step, b: moved_bias}).xreplace(none)
    neither = K.xreplace({x: v, y: sigmoid(w * v + b) - r})
    slope = SLOPE.xreplace({z: w * v + b})
    decayed = (step - eta * lam * w).xreplace({**none, w: weight})
    carried = (step + mu * last).xreplace(none)
    statement = ForAll(
        {
            "no input: frozen": equal(step.xreplace(none), w),
            "frozen at the next step too": equal(second, w),
            "otherwise it moves": greater((eta * neither) ** 2, 0),
            "decay moves it": greater((decayed - weight) ** 2, 0),
            "momentum moves it": greater((carried - w) ** 2, 0),
        },
        {
            **dict.fromkeys((w, b, y, r, v, weight, last), Reals),
            **dict.fromkeys((eta, mu, lam), Positive),
        },
        given=tuple(unequal(symbol, 0) for symbol in (r, v, weight, last)),
        display=(
            r"\hat w = w - \eta K,",
            r"\hat w = w \iff K = 0;",
            r"K = 0,\; w \ne 0:",
            r"w - \eta\,(K + \lambda w) \ne w;",
            r"K = 0,\; u \ne 0:",
            r"w - \eta K + \mu u \ne w",
        ),
        scope=r"\eta, \lambda, \mu > 0",
        words="w - eta K = w exactly if K = 0; with x = 0 so at every step; decay and momentum "
        "move w though K = 0",
    )
    mistakes = [
        Mistake("without input the weight moves as the bias does",
                "以为没有输入时权重随偏置一起移动",
                statement.but(**{"no input: frozen": equal(
                    (w - eta * ENTRY.diff(b)).xreplace(none), w)})),
        Mistake("frozen with any input, if only w is 0", "以为只要 w 为 0，有输入也会冻结",
                statement.but(**{"no input: frozen": equal(
                    step.xreplace({w: sp.S.Zero, x: sp.S.One}), 0)})),
        Mistake("frozen once, free at the next step", "以为只冻结一步，下一步就会动",
                statement.but(**{"frozen at the next step too": equal(
                    second, w - eta * ENTRY.diff(b).xreplace(none))})),
        Mistake("frozen with residual and input, too", "以为残差与输入都不为 0 时也会冻结",
                statement.but(**{"otherwise it moves": less((eta * neither) ** 2, 0)})),
        Mistake("decay leaves it too", "以为权重衰减也不会移动它",
                statement.but(**{"decay moves it": less((decayed - weight) ** 2, 0)})),
        Mistake("momentum leaves it too", "以为动量也不会移动它",
                statement.but(**{"momentum moves it": less((carried - w) ** 2, 0)})),
    ]  # fmt: skip
    evidence = [
        identity("no input: frozen", "frozen at the next step too"),
        certificate(
            **{
                "otherwise it moves": (2 * eta * r * slope * v) ** 2,
                "decay moves it": (eta * lam * weight) ** 2,
                "momentum moves it": (mu * last) ** 2,
            }
        ),
    ]
    return Case(statement, evidence, mistakes)


@claim(
    "relative-update",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Small compared with what?", "zh": "“小”是与什么相比？"},
    statement_text={
        "en": "One step changes the weight by the share η|K|/|w| of itself. K alone says nothing: "
        "measure the loss or the input in other units and K takes any size, while the step, with η "
        "in the same units, stays what it was. A K far below 1 can more than double a weight, and "
        "a K above 1 can leave it as good as unmoved.",
        "zh": "一步下降使权重改变自身的 η|K|/|w| 倍。单看 K 说明不了什么：换一种单位度量损失或"
        "输入，K 可以变成任意大小，而步长 η 随单位一起换算后，更新不变。K 远小于 1 时权重可能"
        "翻倍有余，K 大于 1 时权重也可能几乎不动。",
    },
    assumptions={
        "en": "One neuron, one sample. Loss in units of 1/c: c l with step η/c. Input in units of "
        "c: x/c with weight c w and step c² η; the change of c w is then c times that of w. The "
        "two examples have y = 1 and z near 0 or 0: w = 1/1000, b = 0, x = 1/100, η = 1; and "
        "w = 1000, b = −10000, x = 10, η = 1/10.",
        "zh": "一个神经元、一个样本。损失以 1/c 为单位：c l，步长 η/c。输入以 c 为单位：x/c，"
        "权重 c w，步长 c² η；此时 c w 的变化是 w 的变化的 c 倍。两个例子中 y = 1，z 为 0 或接近 "
        "0：w = 1/1000、b = 0、x = 1/100、η = 1；以及 w = 1000、b = −10000、x = 10、η = 1/10。",
    },
)
def relative_update() -> Case:
    c = sp.Symbol("c", positive=True)
    weight = sp.Symbol("omega", real=True, nonzero=True)
    step = eta * K.xreplace({w: weight})
    in_units = ENTRY.xreplace({x: x / c}).diff(w).xreplace({w: c * w})
    small = {w: sp.Rational(1, 1000), b: 0, x: sp.Rational(1, 100), y: 1, eta: 1}
    large = {w: 1000, b: -10000, x: 10, y: 1, eta: sp.Rational(1, 10)}
    sizes = [sp.Abs(K.subs(at)) for at in (small, large)]
    shares = [
        at[eta] * size / sp.Abs(at[w]) for at, size in zip((small, large), sizes, strict=True)
    ]
    size, share = "small K", "large share"
    statement = ForAll(
        {
            "share": equal(sp.Abs((weight - step) - weight) / sp.Abs(weight),
                           eta * sp.Abs(K.xreplace({w: weight})) / sp.Abs(weight)),
            "loss in other units": equal(eta / c * (c * ENTRY).diff(w), eta * K),
            "input in other units": equal(in_units, K / c),
            "the step is the same": equal(c**2 * eta * in_units, c * eta * K),
            size: less(sizes[0], sp.Rational(1, 100)),
            share: greater(shares[0], 2),
            "large K": greater(sizes[1], 2),
            "small share": less(shares[1], sp.Rational(1, 1000)),
        },
        {**dict.fromkeys((w, b, x, y, weight), Reals), **dict.fromkeys((eta, c), Positive)},
        given=(unequal(weight, 0),),
        display=(
            r"\frac{|\hat w - w|}{|w|} = \frac{\eta\,|K|}{|w|},",
            r"\frac{\eta}{c}\,\frac{\partial (c\,l)}{\partial w} = \eta K, \qquad"
            r" \frac{\partial l}{\partial (c\,w)}\,\Big|_{x/c} = \frac{K}{c}",
        ),
        scope=r"\eta, c > 0,\; w \ne 0",
        words="|w_new - w|/|w| = eta |K|/|w|; c l with eta/c gives the same step; x/c with c w "
        "has the derivative K/c; K < 1/100 with a share above 2, and K > 2 with one below 1/1000",
    )  # fmt: skip
    mistakes = [
        Mistake("the share is K itself", "以为相对变化就是 K",
                statement.but(share=equal(
                    statement.parts["share"].left, sp.Abs(K.xreplace({w: weight}))))),
        Mistake("the step forgotten", "漏掉步长 η",
                statement.but(share=equal(
                    statement.parts["share"].left,
                    sp.Abs(K.xreplace({w: weight})) / sp.Abs(weight)))),
        Mistake("the step not changed with the unit of the loss", "换了损失单位却没有换步长",
                statement.but(**{"loss in other units": equal(
                    eta * (c * ENTRY).diff(w), eta * K)})),
        Mistake("K does not depend on the unit of the input", "以为 K 与输入的单位无关",
                statement.but(**{"input in other units": equal(in_units, K)})),
        Mistake("the step of the input's unit taken once, not squared",
                "换输入单位时步长只乘了一次 c",
                statement.but(**{"the step is the same": equal(
                    c * eta * in_units, c * eta * K)})),
        Mistake("the first K is above 1/100", "以为第一个 K 大于 1/100",
                statement.but(**{size: greater(sizes[0], sp.Rational(1, 100))})),
        Mistake("a small K means a small share", "以为 K 小则相对变化小",
                statement.but(**{share: less(shares[0], sp.Rational(1, 100))})),
        Mistake("the second K is small as well", "以为第二个 K 也很小",
                statement.but(**{"large K": less(sizes[1], 1)})),
        Mistake("a large K means a large share", "以为 K 大则相对变化大",
                statement.but(**{"small share": greater(shares[1], sp.Rational(1, 10))})),
    ]  # fmt: skip
    evidence = [
        identity("share", "loss in other units", "input in other units", "the step is the same"),
        enclosure(size, share, "large K", "small share"),
    ]
    values = {
        "small_K": Value(sizes[0], digits=2),
        "large_share": Value(shares[0], digits=2),
        "large_K": Value(sizes[1], digits=2),
        "small_share": Value(shares[1], digits=2),
    }
    return Case(statement, evidence, mistakes, values)
