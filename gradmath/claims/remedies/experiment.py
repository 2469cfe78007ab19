"""The remedies compared on real digits: what each does before the first update."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.computed import Computed, Quantity
from gradmath.claims.grades import CHECKED
from gradmath.claims.measured import Runs
from gradmath.claims.remedies import plain
from gradmath.claims.values import Value

PAGE = "remedies"
SEEDS = 5

#: (setting, arm) -> what the signal of the first layer over that of the last must lie between,
#: stated before the run: its geometric mean over the seeds
REACH: Mapping[tuple[str, str], tuple[float, float]] = {
    ("vanishing", "none"): (1e-5, 1e-3),
    ("vanishing", "matching-loss"): (1e-5, 1e-3),
    ("vanishing", "xavier"): (1e-4, 1e-2),
    ("vanishing", "lsuv"): (1e-3, 1e-1),
    ("vanishing", "relu"): (1e-3, 1e-1),
    ("vanishing", "tanh"): (1e-2, 1e-1),
    ("vanishing", "residual"): (0.1, 0.5),
    ("vanishing", "tanh-xavier"): (0.2, 2.0),
    ("vanishing", "relu-he"): (0.2, 2.0),
    ("exploding", "none"): (10.0, 1000.0),
    ("exploding", "lsuv"): (0.2, 5.0),
    ("exploding", "he"): (0.2, 2.0),
}

SETTING = {
    "en": "Six layers of 32 units (10 in the last) on the 8 × 8 digits; 1300 images to learn from, "
    "497 to test. Plain descent, 600 updates on batches of 64, seeds 0 to 4. Vanishing: sigmoids, "
    "squared error, W uniform up to 1/√n, η = 0.5. Exploding: ReLU, cross-entropy, standard "
    "deviation 3/√n, η = 0.1. One thing is changed at a time and no step was tuned.",
    "zh": "六层、每层 32 个单元（末层 10 个），8 × 8 手写数字；1300 幅用于学习，497 幅用于测试。"
    "普通梯度下降，批量 64，更新 600 次，种子 0 到 4。消失：sigmoid、平方误差、W 均匀分布于 ±1/√n、"
    "η = 0.5。爆炸：ReLU、交叉熵、标准差 3/√n、η = 0.1。每次只改一处，步长均未调过。",
}
AGAIN = {
    "en": " Every number is computed again by code that uses nothing of the package.",
    "zh": "每个数都由不使用本库的另写代码重算。",
}


@functools.cache
def reach(setting: str, arm: str) -> float:
    """The geometric mean over the seeds of the first layer's signal over the last one's."""
    import numpy as np

    from gradmath.dynamics import remedies, ten_digits
    from gradmath.dynamics.layers import profile
    from gradmath.dynamics.training import RECORDED, targets

    chosen, data = remedies.arranged(setting, arm), ten_digits()
    net, found = remedies.network(chosen), []
    for seed in range(SEEDS):
        params = remedies.first_parameters(chosen, net, data, seed)
        x, digit = data.x[:RECORDED], data.digit[:RECORDED]
        signal = profile(net, params, x, targets(net, digit)).rms_signal
        found.append(signal[0] / signal[-1])
    return float(np.exp(np.mean(np.log(found))))


@functools.cache
def reach_again(setting: str, arm: str) -> float:
    """The same by plain NumPy."""
    import numpy as np

    return float(
        np.exp(np.mean([np.log(plain.reach(setting, arm, seed)) for seed in range(SEEDS)]))
    )


def arm_name(arm: str) -> str:
    """The name of an arm in a formula."""
    return rf"\mathtt{{{arm.replace('-', chr(92) + 'text{-}')}}}"


def _power(number: float) -> str:
    exponent = round(__import__("math").log10(number))
    return rf"10^{{{exponent}}}" if number == 10.0**exponent else f"{number:g}"


@claim(
    "remedies-before-training",
    page=PAGE,
    grade=CHECKED,
    titles={"en": "What reaches the first layer", "zh": "传到首层的信号"},
    statement_text={
        "en": "Before the first update, the first layer of the vanishing network receives less "
        "than a thousandth of the last one's signal. A matching loss does not change that; a "
        "Xavier start, LSUV, ReLU or tanh alone leave it below a tenth, residual connections "
        "alone below a half; tanh with its Xavier start and ReLU with its He start bring it "
        "near one. In the exploding network it is more than ten times the last one's, and near "
        "one after LSUV or a He start.",
        "zh": "首次更新之前，消失网络的首层收到的信号不到末层的千分之一。匹配的损失不改变这一点；"
        "单用 Xavier 初始化、LSUV、ReLU 或 tanh，仍在十分之一以下，单用残差连接在一半以下；"
        "tanh 配 Xavier、ReLU 配 He 才接近 1。爆炸网络的首层信号是末层的十倍以上，经 LSUV 或 He "
        "初始化后接近 1。",
    },
    assumptions={
        "en": SETTING["en"] + " Signal: the root mean square norm of dl/dz over 250 images; the "
        "geometric mean over the seeds is held to an interval stated before the run. In the list ↓ "
        "stands for the vanishing network and ↑ for the exploding one." + AGAIN["en"],
        "zh": SETTING["zh"] + "信号指 250 幅图像上 dl/dz 范数的均方根；对各种子取几何平均，"
        "须落在运行前就写明的区间内。表中 ↓ 指消失网络，↑ 指爆炸网络。" + AGAIN["zh"],
    },
    references=("glorot2010", "he2015", "mishkin2016"),
)
def remedies_before_training() -> Case:
    def quantity(at: tuple[str, str]) -> Quantity:
        return Quantity(lambda: reach(*at), lambda: reach_again(*at), *REACH[at])

    parts = {f"{setting}, {arm}": quantity((setting, arm)) for setting, arm in REACH}
    rows = [
        rf"\text{{{setting}}}\ {arm_name(arm)}: & [{_power(low)},\; {_power(high)}]"
        for (setting, arm), (low, high) in REACH.items()
    ]
    statement = Computed(
        parts,
        formula=r"\frac{\lVert \delta_1 \rVert}{\lVert \delta_6 \rVert} \in \begin{array}{lc}"
        + r" \\ ".join(rows)
        .replace(r"\text{vanishing}", r"\downarrow")
        .replace(r"\text{exploding}", r"\uparrow")
        + r"\end{array}",
        words="; ".join(f"{name} in [{part.low:g}, {part.high:g}]" for name, part in parts.items()),
    )
    alone = ("xavier", "lsuv", "relu", "tanh")
    mistakes = [
        Mistake("each remedy alone is enough", "以为单用一种措施就够",
                statement.but({f"vanishing, {arm}": (0.2, 2.0) for arm in alone})),
        Mistake("a matching loss brings the signal through", "以为匹配的损失能把信号送到首层",
                statement.but({"vanishing, matching-loss": (0.1, 10.0)})),
        Mistake("nothing vanishes without a remedy", "以为不加措施也不会消失",
                statement.but({"vanishing, none": (0.1, 10.0)})),
        Mistake("nothing explodes without a remedy", "以为不加措施也不会爆炸",
                statement.but({"exploding, none": (0.1, 10.0)})),
        Mistake("residual connections keep the whole signal", "以为残差连接保住全部信号",
                statement.but({"vanishing, residual": (0.9, 10.0)})),
        Mistake("activation and start together still vanish", "以为激活与初始化一起改仍会消失",
                statement.but({f"vanishing, {arm}": (0.0, 0.1)
                               for arm in ("tanh-xavier", "relu-he")})),
        Mistake("a start of the right size leaves the explosion", "以为合适的初始化仍会爆炸",
                statement.but({f"exploding, {arm}": (10.0, 1000.0) for arm in ("lsuv", "he")})),
    ]  # fmt: skip
    values = {
        f"{setting}_{arm}".replace("-", "_"): Value(reach(setting, arm), digits=2)
        for setting, arm in REACH
    }
    return Case(statement, [Runs()], mistakes, values)
