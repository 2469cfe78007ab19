"""Gradient norms that somebody published, and ours by the same rule."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.computed import Computed, Quantity
from gradmath.claims.grades import CHECKED
from gradmath.claims.measured import Runs
from gradmath.claims.values import Value

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PAGE = "vanishing"

#: Norms of dC/db by layer at the start, as printed in chapter 5 of M. A. Nielsen's book, for
#: networks of 784 inputs, so many hidden layers of 30 sigmoid units, and 10 outputs.
PRINTED: Final[Mapping[int, tuple[str, ...]]] = {
    2: ("0.07", "0.31"),
    3: ("0.012", "0.060", "0.283"),
    4: ("0.003", "0.017", "0.070", "0.285"),
}
IMAGES: Final = 300
STARTS: Final = 40


def starts(hidden: int) -> NDArray[np.float64]:
    """The same quantity for digits of 64 pixels: one row for each of so many starts."""
    import numpy as np
    from sklearn.datasets import load_digits

    from gradmath.dynamics import gaussian_start, profile
    from gradmath.functions import activations, losses
    from gradmath.network import Dense, Network

    pixels, digit = load_digits(return_X_y=True)
    data = pixels[:IMAGES] / 16, np.eye(10)[digit[:IMAGES]]
    layers = [*[Dense(30, activations["sigmoid"])] * hidden, Dense(10)]
    net = Network(64, layers, loss=losses["binary_cross_entropy"])
    rows = [
        profile(net, gaussian_start(net, 1.0, 1.0, seed), *data).bias_gradient[:-1]
        for seed in range(STARTS)
    ]
    return np.array(rows)


@functools.cache
def starts_kept(hidden: int) -> NDArray[np.float64]:
    """The same, kept on disk."""
    from gradmath.dynamics import cached

    return cached(starts)(hidden)


@functools.cache
def starts_again(hidden: int) -> NDArray[np.float64]:
    """The same in NumPy alone."""
    import numpy as np
    from sklearn.datasets import load_digits

    pixels, digit = load_digits(return_X_y=True)
    x, y = pixels[:IMAGES] / 16, np.eye(10)[digit[:IMAGES]]
    rows = []
    for seed in range(STARTS):
        rng, sizes = np.random.Generator(np.random.PCG64(seed)), [64, *[30] * hidden, 10]
        weights, outputs = [], [x]
        for before, after in itertools.pairwise(sizes):
            weights.append(rng.standard_normal((after, before)) / math.sqrt(before))
            z = outputs[-1] @ weights[-1].T + rng.standard_normal(after)
            outputs.append(1 / (1 + np.exp(-z)))
        delta, norms = outputs[-1] - y, []
        for k in range(hidden, 0, -1):
            delta = (delta @ weights[k]) * outputs[k] * (1 - outputs[k])
            norms.append(float(np.linalg.norm(delta.mean(axis=0))))
        rows.append(norms[::-1])
    return np.array(rows)


def typical(rows: Any) -> list[float]:
    """The geometric mean over the starts, layer by layer."""
    return [
        math.exp(sum(map(math.log, column)) / len(column)) for column in zip(*rows, strict=True)
    ]


def _outside(rows: Any, hidden: int) -> float:
    """How many of the printed norms lie outside of what the starts gave."""
    return float(
        sum(
            not min(column) <= float(printed) <= max(column)
            for printed, column in zip(PRINTED[hidden], zip(*rows, strict=True), strict=True)
        )
    )


def _ratio(norms: Sequence[float]) -> float:
    return float((norms[0] / norms[-1]) ** (1 / (len(norms) - 1)))


@claim(
    "published-norms",
    page=PAGE,
    grade=CHECKED,
    titles={"en": "Published norms, and ours beside them", "zh": "已发表的范数与我们的结果"},
    statement_text={
        "en": "Nielsen printed the norms of the bias gradients in the hidden layers of three "
        "networks at their start. By the same rule on other digits, forty starts give norms whose "
        "ranges hold all nine of his; a layer takes 0.19 to 0.22 of the gradient in ours, 0.20 to "
        "0.23 in his.",
        "zh": "Nielsen 给出了三个网络在起点处各隐藏层偏置梯度的范数。按同样规则换用另一组手写数字，"
        "四十个起点所得范数的范围包含他的全部九个数；每层剩下的梯度，我们为 0.19 至 0.22，"
        "他为 0.20 至 0.23。",
    },
    assumptions={
        "en": "His: 784 inputs (MNIST), 1000 images, one start each, printed to one to three "
        "digits. Ours: 64 inputs, the first 300 images of scikit-learn's digits, seeds 0 to 39. "
        "Both: 2, 3 and 4 hidden layers of 30 sigmoid units, 10 outputs, cross-entropy, weights "
        "N(0, 1/inputs), biases N(0, 1), and the gradient of the mean loss.",
        "zh": "他的：784 个输入（MNIST），1000 幅图像，各一个起点，印出一至三位数字。我们的：64 个"
        "输入，scikit-learn 手写数字的前 300 幅，种子 0 至 39。两者相同之处：2、3、4 个隐藏层，每"
        "层 30 个 sigmoid 单元，10 个输出，交叉熵，权重 N(0, 1/输入数)，偏置 N(0, 1)，取平均损失的"
        "梯度。",
    },
    references=("nielsen2015",),
)
def published_norms() -> Case:
    parts: dict[str, Quantity] = {}
    for hidden in PRINTED:
        parts |= {f"{hidden} hidden: {name}": part for name, part in _compared(hidden).items()}
    statement = Computed(
        parts,
        formula=r"\begin{gathered} \left(\|\delta_1\| / \|\delta_n\|\right)^{\frac{1}{n-1}}"
        r" \in [0.19,\ 0.22]\ \text{ours}, \\[0.6ex]"
        r" \phantom{\left(\|\delta_1\| / \|\delta_n\|\right)^{\frac{1}{n-1}}}"
        r" \in [0.20,\ 0.23]\ \text{printed}, \\[0.6ex] n = 2, 3, 4 \end{gathered}",
        words="the factor a layer lies in [0.19, 0.22] for our starts and in [0.20, 0.23] as "
        "printed; no printed norm lies outside the range of ours",
    )

    def every(kind: str, interval: tuple[float, float] | float) -> Computed:
        return statement.but({f"{hidden} hidden: {kind}": interval for hidden in PRINTED})

    mistakes = [
        Mistake("a quarter, the largest slope, as the printed factor",
                "以为印出的因子是最大斜率 1/4",
                every("printed factor", (0.245, 0.255))),
        Mistake("a quarter in ours", "以为我们的因子是 1/4",
                every("our factor", (0.245, 0.255))),
        Mistake("every layer learns as fast", "以为各层学得一样快",
                every("our factor", (0.9, 1.1))),
        Mistake("the printed norms are of another size altogether", "以为印出的范数大小完全不同",
                every("printed norms outside our range", (1.0, 9.0))),
    ]  # fmt: skip
    values: dict[str, Value] = {}
    for hidden, printed in PRINTED.items():
        ours = typical(starts_kept(hidden))
        for k, (his, our) in enumerate(zip(printed, ours, strict=True), start=1):
            values[f"printed_{hidden}_{k}"] = Value(
                float(his),
                digits=len(his.split(".")[1].lstrip("0")),
                again=Fraction(int(his.split(".")[1]), 10 ** len(his.split(".")[1])).__float__(),
            )
            values[f"ours_{hidden}_{k}"] = Value(
                our, digits=2, again=typical(starts_again(hidden))[k - 1]
            )
        values[f"printed_factor_{hidden}"] = Value(_ratio([float(v) for v in printed]), digits=2)
        values[f"our_factor_{hidden}"] = Value(_ratio(ours), digits=3)
    values |= {"starts": Value(STARTS, again=len(starts_kept(2))), "images": Value(IMAGES)}
    return Case(statement, [Runs()], mistakes, values)


def _compared(hidden: int) -> dict[str, Quantity]:
    printed = [float(v) for v in PRINTED[hidden]]
    return {
        "our factor": Quantity(
            lambda: _ratio(typical(starts_kept(hidden))),
            lambda: _ratio(typical(starts_again(hidden))), 0.19, 0.22,
        ),
        "printed factor": Quantity(
            lambda: _ratio(printed),
            lambda: math.exp((math.log(printed[0]) - math.log(printed[-1])) / (hidden - 1)),
            0.20, 0.23,
        ),
        "printed norms outside our range": Quantity(
            lambda: _outside(starts_kept(hidden), hidden),
            lambda: _outside(starts_again(hidden), hidden), 0.0, 0.0,
        ),
    }  # fmt: skip
