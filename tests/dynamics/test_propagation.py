"""Random layers and networks, drawn many times, against the same written out in loops."""

from __future__ import annotations

import numpy as np
import pytest

from gradmath.dynamics.propagation import jacobian_spectrum, one_layer, relu_stretch
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


def test_a_spectrum_by_hand():
    width, depth, weight, bias, q = 5, 3, 1.7, 0.1, 0.8
    found = jacobian_spectrum(
        "tanh", orthogonal=False, weight=weight, bias=bias, q=q, width=width, depth=depth, seed=6
    )
    rng = np.random.Generator(np.random.PCG64(6))
    a = rng.standard_normal(width)
    a *= np.sqrt((q - bias) / weight * width) / np.linalg.norm(a)
    jacobian = np.eye(width)
    for _ in range(depth):
        w = rng.standard_normal((width, width)) * np.sqrt(weight / width)
        z = w @ a + np.sqrt(bias) * rng.standard_normal(width)
        jacobian = np.diag(np.cosh(z) ** -2.0) @ w @ jacobian
        a = np.tanh(z)
    assert found == pytest.approx(np.linalg.svd(jacobian, compute_uv=False))


def test_orthogonal_weights_keep_lengths_and_relu_does_not():
    isometric = jacobian_spectrum("identity", orthogonal=True, weight=1.0, width=9, depth=7)
    assert isometric == pytest.approx(np.ones(9))
    relu = jacobian_spectrum("relu", orthogonal=True, weight=2.0, width=9, depth=1)
    assert np.sort(relu)[0] == pytest.approx(0, abs=1e-12)
    assert relu.max() == pytest.approx(np.sqrt(2))


def test_a_bias_above_the_variance_is_refused():
    with pytest.raises(ValueRangeError, match="below q"):
        jacobian_spectrum("tanh", orthogonal=True, weight=1.0, bias=0.5, q=0.5, width=3, depth=2)
