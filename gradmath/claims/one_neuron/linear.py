"""The linear unit, and what composing with it does and does not do."""

from __future__ import annotations

import sympy as sp

from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.evidence import certificate, identity, points
from gradmath.claims.grades import PROVED
from gradmath.claims.relation import at_least, at_most, equal, greater, less, unequal
from gradmath.claims.shapes import ForShapes, ShapeProof, ShapeSample
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Positive, Reals, b, sigmoid, w, x
from gradmath.claims.values import Instance, Value

PAGE = "one-neuron"
LARGEST = 10  # inputs run over [-10, 10], as in the source


@claim(
    "linear-range",
    page=PAGE,
    grade=PROVED,
    titles={"en": "What a linear unit reaches", "zh": "线性单元的取值范围"},
    statement_text={
        "en": "As x runs over [−10, 10], w x + b runs over exactly [b − 10|w|, b + 10|w|].",
        "zh": "当 x 取遍 [−10, 10] 时，w x + b 恰好取遍 [b − 10|w|, b + 10|w|]。",
    },
    assumptions={
        "en": "w and b are real, of any sign. (A continuous function takes every value between "
        "two that it takes.)",
        "zh": "w、b 为任意实数，正负皆可。（连续函数能取到任意两个函数值之间的一切值。）",
    },
)
def linear_range() -> Case:
    size, line = sp.Abs(w), w * x + b
    low, high = b - LARGEST * size, b + LARGEST * size
    at_end = line.subs(x, LARGEST * sp.sign(w))
    at_other_end = line.subs(x, -LARGEST * sp.sign(w))
    statement = ForAll(
        {
            "not above": at_most(line, high),
            "not below": at_least(line, low),
            "high end": equal(at_end, high),
            "low end": equal(at_other_end, low),
        },
        {x: sp.Interval(-LARGEST, LARGEST), w: Reals, b: Reals},
    )
    # |w| + w and |w| - w are never negative, nor are 10 - x and 10 + x on the interval
    half = sp.Rational(1, 2)
    rising, falling = half * (size + w), half * (size - w)
    evidence = [
        certificate(
            **{
                "not above": rising * (LARGEST - x) + falling * (LARGEST + x),
                "not below": rising * (LARGEST + x) + falling * (LARGEST - x),
            }
        ),
        identity("high end", "low end"),
        points(),
    ]
    mistakes = [
        Mistake(
            "w in place of |w|",
            "把 |w| 写成 w",
            statement.but(**{"not above": at_most(line, b + LARGEST * w)}),
        ),
        Mistake(
            "the bias lost",
            "漏掉偏置 b",
            statement.but(**{"not above": at_most(line, LARGEST * size)}),
        ),
        Mistake(
            "half the range",
            "范围少了一半",
            statement.but(**{"not below": at_least(line, b - LARGEST * size / 2)}),
        ),
        Mistake(
            "the ends exchanged",
            "两端颠倒",
            statement.but(**{"high end": equal(at_other_end, high)}),
        ),
        Mistake(
            "the left end of the interval taken for the low one, whatever the sign of w",
            "不看 w 的符号，以为区间左端给出最小值",
            statement.but(**{"low end": equal(line.subs(x, -LARGEST), low)}),
        ),
    ]
    example = {w: -3, b: 2}
    values = {
        "low": Value(low.subs(example), again=Instance("low end", example)),
        "high": Value(high.subs(example), again=Instance("high end", example)),
    }
    return Case(statement, evidence, mistakes, values)


@claim(
    "linear-quadrants",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Where the line runs", "zh": "直线经过哪些象限"},
    statement_text={
        "en": "With b = 0 the line w x stays in quadrants I and III if w > 0, and in II and IV "
        "if w < 0. With b not 0 and w > 0 it also runs through II or IV, whatever the weight.",
        "zh": "当 b = 0 时，若 w > 0，直线 w x 只在第一、三象限；若 w < 0，则只在第二、四象限。"
        "而当 b ≠ 0、w > 0 时，无论权重多大，直线都还会经过第二或第四象限。",
    },
    assumptions={
        "en": "The product of the two coordinates is positive in quadrants I and III and negative "
        "in II and IV. Here w > 0; the falling line is written −w x.",
        "zh": "第一、三象限内两坐标之积为正，第二、四象限内为负。这里 w > 0，下降的直线写作 −w x。",
    },
)
def linear_quadrants() -> Case:
    w, b = sp.Symbol("w", positive=True), sp.Symbol("b", real=True, nonzero=True)
    middle = -b / (2 * w)  # halfway between the crossing of the axis x and that of the axis y
    entered = sp.expand(middle * (w * middle + b))
    statement = ForAll(
        {
            "rising": at_least(x * (w * x), 0),
            "falling": at_most(x * (-w * x), 0),
            "a further quadrant": less(entered, 0),
        },
        {x: Reals, w: Positive, b: Reals},
        given=(unequal(b, 0),),
        display=(
            r"x\,(w x) \ge 0, \qquad x\,(-w x) \le 0,",
            r"x\,(w x + b)\,\Big|_{x = -b/(2 w)} < 0",
        ),
        words="for w > 0: x (w x) >= 0, x (-w x) <= 0, and x (w x + b) < 0 at x = -b/(2 w), b != 0",
    )
    evidence = [
        certificate(rising=w * x**2, falling=w * x**2, **{"a further quadrant": b**2 / (4 * w)}),
        points(),
    ]
    mistakes = [
        Mistake(
            "a positive slope is enough, whatever the bias",
            "以为只要斜率为正即可，不管偏置",
            statement.but(rising=at_least(x * (w * x + b), 0)),
        ),
        Mistake(
            "a falling line in quadrants I and III",
            "以为下降的直线也在第一、三象限",
            statement.but(falling=at_least(x * (-w * x), 0)),
        ),
        Mistake(
            "no further quadrant",
            "以为不会再经过别的象限",
            statement.but(**{"a further quadrant": at_least(entered, 0)}),
        ),
    ]
    return Case(statement, evidence, mistakes)


@claim(
    "composition-not-product",
    page=PAGE,
    grade=PROVED,
    titles={"en": "A composition, not a product", "zh": "是复合，不是乘积"},
    statement_text={
        "en": "The neuron's output σ(w x + b) always lies strictly between 0 and 1. The "
        "product σ(x) (w x + b) is another function: for every w other than 0 it is negative "
        "somewhere, for example where w x + b = −1.",
        "zh": "神经元的输出 σ(w x + b) 总是严格介于 0 与 1 之间。乘积 σ(x)·(w x + b) "
        "则是另一个函数：只要 w ≠ 0，它总会在某处取负值，例如在 w x + b = −1 处。",
    },
    assumptions={"en": "x, w and b are real, w is not 0.", "zh": "x、w、b 为实数，w ≠ 0。"},
)
def composition_not_product() -> Case:
    w = sp.Symbol("w", real=True, nonzero=True)
    line = w * x + b
    composed, product = sigmoid(line), sigmoid(x) * line
    there = -(b + 1) / w
    negative = product.subs(x, there).doit()
    statement = ForAll(
        {
            "above 0": greater(composed, 0),
            "below 1": less(composed, 1),
            "product": less(negative, 0),
        },
        {x: Reals, w: Reals, b: Reals},
        given=(unequal(w, 0),),
        display=(
            r"0 < \sigma(w x + b) < 1,",
            r"\sigma(x)\,(w x + b)\,\Big|_{w x + b = -1} = -\sigma(x) < 0",
        ),
        words="0 < sigmoid(w x + b) < 1, but sigmoid(x) (w x + b) < 0 where w x + b = -1, w != 0",
    )
    tail = sp.exp(-line)
    evidence = [
        certificate(
            **{"above 0": composed, "below 1": tail / (1 + tail), "product": sigmoid(there)}
        ),
        points(),
    ]
    mistakes = [
        Mistake(
            "the product in place of the composition",
            "把复合写成乘积",
            statement.but(**{"above 0": greater(product, 0)}),
        ),
        Mistake(
            "the product stays below 1",
            "以为乘积小于 1",
            statement.but(**{"below 1": less(product, 1)}),
        ),
        Mistake(
            "the product is never negative",
            "以为乘积不会为负",
            statement.but(product=at_least(negative, 0)),
        ),
    ]
    return Case(statement, evidence, mistakes)


@claim(
    "affine-compose-affine",
    page=PAGE,
    grade=PROVED,
    titles={"en": "A line of a line is a line", "zh": "线性套线性仍是线性"},
    statement_text={
        "en": "For every shape with one to three samples, inputs, hidden units and outputs, two "
        "linear layers in a row are one linear layer, with weight W₂ W₁ and bias b₁ W₂ᵀ + b₂.",
        "zh": "只要样本数、输入数、隐藏单元数、输出数均不超过 3，两个线性层相继作用就等于"
        "一个线性层：权重为 W₂ W₁，偏置为 b₁ W₂ᵀ + b₂。",
    },
    assumptions={
        "en": "Proved entry by entry for every shape with one to three samples, inputs, hidden "
        "units and outputs; checked at larger shapes, some drawn at random. By repetition, any "
        "number of linear layers "
        "is one.",
        "zh": "对样本数、输入数、隐藏单元数、输出数均为 1 到 3 的所有形状逐元素证明，"
        "另在更大的、部分随机抽取的形状上核验。反复应用即知：任意多个线性层等于一个。",
    },
)
def affine_compose_affine() -> Case:
    arrays = {"x": "np", "W1": "qp", "b1": "q", "W2": "mq", "b2": "m"}
    statement = ForShapes(
        arrays,
        left=lambda a: (a.x @ a.W1.T + a.b1) @ a.W2.T + a.b2,
        right=lambda a: a.x @ (a.W2 @ a.W1).T + (a.b1 @ a.W2.T + a.b2),
        formula=r"\begin{aligned} &(x W_1^{\mathsf T} + b_1)\, W_2^{\mathsf T} + b_2 \\"
        r" &\quad = x\,(W_2 W_1)^{\mathsf T} + (b_1 W_2^{\mathsf T} + b_2) \end{aligned}",
        words="(x W1^T + b1) W2^T + b2 = x (W2 W1)^T + (b1 W2^T + b2)",
    )
    mistakes = [
        Mistake(
            "the order of the weights exchanged",
            "权重次序颠倒",
            statement.but(lambda a: a.x @ (a.W1 @ a.W2).T + (a.b1 @ a.W2.T + a.b2),
                          words="x (W1 W2)^T + (b1 W2^T + b2)"),
        ),
        Mistake(
            "the first bias not carried through the second layer",
            "第一层的偏置未经第二层",
            statement.but(lambda a: a.x @ (a.W2 @ a.W1).T + (a.b1 + a.b2),
                          words="x (W2 W1)^T + (b1 + b2)"),
        ),
        Mistake(
            "the first bias lost",
            "漏掉第一层的偏置",
            statement.but(lambda a: a.x @ (a.W2 @ a.W1).T + a.b2, words="x (W2 W1)^T + b2"),
        ),
    ]  # fmt: skip
    return Case(statement, [ShapeProof(), ShapeSample()], mistakes)
