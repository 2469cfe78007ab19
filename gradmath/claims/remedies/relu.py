"""ReLU: its slope and kink, dead units, and what depth does to it."""

from __future__ import annotations

import functools

import sympy as sp

from gradmath.catalogue import activations
from gradmath.catalogue.applied import applied
from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.evidence import certificate, identity, points
from gradmath.claims.grades import PROVED
from gradmath.claims.relation import Relation, at_least, equal, greater, less
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import z
from gradmath.claims.values import Value

PAGE = "remedies"
relu = applied(activations["relu"])
t, u = sp.symbols("t u", positive=True)
Positive = sp.Interval.open(0, sp.oo)
DEPTH = 10  # layers of the chains


@claim(
    "relu-slope",
    page=PAGE,
    grade=PROVED,
    titles={"en": "The slope of ReLU", "zh": "ReLU 的导数"},
    statement_text={
        "en": "ReLU has slope 1 for every positive pre-activation and slope 0 for every negative "
        "one: it passes a gradient on unchanged or not at all.",
        "zh": "预激活值为正时 ReLU 的导数恒为 1，为负时恒为 0：梯度要么原样通过，要么完全截断。",
    },
    assumptions={
        "en": "A positive pre-activation is written t, a negative one −t. At 0 see the next claim.",
        "zh": "正的预激活值记作 t，负的记作 −t。0 处的情形见下一条论断。",
    },
    references=("nair2010", "glorot2011"),
)
def relu_slope() -> Case:
    slope = relu(z).diff(z)

    def at(place: sp.Expr) -> sp.Expr:
        return slope.xreplace({z: place})

    statement = ForAll(
        {"right": equal(at(t), 1), "left": equal(at(-t), 0),
         "value right": equal(relu(t), t), "value left": equal(relu(-t), 0)},
        {t: Positive},
        scope="",
        display=(
            r"\operatorname{ReLU}(z) = \max(z, 0),",
            r"\operatorname{ReLU}'(z) = \begin{cases} 1 & z > 0 \\ 0 & z < 0 \end{cases}",
        ),
        words="relu(z) = max(z, 0); relu'(z) = 1 for z > 0, 0 for z < 0",
    )  # fmt: skip
    mistakes = [
        Mistake("the value in place of the slope", "把函数值当作导数",
                statement.but(right=equal(at(t), t))),
        Mistake("slope −1 on the left, as for |z|", "误作 |z|，左侧导数为 −1",
                statement.but(left=equal(at(-t), -1))),
        Mistake("slope 1 on the left, too", "以为左侧导数也是 1",
                statement.but(**{"left": equal(at(-t), 1), "value left": equal(relu(-t), -t)})),
        Mistake("capped at 1", "以为上限为 1",
                statement.but(**{"value right": equal(relu(t), 1)})),
    ]  # fmt: skip
    return Case(statement, [identity(), points()], mistakes)


@claim(
    "relu-kink",
    page=PAGE,
    grade=PROVED,
    titles={"en": "The kink of ReLU", "zh": "ReLU 的不可导点"},
    statement_text={
        "en": "At 0 the difference quotients of ReLU are 1 from the right and 0 from the left, so "
        "there is no derivative. Every number from 0 to 1 is a subgradient there: a line of that "
        "slope through the kink stays below the graph. The package returns 0.",
        "zh": "在 0 处，ReLU 的右差商为 1，左差商为 0，因此导数不存在。从 0 到 1 的每个数都是那里的"
        "次梯度：以它为斜率、过该点的直线始终不高于图像。本库返回 0。",
    },
    assumptions={
        "en": "The step is t > 0. The line is looked at to the right of 0, at t, and to the "
        "left, at −t.",
        "zh": "差商的步长 t > 0。分别在 0 右侧的 t 处与左侧的 −t 处比较直线与图像。",
    },
)
def relu_kink() -> Case:
    between = sp.Symbol("s", nonnegative=True)
    statement = ForAll(
        {
            "from the right": equal((relu(t) - relu(0)) / t, 1),
            "from the left": equal((relu(-t) - relu(0)) / (-t), 0),
            "line right": at_least(relu(t), between * t),
            "line left": at_least(relu(-t), between * -t),
            "returned": equal(relu(z).diff(z).subs(z, 0), 0),
        },
        {t: Positive, between: sp.Interval(0, 1)},
        scope="",
        display=(
            r"\frac{\operatorname{ReLU}(0 + t) - \operatorname{ReLU}(0)}{t} = 1,",
            r"\frac{\operatorname{ReLU}(0 - t) - \operatorname{ReLU}(0)}{-t} = 0 \quad (t > 0),",
            r"\operatorname{ReLU}(z) \ge s\,z \quad (0 \le s \le 1)",
        ),
        words="(relu(t) - relu(0))/t = 1, (relu(-t) - relu(0))/(-t) = 0 for t > 0; relu(z) >= s z "
        "for 0 <= s <= 1; returned at 0: 0",
    )
    evidence = [
        identity("from the right", "from the left", "returned"),
        certificate(**{"line right": t * (1 - between), "line left": t * between}),
        points("from the right", "from the left", "line right", "line left", count=20),
    ]
    steep = between + 1
    mistakes = [
        Mistake("differentiable at 0 with slope 1/2", "以为在 0 处可导，导数为 1/2",
                statement.but(**{
                    "from the right": equal((relu(t) - relu(0)) / t, sp.Rational(1, 2)),
                    "from the left": equal((relu(-t) - relu(0)) / (-t), sp.Rational(1, 2))})),
        Mistake("a slope above 1", "斜率大于 1",
                statement.but(**{"line right": at_least(relu(t), steep * t)})),
        Mistake("a negative slope", "斜率为负",
                statement.but(**{"line left": at_least(relu(-t), -between * -t)})),
        Mistake("1 returned, as for ELU", "与 ELU 一样返回 1",
                statement.but(returned=equal(relu(z).diff(z).subs(z, 0), 1))),
    ]  # fmt: skip
    return Case(statement, evidence, mistakes)


@functools.cache
def stack(weight: sp.Expr, x: sp.Expr, depth: int = DEPTH) -> sp.Expr:
    """`depth` layers a -> relu(weight a), applied to x."""
    return functools.reduce(lambda a, _: relu(weight * a).explicit(), range(depth), x)


def _grown(weight: sp.Rational) -> Relation:
    x = sp.Symbol("x", positive=True)
    return equal(stack(weight, x).diff(x), weight**DEPTH)


@claim(
    "relu-can-explode",
    page=PAGE,
    grade=PROVED,
    titles={"en": "ReLU networks can explode", "zh": "ReLU 网络也会爆炸"},
    statement_text={
        "en": "Ten ReLU layers with weight w multiply a positive signal, and its gradient, by w¹⁰: "
        "by 1024 for w = 2. Any w above 1 makes them grow.",
        "zh": "十个权重为 w 的 ReLU 层，把正的信号及其梯度都乘以 w¹⁰；w = 2 时为 1024。"
        "只要 w 大于 1，信号与梯度就会增长。",
    },
    assumptions={
        "en": "x > 0 and w > 0, so that every layer is active; w above 1 is written 1 + t. With "
        "w times the identity for a weight matrix the same holds for every entry.",
        "zh": "x > 0，w > 0，于是每层都激活；大于 1 的 w 写作 1 + t。权重矩阵取单位阵的 w 倍时，"
        "每个分量都如此。",
    },
)
def relu_can_explode() -> Case:
    x, weight = sp.Symbol("x", positive=True), sp.Symbol("w", positive=True)
    out = stack(weight, x)
    ladder = sp.Add(*((1 + t) ** k for k in range(DEPTH)))
    statement = ForAll(
        {
            "gradient": equal(out.diff(x), weight**DEPTH),
            "signal": equal(out, weight**DEPTH * x),
            "w = 2": _grown(sp.Integer(2)),
            "grows": greater(stack(1 + t, x).diff(x), 1),
        },
        {x: Positive, weight: Positive, t: Positive},
        scope="",
        display=(
            r"a_k = \operatorname{ReLU}(w\,a_{k-1}),\; w, a_0 > 0:",
            rf"\frac{{\partial a_{{{DEPTH}}}}}{{\partial a_0}} = w^{{{DEPTH}}}, \qquad"
            rf" w = 2:\; {2**DEPTH}",
        ),
        words=f"a[k] = relu(w a[k-1]): da[{DEPTH}]/da[0] = w^{DEPTH}, {2**DEPTH} for w = 2",
    )
    evidence = [
        identity("gradient", "signal", "w = 2"),
        certificate(grows=sp.Mul(t, ladder, evaluate=False)),
    ]
    mistakes = [
        Mistake("slope 1, so gradient 1, whatever the weights", "导数为 1，就以为梯度恒为 1",
                statement.but(gradient=equal(out.diff(x), 1))),
        Mistake("one layer's factor for all ten", "十层只算了一层的因子",
                statement.but(signal=equal(out, weight * x))),
        Mistake("factors added in place of multiplied", "把各层因子相加而不是相乘",
                statement.but(**{"w = 2": equal(stack(sp.Integer(2), x).diff(x), 2 * DEPTH)})),
        Mistake("ReLU keeps a gradient from growing", "以为 ReLU 会阻止梯度增长",
                statement.but(grows=less(stack(1 + t, x).diff(x), 1))),
    ]  # fmt: skip
    return Case(statement, evidence, mistakes, {"grown": Value(sp.Integer(2) ** DEPTH)})


@claim(
    "relu-can-vanish",
    page=PAGE,
    grade=PROVED,
    titles={"en": "ReLU networks can vanish", "zh": "ReLU 网络也会消失"},
    statement_text={
        "en": "Ten ReLU layers with weight 1/2 multiply the gradient by 2⁻¹⁰ = 1/1024, and any "
        "positive weight below 1 shrinks it. One inactive layer makes it exactly 0.",
        "zh": "十个权重为 1/2 的 ReLU 层把梯度乘以 2⁻¹⁰ = 1/1024；任何小于 1 的正权重都使它缩小。"
        "只要有一层未激活，梯度就恰为 0。",
    },
    assumptions={
        "en": "x > 0, every layer active; w below 1 is written 1/(1 + t). The inactive layer is a "
        "last one with weight −w, w > 0.",
        "zh": "x > 0，每层都激活；小于 1 的 w 写作 1/(1 + t)。未激活的层指末层权重为 −w（w > 0）。",
    },
)
def relu_can_vanish() -> Case:
    x, weight = sp.Symbol("x", positive=True), sp.Symbol("w", positive=True)
    half = sp.Rational(1, 2)
    ladder = sp.Add(*((1 + t) ** k for k in range(DEPTH)))
    cut = relu(-weight * stack(weight, x)).explicit()
    statement = ForAll(
        {
            "w = 1/2": _grown(half),
            "shrinks": less(stack(1 / (1 + t), x).diff(x), 1),
            "cut": equal(cut.diff(x), 0),
        },
        {x: Positive, weight: Positive, t: Positive},
        scope="",
        display=(
            r"a_k = \operatorname{ReLU}(w\,a_{k-1}),\; a_0 > 0:",
            rf"w = \tfrac12:\quad \frac{{\partial a_{{{DEPTH}}}}}{{\partial a_0}} ="
            rf" \frac{{1}}{{{2**DEPTH}}},",
            rf"0 < w < 1:\quad \frac{{\partial a_{{{DEPTH}}}}}{{\partial a_0}} < 1",
        ),
        words=f"a[k] = relu(w a[k-1]): da[{DEPTH}]/da[0] = 1/{2**DEPTH} for w = 1/2, below 1 for "
        "0 < w < 1, and 0 after an inactive layer",
    )
    evidence = [
        identity("w = 1/2", "cut"),
        certificate(shrinks=sp.Mul(t, ladder, (1 + t) ** -DEPTH, evaluate=False)),
    ]
    mistakes = [
        Mistake("slope 1, so no vanishing", "导数为 1，就以为不会消失",
                statement.but(**{"w = 1/2": equal(stack(half, x).diff(x), 1)})),
        Mistake("the quarter of the sigmoid's slope", "误带 sigmoid 的四分之一",
                statement.but(**{"w = 1/2": equal(stack(half, x).diff(x), (half / 4) ** DEPTH)})),
        Mistake("weights below 1 do no harm", "以为小于 1 的权重没有影响",
                statement.but(shrinks=at_least(stack(1 / (1 + t), x).diff(x), 1))),
        Mistake("an inactive layer still passes the weight on", "以为未激活的层仍传回权重",
                statement.but(cut=equal(cut.diff(x), -weight ** (DEPTH + 1)))),
    ]  # fmt: skip
    return Case(statement, evidence, mistakes, {"shrunk": Value(half**DEPTH)})
