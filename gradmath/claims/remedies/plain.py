"""The experiment once more, in plain NumPy: nothing here uses the package but the names of arms.

Forward pass, backward pass, starts, batches and updates are written out, so that a slip in the
package's kernels, derivations or training would give other numbers.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator
from typing import Any

SIZES = (64, 32, 32, 32, 32, 32, 10)
UPDATES, BATCH, TEST, LOOKED_AT = 600, 64, 497, 250
STEPS = {"vanishing": 0.5, "exploding": 0.1}

Array = Any  # NumPy is imported when a claim is run
Layers = list[tuple[Array, Array]]


@functools.cache
def digits() -> tuple[Array, Array, Array, Array]:
    """Images and digits to learn from, then those to test with."""
    import numpy as np
    from sklearn.datasets import load_digits

    pixels, digit = load_digits(return_X_y=True)
    order = np.random.Generator(np.random.PCG64(0)).permutation(len(pixels))
    x, digit = pixels[order] / 16, digit[order]
    return x[TEST:], digit[TEST:], x[:TEST], digit[:TEST]


def _functions(setting: str, arm: str) -> tuple[Callable[[Array], Array], Callable[[Array], Array]]:
    """Activation of the hidden layers, and its slope as a function of the activation."""
    import numpy as np
    from scipy.special import expit

    hidden = "relu" if setting == "exploding" else "sigmoid"
    for name in ("relu", "tanh"):
        if arm.startswith(name):
            hidden = name
    return {
        "sigmoid": (expit, lambda a: a * (1 - a)),
        "tanh": (np.tanh, lambda a: 1 - a * a),
        "relu": (lambda z: np.maximum(z, 0), lambda a: (a > 0) * 1.0),
    }[hidden]


def start(setting: str, arm: str, seed: int) -> Layers:
    """The weights and biases of every layer before the first update."""
    import numpy as np

    rng, made = np.random.Generator(np.random.PCG64(seed)), []
    for n, m in itertools.pairwise(SIZES):
        if arm == "lsuv":
            q, r = np.linalg.qr(rng.standard_normal((max(m, n), min(m, n))))
            q = q * np.sign(np.diagonal(r))
            w = q if m >= n else q.T
        elif arm.endswith("xavier"):
            w = rng.uniform(-1, 1, (m, n)) * np.sqrt(6 / (n + m))
        elif arm.endswith("he"):
            w = rng.standard_normal((m, n)) * np.sqrt(2 / n)
        elif setting == "exploding":
            w = rng.standard_normal((m, n)) * 3 / np.sqrt(n)
            rng.standard_normal(m)  # biases are drawn too, and multiplied by 0
        else:
            w = rng.uniform(-1, 1, (m, n)) / np.sqrt(n)
        made.append((w, np.zeros(m)))
    if arm == "lsuv":
        a, phi = digits()[0][:LOOKED_AT], _functions(setting, arm)[0]
        for k, (w, b) in enumerate(made):
            z = a @ w.T
            made[k] = (w / z.std(), b)
            a = phi(z / z.std())
    return made


def _forward(setting: str, arm: str, layers: Layers, x: Array) -> list[Array]:
    """Activations of every layer, the input first; of the last layer the pre-activations."""
    phi = _functions(setting, arm)[0]
    seen = [x]
    for k, (w, b) in enumerate(layers):
        z = seen[-1] @ w.swapaxes(-1, -2) + b
        a = z if k == len(layers) - 1 else phi(z)
        seen.append(a + seen[-1] if _adds(arm, k) else a)
    return seen


def _adds(arm: str, k: int) -> bool:
    """Whether layer k, counted from 0, adds its input to its activation."""
    return arm == "residual" and k < len(SIZES) - 2 and SIZES[k] == SIZES[k + 1]


def _deltas(setting: str, arm: str, layers: Layers, seen: list[Array], digit: Array) -> list[Array]:
    """Derivatives of each sample's loss by the pre-activations of every layer, first to last."""
    import numpy as np
    from scipy.special import expit, softmax

    target, z = np.eye(10)[digit], seen[-1]
    if setting == "exploding" or arm == "matching-loss":
        delta = softmax(z, axis=-1) - target
    else:
        a = expit(z)
        delta = 2 * (a - target) * a * (1 - a)
    found, slope = [delta], _functions(setting, arm)[1]
    above: Array = 0.0  # what a residual connection hands on, past the layer
    for k in range(len(layers) - 1, 0, -1):
        adjoint = delta @ layers[k][0] + above
        own = seen[k] - seen[k - 1] if _adds(arm, k - 1) else seen[k]
        above = adjoint if _adds(arm, k - 1) else 0.0
        delta = adjoint * slope(own)
        found.insert(0, delta)
    return found


def reach(setting: str, arm: str, seed: int) -> float:
    """Before the first update: the signal of the first layer over that of the last."""
    import numpy as np

    x, digit, _, _ = digits()
    layers = start(setting, arm, seed)
    seen = _forward(setting, arm, layers, x[:LOOKED_AT])
    deltas = _deltas(setting, arm, layers, seen, digit[:LOOKED_AT])
    sizes = [np.sqrt((delta**2).sum(axis=1).mean()) for delta in (deltas[0], deltas[-1])]
    return float(sizes[0] / sizes[1])


def batches(seed: int, count: int) -> Iterator[Array]:
    """The samples of one update after the other."""
    import numpy as np

    rng = np.random.Generator(np.random.PCG64(1000 + seed))
    while True:
        order = rng.permutation(count)
        for first in range(0, count - BATCH + 1, BATCH):
            yield order[first : first + BATCH]


def accuracies(setting: str, arm: str, seeds: int) -> list[float]:
    """The shares of the test images told right after 600 updates; a NaN is right nowhere.

    All seeds are trained side by side: the first axis of every array counts them.
    """
    import numpy as np

    x, digit, test_x, test_digit = digits()
    starts, step = [start(setting, arm, seed) for seed in range(seeds)], STEPS[setting]
    layers = [
        (np.stack([w for w, _ in layer]), np.stack([b for _, b in layer])[:, None, :])
        for layer in zip(*starts, strict=True)
    ]
    drawn = [batches(seed, len(x)) for seed in range(seeds)]
    with np.errstate(all="ignore"):
        for _ in range(UPDATES):
            index = np.stack([next(each) for each in drawn])
            seen = _forward(setting, arm, layers, x[index])
            deltas = _deltas(setting, arm, layers, seen, digit[index])
            grads = [
                (d.swapaxes(1, 2) @ a / BATCH, d.mean(axis=1, keepdims=True))
                for d, a in zip(deltas, seen[:-1], strict=True)
            ]
            if arm == "l2":
                grads = [(g + 1e-3 * w, h) for (g, h), (w, _) in zip(grads, layers, strict=True)]
            if arm == "clip-norm":
                squares = [(part**2).sum(axis=(1, 2), keepdims=True) for g in grads for part in g]
                norm = np.maximum(np.sqrt(sum(squares)), 1)
                grads = [(g / norm, h / norm) for g, h in grads]
            layers = [
                (w - step * g, b - step * h) for (w, b), (g, h) in zip(layers, grads, strict=True)
            ]
        answer = _forward(setting, arm, layers, test_x)[-1]
    right = (answer.argmax(axis=-1) == test_digit) & np.isfinite(answer).all(axis=-1)
    return [float(share) for share in right.mean(axis=1)]
