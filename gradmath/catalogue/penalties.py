"""The penalties: one declaration each, as one weight's share of the sum."""

from __future__ import annotations

from sympy import Abs, Interval, Symbol, oo

from gradmath.catalogue.declaration import Kink, Parameter
from gradmath.catalogue.entries import Penalty

w = Symbol("weight", real=True)
strength = Symbol("strength", nonnegative=True)

l1 = Penalty(
    "l1", strength * Abs(w),
    parameters={strength: Parameter(1, interval=Interval(0, oo))},
    kinks={0: Kink(left=-strength, right=strength, returned=0)},
    titles={"en": "L1 penalty", "zh": "L1 正则项"},
    summary={
        "en": "strength times the sum of the moduli of the weights.",
        "zh": "strength 乘以权重绝对值之和。",
    },
    references=["tibshirani1996"],
    latex="L_1",
)  # fmt: skip

l2 = Penalty(
    "l2", strength / 2 * w**2,
    parameters={strength: Parameter(1, interval=Interval(0, oo))},
    titles={"en": "L2 penalty", "zh": "L2 正则项"},
    summary={
        "en": "strength/2 times the sum of the squares of the weights.",
        "zh": "strength/2 乘以权重平方之和。",
    },
    references=["hoerl1970"],
    latex="L_2",
)  # fmt: skip
