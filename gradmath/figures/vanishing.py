"""The pictures of page 3: where a gradient is small, how depth shrinks it, and how it rounds."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from gradmath import kernels
from gradmath.claims import claims
from gradmath.claims.derivations import one_neuron
from gradmath.claims.values import Value
from gradmath.claims.vanishing.measured_depth import DEPTHS, gradients
from gradmath.claims.vanishing.rounding import PRECISIONS, first_zero
from gradmath.figures.palette import FOREGROUND, MUTED, PAPER, RAMP, SERIES
from gradmath.figures.registry import Drawing, Say, figure
from gradmath.figures.style import SMALL, TEXT, blank, canvas, label, panel, strip_ticks
from gradmath.functions import activations

Array = NDArray[np.float64]

_DASHES: tuple[Any, ...] = (
    "-", (0, (6, 2)), (0, (2, 1.6)), (0, (6, 2, 2, 2)), (0, (10, 3)), (0, (1, 1)),
)  # fmt: skip


def _powers(exponents: Any) -> list[str]:
    raised = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
    return ["1" if n == 0 else "10" + str(n).translate(raised) for n in exponents]


@figure(
    "wrong-side",
    titles={
        "en": "Loss and derivative of a neuron with target 1",
        "zh": "目标为 1 时神经元的损失与导数",
    },
    alts={
        "en": "Three curves against the pre-activation from {low} to {high}, for target 1. The loss"
        " falls from nearly 1 on the left to nearly 0 on the right. The size of its derivative is"
        " a hill with the top {top} at z = {place}, and nearly 0 on both sides. The size of the"
        " derivative of the cross-entropy falls from nearly 1 to nearly 0.",
        "zh": "目标为 1 时，三条曲线随预激活值从 {low} 到 {high} 的变化。损失从左侧的接近 1 降到右"
        "侧的接近 0。其导数的大小是一座小山，顶点在 z = {place} 处，高 {top}，两侧都接近 0。交叉熵"
        "导数的大小从接近 1 降到接近 0。",
    },
    captions={
        "en": "A sigmoid neuron whose target is 1. The derivative of the squared error (dashes) is"
        " largest, {top}, at z = {place}, and dies out on both sides. On the right that is as it"
        " should be: the loss (solid) is small there, the answer is right. On the left the loss is"
        " as large as it gets. The derivative of the cross-entropy (dots) is small on the right"
        " alone.",
        "zh": "目标为 1 的 sigmoid 神经元。平方误差的导数（虚线）在 z = {place} 处最大，为 {top}，"
        "两侧都衰减。在右侧理应如此：那里损失（实线）很小，答案正确。而在左侧，损失几乎达到最大。"
        "交叉熵的导数（点线）只在右侧变小。",
    },
)
def wrong_side(say: Say) -> Drawing:
    """Three curves over the pre-activation."""
    kernel: Any = kernels.compile(one_neuron(), "numpy")
    z = np.linspace(-8.0, 8.0, 641)
    loss, slopes = kernel(x=1.0, y=1.0, w=z, b=0.0)
    felt, entropy = np.abs(slopes["b"]), 1 - activations["sigmoid"](z)
    made = canvas(330)
    axes = panel(made, 44, 34, 358, 240)
    curves = (
        (loss, SERIES[0], "-", say("loss", "损失")),
        (felt, SERIES[1], (0, (6, 2)), say("its derivative", "其导数")),
        (entropy, SERIES[2], (0, (2, 1.6)), say("cross-entropy's", "交叉熵的导数")),
    )
    for values, colour, dashes, words in curves:
        axes.plot(z, values, color=colour, linestyle=dashes, label=words)
    axes.legend(loc="upper right", frameon=False, fontsize=TEXT, handlelength=2.6)
    label(axes, -5.1, 0.21, say("wrong, and silent", "错了，却无声"), ha="center", color=MUTED)
    label(axes, 5.4, 0.2, say("right", "答对"), ha="center", color=MUTED)
    axes.set_xlim(-8, 8)
    axes.set_ylim(-0.02, 1.04)
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "¼", "½", "¾", "1"])
    strip_ticks(axes)
    axes.set_title(say("size, for target 1", "大小（目标为 1）"), pad=12)
    axes.set_xlabel(say("pre-activation z", "预激活值 z"))
    best = int(np.argmax(felt))
    values = {
        "low": Value(int(z[0])),
        "high": Value(int(z[-1])),
        "top": Value(float(felt[best]), digits=2),
        "place": Value(float(z[best]), digits=2),
    }
    return Drawing(made, values)


#: powers of ten between the colours of the map of K
_EDGES = tuple(range(-14, 1, 2))
_WRONG, _RIGHT = (-9.0, 2.0), (9.0, 2.0)  # two marked neurons, (w, x)


def _k(w: Array, x: Array) -> tuple[Array, Array]:
    """Loss and |K| of a neuron with b = 0 and target 1."""
    kernel: Any = kernels.compile(one_neuron(), "numpy")
    loss, gradient = kernel(x=x, y=1.0, w=w, b=0.0)
    return loss, np.abs(gradient["w"])


@figure(
    "k-map",
    titles={
        "en": "The size of K over weight and input",
        "zh": "K 的大小随权重与输入的变化",
    },
    alts={
        "en": "A map of the plane of weight w and input x. |K| is large along the line w = 0 and"
        " falls off by powers of ten away from it, in all four corners. On the line x = 0 it is 0."
        " Two corners are marked right, two wrong; a neuron in a wrong corner has |K| = {k_wrong}"
        " at a loss that is {short} short of 1.",
        "zh": "权重 w 与输入 x 平面上的分布图。|K| 在直线 w = 0 附近较大，向四角按数量级递减。"
        "在直线 x = 0 上它等于 0。两角标为答对，两角标为答错；答错角上的一个神经元，"
        "损失只差 {short} 就到 1，|K| 却只有 {k_wrong}。",
    },
    captions={
        "en": "|K| = |∂l/∂w| of one neuron with b = 0 and target 1, on a logarithmic scale. Where "
        "w x > 0 the neuron is right and K rightly small: at the disc l = {loss_right}. Where w x "
        "< 0 it is wrong and K is small all the same: at the square |K| = {k_wrong}, while l is "
        "{short} short of 1. On the line x = 0 K is 0 whatever the loss: no input, no derivative.",
        "zh": "单个神经元（b = 0，目标为 1）的 |K| = |∂l/∂w|，对数标度。w x > 0 处神经元答对，K 理"
        "应小：圆点处 l = {loss_right}。w x < 0 处它答错了，K 却同样小：方块处 |K| = {k_wrong}，而 "
        "l 只差 {short} 就到 1。在直线 x = 0 上，无论损失多大 K 都是 0：没有输入就没有导数。",
    },
)
def k_map(say: Say) -> Drawing:
    """A filled map, its words, and a colour scale."""
    w, x = np.linspace(-10, 10, 121), np.linspace(-3, 3, 91)
    _, size = _k(*np.meshgrid(w, x))
    power = np.log10(np.maximum(size, 1e-30))
    made = canvas(430)
    axes = panel(made, 48, 34, 354, 270)
    axes.grid(False)
    axes.contourf(w, x, power, levels=[-31, *_EDGES, 5], colors=list(RAMP))
    axes.contour(w, x, power, levels=list(_EDGES), colors=MUTED, linewidths=0.5, linestyles="solid")
    corners = ((6.4, 2.5, True), (-6.4, -2.5, True), (-6.4, 2.5, False), (6.4, -2.5, False))
    for across, up, right in corners:
        words = say("right", "答对") if right else say("wrong", "答错")
        plate = {"boxstyle": "round,pad=0.25", "facecolor": PAPER, "edgecolor": "none"}
        label(axes, across, up, words, ha="center", bbox=plate)
    for (across, up), marker in ((_WRONG, "s"), (_RIGHT, "o")):
        axes.plot(
            across, up, marker, color=SERIES[1], markersize=9,
            markeredgecolor=PAPER, markeredgewidth=1.5,
        )  # fmt: skip
    axes.set_xticks(range(-10, 11, 5))
    axes.set_yticks(range(-3, 4))
    axes.set_xlabel(say("weight w", "权重 w"))
    axes.set_ylabel(say("input x", "输入 x"), labelpad=4)
    axes.set_title(say("size of K, target 1", "K 的大小，目标为 1"), pad=10)
    strip_ticks(axes)
    _key(made)
    found = {"wrong": _k(*map(np.array, _WRONG)), "right": _k(*map(np.array, _RIGHT))}
    values = {f"k_{name}": Value(float(k), digits=2) for name, (_, k) in found.items()}
    values["short"] = Value(1 - float(found["wrong"][0]), digits=2)
    values["loss_right"] = Value(float(found["right"][0]), digits=2)
    return Drawing(made, values)


def _key(made: Canvas) -> None:
    """The colour scale: one box for two powers of ten."""
    axes = blank(made, 40, 372, 370, 40)
    width = 340 / len(RAMP)
    axes.text(0, 26, "|K|", va="center")
    for index, colour in enumerate(RAMP):
        left = 30 + index * width
        axes.add_patch(
            Rectangle((left, 19), width, 14, facecolor=colour, edgecolor=MUTED, linewidth=0.5)
        )
        if index:
            words = _powers([_EDGES[index - 1]])[0]
            axes.text(left, 7, words, ha="center", va="center", size=SMALL)


@figure(
    "gradient-by-layer",
    titles={
        "en": "Gradient norm by layer, for networks of {shallow} to {deep} layers",
        "zh": "{shallow} 到 {deep} 层网络中各层的梯度范数",
    },
    alts={
        "en": "Six nearly straight lines on a logarithmic scale, one for each depth. Each ends at"
        " about {last} in the last layer of its network and falls towards the first by the same"
        " slope; the deeper the network, the lower it begins: at {first_2} for {shallow} layers, at"
        " {first_50} for {deep}.",
        "zh": "对数坐标上六条近乎直的线，每种深度一条。每条线在末层约为 {last}，以同样的斜率向首层"
        "下降；网络越深，起点越低：{shallow} 层时为 {first_2}，{deep} 层时为 {first_50}。",
    },
    captions={
        "en": "Norm of the gradient of each layer's weights, ‖∂L/∂Wₖ‖, in sigmoid networks with"
        " {width} units a layer at a Xavier start on ten handwritten digits (geometric mean of"
        " {seeds} starts). All lines have the same slope: a hidden layer keeps about {factor} of"
        " the norm. With {shallow} layers the first one receives {first_2}, with {deep} layers"
        " {first_50}.",
        "zh": "各层权重的梯度范数 ‖∂L/∂Wₖ‖：sigmoid 网络，每层 {width} 个单元，Xavier 初始化，十幅"
        "手写数字（{seeds} 个起点的几何平均）。所有线斜率相同：每个隐藏层约保留范数的 {factor}。"
        "{shallow} 层网络的首层得到 {first_2}，{deep} 层网络的首层得到 {first_50}。",
    },
)
def gradient_by_layer(say: Say) -> Drawing:
    """One line for each depth, over the layer's number."""
    made = canvas(380)
    axes = panel(made, 60, 34, 342, 290)
    for depth, colour, dashes in zip(DEPTHS, SERIES, _DASHES, strict=True):
        norms = gradients(depth)
        axes.semilogy(range(1, depth + 1), norms, color=colour, linestyle=dashes)
        axes.semilogy([1], norms[:1], "o", color=colour, markersize=6)
        label(axes, depth, 200, str(depth), color=colour, ha="center")
    label(axes, 26, 3e6, say("number of layers", "网络的层数"), ha="center")
    axes.set_xlim(0, 51)
    axes.set_ylim(1e-33, 1e8)
    exponents = range(-30, 1, 5)
    axes.set_yticks([10.0**n for n in exponents], _powers(exponents))
    axes.minorticks_off()
    axes.set_xticks([1, 10, 20, 30, 40, 50])
    strip_ticks(axes)
    axes.set_xlabel(say("layer, from the input", "层（从输入数起）"))
    axes.set_title(say("norm of the gradient ‖∂L/∂Wₖ‖", "梯度范数 ‖∂L/∂Wₖ‖"), pad=12)
    stated = claims["depth-measured"].values
    values = {name: stated[name] for name in ("first_2", "first_50")}
    values |= {
        "last": stated["last_50"],
        "factor": stated["factor_50"],
        "width": stated["width"],
        "seeds": stated["seeds"],
        "shallow": Value(DEPTHS[0]),
        "deep": Value(DEPTHS[-1]),
    }
    return Drawing(made, values)


def _textbook(z: Array, dtype: str) -> Array:
    """s (1 - s) in a format, widened afterwards."""
    one, at = np.asarray(1, dtype=dtype), z.astype(dtype)
    s = one / (one + np.exp(-at))
    return (s * (one - s)).astype(np.float64)


@figure(
    "rounded-slope",
    titles={
        "en": "The sigmoid's slope, true and rounded, in three precisions",
        "zh": "sigmoid 的导数：真实值与三种精度下的舍入值",
    },
    alts={
        "en": "Two panels over the pre-activation from 0 to {high}. Above, on a logarithmic scale,"
        " the true slope falls in a straight line; the rounded ones follow it for a while and end:"
        " half precision at {half}, single at {single}, double at {double}. Below, the"
        " relative errors rise in three parallel bands up to 1.",
        "zh": "上下两图，横轴为 0 到 {high} 的预激活值。上图为对数坐标：真实导数沿直线下降，舍入值"
        "以越来越粗的后中断：半精度在 {half} 处，单精度在 {single} 处，双精度在 "
        "{double} 处。下图：相对误差沿三条平行的带上升到 1。",
    },
    captions={
        "en": "Above: the slope of the sigmoid (thin line) and what s(1 − s) makes of it in half,"
        " single and double precision. From z = {half}, {single} and {double} on the computed slope"
        " is exactly 0 (discs), where the true one is {half_true}, {single_true} and {double_true}."
        " Below: the relative error grows by the factor e with each unit of z, long before the"
        " slope is lost.",
        "zh": "上：sigmoid 的导数（细线）与 s(1 − s) 在半、单、双精度下的计算值。从 z = {half}、"
        "{single}、{double} 起，计算值恰好为 0（圆点），而真实值依次为 {half_true}、"
        "{single_true}、{double_true}。下：相对误差随 z 每增加一个单位增大到 e 倍，远在导数消失之"
        "前便已开始。",
    },
)
def rounded_slope(say: Say) -> Drawing:
    """Slopes above, their relative errors below."""
    made = canvas(520)
    above, below = panel(made, 60, 34, 342, 230), panel(made, 60, 318, 342, 150)
    slope = activations["sigmoid"].derivative
    z = np.linspace(0, 40, 401)
    above.semilogy(z, slope(z), color=FOREGROUND, linewidth=1)
    names = {
        "half": say("half", "半精度"),
        "single": say("single", "单精度"),
        "double": say("double", "双精度"),
    }
    looks = zip(PRECISIONS.items(), SERIES, _DASHES, strict=False)
    for (name, form), colour, dashes in looks:
        end = float(first_zero(form))
        at = np.linspace(0, end, 300, endpoint=False).astype(form.name).astype(np.float64)
        computed, true = _textbook(at, form.name), slope(at)
        seen = computed > 0
        above.semilogy(at[seen], computed[seen], color=colour, linestyle=dashes)
        above.semilogy([end], [slope(np.array(end))], "o", color=colour, markersize=7)
        height = float(slope(np.array(end)))
        if name == "double":  # no room on the right of its end
            label(above, end - 4, height / 4, names[name], color=colour, ha="right")
        else:
            label(above, end + 1, height * 30, names[name], color=colour)
        error = np.maximum(np.abs(computed / true - 1), 1e-17)
        below.semilogy(at, error, color=colour, linestyle=dashes, linewidth=1.4)
    for axes in (above, below):
        axes.set_xlim(0, 40)
        axes.minorticks_off()
        strip_ticks(axes)
    above.tick_params(labelbottom=False)
    above.set_ylim(1e-18, 4)
    below.set_ylim(1e-17, 4)
    for axes, exponents in ((above, range(-16, 1, 4)), (below, range(-16, 1, 4))):
        axes.set_yticks([10.0**n for n in exponents], _powers(exponents))
    above.set_title(say("slope σ′(z)", "导数 σ′(z)"), pad=10)
    below.set_title(say("relative error of s(1 − s)", "s(1 − s) 的相对误差"), pad=10)
    below.set_xlabel(say("pre-activation z", "预激活值 z"))
    stated = claims["zero-by-rounding"].values
    values = {"high": Value(40)}
    for name in PRECISIONS:
        values[name], values[f"{name}_true"] = stated[name], stated[f"{name}_true"]
    return Drawing(made, values)
