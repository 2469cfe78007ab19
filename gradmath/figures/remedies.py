"""The pictures of the page "Remedies": activations, clipping in the plane, a diode."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle, Rectangle
from numpy.typing import NDArray

from gradmath.claims.values import Value
from gradmath.figures.palette import FOREGROUND, GRID, MUTED, PAPER, SERIES
from gradmath.figures.registry import Drawing, Say, figure
from gradmath.figures.style import SMALL, TEXT, blank, canvas, label, panel, strip_ticks
from gradmath.functions import activations, clips

Array = NDArray[np.float64]

_VALUE, _SLOPE = SERIES[0], SERIES[1]
_DASHES = (0, (4, 1.6))
_REACH = 6.8  # pre-activations drawn: the furthest kink, of ReLU6, lies at 6
_LOW, _HIGH = -1.6, 2.4


@dataclass(frozen=True)
class Corner:
    """A kink with its slopes from both sides; `bend` where only the slope has the corner."""

    at: float
    left: float
    right: float
    bend: bool


@functools.cache
def corners(name: str) -> tuple[Corner, ...]:
    """The kinks that an activation declares, parameters at their defaults."""
    entry = activations[name].entry
    defaults = {symbol: parameter.default for symbol, parameter in entry.parameters.items()}
    found = []
    for place, kink in entry.kinks.items():
        at = float(place)
        if kink.order == 1:
            left, right = (float(_put(side, defaults)) for side in (kink.left, kink.right))
            if left != right:  # ELU with alpha = 1 has none
                found.append(Corner(at, left, right, bend=False))
                continue
        slope = float(activations[name].derivative(at))
        found.append(Corner(at, slope, slope, bend=True))
    return tuple(found)


def _put(expression: Any, values: Any) -> Any:
    return expression.subs(values) if hasattr(expression, "subs") else expression


def _pieces(name: str) -> list[Array]:
    """Pre-activations between the jumps of the slope, so that no line crosses a jump."""
    jumps = [corner.at for corner in corners(name) if not corner.bend]
    ends = [-_REACH, *jumps, _REACH]
    hair = 1e-9
    return [np.linspace(low + hair, high - hair, 73) for low, high in itertools.pairwise(ends)]


def _cell(axes: Axes, name: str) -> None:
    axes.axhline(0, color=MUTED, linewidth=0.7)
    axes.axvline(0, color=MUTED, linewidth=0.7)
    for z in _pieces(name):
        axes.plot(z, activations[name](z), color=_VALUE, linewidth=1.8)
        axes.plot(z, activations[name].derivative(z), color=_SLOPE, linestyle=_DASHES,
                  linewidth=1.8)  # fmt: skip
    for corner in corners(name):
        look: dict[str, Any] = {"markersize": 4.2, "color": _SLOPE, "markeredgewidth": 1.2}
        for height in {corner.left, corner.right}:
            filled = _SLOPE if corner.bend else PAPER
            axes.plot(corner.at, height, "o", markerfacecolor=filled, zorder=5, **look)
    axes.set_xlim(-_REACH, _REACH)
    axes.set_ylim(_LOW, _HIGH)
    axes.set_xticks([-6, -3, 0, 3, 6])
    axes.set_yticks([-1, 0, 1, 2])
    strip_ticks(axes)
    axes.tick_params(labelbottom=False, labelleft=False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_title(name, size=SMALL, pad=4, color=FOREGROUND)


@figure(
    "activations-and-slopes",
    titles={
        "en": "Every activation of the catalogue with its slope",
        "zh": "目录中每个激活函数及其斜率",
    },
    alts={
        "en": "{count} small panels, one for each activation, with its value as a solid line and"
        " its slope as a dashed one, between z = −{reach} and {reach}. {jumping} of the slopes jump"
        " at a kink, which is marked by open circles; {bending} only bend there, which is marked by"
        " a dot; the others are smooth.",
        "zh": "{count} 幅小图，各画一个激活函数：实线是函数值，虚线是斜率，z 从 −{reach} 到 "
        "{reach}。{jumping} 个的斜率在不可导点处跳变，以空心圆标出；{bending} 个只在那里转折，"
        "以实心点标出；其余都光滑。",
    },
    captions={
        "en": "All {count} activations of the catalogue, value (solid) and slope (dashed), on "
        "one scale. An open circle marks the slope on each side of a kink, a dot a place where "
        "the slope is continuous and has a corner of its own. Look at the left half of each "
        "panel: where the dashed line lies on the axis, no gradient comes back. That is so for "
        "{flat} of them at z = −{reach}, exactly; the others only come close.",
        "zh": "目录中全部 {count} 个激活函数的值（实线）与斜率（虚线），比例相同。"
        "空心圆标出不可导点两侧的斜率，实心点标出斜率连续但自身有折角之处。请看每幅图的左半："
        "虚线贴在横轴上的地方，没有梯度传回来。在 z = −{reach} 处，有 {flat} 个的斜率恰为 0，"
        "其余只是接近 0。",
    },
)
def activations_and_slopes(say: Say) -> Drawing:
    """Three columns of small panels, and a key in the last cell."""
    names = list(activations)
    columns, width, height, gap = 3, 116, 90, 27
    rows = math.ceil((len(names) + 1) / columns)
    made = canvas(62 + rows * (height + gap))
    places = [
        (34 + (k % columns) * (width + 13), 24 + (k // columns) * (height + gap))
        for k in range(rows * columns)
    ]
    for k, (name, (left, top)) in enumerate(zip(names, places, strict=False)):
        axes = panel(made, left, top, width, height)
        _cell(axes, name)
        if k % columns == 0:
            axes.set_yticks([-1, 0, 1, 2], ["−1", "0", "1", "2"])
            axes.tick_params(labelleft=True)
        if k + columns >= len(names):
            axes.set_xticks([-6, -3, 0, 3, 6], ["−6", "", "0", "", "6"])
            axes.tick_params(labelbottom=True)
    _key(blank(made, *places[len(names)], width, height), say)
    below = blank(made, 34, 18 + rows * (height + gap), 374, 34)
    words = say(
        "across: pre-activation z; up: value, slope", "横向：预激活值 z；纵向：函数值、斜率"
    )
    label(below, 187, 12, words, ha="center", size=SMALL)
    jumps = [any(not c.bend for c in corners(name)) for name in names]
    bends = [bool(corners(name)) and not jump for name, jump in zip(names, jumps, strict=True)]
    flat = [float(activations[name].derivative(-6.0)) == 0 for name in names]
    values = {
        "count": Value(len(names)),
        "reach": Value(6),
        "jumping": Value(sum(jumps)),
        "bending": Value(sum(bends)),
        "flat": Value(sum(flat)),
    }
    return Drawing(made, values)


def _key(axes: Axes, say: Say) -> None:
    axes.plot([4, 34], [70, 70], color=_VALUE, linewidth=1.8)
    axes.plot([4, 34], [46, 46], color=_SLOPE, linestyle=_DASHES, linewidth=1.8)
    axes.plot(19, 22, "o", markersize=4.2, color=_SLOPE, markerfacecolor=PAPER,
              markeredgewidth=1.2)  # fmt: skip
    for height, words in ((70, say("value", "函数值")), (46, say("slope", "斜率")),
                          (22, say("kink", "不可导点"))):  # fmt: skip
        label(axes, 42, height, words, size=SMALL)


_BOUND, _LENGTH, _RAYS = 1.0, 3.0, 12


def gradients() -> Array:
    """Gradients of one length in `_RAYS` directions, (rays, 2), none along an axis or diagonal."""
    angles = (np.arange(_RAYS) + 0.3) * 2 * np.pi / _RAYS
    return np.asarray(_LENGTH * np.column_stack([np.cos(angles), np.sin(angles)]))


def clipped(kind: str) -> Array:
    """The same gradients clipped: "value", "norm", or "window", from 0 to the bound."""
    by_value: Any = clips["clip_by_value"]
    by_norm: Any = clips["clip_by_norm"]
    rows = gradients()
    if kind == "norm":
        return np.array([by_norm(row, _BOUND) for row in rows])
    low = 0.0 if kind == "window" else -_BOUND
    return np.asarray(by_value(rows, low, _BOUND))


def turns(kind: str) -> Array:
    """By how many degrees each gradient is turned; NaN where nothing is left of it."""
    before, after = gradients(), clipped(kind)
    sizes = np.linalg.norm(after, axis=1) * np.linalg.norm(before, axis=1)
    with np.errstate(invalid="ignore"):
        cosines = (before * after).sum(axis=1) / np.where(sizes > 0, sizes, np.nan)
    return np.asarray(np.degrees(np.arccos(np.clip(cosines, -1, 1))))


def _plane(axes: Axes, kind: str) -> None:
    shape: Any
    if kind == "norm":
        shape = Circle((0, 0), _BOUND)
    else:
        low = 0.0 if kind == "window" else -_BOUND
        shape = Rectangle((low, low), _BOUND - low, _BOUND - low)
    shape.set(facecolor=GRID, edgecolor=MUTED, linewidth=1.2, alpha=0.55, zorder=0)
    axes.add_patch(shape)
    for before, after in zip(gradients(), clipped(kind), strict=True):
        axes.plot([0, before[0]], [0, before[1]], color=MUTED, linewidth=1.1,
                  linestyle=(0, (2, 1.6)))  # fmt: skip
        axes.plot(*before, "o", markersize=3.6, color=MUTED)
        if np.any(after != 0):
            axes.plot([0, after[0]], [0, after[1]], color=_SLOPE, linewidth=2.4, zorder=4)
        axes.plot(*after, "s", markersize=5.2, color=_SLOPE, markeredgecolor=PAPER,
                  markeredgewidth=1, zorder=5)  # fmt: skip
    axes.set_xlim(-3.2, 3.2)
    axes.set_ylim(-3.2, 3.2)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_ticks(range(-3, 4), ["−3", "−2", "−1", "0", "1", "2", "3"])
    strip_ticks(axes)
    axes.set_xlabel("g₁", labelpad=2)
    axes.set_ylabel("g₂", labelpad=0, rotation=0)


@figure(
    "clip-maps",
    titles={
        "en": "What clipping does to a gradient in the plane",
        "zh": "裁剪对平面上的梯度做了什么",
    },
    alts={
        "en": "Three planes with the same {rays} gradients of length {length}, dashed, and what"
        " clipping leaves of each. By value the ends lie on the border of a square and the arrows"
        " are bent towards its corners. By norm they lie on a circle, each on its own ray. With"
        " the window from 0 to {bound} all ends lie in the first quadrant and {lost} of the"
        " gradients have become 0.",
        "zh": "三个平面，都画着同样 {rays} 个长度为 {length} 的梯度（虚线）以及裁剪后剩下的部分。"
        "按值裁剪后，端点落在正方形边界上，箭头偏向四角；按范数裁剪后，端点落在圆上，各在自己的射线上；"
        "区间取 0 到 {bound} 时，端点全在第一象限，有 {lost} 个梯度变成了 0。",
    },
    captions={
        "en": "The same {rays} gradients of length {length} (dashed), clipped in three ways"
        " (squares). By value, each entry is held between −{bound} and {bound}: a gradient may be"
        " turned, here by up to {turned}°. By norm, the length is held at {bound} and the"
        " direction stays. With the window from 0 to {bound}, all that would raise a weight"
        " is deleted: {lost} of the {rays} gradients are gone altogether.",
        "zh": "同样 {rays} 个长度为 {length} 的梯度（虚线），用三种方式裁剪（方点）。"
        "按值裁剪把每个分量限制在 −{bound} 与 {bound} 之间，方向可能转动，这里最多转 {turned}°。"
        "按范数裁剪把长度限制为 {bound}，方向不变。区间取 0 到 {bound} 时，凡是会使权重增大的成"
        "分都被删去：{rays} 个梯度中有 {lost} 个完全消失。",
    },
)
def clip_maps(say: Say) -> Drawing:
    """Three square panels below each other, with a few words beside each."""
    side, gap = 216, 44
    made = canvas(3 * (side + gap) + 20)
    words = {
        "value": (say("by value", "按值裁剪"), say("a square;", "正方形；"),
                  say("directions turn", "方向会转动")),
        "norm": (say("by norm", "按范数裁剪"), say("a circle;", "圆；"),
                 say("directions stay", "方向不变")),
        "window": (say("by value, from 0", "按值，从 0 起"), say("one quadrant;", "一个象限；"),
                   say("negatives are lost", "负的成分丢失")),
    }  # fmt: skip
    for k, (kind, lines) in enumerate(words.items()):
        top = 14 + k * (side + gap)
        _plane(panel(made, 46, top, side, side), kind)
        beside = blank(made, 274, top, 146, side)
        for row, line in enumerate(lines):
            colour = FOREGROUND if row == 0 else MUTED
            label(beside, 4, side / 2 + 24 - 22 * row, line, color=colour,
                  size=TEXT if row == 0 else SMALL)  # fmt: skip
    values = {
        "rays": Value(_RAYS),
        "length": Value(int(_LENGTH)),
        "bound": Value(int(_BOUND)),
        "turned": Value(float(turns("value").max()), digits=2),
        "lost": Value(int((clipped("window") == 0).all(axis=1).sum())),
    }
    return Drawing(made, values)


def shockley(v: Array) -> Array:
    """An ideal diode's current in units of its saturation current, at v thermal voltages."""
    return np.asarray(np.expm1(v))


@figure(
    "diode",
    titles={
        "en": "A diode beside ReLU and ELU",
        "zh": "二极管与 ReLU、ELU 的比较",
    },
    alts={
        "en": "Three curves over v from {low} to {high}. To the left of 0 the diode's curve and"
        " ELU are one and the same, falling towards −1, while ReLU is 0. To the right ReLU and ELU"
        " are one straight line and the diode's curve leaves it upwards: {diode} at v = {at}.",
        "zh": "v 从 {low} 到 {high} 的三条曲线。0 以左，二极管曲线与 ELU 重合，趋于 −1，而 ReLU "
        "为 0；0 以右，ReLU 与 ELU 是同一条直线，二极管曲线向上离开它：v = {at} 时为 {diode}。",
    },
    captions={
        "en": "The current of an ideal diode, ReLU, and ELU with α = 1. In reverse the diode "
        "leaks a little, exactly as ELU does: {leak} at v = −{at}. Forward it knows no straight "
        "line: at v = {at} it carries {diode}, ReLU and ELU pass {line}. The picture of a "
        "one-way valve fits ReLU, and a diode only roughly.",
        "zh": "理想二极管的电流、ReLU，以及 α = 1 的 ELU。反向时二极管略有漏电，与 ELU 完全一致："
        "v = −{at} 时为 {leak}。正向时它不走直线：v = {at} 时电流为 {diode}，而 ReLU 与 ELU 为 "
        "{line}。“单向阀”的比喻贴合 ReLU，对二极管只是大致成立。",
    },
)
def diode(say: Say) -> Drawing:
    """Three curves in one panel, in units of the saturation current."""
    made = canvas(340)
    axes = panel(made, 46, 34, 358, 250)
    v = np.linspace(-4, 2.2, 249)
    relu, elu = activations["relu"], activations["elu"]
    axes.axhline(0, color=MUTED, linewidth=0.8)
    axes.axvline(0, color=MUTED, linewidth=0.8)
    lines: Sequence[tuple[Array, str, Any, float]] = (
        (elu(v), SERIES[0], "-", 5.0),
        (relu(v), SERIES[2], (0, (2, 1.6)), 2.2),
        (shockley(v), SERIES[1], (0, (6, 2)), 2.2),
    )
    for values, colour, dashes, width in lines:
        axes.plot(v, values, color=colour, linestyle=dashes, linewidth=width)
    axes.set_xlim(-4, 2.2)
    axes.set_ylim(-1.3, 4.2)
    axes.set_xticks(range(-4, 3), ["−4", "−3", "−2", "−1", "0", "1", "2"])
    axes.set_yticks(range(-1, 5), ["−1", "0", "1", "2", "3", "4"])
    strip_ticks(axes)
    axes.set_title(say("output, or current in units of Iₛ", "输出，或以 Iₛ 为单位的电流"), pad=12)
    axes.set_xlabel(say("input z, or voltage v", "输入 z，或电压 v"))
    label(axes, 1.08, 3.3, say("diode", "二极管"), color=SERIES[1], ha="right")
    label(axes, 2.1, 0.6, "ELU, ReLU", color=SERIES[0], ha="right")
    label(axes, -3.9, 0.3, "ReLU", color=SERIES[2])
    label(axes, -3.9, -0.62, say("ELU, diode", "ELU、二极管"), color=SERIES[0])
    at = 2.0
    numbers = {
        "low": Value(float(v[0]), digits=2),
        "high": Value(float(v[-1]), digits=2),
        "at": Value(int(at)),
        "diode": Value(float(shockley(np.array(at))), digits=3),
        "line": Value(float(relu(at)), digits=2),
        "leak": Value(float(elu(-at)), digits=3),
    }
    return Drawing(made, numbers)
