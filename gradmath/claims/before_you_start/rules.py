"""The two rules of calculus, the matrix product, and the mean."""

from __future__ import annotations

import sympy as sp

from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.evidence import enclosure, identity, slope
from gradmath.claims.grades import PROVED
from gradmath.claims.relation import Relation, equal, partial, unequal
from gradmath.claims.shapes import ForShapes, Gradient, ShapeProof, ShapeSample
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Reals, sigmoid, x

PAGE = "before-you-start"


@claim(
    "product-rule",
    page=PAGE,
    grade=PROVED,
    titles={"en": "The product rule at work", "zh": "乘积法则一例"},
    statement_text={
        "en": "In the derivative of x² σ(x) each factor moves in its turn, and the two "
        "effects add.",
        "zh": "对 x² σ(x) 求导时，两个因子轮流求导，所得两项相加。",
    },
    assumptions={"en": "x is real.", "zh": "x 为实数。"},
)
def product_rule() -> Case:
    square, curve = x**2, sigmoid(x)
    left = partial(square * curve, x)
    right = square.diff(x) * curve + square * curve.diff(x)
    statement = ForAll({"statement": equal(left, right)}, {x: Reals})
    mistakes = [
        Mistake("the product of the two derivatives", "把两个导数直接相乘",
                statement.but(statement=equal(left, square.diff(x) * curve.diff(x)))),
        Mistake("the second term lost", "漏掉第二项",
                statement.but(statement=equal(left, square.diff(x) * curve))),
        Mistake("minus in place of plus", "加号写成减号",
                statement.but(statement=equal(
                    left, square.diff(x) * curve - square * curve.diff(x)))),
    ]  # fmt: skip
    evidence = [identity(), slope("statement", of=square * curve, by=x)]
    return Case(statement, evidence, mistakes)


@claim(
    "composition-rule",
    page=PAGE,
    grade=PROVED,
    titles={"en": "The composition rule at work", "zh": "复合函数求导一例"},
    statement_text={
        "en": "The derivative of σ(x²) is the slope of σ at x², where the inner function "
        "has arrived, times the slope 2x of the inner function.",
        "zh": "σ(x²) 的导数，等于 σ 在 x²（内层函数的值）处的导数，乘以内层函数的导数 2x。",
    },
    assumptions={"en": "x is real.", "zh": "x 为实数。"},
)
def composition_rule() -> Case:
    u = sp.Dummy("u", real=True)
    outer, inner = sigmoid(u).diff(u), x**2
    composed = sigmoid(inner)
    left, right = partial(composed, x), outer.xreplace({u: inner}) * inner.diff(x)
    statement = ForAll({"statement": equal(left, right)}, {x: Reals})
    mistakes = [
        Mistake("the outer slope taken at x", "外层导数取在 x 处",
                statement.but(statement=equal(left, outer.xreplace({u: x}) * inner.diff(x)))),
        Mistake("the inner slope lost", "漏掉内层导数",
                statement.but(statement=equal(left, outer.xreplace({u: inner})))),
        Mistake("the outer function not differentiated", "外层没有求导",
                statement.but(statement=equal(left, composed * inner.diff(x)))),
        Mistake("the two slopes added", "两个导数相加",
                statement.but(statement=equal(
                    left, outer.xreplace({u: inner}) + inner.diff(x)))),
    ]  # fmt: skip
    return Case(statement, [identity(), slope("statement", of=composed, by=x)], mistakes)


@claim(
    "matrix-product-order",
    page=PAGE,
    grade=PROVED,
    titles={"en": "The order of a matrix product matters", "zh": "矩阵乘法的次序不能随意交换"},
    statement_text={
        "en": "Already for two matrices of two rows and columns, AB and BA differ in general: "
        "their first entries differ by a₁₂ b₂₁ − b₁₂ a₂₁. The transpose of a product is the "
        "product of the transposes in the opposite order.",
        "zh": "两个二阶方阵的乘积 AB 与 BA 一般并不相等：第一个元素就相差 a₁₂ b₂₁ − b₁₂ a₂₁。"
        "乘积的转置等于各自转置后按相反次序相乘。",
    },
    assumptions={
        "en": "Real entries, two rows and two columns. With a₁₂ = b₂₁ = 1 and a₂₁ = 0 the "
        "difference is 1.",
        "zh": "二阶实矩阵。取 a₁₂ = b₂₁ = 1、a₂₁ = 0，差即为 1。",
    },
)
def matrix_product_order() -> Case:
    A, B = (
        sp.Matrix(2, 2, sp.symbols([f"{name}{k}" for k in (11, 12, 21, 22)], real=True))
        for name in "ab"
    )
    gap = (A * B - B * A)[0, 0]
    cross = A[0, 1] * B[1, 0] - B[0, 1] * A[1, 0]
    parts: dict[str, Relation] = {
        "first entry": equal(gap, cross),
        "not equal": unequal(gap.subs({A[0, 1]: 1, B[1, 0]: 1, A[1, 0]: 0}), 0),
    }

    def transpose(stated: sp.Matrix) -> dict[str, Relation]:
        """The transpose of the product is the stated matrix, entry by entry."""
        return {
            f"transpose {i + 1},{j + 1}": equal((A * B).T[i, j], stated[i, j])
            for i in range(2)
            for j in range(2)
        }

    parts |= transpose(B.T * A.T)
    statement = ForAll(
        parts,
        dict.fromkeys([*A, *B], Reals),
        display=(
            r"(AB)_{11} - (BA)_{11} = a_{12}\,b_{21} - b_{12}\,a_{21},",
            r"(AB)^{\mathsf T} = B^{\mathsf T} A^{\mathsf T}",
        ),
        words="(A B - B A)[1,1] = a12 b21 - b12 a21, not always 0; (A B)^T = B^T A^T",
    )
    mirrored = {A[0, 1]: 1, A[1, 0]: 1, B[0, 1]: 1, B[1, 0]: 1}
    mistakes = [
        Mistake("AB = BA", "以为 AB = BA",
                statement.but(**{"first entry": equal(gap, 0)})),
        Mistake("the transposes in the same order", "转置后次序不变",
                statement.but(**transpose(A.T * B.T))),
        Mistake("entry by entry", "逐元素相乘",
                statement.but(**transpose(A.multiply_elementwise(B)))),
        Mistake("the product not transposed", "乘积没有转置",
                statement.but(**transpose(A * B))),
        Mistake("an example of two matrices that commute", "举了两个可交换的矩阵为例",
                statement.but(**{"not equal": unequal(gap.subs(mirrored), 0)})),
    ]  # fmt: skip
    equations = [name for name in parts if name != "not equal"]
    return Case(statement, [identity(*equations), enclosure("not equal")], mistakes)


@claim(
    "mean-divides-by-samples",
    page=PAGE,
    grade=PROVED,
    titles={"en": "What the mean divides by", "zh": "平均时除以什么"},
    statement_text={
        "en": "With our mean the derivative of the loss with respect to an activation is "
        "2 (a − y) / n, where n is the number of samples, however many outputs there are: shown "
        "for one to three samples and outputs.",
        "zh": "按本章的约定，损失对激活值的导数是 2 (a − y) / n，其中 n 是样本数，"
        "与输出的个数无关（样本数与输出数为 1 到 3 时均如此）。",
    },
    assumptions={
        "en": "Squared error without a factor 1/2; outputs of one sample are added. Proved for one "
        "to three samples and outputs, checked at larger shapes, some drawn at random.",
        "zh": "平方误差不带系数 1/2；同一样本的各输出相加。对 1 到 3 个样本与输出证明，"
        "另在更大的、部分随机抽取的形状上核验。",
    },
)
def mean_divides_by_samples() -> Case:
    statement = ForShapes(
        {"a": "nm", "y": "nm"},
        left=Gradient(lambda v: ((v.a - v.y) * (v.a - v.y)).sum() / v.sizes.n, by="a"),
        right=lambda v: (v.a - v.y) * 2 / v.sizes.n,
        formula=r"\begin{gathered} L = \frac{1}{n} \sum_{i=1}^{n} \sum_{j} (a_{ij} - y_{ij})^2 "
        r"\\[0.6ex]"
        r" \frac{\partial L}{\partial a_{ij}} = \frac{2}{n}\,(a_{ij} - y_{ij}) \end{gathered}",
        words="dL/da = 2 (a - y) / n",
    )
    mistakes = [
        Mistake("divided by the number of entries", "除以元素总数",
                statement.but(lambda v: (v.a - v.y) * 2 / (v.sizes.n * v.sizes.m),
                              words="2 (a - y) / (n m)")),
        Mistake("not divided at all", "没有除以 n",
                statement.but(lambda v: (v.a - v.y) * 2, words="2 (a - y)")),
        Mistake("the factor 2 lost, as for a loss with 1/2", "漏掉因子 2（那是带 1/2 的损失）",
                statement.but(lambda v: (v.a - v.y) / v.sizes.n, words="(a - y) / n")),
    ]  # fmt: skip
    return Case(statement, [ShapeProof(), ShapeSample()], mistakes)
