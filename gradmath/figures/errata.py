"""The picture of the errata page: the right update and the published one on real digits."""

from __future__ import annotations

import functools

from gradmath.claims.values import Value
from gradmath.dynamics import PUBLISHED_SETTING, TASKS, Descent, Rule, binary, cached, descend
from gradmath.figures.palette import MUTED, SERIES
from gradmath.figures.registry import Drawing, Say, figure
from gradmath.figures.style import canvas, label, panel, strip_ticks


@cached
def _run(task: str, rule: Rule, step: float, steps: int) -> Descent:
    data = binary(task)
    return descend(data.x, data.y, rule=rule, step=step, steps=steps)


@functools.cache
def runs(task: str) -> tuple[Descent, Descent]:
    """The descents by the right and by the published rule, from zero, on the whole task."""
    step, steps = PUBLISHED_SETTING
    return _run(task, "right", step, steps), _run(task, "published", step, steps)


@figure(
    "published-update",
    titles={
        "en": "The right update and the published one, on real digits",
        "zh": "真实手写数字上，正确的更新与原文的更新",
    },
    alts={
        "en": "Two panels of the loss against the number of steps. On 0 against 1 the right"
        " update falls from {start} to {right}, the published one climbs to {published}. On 1"
        " against the rest both fall, to {rest_right} and {rest_published}. In both panels the"
        " published update ends at the dotted line of a neuron that always answers 0.",
        "zh": "两幅损失随步数变化的图。“0 与 1”中，正确的更新从 {start} 降到 {right}，原文的更新"
        "升到 {published}。“1 与其余数字”中两者都下降，分别到 {rest_right} 与 {rest_published}。"
        "两幅图中原文的更新都停在“永远回答 0”的虚线上。",
    },
    captions={
        "en": "One sigmoid neuron on {pixels} pixels, from zero weights and bias, with η = {step}"
        " and {steps} updates on all samples at once; y = 1 for the digit 1. Above, {n} zeros and"
        " ones: the right update brings the loss from {start} to {right}, the published one, with"
        " 2l in the place of 2(a − y), takes it up to {published}. Below, {rest_n} digits of"
        " which a share of {rest_share} are ones: the published update falls too, to"
        " {rest_published}, but only because always answering 0 (dotted) is nearly right there;"
        " the right update reaches {rest_right}.",
        "zh": "一个接收 {pixels} 个像素的 sigmoid 神经元，权重与偏置从零开始，步长 η = {step}，每"
        "次用全部样本更新，共 {steps} 次；数字 1 的目标为 y = 1。上图：{n} 幅 0 与 1，正确的更新"
        "使损失从 {start} 降到 {right}，原文的更新（以 2l 代替 2(a − y)）却使它升到 {published}。"
        "下图：{rest_n} 幅数字，其中 1 占 {rest_share}，原文的更新也下降，到 {rest_published}，但"
        "那只是因为在这里永远回答 0（虚线）就已差不多正确；正确的更新达到 {rest_right}。",
    },
)
def published_update(say: Say) -> Drawing:
    """One panel a task, with the loss of always answering 0."""
    made = canvas(520)
    step, steps = PUBLISHED_SETTING
    values = {"step": Value(step, digits=2), "steps": Value(steps)}
    layout = (
        ("0 against 1", "", 34, 0.56, (0.04, 0.44)),
        ("1 against the rest", "rest_", 288, 0.28, (0.06, 0.135)),
    )
    for task, prefix, top, highest, heights in layout:
        data = binary(task)
        right, published = runs(task)
        axes = panel(made, 52, top, 350, 180)
        axes.axhline(data.share_of_ones, color=MUTED, linewidth=1.4, linestyle=(0, (1, 2)))
        axes.plot(right.loss, color=SERIES[0])
        axes.plot(published.loss, color=SERIES[1], linestyle=(0, (6, 2)))
        words = (say("right", "正确的更新"), say("published", "原文的更新"))
        for text, height, colour in zip(words, heights, SERIES, strict=False):
            label(axes, steps * 0.97, height, text, color=colour, ha="right")
        axes.set_xlim(0, steps)
        axes.set_ylim(0, highest)
        axes.set_title(
            say(TASKS[task].titles["en"], TASKS[task].titles["zh"]) + say(": loss L", "：损失 L"),
            pad=9,
        )
        strip_ticks(axes)
        values |= {
            f"{prefix}n": Value(len(data.y)),
            f"{prefix}pixels": Value(data.x.shape[1]),
            f"{prefix}share": Value(data.share_of_ones, digits=3),
            f"{prefix}start": Value(float(right.loss[0]), digits=2),
            f"{prefix}right": Value(float(right.loss[-1]), digits=2),
            f"{prefix}published": Value(float(published.loss[-1]), digits=3),
        }
    axes.set_xlabel(say("updates made", "更新次数"))
    return Drawing(made, values)
