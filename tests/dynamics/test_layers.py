"""Gradients layer by layer: a network worked out by hand, and ball arithmetic as the judge."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from flint import arb

import gradmath as gm
from gradmath.dynamics import (
    depth_sweep,
    gaussian_start,
    norm,
    one_of_each,
    profile,
    root_mean_square,
    row_norms,
)
from gradmath.errors import ArgumentTypeError, GradmathError, ShapeError, ValueRangeError
from gradmath.verify import balls, sweep

RNG = np.random.Generator(np.random.PCG64(3))
X, Y = RNG.normal(size=(5, 3)), RNG.normal(size=(5, 2))


def test_two_layers_by_hand():
    """z = 0, a = 1/2 twice; the residual is -1/2, and every slope a quarter, every weight 2."""
    net = gm.Network(1, [gm.Dense(1, gm.sigmoid), gm.Dense(1, gm.sigmoid)])
    params = {"W1": [[2.0]], "b1": [-1.0], "W2": [[2.0]], "b2": [-1.0]}
    found = profile(net, params, [[0.5], [0.5]], [[1.0], [1.0]])
    assert found.depth == 2
    assert found.loss == 0.25
    assert [z.tolist() for z in found.z] == [[[0.0], [0.0]]] * 2
    assert [a.tolist() for a in found.a] == [[[0.5], [0.5]]] * 2
    assert [d.tolist() for d in found.delta] == [[[-0.125], [-0.125]], [[-0.25], [-0.25]]]
    assert found.signal.tolist() == [[0.125, 0.125], [0.25, 0.25]]
    assert found.weight_gradient.tolist() == [0.0625, 0.125]
    assert found.bias_gradient.tolist() == [0.125, 0.25]
    assert found.weight_norm.tolist() == [2.0, 2.0]
    assert found.factors.tolist() == [0.5]
    assert found.reach == 0.5


NETS = {
    "sigmoid": gm.Network(3, [gm.Dense(4, gm.sigmoid), gm.Dense(3, gm.sigmoid), gm.Dense(2)]),
    "relu": gm.Network(3, [gm.Dense(6, gm.relu), gm.Dense(2, gm.tanh)]),
    "leaky": gm.Network(3, [gm.Dense(4, gm.leaky_relu, negative_slope=0.2), gm.Dense(2)]),
    "softmax": gm.Network(
        3, [gm.Dense(4, gm.elu), gm.Dense(4, gm.gelu), gm.Dense(2)], loss="softmax_cross_entropy"
    ),
    "linear": gm.Network(3, [gm.Dense(4), gm.Dense(2)], loss=gm.huber),
}


@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize("scale", [1.0, 6.0, 1e-60])
def test_every_layer_against_ball_arithmetic(name, scale):
    net = NETS[name]
    params = {k: scale * v for k, v in gaussian_start(net, 1.0, 0.3, seed=2).items()}
    y = np.array([0, 1, 1, 0, 1]) if name == "softmax" else Y
    found = profile(net, params, X, y)
    true = sweep.sweep(sweep.setting(net, params, X, y), 2048)
    with balls.precision(2048):
        assert found.loss == pytest.approx(float(true.loss.mid()), rel=1e-12)
        for k in range(found.depth):
            close(found.z[k], true.pres[k].transpose())
            close(found.a[k], true.posts[k + 1].transpose())
            close(found.delta[k], true.deltas[k].transpose() * len(X))
            close_norm(found.weight_gradient[k], true.grads[f"W{k + 1}"].entries())
            close_norm(found.bias_gradient[k], true.grads[f"b{k + 1}"].entries())
            for i in range(len(X)):
                column = [true.deltas[k][j, i] * len(X) for j in range(true.deltas[k].nrows())]
                close_norm(found.signal[k, i], column)


def close(array, table):
    expected = np.array([float(v.mid()) for v in table.entries()]).reshape(array.shape)
    room = 1e-11 * np.abs(expected).max() + 1e-320
    np.testing.assert_allclose(array, expected, rtol=0, atol=room)


def close_norm(number, entries):
    expected = float(sum((v * v for v in entries), arb(0)).sqrt().mid())
    assert number == pytest.approx(expected, rel=1e-11, abs=1e-320)


def test_the_gradients_are_those_of_the_kernel():
    net = NETS["sigmoid"]
    params = net.init(seed=4)
    loss, grads = gm.compile(gm.derive(net))(params, X, Y)
    found = profile(net, params, X, Y)
    assert found.loss == loss
    assert set(found.gradient) == set(grads)
    for name, value in grads.items():
        np.testing.assert_array_equal(found.gradient[name], value)


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_other_types_stay_what_they_are(dtype):
    net = NETS["softmax"]
    params = {k: v.astype(dtype) for k, v in net.init(seed=4).items()}
    found = profile(net, params, X.astype(dtype), np.array([0, 1, 1, 0, 1]))
    assert found.gradient["W1"].dtype == found.z[0].dtype == np.dtype(dtype)
    assert found.signal.dtype == np.float64


def test_norms_neither_overflow_nor_underflow():
    assert norm([3e-200, 4e-200]) == 5e-200
    huge = 2.0**900
    assert norm([[3 * huge], [4 * huge]]) == 5 * huge
    assert norm([5e-324]) == 5e-324
    assert norm([0.0, 0.0]) == 0.0
    assert norm([1.0, np.inf]) == np.inf
    assert norm([1.7e308, 1.7e308]) == np.inf
    assert np.isnan(norm([1.0, np.nan]))
    assert np.isnan(norm([np.inf, np.nan]))
    assert row_norms(np.array([[3e-170, 4e-170], [6e170, 8e170]])).tolist() == pytest.approx(
        [5e-170, 1e171], rel=1e-15
    )
    assert root_mean_square([3e-200, 3e-200, 3e-200]) == pytest.approx(3e-200, rel=1e-15)
    assert root_mean_square([]) == 0.0


def test_a_signal_far_below_the_square_root_of_the_smallest_number_is_measured():
    net = gm.Network(1, [gm.Dense(1, gm.sigmoid)] * 40)
    params = {k: np.full(s, 1e-6 if k[0] == "W" else 0.0) for k, s in net.shapes.items()}
    found = profile(net, params, [[0.5]], [[1.0]])
    np.testing.assert_allclose(found.factors, 0.25e-6, rtol=1e-5)
    assert 0 < found.signal[0, 0] < 1e-200


def test_what_is_found_is_read_only_and_survives_a_pickle():
    found = profile(NETS["relu"], NETS["relu"].init(seed=1), X, Y)
    with pytest.raises(ValueError, match="read-only"):
        found.signal[0] = 1
    with pytest.raises(ValueError, match="read-only"):
        found.gradient["W1"][0] = 1
    again = pickle.loads(pickle.dumps(found))
    assert again.gradient["W1"].tolist() == found.gradient["W1"].tolist()
    assert again.reach == found.reach


def test_factors_of_a_chain_by_one_dial():
    """With b = -w/2 every activation stays 1/2 and every layer multiplies by w/4."""
    for w in (2.0, 4.0, 8.0):
        net = gm.Network(1, [gm.Dense(1, gm.sigmoid)] * 12)
        params = {k: np.full(s, w if k[0] == "W" else -w / 2) for k, s in net.shapes.items()}
        found = profile(net, params, [[0.5]], [[1.0]])
        assert found.factors.tolist() == [w / 4] * 11
        assert found.reach == (w / 4) ** 11


def test_a_gaussian_start_has_the_spread_it_states():
    net = gm.Network(400, [gm.Dense(300), gm.Dense(1)])
    params = gaussian_start(net, weight=1.5, bias=0.2, seed=1)
    assert params["W1"].std() == pytest.approx(1.5 / 20, rel=0.02)
    assert params["b1"].std() == pytest.approx(0.2, rel=0.15)
    assert (gaussian_start(net, 1.5, 0.0, seed=1)["b1"] == 0).all()


def test_a_depth_sweep_holds_a_profile_for_each_seed():
    x, y = one_of_each()
    found = depth_sweep(
        x, y, depths=(1, 3), width=8, outputs=10, activation="tanh", start_from=(1.2, 0.1), seeds=3
    )
    assert found.depths == (1, 3)
    assert [rows.shape for rows in found.signal] == [(3, 1), (3, 3)]
    assert found.reach.shape == found.loss.shape == (2, 3)
    assert (found.reach[0] == 1).all()
    net = gm.Network(64, [gm.Dense(8, gm.tanh), gm.Dense(8, gm.tanh), gm.Dense(10)])
    one = profile(net, gaussian_start(net, 1.2, 0.1, seed=2), x, y)
    assert found.signal[1][2].tolist() == one.rms_signal.tolist()
    assert found.weight_gradient[1][2].tolist() == one.weight_gradient.tolist()
    assert found.loss[1, 2] == one.loss


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"net": "net"}, ArgumentTypeError, "net: got str"),
        ({"params": 3}, ArgumentTypeError, "params: got int"),
        ({"params": {}}, ArgumentTypeError, "params: got no W1"),
        ({"x": X[:, :2]}, ShapeError, "x: got shape"),
        ({"x": np.where(X > 0, np.nan, X)}, ValueRangeError, "x: got nan"),
        ({"x": [["a"]]}, ArgumentTypeError, "x: got an array of <U1"),
        ({"x": [[1.0], [1.0, 2.0]]}, ArgumentTypeError, "NumPy cannot read"),
        ({"y": Y[:4]}, ShapeError, "y: got shape"),
    ],
)
def test_bad_input_is_named(change, error, words):
    net = NETS["relu"]
    arguments = {"net": net, "params": net.init(seed=0), "x": X, "y": Y} | change
    with pytest.raises(error, match=words):
        profile(**arguments)


def test_bad_starts_and_depths_are_named():
    with pytest.raises(ValueRangeError, match="weight: got -1"):
        gaussian_start(NETS["relu"], weight=-1.0)
    with pytest.raises(ValueRangeError, match="depths: got 0"):
        depth_sweep(X, Y, depths=(0,), width=2, outputs=2)
    with pytest.raises(GradmathError, match="did you mean 'xavier'"):
        depth_sweep(X, Y, depths=(2,), width=2, outputs=2, start_from="xaveir")


@pytest.mark.parametrize("last", [False, True])
def test_the_stream_is_the_derivative_by_the_activations(last):
    """It is what the rest of the network, taken by itself, sends back to its input."""
    net = gm.Network(
        3,
        [
            gm.Dense(3, gm.tanh),
            gm.Dense(3, gm.tanh, residual=True),
            gm.Dense(3, gm.sigmoid, residual=last),
        ],
        loss=gm.squared_error,
    )
    rng = np.random.Generator(np.random.PCG64(4))
    params = {name: rng.standard_normal(shape) for name, shape in net.shapes.items()}
    x, y = rng.standard_normal((1, 3)), rng.standard_normal((1, 3))
    found = profile(net, params, x, y)
    for k in (1, 2):
        rest = gm.Network(3, net.layers[k:], loss=net.loss)
        shifted = {
            f"{name[0]}{int(name[1:]) - k}": value
            for name, value in params.items()
            if int(name[1:]) > k
        }
        by_input = gm.compile(gm.derive(rest))(shifted, found.a[k - 1], y)[1]["x"]
        assert found.stream[k - 1] == pytest.approx(by_input, rel=1e-12)
