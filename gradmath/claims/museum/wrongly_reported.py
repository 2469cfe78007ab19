"""False alarms: formulas that were reported as wrong, and are right."""

from __future__ import annotations

from typing import Any

import sympy as sp

from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.computed import AllOf
from gradmath.claims.evidence import identity, points
from gradmath.claims.grades import PROVED
from gradmath.claims.museum.caught import accepted
from gradmath.claims.relation import equal, partial
from gradmath.claims.shapes import ForShapes, Gradient, ShapeProof, ShapeSample
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Positive, Reals, sigmoid, tanh, z

PAGE = "museum"
LEFT = sp.Interval.open(-sp.oo, 0)
x1, x2 = sp.symbols("x1 x2", real=True)


@claim(
    "museum-alarm-slope-of-the-value",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Slopes written in the activation's value", "zh": "用激活值写出的导数"},
    statement_text={
        "en": "With a for the value that the activation has just given, its slope is (1 − a) a for "
        "the sigmoid, 1 − a² for tanh, 2 (1 − y) y with y = (a + 1)/2 for the sigmoid stretched to "
        "(−1, 1), and a + 1 for the ELU on the left.",
        "zh": "以 a 记激活函数刚给出的值，则导数分别是：sigmoid 为 (1 − a) a；tanh 为 1 − a²；"
        "拉伸到 (−1, 1) 的 sigmoid 为 2 (1 − y) y，其中 y = (a + 1)/2；ELU 左侧为 a + 1。",
    },
    assumptions={
        "en": "z is the pre-activation, real; for the ELU it is negative, and α = 1.",
        "zh": "z 为预激活值，取实数；对 ELU 取负数，且 α = 1。",
    },
)
def slope_of_the_value() -> Case:
    s, t, stretched = sigmoid(z), tanh(z), 2 * sigmoid(z) - 1
    middle = (stretched + 1) / 2
    negative = sp.Symbol("u", negative=True)
    bend = sp.exp(negative) - 1
    statement = ForAll(
        {
            "sigmoid": equal(partial(s, z), (1 - s) * s),
            "tanh": equal(partial(t, z), 1 - t**2),
            "stretched": equal(partial(stretched, z), 2 * (1 - middle) * middle),
            "elu": equal(partial(bend, negative), bend + 1),
        },
        {z: Reals, negative: LEFT},
    )
    mistakes = [
        Mistake("the sigmoid's rule with z in it", "sigmoid 的公式里误填 z",
                statement.but(sigmoid=equal(partial(s, z), (1 - z) * z))),
        Mistake("tanh's rule with z in it", "tanh 的公式里误填 z",
                statement.but(tanh=equal(partial(t, z), 1 - z**2))),
        Mistake("the stretched sigmoid's rule with the value itself", "拉伸后的公式直接填 a",
                statement.but(stretched=equal(
                    partial(stretched, z), 2 * (1 - stretched) * stretched))),
        Mistake("the ELU's value for its slope", "把 ELU 的值当作导数",
                statement.but(elu=equal(partial(bend, negative), bend))),
    ]  # fmt: skip
    return Case(statement, [identity(), points(), accepted()], mistakes)


@claim(
    "museum-alarm-row-or-column",
    page=PAGE,
    grade=PROVED,
    titles={"en": "A row where a column was expected", "zh": "该是列向量？也可以是行向量"},
    statement_text={
        "en": "For every vector with one to three entries, the derivative of xᵀ a by x is aᵀ when "
        "the rows belong to the function, and a when they belong to x.",
        "zh": "对一至三维向量：xᵀ a 对 x 的导数，按分子布局是 aᵀ，按分母布局是 a。",
    },
    assumptions={
        "en": "x and a are columns. Proved entry by entry; checked for a longer vector.",
        "zh": "x、a 为列向量。逐元素证明，并对更长的向量核验。",
    },
)
def row_or_column() -> Case:
    arrays = {"x": "p", "a": "p"}

    def inner(v: Any) -> Any:
        return v.x[None, :] @ v.a

    row = ForShapes(
        arrays,
        Gradient(inner, by="x"),
        lambda v: v.a[None, :],
        r"\frac{\partial\, x^{\mathsf T} a}{\partial x} = a^{\mathsf T}",
        "numerator layout: d(x^T a)/dx = a^T",
        "row",
    )
    column = ForShapes(
        arrays,
        Gradient(inner, by="x", layout="denominator"),
        lambda v: v.a[:, None],
        r"\left(\frac{\partial\, x^{\mathsf T} a}{\partial x}\right)^{\mathsf T} = a",
        "denominator layout: d(x^T a)/dx = a",
        "column",
    )

    def mixed(changed: ForShapes) -> AllOf:
        return AllOf(tuple(changed if one.name == changed.name else one for one in (row, column)))

    mistakes = [
        Mistake("a column in numerator layout", "分子布局却写成列",
                mixed(row.but(lambda v: v.a[:, None], words="a"))),
        Mistake("a row in denominator layout", "分母布局却写成行",
                mixed(column.but(lambda v: v.a[None, :], words="a^T"))),
        Mistake("x for a", "a 写成 x",
                mixed(row.but(lambda v: v.x[None, :], words="x^T"))),
        Mistake("twice a", "写成 2a",
                mixed(column.but(lambda v: 2 * v.a[:, None], words="2 a"))),
    ]  # fmt: skip
    return Case(AllOf((row, column)), [ShapeProof(), ShapeSample()], mistakes)


@claim(
    "museum-alarm-outer-product",
    page=PAGE,
    grade=PROVED,
    titles={"en": "The order in an outer product", "zh": "外积的次序"},
    statement_text={
        "en": "For every shape with one to three inputs and outputs: if f = β + Ω h, the "
        "derivative of the loss by Ω is the derivative by f times hᵀ, in this order.",
        "zh": "输入数、输出数均不超过 3 时：若 f = β + Ω h，则损失对 Ω 的导数"
        "等于对 f 的导数乘以 hᵀ，次序如此。",
    },
    assumptions={
        "en": "h, f and β are columns; g is the derivative of the loss by f. Proved entry by "
        "entry; checked at larger shapes.",
        "zh": "h、f、β 为列向量，g 是损失对 f 的导数。逐元素证明，并对更大的形状核验。",
    },
)
def outer_product() -> Case:
    statement = ForShapes(
        {"h": "p", "Omega": "mp", "beta": "m", "g": "m"},
        left=Gradient(lambda a: (a.g * (a.beta + a.Omega @ a.h)).sum(), by="Omega"),
        right=lambda a: a.g[:, None] * a.h[None, :],
        formula=r"\frac{\partial L}{\partial \Omega} = g\, h^{\mathsf T},"
        r" \qquad f = \beta + \Omega h",
        words="dL/dOmega = g h^T",
    )
    mistakes = [
        Mistake("the factors switched", "两个因子互换",
                statement.but(lambda a: a.h[:, None] * a.g[None, :], words="h g^T")),
        Mistake("the bias for the input", "输入写成偏置",
                statement.but(lambda a: a.g[:, None] * (0 * a.h[None, :] + a.beta[:, None]),
                              words="g beta^T")),
        Mistake("the input forgotten", "漏掉输入",
                statement.but(lambda a: a.g[:, None] + 0 * a.h[None, :], words="g 1^T")),
    ]  # fmt: skip
    return Case(statement, [ShapeProof(), ShapeSample()], mistakes)


@claim(
    "museum-alarm-half-of-a-square",
    page=PAGE,
    grade=PROVED,
    titles={"en": "The half that is already used up", "zh": "那个 1/2 已经约掉了"},
    statement_text={
        "en": "The gradient of ½ xᵀ A x − cᵀ x with A = (2 1; 1 20) and c = (5, 3) is A x − c: "
        "the ½ meets the 2 of the square.",
        "zh": "取 A = (2 1; 1 20)、c = (5, 3)，则 ½ xᵀ A x − cᵀ x 的梯度是 A x − c："
        "½ 正好与平方求导得到的 2 相消。",
    },
    assumptions={"en": "x has two real entries.", "zh": "x 有两个实分量。"},
)
def half_of_a_square() -> Case:
    x, A, c = sp.Matrix([x1, x2]), sp.Matrix([[2, 1], [1, 20]]), sp.Matrix([5, 3])
    f = (x.T * A * x)[0] / 2 - (c.T * x)[0]
    gradient = A * x - c
    statement = ForAll(
        {
            "first entry": equal(partial(f, x1), gradient[0]),
            "second entry": equal(partial(f, x2), gradient[1]),
        },
        {x1: Reals, x2: Reals},
    )
    half, double = A * x / 2 - c, 2 * A * x - c
    mistakes = [
        Mistake("a half too many", "多了一个 1/2",
                statement.but(**{"first entry": equal(partial(f, x1), half[0])})),
        Mistake("a 2 too many, right only without the half", "多了一个 2（没有 1/2 时才对）",
                statement.but(**{"second entry": equal(partial(f, x2), double[1])})),
        Mistake("the off-diagonal entry counted once", "非对角元只算一次",
                statement.but(**{"first entry": equal(
                    partial(f, x1), 2 * x1 + x2 / 2 - 5)})),
        Mistake("the linear term's sign", "一次项符号写反",
                statement.but(**{"second entry": equal(
                    partial(f, x2), gradient[1] + 6)})),
    ]  # fmt: skip
    return Case(statement, [identity(), points(), accepted()], mistakes)


@claim(
    "museum-alarm-root-of-five",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Kaiming's bound with √5", "zh": "带 √5 的 Kaiming 边界"},
    statement_text={
        "en": "Kaiming's uniform bound √3 · gain/√n, with the gain √(2/(1 + a²)) of a leaky ReLU "
        "of slope a = √5, is 1/√n: code and documentation name the same distribution.",
        "zh": "Kaiming 均匀分布的边界为 √3 · 增益/√n；取斜率 a = √5 的带泄漏 ReLU 的增益 "
        "√(2/(1 + a²))，边界就是 1/√n：代码与文档说的是同一个分布。",
    },
    assumptions={"en": "n > 0 is the number of inputs.", "zh": "n > 0 为输入数。"},
)
def root_of_five() -> Case:
    n = sp.Symbol("n", positive=True)

    def bound(slope: sp.Expr) -> sp.Expr:
        return sp.sqrt(3) * sp.sqrt(2 / (1 + slope**2)) / sp.sqrt(n)

    printed = equal(bound(sp.sqrt(5)), 1 / sp.sqrt(n))
    statement = ForAll(
        {"bound": printed},
        {n: Positive},
        display=(
            r"\sqrt 3\,\sqrt{\frac{2}{1 + a^2}}\,\frac{1}{\sqrt n} = \frac{1}{\sqrt n}"
            r" \quad\text{for } a = \sqrt 5",
        ),
        words="sqrt(3) sqrt(2/(1 + a^2))/sqrt(n) = 1/sqrt(n) for a = sqrt(5)",
    )
    mistakes = [
        Mistake("5 for its root", "把 √5 写成 5",
                statement.but(bound=equal(bound(sp.Integer(5)), 1 / sp.sqrt(n)))),
        Mistake("the deviation for the bound", "把标准差当成边界",
                statement.but(bound=equal(bound(sp.sqrt(5)) / sp.sqrt(3), 1 / sp.sqrt(n)))),
        Mistake("the slope of a plain ReLU", "误用普通 ReLU 的斜率",
                statement.but(bound=equal(bound(sp.Integer(0)), 1 / sp.sqrt(n)))),
    ]  # fmt: skip
    return Case(statement, [identity(), points()], mistakes)
