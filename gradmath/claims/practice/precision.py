"""A gradient that is zero in half precision alone, and the order in which to try things."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.computed import Computed, Quantity
from gradmath.claims.grades import CHECKED
from gradmath.claims.measured import Runs
from gradmath.claims.practice.runs import ASSUMED, PAGE, accuracy, of, pair, reach, saturated
from gradmath.claims.values import Value

if TYPE_CHECKING:
    from gradmath.dynamics.symptoms import Trial, Which

HALF = "half precision only"


def _lost() -> Quantity:
    """The share of the first layer's gradient that is not 0 and is 0 in half precision."""

    def ours() -> float:
        from gradmath.dynamics.symptoms import diagnosed

        return float(diagnosed(of(HALF, "sick")).lost_in_half[0])

    def again() -> float:
        from gradmath.claims.practice.again import drawn, images, swept

        chosen = of(HALF, "sick")
        weights = drawn(chosen)
        x, digit = images()[0][:250], images()[1][:250]
        biases = [np.zeros(len(w)) for w in weights]
        _, signals, _ = swept(chosen, weights, biases, x, digit)
        gradient = signals[0].T @ x / len(x)
        return float(np.mean((gradient != 0) & (np.float16(gradient) == 0)))

    return pair(ours, again, 0.8, 1)


def _moved(which: Which, low: float, high: float) -> Quantity:
    """How far W1 went, in shares of how far it goes with gradients in double precision."""

    def ours() -> float:
        from dataclasses import replace

        from gradmath.dynamics.symptoms import carried_out

        chosen = of(HALF, which)
        double = replace(chosen, plan=replace(chosen.plan, half=False))
        start = chosen.first["W1"]
        went = [carried_out(one).params["W1"] - start for one in (chosen, double)]
        return float(np.linalg.norm(went[0]) / np.linalg.norm(went[1]))

    def again() -> float:
        from dataclasses import replace

        from gradmath.claims.practice.again import drawn, train_again

        chosen = of(HALF, which)
        double = replace(chosen, plan=replace(chosen.plan, half=False))
        start = drawn(chosen)[0]
        went = [train_again(one).weights[0] - start for one in (chosen, double)]
        return float(np.sqrt(np.sum(went[0] ** 2) / np.sum(went[1] ** 2)))

    return pair(ours, again, low, high)


@claim(
    "practice-half-precision-only",
    page=PAGE,
    grade=CHECKED,
    titles={
        "en": "Zero only in half precision: scale the loss",
        "zh": "只在半精度下为零：损失缩放",
    },
    statement_text={
        "en": "Nine sigmoid layers down, more than four fifths of the gradient's entries are not 0 "
        "and have no half-precision number but 0. With gradients kept in half precision the first "
        "layer does not move at all; with the loss multiplied by 2¹⁵ it moves as far as in double "
        "precision, to within a hundredth.",
        "zh": "九层 sigmoid 网络的第一层，五分之四以上的梯度分量不为 0，在半精度下却只能是 0。"
        "梯度以半精度保存时，第一层纹丝不动；把损失乘以 2¹⁵，它移动的距离与双精度下相差不到"
        "百分之一。",
    },
    assumptions={
        "en": "20 updates of step 1/2. Gradients are computed in double precision and rounded to "
        "half, weights are kept in double: it is the rounding of the gradient that is looked at. "
        + ASSUMED["en"],
        "zh": "20 次更新，步长 1/2。梯度以双精度算出再舍入到半精度，权重保持双精度：这里只看梯度的"
        "舍入。" + ASSUMED["zh"],
    },
)
def half_precision_only() -> Case:
    parts = {
        "lost": _lost(),
        "moved": _moved("sick", 0, 0),
        "moved, scaled": _moved("mended", 0.99, 1.01),
    }
    statement = Computed(
        parts,
        formula=r"\begin{gathered}\text{share of } g \ne 0 \text{ with }"
        r" \operatorname{half}(g) = 0:\; \ge 0.8, \\ \lVert \Delta W_1 \rVert_{\text{half}} = 0,"
        r" \\ \frac{\lVert \Delta W_1 \rVert_{\text{half}, 2^{15}}}"
        r"{\lVert \Delta W_1 \rVert_{\text{double}}} \in [0.99, 1.01] \end{gathered}",
        words="at least 0.8 of the entries lost; W1 moves by 0 of its way in double precision; "
        "scaled: by 0.99 to 1.01",
    )
    mistakes = [
        Mistake("half precision loses a few entries only", "以为半精度只丢掉少数分量",
                statement.but({"lost": (0, 0.1)})),
        Mistake("the layer moves a little", "以为该层多少会动一点",
                statement.but({"moved": (0.01, 1)})),
        Mistake("what is lost cannot be had back", "以为丢掉的找不回来",
                statement.but({"moved, scaled": (0, 0.5)})),
    ]  # fmt: skip
    values = {
        "lost": Value(parts["lost"].compute(), digits=2),
        "moved_scaled": Value(parts["moved, scaled"].compute(), digits=3),
    }
    return Case(statement, [Runs()], mistakes, values)


def _stage(name: str) -> Trial:
    from gradmath.dynamics.symptoms import ORDER

    return ORDER[name]


def _update(name: str, low: float, high: float) -> Quantity:
    """The largest update-to-weight ratio of a layer, at the start."""

    def ours() -> float:
        from gradmath.dynamics.symptoms import diagnosed

        return float(diagnosed(_stage(name)).update_ratio.max())

    def again() -> float:
        from gradmath.claims.practice.again import drawn, images, swept

        chosen = _stage(name)
        weights = drawn(chosen)
        x, digit = images()[0][:250] * chosen.scale, images()[1][:250]
        biases = [np.zeros(len(w)) for w in weights]
        _, signals, inputs = swept(chosen, weights, biases, x, digit)
        grads = [d.T @ a / len(x) for d, a in zip(signals, inputs, strict=True)]
        sizes = [np.sqrt(np.sum(g**2) / np.sum(w**2)) for g, w in zip(grads, weights, strict=True)]
        return float(chosen.plan.step * max(sizes))

    return pair(ours, again, low, high)


@claim(
    "practice-in-order",
    page=PAGE,
    grade=CHECKED,
    titles={"en": "One thing after the other", "zh": "逐项排查"},
    statement_text={
        "en": "In a network with four things wrong, each fix in turn removes what the layers "
        "showed and uncovers the next fault: scaled data, the saturation of the first layer; "
        "another start and another activation, the loss of the signal; a shorter step, updates of "
        "a tenth of the weights. The first two fixes alone leave it at chance; with all four it "
        "tells nine digits in ten.",
        "zh": "一个网络有四处不当。每改一处，各层显出的一种症状随之消失，下一种便露了出来："
        "把数据缩放到合适的大小，首层不再饱和；换初始化与激活函数，信号不再丢失；缩短步长，"
        "更新不再达到权重的十分之一。只改前两处，网络仍只能瞎猜；四处都改，十个数字能认对九个。",
    },
    assumptions={
        "en": "Six layers; as found: pixels from 0 to 255, weights uniform on (−1/√n, 1/√n), "
        "sigmoids, step 2; cross-entropy, 300 updates. " + ASSUMED["en"],
        "zh": "六层网络。初始状况：像素取 0 到 255，权重在 (−1/√n, 1/√n) 上均匀分布，sigmoid，"
        "步长 2；交叉熵，300 次更新。" + ASSUMED["zh"],
    },
)  # fmt: skip
def in_order() -> Case:
    stages = ("as found", "data scale", "initialisation", "activation", "step")
    found, scaled, started, bent, done = (partial(_stage, name) for name in stages)
    parts = {
        "saturated, as found": saturated(found, 1, 0.9, 1),
        "saturated, data scaled": saturated(scaled, 1, 0, 0.01),
        "signal, data scaled": reach(scaled, 0, 1e-3),
        "accuracy, data scaled": accuracy(scaled, 0.05, 0.15),
        "signal, another start": reach(started, 5e-4, 1e-2),
        "accuracy, another start": accuracy(started, 0.05, 0.15),
        "signal, another activation": reach(bent, 1 / 3, 3),
        "update, another activation": _update("activation", 0.1, 1),
        "update, shorter step": _update("step", 1e-3, 0.02),
        "accuracy, shorter step": accuracy(done, 0.9, 1),
    }
    statement = Computed(
        parts,
        formula=r"\begin{gathered}\text{saturated:}\quad \ge 0.9 \;\to\; \le 0.01 \\"
        r" \lVert\delta_1\rVert / \lVert\delta_6\rVert:\quad \le 10^{-3} \;\to\; \le 10^{-2}"
        r" \;\to\; \ge \tfrac13 \\ \max_k \eta \lVert \partial_{W_k} L \rVert / \lVert W_k \rVert:"
        r" \quad \ge 0.1 \;\to\; \le 0.02 \\ \text{accuracy:}\quad \le 0.15 \;\to\; \ge 0.9"
        r" \end{gathered}",
        words="saturated from 0.9 or more to 0.01 or less; signal from 1e-3 or less to 1e-2 or "
        "less to 1/3 or more; update from 0.1 or more to 0.02 or less; accuracy from 0.15 or less "
        "to 0.9 or more",
    )
    mistakes = [
        Mistake("the data were not the trouble", "以为数据没有问题",
                statement.but({"saturated, as found": (0, 0.1)})),
        Mistake("scaled data saturate the layer as well", "以为数据缩放后仍饱和",
                statement.but({"saturated, data scaled": (0.9, 1)})),
        Mistake("scaling the data saves the signal", "以为缩放数据就保住了信号",
                statement.but({"signal, data scaled": (0.1, 10)})),
        Mistake("scaling the data is enough", "以为缩放数据就够了",
                statement.but({"accuracy, data scaled": (0.9, 1)})),
        Mistake("Xavier's start saves the signal of sigmoids",
                "以为 Xavier 初始化能保住 sigmoid 的信号",
                statement.but({"signal, another start": (0.1, 10)})),
        Mistake("another start is enough", "以为换初始化就够了",
                statement.but({"accuracy, another start": (0.9, 1)})),
        Mistake("another activation does not help the signal", "以为换激活函数无助于信号",
                statement.but({"signal, another activation": (0, 0.01)})),
        Mistake("the step was short enough", "以为步长已经够短",
                statement.but({"update, another activation": (0, 0.02)})),
        Mistake("a shorter step leaves the updates as they were", "以为缩短步长不改变更新的大小",
                statement.but({"update, shorter step": (0.1, 1)})),
        Mistake("in the end it still answers by chance", "以为到头来仍是瞎猜",
                statement.but({"accuracy, shorter step": (0.05, 0.15)})),
    ]  # fmt: skip
    values = {
        "saturated": Value(parts["saturated, as found"].compute(), digits=2),
        "signal_scaled": Value(parts["signal, data scaled"].compute(), digits=2),
        "signal_started": Value(parts["signal, another start"].compute(), digits=2),
        "signal_bent": Value(parts["signal, another activation"].compute(), digits=2),
        "update": Value(parts["update, another activation"].compute(), digits=2),
        "update_done": Value(parts["update, shorter step"].compute(), digits=2),
        "accuracy": Value(parts["accuracy, shorter step"].compute(), digits=2),
    }
    return Case(statement, [Runs()], mistakes, values)
