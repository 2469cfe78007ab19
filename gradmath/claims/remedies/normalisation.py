"""Layer normalisation: blind to scale, and so orthogonal to it."""

from __future__ import annotations

from typing import Any

import sympy as sp

from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.evidence import identity
from gradmath.claims.grades import PROVED
from gradmath.claims.relation import equal
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Positive, Reals

PAGE = "remedies"


def _normalised(numbers: list[sp.Expr], eps: sp.Expr = sp.S.Zero) -> list[sp.Expr]:
    """Layer normalisation of three numbers."""
    mean = sp.Add(*numbers) / len(numbers)
    variance = sp.Add(*((number - mean) ** 2 for number in numbers)) / len(numbers)
    return [(number - mean) / sp.sqrt(variance + eps) for number in numbers]


#: three pre-activations that are not all equal: the first two differ by d > 0
FIRST, SECOND = sp.symbols("z2 z3", real=True)
APART, SCALE = sp.symbols("d c", positive=True)
ENTRIES = [FIRST + APART, FIRST, SECOND]
LAYER = {
    "en": "Three entries, not all equal: z₁ = z₂ + d with d > 0 (for another order, rename them). "
    "No ε is added to the variance.",
    "zh": "三个分量，不全相等：z₁ = z₂ + d，d > 0（其他次序可重新编号）。方差不加 ε。",
}


@claim(
    "layernorm-scale-invariant",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Layer normalisation forgets the scale", "zh": "层归一化不看尺度"},
    statement_text={
        "en": "Multiply all pre-activations of a layer by the same positive number, or add the "
        "same number to all, and layer normalisation returns what it returned before. So the size "
        "of the weights no longer decides the size of what is passed on.",
        "zh": "把一层的所有预激活值同乘一个正数，或同加一个数，层归一化的结果不变。"
        "因此向前传的信号大小不再取决于权重的大小。",
    },
    assumptions={
        "en": LAYER["en"] + " The scale c is positive: a negative one turns the sign.",
        "zh": LAYER["zh"] + "尺度 c 为正；若为负则结果变号。",
    },
    references=("ba2016",),
)
def layernorm_scale_invariant() -> Case:
    k = sp.Symbol("k", real=True)
    names = ("1", "2", "3")

    def parts(kind: str, left: list[sp.Expr], right: list[sp.Expr]) -> dict[str, Any]:
        return {f"{kind} {n}": equal(p, q) for n, p, q in zip(names, left, right, strict=True)}

    plain = _normalised(ENTRIES)
    scaled = _normalised([SCALE * entry for entry in ENTRIES])
    shifted = _normalised([entry + k for entry in ENTRIES])
    statement = ForAll(
        {**parts("scaled", scaled, plain), **parts("shifted", shifted, plain)},
        {FIRST: Reals, SECOND: Reals, APART: Positive, SCALE: Positive, k: Reals},
        scope=r"\operatorname{Var} z > 0",
        display=(
            r"\operatorname{LN}(z)_i = \frac{z_i - \bar z}{\sqrt{\operatorname{Var} z}}:",
            r"\operatorname{LN}(c\,z) = \operatorname{LN}(z) \quad (c > 0),",
            r"\operatorname{LN}(z + k) = \operatorname{LN}(z)",
        ),
        words="LN(c z) = LN(z) for c > 0, LN(z + k) = LN(z)",
    )
    turned = _normalised([-SCALE * entry for entry in ENTRIES])
    with_eps = _normalised([SCALE * entry for entry in ENTRIES], sp.Rational(1, 100))
    uncentred = [entry / sp.sqrt(sp.Add(*(e**2 for e in ENTRIES)) / 3) for entry in ENTRIES]
    uncentred_shifted = [
        (entry + k) / sp.sqrt(sp.Add(*((e + k) ** 2 for e in ENTRIES)) / 3) for entry in ENTRIES
    ]
    mistakes = [
        Mistake("a negative scale does no harm either", "以为负的尺度也不影响结果",
                statement.but(**parts("scaled", turned, plain))),
        Mistake("exact for ε > 0 too", "以为 ε > 0 时也精确成立",
                statement.but(**parts("scaled", with_eps,
                                      _normalised(ENTRIES, sp.Rational(1, 100))))),
        Mistake("without centring, still blind to a shift", "不减均值也对平移不敏感",
                statement.but(**parts("shifted", uncentred_shifted, uncentred))),
        Mistake("the scale comes out", "以为尺度会原样传出",
                statement.but(**parts("scaled", scaled, [SCALE * entry for entry in plain]))),
    ]  # fmt: skip
    return Case(statement, [identity()], mistakes)


@claim(
    "layernorm-gradient-orthogonal",
    page=PAGE,
    grade=PROVED,
    titles={
        "en": "The gradient behind a normalisation",
        "zh": "归一化之前的梯度",
    },
    statement_text={
        "en": "Whatever comes after a layer normalisation, the gradient with respect to the "
        "pre-activations is orthogonal to them and to (1, …, 1); and when they are c times as "
        "large, it is c times as small.",
        "zh": "无论层归一化之后接什么，损失对预激活值的梯度都与预激活值正交，也与 (1, …, 1) 正交；"
        "预激活值放大 c 倍，梯度就缩小为 1/c。",
    },
    assumptions={
        "en": LAYER["en"] + " What comes after enters by its own gradient (q₁, q₂, q₃), any "
        "numbers. c > 0. With ε > 0 all of this holds only where the variance is far above ε.",
        "zh": LAYER["zh"] + "后续部分以其梯度 (q₁, q₂, q₃) 进入，可为任意数。c > 0。"
        "若 ε > 0，则只在方差远大于 ε 时近似成立。",
    },
    references=("ba2016",),
)
def layernorm_gradient_orthogonal() -> Case:
    zs = list(sp.symbols("z1:4", real=True))
    qs = list(sp.symbols("q1:4", real=True))
    here = dict(zip(zs, ENTRIES, strict=True))
    there = {symbol: SCALE * entry for symbol, entry in here.items()}

    def grads(eps: sp.Expr = sp.S.Zero, centre: bool = True) -> list[sp.Expr]:
        made = _normalised(zs, eps)
        if not centre:
            made = [entry / sp.sqrt(sp.Add(*(e**2 for e in zs)) / 3) for entry in zs]
        after = sp.Add(*(q * entry for q, entry in zip(qs, made, strict=True)))
        return [after.diff(symbol) for symbol in zs]

    def along(found: list[sp.Expr]) -> sp.Expr:
        return sp.Add(*(g * s for g, s in zip(found, zs, strict=True))).xreplace(here)

    def across(found: list[sp.Expr]) -> sp.Expr:
        return sp.Add(*found).xreplace(here)

    plain, padded = grads(), grads(sp.Rational(1, 100))
    root_mean_square = grads(centre=False)
    scaled = plain[0].xreplace(there)
    statement = ForAll(
        {
            "orthogonal to z": equal(along(plain), 0),
            "orthogonal to 1": equal(across(plain), 0),
            "scale": equal(scaled, plain[0].xreplace(here) / SCALE),
        },
        {FIRST: Reals, SECOND: Reals, APART: Positive, SCALE: Positive,
         **dict.fromkeys(qs, Reals)},
        display=(
            r"g(z) = \nabla_{\! z}\, F(\operatorname{LN}(z)):",
            r"g(z) \cdot z = 0, \qquad \textstyle\sum_i g_i(z) = 0,",
            r"g(c\,z) = \frac{1}{c}\,g(z) \quad (c > 0)",
        ),
        words="g = gradient of F(LN(z)): g.z = 0, the sum of g is 0, g(c z) = g(z)/c for c > 0",
    )  # fmt: skip
    mistakes = [
        Mistake("exact for ε > 0 too", "以为 ε > 0 时也精确成立",
                statement.but(**{"orthogonal to z": equal(along(padded), 0)})),
        Mistake("the gradient does not depend on the scale", "以为梯度与尺度无关",
                statement.but(scale=equal(scaled, plain[0].xreplace(here)))),
        Mistake("the gradient grows with the scale", "以为梯度随尺度增大",
                statement.but(scale=equal(scaled, SCALE * plain[0].xreplace(here)))),
        Mistake("without centring, the sum is still 0", "不减均值，梯度之和仍为 0",
                statement.but(**{"orthogonal to 1": equal(across(root_mean_square), 0)})),
    ]  # fmt: skip
    return Case(statement, [identity()], mistakes)
