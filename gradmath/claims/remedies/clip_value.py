"""Clipping by value: the map, and what it belongs on."""

from __future__ import annotations

import sympy as sp

from gradmath.catalogue import clips
from gradmath.catalogue.applied import applied
from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.evidence import certificate, identity, points
from gradmath.claims.grades import PROVED
from gradmath.claims.relation import at_most, equal, greater, less
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Reals, eta, y

PAGE = "remedies"
clip = applied(clips["clip_by_value"])  # clip(g, low, high)
LOWEST, HIGHEST = sp.Integer(0), sp.Integer(10)  # the window of the source

a, x = sp.symbols("a x", real=True)
t, u, c, p = sp.symbols("t u c p", positive=True)
r = sp.Symbol("r", nonnegative=True)
Positive, Nonnegative = sp.Interval.open(0, sp.oo), sp.Interval(0, sp.oo)

#: an entry below the window [-c, c] and one above it
BELOW, ABOVE = -c - t, c + t
#: an entry inside a window is followed as p inside one that reaches to p + r; r = 0 is its border
REACH = p + r


@claim(
    "clip-value-formula",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Clipping by value", "zh": "按值裁剪"},
    statement_text={
        "en": "Clipping to the window from a to b returns a for what lies below a, b for what lies "
        "above b, and everything between unchanged.",
        "zh": "裁剪到区间 [a, b]：小于 a 的变成 a，大于 b 的变成 b，介于两者之间的保持不变。",
    },
    assumptions={
        "en": "a < b. Proved for x = a − t and x = b + t with t > 0, and for a = x − p, b = x + r "
        "with p, r ≥ 0.",
        "zh": "a < b。分别对 x = a − t、x = b + t（t > 0）以及 a = x − p、b = x + r（p、r ≥ 0）"
        "证明。",
    },
    references=("goodfellow2016",),
)
def clip_value_formula() -> Case:
    high, depth = a + u, sp.Symbol("p", nonnegative=True)
    low_in, high_in = x - depth, x + r
    statement = ForAll(
        {
            "below": equal(clip(a - t, a, high), a),
            "inside": equal(clip(x, low_in, high_in), x),
            "above": equal(clip(high + t, a, high), high),
        },
        {a: Reals, x: Reals, u: Positive, t: Positive, depth: Nonnegative, r: Nonnegative},
        scope=r"x \in \mathbb{R},\; a < b",
        display=(
            r"\operatorname{clip}(x; a, b) = \begin{cases} a & x < a \\ b & x > b \\"
            r" x & a \le x \le b \end{cases}",
        ),
        words="clip(x; a, b) = a for x < a, b for x > b, x for a <= x <= b",
    )
    mistakes = [
        Mistake("nothing happens above b, as if the line for x > b were never met",
                "x > b 一行写坏后，大于 b 的值原样通过",
                statement.but(above=equal(clip(high + t, a, high), high + t))),
        Mistake("0 outside the window in place of the bound", "区间外取 0 而不是端点",
                statement.but(below=equal(clip(a - t, a, high), 0))),
        Mistake("the bounds exchanged", "两个端点颠倒",
                statement.but(below=equal(clip(a - t, a, high), high),
                              above=equal(clip(high + t, a, high), a))),
        Mistake("inside the window, too, the nearer bound", "区间之内也取端点",
                statement.but(inside=equal(clip(x, low_in, high_in), high_in))),
    ]  # fmt: skip
    return Case(statement, [identity(), points(count=12)], mistakes)


@claim(
    "clip-is-for-gradients",
    page=PAGE,
    grade=PROVED,
    titles={"en": "What is clipped is the gradient", "zh": "裁剪的对象是梯度"},
    statement_text={
        "en": "With the gradient clipped to [−c, c], a step moves a weight by at most η c, however "
        "large the gradient is, and every entry that is not 0 still takes its step downhill.",
        "zh": "把梯度裁剪到 [−c, c] 后，无论梯度多大，一步最多使权重改变 η c；"
        "而凡是不为 0 的分量，仍然朝下坡方向走。",
    },
    assumptions={
        "en": "One entry g of the gradient, η > 0 and c > 0. Proved for g = −c − t, g = c + t "
        "and, inside the window, g = p with c = p + r (a negative g inside by reflection); p, t "
        "> 0, r ≥ 0. Downhill: to first order the entry changes the loss by −η g clip(g).",
        "zh": "梯度的一个分量 g，η > 0，c > 0。分别对 g = −c − t、g = c + t 以及区间之内的 g = "
        "p、c = p + r 证明（区间内的负值由反射得到），p、t > 0，r ≥ 0。下坡指一阶近似下该分量使"
        "损失改变 −η g clip(g)。",
    },
    references=("pascanu2013",),
)
def clip_is_for_gradients() -> Case:
    most, most_inside = (eta * c) ** 2, (eta * REACH) ** 2

    def step(g: sp.Expr, bound: sp.Expr = c) -> sp.Expr:
        return eta * clip(g, -bound, bound)

    inside = step(p, REACH)
    statement = ForAll(
        {
            "bounded below": at_most(step(BELOW) ** 2, most),
            "bounded inside": at_most(inside**2, most_inside),
            "bounded above": at_most(step(ABOVE) ** 2, most),
            "downhill below": greater(step(BELOW) * BELOW, 0),
            "downhill inside": greater(inside * p, 0),
            "downhill above": greater(step(ABOVE) * ABOVE, 0),
        },
        {**dict.fromkeys((eta, c, t, p), Positive), r: Nonnegative},
        scope=r"g \in \mathbb{R},\; \eta, c > 0",
        display=(
            r"\hat w = w - \eta\,\operatorname{clip}(g; -c, c):",
            r"|\hat w - w| \le \eta\,c,",
            r"g\,\operatorname{clip}(g; -c, c) > 0 \quad (g \ne 0)",
        ),
        words="|eta clip(g; -c, c)| <= eta c, and g clip(g; -c, c) > 0 for g != 0",
    )
    evidence = [
        certificate(
            **{
                "bounded below": sp.S.Zero,
                "bounded inside": eta**2 * r * (2 * p + r),
                "bounded above": sp.S.Zero,
                "downhill below": eta * c * (c + t),
                "downhill inside": eta * p**2,
                "downhill above": eta * c * (c + t),
            }
        ),
        points(count=12),
    ]
    mistakes = [
        Mistake("a step of at most c, without η", "以为步长至多为 c，漏掉 η",
                statement.but(**{
                    "bounded below": at_most(step(BELOW) ** 2, eta * c**2),
                    "bounded above": at_most(step(ABOVE) ** 2, eta * c**2)})),
        Mistake("half the bound", "界限少了一半",
                statement.but(**{"bounded inside": at_most(inside**2, most_inside / 4)})),
        Mistake("the gradient not clipped at all", "梯度根本没有裁剪",
                statement.but(**{"bounded above": at_most((eta * ABOVE) ** 2, most),
                                 "bounded below": at_most((eta * BELOW) ** 2, most)})),
        Mistake("a window without negative numbers", "区间里没有负数",
                statement.but(**{"downhill below": greater(eta * clip(BELOW, 0, c) * BELOW, 0)})),
        Mistake("the sign lost: the size is clipped", "丢掉符号，只裁剪绝对值",
                statement.but(**{"downhill below": greater(step(-BELOW) * BELOW, 0),
                                 "downhill inside": greater(inside * -p, 0)})),
        Mistake("a step uphill", "朝上坡走一步",
                statement.but(**{"downhill above": less(step(ABOVE) * ABOVE, 0)})),
    ]  # fmt: skip
    return Case(statement, evidence, mistakes)


@claim(
    "clip-output-kills-gradient",
    page=PAGE,
    grade=PROVED,
    titles={"en": "A clipped output has no gradient", "zh": "裁剪输出会让梯度归零"},
    statement_text={
        "en": "Clip the output of a neuron to [0, 10], and wherever the output was really clipped "
        "the loss has derivative exactly 0 with respect to the pre-activation, and so to every "
        "weight behind it. Inside the window the derivative is 2(z − y), as large as without "
        "clipping.",
        "zh": "把神经元的输出裁剪到 [0, 10]：凡是真正被裁剪的地方，损失对预激活值的导数恰为 0，"
        "于是对它之前的所有权重也都是 0；区间之内导数为 2(z − y)，与不裁剪时一样大。",
    },
    assumptions={
        "en": "Squared error with target y. Below the window z = −t, above it z = 10 + t, t > 0. "
        "Inside, proved for any window that reaches from 0 to z + t, z > 0.",
        "zh": "平方误差，目标为 y。区间以下 z = −t，以上 z = 10 + t，t > 0。区间之内，对从 0 到 "
        "z + t （z > 0）的任意区间证明。",
    },
)
def clip_output_kills_gradient() -> Case:
    z, top = sp.Symbol("z", real=True), sp.Symbol("b", positive=True)
    slope = ((clip(z, LOWEST, top) - y) ** 2).diff(z)

    def at(place: sp.Expr, bound: sp.Expr = HIGHEST) -> sp.Expr:
        return slope.xreplace({z: place, top: bound})

    below, above = -t, HIGHEST + t
    statement = ForAll(
        {
            "below": equal(at(below), 0),
            "above": equal(at(above), 0),
            "inside": equal(at(p, p + t), 2 * (p - y)),
        },
        {y: Reals, t: Positive, p: Positive},
        scope=r"y, z \in \mathbb{R}",
        display=(
            r"l = \bigl(\operatorname{clip}(z; 0, 10) - y\bigr)^2:",
            r"\frac{\partial l}{\partial z} = \begin{cases} 0 & z < 0 \ \text{or}\ z > 10 \\"
            r" 2\,(z - y) & 0 < z < 10 \end{cases}",
        ),
        words="l = (clip(z; 0, 10) - y)^2: dl/dz = 0 for z < 0 or z > 10, 2 (z - y) between",
    )
    residual = 2 * (clip(z, LOWEST, HIGHEST) - y)
    mistakes = [
        Mistake("above the window the residual is passed on", "以为高于区间时残差照样传回",
                statement.but(above=equal(at(above), residual.subs(z, above)))),
        Mistake("below the window the residual is passed on", "以为低于区间时残差照样传回",
                statement.but(below=equal(at(below), residual.subs(z, below)))),
        Mistake("no gradient inside either", "以为区间内也没有梯度",
                statement.but(inside=equal(at(p, p + t), 0))),
        Mistake("the factor 2 lost", "漏掉因子 2",
                statement.but(inside=equal(at(p, p + t), p - y))),
    ]  # fmt: skip
    return Case(statement, [identity(), points(count=12)], mistakes)
