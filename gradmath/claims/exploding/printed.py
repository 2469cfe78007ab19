"""The 4 x 4 matrix of the chapter's source, and what it became: two printed tables."""

from __future__ import annotations

import sympy as sp

from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.computed import AllOf
from gradmath.claims.evidence import certificate, identity
from gradmath.claims.exploding.stacks import PAGE, with_member
from gradmath.claims.grades import PROVED
from gradmath.claims.measures import (
    COMMUTATOR,
    LEADING,
    NORM,
    RADIUS,
    first_power_reaching,
    power_entry,
)
from gradmath.claims.relation import at_least, equal
from gradmath.claims.shapes import ForShapes, ShapeProof
from gradmath.claims.spectra import Between, OfMatrices, Printed, Spectra
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Reals
from gradmath.claims.values import Value

PLACES = 4  # decimals of both tables
M = Printed.of("M", [
    ["-0.2167", "1.0562", "-1.1602", "-0.5125"],
    ["-0.9953", "-0.3229", "0.6139", "-0.3564"],
    ["-0.5894", "0.6944", "-0.7655", "-0.3474"],
    ["-0.0225", "1.2729", "-0.4987", "0.8055"],
], PLACES)  # fmt: skip
"""The matrix that the source starts from."""

P = Printed.of("P", [
    ["-117.1322", "-95.8194", "38.9671", "-73.8220"],
    ["52.0601", "43.9106", "-17.0622", "33.3657"],
    ["-78.9374", "-64.8063", "26.1892", "-49.8487"],
    ["-129.1926", "-110.5344", "41.8324", "-83.4628"],
], PLACES)  # fmt: skip
"""The matrix that the source prints as the result of ten executions."""


def decimal(text: str) -> sp.Rational:
    """A decimal as the fraction it is."""
    return sp.Rational(text)


def shown(table: Printed) -> Value:
    """A table as a formula, in decimals as it was printed."""
    digits = [[sp.Float(str(float(entry)), 7) for entry in row] for row in table.rows]
    return Value(sp.ImmutableMatrix(digits), again=table.matrix.applyfunc(lambda x: sp.Float(x, 7)))


def largest_printed() -> sp.Rational:
    """The largest size of an entry of P."""
    return max(abs(entry) for entry in P.matrix)


@claim(
    "source-matrix",
    page=PAGE,
    grade=PROVED,
    titles={"en": "The source's matrix hardly grows", "zh": "原文的矩阵几乎不增长"},
    statement_text={
        "en": "The 4 × 4 matrix M from which the source starts has a spectral radius just above 1, "
        "so its powers grow by less than one part in a hundred a step. The largest entry of its "
        "tenth power is about 2, where the source prints one of about 129. The first power with an "
        "entry that large is the 547th.",
        "zh": "原文出发的 4 × 4 矩阵 M 的谱半径仅略大于 1，其幂每步增长不到百分之一。"
        "十次幂的最大元素约为 2，而原文给出的约为 129；元素第一次达到这么大是在第 547 次幂。",
    },
    assumptions={
        "en": "M exactly as printed; the tenth power also for every matrix that rounds to it. The "
        "source calls M normalised; neither its spectral radius nor its norm is 1.",
        "zh": "M 取印出的数值；十次幂一条对所有四舍五入后与之相同的矩阵都成立。原文称 M "
        "为“归一化”矩阵，但它的谱半径和范数都不等于 1。",
    },
)
def source_matrix() -> Case:
    exact, reach = M.exact, largest_printed()
    parts = {
        "radius": Between(RADIUS, (exact,), decimal("1.0077"), decimal("1.0078")),
        "norm": Between(NORM, (exact,), decimal("2.3631"), decimal("2.3632")),
        "tenth power": Between(power_entry(10), (M,), decimal("1.9"), decimal("2.1")),
        "first": Between(first_power_reaching(reach), (exact,), sp.Integer(547), sp.Integer(547)),
    }
    statement = OfMatrices(parts)
    printed = {"low": reach - 1, "high": reach + 1}
    mistakes = [
        Mistake("an entry of 129 in the tenth power, as printed", "以为十次幂有 129 这么大的元素",
                statement.but(**{"tenth power": printed})),
        Mistake("the norm taken for the radius", "把范数当成谱半径",
                statement.but(radius={"low": decimal("2.3631"), "high": decimal("2.3632")})),
        Mistake("a radius of exactly 1", "以为谱半径恰为 1",
                statement.but(radius={"low": sp.Integer(1), "high": sp.Integer(1)})),
        Mistake("a norm of 1: normalised", "以为范数为 1（归一化）",
                statement.but(norm={"low": decimal("0.99"), "high": decimal("1.01")})),
        Mistake("the tenth power by the radius alone", "只按谱半径估计十次幂",
                statement.but(**{"tenth power": {
                    "low": decimal("1.07"), "high": decimal("1.09")}})),
        Mistake("reached at the tenth power", "以为十次幂就能达到",
                statement.but(first={"low": sp.Integer(10), "high": sp.Integer(10)})),
        Mistake("off by one", "相差一次幂",
                statement.but(first={"low": sp.Integer(548), "high": sp.Integer(548)})),
    ]  # fmt: skip
    values = {
        "matrix": shown(M),
        "result": shown(P),
        "radius": Value(parts["radius"].value(), digits=6),
        "norm": Value(parts["norm"].value(), digits=5),
        "tenth": Value(parts["tenth power"].value(), digits=4),
        "printed": Value(reach, digits=5, again=max(max(P.matrix), -min(P.matrix))),
        "first": Value(sp.Integer(547)),
        "percent": Value(
            (parts["radius"].value() - 1) * 100, digits=2, unit="%", again=_percent_again
        ),
    }
    return Case(statement, [Spectra()], mistakes, values)


@claim(
    "printed-matrix-no-power",
    page=PAGE,
    grade=PROVED,
    titles={"en": "The printed result is no power of M", "zh": "印出的结果不是 M 的任何次幂"},
    statement_text={
        "en": "Every power of a matrix commutes with it. For every pair of matrices that round to "
        "the printed M and the printed result P, the two products A B and B A differ by a matrix "
        "of norm about 588. So no power of M, whatever the exponent and however M and P were "
        "rounded, is P.",
        "zh": "矩阵的任何次幂都与它本身可交换。凡四舍五入后与印出的 M 和结果 P 相同的两个矩阵，"
        "AB 与 BA 之差的范数都在 588 左右。因此不论指数为何、不论 M 与 P 如何舍入，"
        "P 都不是 M 的幂。",
    },
    assumptions={
        "en": "Every entry of M and of P within half a unit of its fourth decimal. That powers "
        "commute is proved for the third power of matrices of size one to three; it follows from "
        "associativity for all.",
        "zh": "M 与 P 的每个元素允许有第四位小数半个单位的误差。幂与自身可交换这一点，对 1 到 3 "
        "阶方阵的三次幂证明；一般情形由结合律得出。",
    },
)
def printed_matrix_no_power() -> Case:
    commutes = ForShapes(
        {"A": "nn"},
        left=lambda a: a.A @ (a.A @ a.A @ a.A),
        right=lambda a: (a.A @ a.A @ a.A) @ a.A,
        formula=r"A\, A^{k} = A^{k} A",
        words="A A^k = A^k A",
        name="powers commute",
    )
    apart = Between(COMMUTATOR, (M, P), sp.Integer(587), sp.Integer(589))
    tables = OfMatrices({"M and P do not": apart})
    whole = AllOf((commutes, tables))

    def allowed(low: str, high: str) -> AllOf:
        return with_member(whole, tables.but(**{
            "M and P do not": {"low": decimal(low), "high": decimal(high)}
        }))  # fmt: skip

    mistakes = [
        Mistake("they commute", "以为两者可交换", allowed("0", "0")),
        Mistake("no further apart than rounding allows", "以为差别在舍入误差之内",
                allowed("0", "0.12")),
        Mistake("the largest entry in place of the norm", "把最大元素当成范数",
                allowed("358", "359")),
        Mistake("a power that commutes with the transpose", "以为幂与转置可交换",
                with_member(whole, commutes.but(lambda a: (a.A @ a.A @ a.A) @ a.A.T,
                                                words="A^k A^T"))),
        Mistake("one factor lost", "漏掉一个因子",
                with_member(whole, commutes.but(lambda a: a.A @ a.A @ a.A, words="A^k"))),
    ]  # fmt: skip
    values = {
        "apart": Value(apart.value(), digits=3),
        "allowed": Value(_rounding(), digits=2, again=_rounding_again),
    }
    return Case(whole, [ShapeProof(), Spectra()], mistakes, values)


def _rounding() -> sp.Rational:
    """By how much rounding both tables can change the norm of M P - P M, to first order.

    2 (|E| |P| + |M| |F|) for errors E and F of norm at most 4 times half a unit each.
    """
    error = 4 * sp.Rational(M.error.numerator, M.error.denominator)
    norms = [Between(NORM, (each,), sp.S.Zero, sp.S.Zero).value() for each in (M, P)]
    return 2 * error * sp.Add(*norms)


def _percent_again() -> float:
    """By how many per cent the radius of M exceeds 1, by NumPy."""
    import numpy as np

    moduli = np.abs(np.linalg.eigvals(np.array(M.rows, dtype=np.float64)))
    return float(100 * (moduli.max() - 1))


def _rounding_again() -> float:
    """The same bound from NumPy's norms; each entry is printed to four decimals."""
    import numpy as np

    norms = [np.linalg.norm(np.array(each.rows, dtype=np.float64), 2) for each in (M, P)]
    return float(2 * 4 * 0.5e-4 * sum(norms))


@claim(
    "printed-matrix-no-even-root",
    page=PAGE,
    grade=PROVED,
    titles={
        "en": "The printed result is no tenth power at all",
        "zh": "印出的结果不是任何实矩阵的十次幂",
    },
    statement_text={
        "en": "Every matrix that rounds to the printed result P has a simple negative eigenvalue "
        "near −130. The tenth power of a real number is never negative, and a number and its "
        "conjugate have conjugate tenth powers, so a negative eigenvalue of a tenth power of a "
        "real matrix comes at least twice. Hence P is the tenth power of no real matrix.",
        "zh": "凡四舍五入后与印出的结果 P 相同的矩阵，都有一个 −130 附近的单重负特征值。"
        "实数的十次幂不会是负数，共轭复数的十次幂互为共轭，"
        "所以实矩阵的十次幂若有负特征值，其重数至少为二。因此 P 不是任何实矩阵的十次幂。",
    },
    assumptions={
        "en": "Every entry of P within half a unit of its fourth decimal. The eigenvalues of a "
        "tenth power are the tenth powers of the eigenvalues, with their multiplicities. The same "
        "holds for every even power.",
        "zh": "P 的每个元素允许有第四位小数半个单位的误差。矩阵十次幂的特征值是其特征值的十次幂，"
        "重数相同。对任何偶数次幂结论同样成立。",
    },
)
def printed_matrix_no_even_root() -> Case:
    x, y = sp.symbols("x y", real=True)
    above, below = (sp.expand((x + s * sp.I * y) ** 10) for s in (1, -1))
    real, other = (sp.expand(sp.re(e)) for e in (above, below))
    imag, mirrored = (sp.expand(sp.im(e)) for e in (above, below))
    numbers = ForAll(
        {"real numbers": at_least(x**10, 0), "conjugates, real part": equal(other, real),
         "conjugates, imaginary part": equal(mirrored, -imag)},
        {x: Reals, y: Reals},
        display=(r"x^{10} \ge 0 \quad (x, y \in \mathbb{R}),",
                 r"(x - \mathrm i y)^{10} = \overline{(x + \mathrm i y)^{10}},"),
        words="x^10 >= 0 and (x - i y)^10 is the conjugate of (x + i y)^10 for real x and y",
        scope="",
    )  # fmt: skip
    eigenvalue = Between(LEADING, (P,), decimal("-130.05"), decimal("-130.03"))
    table = OfMatrices(
        {"leading eigenvalue": eigenvalue},
        display=(eigenvalue.latex + r" \quad \text{(simple)}",),
    )
    whole = AllOf((numbers, table))

    def at(low: str, high: str) -> AllOf:
        fields = {"low": decimal(low), "high": decimal(high)}
        return with_member(whole, table.but(**{"leading eigenvalue": fields}))

    mistakes = [
        Mistake("a positive eigenvalue", "以为该特征值为正", at("130.03", "130.05")),
        Mistake("the norm taken for the eigenvalue", "把范数当成特征值", at("-296", "-295")),
        Mistake("the trace taken for the eigenvalue", "把迹当成特征值", at("-130.51", "-130.49")),
        Mistake("a conjugate with the same tenth power", "以为共轭的十次幂相同",
                with_member(whole, numbers.but(**{
                    "conjugates, imaginary part": equal(mirrored, imag)}))),
        Mistake("a conjugate with the opposite real part", "以为共轭的实部反号",
                with_member(whole, numbers.but(**{
                    "conjugates, real part": equal(other, -real)}))),
        Mistake("an odd power", "误作奇数次幂",
                with_member(whole, numbers.but(**{"real numbers": at_least(x**9, 0)}))),
    ]  # fmt: skip
    evidence = [
        certificate(**{"real numbers": x**10}),
        identity("conjugates, real part", "conjugates, imaginary part"),
        Spectra(),
    ]
    return Case(whole, evidence, mistakes, {"eigenvalue": Value(eigenvalue.value(), digits=5)})
