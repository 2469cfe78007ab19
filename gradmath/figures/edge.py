"""The pictures of the page "Between the two: the edge": starts, gains, singular values."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray

from gradmath.catalogue import activations
from gradmath.claims import claims
from gradmath.claims.edge.gains import FRAMEWORK
from gradmath.claims.values import Value
from gradmath.dynamics import cached
from gradmath.dynamics.layers import profile
from gradmath.dynamics.meanfield import edge_of_chaos
from gradmath.dynamics.propagation import jacobian_spectrum
from gradmath.dynamics.trainable import standard_digits
from gradmath.figures.palette import FOREGROUND, MUTED, PAPER, SERIES
from gradmath.figures.registry import Drawing, Say, figure
from gradmath.figures.style import SMALL, blank, canvas, panel, strip_ticks
from gradmath.network import Dense, Network

Array = NDArray[np.float64]
DASHES: tuple[Any, ...] = ((0, (2, 1.6)), "-", (0, (6, 2)), (0, (6, 2, 2, 2)))

WIDTH, DEPTH = 128, 30
GAINS = {"low": 1.0, "right": float(np.sqrt(2)), "high": 2.0}


@functools.cache
def starts() -> Mapping[str, tuple[Array, Array]]:
    """Size of the activations and of the signal on its way back, layer by layer, for three gains.

    ReLU throughout, the last layer included, so that all layers are alike; zero biases.
    """
    x = standard_digits().x[:10]
    x = np.hstack([x, x])[:, :WIDTH]
    x /= np.sqrt(np.mean(x**2, axis=1, keepdims=True))
    net = Network(WIDTH, [Dense(WIDTH, "relu")] * DEPTH)
    drawn = net.init(seed=3, scheme="lecun_normal")
    rng = np.random.Generator(np.random.PCG64(4))
    found = {}
    for name, gain in GAINS.items():
        params = {key: gain * value for key, value in drawn.items()}
        # a target beside the output by independent signs: the signal at the end is one of size 1
        a = x
        for k in range(1, DEPTH + 1):
            a = np.maximum(a @ params[f"W{k}"].T, 0.0)
        y = a - rng.choice([-0.5, 0.5], a.shape)
        run = profile(net, params, x, y)
        forward = [1.0, *(float(np.sqrt(np.mean(layer**2))) for layer in run.a)]
        found[name] = (np.array(forward), run.rms_signal / run.rms_signal[-1])
    return found


@figure(
    "three-starts",
    titles={
        "en": "Thirty layers of ReLU from three starts",
        "zh": "三种初始化下的三十层 ReLU",
    },
    alts={
        "en": "Two panels with logarithmic heights. Above, the size of the activations by layer:"
        " with the gain {low} it falls along a straight line to {low_end}, with √2 it stays near 1,"
        " with {high} it climbs to {high_end}. Below, the same three fates for the gradients, read"
        " from the last layer back to the first.",
        "zh": "上下两幅，纵轴为对数。上方为各层激活值的大小：增益 {low} 时沿直线降到 {low_end}，√2 "
        "时停在 1 附近，{high} 时升到 {high_end}。下方为梯度的三种命运，从最后一层往回看。",
    },
    captions={
        "en": "A ReLU network of {depth} layers, {width} units each, with zero biases, at its "
        "start:"
        " the size of the activations going forward, and of the gradients coming back (each"
        " relative to where it sets out). With the gain {low} a layer keeps 1/√2 of either, and"
        " {low_end} of the signal is left at the end; with {high} it grows {high_end}-fold. With"
        " He's gain √2 both arrive. Thin lines: what the rule predicts on average.",
        "zh": "一个 {depth} 层、每层 {width} 个单元、偏置为零的 ReLU 网络，刚初始化、"
        "输入十幅数字时："
        "前向激活值的大小"
        "与反向梯度的大小（各以出发处为 1）。增益 {low} 时每层两者都只剩 1/√2，最后信号只剩 "
        "{low_end}；增益 {high} 时增长到 {high_end} 倍；采用 He 的增益 √2，两者都能到达。"
        "细线：规则对平均情形的预测。",
    },
)
def three_starts(say: Say) -> Drawing:
    """Two panels, three lines each, with the prediction as thin lines."""
    made = canvas(560)
    above = panel(made, 58, 36, 344, 196)
    below = panel(made, 58, 300, 344, 196)
    names = {
        "low": say("gain 1", "增益 1"),
        "right": say("gain √2 (He)", "增益 √2（He）"),
        "high": say("gain 2", "增益 2"),
    }
    for index, (name, gain) in enumerate(GAINS.items()):
        forward, backward = starts()[name]
        layers = np.arange(DEPTH + 1)
        rate = gain / np.sqrt(2)
        look = {"color": SERIES[index], "linestyle": DASHES[index]}
        above.plot(layers, forward, label=names[name], **look)
        above.plot(layers, rate**layers, color=MUTED, linewidth=0.9)
        below.plot(layers[1:], backward, **look)
        below.plot(layers[1:], rate ** (DEPTH - layers[1:]), color=MUTED, linewidth=0.9)
    for axes in (above, below):
        axes.set_yscale("log")
        axes.set_ylim(3e-6, 3e5)
        axes.set_yticks([1e-4, 1e-2, 1, 1e2, 1e4], ["10⁻⁴", "10⁻²", "1", "10²", "10⁴"])
        axes.minorticks_off()
        axes.set_xlim(0, DEPTH)
        strip_ticks(axes)
    above.set_title(say("size of the activations", "激活值的大小"), pad=10)
    below.set_title(say("size of the gradients", "梯度的大小"), pad=10)
    below.set_xlabel(say("layer", "层"))
    handles, words = above.get_legend_handles_labels()
    made.legend(
        handles, words, loc="lower center", ncol=3, frameon=False, fontsize=SMALL,
        handlelength=2.2, columnspacing=1.2, bbox_to_anchor=(0.52, 0.0),
    )  # fmt: skip
    values = {
        "depth": Value(DEPTH),
        "width": Value(WIDTH),
        "low": Value(int(GAINS["low"])),
        "high": Value(int(GAINS["high"])),
        "low_end": Value(float(starts()["low"][0][-1]), digits=2),
        "right_end": Value(float(starts()["right"][0][-1]), digits=2),
        "high_end": Value(float(starts()["high"][0][-1]), digits=2),
        "low_back": Value(float(starts()["low"][1][0]), digits=2),
    }
    return Drawing(made, values)


@figure(
    "gains",
    titles={
        "en": "Two gains for every activation",
        "zh": "每个激活函数的两种增益",
    },
    alts={
        "en": "A row for each activation with two marks on a logarithmic scale of gains: a disc for"
        " the gain that keeps the signal and a diamond for the gain that keeps the gradient. For"
        " ReLU and its leaky kin they coincide near {relu}. For the sigmoid they lie far apart, at"
        " {sigmoid_forward} and {sigmoid_backward}. A vertical tick marks what PyTorch recommends.",
        "zh": "每个激活函数一行，在对数刻度的增益轴上有两个标记：圆点为保持信号的增益，"
        "菱形为保持梯度的"
        "增益。ReLU 及其带泄漏的近亲两者重合于 {relu} 附近；sigmoid 则相距很远，分别为 "
        "{sigmoid_forward} 与 {sigmoid_backward}。竖线为 PyTorch 的推荐值。",
    },
    captions={
        "en": "The gain that keeps the mean square of the signal (disc) and the one that keeps that"
        " of the gradients (diamond), for pre-activations of variance one. Where the diamond lies"
        " to the right of the disc, a network that keeps its signal loses its gradients; where it"
        " lies to the left, its gradients grow. A tick marks the gain that PyTorch recommends: for"
        " tanh it is {tanh_framework}, while {tanh_forward} would keep the signal.",
        "zh": "预激活值方差为一时，保持信号均方的增益（圆点）与保持梯度均方的增益（菱形）。"
        "菱形在圆点右侧，"
        "则信号得以保持的网络会丢失梯度；在左侧，则梯度增长。竖线为 PyTorch 推荐的增益：tanh "
        "的推荐值为 "
        "{tanh_framework}，而保持信号的是 {tanh_forward}。",
    },
)
def gains(say: Say) -> Drawing:
    """One row for each activation; rows in the order of the gap between the two gains."""
    found = claims["gain-table"].values
    both = {
        name: tuple(float(found[f"{name}_{way}"].expression) for way in ("forward", "backward"))
        for name in activations
    }
    order = sorted(both, key=lambda name: both[name][1] / both[name][0])
    made = canvas(96 + 22 * len(order))
    axes = panel(made, 118, 52, 284, 22 * len(order))
    for row, name in enumerate(order):
        low, high = both[name]
        axes.plot([low, high], [row, row], color=MUTED, linewidth=1.4)
        axes.plot(low, row, "o", color=SERIES[0], markersize=8)
        axes.plot(high, row, "D", color=SERIES[1], markersize=6.5, markeredgecolor=PAPER,
                  markeredgewidth=1)  # fmt: skip
        if name in FRAMEWORK:
            axes.plot(float(FRAMEWORK[name]), row, "|", color=FOREGROUND, markersize=15,
                      markeredgewidth=2)  # fmt: skip
    axes.set_yticks(range(len(order)), order)
    axes.set_ylim(len(order) - 0.4, -0.6)
    axes.set_xscale("log")
    axes.set_xlim(0.68, 7.6)
    axes.set_xticks([1, 2, 4], ["1", "2", "4"])
    axes.minorticks_off()
    axes.set_xlabel(say("gain", "增益"))
    strip_ticks(axes)
    key = blank(made, 8, 8, 404, 28)
    for at, marker, colour, words in (
        (10, "o", SERIES[0], say("keeps the signal", "保持信号")),
        (150, "D", SERIES[1], say("keeps gradients", "保持梯度")),
        (288, "|", FOREGROUND, "PyTorch"),
    ):
        key.plot(at, 14, marker, color=colour, markersize=13 if marker == "|" else 8,
                 markeredgewidth=2 if marker == "|" else 0)  # fmt: skip
        key.text(at + 12, 14, words, va="center", size=SMALL)
    values = {
        "relu": Value(both["relu"][0], digits=3),
        "tanh_forward": Value(both["tanh"][0], digits=4),
        "tanh_framework": Value(float(FRAMEWORK["tanh"]), digits=4),
        "sigmoid_forward": Value(both["sigmoid"][0], digits=3),
        "sigmoid_backward": Value(both["sigmoid"][1], digits=3),
    }
    return Drawing(made, values)


SPECTRUM = {"width": 96, "depth": 30}
REST = 0.05  # q* of the tanh networks: on the edge, with small pre-activations
FLOOR = 1e-8


@functools.cache
def spectra() -> Mapping[str, Array]:
    """Singular values, falling, of four networks that all keep gradients on average."""
    weight, bias = edge_of_chaos("tanh", REST)
    tanh = {"activation": "tanh", "weight": weight, "bias": bias, "q": REST}
    relu = {"activation": "relu", "weight": 2.0}
    draw: Any = cached(jacobian_spectrum)
    return {
        "tanh, orthogonal": draw(**tanh, orthogonal=True, **SPECTRUM),
        "tanh, normal": draw(**tanh, orthogonal=False, **SPECTRUM),
        "ReLU, orthogonal": draw(**relu, orthogonal=True, **SPECTRUM),
        "ReLU, normal": draw(**relu, orthogonal=False, **SPECTRUM),
    }


@figure(
    "jacobian-spectra",
    titles={
        "en": "Singular values of the whole network's Jacobian",
        "zh": "整个网络的雅可比矩阵的奇异值",
    },
    alts={
        "en": "Four curves of singular values in falling order on a logarithmic axis. That of tanh"
        " with orthogonal weights is nearly level at 1. The other three begin a little above 1 and"
        " plunge below {floor}: tanh with normal weights past its middle, ReLU of either kind"
        " sooner.",
        "zh": "四条按降序排列的奇异值曲线，纵轴为对数。tanh 配正交权重的一条几乎水平地停在 1；"
        "其余三条从略高于 1 处开始，骤降到 {floor} 以下：tanh 配正态权重在中段之后，"
        "ReLU 无论哪种权重都更早。",
    },
    captions={
        "en": "The singular values of the Jacobian of {depth} layers of width {width}, largest"
        " first, for four starts that keep the mean square of gradients. Tanh at the edge with"
        " orthogonal weights: all but one between {low} and {high}. With normal weights the mean is"
        " carried by a few directions, and half of the values lie below {normal_middle}. ReLU"
        " switches units off, and orthogonal weights do not help: only {relu_kept} of {width}"
        " values are above one thousandth.",
        "zh": "宽 {width}、深 {depth} 层的网络的雅可比矩阵的奇异值，从大到小排列；"
        "四种初始化都保持梯度的"
        "均方。处于边缘的 tanh 配正交权重：除一个以外都在 {low} 与 {high} 之间。配正态权重时，"
        "均值由少数几个"
        "方向撑起，一半的奇异值低于 {normal_middle}。ReLU 会关闭单元，正交权重也无济于事：{width} "
        "个奇异值中"
        "只有 {relu_kept} 个大于千分之一。",
    },
)
def jacobian_spectra(say: Say) -> Drawing:
    """One panel, four curves, told apart by dashes too."""
    made = canvas(376)
    axes = panel(made, 60, 36, 342, 230)
    names = {
        "tanh, orthogonal": say("tanh, orthogonal", "tanh，正交"),
        "tanh, normal": say("tanh, normal", "tanh，正态"),
        "ReLU, orthogonal": say("ReLU, orthogonal", "ReLU，正交"),
        "ReLU, normal": say("ReLU, normal", "ReLU，正态"),
    }
    rank = np.arange(1, SPECTRUM["width"] + 1)
    looks = ("-", (0, (6, 2)), (0, (2, 1.6)), (0, (6, 2, 2, 2)))
    for index, (name, found) in enumerate(spectra().items()):
        seen = found > FLOOR
        axes.plot(rank[seen], found[seen], color=SERIES[index], linestyle=looks[index],
                  label=names[name])  # fmt: skip
    axes.set_yscale("log")
    axes.set_ylim(FLOOR, 30)
    axes.set_yticks([1e-8, 1e-6, 1e-4, 1e-2, 1], ["10⁻⁸", "10⁻⁶", "10⁻⁴", "10⁻²", "1"])
    axes.minorticks_off()
    axes.set_xlim(0, SPECTRUM["width"] + 1)
    axes.set_title(say("singular value", "奇异值"), pad=10)
    axes.set_xlabel(say("rank, largest first", "序号（从大到小）"))
    strip_ticks(axes)
    handles, words = axes.get_legend_handles_labels()
    made.legend(handles, words, loc="lower center", ncol=2, frameon=False, fontsize=SMALL,
                handlelength=2.6, bbox_to_anchor=(0.52, 0.0))  # fmt: skip
    orthogonal, normal = spectra()["tanh, orthogonal"], spectra()["tanh, normal"]
    relu = spectra()["ReLU, orthogonal"]
    values = {
        "width": Value(SPECTRUM["width"]),
        "depth": Value(SPECTRUM["depth"]),
        "low": Value(float(orthogonal[-2]), digits=2),
        "high": Value(float(orthogonal[0]), digits=2),
        "normal_middle": Value(float(normal[len(normal) // 2]), digits=1),
        "floor": Value(sympy.Rational(repr(FLOOR)), digits=1),
        "relu_kept": Value(int(np.count_nonzero(relu > 1e-3))),
    }
    return Drawing(made, values)
