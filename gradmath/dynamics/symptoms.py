"""Trainings that go wrong in one way each, and the same with one thing mended.

They stand behind the table of the page "In practice".  Every one is a small network on the ten
digits, with a seed of its own; what is wrong is what the name says, and the mended run differs from
it by the remedy alone.

    from gradmath.dynamics.symptoms import SYMPTOMS, outcome

    outcome("jagged", "sick").batch_loss        # kept in the cache
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Literal, cast

import numpy as np

from gradmath.dynamics.cache import cached
from gradmath.dynamics.diagnosis import Diagnosis, diagnose
from gradmath.dynamics.digits import TenDigits, ten_digits
from gradmath.dynamics.layers import gaussian_start, kernel_of
from gradmath.dynamics.remedies import habit
from gradmath.dynamics.training import Plan, Training, targets, train
from gradmath.errors import UnknownNameError
from gradmath.functions import penalties
from gradmath.network import Dense, Network

Which = Literal["sick", "mended"]


@dataclass(frozen=True)
class Trial:
    """One training: `layers` layers, all but the last of `width` units with `activation`.

    The last has 10 units, with a sigmoid under a squared error, none under a cross-entropy.
    start: "habit", ("gaussian", sigma_w) or the name of an initialiser.  scale: what the
    brightness of the pixels, from 0 to 1, is multiplied by.
    """

    layers: int
    width: int
    activation: str
    loss: Literal["squared_error", "softmax_cross_entropy"]
    start: str | tuple[str, float]
    plan: Plan
    scale: float = 1.0

    @property
    def network(self) -> Network:
        """The network."""
        last = "sigmoid" if self.loss == "squared_error" else "identity"
        hidden = [Dense(self.width, self.activation)] * (self.layers - 1)
        return Network(64, [*hidden, Dense(10, last)], loss=self.loss)

    @property
    def first(self) -> dict[str, Any]:
        """The parameters at the start; its seed is that of the plan."""
        net, seed = self.network, self.plan.seed
        if isinstance(self.start, tuple):
            return gaussian_start(net, weight=self.start[1], seed=seed)
        return habit(net, seed) if self.start == "habit" else net.init(seed, scheme=self.start)

    @property
    def data(self) -> TenDigits:
        """The digits, as bright as stated."""
        data = ten_digits()
        return replace(data, x=data.x * self.scale, test_x=data.test_x * self.scale)


@dataclass(frozen=True)
class Symptom:
    """Two trainings that differ by a remedy."""

    sick: Trial
    mended: Trial


def _symptom(sick: Trial, plan: Mapping[str, Any] | None = None, **changed: Any) -> Symptom:
    if plan:
        changed["plan"] = replace(sick.plan, **plan)
    return Symptom(sick, replace(sick, **changed))


SYMPTOMS: Mapping[str, Symptom] = MappingProxyType({
    # six sigmoid layers: what reaches the first is a hundred-thousandth of what the last gets
    "early layers flat": _symptom(
        Trial(6, 32, "sigmoid", "squared_error", "habit", Plan(0.5, 300, 64)),
        activation="tanh", start="xavier",
    ),
    # weights so large that nine units in ten are saturated, the answers among them
    "flat at the start": _symptom(
        Trial(2, 32, "tanh", "squared_error", ("gaussian", 100.0), Plan(0.5, 40, 64)),
        start="xavier",
    ),
    # batches of eight and a long step: the loss jumps about a level far above the minimum
    "flat at the end": _symptom(
        Trial(1, 1, "identity", "softmax_cross_entropy", "zeros",
              Plan(1.0, 600, 8, penalty=("l2", 0.03))),
        plan={"step": 0.1},
    ),
    # all images in every update, no chance in it, and yet the loss rises again and again
    "jagged": _symptom(
        Trial(3, 32, "tanh", "softmax_cross_entropy", "xavier", Plan(1.0, 60)),
        plan={"step": 0.25},
    ),
    # weights three times too large, layer by layer: the first steps go where nothing is finite
    "not a number": _symptom(
        Trial(6, 32, "leaky_relu", "softmax_cross_entropy", ("gaussian", 3.0),
              Plan(0.1, 300, 64)),
        plan={"clip": ("norm", 1.0)},
    ),
    # nine layers down, six entries in seven are too small for half precision
    "half precision only": _symptom(
        Trial(9, 32, "sigmoid", "squared_error", "habit", Plan(0.5, 20, 64, half=True)),
        plan={"loss_scale": 2.0**15},
    ),
    # one step too long, and every unit of a layer is off at every image
    "dead units": _symptom(
        Trial(3, 32, "relu", "softmax_cross_entropy", "he", Plan(3.0, 100, 64)),
        plan={"step": 0.1},
    ),
})  # fmt: skip


def _in_order() -> Iterator[tuple[str, Trial]]:
    """Nearly everything wrong at first; from then on each differs from the one before by a step."""
    now = Trial(6, 32, "sigmoid", "softmax_cross_entropy", "habit", Plan(2.0, 300, 64), scale=255.0)
    yield "as found", now
    for name, change in (
        ("data scale", {"scale": 1.0}),
        ("initialisation", {"start": "xavier"}),
        ("activation", {"activation": "tanh"}),
        ("step", {"plan": replace(now.plan, step=0.1)}),
    ):
        now = replace(now, **cast(Any, change))
        yield name, now


#: The order in which the page tries things, on one network: pixels as bytes, the habit's start,
#: sigmoids and a step of 2; then its data scaled, then its start changed as well, and so on.
ORDER: Mapping[str, Trial] = MappingProxyType(dict(_in_order()))


def diagnosed(chosen: Trial, end: bool = False) -> Diagnosis:
    """`gradmath.diagnose` of a trial on 250 images, before its training or after it."""
    some, data = slice(250), chosen.data
    params = carried_out(chosen).params if end else chosen.first
    y = targets(chosen.network, data.digit[some])
    return diagnose(chosen.network, params, data.x[some], y, step=chosen.plan.step)


def objective(chosen: Trial, params: Mapping[str, Any]) -> tuple[float, dict[str, Any]]:
    """What a training with an L2 penalty makes small, on all images, and its gradient."""
    data, net = chosen.data, chosen.network
    strength = 0.0 if chosen.plan.penalty is None else chosen.plan.penalty[1]
    loss, grads = kernel_of(net)(params, data.x, targets(net, data.digit))
    penalty, total = cast(Any, penalties["l2"]), float(loss)
    gradient = {name: grads[name] for name in net.shapes}
    if strength:
        for name in (name for name in net.shapes if name[0] == "W"):
            total += float(penalty(params[name], strength))
            gradient[name] = gradient[name] + penalty.derivative(params[name], strength)
    return total, gradient


@cached
def least(name: str) -> tuple[float, float]:
    """The least objective of a symptom's network and the norm of the gradient there.

    Meant for the network of one layer, whose objective is convex, so that there is one minimum.
    Found by SciPy's BFGS from zero, with gradients by our kernel.
    """
    from scipy.optimize import minimize

    chosen = trial(name, "sick")
    shapes = chosen.network.shapes
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes.values()])

    def unflat(v: Any) -> dict[str, Any]:
        parts = np.split(v, ends[:-1])
        return {k: p.reshape(s) for (k, s), p in zip(shapes.items(), parts, strict=True)}

    def flat(v: Any) -> tuple[float, Any]:
        value, gradient = objective(chosen, unflat(v))
        return value, np.concatenate([gradient[name].ravel() for name in shapes])

    found = minimize(flat, np.zeros(ends[-1]), jac=True, method="L-BFGS-B",
                     options={"gtol": 1e-9, "ftol": 1e-16, "maxiter": 2000})  # fmt: skip
    return float(found.fun), float(np.linalg.norm(flat(found.x)[1]))


def trial(name: str, which: Which) -> Trial:
    """One of the trainings; other names raise `UnknownNameError`."""
    if name not in SYMPTOMS:
        raise UnknownNameError("symptom", name, SYMPTOMS)
    if which not in ("sick", "mended"):
        raise UnknownNameError("which", which, ("sick", "mended"))
    return SYMPTOMS[name].sick if which == "sick" else SYMPTOMS[name].mended


@cached
def carried_out(chosen: Trial) -> Training:
    """A training as described: kept in the cache."""
    return train(chosen.network, chosen.first, chosen.data, chosen.plan)


def outcome(name: str, which: Which) -> Training:
    """What one of the trainings gave; kept in the cache.

    >>> from gradmath.dynamics.symptoms import outcome
    >>> runs = [outcome("jagged", which) for which in ("sick", "mended")]
    >>> [int(np.count_nonzero(np.diff(run.batch_loss) > 0)) > 10 for run in runs]
    [True, False]
    """
    return carried_out(trial(name, which))
