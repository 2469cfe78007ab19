"""Linear layers in a row: one matrix product, what it is not, and what its entries are."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import sympy as sp

from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.computed import AllOf
from gradmath.claims.evidence import enclosure, identity
from gradmath.claims.grades import PROVED
from gradmath.claims.relation import Relation, equal, equal_entries, unequal
from gradmath.claims.shapes import ForShapes, Gradient, ShapeProof, ShapeSample
from gradmath.claims.statement import ForAll, Statement
from gradmath.claims.symbols import Reals

PAGE = "exploding"
SHAPES = {
    "en": "Proved entry by entry for every shape with axes of one to three; checked at larger "
    "shapes, some drawn at random.",
    "zh": "对各轴长度均为 1 到 3 的所有形状逐元素证明；另在更大的、部分随机抽取的形状上核验。",
}


def with_member(statement: AllOf, changed: Statement) -> AllOf:
    """The statements together, with the member that has the same parts replaced."""
    names = set(changed.parts)
    return AllOf(tuple(changed if set(m.parts) == names else m for m in statement.members))


@claim(
    "linear-stack-is-linear",
    page=PAGE,
    grade=PROVED,
    titles={
        "en": "A stack of linear layers is one linear layer",
        "zh": "线性层叠起来仍是一个线性层",
    },
    statement_text={
        "en": "Two linear layers without an activation between them are one layer, whose weights "
        "are the product of the two matrices with the later one on the left. The same product is "
        "the derivative of the output with respect to the input.",
        "zh": "两个线性层之间若没有激活函数，就等于一个线性层：其权重是两个矩阵之积，"
        "后一层的矩阵在左。输出对输入的导数也正是这个乘积。",
    },
    assumptions=SHAPES,
)
def linear_stack_is_linear() -> Case:
    stack = ForShapes(
        {"x": "np", "V": "mp", "c": "m", "W": "qm", "b": "q"},
        left=lambda a: (a.x @ a.V.T + a.c) @ a.W.T + a.b,
        right=lambda a: a.x @ (a.W @ a.V).T + (a.W @ a.c + a.b),
        formula=r"(x V^{\mathsf T} + c)\, W^{\mathsf T} + b \\"
        r" = x\,(W V)^{\mathsf T} + (W c + b)",
        words="(x V^T + c) W^T + b = x (W V)^T + (W c + b)",
        name="one layer",
    )
    jacobian = ForShapes(
        {"x": "p", "V": "mp", "c": "m", "W": "qm", "b": "q"},
        left=Gradient(lambda a: a.W @ (a.V @ a.x + a.c) + a.b, by="x"),
        right=lambda a: a.W @ a.V,
        formula=r"\frac{\partial}{\partial x}\bigl(W (V x + c) + b\bigr) = W V",
        words="d(W (V x + c) + b)/dx = W V",
        name="derivative",
    )
    whole = AllOf((stack, jacobian))
    mistakes = [
        Mistake("the earlier matrix on the left", "前一层的矩阵写在左边",
                with_member(whole, stack.but(
                    lambda a: a.x @ (a.V @ a.W).T + (a.W @ a.c + a.b),
                    words="x (V W)^T + (W c + b)"))),
        Mistake("the first bias not carried through the second layer", "第一层的偏置没有经过第二层",
                with_member(whole, stack.but(
                    lambda a: a.x @ (a.W @ a.V).T + (a.W.sum(axis=1) + a.b),
                    words="x (W V)^T + (W 1 + b)"))),
        Mistake("the matrices added", "把矩阵相加",
                with_member(whole, stack.but(
                    lambda a: a.x @ (a.W + a.V).T + (a.W @ a.c + a.b),
                    words="x (W + V)^T + (W c + b)"))),
        Mistake("the derivative transposed", "导数被转置",
                with_member(whole, jacobian.but(lambda a: a.V.T @ a.W.T, words="V^T W^T"))),
        Mistake("the derivative of the last layer alone", "只取最后一层的导数",
                with_member(whole, jacobian.but(lambda a: a.W, words="W"))),
    ]  # fmt: skip
    return Case(whole, (ShapeProof(), ShapeSample()), mistakes)


@claim(
    "matrix-product-not-cross",
    page=PAGE,
    grade=PROVED,
    titles={
        "en": "The matrix product is no cross product, and order matters",
        "zh": "矩阵乘法不是叉乘，而且次序不能交换",
    },
    statement_text={
        "en": "The matrix product is associative: brackets do not matter. The cross product of two "
        "vectors in space changes its sign with their order, is zero for a vector with itself, and "
        "is not associative. Neither may be reordered: A B and B A differ in general.",
        "zh": "矩阵乘法满足结合律，括号可有可无。空间中两个向量的叉乘则不同：交换次序变号，"
        "向量与自身的叉乘为零，也不满足结合律。两者都不能任意交换次序：一般 AB ≠ BA。",
    },
    assumptions={
        "en": "Associativity is proved entry by entry for every shape with axes of one to three, "
        "and checked at larger ones. The cross product is that of three-dimensional vectors.",
        "zh": "结合律对各轴长度均为 1 到 3 的所有形状逐元素证明，并在更大的形状上核验。"
        "叉乘指三维向量的叉乘。",
    },
)
def matrix_product_not_cross() -> Case:
    brackets = ForShapes(
        {"A": "mn", "B": "np", "C": "pq"},
        left=lambda a: (a.A @ a.B) @ a.C,
        right=lambda a: a.A @ (a.B @ a.C),
        formula=r"(A B)\,C = A\,(B C)",
        words="(A B) C = A (B C)",
        name="associative",
    )
    u, v = (sp.Matrix(sp.symbols(f"{name}1:4", real=True)) for name in "uv")
    first, second = sp.Matrix([1, 0, 0]), sp.Matrix([0, 1, 0])
    shear = sp.Matrix([[1, 1], [0, 1]])

    def brackets_differ(entry: int) -> Relation:
        left, right = first.cross(first).cross(second), first.cross(first.cross(second))
        return unequal(left[entry], right[entry])

    parts: dict[str, Relation] = {
        **equal_entries(u.cross(v), -v.cross(u), "cross flips"),
        **equal_entries(u.cross(u), sp.zeros(3, 1), "cross with itself"),
        "cross brackets": brackets_differ(1),
        "order": unequal((shear * shear.T)[0, 0], (shear.T * shear)[0, 0]),
    }  # fmt: skip
    cross = ForAll(
        parts,
        dict.fromkeys([*u, *v], Reals),
        display=(
            r"u \times v = -\,v \times u, \quad u \times u = 0,",
            r"(e_1 \times e_1) \times e_2 \ne e_1 \times (e_1 \times e_2),",
            r"A B \ne B A \quad\text{for}",
            r"A = \begin{bmatrix} 1 & 1 \\ 0 & 1 \end{bmatrix}, \; B = A^{\mathsf T}",
        ),
        words="u x v = -(v x u); u x u = 0; (e1 x e1) x e2 != e1 x (e1 x e2); A A^T != A^T A for "
        "A = [[1, 1], [0, 1]]",
        scope="",
    )
    whole = AllOf((brackets, cross))
    symmetric = sp.Matrix([[2, 1], [1, 1]])
    keeps, same = (
        equal_entries(u.cross(v), v.cross(u), "cross flips"),
        equal_entries(u.cross(u), sp.ones(3, 1), "cross with itself"),
    )
    mistakes = [
        Mistake("brackets that turn the factors round", "括号改变了因子的次序",
                with_member(whole, brackets.but(lambda a: (a.C.T @ a.B.T) @ a.A.T,
                                                words="C^T B^T A^T"))),
        Mistake("the middle factor transposed", "中间的因子被转置",
                with_member(whole, brackets.but(lambda a: a.A @ (a.B.T @ a.C), words="A (B^T C)"))),
        Mistake("a cross product that does not depend on order", "以为叉乘与次序无关",
                with_member(whole, cross.but(**keeps))),
        Mistake("a vector's cross product with itself taken for its square", "把自身的叉乘当成平方",
                with_member(whole, cross.but(**same))),
        Mistake("an associative cross product", "以为叉乘满足结合律",
                with_member(whole, cross.but(**{"cross brackets": brackets_differ(0)}))),
        Mistake("a symmetric matrix and its transpose, said not to commute",
                "对称矩阵与其转置，却以为不可交换",
                with_member(whole, cross.but(order=unequal(
                    (symmetric * symmetric.T)[0, 0], (symmetric.T * symmetric)[0, 0])))),
    ]  # fmt: skip
    equations = tuple(name for name in parts if name.startswith(("cross flips", "cross with")))
    evidence = [
        ShapeProof(),
        ShapeSample(),
        identity(*equations),
        enclosure("cross brackets", "order"),
    ]
    return Case(whole, evidence, mistakes)


def _by_paths(a: SimpleNamespace, *factors: str) -> Any:
    """The product of two or three matrices, entry by entry, as a sum over paths."""
    import numpy as np

    tables = [getattr(a, name) for name in factors]
    made = np.empty((tables[0].shape[0], tables[-1].shape[1]), dtype=object)
    for i, j in np.ndindex(made.shape):
        if len(tables) == 2:
            first, last = tables
            made[i, j] = sum(first[i, k] * last[k, j] for k in range(first.shape[1]))
        else:
            first, middle, last = tables
            made[i, j] = sum(
                first[i, k] * middle[k, m] * last[m, j] for k, m in np.ndindex(middle.shape)
            )
    return made


@claim(
    "product-entry",
    page=PAGE,
    grade=PROVED,
    titles={"en": "An entry of a product is a sum over paths", "zh": "乘积的一个元素是对路径求和"},
    statement_text={
        "en": "Entry (i, j) of a product is the sum, over every path from j to i through the units "
        "in between, of the product of the weights on the path. If all entries of n square "
        "matrices of size d are equal to c, every entry of the product is cⁿ dⁿ⁻¹: it grows if "
        "c d > 1, however small c is.",
        "zh": "乘积的 (i, j) 元素等于对从 j 到 i 的所有路径求和，每条路径贡献途经权重之积。"
        "若 n 个 d 阶方阵的元素全等于 c，则乘积的每个元素都是 cⁿ dⁿ⁻¹：不论 c 多小，"
        "只要 cd > 1 就会增长。",
    },
    assumptions={
        "en": "Proved for two and three factors of every shape with axes of one to three, and "
        "checked at larger ones. Equal entries: by induction on n; for any c and any width d.",
        "zh": "对两个、三个因子，各轴长度均为 1 到 3 的所有形状证明，并在更大的形状上核验。"
        "元素全相等的情形对 n 用归纳法证明，c 与宽度 d 任意。",
    },
)
def product_entry() -> Case:
    two = ForShapes(
        {"A": "mn", "B": "np"},
        left=lambda a: a.A @ a.B,
        right=lambda a: _by_paths(a, "A", "B"),
        formula=r"(A B)_{ij} = \sum_k A_{ik}\, B_{kj}",
        words="(A B)[i,j] = sum over k of A[i,k] B[k,j]",
        name="two factors",
    )
    three = ForShapes(
        {"A": "mn", "B": "np", "C": "pq"},
        left=lambda a: a.A @ a.B @ a.C,
        right=lambda a: _by_paths(a, "A", "B", "C"),
        formula=r"(A B C)_{ij} = \sum_{k, l} A_{ik}\, B_{kl}\, C_{lj}",
        words="(A B C)[i,j] = sum over k, l of A[i,k] B[k,l] C[l,j]",
        name="three factors",
    )
    c, d = sp.Symbol("c", real=True), sp.Symbol("d", positive=True, integer=True)
    n, k = sp.Symbol("n", positive=True, integer=True), sp.Symbol("k", integer=True)
    widths = sp.S.Naturals

    def entry(number: sp.Expr) -> sp.Expr:
        return c**number * d ** (number - 1)

    one_more = sp.summation(c * entry(n), (k, 1, d))
    equal_ones = ForAll(
        {"equal entries, one": equal(entry(sp.Integer(1)), c),
         "equal entries, one more": equal(one_more, entry(n + 1))},
        {c: Reals, d: widths, n: widths},
        display=(r"A^{(1)}_{ij} = \dots = A^{(n)}_{ij} = c \implies",
                 r"\bigl(A^{(n)} \cdots A^{(1)}\bigr)_{ij} = c^n d^{\,n-1}"),
        words="all entries c: every entry of the product of n matrices of size d is c^n d^(n-1)",
        scope="",
    )  # fmt: skip
    whole = AllOf((two, three, equal_ones))
    mistakes = [
        Mistake("the second factor transposed", "第二个因子被转置",
                with_member(whole, two.but(lambda a: a.A @ a.B.T, words="A[i,k] B[j,k] summed"))),
        Mistake("entry by entry, without a sum", "逐元素相乘，漏掉求和",
                with_member(whole, two.but(lambda a: a.A * a.B, words="A[i,j] B[i,j]"))),
        Mistake("only the first path", "只取第一条路径",
                with_member(whole, three.but(
                    lambda a: a.A[:, :1] @ a.B[:1, :1] @ a.C[:1], words="A[i,1] B[1,1] C[1,j]"))),
        Mistake("paths that stay on one unit's number", "只取编号不变的路径",
                with_member(whole, three.but(
                    lambda a: (a.A * a.B.sum(axis=1)) @ a.C, words="A[i,k] (sum B[k,.]) C[k,j]"))),
        Mistake("the number of paths lost", "漏掉路径的条数",
                with_member(whole, equal_ones.but(**{"equal entries, one more": equal(
                    one_more, c ** (n + 1))}))),
        Mistake("one factor d too many", "多乘了一个 d",
                with_member(whole, equal_ones.but(**{"equal entries, one": equal(
                    entry(sp.Integer(1)), c * d)}))),
    ]  # fmt: skip
    evidence = [
        ShapeProof(),
        ShapeSample(),
        identity("equal entries, one", "equal entries, one more"),
    ]
    return Case(whole, evidence, mistakes)
