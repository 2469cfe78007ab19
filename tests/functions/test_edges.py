"""Edges where a plausible implementation goes wrong: huge logits, half precision, aliases."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy as sp

import gradmath as gm
from gradmath.errors import GradmathError


def test_softmax_of_logits_at_both_ends_of_the_range() -> None:
    logits = np.array([[1e308, -1e308]])
    assert gm.softmax_cross_entropy(logits, [0]) == 0
    assert gm.softmax_cross_entropy.gradient(logits, [0]).tolist() == [[0, 0]]
    with np.errstate(over="ignore"):  # the loss of the other class is beyond the range
        assert gm.softmax_cross_entropy(logits, [1]) == math.inf
    masked = np.array([[-math.inf, 0.0, 1.0]])
    assert math.isclose(gm.softmax_cross_entropy(masked, [1]), math.log1p(math.e), rel_tol=1e-15)


@pytest.mark.parametrize("name", ["squared_error", "absolute_error", "huber"])
def test_a_mean_in_half_precision_does_not_overflow_on_the_way(name: str) -> None:
    loss = gm.losses[name]
    prediction = np.full(5000, 30, dtype=np.float16)
    got = loss(prediction, np.zeros_like(prediction))
    assert got.dtype == np.float16
    assert got == np.float16(loss(30.0, 0.0))


def test_what_half_precision_rounds_to_its_tiny_numbers_is_no_underflow() -> None:
    z = np.array([-9.0, -14.0, -17.0, -80.0], dtype=np.float16)
    with np.errstate(all="raise"):
        got = gm.sigmoid(z), gm.sigmoid.derivative(z)
        _, grads = gm.compile(gm.derive("L = sigmoid(z)"))(z=z)
    for values in (*got, grads["z"]):
        assert values.tolist() == [np.float16(np.exp(x)) for x in (*z[:3].astype(float), -80.0)]


def test_sums_of_penalties_in_half_precision() -> None:
    w = np.full(4096, 0.1, dtype=np.float16)
    assert abs(float(gm.l1(w, 1.0)) - 4096 * float(w[0])) <= 0.5


@pytest.mark.parametrize(
    "call",
    [
        lambda: gm.elu(np.float32([-1, 1]), alpha=1e300),
        lambda: gm.celu(np.float32([-1, 1]), alpha=1e-60),
        lambda: gm.celu.derivative(np.array([-1.0]), 2, alpha=1e-310),
        lambda: gm.elu(1.0, alpha=10**400),
        lambda: gm.leaky_relu(1.0, negative_slope=np.array([0.1, 0.2])),
        lambda: gm.leaky_relu(np.array([-1.0]), negative_slope=sp.Symbol("a")),
        lambda: gm.clip_by_value(1.0, np.zeros(2), 1.0),
        lambda: gm.clip_by_norm([1.0], np.ones(2)),
        lambda: gm.clip_by_norm(True, 1.0),
        lambda: gm.clip_by_norm([math.nan], 1.0),
        lambda: gm.sigmoid(10**400),
        lambda: gm.sigmoid(np.ma.masked_array([1.0], [True])),
        lambda: gm.l1.derivative(1.0, 1, order=np.array([1, 2])),
        lambda: gm.l2.derivative(1.0, order=1.0),
        lambda: gm.softmax_cross_entropy([sp.Symbol("a"), sp.Symbol("b")], 0),
        lambda: gm.Network(1, [gm.Dense(1)]).init(dtype=np.ones(2)),
        lambda: gm.initialisers["he"](5),
        lambda: gm.initialisers["he"]((2.5, 2)),
    ],
)
def test_each_is_an_error_of_ours(call) -> None:  # type: ignore[no-untyped-def]  # a lambda
    with pytest.raises(GradmathError):
        call()


def test_numpy_scalars_are_parameters_too() -> None:
    assert gm.leaky_relu(-1.0, negative_slope=np.float64(0.5)) == -0.5
    assert gm.leaky_relu.derivative(-1.0, 1, 0.5) == 0.5


def test_results_never_alias_arguments() -> None:
    x = np.array([1.0, 2.0])
    gm.identity(x)[0] = 99
    gm.clip_by_norm(x, 100.0)[0] = 99
    kernel = gm.compile(gm.derive("L = w*x", wrt=["w", "x"]))
    _, grads = kernel(w=np.array([3.0, 4.0]), x=x)
    grads["w"][0] = 99
    assert x.tolist() == [1.0, 2.0]
    same = gm.compile(gm.derive("L = a + b"))(a=x, b=x)[1]
    assert same["a"] is not same["b"]
    with pytest.raises(GradmathError, match="its own"):
        kernel(w=x, x=x, out={"w": x, "x": x})
