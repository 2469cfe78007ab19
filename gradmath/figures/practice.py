"""The pictures of the page "In practice": loss curves that go wrong, and what the layers show."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from gradmath.claims.values import Value
from gradmath.figures.palette import MUTED, SERIES
from gradmath.figures.registry import Drawing, Say, figure
from gradmath.figures.style import SMALL, TEXT, canvas, label, panel, strip_ticks

Array = NDArray[np.float64]

_DASHES: tuple[Any, ...] = ("-", (0, (6, 2)), (0, (2, 1.6)), (0, (6, 2, 2, 2)))
_SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def _power(exponent: int) -> str:
    return "1" if exponent == 0 else "10" + str(exponent).translate(_SUPERSCRIPT)


def _decades(axes: Axes, exponents: range) -> None:
    """A logarithmic axis with one label for each of these powers of ten."""
    axes.set_yscale("log")
    axes.set_yticks([10.0**n for n in exponents], [_power(n) for n in exponents])
    axes.minorticks_off()


@figure(
    "four-loss-curves",
    titles={
        "en": "Four losses that go wrong, and the same mended",
        "zh": "四条出问题的损失曲线，以及修正之后",
    },
    alts={
        "en": "Four panels below each other, each with the losses of two trainings, one sick and"
        " one mended. Flat at the start: the sick one stays near {flat}, the mended one falls at"
        " once. Flat at the end: both fall, the sick one then stays higher. Jagged: the sick one"
        " goes up and down, the mended one only down. NaN: the sick one climbs to {top} in"
        " {updates} updates and ends, the mended one falls.",
        "zh": "上下四幅图，每幅各有两次训练的损失：一次有问题，一次已修正。一开始就平："
        "有问题的停在 {flat} 附近，修正后立即下降。末尾变平：两条都下降，有问题的随后停在较高处。"
        "上下乱跳：有问题的忽上忽下，修正后只降不升。NaN：有问题的在 {updates} 次更新内升到 {top} "
        "便中断，修正后下降。",
    },
    captions={
        "en": "The loss, update by update, of four trainings that go wrong (solid) and of the same"
        " with one thing mended (dashes). From above: weights that saturate every layer, against"
        " smaller ones; batches of eight with too long a step (means of {window} updates), against"
        " a tenth of it; all images in every update and too long a step, against a quarter of it;"
        " a signal that explodes, against a gradient clipped to norm 1. The cross marks the last"
        " update with a finite loss. None of these curves says why it is as it is.",
        "zh": "四次出问题的训练（实线）与各改一处之后（虚线）的逐次损失。自上而下：权重过大、"
        "各层饱和，对比较小的权重；每批八个样本、步长过大（{window} 次更新的平均），"
        "对比十分之一的步长；每次更新用全部图像、步长过大，对比四分之一的步长；信号爆炸，"
        "对比梯度按范数裁剪到 1。叉号是损失仍为有限数的最后一次更新。单看曲线，"
        "都说不出原因何在。",
    },
)
def four_loss_curves(say: Say) -> Drawing:
    """One panel a symptom."""
    from gradmath.dynamics.symptoms import outcome

    window = 30
    names = (
        ("flat at the start", say("flat at the start", "一开始就平")),
        ("flat at the end", say("flat at the end", "末尾变平")),
        ("jagged", say("jagged", "上下乱跳")),
        ("not a number", say("NaN", "不再是数")),
    )
    made = canvas(694)
    for place, (name, words) in enumerate(names):
        axes = panel(made, 58, 40 + 164 * place, 346, 100)
        losses = [outcome(name, which).batch_loss for which in ("sick", "mended")]
        if name == "flat at the end":
            losses = [_smoothed(loss, window) for loss in losses]
        for loss, colour, dashes in zip(losses, SERIES, ("-", (0, (6, 2))), strict=False):
            axes.plot(np.arange(len(loss)), loss, color=colour, linestyle=dashes)
        strip_ticks(axes)
        axes.set_title(words, pad=10)
        if name == "not a number":
            _until_it_ends(axes, losses[0])
        else:
            axes.set_ylim(0, 1.12 * max(float(np.max(loss)) for loss in losses))
            axes.set_xlim(0, len(losses[0]) - 1)
    axes.set_xlabel(say("updates made", "已作的更新次数"))
    made.text(0.022, 0.985, say("loss", "损失"), size=TEXT, va="top")
    runs = {name: outcome(name, "sick") for name, _ in names}
    nan = runs["not a number"].batch_loss
    values = {
        "flat": Value(float(runs["flat at the start"].batch_loss.mean()), digits=2),
        "updates": Value(int(runs["not a number"].stopped or 0)),
        "top": Value(float(np.nanmax(nan[np.isfinite(nan)])), digits=1),
        "window": Value(window),
    }
    return Drawing(made, values)


def _smoothed(loss: Array, window: int) -> Array:
    """Means over the last `window` updates."""
    return np.convolve(loss, np.full(window, 1 / window), mode="valid")


def _until_it_ends(axes: Axes, loss: Array) -> None:
    """A logarithmic panel of the first updates, the last finite loss marked."""
    last = int(np.flatnonzero(np.isfinite(loss))[-1])
    axes.plot(last, loss[last], "X", color=SERIES[0], markersize=10)
    top = int(np.ceil(np.log10(loss[last])))
    step = max(1, -(-top // 4))
    _decades(axes, range(0, top + step, step))
    axes.set_ylim(0.1, 10.0 ** (top + step / 3))
    axes.set_xlim(0, 40)


@figure(
    "in-order",
    titles={
        "en": "What the layers show, fix by fix",
        "zh": "每改一处，各层显示什么",
    },
    alts={
        "en": "Two panels against the layer, 1 to 6, on logarithmic scales. Above, the signal"
        " relative to the last layer: three lines fall steeply towards layer 1, to {found},"
        " {scaled} and {started}, one stays nearly level at {bent}. Below, the update-to-weight"
        " ratio: with the long step it is near {update} in every layer, with the shorter one near"
        " {update_done}.",
        "zh": "两幅图，横轴为第 1 到第 6 层，纵轴为对数刻度。上：信号与末层之比；三条线向第 1 "
        "层陡降，分别降到 {found}、{scaled}、{started}，一条几乎水平，为 {bent}。下："
        "更新与权重之比；步长大时各层都在 {update} 附近，步长小时都在 {update_done} 附近。",
    },
    captions={
        "en": "One network, mended one thing after the other, before its training. Above: how much"
        " of the signal of layer 6 arrives at each layer. With bytes for pixels {found} of it"
        " arrives at layer 1, with scaled data {scaled}, with Xavier's start {started}, with tanh"
        " in place of the sigmoid {bent}. Only now is the step worth a look. Below: a step of 2"
        " would change every layer by more than a tenth of its weights, a step of a tenth by"
        " less than a hundredth.",
        "zh": "同一个网络，训练之前逐项修正。上：第 6 层的信号有多少传到各层。像素取字节值时，"
        "传到第 1 层的有 {found}；数据缩放后为 {scaled}；再用 Xavier 初始化为 {started}；把 "
        "sigmoid 换成 tanh 后为 {bent}。到这时才值得看步长。下：步长 2 "
        "会使每层的改变超过权重的十分之一，步长十分之一则不到百分之一。",
    },
)
def in_order(say: Say) -> Drawing:
    """Signals above, update-to-weight ratios below."""
    from gradmath.dynamics.symptoms import ORDER, diagnosed

    words = {
        "as found": say("as found", "初始状况"),
        "data scale": say("data scaled", "缩放数据"),
        "initialisation": say("and Xavier's start", "再换初始化"),
        "activation": say("and tanh", "再用 tanh"),
        "step": say("and a shorter step", "再缩短步长"),
    }
    found = {name: diagnosed(chosen) for name, chosen in ORDER.items()}
    made = canvas(560)
    above = panel(made, 58, 40, 346, 210)
    below = panel(made, 58, 342, 346, 150)
    layers = np.arange(1, 7)
    relative = {name: one.signal / one.signal[-1] for name, one in found.items()}
    for place, name in enumerate(("as found", "data scale", "initialisation", "activation")):
        above.plot(
            layers, relative[name], color=SERIES[place], linestyle=_DASHES[place],
            marker="o", markersize=5, label=words[name],
        )  # fmt: skip
    for place, name in ((3, "activation"), (4, "step")):
        dashes = _DASHES[3] if place == 3 else (0, (1, 1.2))
        below.plot(
            layers, found[name].update_ratio, color=SERIES[place], linestyle=dashes,
            marker="s", markersize=5, label=words[name],
        )  # fmt: skip
    _decades(above, range(-6, 1))
    above.set_ylim(2e-6, 3)
    _decades(below, range(-4, 1))
    below.set_ylim(3e-5, 1)
    for axes in (above, below):
        axes.set_xlim(0.8, 6.2)
        axes.set_xticks(layers)
        strip_ticks(axes)
    above.set_title(say("signal, relative to layer 6", "信号（与第 6 层之比）"), pad=12)
    below.set_title(say("update over weight", "更新与权重之比"), pad=12)
    above.legend(loc="lower right", frameon=False, fontsize=SMALL, handlelength=2.6)
    below.legend(loc="lower center", frameon=False, fontsize=SMALL, handlelength=2.6)
    below.axhline(0.1, color=MUTED, linewidth=1, linestyle=(0, (1, 2)))
    label(below, 1.0, 0.4, say("a tenth", "十分之一"), size=SMALL, color=MUTED)
    below.set_xlabel(say("layer", "层"))
    values = {
        "found": Value(float(relative["as found"][0]), digits=1),
        "scaled": Value(float(relative["data scale"][0]), digits=1),
        "started": Value(float(relative["initialisation"][0]), digits=1),
        "bent": Value(float(relative["activation"][0]), digits=2),
        "update": Value(float(np.median(found["activation"].update_ratio)), digits=1),
        "update_done": Value(float(np.median(found["step"].update_ratio)), digits=1),
    }
    return Drawing(made, values)
