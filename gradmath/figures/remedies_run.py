"""The experiment of the page "Remedies" in pictures: accuracy, and signals layer by layer."""

from __future__ import annotations

import functools

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from gradmath.claims.values import Value
from gradmath.dynamics.remedies import ARMS, LAYERS, SEEDS, SETTINGS, Outcome, outcome
from gradmath.figures.palette import FOREGROUND, GRID, MUTED, PAPER, SERIES
from gradmath.figures.registry import Drawing, Say, figure
from gradmath.figures.style import SMALL, blank, canvas, label, panel, strip_ticks

Array = NDArray[np.float64]

#: The arms drawn, by setting.  The laboratory on remedies has the others.
SHOWN = {
    "vanishing": (
        "none", "clip-norm", "clip-value", "l2", "l1", "matching-loss", "xavier", "he", "lsuv",
        "residual", "pretraining", "leaky-relu", "relu", "tanh", "elu", "residual-matching",
        "relu-he", "tanh-xavier",
    ),
    "exploding": ("none", "l2", "l1", "clip-norm", "clip-value", "lsuv", "he"),
}  # fmt: skip
_COLOURS = {"vanishing": SERIES[0], "exploding": SERIES[1]}
_CHANCE = 0.1


@functools.cache
def found(setting: str, arm: str) -> Outcome:
    """The five runs of an arm; from the cache, where they are kept."""
    return outcome(setting, arm, SEEDS)


def _quoted() -> dict[str, Value]:
    """Of every arm drawn: the median accuracy at the end, and the signal that reaches layer 1."""
    values: dict[str, Value] = {}
    for setting, arms in SHOWN.items():
        for arm in arms:
            key = f"{setting}_{arm}".replace("-", "_")
            one = found(setting, arm)
            values[key] = Value(float(np.median(one.final_accuracy)), digits=2)
            reach = float(np.exp(np.log(one.reach[:, 0]).mean()))
            values[f"{key}_reach"] = Value(reach, digits=2)
    leaky = found("vanishing", "leaky-relu").final_accuracy
    values["leaky_least"] = Value(float(leaky.min()), digits=2)
    values["leaky_most"] = Value(float(leaky.max()), digits=2)
    values["seeds"] = Value(SEEDS)
    values["updates"] = Value(found("vanishing", "none").at[-1])
    values["layers"] = Value(LAYERS)
    values["chance"] = Value(_CHANCE, digits=1)
    pretrained = found("vanishing", "pretraining").final_accuracy
    values["pretraining_least"] = Value(float(pretrained.min()), digits=2)
    values["pretraining_most"] = Value(float(pretrained.max()), digits=2)
    last = signals("vanishing", "residual")[:, -1]
    values["residual_last_before"] = Value(float(last[0]), digits=2)
    values["residual_last_after"] = Value(float(last[-1]), digits=1)
    broken = [stop for stop in found("exploding", "none").stopped if stop is not None]
    values["broken"] = Value(len(broken))
    values["dead"] = Value(SEEDS - len(broken))
    return values


def _rows(axes: Axes, setting: str, say: Say) -> None:
    """One row an arm: a ring for each run, a bar at the median."""
    arms = SHOWN[setting]
    for row, arm in enumerate(arms):
        right = found(setting, arm).final_accuracy
        axes.axhline(row, color=GRID, linewidth=0.8, zorder=0)
        axes.plot(
            right, np.full(len(right), row), "o", markersize=6.5, markerfacecolor="none",
            color=_COLOURS[setting], markeredgewidth=1.5,
        )  # fmt: skip
        middle = float(np.median(right))
        axes.plot([middle] * 2, [row - 0.32, row + 0.32], color=FOREGROUND, linewidth=2.2)
    axes.axvline(_CHANCE, color=MUTED, linewidth=1, linestyle=(0, (1, 2)))
    axes.set_xlim(-0.03, 1.03)
    axes.set_ylim(len(arms) - 0.4, -0.6)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "¼", "½", "¾", "1"])
    names = [say(ARMS[arm].titles["en"], ARMS[arm].titles["zh"]) for arm in arms]
    axes.set_yticks(range(len(arms)), names)
    axes.grid(False, axis="y")
    strip_ticks(axes)
    title = SETTINGS[setting].titles
    axes.set_title(say(title["en"], title["zh"]), color=_COLOURS[setting], pad=8)


@figure(
    "remedies-accuracy",
    titles={
        "en": "One remedy at a time: accuracy after training",
        "zh": "每次只用一种措施：训练后的准确率",
    },
    alts={
        "en": "Two lists of remedies with the accuracy of {seeds} runs each. Where gradients "
        "vanish, no remedy, clipping, penalties, a matching loss, a Xavier start, a He start, unit "
        "variance and residual connections all stay near guessing, at {chance}; pretraining, leaky "
        "ReLU and ReLU come about half way, tanh and ELU further; residual connections with the "
        "matching loss, ReLU with its start and tanh with its start end near one. Where gradients "
        "explode, no remedy and the penalties stay at guessing, and clipping, unit variance and "
        "the He start all end near one.",
        "zh": "两组措施，各列 {seeds} 次运行的准确率。梯度消失时，不加措施、裁剪、正则化、匹配的"
        "损失、Xavier 与 He 初始化、单位方差与残差连接都停留在瞎猜的 {chance} 附近；逐层预训练、"
        "Leaky ReLU 与 ReLU 约到一半，tanh 与 ELU 更高；残差连接加匹配的损失，以及 ReLU、tanh "
        "各配其初始化则接近 1。"
        "梯度爆炸时，不加措施与正则化停留在瞎猜水平，裁剪、单位方差与 He 初始化都接近 1。",
    },
    captions={
        "en": "Share of test images told right after {updates} updates: a ring for each of "
        "{seeds} runs, a bar at their median; the dotted line is guessing. Above, a network of "
        "{layers} sigmoid layers in which gradients vanish: the medians are {vanishing_none} "
        "without a remedy, {vanishing_clip_norm} with clipping, {vanishing_relu} with ReLU "
        "alone and {vanishing_tanh_xavier} with tanh and its Xavier start. Below, a ReLU "
        "network that starts too large: {exploding_l2} with an L2 penalty, "
        "{exploding_clip_norm} with clipping by norm, {exploding_he} with a He start. The step "
        "is the same in every row of a list, and tuned for none.",
        "zh": "更新 {updates} 次之后测试图像的正确率：每次运行一个圈，共 {seeds} 次，"
        "短竖线为中位数，点线为瞎猜水平。上：{layers} 层 sigmoid 网络，梯度消失；中位数为："
        "不加措施 {vanishing_none}，裁剪 {vanishing_clip_norm}，单用 ReLU {vanishing_relu}，"
        "tanh 配 Xavier {vanishing_tanh_xavier}。下：初始权重过大的 ReLU 网络；L2 正则化 "
        "{exploding_l2}，按范数裁剪 {exploding_clip_norm}，He 初始化 {exploding_he}。"
        "同一组各行步长相同，均未调过。",
    },
)
def remedies_accuracy(say: Say) -> Drawing:
    """Two lists below each other, on one scale."""
    pitch, left, width = 23, 208, 200
    heights = [pitch * len(arms) for arms in SHOWN.values()]
    made = canvas(sum(heights) + 34 + 56 + 62)
    top = 34
    for (setting, _), height in zip(SHOWN.items(), heights, strict=True):
        axes = panel(made, left, top, width, height)
        _rows(axes, setting, say)
        top += height + 56
    axes.set_xlabel(say("accuracy on the test images", "测试准确率"))
    return Drawing(made, _quoted())


#: Panels of the second figure, row by row.
PANELS = (
    ("vanishing", "none"), ("vanishing", "clip-norm"), ("vanishing", "lsuv"),
    ("vanishing", "relu"), ("vanishing", "residual"), ("vanishing", "tanh-xavier"),
    ("exploding", "none"), ("exploding", "clip-norm"), ("exploding", "he"),
)  # fmt: skip
_FLOOR = 1e-7


def signals(setting: str, arm: str) -> Array:
    """Geometric mean over the runs of the signal, (records, layers); 0 or NaN where one is."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.exp(np.log(found(setting, arm).signal).mean(axis=0)))


def _profile(axes: Axes, setting: str, arm: str) -> None:
    rows, layers = signals(setting, arm), np.arange(1, LAYERS + 1)
    axes.axhline(1, color=MUTED, linewidth=0.8)
    for row in rows[1:-1]:
        axes.plot(layers, row, color=MUTED, linewidth=0.9, alpha=0.8)
    axes.plot(layers, rows[0], color=_COLOURS[setting], linestyle=(0, (3, 1.6)), linewidth=2,
              marker="o", markersize=3.4, markerfacecolor=PAPER)  # fmt: skip
    axes.plot(layers, rows[-1], color=_COLOURS[setting], linewidth=2, marker="o", markersize=3.4)
    axes.set_yscale("log")
    axes.set_ylim(_FLOOR, 1e3)
    axes.set_xlim(0.6, LAYERS + 0.4)
    axes.set_xticks(layers)
    axes.set_yticks([1e-6, 1e-3, 1, 1e3])
    axes.minorticks_off()
    strip_ticks(axes)
    axes.tick_params(labelbottom=False, labelleft=False)


@figure(
    "remedies-signal",
    titles={
        "en": "What reaches each layer, before and after training",
        "zh": "训练前后传到每一层的信号",
    },
    alts={
        "en": "Nine small panels: the signal that reaches each of {layers} layers on a logarithmic"
        " scale. In the vanishing network without a remedy it falls over four orders of magnitude"
        " towards the first layer, before and after training; with clipping the picture is the"
        " same; with unit variance, ReLU or residual connections it falls less; with tanh and its"
        " start it is nearly level. In the exploding network it rises towards the first layer, and"
        " is level with a He start.",
        "zh": "九幅小图：对数坐标下传到 {layers} 层中每一层的信号。消失网络不加措施时，"
        "朝首层方向下降四个数量级以上，训练前后皆然；加裁剪后没有变化；单位方差、ReLU "
        "或残差连接下降较少；tanh 配其初始化则接近水平。爆炸网络的信号朝首层方向上升，用 He "
        "初始化则为水平。",
    },
    captions={
        "en": "The signal (root mean square norm of dl/dz) that reaches each layer: dashed before"
        " the first update, solid after the last, thin in between; means over {seeds} runs. In the"
        " upper six panels, before training, the first layer receives {vanishing_none_reach} of the"
        " last one's signal without a remedy or with clipping, {vanishing_lsuv_reach} after LSUV,"
        " {vanishing_relu_reach} with ReLU, {vanishing_residual_reach} with residual connections,"
        " {vanishing_tanh_xavier_reach} with tanh and Xavier. In the lower three it receives"
        " {exploding_none_reach} times the last one's, and {exploding_he_reach} with a He start."
        " Without a remedy the solid line is missing there: {dead} of the runs have died, with a"
        " signal of exactly 0, and {broken} ended in NaN.",
        "zh": "传到每一层的信号（dl/dz 范数的均方根）：虚线为首次更新之前，实线为最后一次之后，"
        "细线介于其间；取 {seeds} 次运行的平均。上面六幅中，训练前首层收到的信号与末层之比为："
        "不加措施或加裁剪 {vanishing_none_reach}，LSUV {vanishing_lsuv_reach}，ReLU "
        "{vanishing_relu_reach}，残差连接 {vanishing_residual_reach}，tanh 配 Xavier "
        "{vanishing_tanh_xavier_reach}。下面三幅中为 {exploding_none_reach} 倍，用 He "
        "初始化则为 {exploding_he_reach}。不加措施时那里没有实线：{dead} 次运行已经死去，"
        "信号恰为 0，{broken} 次以 NaN 收场。",
    },
)
def remedies_signal(say: Say) -> Drawing:
    """Three columns of small panels with one scale."""
    columns, width, height, gap = 3, 112, 118, 34
    rows = len(PANELS) // columns
    made = canvas(26 + rows * (height + gap) + 46)
    for k, (setting, arm) in enumerate(PANELS):
        left = 48 + (k % columns) * (width + 12)
        axes = panel(made, left, 26 + (k // columns) * (height + gap), width, height)
        _profile(axes, setting, arm)
        if k % columns == 0:
            axes.set_yticks([1e-6, 1e-3, 1, 1e3], ["10⁻⁶", "10⁻³", "1", "10³"])
            axes.tick_params(labelleft=True)
        if k >= len(PANELS) - columns:
            axes.set_xticks(range(1, LAYERS + 1), [str(n) for n in range(1, LAYERS + 1)])
            axes.tick_params(labelbottom=True)
        title = _SHORT[arm]
        axes.set_title(say(*title), size=SMALL, pad=5, color=_COLOURS[setting])
    below = blank(made, 34, 18 + rows * (height + gap), 380, 48)
    words = say("across: layer; up: signal that reaches it", "横向：层；纵向：传到该层的信号")
    label(below, 190, 26, words, ha="center", size=SMALL)
    return Drawing(made, _quoted())


_SHORT = {
    "none": ("no remedy", "不加措施"),
    "clip-norm": ("clipping", "按范数裁剪"),
    "lsuv": ("unit variance", "单位方差"),
    "relu": ("ReLU", "ReLU"),
    "residual": ("residual", "残差连接"),
    "tanh-xavier": ("tanh, Xavier", "tanh 加 Xavier"),
    "he": ("He start", "He 初始化"),
}
