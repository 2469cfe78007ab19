"""A recurrent network that has to keep what it saw: gradients against lag.

It sees a digit once, then nothing for `lag` steps, and is asked which digit it was:

    h_0 = tanh(U x + b_0),    h_t = tanh(W h_(t-1) + b),  t = 1, ..., lag,    logits = V h_lag + c

Unrolled, it is a network of lag + 2 layers of which `lag` share one matrix and one bias, whose
gradients are the sums over those layers.  The kernel is that of the unrolled network.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from gradmath.catalogue import initialisers
from gradmath.dynamics.cache import cached
from gradmath.dynamics.digits import ten_digits
from gradmath.dynamics.layers import kernel_of, profile
from gradmath.dynamics.remedies import habit
from gradmath.dynamics.training import accuracy
from gradmath.errors import UnknownNameError, ValueRangeError
from gradmath.network import Dense, Network, draw

Array = NDArray[np.float64]
Start = Literal["uniform", "orthogonal"]

UNITS = 16
STEP, UPDATES, BATCH, LIMIT = 0.1, 200, 64, 1.0


@dataclass(frozen=True)
class Memory:
    """One training: `signal` (lag + 2,) before it, from the digit to the answer; batch losses
    (updates,); the share of test images told right after it.

    `signal[k]` is the root mean square, over 250 images, of the norm of the derivative of a
    sample's loss by the pre-activation k steps after the digit.
    """

    lag: int
    start: str
    signal: Array
    batch_loss: Array
    accuracy: float

    def __post_init__(self) -> None:
        for array in (self.signal, self.batch_loss):
            array.setflags(write=False)

    @property
    def reach(self) -> float:
        """What of the signal at the last step arrives at the digit."""
        return float(self.signal[0] / self.signal[-2])


def unrolled(lag: int) -> Network:
    """The network of lag + 2 layers."""
    return Network(
        64, [Dense(UNITS, "tanh")] * (lag + 1) + [Dense(10)], loss="softmax_cross_entropy"
    )


def first(lag: int, start: Start, seed: int) -> dict[str, Array]:
    """U, b_0, W, b, V, c: uniform on (-1/sqrt(n), 1/sqrt(n)), or W orthogonal; biases 0."""
    net = unrolled(1)
    drawn = habit(net, seed)
    if start == "orthogonal":
        rng = np.random.Generator(np.random.PCG64(seed))
        drawn["W2"] = draw(initialisers["orthogonal"], (UNITS, UNITS), rng)
    return spread(drawn, lag)


def spread(shared: Mapping[str, Array], lag: int) -> dict[str, Array]:
    """The parameters of a network of lag 1 as those of the unrolled one."""
    made = {"W1": shared["W1"], "b1": shared["b1"]}
    for k in range(2, lag + 2):
        made[f"W{k}"], made[f"b{k}"] = shared["W2"], shared["b2"]
    made[f"W{lag + 2}"], made[f"b{lag + 2}"] = shared["W3"], shared["b3"]
    return made


@cached
def remember(lag: int, start: Start = "uniform", seed: int = 0) -> Memory:
    """Train the network to tell, `lag` steps later, which digit it saw; kept in the cache.

    200 updates of step 0.1 on batches of 64, the gradient clipped to norm 1.  start: of W,
    "uniform" on (-1/sqrt(n), 1/sqrt(n)), whose radius is about 0.58, or "orthogonal".

    >>> from gradmath.dynamics.memory import remember
    >>> remember(2).accuracy > 0.5
    True
    """
    if isinstance(lag, bool) or not isinstance(lag, int) or lag < 1:
        raise ValueRangeError("lag", got=repr(lag), allowed="an integer >= 1")
    if start not in ("uniform", "orthogonal"):
        raise UnknownNameError("start", start, ("uniform", "orthogonal"))
    net, data = unrolled(lag), ten_digits()
    params = first(lag, start, seed)
    found = profile(net, params, data.x[:250], data.digit[:250])
    now = {name: np.array(params[name]) for name in ("W1", "b1", "W2", "b2")}
    now |= {"W3": np.array(params[f"W{lag + 2}"]), "b3": np.array(params[f"b{lag + 2}"])}
    rng = np.random.Generator(np.random.PCG64(seed))
    order: Any = np.arange(0)
    losses = []
    for _ in range(UPDATES):
        if len(order) < BATCH:
            order = rng.permutation(len(data.x))
        index, order = order[:BATCH], order[BATCH:]
        loss, grads = kernel_of(net)(spread(now, lag), data.x[index], data.digit[index])
        losses.append(float(loss))
        descend(now, summed(grads, lag))
    after = accuracy(net, spread(now, lag), data.test_x, data.test_digit)
    return Memory(lag, start, found.rms_signal, np.array(losses), after)


def summed(grads: Mapping[str, Any], lag: int) -> dict[str, Array]:
    """The gradients by the shared parameters: sums over the layers that share them."""
    layers = range(2, lag + 2)
    return {
        "W1": grads["W1"], "b1": grads["b1"],
        "W2": sum(grads[f"W{k}"] for k in layers), "b2": sum(grads[f"b{k}"] for k in layers),
        "W3": grads[f"W{lag + 2}"], "b3": grads[f"b{lag + 2}"],
    }  # fmt: skip


def descend(now: dict[str, Array], change: Mapping[str, Array]) -> None:
    """One update in place, the gradient of all parameters together clipped to norm LIMIT."""
    size = float(np.sqrt(sum(float(np.sum(g * g)) for g in change.values())))
    factor = STEP * min(1.0, LIMIT / size) if size > 0 else 0.0
    for name, value in now.items():
        value -= factor * change[name]
