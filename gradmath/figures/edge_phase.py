"""The phase diagram of the page "Between the two: the edge", with trained networks below it."""

from __future__ import annotations

import functools

import numpy as np
import sympy
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from gradmath.claims import claims
from gradmath.claims.edge.growth import BIAS as EDGE_BIAS
from gradmath.claims.edge.trained import DEPTHS, STEPS, WEIGHTS, WIDTH, accuracies
from gradmath.claims.values import Value
from gradmath.dynamics.meanfield import MeanField, edge_of_chaos
from gradmath.dynamics.trainable import Trained
from gradmath.figures.palette import MUTED, PAPER, RAMP, SERIES
from gradmath.figures.registry import Drawing, Say, figure
from gradmath.figures.style import SMALL, TEXT, blank, canvas, level_of, panel, strip_ticks

Array = NDArray[np.float64]
BIAS = float(EDGE_BIAS)  # sigma_b^2
SCALES = 6  # depth scales within which networks are trained, by the experience of Schoenholz et al.


@functools.cache
def trained() -> Trained:
    """The experiment of the lower panel: the first of the runs that `trained-depth` counts."""
    return Trained(np.array(WEIGHTS), np.array(DEPTHS), accuracies(seed=0))


@functools.cache
def phases() -> tuple[Array, Array, Array]:
    """(sigma_w^2, sigma_b^2, log chi) of tanh networks at rest, on a grid of (q, sigma_b^2).

    A resting variance q above sigma_b^2 belongs to exactly one sigma_w^2, which is then known
    without any iteration: (q - sigma_b^2) / E tanh(sqrt(q) Z)^2.
    """
    biases = np.concatenate([[1e-6, 1e-3, 4e-3], np.linspace(0.01, 0.3, 22)])
    weight, chi = np.empty((2, len(biases), 70))
    unit = MeanField("tanh", 1.0)
    for i, bias in enumerate(biases):
        for j, rest in enumerate(np.geomspace(0.6 * bias, 3.2, 70)):  # rest = q - sigma_b^2
            weight[i, j] = rest / unit.forward(rest + bias)
            chi[i, j] = weight[i, j] * unit.chi(rest + bias)
    return weight, np.broadcast_to(biases[:, None], weight.shape), np.log(chi)


@functools.cache
def critical_line() -> tuple[Array, Array]:
    """(sigma_w^2, sigma_b^2) at the edge, from q = 0 on."""
    found = np.array([edge_of_chaos("tanh", q) for q in np.geomspace(1e-3, 3.0, 60)])
    return np.append(1.0, found[:, 0]), np.append(0.0, found[:, 1])


def scales_at(bias: float) -> tuple[Array, Array]:
    """sigma_w^2 and the depth scale 1/|log chi| along a line of constant sigma_b^2."""
    unit = MeanField("tanh", 1.0)
    rests = bias + np.geomspace(0.01, 3.2, 160)
    weight = np.array([(q - bias) / unit.forward(q) for q in rests])
    chi = np.array([w * unit.chi(q) for w, q in zip(weight, rests, strict=True)])
    return weight, 1 / np.abs(np.log(chi))


@figure(
    "phase-diagram",
    titles={
        "en": "Order, chaos, and how deep one can train",
        "zh": "有序、混沌，以及能训练多深",
    },
    alts={
        "en": "Above, the plane of weight variance and bias variance, cut in two by a curve that"
        " starts at σ_w² = 1, σ_b² = 0 and bends to the right: on its left gradients vanish, on its"
        " right they explode. Below, for σ_b² = {bias}, a grid of networks by weight variance and"
        " depth, coloured by how well training went: well in a peak around σ_w² = {weight} down to "
        "a"
        " depth of {deepest}, and on both sides in shallow networks only.",
        "zh": "上图为权重方差与偏置方差的平面，一条从 σ_w² = 1、σ_b² = 0 出发、"
        "向右弯曲的曲线把它分成两半："
        "左侧梯度消失，右侧梯度爆炸。下图取 σ_b² = {bias}，按权重方差与深度排列网络，"
        "颜色表示训练得如何：在 σ_w² = {weight} 附近直到 {deepest} 层都训练成功，"
        "两侧只有浅网络成功。",
    },
    captions={
        "en": "Above: tanh networks at their start. On the heavy line χ = 1; thin lines are where a"
        " gradient's mean square changes by the factor e in {near}, {middle} and {far} layers. The"
        " dot is the edge for σ_b² = {bias}, at σ_w² = {weight}. Below: along the dotted line,"
        " {count} networks of width {width} after {steps} steps on the handwritten digits, by depth"
        " and σ_w²; the scale gives the share of unseen digits told right. The line is {scales} "
        "depth scales. At a"
        " depth of {shown} the network nearest to the edge tells {best} of the digits, the one at"
        " σ_w² = {calm} only {calm_share}, the one at σ_w² = {wild} only {wild_share}.",
        "zh": "上图：刚初始化的 tanh 网络。粗线上 χ = 1；细线表示梯度均方每 {near}、{middle}、"
        "{far} 层"
        "变化 e 倍之处。圆点是 σ_b² = {bias} 时的边缘，σ_w² = {weight}。下图：沿虚线取 {count} "
        "个宽度为 "
        "{width} 的网络，在手写数字上训练 {steps} 步，按深度与 σ_w² 排列，"
        "色标为未见过的数字中识别正确的比例；"
        "曲线为 "
        "{scales} 倍深度尺度。深度 {shown} 处，最靠近边缘的网络认对 {best}，σ_w² = {calm} 的只认对 "
        "{calm_share}，σ_w² = {wild} 的只认对 {wild_share}。",
    },
)
def phase_diagram(say: Say) -> Drawing:
    """The plane above, the trained networks below, with one axis of weights."""
    made = canvas(724)
    above = panel(made, 56, 36, 344, 250)
    below = panel(made, 56, 352, 344, 270)
    levels = (5.0, 10.0, 20.0)
    _plane(above, levels, say)
    run = trained()
    edges = np.linspace(0.0, 1.0, len(RAMP) + 1)
    _cells(below, run, edges)
    weight, scale = scales_at(BIAS)
    below.plot(weight, SCALES * scale, color=PAPER, linewidth=5)
    below.plot(weight, SCALES * scale, color=SERIES[1], linewidth=2.4)
    for axes in (above, below):
        axes.set_xlim(0.45, 3.9)
        axes.set_xticks([0.5, 1, 1.5, 2, 2.5, 3, 3.5])
        axes.set_xlabel(say("σ_w², n times the variance of a weight", "σ_w²：权重方差的 n 倍"))
        strip_ticks(axes)
    below.set_ylim(0, DEPTHS[-1] + 10)
    below.set_title(say("layers", "层数"), pad=10)
    _scale(made, edges, say)
    place = critical_place()
    shown = DEPTHS.index(40)
    near = int(np.argmin(np.abs(run.weights - place)))
    share = run.accuracy[shown]
    values = {
        "bias": Value(_exact(BIAS), digits=2),
        "weight": Value(place, digits=3),
        "near": Value(int(levels[0])),
        "middle": Value(int(levels[1])),
        "far": Value(int(levels[2])),
        "count": Value(run.accuracy.size),
        "width": Value(WIDTH),
        "steps": Value(STEPS),
        "scales": Value(SCALES),
        "deepest": Value(int(run.depths[run.accuracy.max(axis=1) > 0.8].max())),
        "shown": Value(DEPTHS[shown]),
        "best": Value(100 * float(share[near]), digits=2, unit="%"),
        "calm": Value(_exact(run.weights[1]), digits=2),
        "calm_share": Value(100 * float(share[1]), digits=2, unit="%"),
        "wild": Value(_exact(run.weights[-1]), digits=2),
        "wild_share": Value(100 * float(share[-1]), digits=2, unit="%"),
    }
    return Drawing(made, values)


def _exact(number: float) -> sympy.Rational:
    """A number that was typed as a short decimal, so that no zeros are added to it."""
    return sympy.Rational(repr(float(number)))


def critical_place() -> float:
    """sigma_w^2 at the edge for the bias of the experiment."""
    return float(claims["edge-of-chaos-tanh"].values["weight"].expression)


def _plane(axes: Axes, levels: tuple[float, ...], say: Say) -> None:
    weight, bias, log_chi = phases()
    inside = [-1 / level for level in levels] + [1 / level for level in reversed(levels)]
    axes.contour(weight, bias, log_chi, levels=inside, colors=MUTED, linewidths=0.9,
                 linestyles="solid")  # fmt: skip
    axes.plot(*critical_line(), color=SERIES[0], linewidth=3.2)
    axes.axhline(BIAS, color=MUTED, linewidth=1.2, linestyle=(0, (1, 2)))
    axes.plot(critical_place(), BIAS, "o", color=SERIES[1], markersize=10, markeredgecolor=PAPER,
              markeredgewidth=2, zorder=5)  # fmt: skip
    axes.set_ylim(0, 0.3)
    axes.set_yticks([0, 0.1, 0.2, 0.3])
    axes.set_title(say("σ_b², variance of the biases", "σ_b²：偏置方差"), pad=10)
    _plate(axes, 0.98, 0.215, say("ordered:\ngradients\nvanish", "有序：\n梯度消失"))
    _plate(axes, 3.28, 0.11, say("chaotic:\ngradients\nexplode", "混沌：\n梯度爆炸"))


def _plate(axes: Axes, x: float, y: float, words: str) -> None:
    box = {"boxstyle": "round,pad=0.25", "facecolor": PAPER, "edgecolor": "none"}
    axes.text(x, y, words, ha="center", va="center", size=TEXT, zorder=6, bbox=box)


def _borders(places: Array) -> Array:
    """The borders of cells around places, half-way between them."""
    inner = (places[1:] + places[:-1]) / 2
    return np.concatenate([[2 * places[0] - inner[0]], inner, [2 * places[-1] - inner[-1]]])


def _cells(axes: Axes, run: Trained, edges: Array) -> None:
    across, up = _borders(run.weights), _borders(run.depths.astype(float))
    for i, j in np.ndindex(run.accuracy.shape):
        colour = RAMP[int(level_of(run.accuracy[i, j], edges))]
        corner = float(across[j]), float(up[i])
        size = float(across[j + 1]) - corner[0], float(up[i + 1]) - corner[1]
        axes.add_patch(Rectangle(corner, *size, facecolor=colour, edgecolor=MUTED, linewidth=0.4))
    axes.grid(False)


def _scale(made: Canvas, edges: Array, say: Say) -> None:
    axes = blank(made, 56, 672, 344, 44)
    width = 240 / len(RAMP)
    axes.text(0, 30, say("told right", "识别正确"), va="center", size=SMALL)
    for index, colour in enumerate(RAMP):
        left = 92 + index * width
        axes.add_patch(
            Rectangle((left, 23), width, 14, facecolor=colour, edgecolor=MUTED, linewidth=0.5)
        )
    for share in (0, 50, 100):
        axes.text(92 + 2.4 * share, 10, f"{share} %", ha="center", va="center", size=SMALL)
