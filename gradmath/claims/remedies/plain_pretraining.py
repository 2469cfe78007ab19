"""Greedy pre-training once more, in plain NumPy: nothing here uses the package.

The runs differ in their random numbers alone, so they are made side by side, as stacks of matrices
with one of each run.
"""

from __future__ import annotations

from typing import Any

from gradmath.claims.remedies import plain

Array = Any  # NumPy is imported when a claim is run
Stack = list[tuple[Array, Array]]  # of every layer: weights (runs, out, in), biases (runs, 1, out)


def accuracies(runs: int) -> tuple[float, ...]:
    """The share of the test images told right at the end, of the runs with seeds 0, 1, ..."""
    import numpy as np

    x, digit, test_x, test_digit = plain.digits()
    made = [plain.start("vanishing", "pretraining", seed) for seed in range(runs)]
    layers: Stack = [
        (np.array([w for w, _ in each]), np.array([b for _, b in each])[:, None])
        for each in zip(*made, strict=True)
    ]
    *hidden, last = layers
    seen, seeds = np.broadcast_to(x, (runs, *x.shape)), range(runs)
    for k, layer in enumerate(hidden):
        # below a last layer of its own, on what the layers before hand on
        hidden[k], top = _trained([layer, last], seen, digit, [s + k + 1 for s in seeds])
        seen = _forward([hidden[k]], seen)[-1]
    whole = _trained([*hidden, top], np.broadcast_to(x, (runs, *x.shape)), digit, list(seeds))
    right = _forward(whole, test_x)[-1].argmax(axis=-1) == test_digit
    return tuple(map(float, right.mean(axis=-1)))


def _forward(layers: Stack, x: Array) -> list[Array]:
    """The activations of every layer, the input first: sigmoids, to the last layer."""
    from scipy.special import expit

    seen = [x]
    for w, b in layers:
        seen.append(expit(seen[-1] @ w.swapaxes(1, 2) + b))
    return seen


def _trained(layers: Stack, x: Array, digit: Array, seeds: list[int]) -> Stack:
    """The layers after 600 updates by plain descent on the squared error."""
    import numpy as np

    draws = [plain.batches(seed, len(digit)) for seed in seeds]
    run, step = np.arange(len(seeds))[:, None], plain.STEPS["vanishing"]
    for _ in range(plain.UPDATES):
        index = np.array([next(draw) for draw in draws])
        seen = _forward(layers, x[run, index])
        delta = 2 * (seen[-1] - np.eye(10)[digit[index]]) / plain.BATCH
        after: Stack = []
        for (w, b), above, below in zip(layers[::-1], seen[:0:-1], seen[-2::-1], strict=True):
            delta = delta * above * (1 - above)
            change = delta.swapaxes(1, 2) @ below, delta.sum(axis=1, keepdims=True)
            after.insert(0, (w - step * change[0], b - step * change[1]))
            delta = delta @ w
        layers = after
    return layers
