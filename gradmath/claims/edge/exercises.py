"""Answers to the exercises of the page, each checked as a claim."""

from __future__ import annotations

import functools
import math

import sympy as sp

from gradmath.catalogue import activations
from gradmath.catalogue.applied import applied
from gradmath.claims.again import factors
from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.edge.variances import PAGE, declared, n_in, n_out
from gradmath.claims.evidence import certificate, identity, points
from gradmath.claims.exercise import Answer, Kind
from gradmath.claims.grades import PROVED
from gradmath.claims.relation import equal, greater
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Positive, Reals, z
from gradmath.claims.values import Value

HALF = sp.Rational(1, 2)
SIZES = {n_in: 300, n_out: 100}
LAYERS = 20


@claim(
    "exercise-edge-hand",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Exercise: two rules on one layer", "zh": "练习：同一层上的两种规则"},
    statement_text={
        "en": "For 300 inputs and 100 outputs Xavier's variance is 1/200, the half-width √6/20; a "
        "linear layer multiplies the mean square by 3/2 forward and 1/2 backward. He's variance "
        "is 1/150. Twenty square ReLU layers with Xavier's variance leave 2⁻²⁰ of the mean square.",
        "zh": "300 个输入、100 个输出时，Xavier 方差为 1/200，半宽为 √6/20，线性层把均方在前向乘以 "
        "3/2、在反向乘以 1/2；He 方差为 1/150。二十个采用 Xavier 方差的方形 ReLU 层，使均方只剩 "
        "2⁻²⁰。",
    },
    assumptions={
        "en": "Weights with mean 0, no bias, gain 1; ReLU keeps half of the mean square.",
        "zh": "权重均值为 0，无偏置，增益为 1；ReLU 保留均方的一半。",
    },
)
def exercise_edge_hand() -> Case:
    xavier, he = (declared(name).subs(SIZES) for name in ("xavier_uniform", "he_normal"))
    n = sp.Symbol("n", positive=True, integer=True)
    square = declared("xavier_uniform").subs({n_in: n, n_out: n})
    left = (n * square * HALF) ** LAYERS
    statement = ForAll(
        {
            "variance": equal(xavier, sp.Rational(1, 200)),
            "half-width": equal(sp.sqrt(3 * xavier), sp.sqrt(6) / 20),
            "forward": equal(SIZES[n_in] * xavier, sp.Rational(3, 2)),
            "backward": equal(SIZES[n_out] * xavier, HALF),
            "he": equal(he, sp.Rational(1, 150)),
            "twenty layers": equal(left, sp.Rational(1, 2**LAYERS)),
        },
        {n: sp.S.Naturals},
        display=(
            r"\tfrac{2}{300 + 100} = \tfrac{1}{200}, \quad r = \tfrac{\sqrt6}{20},",
            r"300 \cdot \tfrac{1}{200} = \tfrac32, \quad 100 \cdot \tfrac{1}{200} = \tfrac12,",
            r"\tfrac{2}{300} = \tfrac{1}{150}, \quad"
            r" \left(n \cdot \tfrac1n \cdot \tfrac12\right)^{20} = 2^{-20}",
        ),
        scope="",
        words="2/(300 + 100) = 1/200; half-width sqrt(6)/20; 300/200 = 3/2; 100/200 = 1/2; "
        "2/300 = 1/150; (n 1/n 1/2)^20 = 2^-20",
    )
    mistakes = [
        Mistake("the mean of both sizes squared away: 2/(300 · 100)", "把和写成积",
                statement.but(variance=equal(xavier, sp.Rational(2, 30_000)))),
        Mistake("the half-width taken for the deviation", "把标准差当成半宽",
                statement.but(**{"half-width": equal(sp.sqrt(3 * xavier), sp.sqrt(xavier))})),
        Mistake("forward and backward exchanged", "前向与反向弄反",
                statement.but(forward=equal(SIZES[n_in] * xavier, HALF),
                              backward=equal(SIZES[n_out] * xavier, sp.Rational(3, 2)))),
        Mistake("He's rule with fan-out", "He 规则误用扇出",
                statement.but(he=equal(he, sp.Rational(1, 50)))),
        Mistake("one half in all", "误以为总共只损失一半",
                statement.but(**{"twenty layers": equal(left, HALF)})),
    ]  # fmt: skip
    values = {
        "variance": Value(sp.Rational(1, 200)),
        "half_width": Value(sp.sqrt(3 * xavier), digits=4),
        "forward": Value(SIZES[n_in] * xavier),
        "backward": Value(SIZES[n_out] * xavier),
        "he": Value(he),
        "left": Value(sp.Rational(1, 2**LAYERS), digits=2),
        "size": Value(sp.Rational(1, 2 ** (LAYERS // 2)), digits=2, again=sp.sqrt(left.subs(n, 1))),
    }
    answer = Answer(
        Kind.BY_HAND,
        en="Xavier: $2/(300 + 100) = {$variance}$. A uniform law of half-width $r$ has the "
        "variance $r^2/3$, so $r = \\sqrt{3/200} \\approx {$half_width}$. Forward the factor is "
        "fan-in times variance, $300/200 = {$forward}$; backward it is $100/200 = {$backward}$: "
        "the layer is "
        "too narrow to please both sides. He: $2/300 = {$he}$. With Xavier's variance, a square "
        "ReLU layer multiplies the mean square by $n \\cdot \\tfrac1n \\cdot \\tfrac12$, so twenty "
        "of them leave $2^{-20} \\approx {$left}$ of it, and {=size} of its size.",
        zh="Xavier：$2/(300 + 100) = {$variance}$。半宽为 $r$ 的均匀分布方差为 $r^2/3$，故 "
        "$r = \\sqrt{3/200} \\approx {$half_width}$。前向倍数为扇入乘方差，"
        "$300/200 = {$forward}$；反向为 $100/200 = {$backward}$：该层太窄，无法两头兼顾。He："
        "$2/300 = {$he}$。采用 Xavier 方差时，方形 ReLU 层把均方乘以 "
        "$n \\cdot \\tfrac1n \\cdot \\tfrac12$，二十层后均方只剩 $2^{-20} \\approx {$left}$，"
        "大小只剩 {=size}。",
    )
    return Case(statement, [identity(), points(count=10)], mistakes, values, answer)


@claim(
    "exercise-edge-proof",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Exercise: ReLU with biases", "zh": "练习：带偏置的 ReLU"},
    statement_text={
        "en": "If a layer turns the mean square q into ρ q + s, then after L layers it is "
        "q* + ρ^L (q₀ − q*) with q* = s/(1 − ρ) for ρ below 1, and q₀ + L s for ρ = 1. With "
        "He's variance ρ is 1, so biases add up without end.",
        "zh": "若一层把均方 q 变为 ρ q + s，则经过 L 层后，当 ρ < 1 时为 q* + ρ^L (q₀ − q*)，其中 "
        "q* = s/(1 − ρ)；当 ρ = 1 时为 q₀ + L s。采用 He 方差时 ρ = 1，偏置的贡献无休止地累加。",
    },
    assumptions={
        "en": "ρ = n σ²/2 for ReLU with weights of variance σ²; s is the variance of the biases. "
        "By induction over L: the formula holds for L = 0, and one more layer takes it from L to "
        "L + 1.",
        "zh": "对权重方差为 σ² 的 ReLU 层，ρ = n σ²/2，s 为偏置的方差。对 L 作归纳："
        "L = 0 时公式成立，再过一层便由 L 得到 L + 1。",
    },
)
def exercise_edge_proof() -> Case:
    rho, start, s, depth = sp.symbols("rho q_0 s L", positive=True)
    below = sp.Symbol("d", positive=True)
    rest = s / (1 - rho)

    def after(n: sp.Expr) -> sp.Expr:
        return rest + rho**n * (start - rest)

    def added(n: sp.Expr) -> sp.Expr:
        return start + n * s

    at_he = (n_in * declared("he_normal") * HALF).subs(n_in, 1)
    statement = ForAll(
        {
            "begins": equal(after(sp.S.Zero), start),
            "goes on": equal(rho * after(depth) + s, after(depth + 1)),
            "rests": equal(rho * rest + s, rest),
            "he": equal(at_he, 1),
            "begins, ρ = 1": equal(added(sp.S.Zero), start),
            "goes on, ρ = 1": equal(added(depth) + s, added(depth + 1)),
            "without end": greater(added(depth + below), added(depth)),
        },
        {rho: sp.Interval.open(0, 1), start: Positive, s: Positive, depth: Positive,
         below: Positive},
        display=(
            r"q_{k+1} = \rho\, q_k + s:",
            r"q_L = q^* + \rho^L (q_0 - q^*), \quad q^* = \frac{s}{1 - \rho}"
            r" \;\; (0 < \rho < 1),",
            r"q_L = q_0 + L\, s \;\; (\rho = 1)",
        ),
        scope="",
        words="q_(k+1) = rho q_k + s: q_L = q* + rho^L (q_0 - q*), q* = s/(1 - rho), for "
        "0 < rho < 1; q_0 + L s for rho = 1",
    )  # fmt: skip
    mistakes = [
        Mistake("the start forgotten", "漏掉初值",
                statement.but(begins=equal(after(sp.S.Zero) - rest, start))),
        Mistake("the bias of the new layer forgotten", "漏掉新一层的偏置",
                statement.but(**{"goes on": equal(rho * after(depth), after(depth + 1)),
                                 "goes on, ρ = 1": equal(added(depth), added(depth + 1))})),
        Mistake("the resting point s (1 − ρ)", "不动点写成 s (1 − ρ)",
                statement.but(rests=equal(rho * s * (1 - rho) + s, s * (1 - rho)))),
        Mistake("Xavier's variance in place of He's", "误用 Xavier 的方差",
                statement.but(he=equal(
                    (n_in * declared("lecun_normal") * HALF).subs(n_in, 1), 1))),
        Mistake("the first layer counted twice", "第一层数了两次",
                statement.but(**{"begins, ρ = 1": equal(added(sp.S.One), start)})),
        Mistake("it comes to rest for ρ = 1, too", "误以为 ρ = 1 时也会稳定",
                statement.but(**{"without end": greater(added(depth), added(depth + below))})),
    ]  # fmt: skip
    equations = [name for name in statement.parts if name != "without end"]
    evidence = [
        identity(*equations),
        certificate(**{"without end": below * s}),
        points(*equations, "without end", count=12),
    ]
    answer = Answer(
        Kind.PROOF,
        en="A resting point satisfies $q^* = \\rho\\, q^* + s$, so $q^* = s/(1 - \\rho)$. Subtract "
        "this from the recursion: $q_{k+1} - q^* = \\rho\\,(q_k - q^*)$, and the distance is "
        "multiplied by $\\rho$ in every layer. For $\\rho < 1$ it dies out, and whatever the input "
        "was, the network forgets its length. For $\\rho = 1$ there is no resting point: each "
        "layer adds $s$, and $q_L = q_0 + L s$ grows without end. He's variance gives $\\rho = n "
        "\\cdot "
        "\\tfrac2n \\cdot \\tfrac12 = {$one}$; so it goes with zero biases.",
        zh="不动点满足 $q^* = \\rho\\, q^* + s$，故 $q^* = s/(1 - \\rho)$。与递推式相减："
        "$q_{k+1} - q^* = \\rho\\,(q_k - q^*)$，即距离每层乘以 $\\rho$。"
        "当 $\\rho < 1$ 时距离趋于零，无论输入如何，网络都会忘记它的长度。当 $\\rho = 1$ "
        "时没有不动点：每层加上 $s$，"
        "$q_L = q_0 + L s$ 无限增长。He 方差给出 $\\rho = n \\cdot \\tfrac2n \\cdot \\tfrac12 = "
        "{$one}$，所以它要与零偏置配合使用。",
    )
    return Case(statement, evidence, mistakes, {"one": Value(sp.S.One)}, answer)


WIDTH, DEPTH = 128, 30


@functools.cache
def _run(scheme: str) -> sp.Rational:
    """The code of the exercise: the common logarithm of the mean square after the layers."""
    import numpy as np

    from gradmath.functions import activations as callables
    from gradmath.functions import initialisers

    a = np.random.Generator(np.random.PCG64(100)).standard_normal(WIDTH)
    for seed in range(DEPTH):
        a = callables["relu"](initialisers[scheme]((WIDTH, WIDTH), seed=seed) @ a)
    return sp.Rational(round(100 * float(np.log10(np.mean(a**2)))), 100)


def _run_again(times: int) -> sp.Rational:
    """The same in NumPy alone: weights of variance `times`/width from the same numbers."""
    import numpy as np

    a = np.random.Generator(np.random.PCG64(100)).standard_normal(WIDTH)
    for seed in range(DEPTH):
        drawn = np.random.Generator(np.random.PCG64(seed)).standard_normal((WIDTH, WIDTH))
        a = np.maximum(math.sqrt(times / WIDTH) * drawn @ a, 0)
    return sp.Rational(round(100 * math.log10(float(a @ a) / WIDTH)), 100)


@claim(
    "exercise-edge-code",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Exercise: thirty layers of ReLU", "zh": "练习：三十层 ReLU"},
    statement_text={
        "en": "Drawn from the same random numbers, a network with LeCun's variance gives exactly "
        "2⁻³⁰ times the mean square that one with He's gives after thirty layers.",
        "zh": "用同样的随机数抽取时，采用 LeCun 方差的网络在三十层之后，"
        "其均方恰为采用 He 方差的网络的 2⁻³⁰ 倍。",
    },
    assumptions={
        "en": "ReLU, no bias, 128 units a layer. The weights differ by the factor √2 alone, and "
        "ReLU of a positive multiple is that multiple of ReLU; stated in exact arithmetic.",
        "zh": "ReLU，无偏置，每层 128 个单元。两种权重只差因子 √2，而 ReLU 对正倍数是齐次的；"
        "按精确运算陈述。",
    },
)
def exercise_edge_code() -> Case:
    relu = applied(activations["relu"])
    root = sp.sqrt(2)
    ratio = declared("he_normal") / declared("lecun_normal")
    statement = ForAll(
        {
            "homogeneous": equal(relu(root * z), root * relu(z)),
            "ratio": equal(ratio, 2),
            "thirty layers": equal((1 / ratio) ** DEPTH, sp.Rational(1, 2**DEPTH)),
        },
        {z: Reals},
        display=(
            r"\operatorname{ReLU}(\sqrt2\, z) = \sqrt2 \operatorname{ReLU}(z),",
            r"\frac{2/n}{1/n} = 2, \quad \left(\tfrac12\right)^{30} = 2^{-30}",
        ),
        words="relu(sqrt(2) z) = sqrt(2) relu(z); (2/n)/(1/n) = 2; (1/2)^30 = 2^-30",
    )
    mistakes = [
        Mistake("ReLU taken not to scale", "误以为 ReLU 不随倍数缩放",
                statement.but(homogeneous=equal(relu(root * z), relu(z)))),
        Mistake("a square taken out of ReLU", "误从 ReLU 中提出平方",
                statement.but(homogeneous=equal(relu(root * z), 2 * relu(z)))),
        Mistake("the ratio of the deviations", "取了标准差之比", statement.but(
            ratio=equal(ratio, root))),
        Mistake("fifteen layers' worth", "只算了十五层",
                statement.but(**{"thirty layers": equal(
                    (1 / ratio) ** DEPTH, sp.Rational(1, 2 ** (DEPTH // 2)))})),
    ]  # fmt: skip
    values = {
        "lecun": Value(_run("lecun_normal"), digits=3, again=lambda: _run_again(1)),
        "he": Value(_run("he_normal"), digits=2, again=lambda: _run_again(2)),
        "width": Value(WIDTH),
        "depth": Value(DEPTH, again=factors(HALF, statement.parts["thirty layers"].right)),
        "ratio": Value(sp.Rational(1, 2**DEPTH), digits=2),
    }
    code = """
```pycon
>>> import numpy as np
>>> import gradmath as gm
>>> x = np.random.Generator(np.random.PCG64(100)).standard_normal({#width})
>>> for scheme in ("lecun_normal", "he_normal"):
...     draw, a = gm.initialisers[scheme], x
...     for seed in range({#depth}):
...         a = gm.relu(draw(({#width}, {#width}), seed=seed) @ a)
...     print(scheme, round(float(np.log10(np.mean(a**2))), 2))
lecun_normal {#lecun}
he_normal {#he}

```
"""
    answer = Answer(
        Kind.CODE,
        en=code + "\nPrinted are powers of ten. The two networks are the same but for a factor "
        "$\\sqrt2$ in every weight "
        "matrix. ReLU lets a positive factor pass, so after thirty layers the mean squares differ "
        "by $2^{-30} \\approx {$ratio}$, and nothing else differs. That He's network does not end "
        "at exactly the mean square it began with is chance: the rule is right on average, and "
        "[width decides](#width-how-far-from-the-average) how far a single network wanders.",
        zh=code + "\n打印的是 10 的幂次。两个网络只在每个权重矩阵上差一个因子 $\\sqrt2$。ReLU "
        "让正因子原样通过，"
        "所以三十层后两者的均方相差 $2^{-30} \\approx {$ratio}$，别无不同。He "
        "网络的均方并未恰好回到起点，"
        "这是偶然：规则在平均意义上正确，单个网络偏离多远，由"
        "[宽度决定](#width-how-far-from-the-average)。",
    )  # fmt: skip
    return Case(statement, [identity(), points(count=12)], mistakes, values, answer)
