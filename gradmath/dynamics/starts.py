"""Starts that look at the data: layer-sequential unit variance, and greedy pre-training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradmath.dynamics.digits import TenDigits
from gradmath.dynamics.layers import kernel_of
from gradmath.dynamics.training import Plan, train
from gradmath.errors import ShapeError, ValueRangeError
from gradmath.network import Network

Array = NDArray[np.float64]


def forward(net: Network, params: Mapping[str, Any], x: Array) -> tuple[list[Array], list[Array]]:
    """Pre-activations and activations of every layer at x, by the network's own kernel."""
    y = np.zeros((len(x), net.outputs))
    with np.errstate(all="ignore"):  # a training that blew up is passed on as what it is
        _, _, inner = kernel_of(net).trace(params, x, y, check_finite=False)
    layers = range(1, len(net.layers) + 1)
    return [inner[f"z{k}"] for k in layers], [inner[f"a{k}"] for k in layers]


def lsuv(net: Network, x: Array, seed: int = 0) -> dict[str, Array]:
    """Layer-sequential unit variance: an orthogonal start, scaled layer by layer on data.

    First to last, W_k is divided by the standard deviation of z_k over all samples and units, so
    that it becomes 1; with biases 0 a single division suffices.  D. Mishkin and J. Matas, All you
    need is a good init, 2016, https://arxiv.org/abs/1511.06422 .

    x: (n, inputs), n >= 2.  Raises `ValueRangeError` for a layer whose pre-activations are all
    alike, since no factor gives those a variance.

    >>> from gradmath.dynamics import lsuv, ten_digits
    >>> from gradmath.network import Dense
    >>> net = Network(64, [Dense(32, "tanh"), Dense(10)])
    >>> x = ten_digits().x[:200]
    >>> [round(float(z.std()), 12) for z in forward(net, lsuv(net, x), x)[0]]
    [1.0, 1.0]
    """
    if x.ndim != 2 or x.shape[1] != net.inputs or len(x) < 2:
        raise ShapeError("x", got=f"shape {x.shape}", allowed=f"(n >= 2, {net.inputs})")
    params = net.init(seed=seed, scheme="orthogonal")
    for k in range(1, len(net.layers) + 1):
        z = forward(net, params, x)[0][k - 1]
        spread = float(z.std())
        if not spread > 0:
            raise ValueRangeError(
                f"z{k}", got="the same number at every sample and unit", allowed="some spread",
                remedy="a layer before it is dead or constant on these data",
            )  # fmt: skip
        params[f"W{k}"] = params[f"W{k}"] / spread
    return params


def pretrained(
    net: Network, params: Mapping[str, Any], data: TenDigits, plan: Plan
) -> dict[str, Array]:
    """Greedy layer-wise pre-training: each hidden layer is trained below a last layer of its own.

    First to last, layer k and a fresh copy of the last layer learn the digits from the activations
    of the layers before, which stay as they are; `plan` is the plan of each of these trainings.
    The copy is thrown away, but for that of the last hidden layer, which becomes the network's.
    Y. Bengio et al., Greedy layer-wise training of deep networks, 2007.
    """
    last = len(net.layers)
    width = net.layers[-2].size if last > 1 else 0
    for k, layer in enumerate(net.layers[:-1], start=1):
        if layer.size != width:
            raise ShapeError(
                "net",
                got=f"layer {k} of {layer.size} units",
                allowed=f"hidden layers of {width} units: the last layer is put on each of them",
            )
    now = {name: np.array(value) for name, value in params.items()}
    seen, seen_test = data.x, data.test_x
    for k in range(1, last):
        layer, top = net.layers[k - 1], net.layers[-1]
        small = Network(seen.shape[1], [layer, top], loss=net.loss)
        start = {
            "W1": now[f"W{k}"], "b1": now[f"b{k}"], "W2": now[f"W{last}"], "b2": now[f"b{last}"],
        }  # fmt: skip
        part = replace(data, x=seen, test_x=seen_test)
        run = train(small, start, part, replace(plan, records=2, seed=plan.seed + k))
        now[f"W{k}"], now[f"b{k}"] = run.params["W1"], run.params["b1"]
        seen, seen_test = (forward(small, run.params, x)[1][0] for x in (seen, seen_test))
    if last > 1:
        now[f"W{last}"], now[f"b{last}"] = run.params["W2"], run.params["b2"]
    return now
