"""Answers to the exercises of the page, each checked as a claim."""

from __future__ import annotations

import math
from typing import Any

import sympy as sp

from gradmath.claims import ball
from gradmath.claims.again import repeated
from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.computed import AllOf
from gradmath.claims.evidence import certificate, enclosure, identity
from gradmath.claims.exercise import Answer, Kind
from gradmath.claims.exploding.stacks import PAGE, with_member
from gradmath.claims.grades import PROVED
from gradmath.claims.measures import NORM, RADIUS
from gradmath.claims.planted import with_rule
from gradmath.claims.relation import equal, equal_entries, greater, less
from gradmath.claims.spectra import Between, OfMatrices, Printed, Spectra
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Reals, tanh, w
from gradmath.claims.values import Value

HAIR = sp.Rational(1, 10**12)


@claim(
    "exercise-exploding-hand",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Exercise: a matrix that takes two steps", "zh": "练习：走两步才看得清的矩阵"},
    statement_text={
        "en": "For W = [[0, 4], [1, 0]]: W² = 4 I, so W¹⁰ = 1024 I. The spectral radius is 2 and "
        "the norm is 4: one step may stretch a vector fourfold, but two steps stretch every "
        "vector exactly fourfold, which is 2 a step.",
        "zh": "取 W = [[0, 4], [1, 0]]：W² = 4I，故 W¹⁰ = 1024I。谱半径为 2，范数为 4："
        "走一步最多拉长到四倍，但走两步恰好都拉长到四倍，即平均每步两倍。",
    },
    assumptions={"en": "Exact arithmetic.", "zh": "精确算术。"},
)
def exercise_exploding_hand() -> Case:
    matrix = sp.Matrix([[0, 4], [1, 0]])
    printed = Printed.of("W", [["0", "4"], ["1", "0"]])
    square = equal_entries(matrix**2, 4 * sp.eye(2), "W^2 ")
    tenth = equal_entries(matrix**10, 1024 * sp.eye(2), "W^10 ")
    powers = ForAll(
        {**square, **tenth},
        display=(r"W = \begin{bmatrix} 0 & 4 \\ 1 & 0 \end{bmatrix}: \quad W^2 = 4 I, \quad"
                 r" W^{10} = 1024\, I",),
        words="W = [[0, 4], [1, 0]]: W^2 = 4 I, W^10 = 1024 I",
    )  # fmt: skip
    sizes = OfMatrices(
        {"radius": Between(RADIUS, (printed,), 2 - HAIR, 2 + HAIR),
         "norm": Between(NORM, (printed,), 4 - HAIR, 4 + HAIR)},
        display=(r"\rho(W) = 2, \qquad \lVert W \rVert_2 = 4",),
    )  # fmt: skip
    whole = AllOf((powers, sizes))
    entrywise = equal_entries(matrix**2, sp.Matrix([[0, 16], [1, 0]]), "W^2 ")
    by_norm = equal_entries(matrix**10, 4**10 * sp.ones(2, 2), "W^10 ")
    mistakes = [
        Mistake("squared entry by entry", "逐元素平方",
                with_member(whole, powers.but(**entrywise))),
        Mistake("the norm to the tenth power", "取范数的十次方",
                with_member(whole, powers.but(**by_norm))),
        Mistake("the norm taken for the radius", "把范数当成谱半径",
                with_member(whole, sizes.but(radius={"low": 4 - HAIR, "high": 4 + HAIR}))),
        Mistake("the radius taken for the norm", "把谱半径当成范数",
                with_member(whole, sizes.but(norm={"low": 2 - HAIR, "high": 2 + HAIR}))),
    ]  # fmt: skip
    values = {
        "tenth": Value(sp.Integer(1024)),
        "bound": Value(sp.Integer(4) ** 10, again=repeated(sizes.parts["norm"].value(), 10)),
    }
    answer = Answer(
        Kind.BY_HAND,
        en="$W$ sends $(u, v)$ to $(4v, u)$, and once more to $(4u, 4v)$. So $W^2 = 4I$ and "
        "$W^{10} = 4^5 I = {$tenth}\\, I$. From $\\lambda^2 = 4$ the eigenvalues are $\\pm 2$ and "
        "the spectral radius is 2. A single step stretches $(0, 1)$ fourfold, so the norm is 4; "
        "the bound that it gives for ten steps, $4^{10} = {$bound}$, is far too high, because no "
        "vector is stretched fourfold twice in a row.",
        zh="$W$ 把 $(u, v)$ 变为 $(4v, u)$，再走一步变为 $(4u, 4v)$，所以 $W^2 = 4I$，"
        "$W^{10} = 4^5 I = {$tenth}\\, I$。由 $\\lambda^2 = 4$ 得特征值 $\\pm 2$，谱半径为 2。"
        "走一步可把 $(0, 1)$ 拉长到四倍，故范数为 4；由它得到的十步上界 $4^{10} = {$bound}$ "
        "过于悲观，因为没有哪个向量能连续两步都拉长到四倍。",
    )
    evidence = [identity(*square, *tenth), Spectra()]
    return Case(whole, evidence, mistakes, values, answer)


@claim(
    "exercise-exploding-proof",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Exercise: one weight, used many times", "zh": "练习：同一个权重用了多次"},
    statement_text={
        "en": "For h_t = w h_{t−1} the derivative of h_T with respect to w is the sum of one "
        "contribution for each step, and equals T wᵀ⁻¹ h₀ (T the number of steps). For w = 1 it "
        "grows in proportion to T, although no single step amplifies; for 0 < w < 1 it shrinks "
        "once T exceeds w/(1 − w).",
        "zh": "设 h_t = w h_{t−1}。h_T 对 w 的导数是各步贡献之和，等于 T·w 的 T − 1 次方·h₀（T "
        "为步数）。w = 1 时它与 T 成正比，尽管没有哪一步放大；0 < w < 1 时，当 T 超过 w/(1 − w) "
        "后它开始缩小。",
    },
    assumptions={
        "en": "w > 0, h₀ real. Step t contributes w to the power T − t, which is what the later "
        "steps make of it, times h_{t−1}.",
        "zh": "w > 0，h₀ 为实数。第 t 步的贡献为 w 的 T − t 次方（其后各步的作用）乘以 h_{t−1}。",
    },
)
def exercise_exploding_proof() -> Case:
    u, start = sp.Symbol("w", positive=True), sp.Symbol("h_0", real=True)
    steps, t = sp.Symbol("T", integer=True, positive=True), sp.Symbol("t", integer=True)
    more = sp.Symbol("k", positive=True)
    v = sp.Symbol("v", positive=True)
    late = v / (1 - v) + more  # a number of steps beyond w/(1 - w), for w = v
    total = sp.summation(u ** (steps - t) * u ** (t - 1) * start, (t, 1, steps))
    slope = (u**steps * start).diff(u)
    four = start
    for _ in range(4):
        four = u * four
    statement = ForAll(
        {
            "sum": equal(total, steps * u ** (steps - 1) * start),
            "power": equal(slope, steps * u ** (steps - 1) * start),
            "four steps": equal(four.diff(u), 4 * u**3 * start),
            "w = 1": equal(slope.subs(u, 1), steps * start),
            "shrinks": less((late + 1) * v, late),
        },
        {u: sp.Interval.open(0, sp.oo), start: Reals, steps: sp.S.Naturals,
         v: sp.Interval.open(0, 1), more: sp.Interval.open(0, sp.oo)},
        display=(
            r"\frac{\mathrm d h_T}{\mathrm d w} = \sum_{t=1}^{T} w^{T-t}\, h_{t-1}"
            r" = T\, w^{T-1}\, h_0,",
            r"T > \frac{w}{1 - w}: \quad (T + 1)\, w^T < T\, w^{T-1} \quad (0 < w < 1)",
        ),
        words="dh_T/dw = sum over t of w^(T - t) h_(t-1) = T w^(T-1) h_0; (T + 1) w < T for "
        "T > w/(1 - w)",
        scope="",
    )  # fmt: skip
    mistakes = [
        Mistake("the last step alone", "只算最后一步",
                statement.but(power=equal(slope, u ** (steps - 1) * start))),
        Mistake("the exponent not lowered", "指数没有减一",
                statement.but(sum=equal(total, steps * u**steps * start))),
        Mistake("the derivative of the first step to the power T", "误作首步导数的 T 次方",
                statement.but(**{"four steps": equal(four.diff(u), start**4)})),
        Mistake("no growth at w = 1", "以为 w = 1 时不增长",
                statement.but(**{"w = 1": equal(slope.subs(u, 1), start)})),
        Mistake("never shrinks", "以为永不缩小",
                statement.but(shrinks=greater((late + 1) * v, late))),
    ]  # fmt: skip
    answer = Answer(
        Kind.PROOF,
        en="The weight acts at every step. By the product rule, $\\frac{\\mathrm d h_t}{\\mathrm d "
        "w} = h_{t-1} + w\\, \\frac{\\mathrm d h_{t-1}}{\\mathrm d w}$: what this step adds, plus "
        "what the earlier ones have added, passed on. Unrolled from $\\mathrm d h_0/\\mathrm d w = "
        "0$ this is $\\sum_t w^{T-t} h_{t-1}$. Now $h_{t-1} = w^{t-1} h_0$, so each of the $T$ "
        "terms is $w^{T-1} h_0$. For $w = 1$ the sum is $T h_0$. For $0 < w < 1$ one more step "
        "multiplies it by $w\\,(T + 1)/T$, which is below one exactly if $T > w/(1 - w)$: it grows "
        "for a while and then vanishes.",
        zh="权重在每一步都起作用。由乘积法则，"
        "$\\frac{\\mathrm d h_t}{\\mathrm d w} = h_{t-1} + w\\, "
        "\\frac{\\mathrm d h_{t-1}}{\\mathrm d w}$："
        "前一项是这一步新增的贡献，"
        "后一项是此前的贡献继续向后传。从 $\\mathrm d h_0/\\mathrm d w = 0$ 展开，得 $\\sum_t "
        "w^{T-t} h_{t-1}$。又 $h_{t-1} = w^{t-1} h_0$，所以 $T$ 项都等于 $w^{T-1} h_0$。$w = 1$ "
        "时和为 $T h_0$。$0 < w < 1$ 时，多走一步乘以 $w\\,(T + 1)/T$，它小于 1 当且仅当 $T > "
        "w/(1 - w)$：先增长一阵，然后消失。",
    )
    evidence = [
        identity("sum", "power", "four steps", "w = 1"),
        certificate(shrinks=more * (1 - v)),
    ]
    return Case(statement, evidence, mistakes, {}, answer)


def _unit(steps: int) -> list[tuple[str, str]]:
    """The equations of a tanh unit that feeds itself, h_t = tanh(w h_(t-1))."""
    return [(f"h{t}", f"tanh(w*h{t - 1})") for t in range(1, steps + 1)]


def _steepness(steps: int) -> float:
    """dh_n/dh_0 for h = tanh(2 h) from 1/10, by forward differentiation in doubles."""
    here, rate = 0.1, 1.0
    for _ in range(steps):
        rate *= 2 / math.cosh(2 * here) ** 2
        here = math.tanh(2 * here)
    return rate


@claim(
    "exercise-exploding-code",
    page=PAGE,
    grade=PROVED,
    titles={
        "en": "Exercise: a unit that explodes, then vanishes",
        "zh": "练习：先爆炸、后消失的单元",
    },
    statement_text={
        "en": "For the unit h ← tanh(2h) from h₀ = 1/10 the derivative of the state by h₀ grows "
        "beyond 3 in two steps, and has fallen below one hundredth after eight.",
        "zh": "单元 h ← tanh(2h) 从 h₀ = 1/10 出发：状态对 h₀ 的导数两步后超过 3，"
        "八步后已不到百分之一。",
    },
    assumptions={
        "en": "One unit, no input. Derived by `gm.derive`, and enclosed by ball arithmetic.",
        "zh": "单个单元，无输入。由 `gm.derive` 推导，并以球算术作区间包围。",
    },
)
def exercise_exploding_code() -> Case:
    from gradmath.derivation import derive

    state = sp.Symbol("h_0", real=True)
    at = {state: sp.Rational(1, 10), w: sp.Integer(2)}
    marks = (1, 2, 4, 8)
    derived = {steps: derive(_unit(steps), wrt=["h0"]) for steps in marks}
    two = derived[2]
    lost = with_rule(two, "h2", "h1", 1 - tanh(two.symbols["w"] * two.symbols["h1"]) ** 2)

    def rate(steps: int) -> sp.Expr:
        here, product = state, sp.Integer(1)
        for _ in range(steps):
            here = tanh(w * here)
            product *= w * (1 - here**2)
        return product

    def ours(derivation: Any, steps: int) -> sp.Expr:
        own = derivation.symbols
        found = derivation.explicit("h0")
        return found.xreplace({own["h0"]: state, own["w"]: w})

    statement = ForAll(
        {
            "derived": equal(ours(two, 2), rate(2)),
            "explodes": greater(rate(2), 3),
            "vanishes": less(rate(8), sp.Rational(1, 100)),
        },
        {state: sp.FiniteSet(at[state]), w: sp.FiniteSet(at[w])},
        display=(
            r"h_t = \tanh(2 h_{t-1}),\; h_0 = \tfrac1{10}: \quad"
            r" \frac{\partial h_2}{\partial h_0} > 3, \quad"
            r" \frac{\partial h_8}{\partial h_0} < \tfrac{1}{100}",
        ),
        scope="",
        words="h_t = tanh(2 h_(t-1)), h_0 = 1/10: dh_2/dh_0 > 3 and dh_8/dh_0 < 1/100",
    )
    mistakes = [
        Mistake("a derivation that loses one weight", "推导中漏掉一个权重",
                statement.but(derived=equal(ours(lost, 2), rate(2))), derivation=lost),
        Mistake("two to the power of the steps, for ever", "以为一直是 2 的幂",
                statement.but(vanishes=less(rate(1), sp.Rational(1, 100)))),
        Mistake("no growth at all", "以为从不增长", statement.but(explodes=less(rate(2), 1))),
        Mistake("the slope at the state before", "导数取在前一个状态处",
                statement.but(derived=equal(ours(two, 2), w**2 * (1 - state**2)))),
    ]  # fmt: skip
    evidence = [
        identity("derived"),
        enclosure("explodes", "vanishes"),
    ]
    values = {
        f"after_{steps}": Value(
            float(ball.number(rate(steps), at)), digits=4, again=_steepness(steps)
        )
        for steps in marks
    }
    code = """
```pycon
>>> import gradmath as gm
>>> for steps in (1, 2, 4, 8):
...     unit = [(f"h{t}", f"tanh(w*h{t - 1})") for t in range(1, steps + 1)]
...     k = gm.compile(gm.derive(unit, wrt=["h0"]))
...     _, grads = k(h0=0.1, w=2.0)
...     print(steps, f"{grads['h0']:.4g}")
1 {#after_1}
2 {#after_2}
4 {#after_4}
8 {#after_8}

```
"""
    answer = Answer(
        Kind.CODE,
        en=code + "\nNear zero tanh is steep, and each step nearly doubles the derivative. But the "
        "state grows too, and where it comes to rest tanh is flat: from there on every step makes "
        "the derivative several times smaller. In one and the same net the gradient explodes over "
        "short lags and vanishes over long ones.",
        zh=code
        + "\n在 0 附近 tanh 很陡，每一步几乎使导数加倍。但状态也在增大，而它停下来的地方 tanh "
        "已经平坦：从此每一步都使导数缩小到几分之一。同一个网络中，梯度在短间隔上爆炸，"
        "在长间隔上消失。",
    )
    return Case(statement, evidence, mistakes, values, answer)
