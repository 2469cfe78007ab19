"""A path that adds the identity: what it keeps, and what it does not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import sympy as sp

from gradmath.claims.again import factors, repeated
from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.computed import AllOf
from gradmath.claims.evidence import certificate, identity
from gradmath.claims.grades import PROVED
from gradmath.claims.relation import at_least, at_most, equal
from gradmath.claims.shapes import ForShapes, Gradient, ShapeProof, ShapeSample
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Positive, Reals, tanh
from gradmath.claims.values import Value

PAGE = "remedies"
Unit = sp.Interval.open(0, 1)
BLOCKS = 50  # residual blocks to quote numbers for


def _identity(a: SimpleNamespace) -> Any:
    import numpy as np

    return np.eye(a.sizes.p, dtype=int).astype(object)


@claim(
    "residual-identity-path",
    page=PAGE,
    grade=PROVED,
    titles={"en": "The identity path", "zh": "恒等通路"},
    statement_text={
        "en": "A residual block h + V φ(W h) has the Jacobian I + J, with J that of its branch. If "
        "the branch changes the length of no vector by a factor above ρ, the block's factor lies "
        "between 1 − ρ and 1 + ρ. The identity is no guarantee: the block h − tanh(h) has slope "
        "exactly 0 at h = 0.",
        "zh": "残差块 h + V φ(W h) 的雅可比矩阵为 I + J，其中 J 是分支的雅可比矩阵。"
        "若分支对任何向量长度的放大倍数都不超过 ρ，则整个块的倍数介于 1 − ρ 与 1 + ρ 之间。"
        "恒等通路并非万无一失：h − tanh(h) 在 h = 0 处的导数恰为 0。",
    },
    assumptions={
        "en": "I + J is proved entry by entry for one to three units inside and out and any "
        "differentiable φ, and checked at larger shapes. For the factor: a vector of length r is "
        "carried by J to one of length ρ r that makes any angle 2φ with it, 0 < ρ < 1; lengths are "
        "told by squares, and the bounds hold for every smaller ρ as well.",
        "zh": "I + J 对内外单元数为 1 到 3 的所有形状、任意可微的 φ 逐元素证明，并在更大的形状上"
        "核验。关于倍数：J 把长度为 r 的向量变成长度为 ρr、与它夹角为任意 2φ 的向量，0 < ρ < 1；"
        "长度以平方比较，ρ 更小时界限依然成立。",
    },
    references=("he2016",),
)
def residual_identity_path() -> Case:
    r, rho = sp.symbols("r rho", positive=True)
    phi, h = sp.symbols("phi h", real=True)
    jacobian = ForShapes(
        {"h": "p", "W": "qp", "V": "pq"},
        left=Gradient(lambda a: a.h + a.V @ a.phi(a.W @ a.h), by="h"),
        right=lambda a: _identity(a) + (a.V * a.slope(a.W @ a.h)) @ a.W,
        formula=r"\begin{gathered}\frac{\partial}{\partial h}\bigl(h + V\,\varphi(W h)\bigr)"
        r" = I + J, \\[0.6ex] J = V\,\operatorname{diag}(\varphi'(W h))\,W\end{gathered}",
        words="d/dh (h + V phi(W h)) = I + V diag(phi'(W h)) W",
        name="jacobian",
    )

    def length(share: sp.Expr) -> sp.Expr:
        """The squared length of v + J v for v = (r, 0)."""
        return (r + share * sp.cos(2 * phi)) ** 2 + (share * sp.sin(2 * phi)) ** 2

    block = h - tanh(h)
    lengths = ForAll(
        {
            "floor": at_least(length(rho * r), (1 - rho) ** 2 * r**2),
            "ceiling": at_most(length(rho * r), (1 + rho) ** 2 * r**2),
            "singular": equal(block.diff(h).subs(h, 0), 0),
        },
        {r: Positive, rho: Unit, phi: Reals},
        scope=r"0 < \rho < 1",
        display=(
            r"\lVert J v \rVert \le \rho\,\lVert v \rVert \;\Rightarrow\;",
            r"1 - \rho \;\le\; \frac{\lVert (I + J)\,v \rVert}{\lVert v \rVert}"
            r" \;\le\; 1 + \rho,",
            r"\frac{\mathrm d}{\mathrm d h}\bigl(h - \tanh h\bigr)\Big|_{h = 0} = 0",
        ),
        words="|J v| = rho |v|: (1 - rho)|v| <= |(I + J) v| <= (1 + rho)|v|; the slope of "
        "h - tanh(h) at 0 is 0",
    )
    statement = AllOf((jacobian, lengths))
    evidence = [
        ShapeProof(),
        ShapeSample(),
        certificate(
            floor=4 * rho * r**2 * sp.cos(phi) ** 2, ceiling=4 * rho * r**2 * sp.sin(phi) ** 2
        ),
        identity("singular"),
    ]

    def with_jacobian(right: Any, words: str) -> AllOf:
        return AllOf((jacobian.but(right, words=words), lengths))

    def with_lengths(**changed: Any) -> AllOf:
        return AllOf((jacobian, lengths.but(**changed)))

    mistakes = [
        Mistake("the identity lost", "漏掉单位阵",
                with_jacobian(lambda a: (a.V * a.slope(a.W @ a.h)) @ a.W, "V diag(phi') W")),
        Mistake("the slopes lost", "漏掉激活函数的导数",
                with_jacobian(lambda a: _identity(a) + a.V @ a.W, "I + V W")),
        Mistake("the identity multiplied in place of added", "把加单位阵写成乘单位阵",
                with_jacobian(lambda a: _identity(a) @ (a.V * a.slope(a.W @ a.h)) @ a.W,
                              "I V diag(phi') W")),
        Mistake("never below 1, thanks to the identity", "以为有了恒等通路就不小于 1",
                with_lengths(floor=at_least(length(rho * r), r**2))),
        Mistake("never above 1", "以为不大于 1",
                with_lengths(ceiling=at_most(length(rho * r), r**2))),
        Mistake("the identity alone keeps every slope from 0", "以为单凭恒等通路导数就不会为 0",
                with_lengths(singular=equal(block.diff(h).subs(h, 0), 1))),
    ]  # fmt: skip
    share = sp.Rational(1, 10)
    values = {
        "blocks": Value(BLOCKS, again=factors(share, share**BLOCKS)),
        "rho": Value(share, digits=1, again=0.1),
        "low": Value((1 - share) ** BLOCKS, digits=1, again=repeated(1 - share, BLOCKS)),
        "high": Value((1 + share) ** BLOCKS, digits=2, again=repeated(1 + share, BLOCKS)),
        "plain": Value(share**BLOCKS, digits=1, again=repeated(share, BLOCKS)),
    }
    return Case(statement, evidence, mistakes, values)
