"""One matrix, repeated: its powers grow or shrink by the spectral radius."""

from __future__ import annotations

import sympy as sp

from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.evidence import certificate, enclosure, identity, points
from gradmath.claims.exploding.stacks import PAGE
from gradmath.claims.grades import PROVED
from gradmath.claims.relation import Relation, at_least, at_most, equal, equal_entries, less
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Positive, Reals
from gradmath.claims.values import Value

n = sp.Symbol("n", integer=True, nonnegative=True)
_COUNTS = sp.S.Naturals0


def _induction(step: sp.Matrix, power: sp.Matrix, name: str) -> dict[str, Relation]:
    """`power`, a matrix in n, is the n-th power of `step`: at n = 0, and from n to n + 1."""
    start = equal_entries(power.subs(n, 0), sp.eye(step.rows), f"{name}, power 0 ")
    onward = equal_entries(power * step, power.subs(n, n + 1), f"{name}, one more ")
    return start | onward


@claim(
    "growth-by-spectral-radius",
    page=PAGE,
    grade=PROVED,
    titles={
        "en": "Powers grow by the spectral radius",
        "zh": "矩阵的幂按谱半径增长",
    },
    statement_text={
        "en": "A triangular 2 × 2 matrix with eigenvalues p > q > 0 and any c in its corner has "
        "powers whose entries are multiples of pⁿ and qⁿ, and for c ≥ 0 the corner is at most "
        "c/(p − q) times pⁿ. So in the long run they grow by the spectral radius p a step, "
        "whatever c is. For a double eigenvalue p the corner is n c pⁿ⁻¹: still the same rate, up "
        "to the factor n.",
        "zh": "特征值为 p > q > 0、右上角元素 c 任意的 2 × 2 上三角矩阵，其幂的元素都是 pⁿ 与 qⁿ "
        "的倍数；当 c ≥ 0 时，右上角元素不超过 c/(p − q) 乘 pⁿ。因此不论 c 为何，"
        "长远看每步都按谱半径 p 增长。若 p 为二重特征值，则右上角元素为 n c pⁿ⁻¹："
        "除多出因子 n 外，增长率不变。",
    },
    assumptions={
        "en": "By induction on n ≥ 0. In the statement p = q + d with d > 0. This is the instance "
        "we prove; that the n-th root of the norm of Aⁿ tends to the spectral radius for every "
        "square matrix is Gelfand's formula.",
        "zh": "对 n ≥ 0 用归纳法证明，其中 p = q + d，d > 0。这里证明的是这一特例；对任意方阵，Aⁿ "
        "的范数的 n 次方根趋于谱半径，这是盖尔范德公式。",
    },
)
def growth_by_spectral_radius() -> Case:
    q, d = sp.symbols("q d", positive=True)
    c = sp.Symbol("c", real=True)
    more = sp.Symbol("c_+", nonnegative=True)
    p = q + d
    corner = (p**n - q**n) / d
    two = _induction(sp.Matrix([[p, c], [0, q]]), sp.Matrix([[p**n, c * corner], [0, q**n]]), "two")
    double = _induction(
        sp.Matrix([[q, c], [0, q]]),
        sp.Matrix([[q**n, n * c * q ** (n - 1)], [0, q**n]]),
        "double",
    )
    statement = ForAll(
        {**two, **double, "corner": at_most(more * corner, more / d * p**n)},
        {q: Positive, d: Positive, c: Reals, more: sp.Interval(0, sp.oo), n: _COUNTS},
        display=(
            r"\begin{bmatrix} p & c \\ 0 & q \end{bmatrix}^{n} = \begin{bmatrix} p^n &"
            r" c\,\frac{p^n - q^n}{p - q} \\ 0 & q^n \end{bmatrix},",
            r"c\,\frac{p^n - q^n}{p - q} \le \frac{c}{p - q}\,p^n,",
            r"\begin{bmatrix} p & c \\ 0 & p \end{bmatrix}^{n} = \begin{bmatrix} p^n &"
            r" n\,c\,p^{n-1} \\ 0 & p^n \end{bmatrix}",
        ),
        words="[[p, c], [0, q]]^n = [[p^n, c (p^n - q^n)/(p - q)], [0, q^n]], corner at most "
        "c/(p - q) p^n for c >= 0; [[p, c], [0, p]]^n = [[p^n, n c p^(n-1)], [0, p^n]]",
        scope="",
    )

    def entry(matrix: str, part: str, place: str) -> str:
        return f"{matrix}, {part} [{place}]"

    def left(part: str) -> sp.Expr:
        return statement.parts[part].left

    onward, corner_now = "one more", "1,2"
    ones = {"1,1": 0, "1,2": 1, "2,1": 1, "2,2": 0}  # what the identity matrix is not
    starts = {entry(m, "power 0", at): v for m in ("two", "double") for at, v in ones.items()}
    still = {
        entry("two", onward, "1,1"): p**n,
        entry("two", onward, "2,2"): q**n,
        entry("two", onward, "2,1"): c,
        entry("double", onward, "1,1"): q**n,
        entry("double", onward, "2,2"): n * q,
        entry("double", onward, "2,1"): c,
    }
    mistakes = [
        Mistake("powers taken entry by entry", "逐元素取幂",
                statement.but(**{entry("two", onward, corner_now): equal(
                    left(entry("two", onward, corner_now)), c ** (n + 1))})),
        Mistake("the corner multiplied by n, as for a double eigenvalue", "套用二重特征值的因子 n",
                statement.but(**{entry("two", onward, corner_now): equal(
                    left(entry("two", onward, corner_now)), (n + 1) * c * p**n)})),
        Mistake("the factor n lost", "漏掉因子 n",
                statement.but(**{entry("double", onward, corner_now): equal(
                    left(entry("double", onward, corner_now)), c * q**n)})),
        Mistake("a corner that grows by q", "以为右上角按 q 增长",
                statement.but(corner=at_most(more * corner, more / d * q**n))),
        Mistake("a corner no larger than c", "以为右上角不超过 c",
                statement.but(corner=at_most(more * corner, more))),
        Mistake("power 0 is zero", "以为零次幂是零矩阵",
                statement.but(**{part: equal(left(part), v) for part, v in starts.items()})),
        Mistake("a diagonal that does not change", "以为对角线不变",
                statement.but(**{part: equal(left(part), v) for part, v in still.items()})),
    ]  # fmt: skip
    evidence = [
        identity(*two, *double),
        certificate(corner=more / d * q**n),
        points("corner"),
    ]
    return Case(statement, evidence, mistakes)


@claim(
    "linear-can-vanish-too",
    page=PAGE,
    grade=PROVED,
    titles={
        "en": "A product without activations can vanish too",
        "zh": "没有激活函数，乘积同样可能消失",
    },
    statement_text={
        "en": "A rotation scaled by r makes every vector exactly rⁿ times as long after n steps: "
        "shorter and shorter for r < 1, equally long for r = 1, longer and longer for r > 1. And "
        "large entries do not decide: a matrix with an entry of 100 and eigenvalues of one half "
        "has a second power that still holds 100 and a twentieth power whose entries are below "
        "one hundredth.",
        "zh": "乘以 r 的旋转经 n 步后使每个向量的长度恰为原来的 rⁿ 倍：r < 1 时越来越短，r = 1 "
        "时不变，r > 1 时越来越长。元素大也不说明问题：某矩阵有元素 100、特征值为 1/2，"
        "其二次幂里仍有 100，二十次幂的元素却都小于百分之一。",
    },
    assumptions={
        "en": "r > 0, any angle t and any vector of the plane; by induction on n ≥ 0. There is no "
        "activation anywhere.",
        "zh": "r > 0，角度 t 与平面向量任意，对 n ≥ 0 用归纳法证明。全程没有激活函数。",
    },
)
def linear_can_vanish_too() -> Case:
    r, t = sp.Symbol("r", positive=True), sp.Symbol("t", real=True)
    x, y = sp.symbols("x y", real=True)

    def turned(angle: sp.Expr) -> sp.Matrix:
        return sp.Matrix([[sp.cos(angle), -sp.sin(angle)], [sp.sin(angle), sp.cos(angle)]])

    power = r**n * turned(n * t)
    powers = _induction(r * turned(t), power, "rotation")
    moved = power * sp.Matrix([x, y])
    length = equal(moved[0] ** 2 + moved[1] ** 2, r ** (2 * n) * (x**2 + y**2))
    half = sp.Rational(1, 2)
    shear = sp.Matrix([[half, 100], [0, half]])
    early, late = (max(shear**k, key=abs) for k in (2, 20))
    statement = ForAll(
        {**powers, "length": length,
         "at first": at_least(early, 100), "later": less(late, sp.Rational(1, 100))},
        {r: Positive, t: Reals, x: Reals, y: Reals, n: _COUNTS},
        display=(
            r"A = r \begin{bmatrix} \cos t & -\sin t \\ \sin t & \cos t \end{bmatrix}:",
            r"\lVert A^n v \rVert = r^n\, \lVert v \rVert;",
            r"B = \begin{bmatrix} \frac12 & 100 \\ 0 & \frac12 \end{bmatrix}:"
            r"\quad \max_{ij} \bigl|(B^{2})_{ij}\bigr| \ge 100,",
            r"\max_{ij} \bigl|(B^{20})_{ij}\bigr| < \tfrac{1}{100}",
        ),
        words="a rotation times r: |A^n v| = r^n |v|; B = [[1/2, 100], [0, 1/2]]: largest entry of "
        "B^2 at least 100, of B^20 below 1/100",
        scope="",
    )  # fmt: skip
    onward = {name: part for name, part in powers.items() if "one more" in name}
    start = {name: part for name, part in powers.items() if "power 0" in name}
    mistakes = [
        Mistake("the angle not multiplied by n", "角度没有乘以 n",
                statement.but(**{name: equal(part.left, r ** (n + 1) * turned(t)[k])
                                 for k, (name, part) in enumerate(onward.items())})),
        Mistake("a power that begins with the matrix itself", "以为零次幂就是矩阵本身",
                statement.but(**{name: equal(part.left, (2 * turned(sp.Integer(1)))[k])
                                 for k, (name, part) in enumerate(start.items())})),
        Mistake("the length grows with every product", "以为每乘一次长度都增长",
                statement.but(length=equal(length.left, (1 + r) ** (2 * n) * (x**2 + y**2)))),
        Mistake("the length by r^n where its square is meant", "长度的平方误写成 rⁿ 倍",
                statement.but(length=equal(length.left, r**n * (x**2 + y**2)))),
        Mistake("the entries shrink from the first step on", "以为元素从第一步起就变小",
                statement.but(**{"at first": at_least(early / 4, 100)})),
        Mistake("an entry of 100 multiplied at every step", "以为每步都乘以 100",
                statement.but(later=less(sp.Integer(100) ** 20, sp.Rational(1, 100)))),
    ]  # fmt: skip
    evidence = [identity(*powers, "length"), enclosure("at first", "later")]
    values = {"late": Value(late, digits=2), "early": Value(early)}
    return Case(statement, evidence, mistakes, values)
