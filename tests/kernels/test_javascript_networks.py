"""Networks and whole rows in JavaScript, beside NumPy's."""

from __future__ import annotations

import math

import numpy as np
import pytest

import gradmath as gm
from gradmath.kernels.javascript.runner import JavascriptRunner
from gradmath.kernels.numpy.runner import NumpyRunner
from gradmath.program import Builder, softmax_cross_entropy
from tests.kernels.in_node import both


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("loss", list(gm.losses))
def test_networks_agree_with_numpys(loss: str, dtype: str) -> None:
    skip = gm.Dense(4, "mish", residual=True)
    net = gm.Network(3, [gm.Dense(4, "gelu"), skip, gm.Dense(3)], loss=loss)
    rng = np.random.Generator(np.random.PCG64(1))
    x = rng.normal(size=(70, 3)).astype(dtype)
    y = rng.integers(0, 3, 70) if loss == "softmax_cross_entropy" else rng.random((70, 3))
    y = y if loss == "softmax_cross_entropy" else y.astype(dtype)
    params = net.init(seed=2, dtype=dtype)
    for reduce in ("mean", "sum"):
        got, want = both(gm.derive(net), params, x, y, reduce=reduce)
        (loss_got, grads), (right, slopes) = got, want
        assert loss_got.dtype == right.dtype == np.dtype(dtype)
        room = 40 * float(np.finfo(dtype).eps)
        assert math.isclose(loss_got, right, rel_tol=room)
        for name, slope in slopes.items():
            assert grads[name].dtype == slope.dtype
            np.testing.assert_allclose(
                grads[name], slope, rtol=100 * room, atol=room * float(np.abs(slope).max())
            )


def test_a_trace_and_out_arrays() -> None:
    net = gm.Network(3, [gm.Dense(4, gm.tanh), gm.Dense(2)])
    kernel, params = gm.compile(gm.derive(net), "javascript"), net.init(seed=0)
    rng = np.random.Generator(np.random.PCG64(1))
    x, y = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    loss, grads, inner = kernel.trace(params, x, y)
    right, slopes, between = gm.compile(gm.derive(net), "numpy").trace(params, x, y)
    assert math.isclose(loss, right, rel_tol=1e-14)
    for got, want in ((grads, slopes), (inner, between)):
        assert set(got) == set(want)
        for name, value in want.items():
            np.testing.assert_allclose(got[name], value, rtol=1e-12, atol=1e-15)
    out = {"W1": np.empty((4, 3))}
    assert kernel(params, x, y, out=out)[1]["W1"] is out["W1"]
    np.testing.assert_array_equal(out["W1"], grads["W1"])


def test_rows_of_a_softmax_and_their_sum() -> None:
    b = Builder()
    logits, targets = b.input("prediction", ("n", "k")), b.input("target", ("n", "k"))
    loss, slope = softmax_cross_entropy(b, logits, targets)
    program = b.build({"loss": loss, "gradient": slope}, ["prediction", "target"])
    rows = np.array([[1e308, -1e308, 0.0], [60.0, 0.0, 0.0], [1.0, 1.0, 1.0], [-1.0, 2.0, 7.0]])
    values = {"prediction": rows, "target": np.eye(3)[[0, 0, 2, 1]]}
    sizes = {"n": (4,), "k": (3,)}
    got, _ = JavascriptRunner(program).run(values, sizes, np.float64, {})
    want, _ = NumpyRunner(program).run(values, sizes, np.float64, {})
    for name, value in want.items():
        assert got[name].shape == value.shape
        np.testing.assert_allclose(got[name], value, rtol=1e-14, atol=0)
    added, _ = JavascriptRunner(program).run(values, {**sizes, "*": ()}, np.float64, {}, ["loss"])
    assert math.isclose(float(added["loss"]), float(want["loss"].sum()), rel_tol=1e-14)


def test_the_first_largest_entry_and_where_there_is_nan() -> None:
    b = Builder()
    x = b.input("x", ("n", "k"))
    mark = b.emit("where", b.emit("first_max", x), b.const(1.0), b.const(0.0))
    program = b.build({"mark": mark, "max": b.emit("row_max", x)}, ["x"])
    rows = np.array([[1, 3, 3], [math.nan, 5, 9], [2, math.nan, math.nan], [-math.inf] * 3])
    got, _ = JavascriptRunner(program).run({"x": rows}, {"n": (4,), "k": (3,)}, np.float64, {})
    want, _ = NumpyRunner(program).run({"x": rows}, {"n": (4,), "k": (3,)}, np.float64, {})
    np.testing.assert_array_equal(got["mark"], want["mark"])
    np.testing.assert_array_equal(got["max"], want["max"])
