"""Slopes that do amplify, with the places where they are greatest, least and 0."""

from __future__ import annotations

import sympy as sp

from gradmath.catalogue import activations
from gradmath.catalogue.applied import applied
from gradmath.claims import estimates
from gradmath.claims.again import repeated
from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.enclosed import enclosures
from gradmath.claims.grades import PROVED
from gradmath.claims.located import Extremal, Located, Zeros
from gradmath.claims.symbols import z
from gradmath.claims.values import Value

PAGE = "catalogue"
HAIR = sp.Rational(1, 10**12)
SMOOTH = ("silu", "gelu", "gelu_tanh", "mish")
WITHIN = {
    "en": "z is any real number. The decimals are rounded here; what is proved is that each number "
    "lies within 10⁻¹⁸ of the one in the passport, and that no other place will do.",
    "zh": "z 为任意实数。此处小数经过舍入；已证明的是：每个数与证书中所列的数相差不超过 "
    "10⁻¹⁸，且再无其他位置。",
}


def slope(name: str) -> sp.Expr:
    """The slope of an activation with its default parameters."""
    return applied(activations[name])(z).diff(z)


@claim(
    "slopes-above-one",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Slopes that do amplify", "zh": "会放大信号的斜率"},
    statement_text={
        "en": "The slopes of SiLU, GELU, its tanh approximation and Mish rise above 1 and fall "
        "below 0; here are their greatest and least values, and where each is taken.",
        "zh": "SiLU、GELU、GELU 的 tanh 近似以及 Mish 的斜率会超过 1，也会低于 0；"
        "这里给出它们的最大值、最小值以及取到的位置。",
    },
    assumptions=WITHIN,
    references=("elfwing2018", "hendrycks2016", "misra2020"),
)
def slopes_above_one() -> Case:
    parts = {}
    for name in SMOOTH:
        for kind in ("greatest", "least"):
            value, at = estimates.extreme(slope(name), kind)
            parts[f"{name}: {kind}"] = Extremal(slope(name), kind, value, (at,))
    statement = Located(parts)
    greatest = [name for name in parts if name.endswith("greatest")]
    gelu = parts["gelu_tanh: greatest"]
    mistakes = [
        Mistake(
            "never above 1",
            "误以为不超过 1",
            statement.but({name: {"value": sp.S.One} for name in greatest}),
        ),
        Mistake(
            "every value off by 10⁻¹²",
            "每个值都差 10⁻¹²",
            statement.but({n: {"value": p.value + p.sign * HAIR} for n, p in parts.items()}),
        ),
        Mistake(
            "every place off by 10⁻¹²",
            "每个位置都差 10⁻¹²",
            statement.but({n: {"at": (p.at[0] + HAIR,)} for n, p in parts.items()}),
        ),
        Mistake(
            "GELU's slope greatest where that of its approximation is",
            "误以为 GELU 与其近似在同一处取最大斜率",
            statement.but({"gelu: greatest": {"at": gelu.at}}),
        ),
        Mistake(
            "greatest at z = 0",
            "误以为在 z = 0 处最大",
            statement.but({name: {"at": (sp.S.Zero,)} for name in greatest}),
        ),
    ]
    values = {}
    for name in SMOOTH:
        for kind, word in (("greatest", "max"), ("least", "min")):
            part = parts[f"{name}: {kind}"]
            values[f"{name}_{word}"] = Value(part.value, digits=6)
            values[f"{name}_{word}_at"] = Value(part.at[0], digits=6)
    # what a gradient grows by in a hundred layers of the steepest slope and weight 1
    steepest = parts["silu: greatest"].value
    values["silu_hundred"] = Value(steepest**100, digits=3, again=repeated(steepest, 100))
    return Case(statement, [enclosures()], mistakes, values)


@claim(
    "where-slopes-vanish",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Where a slope is 0", "zh": "斜率为 0 的位置"},
    statement_text={
        "en": "The slopes of SiLU, GELU, its tanh approximation and Mish are 0 at one point each, "
        "to the left of 0, and nowhere else: left of it the function falls.",
        "zh": "SiLU、GELU、GELU 的 tanh 近似以及 Mish 的斜率各自恰在 0 左侧的一点处为 0，"
        "别处都不为 0；在该点左侧函数递减。",
    },
    assumptions=WITHIN,
)
def where_slopes_vanish() -> Case:
    parts = {name: Zeros(slope(name), estimates.zeros(slope(name))) for name in SMOOTH}
    statement = Located(parts)
    mistakes = [
        Mistake(
            "every place off by 10⁻¹²",
            "每个位置都差 10⁻¹²",
            statement.but({n: {"at": (p.at[0] - HAIR,)} for n, p in parts.items()}),
        ),
        Mistake(
            "never 0, as if they rose everywhere",
            "误以为处处递增、斜率永不为 0",
            statement.but({name: {"at": ()} for name in parts}),
        ),
        Mistake(
            "0 on both sides, as if the slope were even",
            "误以为斜率是偶函数、两侧各有一个零点",
            statement.but({n: {"at": (p.at[0], -p.at[0])} for n, p in parts.items()}),
        ),
        Mistake(
            "0 at z = −1",
            "误以为在 z = −1 处为 0",
            statement.but({"silu": {"at": (sp.Integer(-1),)}}),
        ),
    ]
    values = {name: Value(part.at[0], digits=6) for name, part in parts.items()}
    return Case(statement, [enclosures()], mistakes, values)
