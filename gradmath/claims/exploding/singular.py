"""Into how few directions a product of matrices collapses, forward and backward alike."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import sympy as sp

from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.computed import AllOf
from gradmath.claims.evidence import enclosure, identity
from gradmath.claims.exploding.printed import P
from gradmath.claims.exploding.random_products import SIZE, diagonals, exponent, log_chi
from gradmath.claims.exploding.stacks import PAGE, with_member
from gradmath.claims.grades import MEASURED, PROVED
from gradmath.claims.measures import singular_value
from gradmath.claims.relation import equal, greater
from gradmath.claims.shapes import ForShapes, ShapeProof, ShapeSample
from gradmath.claims.simulated import Mean, Simulated, Simulation
from gradmath.claims.spectra import Between, OfMatrices, Spectra
from gradmath.claims.statement import ForAll
from gradmath.claims.values import Value

FACTORS, DRAWS, SEED = 50, 10_000, 1
HALF_WIDTH = 0.006


@claim(
    "lyapunov-spectrum",
    page=PAGE,
    grade=MEASURED,
    titles={
        "en": "Every direction has a rate of its own",
        "zh": "每个方向都有自己的增长率",
    },
    statement_text={
        "en": "Build up the QR decomposition of a product of fresh N × N normal matrices factor by "
        "factor. The mean logarithm of the i-th diagonal entry of its triangular part grows by "
        "λᵢ = (ln(2 s²) + ψ((N − i + 1)/2))/2 a factor.",
        "zh": "对各自独立的 N × N 正态矩阵之积逐个因子地作 QR 分解。其三角部分第 i 个对角元素"
        "的对数，每个因子平均增加 λᵢ = (ln(2s²) + ψ((N − i + 1)/2))/2。",
    },
    assumptions={
        "en": "Exact for every number of factors. Measured for N = 4 and s = 1, on 10 000 products "
        "of 50 factors, PCG64 with seed 1. In the limit of many factors the λᵢ are also the rates "
        "of the singular values (Oseledets' theorem).",
        "zh": "对任意因子个数都精确成立。以 N = 4、s = 1，10 000 个 50 因子的乘积实测，"
        "PCG64，种子 1。因子个数趋于无穷时，λᵢ 也是各奇异值的增长率（奥谢列杰茨定理）。",
    },
    references=("forrester2015",),
)
def lyapunov_spectrum() -> Case:
    def mean(place: int) -> Mean:
        return Mean(
            exponent(place),
            lambda: diagonals(SIZE, FACTORS, DRAWS, SEED)[:, place - 1] / FACTORS,
            HALF_WIDTH,
            lambda: log_chi(SIZE - place + 1),
        )

    places = range(1, SIZE + 1)
    statement = Simulated(
        {f"place{i}": mean(i) for i in places},
        formula=r"\begin{gathered}\frac1n\, \mathbb{E} \ln |R_{ii}| = \lambda_i, \\"
        r" \lambda_i = \tfrac12 \Bigl(\ln (2 s^2) + \psi\bigl(\tfrac{N - i + 1}{2}\bigr)\Bigr)"
        r"\end{gathered}",
        words="E ln |R_ii| = n lambda_i, lambda_i = (ln(2 s^2) + psi((N - i + 1)/2))/2",
    )

    def theory(what: Any) -> Simulated:
        return statement.but(**{f"place{i}": what(i) for i in places})

    mistakes = [
        Mistake("one rate for all directions", "以为各方向增长率相同",
                statement.but(**{f"place{i}": exponent(1) for i in places if i > 1})),
        Mistake("the order turned round", "次序颠倒", theory(lambda i: exponent(SIZE + 1 - i))),
        Mistake("half a degree of freedom too few", "自由度少了半个", theory(
            lambda i: (sp.log(2) + sp.digamma(sp.Rational(2 * SIZE - 2 * i + 1, 4))) / 2)),
        Mistake("psi(N - i + 1), not halved", "ψ 的自变量漏掉除以 2",
                theory(lambda i: (sp.log(2) + sp.digamma(SIZE + 1 - i)) / 2)),
        Mistake("the half in front lost", "漏掉前面的 1/2", theory(lambda i: 2 * exponent(i))),
        Mistake("the logarithm of 2 lost", "漏掉 ln 2",
                theory(lambda i: exponent(i) - sp.log(2) / 2)),
    ]  # fmt: skip
    values = {f"rate_{i}": Value(exponent(i), digits=3) for i in places}
    return Case(statement, [Simulation()], mistakes, values)


@claim(
    "rank-collapse",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Long products are nearly of rank one", "zh": "很长的乘积几乎是秩一矩阵"},
    statement_text={
        "en": "The rates of a product of fresh normal 4 × 4 matrices differ by "
        "(2 ln 2 − 1)/2, 1 − ln 2 and ln 2, all positive. So on average every factor makes the "
        "smaller singular values smaller still beside the largest. The matrix that the source "
        "prints as its result looks like that: its second singular value is little more than a "
        "hundredth of its first.",
        "zh": "独立的 4 × 4 正态矩阵之积，相邻增长率之差依次为 (2 ln 2 − 1)/2、1 − ln 2 与 ln 2，"
        "均为正数。因此平均而言，每乘一个因子，较小的奇异值相对于最大的奇异值都更小。"
        "原文印出的结果正是如此：其第二奇异值只略大于第一奇异值的百分之一。",
    },
    assumptions={
        "en": "The rates are the λᵢ of the closed form for N = 4; the scale of the entries cancels "
        "in their differences. The singular values hold for every matrix that rounds to the "
        "printed one.",
        "zh": "增长率为 N = 4 时封闭公式给出的 λᵢ，元素的尺度在差中消去。"
        "奇异值的结论对所有四舍五入后与印出结果相同的矩阵成立。",
    },
    references=("forrester2015",),
)
def rank_collapse() -> Case:
    two = sp.log(2)
    gaps = [(2 * two - 1) / 2, 1 - two, two]
    scale = sp.Symbol("s", positive=True)
    from gradmath.dynamics import products

    rates = products.exponents(SIZE, scale)
    equations = {f"gap {i + 1}": equal(rates[i] - rates[i + 1], gap) for i, gap in enumerate(gaps)}
    signs = {f"gap {i + 1} positive": greater(gap, 0) for i, gap in enumerate(gaps)}
    rows = ForAll(
        equations | signs,
        {scale: sp.Interval.open(0, sp.oo)},
        display=(
            r"\lambda_1 - \lambda_2 = \tfrac12 (2 \ln 2 - 1) > 0,",
            r"\lambda_2 - \lambda_3 = 1 - \ln 2 > 0,",
            r"\lambda_3 - \lambda_4 = \ln 2 > 0",
        ),
        words="lambda_1 - lambda_2 = (2 ln 2 - 1)/2 > 0, lambda_2 - lambda_3 = 1 - ln 2 > 0, "
        "lambda_3 - lambda_4 = ln 2 > 0",
        scope="",
    )
    first, second = (Between(singular_value(i), (P,), low, high) for i, low, high in (
        (1, sp.Integer(295), sp.Rational(2953, 10)), (2, sp.Integer(3), sp.Rational(31, 10))
    ))  # fmt: skip
    table = OfMatrices({"first": first, "second": second})
    whole = AllOf((rows, table))

    def changed(**fields: Any) -> AllOf:
        return with_member(whole, rows.but(**fields))

    mistakes = [
        Mistake("equal rates", "以为增长率相等", changed(**{
            name: equal(part.left, 0) for name, part in equations.items()})),
        Mistake("all gaps alike", "以为相邻之差都一样", changed(**{
            "gap 1": equal(equations["gap 1"].left, two),
            "gap 2": equal(equations["gap 2"].left, two)})),
        Mistake("the half lost", "漏掉 1/2", changed(**{
            "gap 1": equal(equations["gap 1"].left, 2 * two - 1)})),
        Mistake("gaps of the wrong sign", "差的符号弄反", changed(**{
            name: greater(-gap, 0) for name, gap in zip(signs, gaps, strict=True)})),
        Mistake("singular values of one size", "以为各奇异值大小相同", with_member(
            whole, table.but(second={"low": sp.Integer(290), "high": sp.Integer(300)}))),
        Mistake("the leading eigenvalue for the first singular value", "把主特征值当成第一奇异值",
                with_member(whole, table.but(
                    first={"low": sp.Integer(129), "high": sp.Integer(131)}))),
    ]  # fmt: skip
    evidence = [identity(*equations), enclosure(*signs), Spectra()]
    exact = [Between(singular_value(i), (P.exact,), sp.S.Zero, sp.S.Zero).value() for i in (1, 2)]
    values = {
        "first": Value(exact[0], digits=3),
        "second": Value(exact[1], digits=3),
        "times": Value(
            sp.exp(rates[0] - rates[3]).simplify(),
            digits=2,
            again=lambda: math.exp(sum(float(gap) for gap in gaps)),
        ),
        "to_tenth": Value(_factors_to(10), again=lambda: _counted_to(10, gaps)),
    }
    return Case(whole, evidence, mistakes, values)


def _counted_to(ratio: int, gaps: Sequence[sp.Expr]) -> int:
    """The same, multiplied out factor by factor with the first gap of the statement."""
    each, count, apart = math.exp(float(gaps[0])), 0, 1.0
    while apart < ratio:
        count, apart = count + 1, apart * each
    return count


def _factors_to(ratio: int) -> int:
    """How many factors make the second singular value `ratio` times smaller beside the first."""
    gap = (2 * sp.log(2) - 1) / 2
    return int(sp.ceiling(sp.log(ratio) / gap))


@claim(
    "same-singular-values",
    page=PAGE,
    grade=PROVED,
    titles={
        "en": "Forward and backward share their singular values",
        "zh": "前向与反向的奇异值相同",
    },
    statement_text={
        "en": "The matrix that carries a gradient back through a stack is the transpose of the one "
        "that carries a change forward: the factors transposed, in the opposite order. A matrix "
        "and its transpose have the same singular values, so what explodes forward explodes "
        "backward at the same rate.",
        "zh": "把梯度反向传过各层的矩阵，就是把微小变化前向传过去的矩阵的转置："
        "各因子转置，次序相反。"
        "矩阵与其转置的奇异值相同，所以前向会爆炸的，反向以同样的速率爆炸。",
    },
    assumptions={
        "en": "Proved for products of three matrices of every shape with axes of one to three, "
        "slopes in between held fixed. The singular values of J are fixed by the traces of powers "
        "of J Jᵀ, and these agree with those of Jᵀ J: proved for the first three powers.",
        "zh": "对三个矩阵之积、各轴长度均为 1 到 3 的所有形状证明，其间的导数固定不变。"
        "J 的奇异值由 J Jᵀ 各次幂的迹决定，而它们与 Jᵀ J 的迹相等：对前三次幂证明。",
    },
)
def same_singular_values() -> Case:
    arrays = {"U": "mn", "d": "m", "V": "pm", "e": "p", "W": "qp"}
    turned = ForShapes(
        arrays,
        left=lambda a: (a.W @ (a.e[:, None] * (a.V @ (a.d[:, None] * a.U)))).T,
        right=lambda a: (a.U.T * a.d) @ (a.V.T * a.e) @ a.W.T,
        formula=r"\bigl(W_3 D_2 W_2 D_1 W_1\bigr)^{\mathsf T}"
        r" = W_1^{\mathsf T} D_1 W_2^{\mathsf T} D_2 W_3^{\mathsf T}",
        words="(W3 D2 W2 D1 W1)^T = W1^T D1 W2^T D2 W3^T",
        name="transpose",
    )

    def traces(first: Any, second: Any) -> Any:
        import numpy as np

        square = first @ second
        power, found = square, []
        for _ in range(3):
            found.append(sum(power[i, i] for i in range(len(power))))
            power = power @ square
        made = np.empty(3, dtype=object)
        made[:] = found
        return made

    same = ForShapes(
        {"J": "mn"},
        left=lambda a: traces(a.J, a.J.T),
        right=lambda a: traces(a.J.T, a.J),
        formula=r"\operatorname{tr} (J J^{\mathsf T})^k = \operatorname{tr} (J^{\mathsf T} J)^k",
        words="tr (J J^T)^k = tr (J^T J)^k",
        name="traces",
    )
    whole = AllOf((turned, same))
    mistakes = [
        Mistake("the order kept", "转置后次序未颠倒", with_member(whole, turned.but(
            lambda a: a.W.T @ (a.V.T * a.e) @ (a.U.T * a.d), words="W3^T W2^T D2 W1^T D1"))),
        Mistake("the slopes on the wrong side", "导数放错了位置", with_member(whole, turned.but(
            lambda a: a.U.T @ (a.V.T * a.d) @ (a.W.T * a.e), words="W1^T W2^T D1 W3^T D2"))),
        Mistake("the slopes lost", "漏掉导数", with_member(whole, turned.but(
            lambda a: a.U.T @ a.V.T @ a.W.T, words="W1^T W2^T W3^T"))),
        Mistake("the trace of the square of J", "写成 J 的平方的迹", with_member(whole, same.but(
            lambda a: traces(a.J, a.J), words="tr (J J)^k"))),
        Mistake("each singular value counted twice", "每个奇异值数了两次",
                with_member(whole, same.but(
                    lambda a: traces(a.J.T, a.J) * 2, words="2 tr (J^T J)^k"))),
    ]  # fmt: skip
    return Case(whole, (ShapeProof(), ShapeSample()), mistakes)
