"""Where results of named kernels lie: beside inputs, over them, backwards, in their own memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradmath as gm
from gradmath.errors import ArgumentTypeError

X = np.linspace(-3.0, 3.0, 7)


@pytest.mark.parametrize("backend", ["numpy", "array_api"])
@pytest.mark.parametrize("count", [6, 300_000])
def test_a_result_written_where_an_input_is_changes_no_other(backend: str, count: int) -> None:
    """The derivative by w is x itself, and that by x is w."""
    kernel, x = gm.compile(gm.derive("L = w*x", wrt=["w", "x"]), backend), np.arange(1.0, count + 1)
    for others in ({}, {"w": np.empty(count), "x": np.empty(count)}):
        given = x.copy()
        loss, grads = kernel(x=given, w=2.0, out={"L": given, **others})
        assert loss is given
        for got, want in ((loss, 2 * x), (grads["w"], x), (grads["x"], np.full(count, 2.0))):
            np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("count", [6, 300_000])
@pytest.mark.parametrize("right", ["w*x + x*x*w", "(sigmoid(w*x) - w)**2"])
def test_a_number_may_lie_where_a_result_is_written(right: str, count: int) -> None:
    kernel = gm.compile(gm.derive(f"L = {right}", wrt=["w", "x"]), "numpy")
    x = np.linspace(-800, 800, count)
    expected, slopes = kernel(x=x, w=2.0)
    memory = np.full(count, 2.0)
    loss, grads = kernel(x=x, w=memory[0, ...], out={"L": memory})
    for got, want in ((loss, expected), (grads["w"], slopes["w"]), (grads["x"], slopes["x"])):
        np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("reduce", [None, "sum", "mean"])
def test_each_result_has_memory_of_its_own(reduce: Any) -> None:
    number = np.array(2.0)
    kernel = gm.compile(gm.derive("L = w*x", wrt=["w", "x"]))
    for x in (np.ones(3), np.ones((1, 3)), np.ones(())):
        _, grads = kernel(x=x, w=number, reduce=reduce)
        assert not np.shares_memory(grads["x"], number)
        assert x.ndim == 0 or grads["x"].flags.writeable
    same = gm.compile(gm.derive("L = sigmoid(x + y)", wrt=["x", "y"]))  # one derivative for both
    out = {"y": np.empty(7)}
    _, grads = same(x=X, y=X, out=out)
    assert grads["y"] is out["y"]
    assert not np.shares_memory(grads["x"], grads["y"])
    np.testing.assert_array_equal(grads["x"], grads["y"])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_mean_underflows_in_silence(dtype: str) -> None:
    kernel = gm.compile(gm.derive("L = w*x", wrt=["w"]), "numpy")
    x = np.array([np.finfo(dtype).smallest_subnormal, 0, 0], dtype)
    with np.errstate(all="raise"):
        for w in (1.0, np.ones(3, dtype)):
            loss, grads = kernel(x=x, w=w, reduce="mean")
            assert loss == 0
            assert not np.any(grads["w"])


@pytest.mark.parametrize(
    "right", ["sigmoid(x)", "exp(x)", "log(x)", "x**y", "atan(x)", "x*sigmoid(x)"]
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_arrays_that_run_backwards_change_no_bit(right: str, dtype: str) -> None:
    """NumPy itself rounds exponentials and powers differently there."""
    derivation = gm.derive(f"L = {right}", wrt=["x"])
    kernel = gm.compile(derivation, "numpy")
    rng = np.random.default_rng(0)
    given = {name: rng.uniform(0.1, 5, (40, 50)).astype(dtype) for name in derivation.inputs}
    loss, grads = kernel(given)
    turned = {name: value[::-1, ::-1].copy()[::-1, ::-1] for name, value in given.items()}
    for values in (given, turned):
        for out in (None, {name: np.empty((40, 50), dtype)[:, ::-1] for name in ("L", "x")}):
            for got, slopes in (kernel(values, out=out), kernel(**values, out=out)):
                assert got.tobytes() == loss.tobytes()
                assert slopes["x"].tobytes() == grads["x"].tobytes()


@pytest.mark.parametrize("count", [6, 300_000])
def test_outputs_that_share_memory_are_refused(count: int) -> None:
    kernel = gm.compile(gm.derive("L=(sigmoid(w*x) - y)**2", wrt=["w", "x"]), "numpy")
    x, memory = np.linspace(-3, 3, count), np.empty(2 * count)
    given = {"x": x, "y": x, "w": 0.5}
    with pytest.raises(ArgumentTypeError, match="memory of"):
        kernel(given, out={"L": memory[:count], "w": memory[count // 2 :][:count]})
    loss, grads = kernel(given)
    apart = {"L": memory[::2], "w": memory[1::2]}  # within one another, and nothing shared
    got, slopes = kernel(given, out=apart)
    np.testing.assert_array_equal(got, loss)
    np.testing.assert_array_equal(slopes["w"], grads["w"])
