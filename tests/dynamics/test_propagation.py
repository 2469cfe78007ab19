"""Random layers and networks, drawn many times, against the same written out in loops."""

from __future__ import annotations

import numpy as np
import pytest

from gradmath.dynamics.propagation import one_layer, relu_stretch
from gradmath.errors import ValueRangeError


def test_one_layer_by_hand():
    width, q, weight = 3, 0.7, 1.3
    found = one_layer("tanh", width=width, q=q, weight=weight, draws=5, seed=2)
    rng = np.random.Generator(np.random.PCG64(2))
    w = rng.standard_normal((5, width, width)) * np.sqrt(weight / width)
    signs = rng.integers(0, 2, (5, width)) * 2.0 - 1.0
    a = np.array([np.sqrt(q * width / weight), 0.0, 0.0])
    for k in range(5):
        jacobian = np.diag(np.cosh(w[k] @ a) ** -2.0) @ w[k]
        assert found.forward[k] == pytest.approx(np.sum((jacobian @ [0, 1, 0]) ** 2))
        signal = signs[k] / np.sqrt(width)
        assert found.backward[k] == pytest.approx(np.sum((jacobian.T @ signal) ** 2))


def test_the_stretch_of_relu_networks_by_hand():
    width, depth, draws = 6, 3, 4
    found = relu_stretch(width, depth, draws, seed=9)
    rng = np.random.Generator(np.random.PCG64(9))
    a, v = rng.standard_normal((draws, width)), rng.standard_normal((draws, width))
    jacobians = [np.eye(width)] * draws
    for _ in range(depth):
        w = rng.standard_normal((draws, width, width)) * np.sqrt(2 / width)
        for k in range(draws):
            z = w[k] @ a[k]
            jacobians[k] = np.diag((z > 0).astype(float)) @ w[k] @ jacobians[k]
            a[k] = np.maximum(z, 0)
    sizes = [np.sum((jacobians[k] @ v[k]) ** 2) / np.sum(v[k] ** 2) for k in range(draws)]
    alive = [np.log(size) for size in sizes if size > 0]
    assert found == pytest.approx(alive)


def test_dead_networks_are_left_out():
    found = relu_stretch(width=2, depth=6, draws=400)
    assert np.isfinite(found).all()
    assert 0 < len(found) < 300


def test_runs_repeat_and_seeds_differ():
    first, same = (relu_stretch(5, 2, 30, seed=1) for _ in range(2))
    assert (first == same).all()
    assert (one_layer("relu", width=4, draws=9, seed=1).forward
            != one_layer("relu", width=4, draws=9, seed=2).forward).any()  # fmt: skip


def test_bad_input():
    with pytest.raises(ValueRangeError, match="width"):
        one_layer("tanh", width=0, draws=3)
    with pytest.raises(ValueRangeError, match="draws"):
        one_layer("tanh", width=2, draws=0)
