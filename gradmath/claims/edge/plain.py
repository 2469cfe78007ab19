"""Training from the edge once more, in plain NumPy and SciPy: nothing here uses the package."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

Array = Any  # NumPy is imported when a claim is run
TEST, CLASSES = 497, 10


def depth_scale(weight: float, bias: float) -> float:
    """1/|log chi| of wide tanh layers at rest: sums over a fine grid, and bracketing."""
    import numpy as np
    from scipy.optimize import brentq

    z = np.linspace(-12, 12, 24001)
    law = np.exp(-z * z / 2) * (z[1] - z[0]) / np.sqrt(2 * np.pi)

    def surplus(q: float) -> float:
        """How much the next layer's mean square is above this one's."""
        return float(weight * (np.tanh(np.sqrt(q) * z) ** 2 @ law) + bias - q)

    q = brentq(surplus, bias, weight + bias, xtol=1e-14)
    chi = weight * float((1 - np.tanh(np.sqrt(q) * z) ** 2) ** 2 @ law)
    return 1 / abs(float(np.log(chi)))


def _digits() -> tuple[Array, Array, Array, Array]:
    import numpy as np
    from sklearn.datasets import load_digits

    pixels, digit = load_digits(return_X_y=True)
    order = np.random.Generator(np.random.PCG64(0)).permutation(len(pixels))
    x, digit = pixels[order] / 16, digit[order]
    x = (x - x[TEST:].mean()) / x[TEST:].std()
    return x[TEST:], digit[TEST:], x[:TEST], digit[:TEST]


def accuracies(
    weights: Sequence[float],
    bias: float,
    depths: Sequence[int],
    *,
    width: int,
    steps: int,
    batch: int,
    rate: float,
    seed: int,
) -> Array:
    """Shares of the unseen digits told right, (depths, weights), in double precision."""
    import numpy as np

    sizes = [[64, *[width] * (depth - 1), CLASSES] for depth in depths]
    return np.array([_trained(weights, bias, each, steps, batch, rate, seed) for each in sizes])


def _trained(
    weights: Sequence[float],
    bias: float,
    sizes: list[int],
    steps: int,
    batch: int,
    rate: float,
    seed: int,
) -> Array:
    """All networks of one depth; the first axis of every array counts the weights' variances."""
    import numpy as np

    x, digit, test_x, test_digit = _digits()
    rng = np.random.Generator(np.random.PCG64(seed))
    w, b = [], []
    for n, m in itertools.pairwise(sizes):
        drawn = rng.standard_normal((n, m))
        w.append(np.stack([drawn * np.sqrt(weight / n) for weight in weights]))
        shift = rng.standard_normal(m) * np.sqrt(bias)
        b.append(np.stack([shift[None, :]] * len(weights)))
    rng = np.random.Generator(np.random.PCG64(seed + 1))
    with np.errstate(all="ignore"):
        for _ in range(steps):
            chosen = rng.integers(0, len(x), batch)
            seen = _forward(w, b, x[chosen])
            chances = np.exp(seen[-1] - seen[-1].max(axis=-1, keepdims=True))
            delta = chances / chances.sum(axis=-1, keepdims=True)
            delta = (delta - np.eye(CLASSES)[digit[chosen]]) / batch
            for k in reversed(range(len(w))):
                below = delta @ np.swapaxes(w[k], 1, 2) if k else delta
                w[k] -= rate * (np.swapaxes(seen[k], -1, -2) @ delta)
                b[k] -= rate * delta.sum(axis=1, keepdims=True)
                delta = below * (1 - seen[k] * seen[k]) if k else delta
        answer = _forward(w, b, test_x)[-1]
    right = (answer.argmax(axis=-1) == test_digit).mean(axis=1)
    return np.where(np.isfinite(answer).all(axis=(1, 2)), right, 1 / CLASSES)


def _forward(w: list[Array], b: list[Array], x: Array) -> list[Array]:
    import numpy as np

    seen = [x]
    for k, (matrix, shift) in enumerate(zip(w, b, strict=True)):
        z = seen[-1] @ matrix
        z += shift
        seen.append(np.tanh(z, out=z) if k < len(w) - 1 else z)
    return seen
