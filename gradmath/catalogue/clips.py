"""Gradient clipping: one declaration each, as a map of one entry g of the gradient.

The maps are continuous.  Their slopes at the bounds are those of the clipped side.
"""

from __future__ import annotations

from sympy import Piecewise, Symbol

from gradmath.catalogue.declaration import Kink, Parameter
from gradmath.catalogue.entries import Clip

g = Symbol("g", real=True)
norm = Symbol("norm", nonnegative=True)
low, high = Symbol("low", real=True), Symbol("high", real=True)
max_norm = Symbol("max_norm", positive=True)

clip_by_value = Clip(
    "clip_by_value", Piecewise((low, g < low), (high, g > high), (g, True)),
    parameters={low: Parameter(-1), high: Parameter(1)},
    kinks={low: Kink(left=0, right=1, returned=0), high: Kink(left=1, right=0, returned=0)},
    titles={"en": "Clipping by value", "zh": "按值裁剪"},
    summary={
        "en": "Each entry is brought into [low, high]; the direction may change.",
        "zh": "把每个分量限制在 [low, high] 内；方向可能改变。",
    },
    references=["goodfellow2016"],
)  # fmt: skip

clip_by_norm = Clip(
    "clip_by_norm", Piecewise((g, norm <= max_norm), (g * max_norm / norm, True)),
    variable=norm, others=(g,), norm=norm,
    parameters={max_norm: Parameter(1, positive=True)},
    kinks={max_norm: Kink(left=0, right=-g / max_norm, returned=0)},
    titles={"en": "Clipping by norm", "zh": "按范数裁剪"},
    summary={
        "en": "A gradient longer than max_norm is scaled down to that norm; its direction is kept.",
        "zh": "梯度的范数超过 max_norm 时，整体缩小到该范数；方向保持不变。",
    },
    references=["pascanu2013"],
)  # fmt: skip
