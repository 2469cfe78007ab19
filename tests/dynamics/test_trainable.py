"""Many networks trained at once, against the package's own kernels one at a time."""

from __future__ import annotations

import numpy as np
import pytest

import gradmath as gm
from gradmath.dynamics import ten_digits
from gradmath.dynamics.trainable import (
    begin,
    forward,
    gradients,
    standard_digits,
    train,
    trainable,
)
from gradmath.errors import ValueRangeError


def test_gradients_are_those_of_the_kernels():
    depth, width = 4, 7
    w, b = begin([0.8, 2.5], 0.05, depth, width, seed=3)
    data = standard_digits()
    x, digit = data.x[:9].astype(np.float32), data.digit[:9]
    by_w, by_b = gradients(w, forward(w, b, x), digit)
    net = gm.Network(
        64,
        [*[gm.Dense(width, gm.tanh)] * (depth - 1), gm.Dense(10)],
        loss=gm.losses["softmax_cross_entropy"],
    )
    kernel = gm.compile(gm.derive(net))
    for one in range(2):
        params = {f"W{k + 1}": w[k][one].T.astype(float) for k in range(depth)}
        params |= {f"b{k + 1}": b[k][one, 0].astype(float) for k in range(depth)}
        _, grads = kernel(params, x.astype(float), digit)
        for k in range(depth):
            found = by_w[k][one].T
            assert found == pytest.approx(grads[f"W{k + 1}"], rel=2e-3, abs=2e-6)
            assert by_b[k][one, 0] == pytest.approx(grads[f"b{k + 1}"], rel=2e-3, abs=2e-6)


def test_the_start_has_the_stated_variances():
    w, b = begin([0.5, 2.0], 0.3, depth=3, width=200, seed=0)
    assert [len(w), len(b), w[1].shape, b[1].shape] == [3, 3, (2, 200, 200), (2, 1, 200)]
    assert np.var(w[1], axis=(1, 2)) * 200 == pytest.approx([0.5, 2.0], rel=0.05)
    assert np.var(b[1]) == pytest.approx(0.3, rel=0.3)
    assert (w[1][1] / w[1][0]).mean() == pytest.approx(2, rel=1e-5)  # the same numbers, scaled


def test_the_digits_are_centred_and_scaled_as_a_whole():
    data, raw = standard_digits(), ten_digits()
    assert data.x.mean() == pytest.approx(0, abs=1e-5)
    assert data.x.std() == pytest.approx(1, abs=1e-5)
    shift, scale = raw.x.mean(), raw.x.std()
    assert data.test_x == pytest.approx((raw.test_x - shift) / scale, abs=1e-5)
    assert (data.test_digit == raw.test_digit).all()


def test_shallow_networks_learn_and_deep_ones_only_at_the_edge():
    found = trainable([0.6, 1.76, 3.8], 0.05, [4, 30], width=48, steps=100, rate=0.03)
    assert (found.accuracy[0] > 0.75).all()
    ordered, edge, chaotic = found.accuracy[1]
    assert ordered < 0.2
    assert edge > 0.6
    assert edge > chaotic


def test_what_leaves_the_range_of_floats_counts_as_chance():
    share = train([1.0], 0.0, 2, width=8, steps=20, batch=16, rate=1e40)
    assert share[0] == pytest.approx(0.1)


def test_bad_input():
    for weights, depths in (([], [3]), ([1.0], []), ([-1.0], [3]), ([1.0], [0])):
        with pytest.raises(ValueRangeError, match="positive"):
            trainable(weights, 0.05, depths)
