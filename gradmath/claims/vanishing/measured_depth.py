"""Gradients layer by layer in networks that start on real digits."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.computed import Computed, Quantity
from gradmath.claims.grades import CHECKED
from gradmath.claims.measured import Runs
from gradmath.claims.values import Value

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gradmath.dynamics import DepthSweep

PAGE = "vanishing"

DEPTHS: Final = (2, 5, 10, 20, 30, 50)
WIDTH: Final = 30
SEEDS: Final = 5
LOW, HIGH = 0.22, 0.25  # every depth's factor a layer lies between these: fixed before the runs
LOOKED_AT: Final = 30  # the depth at which the ceiling is compared


@functools.cache
def sweep() -> DepthSweep:
    """Sigmoid networks of every depth at a Xavier start, on ten digits; kept on disk."""
    from gradmath.dynamics import cached, depth_sweep, one_of_each

    x, y = one_of_each()
    return cached(depth_sweep)(
        x, y, depths=DEPTHS, width=WIDTH, outputs=10, last="sigmoid", start_from="xavier",
        seeds=SEEDS,
    )  # fmt: skip


@functools.cache
def gradients(depth: int) -> NDArray[np.float64]:
    """The norm of the gradient by W_k for each layer: the geometric mean over the seeds."""
    import numpy as np

    rows = sweep().weight_gradient[DEPTHS.index(depth)]
    return np.asarray(np.exp(np.log(rows).mean(axis=0)), dtype=np.float64)


def _factor(norms: Sequence[float]) -> float:
    """What one hidden layer does to the norm on the way back, on average over all of them."""
    return float((norms[0] / norms[-2]) ** (1 / (len(norms) - 2)))


def _backward(seed: int, depth: int) -> tuple[list[Any], list[Any], list[Any]]:
    """Weights, gradients by the weights and dl/dz of a network, in NumPy alone."""
    import numpy as np
    from sklearn.datasets import load_digits

    pixels, digit = load_digits(return_X_y=True)
    pick = np.random.Generator(np.random.PCG64(0))
    index = [int(pick.choice(np.flatnonzero(digit == value))) for value in range(10)]
    rng, sizes = np.random.Generator(np.random.PCG64(seed)), [64, *[WIDTH] * (depth - 1), 10]
    weights, outputs = [], [pixels[index] / 16]
    for before, after in itertools.pairwise(sizes):
        limit = math.sqrt(6 / (before + after))
        weights.append(rng.uniform(-limit, limit, (after, before)))
        outputs.append(1 / (1 + np.exp(-outputs[-1] @ weights[-1].T)))
    a = outputs[-1]
    delta = 2 * (a - np.eye(10)) * a * (1 - a)
    by_weight, deltas = [], [delta]
    for k in range(depth - 1, -1, -1):
        by_weight.append(delta.T @ outputs[k] / len(index))
        if k:
            delta = (delta @ weights[k]) * outputs[k] * (1 - outputs[k])
            deltas.append(delta)
    return weights, by_weight[::-1], deltas[::-1]


@functools.cache
def gradients_again(depth: int) -> list[float]:
    """The same norms by that code."""
    import numpy as np

    logs = [
        [math.log(float(np.linalg.norm(g))) for g in _backward(seed, depth)[1]]
        for seed in range(SEEDS)
    ]
    return [math.exp(sum(column) / SEEDS) for column in zip(*logs, strict=True)]


@functools.cache
def against_ceiling() -> tuple[float, float, float]:
    """For thirty layers, seed 0: the largest share of its ceiling that a layer reaches; the product
    of the ceilings |W|/4; and what the signal of one image really is multiplied by.
    """
    import numpy as np

    from gradmath.dynamics import one_of_each, profile
    from gradmath.functions import activations
    from gradmath.network import Dense, Network

    sigmoid: Any = activations["sigmoid"]
    net = Network(64, [*[Dense(WIDTH, sigmoid)] * (LOOKED_AT - 1), Dense(10, sigmoid)])
    params = net.init(seed=0)
    found = profile(net, params, *one_of_each())
    norms = [np.linalg.norm(params[f"W{k}"], 2) / 4 for k in range(2, LOOKED_AT + 1)]
    shares = found.signal[:-1] / found.signal[1:] / np.array(norms)[:, None]
    return (
        float(shares.max()),
        float(np.prod(norms)),
        float(found.signal[0, 0] / found.signal[-1, 0]),
    )


@functools.cache
def against_ceiling_again() -> tuple[float, float, float]:
    """The same by the other code; the spectral norm as the root of an eigenvalue."""
    import numpy as np

    weights, _, deltas = _backward(0, LOOKED_AT)
    norms = [math.sqrt(float(np.linalg.eigvalsh(w @ w.T)[-1])) / 4 for w in weights[1:]]
    sizes = [np.sqrt((d**2).sum(axis=1)) for d in deltas]
    shares = [(sizes[k] / sizes[k + 1] / norms[k]).max() for k in range(LOOKED_AT - 1)]
    return float(max(shares)), math.prod(norms), float(sizes[0][0] / sizes[-1][0])


@claim(
    "depth-measured",
    page=PAGE,
    grade=CHECKED,
    titles={"en": "Depth, measured on real digits", "zh": "在真实数字上测得的深度效应"},
    statement_text={
        "en": "Sigmoid networks of 30 units a layer, at a Xavier start on handwritten digits: each "
        "hidden layer takes the gradient of the weights down to between 0.22 and 0.25 of what it "
        "was, whatever the depth. With fifty layers less than 10⁻³⁰ reaches the first. No layer "
        "exceeds its ceiling ‖W‖/4, and the truth stays far below the product of the ceilings.",
        "zh": "每层 30 个单元的 sigmoid 网络，Xavier 初始化，输入手写数字：不论多深，"
        "每个隐藏层都把权重的梯度缩小到原来的 0.22 至 0.25 倍。五十层时，传到第一层的不到 10⁻³⁰。"
        "没有一层超过其上限 ‖W‖/4，而实际值远低于各层上限之积。",
    },
    assumptions={
        "en": "Ten images, one of each digit; squared error; the last layer has ten sigmoid units; "
        "biases 0; geometric mean over the seeds 0 to 4; 2, 5, 10, 20, 30 and 50 layers. Ceilings: "
        "30 layers, seed 0. Nothing is trained. The runs have no chance in them and are repeated "
        "by separate code.",
        "zh": "十幅图像，每个数字一幅；平方误差；末层为十个 sigmoid 单元；偏置为 0；"
        "对种子 0 至 4 取几何平均；层数为 2、5、10、20、30、50。上限：30 层，种子 0。未经训练。"
        "运行中没有随机性，并由另写的代码重复。",
    },
    references=("glorot2010",),
)
def depth_measured() -> Case:
    deep = [depth for depth in DEPTHS if depth > 2]
    parts = {f"{depth} layers: factor": _quantity(depth) for depth in deep}
    parts |= {
        "2 layers: first over last": Quantity(
            lambda: float(gradients(2)[0] / gradients(2)[1]),
            lambda: gradients_again(2)[0] / gradients_again(2)[1], 0.2, 0.5,
        ),
        "50 layers: the first": Quantity(
            lambda: float(gradients(50)[0]), lambda: gradients_again(50)[0], 0.0, 1e-30
        ),
        "largest share of a ceiling": Quantity(
            lambda: against_ceiling()[0], lambda: against_ceiling_again()[0], 0.0, 1.0
        ),
        "ceiling of 30 layers": Quantity(
            lambda: against_ceiling()[1], lambda: against_ceiling_again()[1], 1e-12, 1e-9
        ),
        "truth in 30 layers": Quantity(
            lambda: against_ceiling()[2], lambda: against_ceiling_again()[2], 1e-20, 1e-17
        ),
    }  # fmt: skip
    statement = Computed(
        parts,
        formula=r"\begin{gathered} \left(\frac{\|\partial L/\partial W_1\|}"
        r"{\|\partial L/\partial W_{n-1}\|}\right)^{\frac{1}{n-2}} \in [0.22,\ 0.25],"
        rf" \\[0.6ex] n = {', '.join(map(str, deep))}; \\[1ex]"
        r" n = 50:\quad \|\partial L/\partial W_1\| < 10^{-30}; \\[1ex]"
        r" n = 30:\quad \prod_k \tfrac14\|W_k\|_2 > 10^{-12}, \\"
        r" \|\delta_1\| / \|\delta_{30}\| < 10^{-17} \end{gathered}",
        words="the gradient of the weights falls by a factor between 0.22 and 0.25 a hidden layer, "
        "for 5 to 50 layers; below 1e-30 in the first of 50; no layer exceeds |W|/4; in 30 layers "
        "the product of these is above 1e-12 and the truth below 1e-17",
    )
    mistakes = [
        Mistake("a factor that does not depend on the slopes, 1", "以为每层不变，因子为 1",
                statement.but({f"{n} layers: factor": (0.9, 1.1) for n in deep})),
        Mistake("the mean of the weights' size, 1/√3, with the slopes left out",
                "漏掉导数，以为因子是 1/√3",
                statement.but({f"{n} layers: factor": (0.55, 0.6) for n in deep})),
        Mistake("two layers lose as much as fifty", "以为两层与五十层损失一样多",
                statement.but({"2 layers: first over last": (0.0, 1e-30)})),
        Mistake("a loss that grows with the depth, not with its power", "以为只随深度成比例减小",
                statement.but({"50 layers: the first": (1e-3, 1.0)})),
        Mistake("a layer exceeds its ceiling", "以为有一层超过上限",
                statement.but({"largest share of a ceiling": (1.0, math.inf)})),
        Mistake("the ceiling is the truth", "以为上限就是实际值",
                statement.but({"truth in 30 layers": (1e-12, 1e-9)})),
        Mistake("the truth is the ceiling", "以为实际值就是上限",
                statement.but({"ceiling of 30 layers": (1e-20, 1e-17)})),
    ]  # fmt: skip
    values = {
        f"factor_{depth}": Value(_factor(gradients(depth).tolist()), digits=3) for depth in deep
    }
    for name, end in (("first", 0), ("last", -1)):
        for depth in DEPTHS:
            values[f"{name}_{depth}"] = Value(
                float(gradients(depth)[end]), digits=2, again=gradients_again(depth)[end]
            )
    share, ceiling, truth = against_ceiling()
    values |= {
        "share": Value(share, digits=2),
        "ceiling": Value(ceiling, digits=2),
        "truth": Value(truth, digits=2),
        "width": Value(WIDTH),
        "seeds": Value(SEEDS, again=lambda: len(sweep().weight_gradient[0])),
    }
    return Case(statement, [Runs()], mistakes, values)


def _quantity(depth: int) -> Quantity:
    return Quantity(
        lambda: _factor(gradients(depth).tolist()),
        lambda: _factor(gradients_again(depth)),
        LOW,
        HIGH,
    )
