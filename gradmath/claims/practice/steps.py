"""What the loss tells over the updates: flat at the end, jagged, not a number."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.computed import Computed, Quantity
from gradmath.claims.grades import CHECKED
from gradmath.claims.measured import Runs
from gradmath.claims.practice.runs import ASSUMED, PAGE, accuracy, batch_losses, of, pair, reach
from gradmath.claims.values import Value

if TYPE_CHECKING:
    from gradmath.dynamics.symptoms import Which

END = "flat at the end"


def _level(losses: np.ndarray) -> float:
    """The mean loss of the last quarter over that of the quarter before."""
    quarter = len(losses) // 4
    return float(np.mean(losses[-quarter:]) / np.mean(losses[-2 * quarter : -quarter]))


def _objective(which: Which, gradient: bool, low: float, high: float) -> Quantity:
    """At the end: the objective over the least one, or the norm of its gradient."""

    def ours() -> float:
        from gradmath.dynamics.symptoms import carried_out, least, objective

        chosen = of(END, which)
        value, grads = objective(chosen, carried_out(chosen).params)
        if gradient:
            return float(np.sqrt(sum(float(np.sum(g**2)) for g in grads.values())))
        return value / least(END)[0]

    def again() -> float:
        from gradmath.claims.practice.again import least_again, objective_again, train_again

        chosen = of(END, which)
        made = train_again(chosen)
        value, grads = objective_again(chosen, made.weights[0], made.biases[0])
        if gradient:
            return float(np.sqrt(sum(float(np.sum(g**2)) for g in grads)))
        return value / least_again(of(END, "sick"))[0]

    return pair(ours, again, low, high)


@claim(
    "practice-flat-at-the-end",
    page=PAGE,
    grade=CHECKED,
    titles={
        "en": "Flat at the end is not yet convergence: a shorter step",
        "zh": "末尾变平不等于收敛：缩短步长",
    },
    statement_text={
        "en": "One layer is trained on batches of eight with a step of 1. Over the last half of "
        "the updates the loss does not fall any more, and yet what is minimised stands more than a "
        "third above its least value, with a gradient that is far from zero. With a tenth of the "
        "step it ends within a twentieth.",
        "zh": "单层网络以步长 1、每批八个样本训练。后一半更新中损失已不再下降，可是目标函数仍比"
        "最小值高出三分之一以上，梯度也远非零。步长缩到十分之一，结束时与最小值相差不到二十分之一。",
    },
    assumptions={
        "en": "J is what is minimised: the cross-entropy over all samples with an L2 penalty of "
        "3/100, a convex function with one minimum, which is computed apart. L̄ is the mean of the "
        "batches' losses over the updates named. 600 updates. " + ASSUMED["en"],
        "zh": "J 是要最小化的函数：全部样本的交叉熵加系数 3/100 的 L2 正则项。它是凸函数，"
        "最小值唯一，另行算出。L̄ 是所标更新范围内各批损失的平均。更新 600 次。" + ASSUMED["zh"],
    },
)
def flat_at_the_end() -> Case:
    sick = partial(of, END, "sick")
    parts = {
        "last quarter": batch_losses(sick, _level, 0.9, 1.15),
        "above the least": _objective("sick", False, 4 / 3, 2),
        "gradient": _objective("sick", True, 0.5, 2),
        "above the least, mended": _objective("mended", False, 1, 1.05),
    }
    statement = Computed(
        parts,
        formula=r"\begin{gathered}\eta = 1:\quad \bar L_{451\text{–}600} / \bar L_{301\text{–}450}"
        r" \in [0.9, 1.15], \\ J / J_{\min} \in [\tfrac43, 2], \quad"
        r" \lVert\nabla J\rVert \in [0.5, 2]; \\ \eta = \tfrac{1}{10}:\quad"
        r" J / J_{\min} \le 1.05 \end{gathered}",
        words="step 1: mean loss of the last quarter over the one before 0.9 to 1.15, objective "
        "4/3 to 2 times the least, gradient norm 0.5 to 2; step 1/10: at most 1.05 times the least",
    )
    mistakes = [
        Mistake("the loss still falls", "以为损失还在下降",
                statement.but({"last quarter": (0, 0.8)})),
        Mistake("flat, hence converged", "以为平了就是收敛",
                statement.but({"above the least": (1, 1.05)})),
        Mistake("flat, hence no gradient", "以为平了梯度就是零",
                statement.but({"gradient": (0, 0.01)})),
        Mistake("a shorter step changes nothing", "以为缩短步长毫无变化",
                statement.but({"above the least, mended": (4 / 3, 2)})),
    ]  # fmt: skip
    values = {
        "above": Value(parts["above the least"].compute(), digits=3),
        "above_mended": Value(parts["above the least, mended"].compute(), digits=3),
        "gradient": Value(parts["gradient"].compute(), digits=2),
    }
    return Case(statement, [Runs()], mistakes, values)


def _rises(losses: np.ndarray) -> float:
    return float(np.count_nonzero(np.diff(losses) > 0))


@claim(
    "practice-jagged",
    page=PAGE,
    grade=CHECKED,
    titles={"en": "Jagged: a shorter step", "zh": "损失上下乱跳：缩短步长"},
    statement_text={
        "en": "With all images in every update and a step of 1, the loss of a three-layer tanh "
        "network rises again at 8 or more of 60 updates. With a quarter of the step it rises at "
        "none.",
        "zh": "每次更新都用全部图像，步长为 1 时，三层 tanh 网络的损失在 60 次更新中至少回升 8 次；"
        "步长缩到四分之一，一次也不回升。",
    },
    assumptions={
        "en": "Xavier's start, cross-entropy. No batch is drawn, so no chance is in the loss. "
        + ASSUMED["en"],
        "zh": "Xavier 初始化，交叉熵。不抽批次，损失中没有随机性。" + ASSUMED["zh"],
    },
)
def jagged() -> Case:
    sick, mended = (partial(of, "jagged", which) for which in ("sick", "mended"))
    parts = {
        "rises": batch_losses(sick, _rises, 8, 40),
        "largest rise": batch_losses(sick, lambda v: float(np.max(v[1:] / v[:-1])), 1.2, 5),
        "rises, mended": batch_losses(mended, _rises, 0, 0),
    }
    statement = Computed(
        parts,
        formula=r"\begin{gathered}\eta = 1:\quad \#\{k : L_{k+1} > L_k\} \ge 8, \\"
        r" \max_k L_{k+1} / L_k \ge 1.2; \\ \eta = \tfrac14:\quad \#\{k : L_{k+1} > L_k\} = 0"
        r" \end{gathered}",
        words="step 1: 8 to 40 rises, the largest by 1.2 to 5; step 1/4: no rise",
    )
    mistakes = [
        Mistake("without chance the loss never rises", "以为没有随机性损失就不会回升",
                statement.but({"rises": 0})),
        Mistake("it rises by rounding alone", "以为只是舍入引起的回升",
                statement.but({"largest rise": (1, 1.01)})),
        Mistake("it rises at any step", "以为步长再小也会回升",
                statement.but({"rises, mended": (1, 60)})),
    ]  # fmt: skip
    values = {
        "rises": Value(int(parts["rises"].compute())),
        "largest": Value(parts["largest rise"].compute(), digits=2),
        "mended": Value(int(parts["rises, mended"].compute())),
    }
    return Case(statement, [Runs()], mistakes, values)


def _stopped() -> Quantity:
    def ours() -> float:
        from gradmath.dynamics.symptoms import carried_out

        return float(carried_out(of("not a number", "sick")).stopped or -1)

    def again() -> float:
        from gradmath.claims.practice.again import train_again

        return float(train_again(of("not a number", "sick")).stopped or -1)

    return pair(ours, again, 1, 30)


def _place() -> Quantity:
    """The layer of the first pre-activation that is not finite, with the parameters it ended at."""

    def ours() -> float:
        from gradmath.dynamics.symptoms import diagnosed

        place = diagnosed(of("not a number", "sick"), end=True).first_forward
        return float(place[1:]) if place and place[0] == "z" else -1.0

    def again() -> float:
        from gradmath.claims.practice.again import first_infinite

        return float(first_infinite(of("not a number", "sick")))

    return pair(ours, again, 1, 6)


@claim(
    "practice-not-a-number",
    page=PAGE,
    grade=CHECKED,
    titles={"en": "NaN: clipping by norm", "zh": "出现 NaN：按范数裁剪"},
    statement_text={
        "en": "With weights more than twice as large as He's rule wants them, the signal grows "
        "more than twentyfold from the last layer to the first, and within 30 updates a number is "
        "not finite any more. With the gradient clipped to norm 1 the same start trains, and "
        "tells three in five.",
        "zh": "权重取为 He 规则的两倍多，信号从末层到第一层增长到二十倍以上，30 次更新之内就出现了"
        "非有限的数。把梯度按范数裁剪到 1，同样的起点便能训练，五个数字能认对三个。",
    },
    assumptions={
        "en": "Six layers, Leaky ReLU, cross-entropy, step 1/10. " + ASSUMED["en"],
        "zh": "六层网络，Leaky ReLU，交叉熵，步长 1/10。" + ASSUMED["zh"],
    },
    references=("pascanu2013",),
)
def not_a_number() -> Case:
    sick, mended = (partial(of, "not a number", which) for which in ("sick", "mended"))
    parts = {
        "growth": reach(sick, 20, 200),
        "updates": _stopped(),
        "first layer": _place(),
        "accuracy, mended": accuracy(mended, 0.6, 1),
    }
    statement = Computed(
        parts,
        formula=r"\begin{gathered}\lVert\delta_1\rVert / \lVert\delta_6\rVert \ge 20, \\"
        r" \text{NaN or } \infty \text{ within 30 updates}; \\ \lVert g \rVert \le 1:\quad"
        r" \text{accuracy} \ge 0.6 \end{gathered}",
        words="signal of layer 1 over layer 6 from 20 to 200; not finite after 1 to 30 updates, "
        "first at a layer from 1 to 6; clipped: accuracy at least 0.6",
    )
    mistakes = [
        Mistake("the signal keeps its size", "以为信号大小不变",
                statement.but({"growth": (0.5, 2)})),
        Mistake("all numbers stay finite", "以为所有数都保持有限",
                statement.but({"updates": -1})),
        Mistake("the loss alone is not finite", "以为只有损失不是有限数",
                statement.but({"first layer": -1})),
        Mistake("clipping comes too late", "以为裁剪已经太晚",
                statement.but({"accuracy, mended": (0, 0.3)})),
    ]  # fmt: skip
    values = {
        "growth": Value(parts["growth"].compute(), digits=2),
        "updates": Value(int(parts["updates"].compute())),
        "layer": Value(int(parts["first layer"].compute())),
        "mended": Value(parts["accuracy, mended"].compute(), digits=2),
    }
    return Case(statement, [Runs()], mistakes, values)
