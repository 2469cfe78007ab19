"""The picture of "Before you start"."""

from __future__ import annotations

import functools
import itertools

import numpy as np

from gradmath.claims.values import Value
from gradmath.figures.palette import FOREGROUND, MUTED, SERIES
from gradmath.figures.registry import Drawing, Say, figure
from gradmath.figures.style import SMALL, blank, canvas
from gradmath.functions import activations

# One neuron and a short interval of inputs.
_WEIGHT, _BIAS = 3.0, -1.0
_MIDDLE, _HALF = 0.6, 0.15


@functools.cache
def interval() -> dict[str, float]:
    """Where the ends of an interval of inputs go, and the two slopes at its middle."""
    sigmoid = activations["sigmoid"]

    ends = np.array([_MIDDLE - _HALF, _MIDDLE, _MIDDLE + _HALF])
    z = _WEIGHT * ends + _BIAS
    a = sigmoid(z)
    return {
        "x_low": ends[0],
        "x_high": ends[2],
        "z_low": z[0],
        "z_high": z[2],
        "a_low": a[0],
        "a_high": a[2],
        "width_x": ends[2] - ends[0],
        "width_z": z[2] - z[0],
        "width_a": a[2] - a[0],
        "slope": float(sigmoid.derivative(z[1])),
    }


@figure(
    "composition",
    titles={
        "en": "An interval on its way through a neuron",
        "zh": "一段区间穿过一个神经元",
    },
    alts={
        "en": "Three number lines below each other. An interval of width {width_x} on the line of"
        " x becomes one of width {width_z} on the line of z and one of width {width_a} on the"
        " line of a.",
        "zh": "三条上下排列的数轴。x 轴上宽 {width_x} 的区间，在 z 轴上宽 {width_z}，在 a 轴上宽"
        " {width_a}。",
    },
    captions={
        "en": "An interval of inputs of width {width_x} on its way through z = {w}x − {minus_b}"
        " and a = σ(z). The weight stretches it by {w} to {width_z}; the sigmoid, whose slope"
        " there is about {slope}, squeezes it to {width_a}. The product of the two slopes,"
        " {product}, times the width that went in is {predicted}: the chain rule, up to the bend"
        " of the curve.",
        "zh": "宽 {width_x} 的输入区间依次经过 z = {w}x − {minus_b} 与 a = σ(z)。权重把它拉长 {w}"
        " 倍，成为 {width_z}；sigmoid 在该处的斜率约为 {slope}，把它压缩为 {width_a}。两个斜率之"
        "积 {product} 乘以原来的宽度，得 {predicted}：这就是链式法则，误差只来自曲线的弯曲。",
    },
)
def composition(say: Say) -> Drawing:
    """Three number lines, drawn to one scale."""
    data = interval()
    made = canvas(320)
    axes = blank(made, 0, 0, 420, 320)
    rows = {"x": 258.0, "z": 158.0, "a": 58.0}
    span = 2.0  # every line shows a stretch of this length, so that widths can be compared

    def place(name: str, value: float) -> float:
        middle = (data[f"{name}_low"] + data[f"{name}_high"]) / 2
        return 226 + 340 * (value - middle) / span

    for name, height in rows.items():
        low, high = place(name, data[f"{name}_low"]), place(name, data[f"{name}_high"])
        axes.plot([56, 396], [height, height], color=MUTED, linewidth=1)
        middle = (data[f"{name}_low"] + data[f"{name}_high"]) / 2
        for tick in np.arange(np.ceil((middle - span / 2) * 2) / 2, middle + span / 2, 0.5):
            at = place(name, float(tick))
            axes.plot([at, at], [height - 4, height], color=MUTED, linewidth=1)
            axes.text(
                at,
                height - 9,
                f"{tick + 0:g}".replace("-", "−"),
                ha="center",
                va="top",
                size=SMALL,
                color=MUTED,
            )
        axes.plot(
            [low, high], [height, height], color=SERIES[0], linewidth=7, solid_capstyle="butt"
        )
        axes.text(40, height, name, ha="center", va="center", size=16, style="italic")
        axes.text(
            (low + high) / 2,
            height + 9,
            say("width ", "宽 ") + Value(data[f"width_{name}"], digits=3).text,
            ha="center",
            va="bottom",
            color=SERIES[0],
        )
    for first, second in itertools.pairwise(rows):
        for end in ("low", "high"):
            axes.plot(
                [place(first, data[f"{first}_{end}"]), place(second, data[f"{second}_{end}"])],
                [rows[first] - 26, rows[second] + 26],
                color=SERIES[1],
                linewidth=1.4,
                linestyle=(0, (4, 2)),
            )
    steps = {
        (rows["x"] + rows["z"]) / 2: say("stretched", "拉伸") + f"\n× {_WEIGHT:g}",
        (rows["z"] + rows["a"]) / 2: say("squeezed", "压缩")
        + "\n× "
        + Value(data["width_a"] / data["width_z"], digits=3).text,
    }
    for height, words in steps.items():
        axes.text(56, height, words, ha="left", va="center", color=FOREGROUND)
    product = _WEIGHT * data["slope"]
    numbers = {
        "w": Value(int(_WEIGHT)),
        "minus_b": Value(int(-_BIAS)),
        "width_x": Value(data["width_x"], digits=3),
        "width_z": Value(data["width_z"], digits=3),
        "width_a": Value(data["width_a"], digits=3),
        "slope": Value(data["slope"], digits=3),
        "product": Value(product, digits=3),
        "predicted": Value(product * data["width_x"], digits=3),
    }
    return Drawing(made, numbers)
