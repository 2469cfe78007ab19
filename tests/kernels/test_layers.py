"""Network kernels: gradients against central differences of exact rationals, shapes, bad input."""

from __future__ import annotations

import math

import array_api_strict as strict
import numpy as np
import pytest

import gradmath as gm
from gradmath.errors import GradmathError
from gradmath.program import program_of

RNG = np.random.Generator(np.random.PCG64(1))
NET = gm.Network(inputs=3, layers=[gm.Dense(4, gm.tanh), gm.Dense(2)], loss=gm.squared_error)
KERNEL = gm.compile(gm.derive(NET))
PARAMS = NET.init(seed=0)
X, Y = RNG.normal(size=(5, 3)), RNG.normal(size=(5, 2))


def reference(params: dict, x: np.ndarray, y: np.ndarray) -> tuple[float, dict]:
    """The textbook sweep, written out for this one network."""
    z1 = x @ params["W1"].T + params["b1"]
    a1 = np.tanh(z1)
    z2 = a1 @ params["W2"].T + params["b2"]
    d2 = 2 * (z2 - y) / len(x)
    d1 = d2 @ params["W2"] / np.cosh(z1) ** 2
    return ((z2 - y) ** 2).sum() / len(x), {
        "W1": d1.T @ x, "b1": d1.sum(0), "W2": d2.T @ a1, "b2": d2.sum(0), "x": d1 @ params["W1"],
    }  # fmt: skip


def test_loss_and_gradients() -> None:
    loss, grads = KERNEL(PARAMS, X, Y)
    expected, want = reference(PARAMS, X, Y)
    assert math.isclose(loss, expected, rel_tol=1e-14)
    assert list(grads) == ["W1", "b1", "W2", "b2", "x"]
    for name, value in want.items():
        assert grads[name].shape == value.shape
        assert grads[name].dtype == np.float64
        np.testing.assert_allclose(grads[name], value, rtol=1e-12, atol=1e-15)


RESIDUAL = gm.Network(3, [gm.Dense(3, gm.tanh, residual=True), gm.Dense(2),
                          gm.Dense(2, gm.sigmoid, residual=True)])  # fmt: skip


def residual_reference(params: dict, x: np.ndarray, y: np.ndarray) -> tuple[float, dict]:
    """The sweep with both paths, written out for the residual network."""
    z1 = x @ params["W1"].T + params["b1"]
    a1 = x + np.tanh(z1)
    a2 = a1 @ params["W2"].T + params["b2"]
    z3 = a2 @ params["W3"].T + params["b3"]
    a3 = a2 + 1 / (1 + np.exp(-z3))
    g3 = 2 * (a3 - y) / len(x)
    d3 = g3 / (2 * np.cosh(z3 / 2)) ** 2
    d2 = g3 + d3 @ params["W3"]
    g1 = d2 @ params["W2"]
    d1 = g1 / np.cosh(z1) ** 2
    return ((a3 - y) ** 2).sum() / len(x), {
        "W1": d1.T @ x, "b1": d1.sum(0), "W2": d2.T @ a1, "b2": d2.sum(0),
        "W3": d3.T @ a2, "b3": d3.sum(0), "x": g1 + d1 @ params["W1"],
    }  # fmt: skip


@pytest.mark.parametrize("backend", ["numpy", "array_api"])
def test_residual_layers_on_every_backend(backend: str) -> None:
    kernel, params = gm.compile(gm.derive(RESIDUAL), backend=backend), RESIDUAL.init(seed=3)
    assert params.keys() == RESIDUAL.shapes.keys()
    loss, grads = kernel(params, X, Y)
    expected, want = residual_reference(params, X, Y)
    assert math.isclose(loss, expected, rel_tol=1e-14)
    for name, value in want.items():
        np.testing.assert_allclose(grads[name], value, rtol=1e-12, atol=1e-15)


def test_what_lies_between_in_a_residual_network() -> None:
    _, grads, inner = gm.compile(gm.derive(RESIDUAL)).trace(RESIDUAL.init(seed=3), X, Y)
    np.testing.assert_allclose(inner["a1"], X + np.tanh(inner["z1"]), rtol=1e-15)
    np.testing.assert_allclose(grads["b3"], inner["delta3"].sum(axis=0), rtol=1e-12)
    found = gm.diagnose(RESIDUAL, RESIDUAL.init(seed=3), X, Y)
    assert found.verdict == "steady", found


def test_a_silent_residual_layer_passes_everything_on() -> None:
    """With W = 0 and tanh, a stack of any depth is the identity, forward and back."""
    net = gm.Network(3, [gm.Dense(3, gm.tanh, residual=True)] * 60)
    silent = {name: np.zeros(shape) for name, shape in net.shapes.items()}
    y = RNG.normal(size=(5, 3))
    loss, grads = gm.compile(gm.derive(net))(silent, X, y)
    assert math.isclose(loss, ((X - y) ** 2).sum() / 5, rel_tol=1e-14)
    np.testing.assert_allclose(grads["x"], 2 * (X - y) / 5, rtol=1e-15)


@pytest.mark.parametrize("activation", ["tanh", "gelu", "identity"])
def test_a_program_with_residual_layers_grows_linearly(activation: str) -> None:
    def length(depth: int) -> int:
        layers = [gm.Dense(4, activation, residual=True)] * depth
        return len(program_of(gm.derive(gm.Network(4, layers))))

    assert length(61) - length(31) == 30 * (length(32) - length(31))


def test_sum_is_the_batch_times_the_mean() -> None:
    mean, grads = KERNEL(PARAMS, X, Y)
    total, summed = KERNEL(PARAMS, X, Y, reduce="sum")
    assert math.isclose(total, 5 * mean, rel_tol=1e-14)
    np.testing.assert_allclose(summed["W1"], 5 * grads["W1"], rtol=1e-13)


@pytest.mark.parametrize("loss", list(gm.losses))
def test_every_loss_runs_on_every_library(loss: str) -> None:
    net = gm.Network(3, [gm.Dense(4, "gelu"), gm.Dense(3)], loss=loss)
    kernel, params = gm.compile(gm.derive(net)), net.init(seed=2)
    y = np.array([0, 2, 1, 1, 0]) if loss == "softmax_cross_entropy" else RNG.random((5, 3))
    value, grads = kernel(params, X, y)
    device = strict.Device("device1")
    moved = {k: strict.asarray(v, device=device) for k, v in params.items()}
    other, strict_grads = kernel(
        moved, strict.asarray(X, device=device), strict.asarray(y, device=device)
    )
    assert math.isclose(float(other), value, rel_tol=1e-13)
    for name, gradient in grads.items():
        host = np.asarray(strict_grads[name].to_device(strict.Device("CPU_DEVICE")))
        np.testing.assert_allclose(host, gradient, rtol=1e-11, atol=1e-15)


def test_classes_and_one_hot_rows_are_the_same() -> None:
    net = gm.Network(3, [gm.Dense(4)], loss="softmax_cross_entropy")
    kernel, params = gm.compile(gm.derive(net)), net.init(seed=0)
    classes = np.array([0, 3, 1, 2, 2])
    by_class, grads = kernel(params, X, classes)
    by_row, row_grads = kernel(params, X, np.eye(4)[classes])
    assert by_class == by_row
    assert np.array_equal(grads["W1"], row_grads["W1"])


def test_a_confident_softmax_keeps_its_small_gradient() -> None:
    """p - y with p rounded to 1 would be 0; the sum of the others is exp(-60)."""
    net = gm.Network(1, [gm.Dense(3)], loss="softmax_cross_entropy")
    params = {"W1": np.array([[60.0], [0.0], [0.0]]), "b1": np.zeros(3)}
    loss, grads = gm.compile(gm.derive(net))(params, np.ones((1, 1)), np.array([0]))
    assert math.isclose(loss, 2 * math.exp(-60), rel_tol=1e-15)
    assert math.isclose(grads["b1"][0], -2 * math.exp(-60), rel_tol=1e-14)


def test_float32_stays_float32() -> None:
    loss, grads = KERNEL(NET.init(seed=0, dtype="float32"), X.astype("float32"), Y)
    assert loss.dtype == np.float32
    assert all(g.dtype == np.float32 for g in grads.values())


def test_a_single_output_takes_a_flat_target() -> None:
    net = gm.Network(3, [gm.Dense(1)])
    kernel, params = gm.compile(gm.derive(net)), net.init(seed=0)
    assert kernel(params, X, Y[:, 0])[0] == kernel(params, X, Y[:, :1])[0]


def test_out_arrays_receive_the_gradients() -> None:
    out = {"W1": np.empty((4, 3)), "b2": np.empty(2)}
    _, grads = KERNEL(PARAMS, X, Y, out=out)
    assert grads["W1"] is out["W1"]
    np.testing.assert_array_equal(out["b2"], KERNEL(PARAMS, X, Y)[1]["b2"])


def test_a_saturated_network_keeps_its_gradient() -> None:
    """1 - tanh^2 is 0 at z = 40; sech^2 is not."""
    net = gm.Network(1, [gm.Dense(1, gm.tanh)])
    params = {"W1": np.array([[40.0]]), "b1": np.zeros(1)}
    _, grads = gm.compile(gm.derive(net))(params, np.ones((1, 1)), np.zeros((1, 1)))
    assert math.isclose(grads["W1"][0, 0], 8 * math.exp(-80), rel_tol=1e-12)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"params": {}}, "no W1"),
        ({"params": {**PARAMS, "W3": X}}, "'W3'"),
        ({"params": {**PARAMS, "W1": PARAMS["W1"].T}}, r"W1: got shape \(3, 4\)"),
        ({"params": {**PARAMS, "b1": 0.0}}, "b1: got a number"),
        ({"params": [1]}, "params"),
        ({"x": X.T}, r"x: got shape \(3, 5\)"),
        ({"x": X[0]}, "x"),
        ({"x": np.empty((0, 3)), "y": np.empty((0, 2))}, "empty"),
        ({"x": np.where(X.max() - 1e-9 < X, np.nan, X)}, "x: got nan"),
        ({"y": Y[:3]}, "y: got shape"),
        ({"y": np.array([0, 1, 0, 1, 0])}, "y: got shape"),
        ({"x": strict.asarray(X)}, "x and"),
        ({"x": X.astype(complex)}, "x: got an array of complex"),
        ({"reduce": "none"}, "reduce"),
        ({"out": {"W1": np.empty((3, 4))}}, "W1"),
        ({"out": {"w": np.empty((3, 4))}}, "out: got 'w'"),
    ],
)
def test_bad_arguments_are_named(change: dict, word: str) -> None:
    arguments = {"params": PARAMS, "x": X, "y": Y, **change}
    with pytest.raises(GradmathError, match=word):
        KERNEL(**arguments)


@pytest.mark.parametrize("classes", [[0, 1, 2, 3, 9], [0, 1, 2, -1, 0], [0.0, 1.0, 2.0, 1.0, 0.0]])
def test_classes_out_of_range_are_refused(classes: list) -> None:
    net = gm.Network(3, [gm.Dense(4)], loss="softmax_cross_entropy")
    with pytest.raises(GradmathError, match="y: got"):
        gm.compile(gm.derive(net))(net.init(), X, np.array(classes))


@pytest.mark.parametrize("reduce", ["mean", "sum"])
def test_a_trace_is_the_call_and_what_lies_between(reduce) -> None:
    loss, grads, inner = KERNEL.trace(PARAMS, X, Y, reduce=reduce)
    again, expected = KERNEL(PARAMS, X, Y, reduce=reduce)
    assert loss == again
    for name, value in expected.items():
        np.testing.assert_array_equal(grads[name], value)
    assert set(inner) == {"z1", "a1", "delta1", "z2", "a2", "delta2"}
    z1 = X @ PARAMS["W1"].T + PARAMS["b1"]
    np.testing.assert_allclose(inner["z1"], z1, rtol=1e-13)
    np.testing.assert_allclose(inner["a1"], np.tanh(z1), rtol=1e-13)
    z2 = np.tanh(z1) @ PARAMS["W2"].T + PARAMS["b2"]
    np.testing.assert_allclose(inner["a2"], z2, rtol=1e-12)
    delta2 = 2 * (z2 - Y) / (5 if reduce == "mean" else 1)
    np.testing.assert_allclose(inner["delta2"], delta2, rtol=1e-12)
    delta1 = delta2 @ PARAMS["W2"] / np.cosh(z1) ** 2
    np.testing.assert_allclose(inner["delta1"], delta1, rtol=1e-12)


def test_a_trace_works_on_other_libraries_and_refuses_what_a_call_refuses() -> None:
    params = {name: strict.asarray(value) for name, value in PARAMS.items()}
    loss, _, inner = KERNEL.trace(params, strict.asarray(X), strict.asarray(Y))
    ours = KERNEL.trace(PARAMS, X, Y)
    assert float(loss) == pytest.approx(float(ours[0]), rel=1e-14)
    for name, value in ours[2].items():
        np.testing.assert_allclose(np.asarray(inner[name]), value, rtol=1e-12)
    broken = np.where(X.max() == X, np.nan, X)
    with pytest.raises(GradmathError, match="x: got nan"):
        KERNEL.trace(PARAMS, broken, Y)
    with np.errstate(invalid="ignore"):
        assert np.isnan(KERNEL.trace(PARAMS, broken, Y, check_finite=False)[0])
    with pytest.raises(GradmathError, match="reduce: got 'man'"):
        KERNEL.trace(PARAMS, X, Y, reduce="man")
