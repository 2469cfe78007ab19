"""Training a network with the package's own kernels, and what its layers receive meanwhile.

Plain gradient descent on batches, with the remedies of the chapter as options: clipping of the
gradient, penalties on the weights.  Everything random is drawn from
`numpy.random.Generator(PCG64(seed))`, so that a run gives the same numbers every time on one
machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

from gradmath.catalogue.entries import VectorLoss
from gradmath.dynamics.digits import TenDigits
from gradmath.dynamics.layers import kernel_of, profile
from gradmath.errors import ArgumentTypeError, ShapeError, UnknownNameError, ValueRangeError
from gradmath.functions import clips, penalties
from gradmath.network import Network

Array = NDArray[np.float64]
Params = Mapping[str, NDArray[Any]]
Clip = tuple[Literal["value", "norm"], float]
Penalty = tuple[Literal["l1", "l2"], float]

#: How many of the images to learn from are looked at when the layers are recorded.
RECORDED = 250


@dataclass(frozen=True)
class Plan:
    """How a network is trained.

    step: eta of the update theta <- theta - eta g.  updates: how many are made.  batch: samples in
    an update, drawn without replacement until all have been seen, or None for all of them.
    clip: ("value", c) clips each entry of the gradient to [-c, c], ("norm", c) scales the whole
    gradient, all layers together, to norm at most c.  penalty: ("l1", s) or ("l2", s) on the
    weights, not the biases; its derivative is added before clipping.  half: whether the gradient is
    kept in half precision, and loss_scale what the loss is multiplied by before and the gradient
    divided by after that.  records: how many times the
    layers are looked at, start and end included.  seed: of the order of the samples.
    """

    step: float
    updates: int
    batch: int | None = None
    clip: Clip | None = None
    penalty: Penalty | None = None
    half: bool = False
    loss_scale: float = 1.0
    records: int = 2
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("step", "loss_scale"):
            value = getattr(self, name)
            if not (np.isfinite(value) and value > 0):
                raise ValueRangeError(name, got=value, allowed="a positive, finite number")
        for name, least in (("updates", 1), ("records", 2)):
            if getattr(self, name) < least:
                raise ValueRangeError(name, got=getattr(self, name), allowed=f"at least {least}")
        if self.batch is not None and self.batch < 1:
            raise ValueRangeError("batch", got=self.batch, allowed="at least 1, or None for all")
        for name, kinds in (("clip", ("value", "norm")), ("penalty", ("l1", "l2"))):
            chosen = getattr(self, name)
            if chosen is None:
                continue
            if not isinstance(chosen, tuple) or len(chosen) != 2:
                raise ArgumentTypeError(name, got=repr(chosen), allowed="None or (kind, number)")
            if chosen[0] not in kinds:
                raise UnknownNameError(name, chosen[0], kinds)
            if not (np.isfinite(chosen[1]) and chosen[1] > 0):
                raise ValueRangeError(name, got=chosen[1], allowed="a positive, finite number")

    @property
    def recorded(self) -> tuple[int, ...]:
        """The numbers of updates made when the layers are looked at: 0, ..., `updates`."""
        marks = np.linspace(0, self.updates, self.records).round().astype(int)
        return tuple(int(mark) for mark in np.unique(marks))


@dataclass(frozen=True)
class Training:
    """What one training gave; row r belongs to `at[r]` updates made.

    loss (r,): mean loss on the first 250 images to learn from.  signal, weight_gradient
    (r, layers): root mean square of the norms of dl_i/dz_k, and norm of the gradient by W_k, there.
    accuracy (r,): share of the test images whose largest output is the right one; a network that
    answers NaN is right nowhere.  batch_loss (updates,): the loss of each update's batch, before
    it.  stopped: the number of updates after which a number was not finite any more, or None; the
    rows after that are NaN.  params: the parameters at the end.
    """

    at: tuple[int, ...]
    loss: Array
    signal: Array
    weight_gradient: Array
    accuracy: Array
    batch_loss: Array
    stopped: int | None
    params: dict[str, Array]

    def __post_init__(self) -> None:
        arrays = (self.loss, self.signal, self.weight_gradient, self.accuracy, self.batch_loss)
        for array in (*arrays, *self.params.values()):
            array.setflags(write=False)

    @property
    def final_accuracy(self) -> float:
        """The share of the test images that are told right at the end; 0 for a run that failed."""
        return float(np.nan_to_num(self.accuracy[-1]))


def targets(net: Network, digit: NDArray[np.int64]) -> NDArray[Any]:
    """The digits as the network's loss takes them: classes, or rows with a single 1."""
    if isinstance(net.loss.entry, VectorLoss):
        return digit
    rows: NDArray[Any] = np.eye(net.outputs)[digit]
    return rows


def accuracy(net: Network, params: Params, x: Array, digit: NDArray[np.int64]) -> float:
    """The share of samples whose largest output is the right one; NaN is never right."""
    with np.errstate(all="ignore"):
        _, _, inner = kernel_of(net).trace(params, x, targets(net, digit), check_finite=False)
    answer = inner[f"a{len(net.layers)}"]
    right = (answer.argmax(axis=1) == digit) & np.isfinite(answer).all(axis=1)
    return float(right.mean())


def train(net: Network, params: Params, data: TenDigits, plan: Plan) -> Training:
    """Train a network on the digits, starting from `params`, which are left as they are.

    net: 64 inputs, 10 outputs; with squared_error the target of a digit is a row with a single 1.
    Raises `ShapeError` for a network of other sizes, and what the kernel raises.

    >>> from gradmath.dynamics import Plan, ten_digits, train
    >>> from gradmath.network import Dense
    >>> net = Network(64, [Dense(10)], loss="softmax_cross_entropy")
    >>> run = train(net, net.init(seed=0), ten_digits(), Plan(step=0.5, updates=100, batch=100))
    >>> run.at, bool(run.loss[1] < run.loss[0]), bool(run.final_accuracy > 0.8)
    ((0, 100), True, True)
    """
    if (net.inputs, net.outputs) != (data.x.shape[1], 10):
        raise ShapeError(
            "net", got=f"{net.inputs} inputs, {net.outputs} outputs", allowed="64 and 10"
        )
    now = {name: np.array(params[name], dtype=np.float64) for name in net.shapes if name in params}
    y, call = targets(net, data.digit), kernel_of(net)
    marks, rows = plan.recorded, []
    losses, stopped = np.full(plan.updates, np.nan), None
    for made, index in enumerate(_batches(len(data.x), plan)):
        if made in marks:
            rows.append(_record(net, now, data))
        if made == plan.updates:
            break
        with np.errstate(all="ignore"):
            loss, grads = call(now, data.x[index], y[index], check_finite=False)
            losses[made] = loss
            finite = np.isfinite(loss) and all(np.isfinite(grads[name]).all() for name in now)
            if finite:
                _update(now, grads, plan)
                finite = all(np.isfinite(value).all() for value in now.values())
        if not finite:
            stopped = made
            break
    rows += [_nothing(net)] * (len(marks) - len(rows))
    loss_, signal, gradient, right = (np.array(column) for column in zip(*rows, strict=True))
    return Training(marks, loss_, signal, gradient, right, losses, stopped, now)


def _batches(count: int, plan: Plan) -> Iterator[NDArray[np.int64] | slice]:
    """Index sets without end: each image once in every pass, in a new order each time."""
    if plan.batch is None:
        while True:
            yield slice(None)
    rng = np.random.Generator(np.random.PCG64(plan.seed))
    size = min(plan.batch, count)
    while True:
        order = rng.permutation(count)
        for first in range(0, count - size + 1, size):
            yield order[first : first + size]


def _update(now: dict[str, Array], grads: Mapping[str, Any], plan: Plan) -> None:
    """theta <- theta - eta g for every parameter, in place."""
    change = {name: grads[name] for name in now}
    if plan.half:
        change = {name: _halved(g, plan.loss_scale) for name, g in change.items()}
    if plan.penalty is not None:
        weights = [name for name in now if name[0] == "W"]
        penalty, strength = plan.penalty
        slope = penalties[penalty].derivative(_flat(now, weights), strength)
        for name, part in _parts(slope, now, weights).items():
            change[name] = change[name] + part
    if plan.clip is not None:
        # one array: the norm is that of all layers together
        change = _parts(_clipped(_flat(change, list(now)), *plan.clip), now, list(now))
    for name, value in now.items():
        value -= plan.step * change[name]


def _halved(g: Array, scale: float) -> Array:
    """g as half precision keeps it, scaled up before and down after."""
    return (g * scale).astype(np.float16).astype(np.float64) / scale


def _clipped(g: Array, kind: str, limit: float) -> Array:
    by_value, by_norm = (cast(Any, clips[name]) for name in ("clip_by_value", "clip_by_norm"))
    clipped: Array = by_value(g, -limit, limit) if kind == "value" else by_norm(g, limit)
    return clipped


def _flat(arrays: Mapping[str, Array], names: list[str]) -> Array:
    return np.concatenate([arrays[name].ravel() for name in names])


def _parts(flat: Array, like: Mapping[str, Array], names: list[str]) -> dict[str, Array]:
    """A flat array cut into the shapes of these parameters."""
    ends = np.cumsum([like[name].size for name in names])[:-1]
    return {
        name: part.reshape(like[name].shape)
        for name, part in zip(names, np.split(flat, ends), strict=True)
    }


def _record(net: Network, now: Params, data: TenDigits) -> tuple[Any, ...]:
    """Loss, signals, gradients and accuracy at this moment."""
    some = slice(RECORDED)
    found = profile(net, now, data.x[some], targets(net, data.digit[some]), check_finite=False)
    right = accuracy(net, now, data.test_x, data.test_digit)
    return found.loss, found.rms_signal, found.weight_gradient, right


def _nothing(net: Network) -> tuple[Any, ...]:
    blank = np.full(len(net.layers), np.nan)
    return np.nan, blank, blank, 0.0


__all__ = ["RECORDED", "Plan", "Training", "accuracy", "targets", "train"]
