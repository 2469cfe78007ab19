"""Answers to the exercises of the page, each checked as a claim."""

from __future__ import annotations

import itertools
import math
from typing import Any

import sympy as sp

from gradmath.catalogue import activations, clips
from gradmath.catalogue.applied import applied, explicit
from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.evidence import identity, points
from gradmath.claims.exercise import Answer, Kind
from gradmath.claims.grades import PROVED
from gradmath.claims.kernel import KernelValues
from gradmath.claims.planted import with_rule
from gradmath.claims.relation import Relation, equal
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Reals, y
from gradmath.claims.values import Value

PAGE = "remedies"
Positive = sp.Interval.open(0, sp.oo)
by_value, by_norm = (applied(clips[name]) for name in ("clip_by_value", "clip_by_norm"))
relu = applied(activations["relu"])
GRADIENT = (sp.Integer(3), sp.Integer(-4))
DEPTH, SHARE, HALF = 10, sp.Rational(1, 8), sp.Rational(1, 2)


@claim(
    "exercise-remedies-hand",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Exercise: three ways to clip", "zh": "练习：三种裁剪"},
    statement_text={
        "en": "The gradient (3, −4) has norm 5. Clipped by norm to 1 it is (3/5, −4/5), by value "
        "to [−1, 1] it is (1, −1), and with the window [0, 10] it is (3, 0). The squared "
        "cosines of the angles with the gradient are 1, 49/50 and 9/25.",
        "zh": "梯度 (3, −4) 的范数为 5。按范数裁剪到 1 得 (3/5, −4/5)；按值裁剪到 [−1, 1] 得 (1, "
        "−1)；区间取 [0, 10] 则得 (3, 0)。三者与原梯度夹角余弦的平方依次为 1、49/50、9/25。",
    },
    assumptions={
        "en": "Two entries of one gradient.",
        "zh": "同一个梯度的两个分量。",
    },
)
def exercise_remedies_hand() -> Case:
    norm = sp.sqrt(sum(g**2 for g in GRADIENT))
    found = {
        "norm": [by_norm(g, norm, 1) for g in GRADIENT],
        "value": [by_value(g, -1, 1) for g in GRADIENT],
        "window": [by_value(g, 0, 10) for g in GRADIENT],
    }
    stated = {
        "norm": (sp.Rational(3, 5), sp.Rational(-4, 5)),
        "value": (sp.Integer(1), sp.Integer(-1)),
        "window": (sp.Integer(3), sp.Integer(0)),
    }
    cosines = {"norm": sp.Integer(1), "value": sp.Rational(49, 50), "window": sp.Rational(9, 25)}

    def cosine(h: list[sp.Expr]) -> sp.Expr:
        along = sum(g * k for g, k in zip(GRADIENT, h, strict=True))
        return along**2 / (norm**2 * sum(k**2 for k in h))

    parts: dict[str, Relation] = {"length": equal(norm, 5)}
    for kind, entries in found.items():
        for n, (entry, number) in enumerate(zip(entries, stated[kind], strict=True), 1):
            parts[f"{kind} {n}"] = equal(entry, number)
        parts[f"{kind}: cosine"] = equal(cosine(entries), cosines[kind])
    statement = ForAll(
        parts,
        display=(
            r"g = (3, -4),\quad \lVert g \rVert = 5:",
            r"\operatorname{clip}(g; 1) = \left(\tfrac35, -\tfrac45\right), \quad \cos^2 = 1,",
            r"\operatorname{clip}(g; -1, 1) = (1, -1), \quad \cos^2 = \tfrac{49}{50},",
            r"\operatorname{clip}(g; 0, 10) = (3, 0), \quad \cos^2 = \tfrac{9}{25}",
        ),
        words="|(3, -4)| = 5; by norm to 1 (3/5, -4/5), by value to [-1, 1] (1, -1), to [0, 10] "
        "(3, 0); squared cosines 1, 49/50, 9/25",
    )

    def wrong(kind: str, *entries: sp.Expr) -> dict[str, Relation]:
        return {f"{kind} {n}": equal(found[kind][n - 1], entry)
                for n, entry in enumerate(entries, 1)}  # fmt: skip

    third = sp.Integer(7)
    mistakes = [
        Mistake("the norm taken for the sum of the sizes", "把范数当作绝对值之和",
                statement.but(length=equal(norm, third),
                              **wrong("norm", 3 / third, -4 / third))),
        Mistake("each entry divided by its own size", "每个分量除以自己的绝对值",
                statement.but(**wrong("norm", sp.Integer(1), sp.Integer(-1)))),
        Mistake("the sign lost", "丢掉负号",
                statement.but(**wrong("value", sp.Integer(1), sp.Integer(1)),
                              **{"value: cosine": equal(
                                  cosine(found["value"]),
                                  cosine([sp.Integer(1), sp.Integer(1)]))})),
        Mistake("by value to [0, 1] in place of [−1, 1]", "按值裁剪时区间误取 [0, 1]",
                statement.but(**{"value 1": equal(by_value(GRADIENT[1], -1, 1), 0)})),
        Mistake("the window passes negative entries", "以为该区间放行负的分量",
                statement.but(**wrong("window", sp.Integer(10), sp.Integer(-4)),
                              **{"window: cosine": equal(cosine(found["window"]), 1)})),
        Mistake("clipping by norm turns the gradient, too", "以为按范数裁剪也会转动梯度",
                statement.but(**{"norm: cosine": equal(
                    cosine(found["norm"]), cosines["value"])})),
    ]  # fmt: skip
    degrees = 180 / sp.pi
    values = {
        "turned": Value(
            sp.atan(sp.sqrt(1 / cosines["value"] - 1)) * degrees,
            digits=2,
            again=math.degrees(math.acos(7 / (5 * math.sqrt(2)))),
        ),
        "lost": Value(
            sp.atan(sp.sqrt(1 / cosines["window"] - 1)) * degrees,
            digits=2,
            again=math.degrees(math.acos(3 / 5)),
        ),
        "length": Value(sp.Integer(5)),
        "value_cos": Value(sp.Integer(7) / (5 * sp.sqrt(2)), again=sp.sqrt(cosines["value"])),
        "window_cos": Value(sp.Rational(3, 5)),
    }
    answer = Answer(
        Kind.BY_HAND,
        en="$\\lVert g \\rVert = \\sqrt{9 + 16} = {$length}$. By norm: divide by {=length}, "
        "which gives $(3/5, -4/5)$, in the same direction. By value: $3$ becomes $1$ and $-4$ "
        "becomes $-1$, so $(1, -1)$; the cosine of the angle is $(3 + 4)/(5\\sqrt 2) = "
        "{$value_cos}$, a turn of {=turned}°. With the window from 0 to 10, $3$ passes and $-4$ "
        "becomes $0$: $(3, 0)$, with cosine $9/(5 \\cdot 3) = {$window_cos}$, a turn of "
        "{=lost}°. And the second weight, the one that ought to move most, does not move at all.",
        zh="$\\lVert g \\rVert = \\sqrt{9 + 16} = {$length}$。按范数：除以 {=length}，得 "
        "$(3/5, -4/5)$，方向不变。按值：$3$ 变成 $1$，$-4$ 变成 $-1$，得 $(1, -1)$；夹角余弦为 "
        "$(3 + 4)/(5\\sqrt 2) = {$value_cos}$，转了 {=turned}°。区间取 0 到 10 时，$3$ 通过，$-4$ "
        "变成 $0$：得 $(3, 0)$，余弦为 $9/(5 \\cdot 3) = {$window_cos}$，转了 {=lost}°；"
        "而本该移动最多的第二个权重一动不动。",
    )
    return Case(statement, [identity()], mistakes, values, answer)


@claim(
    "exercise-remedies-proof",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Exercise: shifting scale between layers", "zh": "练习：在两层之间挪动尺度"},
    statement_text={
        "en": "For c > 0, ReLU satisfies relu(c z) = c relu(z). Multiply the first weight of "
        "v relu(w x) by c and divide the second by c: the output stays, the gradient of the first "
        "weight is divided by c and that of the second multiplied by c.",
        "zh": "对 c > 0，relu(c z) = c relu(z)。在 v relu(w x) 中把第一个权重乘以 c、第二个除以 c："
        "输出不变，第一个权重的梯度除以 c，第二个的梯度乘以 c。",
    },
    assumptions={
        "en": "An active unit, w x > 0 with x > 0 (an inactive one has gradient 0 before and "
        "after); squared error. Homogeneity is shown for z = t and z = −t, t > 0.",
        "zh": "单元处于激活状态，x > 0、w > 0（未激活时前后梯度都为 0）；平方误差。"
        "齐次性分别对 z = t 与 z = −t（t > 0）证明。",
    },
)
def exercise_remedies_proof() -> Case:
    c, t, x, w = sp.symbols("c t x w", positive=True)
    v = sp.Symbol("v", real=True)
    first, second = sp.symbols("w1 w2", real=True)

    def out(one: sp.Expr, two: sp.Expr) -> sp.Expr:
        return two * relu(one * x)

    loss = (out(first, second) - y) ** 2
    before, after = {first: w, second: v}, {first: c * w, second: v / c}

    def grads(at: dict[sp.Symbol, sp.Expr]) -> list[sp.Expr]:
        return [loss.diff(symbol).xreplace(at) for symbol in (first, second)]

    (g1, g2), (h1, h2) = grads(before), grads(after)
    statement = ForAll(
        {
            "active": equal(relu(c * t), c * relu(t)),
            "inactive": equal(relu(-c * t), c * relu(-t)),
            "same output": equal(out(c * w, v / c), out(w, v)),
            "first": equal(h1, g1 / c),
            "second": equal(h2, c * g2),
        },
        {**dict.fromkeys((c, t, x, w), Positive), v: Reals, y: Reals},
        scope=r"c, w, x > 0",
        display=(
            r"\operatorname{ReLU}(c z) = c \operatorname{ReLU}(z) \quad (c > 0),",
            r"\tfrac{v}{c} \operatorname{ReLU}(c w x) = v \operatorname{ReLU}(w x),",
            r"\frac{\partial l}{\partial w}\Big|_{(c w,\, v/c)} = \frac1c\,"
            r"\frac{\partial l}{\partial w}\Big|_{(w,\, v)}, \qquad"
            r" \frac{\partial l}{\partial v}\Big|_{(c w,\, v/c)} = c\,"
            r"\frac{\partial l}{\partial v}\Big|_{(w,\, v)}",
        ),
        words="relu(c z) = c relu(z); at (c w, v/c) the output is that at (w, v), dl/dw is 1/c "
        "times and dl/dv is c times that at (w, v)",
    )
    mistakes = [
        Mistake("homogeneous for a negative factor, too", "以为负的倍数也成立",
                statement.but(inactive=equal(relu(-c * t), -c * relu(t)))),
        Mistake("homogeneous of degree 2", "误作二次齐次",
                statement.but(active=equal(relu(c * t), c**2 * relu(t)))),
        Mistake("the second weight not divided", "第二个权重没有除以 c",
                statement.but(**{"same output": equal(out(c * w, v), out(w, v))})),
        Mistake("the same function has the same gradients", "以为函数相同，梯度就相同",
                statement.but(first=equal(h1, g1), second=equal(h2, g2))),
        Mistake("the factors exchanged", "两个因子弄反",
                statement.but(first=equal(h1, c * g1), second=equal(h2, g2 / c))),
    ]  # fmt: skip
    answer = Answer(
        Kind.PROOF,
        en="For $z > 0$ both sides of $\\operatorname{ReLU}(c z) = c \\operatorname{ReLU}(z)$ are "
        "$c z$, otherwise both are $0$, because $c > 0$ does not change a sign. Hence $(v/c) "
        "\\operatorname{ReLU}(c w x) = v \\operatorname{ReLU}(w x)$: the network computes the same "
        "function. Write $L(w, v)$ for the loss; then $L(c w, v/c) = L(w, v)$ for all $w$ and $v$. "
        "Differentiate by $w$: the left side gives $c$ times the derivative at $(c w, v/c)$, so "
        "that derivative is $1/c$ times the old one. By $v$ it is the other way round. So the "
        "ratio of two layers' gradients is no property of the function that the network computes: "
        "it changes by $c^2$, and an unlucky scale alone makes one layer crawl and the other leap.",
        zh="当 $z > 0$ 时，$\\operatorname{ReLU}(c z) = c \\operatorname{ReLU}(z)$ 两边都是 $c "
        "z$，否则都是 $0$，因为 $c > 0$ 不改变符号。于是 $(v/c) \\operatorname{ReLU}(c w x) = v "
        "\\operatorname{ReLU}(w x)$，网络表示的函数不变。记损失为 $L(w, v)$，则对一切 $w$、$v$ "
        "有 $L(c w, v/c) = L(w, v)$。对 $w$ 求导：左边是 $(c w, v/c)$ 处导数的 $c$ 倍，"
        "所以那里的导数是原来的 $1/c$；对 $v$ 则相反。可见两层梯度之比并非网络所表示函数的性质："
        "它改变了 $c^2$ 倍；单是尺度不巧，就足以让一层几乎不动、另一层大步乱跳。",
    )
    return Case(statement, [identity(), points(count=12)], mistakes, {}, answer)


def _chain() -> Any:
    """Ten layers h -> p h + s relu(w h), derived by the input x."""
    from gradmath.derivation import derive

    names = ["x", *(f"h{k}" for k in range(1, DEPTH + 1))]
    lines = [(new, f"p*{old} + s*relu(w*{old})") for old, new in itertools.pairwise(names)]
    return derive(lines, wrt=["x"])


#: the share of the identity path and that of the branch
KINDS = {
    "plain": (sp.Integer(0), sp.Integer(1)),
    "residual": (sp.Integer(1), sp.Integer(1)),
    "scaled": (sp.Integer(1), SHARE),
}


@claim(
    "exercise-remedies-code",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Exercise: ten layers, three ways", "zh": "练习：十层网络的三种搭法"},
    statement_text={
        "en": "Ten active ReLU layers with weight 1/2 multiply the gradient by 2⁻¹⁰. As residual "
        "blocks they multiply it by (3/2)¹⁰, more than 57, and with the branch scaled by 1/8 by "
        "(17/16)¹⁰, less than 2.",
        "zh": "十个激活的 ReLU 层，权重为 1/2，把梯度乘以 2⁻¹⁰。改成残差块后，乘以 (3/2)¹⁰，"
        "大于 57；若把分支再乘以 1/8，则乘以 (17/16)¹⁰，小于 2。",
    },
    assumptions={
        "en": "x > 0. The package's own derivation and its compiled kernel are held to the powers.",
        "zh": "x > 0。由本库推导出的导数及其编译出的程序均须给出这些幂。",
    },
    references=("he2016",),
)
def exercise_remedies_code() -> Case:
    x = sp.Symbol("x", positive=True)
    derivation = _chain()
    points_ = {
        name: {"x": sp.Integer(1), "w": HALF, "p": identity_, "s": branch}
        for name, (identity_, branch) in KINDS.items()
    }
    factors = {name: identity_ + branch * HALF for name, (identity_, branch) in KINDS.items()}

    def found(by: Any, name: str) -> sp.Expr:
        """The derived gradient, with the value of every layer put in, first to last."""
        own = by.symbols
        at = {own[letter]: value for letter, value in points_[name].items()} | {own["x"]: x}
        for line, right in by.equations.items():
            at[own[line]] = explicit(right.xreplace(at))
        return explicit(by.gradient["x"].xreplace(at))

    statement = ForAll(
        {name: equal(found(derivation, name), factors[name] ** DEPTH) for name in KINDS},
        {x: Positive},
        display=(
            r"h_k = \operatorname{ReLU}(\tfrac12 h_{k-1}):\quad"
            rf" \frac{{\partial h_{{{DEPTH}}}}}{{\partial x}} = \tfrac{{1}}{{2^{{{DEPTH}}}}},",
            r"h_k = h_{k-1} + \operatorname{ReLU}(\tfrac12 h_{k-1}):\quad"
            rf" \left(\tfrac32\right)^{{{DEPTH}}},",
            r"h_k = h_{k-1} + \tfrac18 \operatorname{ReLU}(\tfrac12 h_{k-1}):\quad"
            rf" \left(\tfrac{{17}}{{16}}\right)^{{{DEPTH}}}",
        ),
        words="dh10/dx: 1/2^10 plain, (3/2)^10 residual, (17/16)^10 with the branch scaled by 1/8",
    )

    def stated(en: str, zh: str, name: str, number: sp.Expr) -> Mistake:
        wrong = equal(found(derivation, name), number)
        return Mistake(en, zh, statement.but(**{name: wrong}))

    lost = with_rule(derivation, "h1", "x", derivation.symbols["p"])
    mistakes = [
        stated("a slope of 1, so a gradient of 1", "导数为 1，就以为梯度为 1", "plain", sp.S.One),
        stated("the identity alone counted", "只算恒等通路", "residual", sp.S.One),
        stated("the identity forgotten", "忘了恒等通路", "residual", HALF**DEPTH),
        stated("the branch not scaled", "分支没有缩小", "scaled", (1 + HALF) ** DEPTH),
        stated("factors added in place of multiplied", "把各层因子相加而不是相乘",
               "scaled", 1 + DEPTH * SHARE * HALF),
        Mistake("a derivation that loses the branch of the first layer", "推导中漏掉首层的分支",
                statement.but(**{name: equal(found(lost, name), factors[name] ** DEPTH)
                                 for name in KINDS}), derivation=lost),
    ]  # fmt: skip
    evidence = [
        identity(),
        *(KernelValues(derivation, point, {name: "x"}) for name, point in points_.items()),
    ]
    values = {
        "plain": Value(HALF**DEPTH, digits=3),
        "residual": Value((1 + HALF) ** DEPTH, digits=4),
        "scaled": Value((1 + SHARE * HALF) ** DEPTH, digits=3),
    }
    code = """
```pycon
>>> import gradmath as gm
>>> def gradient(rule, **given):
...     lines, old = [], "x"
...     for k in range(1, 11):
...         lines.append((f"h{k}", rule.format(h=old)))
...         old = f"h{k}"
...     kernel = gm.compile(gm.derive(lines, wrt=["x"]))
...     return float(kernel(x=1.0, **given)[1]["x"])
>>> print(f'{gradient("relu(w*{h})", w=0.5):.3g}')
{#plain}
>>> print(f'{gradient("{h} + relu(w*{h})", w=0.5):.4g}')
{#residual}
>>> print(f'{gradient("{h} + s*relu(w*{h})", w=0.5, s=0.125):.3g}')
{#scaled}

```
"""
    answer = Answer(
        Kind.CODE,
        en=code
        + "\nThe plain chain vanishes, the residual one explodes: each block multiplies the "
        "gradient by $1 + w$, and ten factors of $3/2$ are many. Scaling the branch brings the "
        "factor close to one. Residual connections exchange one danger for a milder one, which "
        "is why deep residual networks also scale or normalise their branches.",
        zh=code + "\n普通的链消失，残差链爆炸：每个块把梯度乘以 $1 + w$，十个 $3/2$ 相乘已经很大。"
        "把分支缩小，因子便接近 1。残差连接是用一种较轻的危险换掉另一种，"
        "所以很深的残差网络还会缩放或归一化其分支。",
    )
    return Case(statement, evidence, mistakes, values, answer)
