"""What a look at the layers tells: early layers flat, a flat start, dead units, long sequences."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial
from typing import Any

import numpy as np

from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.computed import Computed, Quantity
from gradmath.claims.grades import CHECKED
from gradmath.claims.measured import Runs
from gradmath.claims.practice.runs import (
    ASSUMED,
    PAGE,
    accuracy,
    batch_losses,
    dead,
    of,
    pair,
    reach,
    saturated,
)
from gradmath.claims.values import Value


def _values(statement: Computed, **digits: tuple[str, int]) -> dict[str, Value]:
    """Values named by `name=(part, digits)`."""
    return {
        name: Value(statement.parts[part].compute(), digits=count)
        for name, (part, count) in digits.items()
    }


@claim(
    "practice-early-layers-flat",
    page=PAGE,
    grade=CHECKED,
    titles={
        "en": "Early layers flat: another activation and start",
        "zh": "前几层不动：换激活函数与初始化",
    },
    statement_text={
        "en": "In a network of six sigmoid layers, less than a thousandth of the signal of the "
        "last layer arrives at the first, and it learns nothing of the digits in 300 updates. With "
        "tanh and Xavier's start more than a third arrives, and it tells nine in ten.",
        "zh": "六层 sigmoid 网络中，末层信号传到第一层时不足千分之一，300 次更新后仍认不出数字。"
        "改用 tanh 与 Xavier 初始化，传到的超过三分之一，十个数字能认对九个。",
    },
    assumptions=ASSUMED,
    references=("glorot2010",),
)  # fmt: skip
def early_layers_flat() -> Case:
    sick, mended = (partial(of, "early layers flat", which) for which in ("sick", "mended"))
    parts = {
        "signal, sick": reach(sick, 0, 1e-3),
        "signal, mended": reach(mended, 1 / 3, 3),
        "accuracy, sick": accuracy(sick, 0.05, 0.15),
        "accuracy, mended": accuracy(mended, 0.9, 1),
    }
    statement = Computed(
        parts,
        formula=r"\begin{gathered}\text{sigmoid:}\quad \lVert\delta_1\rVert \,/\,"
        r" \lVert\delta_6\rVert \le 10^{-3}, \\ \text{accuracy} \in [0.05, 0.15]; \\"
        r" \tanh:\quad \lVert\delta_1\rVert \,/\, \lVert\delta_6\rVert \in [\tfrac13, 3], \\"
        r" \text{accuracy} \ge 0.9 \end{gathered}",
        words="sigmoid: signal of layer 1 over layer 6 at most 1e-3, accuracy 0.05 to 0.15; tanh: "
        "signal 1/3 to 3, accuracy at least 0.9",
    )
    mistakes = [
        Mistake("the signal arrives all the same", "以为信号照样传到",
                statement.but({"signal, sick": (1e-2, 1)})),
        Mistake("the remedy does not reach the first layer", "以为措施对第一层无效",
                statement.but({"signal, mended": (0, 0.1)})),
        Mistake("a flat first layer does no harm", "以为第一层不动也无妨",
                statement.but({"accuracy, sick": (0.5, 1)})),
        Mistake("the remedy does not help the accuracy", "以为措施不提高正确率",
                statement.but({"accuracy, mended": (0, 0.5)})),
    ]  # fmt: skip
    values = _values(
        statement,
        sick_signal=("signal, sick", 2),
        mended_signal=("signal, mended", 2),
        sick=("accuracy, sick", 2),
        mended=("accuracy, mended", 2),
    )
    return Case(statement, [Runs()], mistakes, values)


def _last_over_first(losses: np.ndarray) -> float:
    return float(np.mean(losses[-10:]) / losses[0])


@claim(
    "practice-flat-at-the-start",
    page=PAGE,
    grade=CHECKED,
    titles={"en": "Flat at the start: smaller weights", "zh": "一开始就平：把权重取小"},
    statement_text={
        "en": "With weights so large that nine entries in ten of the first layer are saturated, "
        "the loss keeps more than nine tenths of its height over 40 updates. With Xavier's start "
        "no entry is, and it falls below a half.",
        "zh": "权重过大、首层九成以上的分量处于饱和时，40 次更新后损失仍高于最初的十分之九。"
        "改用 Xavier 初始化，没有分量饱和，损失降到一半以下。",
    },
    assumptions={
        "en": "What is left: the mean over the last ten batches over the first loss. Two layers, "
        "tanh and sigmoid, squared error, step 1/2. " + ASSUMED["en"],
        "zh": "“剩下的”指最后十批损失的平均与第一个损失之比。两层网络，tanh 与 sigmoid，平方误差，"
        "步长 1/2。" + ASSUMED["zh"],
    },
)
def flat_at_the_start() -> Case:
    sick, mended = (partial(of, "flat at the start", which) for which in ("sick", "mended"))
    parts = {
        "saturated in layer 1": saturated(sick, 1, 0.9, 1),
        "saturated in layer 1, mended": saturated(mended, 1, 0, 0.01),
        "loss left": batch_losses(sick, _last_over_first, 0.9, 1.02),
        "loss left, mended": batch_losses(mended, _last_over_first, 0, 0.5),
    }
    statement = Computed(
        parts,
        formula=r"\begin{gathered}\text{large:}\quad \text{saturated} \ge 0.9, \\"
        r" \bar L_{31\text{–}40} / L_1 \in [0.9, 1.02]; \\ \text{Xavier:}\quad"
        r" \text{saturated} \le 0.01, \\ \bar L_{31\text{–}40} / L_1 \le 0.5"
        r" \end{gathered}",
        words="large weights: at least 0.9 saturated, 0.9 to 1.02 of the loss left; Xavier: at "
        "most 0.01 saturated, at most 0.5 of the loss left",
    )
    mistakes = [
        Mistake("saturation that comes later", "以为饱和是后来才有的",
                statement.but({"saturated in layer 1": (0, 0.1)})),
        Mistake("a start of the right size saturates too", "以为大小合适的起点也会饱和",
                statement.but({"saturated in layer 1, mended": (0.5, 1)})),
        Mistake("the loss falls anyway", "以为损失照样下降",
                statement.but({"loss left": (0, 0.8)})),
        Mistake("it stays flat with either start", "以为换了起点也仍是平的",
                statement.but({"loss left, mended": (0.9, 1.02)})),
    ]  # fmt: skip
    values = _values(
        statement,
        saturated=("saturated in layer 1", 2),
        left=("loss left", 2),
        left_mended=("loss left, mended", 2),
    )
    return Case(statement, [Runs()], mistakes, values)


@claim(
    "practice-dead-units",
    page=PAGE,
    grade=CHECKED,
    titles={"en": "Dead ReLUs: a shorter step", "zh": "ReLU 死亡：缩短步长"},
    statement_text={
        "en": "With a step of 3, every unit of the second ReLU layer is dead after 100 updates, "
        "and the network answers by chance. With a step of 1/10 fewer than a fifth are, and it "
        "tells four in five.",
        "zh": "步长为 3 时，100 次更新后第二个 ReLU 层的单元全部死亡，网络只能瞎猜。步长为 1/10 "
        "时，死亡的不足五分之一，五个数字能认对四个。",
    },
    assumptions={
        "en": "Three layers, He's start, cross-entropy. Dead: slope 0 at each of 250 images. "
        + ASSUMED["en"],
        "zh": "三层网络，He 初始化，交叉熵。“死亡”指在 250 幅图像上斜率全为 0。" + ASSUMED["zh"],
    },
)
def dead_units() -> Case:
    sick, mended = (partial(of, "dead units", which) for which in ("sick", "mended"))
    parts = {
        "dead in layer 2": dead(sick, 2, 1, 1),
        "dead in layer 2, mended": dead(mended, 2, 0, 0.2),
        "accuracy, sick": accuracy(sick, 0.05, 0.15),
        "accuracy, mended": accuracy(mended, 0.8, 1),
    }
    statement = Computed(
        parts,
        formula=r"\begin{gathered}\eta = 3:\quad \text{dead} = 1, \\ \text{accuracy} \in"
        r" [0.05, 0.15]; \\ \eta = \tfrac{1}{10}:\quad \text{dead} \le 0.2, \\"
        r" \text{accuracy} \ge 0.8 \end{gathered}",
        words="step 3: all of layer 2 dead, accuracy 0.05 to 0.15; step 1/10: at most 0.2 dead, "
        "accuracy at least 0.8",
    )
    mistakes = [
        Mistake("half of the units survive", "以为还有一半单元存活",
                statement.but({"dead in layer 2": (0, 0.5)})),
        Mistake("ReLUs die at any step", "以为无论步长多大 ReLU 都会死",
                statement.but({"dead in layer 2, mended": 1})),
        Mistake("the last layer learns without them", "以为末层没有它们也能学会",
                statement.but({"accuracy, sick": (0.5, 1)})),
        Mistake("a shorter step is no help", "以为缩短步长没有用",
                statement.but({"accuracy, mended": (0, 0.5)})),
    ]  # fmt: skip
    values = _values(
        statement,
        mended_dead=("dead in layer 2, mended", 3),
        sick=("accuracy, sick", 2),
        mended=("accuracy, mended", 2),
    )
    return Case(statement, [Runs()], mistakes, values)


#: Steps that pass between the digit and the question.
SHORT, LONG = 2, 12


def _lags(names: Iterable[str]) -> list[int]:
    """The lags that the names of the parts say."""
    return [int(number) for name in names for number in re.findall(r"after (\d+)", name)]


def _told(lag: int, start: Any, which: int, low: float, high: float) -> Quantity:
    """Reach (0) or accuracy (1) of the recurrent network."""

    def ours() -> float:
        from gradmath.dynamics.memory import remember

        found = remember(lag, start)
        return found.accuracy if which else found.reach

    def again() -> float:
        from gradmath.claims.practice.again import remember_again

        return remember_again(lag, start)[which]

    return pair(ours, again, low, high)


@claim(
    "practice-long-sequences",
    page=PAGE,
    grade=CHECKED,
    titles={"en": "Long sequences only: an orthogonal start", "zh": "只在长序列上失败：正交初始化"},
    statement_text={
        "en": "A recurrent network that sees a digit and is asked for it 2 steps later learns to "
        "tell more than half of them. Asked 12 steps later it learns nothing: less than a "
        "hundredth of the signal comes back that far. With an orthogonal matrix at the start more "
        "than half comes back, and it tells four in five.",
        "zh": "循环网络看到一个数字，2 步之后再问，它能学会认出一半以上；12 步之后再问，它什么也"
        "学不到：能传回这么远的信号不足百分之一。若循环矩阵一开始取为正交矩阵，传回的超过一半，"
        "五个数字能认对四个。",
    },
    assumptions={
        "en": "16 tanh units, 200 updates of step 1/10, gradients clipped to norm 1. The usual "
        "start is uniform on (−1/4, 1/4), 1/4 being 1/√16. " + ASSUMED["en"],
        "zh": "16 个 tanh 单元，200 次更新，步长 1/10，梯度按范数裁剪到 1。通常的起点是 "
        "(−1/4, 1/4) 上的均匀分布，其中 1/4 = 1/√16。" + ASSUMED["zh"],
    },
    references=("pascanu2013", "saxe2014"),
)  # fmt: skip
def long_sequences() -> Case:
    parts = {
        "accuracy after 2": _told(SHORT, "uniform", 1, 0.5, 1),
        "signal after 12": _told(LONG, "uniform", 0, 0, 1e-2),
        "accuracy after 12": _told(LONG, "uniform", 1, 0.05, 0.15),
        "signal after 12, orthogonal": _told(LONG, "orthogonal", 0, 0.5, 1),
        "accuracy after 12, orthogonal": _told(LONG, "orthogonal", 1, 0.8, 1),
    }
    statement = Computed(
        parts,
        formula=r"\begin{gathered}T = 2:\; \text{accuracy} \ge 0.5; \\ T = 12:\;"
        r" \lVert\delta_0\rVert / \lVert\delta_{12}\rVert \le 10^{-2}, \\"
        r" \text{accuracy} \in [0.05, 0.15]; \\ T = 12,\; W^{\mathsf T} W = I: \\"
        r" \lVert\delta_0\rVert / \lVert\delta_{12}\rVert \ge 0.5,\; \text{accuracy} \ge 0.8"
        r"\end{gathered}",
        words="lag 2: accuracy at least 0.5; lag 12: signal at most 1e-2, accuracy 0.05 to 0.15; "
        "lag 12, orthogonal: signal at least 0.5, accuracy at least 0.8",
    )
    mistakes = [
        Mistake("short sequences fail too", "以为短序列也会失败",
                statement.but({"accuracy after 2": (0, 0.2)})),
        Mistake("a tenth of the signal comes back", "以为信号能传回十分之一",
                statement.but({"signal after 12": (0.1, 1)})),
        Mistake("long sequences take no harm", "以为长序列不受影响",
                statement.but({"accuracy after 12": (0.5, 1)})),
        Mistake("an orthogonal matrix lets the signal die as well", "以为正交矩阵同样使信号消失",
                statement.but({"signal after 12, orthogonal": (0, 1e-2)})),
        Mistake("the signal comes back and nothing is learnt", "以为信号传回却学不到东西",
                statement.but({"accuracy after 12, orthogonal": (0, 0.5)})),
    ]  # fmt: skip
    values = _values(
        statement,
        short=("accuracy after 2", 2),
        signal=("signal after 12", 2),
        long=("accuracy after 12", 2),
        signal_orthogonal=("signal after 12, orthogonal", 2),
        long_orthogonal=("accuracy after 12, orthogonal", 2),
    ) | {
        "short_lag": Value(SHORT, again=min(_lags(parts))),
        "long_lag": Value(LONG, again=max(_lags(parts))),
    }
    return Case(statement, [Runs()], mistakes, values)
