"""The pictures of page 1: the sigmoid, the loss surface, a descent's record."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from gradmath.claims.values import Value
from gradmath.dynamics import Descent, smoothness
from gradmath.figures.neuron import RECORDED, START, neuron_data, path, records, surface
from gradmath.figures.palette import GRID, MUTED, PAPER, RAMP, SERIES
from gradmath.figures.registry import Drawing, Say, figure
from gradmath.figures.style import SMALL, TEXT, blank, canvas, label, level_of, panel, strip_ticks
from gradmath.functions import activations

Array = NDArray[np.float64]


@figure(
    "sigmoid-and-slope",
    titles={
        "en": "The sigmoid and its slope",
        "zh": "sigmoid 函数及其斜率",
    },
    alts={
        "en": "Two curves below each other. Above, the sigmoid climbs from 0 to 1 and passes 1/2"
        " at z = 0. Below, on the same scale, its slope is a low hill of height {peak} at z = 0"
        " that is nearly level with the axis beyond |z| = {far}.",
        "zh": "上下两条曲线。上方：sigmoid 从 0 升到 1，在 z = 0 处等于 1/2。下方：同一比例下，它"
        "的斜率是一座在 z = 0 处高 {peak} 的矮丘，|z| 超过 {far} 后几乎贴着横轴。",
    },
    captions={
        "en": "The sigmoid and, on the same scale, its slope. The slope is {peak} at z = 0 and"
        " nowhere larger; at |z| = {near} it is {slope_near}, at |z| = {far} only {slope_far}."
        " Half of its climb, from {low} to {high}, the sigmoid makes between z = −{half} and"
        " {half} (shaded).",
        "zh": "sigmoid 函数，以及同一比例下它的斜率。斜率在 z = 0 处为 {peak}，别处都更小；|z| ="
        " {near} 时为 {slope_near}，|z| = {far} 时只有 {slope_far}。sigmoid 从 {low} 升到 {high} "
        "的这一半行程，全在 z = −{half} 与 {half} 之间（阴影）完成。",
    },
)
def sigmoid_and_slope(say: Say) -> Drawing:
    """Two panels with the same units of height."""
    sigmoid = activations["sigmoid"]

    z = np.linspace(-8, 8, 161)
    half = float(np.log(3.0))  # sigmoid(log 3) = 3/4
    made = canvas(400)
    above = panel(made, 48, 36, 354, 170)
    below = panel(made, 48, 252, 354, 96)
    curves = ((above, sigmoid(z), SERIES[0]), (below, sigmoid.derivative(z), SERIES[1]))
    for axes, values, colour in curves:
        axes.axvspan(-half, half, facecolor=MUTED, alpha=0.16, zorder=0)
        axes.plot(z, values, color=colour)
        axes.set_xlim(-8, 8)
        axes.set_xticks(range(-8, 9, 2))
        strip_ticks(axes)
    above.set_ylim(-0.02, 1.02)
    above.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "¼", "½", "¾", "1"])
    above.tick_params(labelbottom=False)
    above.set_title(say("σ(z), the activation", "激活值 σ(z)"), color=SERIES[0], pad=10)
    below.set_ylim(-0.02, 0.02 + 96 / 170 - 0.02)  # the same units per height as above
    below.set_yticks([0, 0.25, 0.5], ["0", "¼", "½"])
    below.set_title(say("σ′(z), its slope", "斜率 σ′(z)"), color=SERIES[1], pad=10)
    below.set_xlabel(say("pre-activation z", "预激活值 z"))
    for axes, height in ((above, 0.5), (below, 0.36)):
        for at in (-5.2, 5.2):
            label(axes, at, height, say("saturated", "饱和"), ha="center", color=MUTED)
    near, far = 2.0, 6.0
    values = {
        "peak": Value(float(sigmoid.derivative(0.0)), digits=3),
        "near": Value(int(near)),
        "far": Value(int(far)),
        "slope_near": Value(float(sigmoid.derivative(near)), digits=2),
        "slope_far": Value(float(sigmoid.derivative(far)), digits=2),
        "low": Value(float(sigmoid(-half)), digits=2),
        "high": Value(float(sigmoid(half)), digits=2),
        "half": Value(half, digits=3),
    }
    return Drawing(made, values)


def _edges() -> Array:
    """Equal levels of the loss, with both terraces, at 0.49 and 0.51, inside one of them."""
    return np.linspace(0.0, 0.99, len(RAMP) + 1)


@figure(
    "loss-surface",
    titles={
        "en": "The loss of a neuron over its weight and bias, with a descent",
        "zh": "神经元的损失随权重与偏置的变化，以及一次下降",
    },
    alts={
        "en": "The same landscape twice, above as a map and below in three dimensions: a hill on"
        " the left, two terraces at about {terrace}, and a valley that leads to the lower right."
        " A descent starts on the slope at w = {w0}, b = {b0}, crosses a terrace and turns into"
        " the valley.",
        "zh": "同一片地形的两种画法，上为俯视图，下为立体图：左侧是一座小山，两处台地高约"
        " {terrace}，一道山谷通向右下方。一次下降从 w = {w0}、b = {b0} 的坡上出发，穿过台地，转入"
        "山谷。",
    },
    captions={
        "en": "The loss L(w, b) of one neuron that sorts {n} handwritten digits into zeros (y ="
        " 0) and ones (y = 1) by the ink in the middle of the image, seen from above and in three"
        " dimensions, with a descent of {steps} steps of η = {step} from w = {w0}, b = {b0}. It"
        " falls to the terrace, where the loss is about {terrace} and the steps are tiny: {slow}"
        " of them are spent above {threshold}. Then it turns into the valley and ends at L ="
        " {end}.",
        "zh": "一个神经元凭图像中央的墨迹区分 {n} 幅手写数字 0（y = 0）与 1（y = 1），图为它的损"
        "失 L(w, b) 的俯视图与立体图，以及从 w = {w0}、b = {b0} 出发、步长 η = {step} 的 {steps} "
        "步下降。它先落到损失约 {terrace} 的台地上，步子变得极小：有 {slow} 步都耗在 {threshold} "
        "以上；随后才转入山谷，终点处 L = {end}。",
    },
)
def loss_surface_figure(say: Say) -> Drawing:
    """A map, its colour scale, and a relief."""
    run, edges = path(), _edges()
    made = canvas(720)
    _map(made, run, edges, say)
    _relief(made, run, edges, say)
    threshold = 0.4
    x, _ = neuron_data()
    values = {
        "n": Value(len(x)),
        "steps": Value(run.steps),
        "step": Value(run.step, digits=3),
        "w0": Value(int(START[0])),
        "b0": Value(int(START[1])),
        "terrace": Value(float(np.median(run.loss[run.loss > threshold])), digits=2),
        "threshold": Value(threshold, digits=1),
        "slow": Value(int(np.count_nonzero(run.loss > threshold))),
        "start": Value(float(run.loss[0]), digits=2),
        "end": Value(float(run.loss[-1]), digits=2),
    }
    return Drawing(made, values)


def _map(made: Canvas, run: Descent, edges: Array, say: Say) -> None:
    w, b, height = surface(89, 65)
    axes = panel(made, 54, 32, 350, 255)
    axes.grid(False)
    axes.contourf(w, b, height, levels=edges, colors=list(RAMP))
    axes.contour(w, b, height, levels=edges[1:-1], colors=MUTED, linewidths=0.5)
    axes.plot(run.w[:, 0], run.b, color=PAPER, linewidth=5.5)
    axes.plot(run.w[:, 0], run.b, color=SERIES[1], linewidth=2.6)
    for index, marker, name in ((0, "o", say("start", "起点")), (-1, "s", say("end", "终点"))):
        at = (run.w[index, 0], run.b[index])
        axes.plot(
            *at, marker, color=SERIES[1], markersize=9, markeredgecolor=PAPER, markeredgewidth=2
        )
        _tag(axes, at, name)
    axes.set_xticks(range(-8, 13, 4))
    axes.set_yticks(range(-4, 9, 4))
    axes.set_xlabel(say("weight w", "权重 w"))
    axes.set_ylabel(say("bias b", "偏置 b"), labelpad=4)
    axes.set_title(say("seen from above", "俯视"), pad=10)
    strip_ticks(axes)
    _key(made, edges, say)


def _tag(axes: Axes, at: tuple[float, float], words: str) -> None:
    """A word beside a point, on a plate in the page's colour."""
    axes.annotate(
        words,
        at,
        xytext=(0, -19),
        textcoords="offset points",
        ha="center",
        va="center",
        bbox={"boxstyle": "round,pad=0.25", "facecolor": PAPER, "edgecolor": "none"},
        zorder=7,
    )


def _key(made: Canvas, edges: Array, say: Say) -> None:
    """The colour scale: one box a level."""
    axes = blank(made, 52, 352, 370, 34)
    width = 250 / len(RAMP)
    axes.text(0, 24, say("loss L", "损失 L"), va="center")
    for index, colour in enumerate(RAMP):
        left = 100 + index * width
        axes.add_patch(
            Rectangle((left, 17), width, 14, facecolor=colour, edgecolor=MUTED, linewidth=0.5)
        )
        if index % 3 == 0:
            axes.text(left, 6, f"{edges[index]:.2f}", ha="center", va="center", size=SMALL)
    axes.text(100 + 250, 6, f"{edges[-1]:.2f}", ha="center", va="center", size=SMALL)


def _relief(made: Canvas, run: Descent, edges: Array, say: Say) -> None:
    w, b, height = surface(33, 25)
    axes: Any = panel(made, 6, 392, 400, 324, projection="3d", computed_zorder=False)
    cells = np.mean([height[1:, 1:], height[:-1, 1:], height[1:, :-1], height[:-1, :-1]], axis=0)
    colours = np.array(RAMP)[level_of(cells, edges)]
    axes.plot_surface(
        *np.meshgrid(w, b),
        height,
        facecolors=colours,
        rstride=1,
        cstride=1,
        shade=False,
        edgecolor=MUTED,
        linewidth=0.25,
        antialiased=True,
    )
    lift = 0.012  # the line lies on the surface; without this, facets would cut it
    for colour, width in ((PAPER, 5.0), (SERIES[1], 2.6)):
        axes.plot(run.w[:, 0], run.b, run.loss + lift, color=colour, linewidth=width, zorder=5)
    axes.view_init(elev=38, azim=-62)
    axes.set_box_aspect((1.25, 1.0, 0.62), zoom=1.06)
    axes.set_xlabel(say("weight w", "权重 w"), labelpad=13)
    axes.set_ylabel(say("bias b", "偏置 b"), labelpad=13)
    axes.text2D(0.9, 0.85, say("loss L", "损失 L"), transform=axes.transAxes, ha="center")
    axes.set_zlim(0, float(edges[-1]))
    axes.set_xticks(range(-8, 13, 4))
    axes.set_yticks(range(-8, 9, 4))
    axes.set_zticks([0, 0.25, 0.5, 0.75], ["0", "¼", "½", "¾"])
    for axis in (axes.xaxis, axes.yaxis, axes.zaxis):
        axis.set_pane_color((0, 0, 0, 0))
        axis.line.set_color(MUTED)
        axis._axinfo["grid"]["color"] = GRID  # mplot3d has no public name for it
        axis._axinfo["grid"]["linewidth"] = 0.8


@figure(
    "convergence",
    titles={
        "en": "The loss, step by step, below and above the safe step",
        "zh": "步长低于与高于安全界限时，损失逐步的变化",
    },
    alts={
        "en": "Three curves of the loss against the number of steps, from the same start at"
        " {start}. The two with steps below the bound fall at every step. The one above it falls"
        " once, then jumps to {jump} before it comes down.",
        "zh": "三条损失随步数变化的曲线，起点都是 {start}。步长低于界限的两条每一步都下降；高于界"
        "限的一条先降一次，再跳到 {jump}，然后才落下来。",
    },
    captions={
        "en": "The loss of the same neuron from w = b = 0, with three steps. Below 2/β = {bound}"
        " every step is bound to make the loss fall: slowly with η = {small}, faster with η ="
        " {middle}. Above it nothing is promised: with η = {large} the first step goes down and"
        " the second leaps to {jump}, higher than the start. This run recovers and even ends"
        " lowest, at {large_end}; nobody had promised that either.",
        "zh": "同一个神经元从 w = b = 0 出发，用三种步长时的损失。步长低于 2/β = {bound} 时，每一"
        "步都必然使损失下降：η = {small} 时慢，η = {middle} 时快。超过它便没有任何保证：η ="
        " {large} 时第一步下降，第二步却跳到 {jump}，比起点还高。这一次它恢复了过来，最后甚至最低"
        "，为 {large_end}；但这同样不是谁保证过的。",
    },
)
def convergence(say: Say) -> Drawing:
    """Three records of the loss in one panel."""
    made = canvas(330)
    axes = panel(made, 52, 34, 352, 240)
    looks = ((0, (2, 1.6)), "-", (0, (6, 2)))
    numbers = [Value(run.step, digits=3) for run in records()]
    for run, number, dashes, colour in zip(records(), numbers, looks, SERIES, strict=False):
        axes.plot(
            run.loss,
            color=colour,
            linestyle=dashes,
            label=f"η = {number.text}",
            marker="o",
            markevery=[0, 1, 2, 3, 4],
            markersize=4,
        )
    axes.axhline(records()[0].loss[0], color=MUTED, linewidth=1, linestyle=(0, (1, 2)))
    axes.set_xlim(-0.6, RECORDED)
    axes.set_ylim(0, 0.42)
    strip_ticks(axes)
    axes.set_title(say("loss L", "损失 L"), pad=12)
    axes.set_xlabel(say("steps made", "已走的步数"))
    axes.legend(loc="upper right", frameon=False, fontsize=TEXT, handlelength=2.6)
    small, middle, large = records()
    values = {
        "bound": Value(2 / smoothness(neuron_data()[0]), digits=3),
        "small": numbers[0],
        "middle": numbers[1],
        "large": numbers[2],
        "start": Value(float(small.loss[0]), digits=2),
        "jump": Value(float(large.loss.max()), digits=2),
        "small_end": Value(float(small.loss[-1]), digits=2),
        "middle_end": Value(float(middle.loss[-1]), digits=2),
        "large_end": Value(float(large.loss[-1]), digits=2),
        "small_rises": Value(small.rises),
        "middle_rises": Value(middle.rises),
        "large_rises": Value(large.rises),
    }
    return Drawing(made, values)
