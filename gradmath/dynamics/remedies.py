"""The remedies compared: one deep network on real digits, one remedy at a time.

Two settings, each a network of 6 layers of 32 units (10 in the last) that learns the ten digits by
plain descent on batches of 64, and fails.  In "vanishing" the layers are sigmoids with a squared
error, started by the habit that Glorot and Bengio 2010 found in use, W ~ U(-1/sqrt(n), 1/sqrt(n)).
In "exploding" they are ReLUs with a cross-entropy, started with a standard deviation of 3/sqrt(n)
where He's rule has 1.41/sqrt(n).  Every arm changes one thing and leaves the rest, the step
included, as it was; three arms change two.  No arm was given a step of its own: what is compared
is a remedy, not a remedy at its best.

    from gradmath.dynamics.remedies import ARMS, SETTINGS, outcome

    found = outcome("vanishing", "relu")        # five seeds; kept in the cache
    found.signal[:, 0]                          # (seeds, layers): before the first update
    found.final_accuracy                        # (seeds,)

One run takes about half a second, and `outcome` keeps what it computes on disk: ask for the arms
that you need.  `gradmath.dynamics.training` and `.starts` hold what the arms are made of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradmath.catalogue import initialisers
from gradmath.dynamics.cache import cached
from gradmath.dynamics.digits import TenDigits, ten_digits
from gradmath.dynamics.layers import gaussian_start
from gradmath.dynamics.starts import lsuv, pretrained
from gradmath.dynamics.training import Clip, Penalty, Plan, Training, train
from gradmath.errors import UnknownNameError, ValueRangeError
from gradmath.network import Dense, Network, draw

Array = NDArray[np.float64]

SEEDS = 5
LAYERS, WIDTH = 6, 32
#: How many images the data-dependent start looks at.
LOOKED_AT = 250


@dataclass(frozen=True)
class Setting:
    """A network that fails, and how it is trained.

    start: "habit" (uniform on (-1/sqrt(n), 1/sqrt(n)), n inputs), "large" (normal, standard
    deviation 3/sqrt(n)), "lsuv", or the name of an initialiser.  last: the activation of the last
    layer.  residual: whether the layers that are as wide as their input add it.  pretraining:
    whether the layers are trained greedily first, each as long as the whole network afterwards.
    """

    titles: Mapping[str, str]
    activation: str
    last: str
    loss: str
    start: str
    step: float
    updates: int = 600
    batch: int = 64
    records: int = 7
    clip: Clip | None = None
    penalty: Penalty | None = None
    residual: bool = False
    pretraining: bool = False


@dataclass(frozen=True)
class Arm:
    """One remedy: its name in both languages, and what it changes in a `Setting`."""

    titles: Mapping[str, str]
    changes: Mapping[str, Any]


def _titles(en: str, zh: str) -> Mapping[str, str]:
    return MappingProxyType({"en": en, "zh": zh})


def _arm(en: str, zh: str, **changes: Any) -> Arm:
    return Arm(_titles(en, zh), MappingProxyType(changes))


SETTINGS: Mapping[str, Setting] = MappingProxyType({
    "vanishing": Setting(
        _titles("vanishing", "梯度消失"),
        "sigmoid", "sigmoid", "squared_error", "habit", step=0.5,
    ),
    "exploding": Setting(
        _titles("exploding", "梯度爆炸"),
        "relu", "identity", "softmax_cross_entropy", "large", step=0.1,
    ),
})  # fmt: skip

ARMS: Mapping[str, Arm] = MappingProxyType({
    "none": _arm("no remedy", "不加任何措施"),
    "pretraining": _arm("layer-wise pretraining", "逐层预训练", pretraining=True),
    "lsuv": _arm("layer-sequential variance", "逐层单位方差", start="lsuv"),
    "clip-value": _arm("clipping by value", "按值裁剪", clip=("value", 0.1)),
    "clip-norm": _arm("clipping by norm", "按范数裁剪", clip=("norm", 1.0)),
    "l1": _arm("L1 penalty", "L1 正则化", penalty=("l1", 1e-4)),
    "l2": _arm("L2 penalty", "L2 正则化", penalty=("l2", 1e-3)),
    "relu": _arm("ReLU", "ReLU", activation="relu"),
    "leaky-relu": _arm("Leaky ReLU", "Leaky ReLU", activation="leaky_relu"),
    "elu": _arm("ELU", "ELU", activation="elu"),
    "tanh": _arm("tanh", "tanh", activation="tanh"),
    "xavier": _arm("Xavier start", "Xavier 初始化", start="xavier"),
    "he": _arm("He start", "He 初始化", start="he"),
    "residual": _arm("residual connections", "残差连接", residual=True),
    "matching-loss": _arm("matching loss", "匹配的损失函数",
                          last="identity", loss="softmax_cross_entropy"),
    "residual-matching": _arm("residual, matching loss", "残差连接加匹配的损失",
                              residual=True, last="identity", loss="softmax_cross_entropy"),
    "tanh-xavier": _arm("tanh and Xavier", "tanh 加 Xavier", activation="tanh", start="xavier"),
    "relu-he": _arm("ReLU and He", "ReLU 加 He", activation="relu", start="he"),
})  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """All seeds of one arm in one setting; `r` counts records, at `at[r]` updates made.

    signal, weight_gradient (seeds, r, layers): root mean square norm of dl_i/dz_k, norm of the
    gradient by W_k.  loss (seeds, r): mean loss on some of the images to learn from.  accuracy
    (seeds, r): on the test images.  batch_loss (seeds, updates): of each update's batch, before
    it.  stopped (seeds,): the number of updates after which a number was not finite, or None;
    what would have followed is NaN, and its accuracy 0.
    """

    setting: str
    arm: str
    at: tuple[int, ...]
    signal: Array
    weight_gradient: Array
    loss: Array
    accuracy: Array
    batch_loss: Array
    stopped: tuple[int | None, ...]

    def __post_init__(self) -> None:
        for name in ("signal", "weight_gradient", "loss", "accuracy", "batch_loss"):
            getattr(self, name).setflags(write=False)

    @property
    def final_accuracy(self) -> Array:
        """Accuracy at the end, (seeds,)."""
        return self.accuracy[:, -1]

    @property
    def reach(self) -> Array:
        """Signal of the first layer over that of the last, (seeds, r); NaN where both are 0."""
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            return np.asarray(self.signal[:, :, 0] / self.signal[:, :, -1])


def arranged(setting: str, arm: str) -> Setting:
    """A setting with an arm's changes made; unknown names raise `UnknownNameError`."""
    if setting not in SETTINGS:
        raise UnknownNameError("setting", setting, SETTINGS)
    if arm not in ARMS:
        raise UnknownNameError("arm", arm, ARMS)
    return replace(SETTINGS[setting], **ARMS[arm].changes)


def network(setting: Setting) -> Network:
    """The network of a setting."""
    first = Dense(WIDTH, setting.activation)
    further = Dense(WIDTH, setting.activation, residual=setting.residual)
    last = Dense(10, setting.last)
    return Network(64, [first, *[further] * (LAYERS - 2), last], loss=setting.loss)


def first_parameters(
    setting: Setting, net: Network, data: TenDigits, seed: int
) -> dict[str, NDArray[Any]]:
    """The parameters that a setting starts from, pretraining aside."""
    match setting.start:
        case "habit":
            return habit(net, seed)
        case "large":
            return gaussian_start(net, weight=3.0, seed=seed)
        case "lsuv":
            return lsuv(net, data.x[:LOOKED_AT], seed)
    return net.init(seed=seed, scheme=setting.start)


def habit(net: Network, seed: int = 0) -> dict[str, Array]:
    """W ~ U(-1/sqrt(n), 1/sqrt(n)) with n = fan_in, b = 0: usual before Glorot and Bengio 2010.

    >>> start = habit(Network(25, [Dense(40)]))
    >>> float(abs(start["W1"]).max()) < 1 / 5
    True
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    entry, gain = initialisers["lecun_uniform"], 3**-0.5  # whose limit is gain sqrt(3/n)
    return {
        name: draw(entry, shape, rng, gain) if len(shape) == 2 else np.zeros(shape)
        for name, shape in net.shapes.items()
    }


def run(setting: str, arm: str, seed: int) -> Training:
    """One training of one arm; `outcome` keeps the seeds together, and on disk."""
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise ValueRangeError("seed", got=repr(seed), allowed="an integer >= 0")
    chosen, data = arranged(setting, arm), ten_digits()
    net = network(chosen)
    plan = Plan(
        step=chosen.step, updates=chosen.updates, batch=chosen.batch, clip=chosen.clip,
        penalty=chosen.penalty, records=chosen.records, seed=1000 + seed,
    )  # fmt: skip
    params: Mapping[str, Any] = first_parameters(chosen, net, data, seed)
    if chosen.pretraining:
        params = pretrained(net, params, data, plan)
    return train(net, params, data, plan)


@cached
def _kept(setting: str, arm: str, seed: int) -> Training:
    return run(setting, arm, seed)


def outcome(setting: str, arm: str, seeds: int = SEEDS) -> Outcome:
    """All seeds, 0 to seeds - 1, of one arm: computed once and kept in the cache.

    setting: a key of `SETTINGS`.  arm: a key of `ARMS`.  Other names raise `UnknownNameError`.
    """
    arranged(setting, arm)
    if seeds < 1:
        raise ValueRangeError("seeds", got=seeds, allowed="at least 1")
    runs = [_kept(setting, arm, seed) for seed in range(seeds)]

    def stacked(name: str) -> Array:
        return np.array([getattr(one, name) for one in runs])

    return Outcome(
        setting, arm, runs[0].at, stacked("signal"), stacked("weight_gradient"), stacked("loss"),
        stacked("accuracy"), stacked("batch_loss"), tuple(one.stopped for one in runs),
    )  # fmt: skip
