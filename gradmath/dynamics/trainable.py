"""How deep a network can be trained: many tanh networks at once, each from its own random start.

Networks of one depth that differ in the variance of their weights are trained side by side, as one
stack of matrices.  The arithmetic of each is plain stochastic gradient descent on the mean
cross-entropy; a test holds it to the package's own kernels.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gradmath.dynamics.digits import TenDigits, ten_digits
from gradmath.errors import ValueRangeError

Stack = list[NDArray[np.float32]]
CLASSES = 10


@dataclass(frozen=True)
class Trained:
    """weights (w,): sigma_w^2.  depths (d,): numbers of layers.  accuracy (d, w): the share of
    unseen digits that a network tells right after training; about 0.1 is chance.
    """

    weights: NDArray[np.float64]
    depths: NDArray[np.int64]
    accuracy: NDArray[np.float64]

    def __post_init__(self) -> None:
        for array in (self.weights, self.depths, self.accuracy):
            array.setflags(write=False)


def standard_digits() -> TenDigits:
    """The ten digits in two parts, shifted and scaled by two numbers so that the pixels of the part
    to learn from have mean 0 and variance 1 on the whole.
    """
    data = ten_digits()
    shift, scale = data.x.mean(), data.x.std()
    return replace(data, x=(data.x - shift) / scale, test_x=(data.test_x - shift) / scale)


def begin(
    weights: Sequence[float], bias: float, depth: int, width: int, seed: int, inputs: int = 64
) -> tuple[Stack, Stack]:
    """Weights (networks, in, out) and biases (networks, 1, out) of every layer.

    All networks have the same random numbers, scaled: W ~ N(0, sigma_w^2 / in), b ~ N(0, bias).
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    scale = np.sqrt(np.asarray(weights))[:, None, None]
    sizes = [inputs, *[width] * (depth - 1), CLASSES]
    w, b = [], []
    for fan_in, fan_out in itertools.pairwise(sizes):
        drawn = rng.standard_normal((fan_in, fan_out)) / np.sqrt(fan_in)
        w.append((scale * drawn).astype(np.float32))
        shift = np.sqrt(bias) * rng.standard_normal(fan_out)
        b.append(np.broadcast_to(shift, (len(scale), 1, fan_out)).astype(np.float32))
    return w, b


def forward(w: Stack, b: Stack, x: NDArray[np.float32]) -> Stack:
    """The activations of every layer, the logits last: tanh, and nothing after the last layer."""
    a = [np.broadcast_to(x, (len(w[0]), *x.shape))]
    for k, (matrix, shift) in enumerate(zip(w, b, strict=True)):
        z = a[-1] @ matrix
        z += shift
        a.append(np.tanh(z, out=z) if k < len(w) - 1 else z)
    return a


def gradients(w: Stack, a: Stack, digit: NDArray[np.int64]) -> tuple[Stack, Stack]:
    """Gradients of the mean cross-entropy by every weight and bias."""
    logits = a[-1] - a[-1].max(axis=2, keepdims=True)
    chances = np.exp(logits)
    chances /= chances.sum(axis=2, keepdims=True)
    delta = chances
    delta[:, np.arange(len(digit)), digit] -= 1
    delta /= np.float32(len(digit))
    by_w: Stack = [delta] * len(w)
    by_b: Stack = [delta] * len(w)
    for k in range(len(w) - 1, -1, -1):
        by_w[k] = a[k].transpose(0, 2, 1) @ delta
        by_b[k] = delta.sum(axis=1, keepdims=True)
        if k:
            slope = a[k] * a[k]
            np.subtract(1, slope, out=slope)
            delta = delta @ w[k].transpose(0, 2, 1)
            delta *= slope
    return by_w, by_b


def train(
    weights: Sequence[float],
    bias: float,
    depth: int,
    *,
    width: int,
    steps: int,
    batch: int,
    rate: float,
    seed: int = 0,
) -> NDArray[np.float64]:
    """The accuracy, on unseen digits, of one trained network for each variance of the weights.

    A network whose numbers leave the range of floats counts as one at chance.
    """
    data = standard_digits()
    w, b = begin(weights, bias, depth, width, seed)
    rng = np.random.Generator(np.random.PCG64(seed + 1))
    x, test_x = data.x.astype(np.float32), data.test_x.astype(np.float32)
    with np.errstate(all="ignore"):
        step = np.float32(rate)
        for _ in range(steps):
            chosen = rng.integers(0, len(x), batch)
            by_w, by_b = gradients(w, forward(w, b, x[chosen]), data.digit[chosen])
            for k in range(depth):
                for now, change in ((w[k], by_w[k]), (b[k], by_b[k])):
                    change *= step
                    now -= change
        logits = forward(w, b, test_x)[-1]
    right = np.argmax(np.nan_to_num(logits), axis=2) == data.test_digit
    return np.where(np.isfinite(logits).all(axis=(1, 2)), right.mean(axis=1), 1 / CLASSES)


def trainable(
    weights: Sequence[float],
    bias: float,
    depths: Sequence[int],
    *,
    width: int = 64,
    steps: int = 100,
    batch: int = 64,
    rate: float = 0.05,
    seed: int = 0,
) -> Trained:
    """Train a network of each depth from a start with each variance of the weights.

    weights: sigma_w^2; bias: sigma_b^2.  Layers of `width` tanh units and a linear one of ten;
    `steps` steps of size `rate` on batches of `batch` digits, drawn with replacement.

    >>> found = trainable([0.5, 1.8], 0.05, [3], width=16, steps=60)
    >>> found.accuracy.shape, bool(found.accuracy[0, 1] > 0.3)
    ((1, 2), True)
    """
    for name, values in (("weights", weights), ("depths", depths)):
        if len(values) == 0 or min(values) <= 0:
            raise ValueRangeError(name, got=list(values), allowed="positive numbers, one or more")
    accuracy = [
        train(weights, bias, depth, width=width, steps=steps, batch=batch, rate=rate, seed=seed)
        for depth in depths
    ]
    return Trained(np.array(weights, dtype=float), np.array(depths), np.array(accuracy))
