"""Answers to the exercises of the page, each checked as a claim."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

import sympy as sp

from gradmath.claims.again import factors, slope_at
from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.computed import Computed, Quantity
from gradmath.claims.derivations import chain
from gradmath.claims.evidence import certificate, enclosure, identity, points, slope
from gradmath.claims.exercise import Answer, Kind
from gradmath.claims.grades import CHECKED, PROVED
from gradmath.claims.kernel import KernelValues
from gradmath.claims.measured import Runs
from gradmath.claims.planted import derived_parts, with_rule
from gradmath.claims.relation import at_least, at_most, equal, greater, less
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Reals, sigmoid, tanh, z
from gradmath.claims.values import Value
from gradmath.claims.vanishing.rounding import (
    stable,
    stable_exactly,
    textbook,
    textbook_exactly,
)
from gradmath.verify.ulps import FLOAT32

PAGE = "vanishing"

HALF, QUARTER = sp.Rational(1, 2), sp.Rational(1, 4)
LAYERS: Final = 3
SMALL: Final = sp.Rational(1, 1000)
LAST_ABOVE: Final = 7  # layers further back at which the gradient is still above a thousandth


@claim(
    "exercise-vanishing-hand",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Exercise: turn the dial to 2", "zh": "练习：把旋钮转到 2"},
    statement_text={
        "en": "Three sigmoid neurons with w = 2 and b = −1, x = 1/2 and target 1: the derivatives "
        "with respect to b₃, b₂ and b₁ are −1/4, −1/8 and −1/16. Seven layers before the last the "
        "derivative of a longer chain is still above 1/1000 in size, eight layers before it is "
        "not.",
        "zh": "三个 sigmoid 神经元，w = 2，b = −1，x = 1/2，目标为 1：对 b₃、b₂、b₁ 的导数依次为 "
        "−1/4、−1/8、−1/16。更长的链中，末层之前第七层的导数绝对值仍大于 1/1000，第八层则不然。",
    },
    assumptions={"en": "Squared error, one sample.", "zh": "平方误差，单个样本。"},
)
def exercise_vanishing_hand() -> Case:
    names = [f"{letter}{k}" for k in range(1, LAYERS + 1) for letter in "wb"]
    given = {"x": HALF, "y": sp.Integer(1)}
    point = given | {n: sp.Integer(2 if n[0] == "w" else -1) for n in names}
    symbols = {name: sp.Symbol(name, real=True) for name in point}
    inside: sp.Expr = symbols["x"]
    for k in range(1, LAYERS + 1):
        inside = sigmoid(symbols[f"w{k}"] * inside + symbols[f"b{k}"])
    loss = (inside - symbols["y"]) ** 2
    at = {symbols[name]: number for name, number in point.items()}
    found = {f"b{k}": loss.diff(symbols[f"b{k}"]).subs(at) for k in range(1, LAYERS + 1)}
    stated = {f"b{k}": -QUARTER / 2 ** (LAYERS - k) for k in range(1, LAYERS + 1)}
    sizes = {k: QUARTER / 2**k for k in (LAST_ABOVE, LAST_ABOVE + 1)}
    derivation = chain(LAYERS)
    own = derivation.symbols
    unweighted = with_rule(derivation, "z2", "a1", sp.S.One)
    biases = list(stated)
    statement = ForAll(
        {f"dL/d{n}": equal(found[n], stated[n]) for n in biases}
        | derived_parts(derivation, point, stated, "L")
        | {
            "still above": greater(sizes[LAST_ABOVE], SMALL),
            "below": less(sizes[LAST_ABOVE + 1], SMALL),
        },
        display=(
            r"\frac{\partial L}{\partial b_3} = -\tfrac14, \quad"
            r" \frac{\partial L}{\partial b_2} = -\tfrac18, \quad"
            r" \frac{\partial L}{\partial b_1} = -\tfrac1{16},",
            r"\tfrac14 \cdot 2^{-7} > \tfrac{1}{1000} > \tfrac14 \cdot 2^{-8}",
        ),
        words="dL/db3 = -1/4, dL/db2 = -1/8, dL/db1 = -1/16; 2^-7 / 4 > 1/1000 > 2^-8 / 4",
    )
    mistakes = [
        Mistake("the weight left out: a quarter a layer", "漏掉权重，以为每层乘 1/4",
                statement.but(**{f"dL/d{n}": equal(
                    found[n], -QUARTER ** (1 + LAYERS - int(n[1]))) for n in ("b1", "b2")})),
        Mistake("the last slope lost", "漏掉末层的导数",
                statement.but(**{"dL/db3": equal(found["b3"], -1)})),
        Mistake("a derivation that loses a weight", "推导中漏掉一个权重",
                statement.but(**{name: part for name, part in derived_parts(
                    unweighted, point, stated, "L").items() if name.endswith("b1")}),
                derivation=unweighted),
        Mistake("a derivation with twice the loss", "推导中残差误作损失",
                statement.but(**derived_parts(
                    with_rule(derivation, "L", "a3", 2 * (own["a3"] - own["y"]) ** 2),
                    point, stated, "L")),
                derivation=with_rule(derivation, "L", "a3", 2 * (own["a3"] - own["y"]) ** 2)),
        Mistake("below a thousandth one layer earlier", "以为早一层就低于千分之一",
                statement.but(**{"still above": less(sizes[LAST_ABOVE], SMALL)})),
        Mistake("above it one layer later", "以为晚一层仍高于千分之一",
                statement.but(below=greater(sizes[LAST_ABOVE + 1], SMALL))),
    ]  # fmt: skip
    evidence = [
        identity(*(name for name in statement.parts if name.startswith(("dL", "derived")))),
        enclosure("still above", "below"),
        KernelValues(derivation, point, {f"dL/d{n}": n for n in biases}),
    ]
    values = {f"d{n}": Value(stated[n]) for n in biases}
    values |= {
        "above": Value(LAST_ABOVE, again=factors(2, QUARTER / sizes[LAST_ABOVE])),
        "below": Value(LAST_ABOVE + 1, again=factors(2, QUARTER / sizes[LAST_ABOVE + 1])),
    }
    answer = Answer(
        Kind.BY_HAND,
        en="Every pre-activation is $2 \\cdot 1/2 - 1 = 0$ and every activation $1/2$. At the end "
        "the residual is $-1/2$ and the slope $1/4$, so $\\partial L/\\partial b_3 = 2 \\cdot "
        "(-1/2) \\cdot 1/4 = {$db3}$. On the way to the neuron before, the derivative meets the "
        "weight $2$ and one more slope $1/4$: it is halved. So $\\partial L/\\partial b_2 = "
        "{$db2}$ and $\\partial L/\\partial b_1 = {$db1}$. In a longer chain the size $k$ layers "
        "before the last is $2^{-k}/4$; since $2^{8} = 256$ is the first power of two above "
        "$1000/4$, it drops below a thousandth {=below} layers before the last.",
        zh="每个预激活值都是 $2 \\cdot 1/2 - 1 = 0$，每个激活值都是 $1/2$。末端残差为 $-1/2$，导数"
        "为 $1/4$，故 $\\partial L/\\partial b_3 = 2 \\cdot (-1/2) \\cdot 1/4 = {$db3}$。往前一个"
        "神经元，导数要乘上权重 $2$ 与又一个 $1/4$，即减半。于是 $\\partial L/\\partial b_2 = "
        "{$db2}$，$\\partial L/\\partial b_1 = {$db1}$。更长的链中，末层之前第 $k$ 层的导数大小为 "
        "$2^{-k}/4$；$2^{8} = 256$ 是首个大于 $1000/4$ 的 2 的幂，因此在末层之前第 {=below} 层降到"
        "千分之一以下。",
    )
    return Case(statement, evidence, mistakes, values, answer)


@claim(
    "exercise-vanishing-proof",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Exercise: tanh in the same light", "zh": "练习：以同样的眼光看 tanh"},
    statement_text={
        "en": "The slope of tanh lies between exp(−2|z|) and 4 exp(−2|z|): it starts four times as "
        "high as the sigmoid's and dies out twice as fast. A chain of tanh neurons multiplies the "
        "gradient by at most |w| a neuron, and by exactly w where every pre-activation is 0.",
        "zh": "tanh 的导数介于 exp(−2|z|) 与 4 exp(−2|z|) 之间：起点是 sigmoid 的四倍，"
        "衰减则快一倍。一串 tanh 神经元中，每个神经元至多把梯度乘以 |w|；当预激活值都为 0 "
        "时恰好乘以 w。",
    },
    assumptions={
        "en": "z is real, written u or −u with u ≥ 0. Chain: one step of the induction; p is the "
        "size so far and p + g a bound on it, g not negative.",
        "zh": "z 为实数，写作 u 或 −u，u ≥ 0。链：归纳的一步，p 是目前的大小，p + g 是它的上界，g "
        "非负。",
    },
)
def exercise_vanishing_proof() -> Case:
    u, p, g = sp.symbols("u p g", nonnegative=True)
    v, c = sp.symbols("v c", real=True)
    rise = tanh(z).diff(z)
    right, left, size = rise.xreplace({z: u}), rise.xreplace({z: -u}), sp.exp(-2 * u)
    four = 4 * sigmoid(z).diff(z).xreplace({z: 2 * z})
    begun = tanh(v * c).diff(c).subs(c, 0)
    statement = ForAll(
        {
            "by the sigmoid": equal(rise, four),
            "right: at most": less(right, 4 * size),
            "left: at most": less(left, 4 * size),
            "right: at least": at_least(right, size),
            "left: at least": at_least(left, size),
            "one more neuron": at_most(p * sp.Abs(v) * rise, (p + g) * sp.Abs(v)),
            "at 0": equal(begun, v),
        },
        {z: Reals, v: Reals, **dict.fromkeys((u, p, g), sp.Interval(0, sp.oo))},
        display=(
            r"\tanh'(z) = 4\,\sigma'(2z), \qquad e^{-2|z|} \le \tanh'(z) < 4\,e^{-2|z|},",
            r"\left|\frac{\partial a_n}{\partial x}\right| \le \prod_{k=1}^{n} |w_k|",
        ),
        scope=r"z \in \mathbb{R}",
        words="tanh'(z) = 4 sigmoid'(2z); e^-2|z| <= tanh'(z) < 4 e^-2|z|; |da_n/dx| is at most "
        "the product of |w_k|",
    )
    above = 4 * size * (2 * size + size**2) / (1 + size) ** 2
    below = size * (1 - size) * (3 + size) / (1 + size) ** 2
    evidence = [
        identity("by the sigmoid", "at 0"),
        certificate(
            **{f"{side}: at most": above for side in ("right", "left")},
            **{f"{side}: at least": below for side in ("right", "left")},
            **{"one more neuron": p * sp.Abs(v) * sp.tanh(z) ** 2 + g * sp.Abs(v)},
        ),
        slope("by the sigmoid", of=tanh(z), by=z),
        points("right: at most", "left: at least", "one more neuron", count=20),
    ]
    more = "one more neuron"
    mistakes = [
        Mistake("the inner factor 2 lost", "漏掉内层的 2",
                statement.but(**{"by the sigmoid": equal(rise, four / 2)})),
        Mistake("as slow as the sigmoid", "以为与 sigmoid 衰减得一样慢",
                statement.but(**{"right: at least": at_least(right, sp.exp(-u)),
                                 "left: at least": at_least(left, sp.exp(-u))})),
        Mistake("the sigmoid's upper bound in 2z", "沿用 sigmoid 的上界 e^(−2|z|)",
                statement.but(**{"right: at most": less(right, size),
                                 "left: at most": less(left, size)})),
        Mistake("a quarter a neuron, as for the sigmoid", "以为与 sigmoid 一样每个神经元乘 1/4",
                statement.but(**{more: at_most(
                    p * sp.Abs(v) * rise, (p + g) * sp.Abs(v) * QUARTER)})),
        Mistake("w in place of |w|", "把 |w| 写成 w",
                statement.but(**{more: at_most(p * sp.Abs(v) * rise, (p + g) * v)})),
        Mistake("a quarter of w at 0", "以为在 0 处乘以 w/4",
                statement.but(**{"at 0": equal(begun, v / 4)})),
    ]  # fmt: skip
    answer = Answer(
        Kind.PROOF,
        en="Since $\\tanh z = 2\\,\\sigma(2z) - 1$, the composition rule gives $\\tanh' z = "
        "2 \\cdot 2\\,\\sigma'(2z)$. Put $2z$ for $z$ in $\\tfrac14 e^{-|z|} \\le \\sigma'(z) < "
        "e^{-|z|}$ and multiply by ${$four}$: that is the first claim. For the chain, each neuron "
        "contributes $w_k \\tanh'(z_k)$, and $\\tanh' = 1 - \\tanh^2 \\le 1$; so its size is at "
        "most $|w_k|$, and a product of such numbers is at most the product of the bounds. At $z_k "
        "= 0$ the slope is exactly $1$. So a tanh chain has its dial at ${$one}$ where a sigmoid "
        "chain has it at ${$four}$: with every $|w_k| < 1$ it must vanish.",
        zh="由 $\\tanh z = 2\\,\\sigma(2z) - 1$ 与链式法则，$\\tanh' z = 2 \\cdot "
        "2\\,\\sigma'(2z)$。在 $\\tfrac14 e^{-|z|} \\le \\sigma'(z) < e^{-|z|}$ 中以 $2z$ 代 $z$，"
        "再乘以 ${$four}$，即得第一条。对于链，每个神经元贡献 $w_k \\tanh'(z_k)$，而 $\\tanh' = 1 "
        "- \\tanh^2 \\le 1$，故其大小至多为 $|w_k|$，若干个相乘，不超过各上界之积。$z_k = 0$ 处导"
        "数恰为 $1$。因此 tanh 链的旋钮以 ${$one}$ 为界，sigmoid 链以 ${$four}$ 为界：若每个 "
        "$|w_k| < 1$，梯度必然消失。",
    )
    values = {
        "four": Value(sp.Integer(4)),
        "one": Value(sp.Integer(1), again=lambda: slope_at(tanh(z), z, {z: 0})),
    }
    return Case(statement, evidence, mistakes, values, answer)


TRIED: Final = (11, 13, 15, 17)  # where the two forms are compared in single precision


def percent(at: int) -> float:
    """By how many per cent s (1 - s) differs from the stable slope, both in single precision."""
    return float(round(100 * abs(textbook(at, FLOAT32) / stable(at, FLOAT32) - 1)))


def percent_exactly(at: int) -> float:
    """The same with integers: each operation exact, then rounded once."""
    there = Fraction(at)
    product, true = textbook_exactly(there, FLOAT32), stable_exactly(there, FLOAT32)
    return float(round(100 * abs(product / true - 1)))


@claim(
    "exercise-vanishing-code",
    page=PAGE,
    grade=CHECKED,
    titles={"en": "Exercise: the slope in single precision", "zh": "练习：单精度下的导数"},
    statement_text={
        "en": "In single precision s (1 − s) is good to a per cent at z = 11 and 13, off by more "
        "than 10 % at z = 15, and gone at z = 17, where the true slope is still far from the end "
        "of the format.",
        "zh": "单精度下，s (1 − s) 在 z = 11、13 处误差不到百分之一，z = 15 处误差超过 10%，z = 17 "
        "处已不复存在，而真实导数离该格式的尽头还很远。",
    },
    assumptions={
        "en": "s = 1/(1 + e⁻ᶻ), every operation in single precision. Whole per cents, against the "
        "catalogue's stable form; repeated with integers, each operation rounded once.",
        "zh": "s = 1/(1 + e⁻ᶻ)，每步运算均为单精度。以整数百分比计，与内置的稳定写法比较；并用整数"
        "运算、每步舍入一次重算。",
    },
)
def exercise_vanishing_code() -> Case:
    intervals = dict(
        zip(TRIED, ((0.0, 0.0), (0.0, 1.0), (10.0, 30.0), (100.0, 100.0)), strict=True)
    )

    def at(place: int) -> Quantity:
        return Quantity(lambda: percent(place), lambda: percent_exactly(place), *intervals[place])

    statement = Computed(
        {f"z = {place}": at(place) for place in TRIED},
        formula=r"100 \left|\frac{\mathrm{fl}(s\,(1 - s))}{\sigma'(z)} - 1\right|:\quad"
        r" z = 11:\ 0, \quad z = 13:\ \le 1, \quad z = 15:\ > 10, \quad z = 17:\ 100",
        words="s (1 - s) in single precision is off by 0 % at z = 11, at most 1 % at 13, more than "
        "10 % at 15, 100 % at 17",
    )
    mistakes = [
        Mistake("good everywhere", "以为处处准确",
                statement.but({"z = 15": (0.0, 1.0), "z = 17": (0.0, 1.0)})),
        Mistake("as good as double precision", "以为与双精度一样准确",
                statement.but({"z = 17": 0.0})),
        Mistake("gone as soon as the slope is below the gap at 1", "以为导数小于 1 处的间隔便为 0",
                statement.but({"z = 15": 100.0})),
        Mistake("bad already at 11 and 13", "以为 11、13 处已不准确",
                statement.but({"z = 11": (2.0, 100.0), "z = 13": (2.0, 100.0)})),
    ]  # fmt: skip
    values = {f"off_{place}": Value(int(percent(place))) for place in TRIED}
    code = """
```pycon
>>> import numpy as np
>>> import gradmath as gm
>>> z = np.array([11, 13, 15, 17], dtype=np.float32)
>>> s = 1 / (1 + np.exp(-z))
>>> textbook, true = s * (1 - s), gm.sigmoid.derivative(z)
>>> ratios = textbook.astype(float) / true.astype(float)
>>> [round(float(off)) for off in 100 * abs(ratios - 1)]
[{#off_11}, {#off_13}, {#off_15}, {#off_17}]
>>> float(textbook[-1]), bool(true[-1] > 4e-8)
(0.0, True)

```
"""
    answer = Answer(
        Kind.CODE,
        en=code
        + "\nWhat is lost is lost near 1. There the numbers of the format are far apart: of "
        "the tiny $e^{-z}$ the sum $1 + e^{-z}$ keeps a digit or two, at last none, and $1 - s$ "
        "brings back no more than was kept. The stable form works with $e^{-z}$ itself.",
        zh=code + "\n丢失发生在 1 附近。那里该格式的数相隔较远：$1 + e^{-z}$ 只留下微小的 $e^{-z}$ "
        "的一两位有效数字，最后一位也不剩；$1 - s$ 找回的不会比留下的更多。稳定写法直接使用 "
        "$e^{-z}$。",
    )
    return Case(statement, [Runs()], mistakes, values, answer)
