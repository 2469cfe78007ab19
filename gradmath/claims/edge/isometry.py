"""Orthogonal starts: a matrix that keeps every length, and what ReLU makes of it."""

from __future__ import annotations

import sympy as sp

from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.edge.laws import normal_mean
from gradmath.claims.evidence import identity, points
from gradmath.claims.grades import PROVED
from gradmath.claims.relation import Relation, equal, equal_entries
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Positive, Reals
from gradmath.claims.values import Value

PAGE = "edge"


def reflection(v: sp.Matrix) -> sp.Matrix:
    """The mirror in the plane at right angles to v: I - 2 v v^T / (v . v)."""
    return sp.eye(len(v)) - 2 * v * v.T / v.dot(v)


def square(v: sp.Matrix) -> sp.Expr:
    """The squared length."""
    return v.dot(v)


@claim(
    "orthogonal-isometry",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Orthogonal weights keep every length", "zh": "正交权重保持一切长度"},
    statement_text={
        "en": "An orthogonal matrix times a gain g multiplies every length by g, in every "
        "direction and through any number of layers: all singular values of the product are equal. "
        "A normal random matrix keeps lengths on average only: the mean square of the squared "
        "length is 1 + 2/n. ReLU undoes it: where a unit is off, a singular value is 0.",
        "zh": "增益 g 乘以正交矩阵，使每个方向上的长度都乘以 g，无论经过多少层："
        "乘积的所有奇异值都相等。正态随机矩阵只在平均意义上保持长度：长度平方的均方为 1 + 2/n。"
        "ReLU 则破坏等距：有单元关闭，就有奇异值为 0。",
    },
    assumptions={
        "en": "Proved for a reflection in two to four dimensions and for products of two in two "
        "and three; every orthogonal matrix is a product of reflections (Cartan and Dieudonné). "
        "Mirrors whose direction has a first or last entry 0 are limits of those proved. The "
        "normal matrix has entries of variance 1/n; n is 1 to 3. For ReLU: two units, one off.",
        "zh": "对二到四维的一个反射，以及二维、三维中两个反射的乘积给出证明；任何正交矩阵都是反射的"
        "乘积（嘉当–迪厄多内定理）。法向量首分量或末分量为 0 的反射是所证情形的极限。"
        "正态矩阵的元素方差为 1/n，n 取 1 到 3。ReLU 一项：两个单元，一个关闭。",
    },
    references=("saxe2014", "pennington2017"),
)
def orthogonal_isometry() -> Case:
    g = sp.Symbol("g", positive=True)
    u = sp.Matrix(sp.symbols("u1:5", real=True))
    v = sp.Matrix(sp.symbols("v1:4", real=True))
    x = sp.Matrix(sp.symbols("x1:5", real=True))
    # a vector that is not 0 for any choice of its entries: mirrors need a direction
    one = {n: sp.Matrix([1, *u[: n - 1]]) for n in (2, 3, 4)}
    other = {n: sp.Matrix([*v[: n - 1], 1]) for n in (2, 3)}
    parts: dict[str, Relation] = {}
    for n in (2, 3, 4):
        at = sp.Matrix(x[:n])
        parts[f"one layer, {n}"] = equal(square(g * reflection(one[n]) * at), g**2 * square(at))
    for n in (2, 3):
        at = sp.Matrix(x[:n])
        two = g * reflection(other[n]) * (g * reflection(one[n]))
        parts[f"two layers, {n}"] = equal(square(two * at), g**4 * square(at))
    for n in (1, 2, 3):
        parts[f"normal, mean, {n}"] = equal(_normal_length(n, 1), 1)
        parts[f"normal, square, {n}"] = equal(_normal_length(n, 2), 1 + sp.Rational(2, n))
    kept = sp.diag(1, 0)
    off = kept * reflection(one[2])
    parts |= equal_entries(off * off.T, kept, "relu")
    used = sorted({s for part in parts.values() for s in part.free_symbols} - {g}, key=str)
    statement = ForAll(
        parts,
        {g: Positive, **dict.fromkeys(used, Reals)},
        display=(
            r"W = g\,Q, \;\; Q^{\mathsf T} Q = I:",
            r"\lVert W_L \cdots W_1\, x \rVert = g^L\, \lVert x \rVert;",
            r"W_{ij} \sim N(0, \tfrac1n), \; \lVert x \rVert = 1:",
            r"\mathbb{E}\,\lVert W x \rVert^2 = 1, \quad"
            r" \mathbb{E}\,\lVert W x \rVert^4 = 1 + \tfrac2n;",
            r"D = \operatorname{diag}(1, 0): \;\; (D Q)(D Q)^{\mathsf T} = D",
        ),
        scope="",
        words="|g Q x| = g |x| for orthogonal Q, and g^2 |x| for two; for normal W, |x| = 1: "
        "E |W x|^2 = 1, E |W x|^4 = 1 + 2/n; (D Q)(D Q)^T = D for D = diag(1, 0)",
    )

    def each(prefix: str, right: object) -> dict[str, Relation]:
        return {name: equal(part.left, right(part) if callable(right) else right)
                for name, part in parts.items() if name.startswith(prefix)}  # fmt: skip

    mistakes = [
        Mistake("the gain, not its square", "写成增益而不是其平方",
                statement.but(**each("one layer", lambda part: part.right / g))),
        Mistake("one gain for two layers", "两层只算一次增益",
                statement.but(**each("two layers", lambda part: part.right / g**2))),
        Mistake("lengths added: 2 g for two layers", "两层的增益相加而非相乘",
                statement.but(**each("two layers", lambda part: 4 * part.right / g**2))),
        Mistake("a projection for a reflection: one factor 2 lost", "漏掉因子 2，把反射写成投影",
                statement.but(**{"one layer, 2": equal(
                    square(g * (sp.eye(2) + reflection(one[2])) / 2 * sp.Matrix(x[:2])),
                    parts["one layer, 2"].right)})),
        Mistake("normal matrices keep no length, even on average", "误以为正态矩阵平均也不保持长度",
                statement.but(**each("normal, mean", sp.Integer(2)))),
        Mistake("normal matrices keep every length, too", "误以为正态矩阵也保持一切长度",
                statement.but(**each("normal, square", sp.S.One))),
        Mistake("ReLU keeps the isometry", "误以为 ReLU 保持等距",
                statement.but(**equal_entries(off * off.T, 2 * sp.ones(2), "relu"))),
    ]  # fmt: skip
    values = {"ten": Value(1 + sp.Rational(2, 10), again=_normal_length(10, 2))}
    return Case(statement, [identity(), points(count=10)], mistakes, values)


def _normal_length(n: int, power: int) -> sp.Expr:
    """E |W x|^(2 power) for a normal n x n matrix of variance 1/n and a unit vector x.

    The entries of W x are independent and normal with variance 1/n, whatever the direction of x.
    """
    z = sp.symbols(f"z1:{n + 1}")
    length = sp.Add(*(entry**2 for entry in z)) / n
    return normal_mean(length**power, z)
