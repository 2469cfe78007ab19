"""The pictures of page 4 on steps: the leap, paths around 2/beta, and a jagged loss."""

from __future__ import annotations

import functools

import numpy as np
import sympy as sp
from matplotlib.axes import Axes
from numpy.typing import NDArray

from gradmath.claims import claims
from gradmath.claims.exploding.leaps import CALM, JAGGED, STEPS, losses
from gradmath.claims.values import Value
from gradmath.dynamics import steps
from gradmath.figures.palette import FOREGROUND, GRID, MUTED, PAPER, SERIES
from gradmath.figures.registry import Drawing, Say, figure
from gradmath.figures.style import TEXT, canvas, label, panel, strip_ticks

Array = NDArray[np.float64]

LEAP_FROM, SHORT, OVERSIZED = 1.75, 0.1, 1.2  # start and steps of the leap
WILD = 5.0  # a step so long that the run on digits never settles
CURVATURES, TILT, BOWL_START, TAKEN = (10.0, 1.0), 0.15, (-2.04, 0.14), 12
SHARES = (0.9, 1.0, 1.03)  # of 2/beta


def _shown(number: float) -> Value:
    """A number that a person chose, as it was written."""
    return Value(sp.Rational(str(number)), digits=4)


@figure(
    "leap",
    titles={
        "en": "One oversized step across a valley",
        "zh": "一步跨过山谷：步长过大",
    },
    alts={
        "en": "A curve with two valleys. From a point at {start} on the right slope, short steps"
        " run down into the valley beside it. One oversized step, drawn as a long dashed arrow,"
        " crosses both valleys and lands on the far slope at {landing}, {times} times as high as it"
        " started.",
        "zh": "一条有两个谷的曲线。从右坡上 {start} 处的点出发，短步子走下旁边的谷底。一步过大的步"
        "子（长虚线箭头）越过两个谷，落在远处的坡上 {landing} 处，高度是起点的 {times} 倍。",
    },
    captions={
        "en": "The same slope, two steps. With η = {short} descent walks down into the valley"
        " (dots). With η = {long} it leaps: the gradient at θ = {start} is {slope}, so the step"
        " carries θ to {landing}, where the loss is {high} after {low}. From there the next step"
        " would go to θ = {next}, far outside the picture. It was not the landscape that changed,"
        " only the length of the step.",
        "zh": "同一处斜坡，两种步长。η = {short} 时，下降稳步走入谷底（圆点）。η = {long} 时却一跃"
        "而过：θ = {start} 处的梯度为 {slope}，这一步把 θ 带到 {landing}，"
        "损失由 {low} 变为 {high}。"
        "再走一步就会到 θ = {next}，远在图外。地形没有变，变的只是步长。",
    },
)
def leap(say: Say) -> Drawing:
    """The valley in section, with the steps of both descents."""
    made = canvas(330)
    axes = panel(made, 44, 34, 358, 240)
    short = steps.path(steps.valley_slope, [LEAP_FROM], step=SHORT, steps=8)[:, 0]
    far = steps.path(steps.valley_slope, [LEAP_FROM], step=OVERSIZED, steps=2)[:, 0]
    theta = np.linspace(-2.9, 2.4, 400)
    axes.plot(theta, steps.valley(theta), color=MUTED, linewidth=1.8)
    axes.plot(short, steps.valley(short), "o-", color=SERIES[0], markersize=5, linewidth=1.2)
    heights = steps.valley(far)
    axes.annotate(
        "",
        (far[1], heights[1]),
        (far[0], heights[0]),
        arrowprops={
            "arrowstyle": "-|>",
            "color": SERIES[1],
            "linewidth": 2.2,
            "linestyle": (0, (6, 2)),
            "mutation_scale": 18,
            "shrinkA": 4,
            "shrinkB": 3,
        },
    )
    for place in range(2):
        axes.plot(
            far[place], heights[place], "o", color=SERIES[1], markersize=9,
            markeredgecolor=PAPER, markeredgewidth=1.5,
        )  # fmt: skip
    short_words, long_words = (_shown(step).text for step in (SHORT, OVERSIZED))
    label(axes, 0.62, 0.95, f"η = {short_words}", color=SERIES[0], ha="center")
    label(axes, -0.3, 5.7, f"η = {long_words}", color=SERIES[1], ha="center")
    label(axes, 2.0, 0.72, say("start", "起点"), color=FOREGROUND)
    axes.set_xlim(-2.9, 2.7)
    axes.set_ylim(-0.25, 9)
    axes.set_xticks(range(-2, 3))
    strip_ticks(axes)
    axes.set_xlabel(say("parameter θ", "参数 θ"))
    axes.set_title(say("loss L(θ)", "损失 L(θ)"), pad=12)
    values = {
        "start": _shown(LEAP_FROM),
        "short": _shown(SHORT),
        "long": _shown(OVERSIZED),
        "slope": Value(float(steps.valley_slope(LEAP_FROM)), digits=3),
        "landing": Value(float(far[1]), digits=3),
        "low": Value(float(heights[0]), digits=3),
        "high": Value(float(heights[1]), digits=3),
        "times": Value(float(heights[1] / heights[0]), digits=2),
        "next": Value(float(far[2]), digits=3),
    }
    return Drawing(made, values)


@functools.cache
def bowl() -> Array:
    """The curvature of the bowl: eigenvalues `CURVATURES`, turned by the angle `TILT`."""
    turn = np.array([[np.cos(TILT), -np.sin(TILT)], [np.sin(TILT), np.cos(TILT)]])
    made = turn @ np.diag(CURVATURES[::-1]) @ turn.T
    return np.asarray((made + made.T) / 2)


def bowl_paths() -> list[Array]:
    """The three descents in the bowl."""
    limit = 2 / CURVATURES[0]
    return [
        steps.bowl_path(bowl(), BOWL_START, step=share * limit, steps=TAKEN) for share in SHARES
    ]


@figure(
    "paths-around-the-bound",
    titles={
        "en": "Descent in a bowl with steps below, at and above 2/β",
        "zh": "碗形损失上的下降：步长低于、等于与高于 2/β",
    },
    alts={
        "en": "Three maps of the same long bowl, one below the other, with descents from the same"
        " start. Above, a zigzag narrows and runs to the middle. In the middle map it swings"
        " between two parallel lines for ever while it drifts along the valley. Below, the zigzag"
        " widens and leaves the bowl.",
        "zh": "同一个狭长碗形的三幅俯视图，上下排列，起点相同。上图：折线越来越窄，走向中心。中图："
        "它沿山谷移动，同时永远在两条平行线之间来回。下图：折线越来越宽，离开碗底。",
    },
    captions={
        "en": "{taken} steps of descent in a bowl whose curvatures are β = {beta} across the valley"
        " and {alpha} along it, from the same start. Below 2/β = {limit} the swing across shrinks"
        " by the factor {below} a step, at 2/β it keeps its width, and just above it widens by"
        " {above} a step, while the drift along the valley is calm in all three. The steepest"
        " direction alone decides how long a step may be.",
        "zh": "碗形损失，横穿山谷方向的曲率 β = {beta}，沿山谷方向为 {alpha}；从同一起点走 {taken} "
        "步。步长低于 2/β = {limit} 时，横向摆幅每步乘以 {below}；等于 2/β 时摆幅不变；略高于它时每"
        "步乘以 {above}。而沿山谷的移动在三种情形下都平稳。步长能取多大，只由最陡的方向决定。",
    },
)
def paths_around_the_bound(say: Say) -> Drawing:
    """Three maps below each other."""
    made = canvas(664)
    limit = 2 / CURVATURES[0]
    names = (
        say("below 2/β", "低于 2/β"),
        say("at 2/β", "等于 2/β"),
        say("above 2/β", "高于 2/β"),
    )
    for place, (way, name, share) in enumerate(zip(bowl_paths(), names, SHARES, strict=True)):
        axes = panel(made, 60, 34 + 208 * place, 342, 162)
        _bowl_map(axes)
        axes.plot(way[:, 0], way[:, 1], "o-", color=SERIES[place], markersize=4, linewidth=1.4)
        axes.plot(
            *way[0], "o", color=SERIES[place], markersize=9,
            markeredgecolor=PAPER, markeredgewidth=1.5,
        )  # fmt: skip
        axes.set_ylabel(say("second parameter", "第二个参数"), labelpad=2)
        axes.set_title(f"{name}: η = {_shown(round(share * limit, 6)).text}", pad=8)
        if place < len(SHARES) - 1:
            axes.tick_params(labelbottom=False)  # all three have the axis of the last
    axes.set_xlabel(say("first parameter", "第一个参数"))
    values = {
        "taken": Value(TAKEN),
        "beta": _shown(CURVATURES[0]),
        "alpha": _shown(CURVATURES[1]),
        "limit": _shown(limit),
        "below": _shown(round(abs(1 - 2 * SHARES[0]), 6)),
        "above": _shown(round(abs(1 - 2 * SHARES[2]), 6)),
    }
    return Drawing(made, values)


def _bowl_map(axes: Axes) -> None:
    across, up = np.linspace(-2.4, 1.4, 60), np.linspace(-1.0, 1.0, 40)
    u, v = np.meshgrid(across, up)
    h = bowl()
    height = (h[0, 0] * u**2 + 2 * h[0, 1] * u * v + h[1, 1] * v**2) / 2
    axes.grid(False)
    axes.contour(
        u, v, height, levels=[0.05, 0.2, 0.5, 1, 2, 3.5, 5.5, 8], colors=GRID, linewidths=1
    )
    axes.plot(0, 0, "+", color=MUTED, markersize=9)
    axes.set_xlim(-2.4, 1.4)
    axes.set_ylim(-0.9, 0.9)  # the same units along both axes
    axes.set_xticks(range(-2, 2))
    axes.set_yticks([-0.5, 0, 0.5], ["−½", "0", "½"])
    strip_ticks(axes)


@figure(
    "jagged-loss",
    titles={
        "en": "The loss of a network on digits, with a short step and two long ones",
        "zh": "手写数字上网络的损失：一种短步长与两种长步长",
    },
    alts={
        "en": "Loss on a logarithmic scale against the number of steps, up to {steps}. With step"
        " {calm} a smooth line falls from {start} to {calm_end}. With {jagged} the line is jagged"
        " at first, with peaks up to {peak}, then smooth, and ends lowest. With {wild} it jumps up"
        " and down above its start to the end.",
        "zh": "损失（对数坐标）随步数（至 {steps}）的变化。步长 {calm}：平滑地从 {start} 降到 "
        "{calm_end}。步长 {jagged}：起初呈锯齿状，最高达 {peak}，随后变得平滑，最终最低。步长 "
        "{wild}：一直在起始值之上跳动。",
    },
    captions={
        "en": "A network of {hidden} tanh units on {samples} handwritten digits, full batch, three"
        " steps from the same start. With η = {calm} the loss falls at every step. With η ="
        " {jagged} it rises at {rises} of {steps} steps and peaks at {peak}, nearly twice its"
        " start; then descent finds a flatter place, calms down and ends lower than the careful"
        " run. With η = {wild} it never settles. Nothing random happens here: every step uses all"
        " images.",
        "zh": "{hidden} 个 tanh 单元的网络，{samples} 幅手写数字，全批量，同一起点，三种步长。η = "
        "{calm} 时损失每步都下降。η = {jagged} 时，{steps} 步中有 {rises} 步上升，最高 {peak}，将近"
        "起始值的两倍；随后下降找到一处较平坦的地方，平静下来，最终比谨慎的那次更低。η = {wild} 时"
        "始终不能安定。这里没有任何随机：每一步都用到全部图像。",
    },
)
def jagged_loss(say: Say) -> Drawing:
    """Three records on a logarithmic scale."""
    from gradmath.claims.exploding.leaps import HIDDEN, SAMPLES

    made = canvas(350)
    axes = panel(made, 52, 34, 350, 260)
    looks = (
        (WILD, SERIES[2], (0, (2, 1.2)), 1.1),
        (JAGGED, SERIES[1], "-", 1.8),
        (CALM, SERIES[0], (0, (6, 2)), 2.2),
    )
    for step, colour, dashes, width in looks:
        name = f"η = {_shown(step).text}"
        axes.semilogy(losses(step), color=colour, linestyle=dashes, linewidth=width, label=name)
    start = losses(CALM)[0]
    axes.axhline(start, color=MUTED, linewidth=1, linestyle=(0, (1, 2)))
    axes.set_xlim(0, STEPS)
    axes.set_ylim(0.01, 200)
    axes.minorticks_off()
    axes.set_yticks([0.01, 0.1, 1, 10, 100], ["0.01", "0.1", "1", "10", "100"])
    axes.set_xlabel(say("steps made", "已走的步数"))
    axes.set_title(say("loss L", "损失 L"), pad=12)
    axes.legend(
        loc="upper right", bbox_to_anchor=(1, 0.565), frameon=False, fontsize=TEXT,
        handlelength=2.6,
    )  # fmt: skip
    strip_ticks(axes)
    stated = claims["jagged-loss-on-digits"].values
    values = {name: stated[name] for name in ("rises", "start", "peak", "calm_end", "jagged_end")}
    values |= {
        "steps": Value(STEPS),
        "calm": _shown(CALM),
        "jagged": _shown(JAGGED),
        "wild": _shown(WILD),
        "hidden": Value(HIDDEN),
        "samples": Value(SAMPLES),
    }
    return Drawing(made, values)
