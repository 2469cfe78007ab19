"""Gradients that are right only at the values at which something is held."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

import gradmath as gm

RNG = np.random.Generator(np.random.PCG64(3))
X = RNG.normal(size=4)


def neuron(w, x, b):
    return np.sum(np.tanh(w * x + b))


def right(w, x, b):
    return np.sum((1 - np.tanh(w * x + b) ** 2) * x)


def without_bias(w, x, b):
    return np.sum((1 - np.tanh(w * x) ** 2) * x)


def last(*args, **options):
    return gm.check_gradient(*args, **options).rows[-1]


@pytest.mark.parametrize("b", [0.0, np.zeros(4)])
def test_a_bias_held_at_0(b):
    at = {"w": 0.5, "x": X, "b": b}
    row = last(neuron, right, "w", at=at)
    assert (row.status, row.method) == ("passed", "other values of what is held")
    row = last(neuron, without_bias, "w", at=at)
    assert row.status == "inconclusive"
    assert "b = 0" in row.note
    assert "[defaults-only]" in row.note
    assert row.where
    assert row.got != row.expected


def test_a_weight_held_at_1():
    at = {"x": X, "w": 1.0, "b": 0.25}
    by_x = last(neuron, lambda w, x, b: 1 - np.tanh(w * x + b) ** 2, "x", at=at)
    assert by_x.status == "inconclusive"
    assert "right where w = 1," in by_x.note
    good = last(neuron, lambda w, x, b: w * (1 - np.tanh(w * x + b) ** 2), "x", at=at)
    assert good.status == "passed"


def test_expressions_hold_whole_numbers_too():
    row = last("tanh(w*x + b)", "x*(1 - tanh(w*x)**2)", "w", at={"w": 0.5, "x": 2.0, "b": 0})
    assert row.status == "inconclusive"
    gm.check_gradient(
        "tanh(w*x + b)", "x*(1 - tanh(w*x + b)**2)", "w", at={"w": 0.5, "x": 2.0, "b": 0}
    ).require()


def leaky(x, slope=1.0):
    return np.where(x > 0, x, slope * x)


def test_defaults_of_both():
    gm.check_gradient(leaky, lambda x, slope=1.0: np.where(x > 0, 1.0, slope)).require()
    row = last(leaky, lambda x, slope=1.0: np.ones_like(x))
    assert row.status == "inconclusive"
    assert "slope = 1" in row.note


def test_what_is_bound_is_not_varied():
    bound = partial(neuron, b=0.0), partial(without_bias, b=0.0)
    at = {"w": 0.5, "x": X}
    gm.check_gradient(*bound, "w", at=at).require()
    # a gradient that does not take an argument is one for its value
    gm.check_gradient(
        neuron, lambda w, x: without_bias(w, x, 0), "w", at={**at, "b": 0.0}
    ).require()
    gm.check_gradient(leaky, lambda x: np.ones_like(x)).require()


def test_data_are_left_as_they_are():
    labels = np.eye(3)[[0, 2]]

    def loss(z, t):
        return -np.sum(t * (z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))))

    def gradient(z, t):  # right because each row of t adds up to 1
        e = np.exp(z)
        return e / np.sum(e, axis=1, keepdims=True) - t

    at = {"z": RNG.normal(size=(2, 3)), "t": labels}
    report = gm.check_gradient(loss, gradient, "z", at=at, domain=(-5, 5)).require()
    assert not any("held" in row.method for row in report.rows)


def test_arrays_that_are_all_square_are_remarked_upon():
    def loss(W, x):
        return np.mean(np.sum((x @ W.T) ** 2, axis=1))

    def gradient(W, x):  # the mean is over len(x)
        return 2 * (x @ W.T).T @ x / W.shape[0]

    square = {"shapes": {"W": (2, 2), "x": (2, 2)}}
    report = gm.check_gradient(loss, gradient, "W", (-2, 2), **square).require()
    assert "all arrays are square" in report.rows[0].note
    oblong = {"shapes": {"W": (2, 2), "x": (3, 2)}}
    assert gm.check_gradient(loss, gradient, "W", (-2, 2), **oblong).status == "failed"


def test_other_values_that_the_code_is_not_made_for_show_nothing():
    def power(x, p):
        if p != 2.0:
            raise ValueError("squares only")
        return np.sum(x**p)

    at = {"x": np.ones(2), "p": 2.0}
    domain = {"x": (0.5, 3)}
    report = gm.check_gradient(power, lambda x, p: 2 * x, "x", domain, at=at).require()
    assert not any("held" in row.method for row in report.rows)


ONE = {"at": {"w": np.array([1.0, 2.0]), "x": np.array([[3.0, 4.0]])}}


def mean_of_squares(w, x):
    return np.sum((x @ w) ** 2) / len(x)


def test_of_one_sample_the_sum_is_the_mean():
    given = {"wrt": "w", **ONE}
    right_one = lambda w, x: 2 * x.T @ (x @ w) / len(x)  # noqa: E731  # beside its twin
    assert gm.check_gradient(mean_of_squares, right_one, **given).status == "passed"
    row = last(mean_of_squares, lambda w, x: 2 * x.T @ (x @ w), **given)
    assert row.status == "inconclusive"
    assert "right for one sample, but not for 3" in row.note
    assert "[missing-mean]" in row.note


def test_code_for_one_sample_alone_is_not_doubted():
    first = lambda w, x: (x @ w)[0] ** 2  # noqa: E731  # beside its gradient
    report = gm.check_gradient(first, lambda w, x: 2 * (x @ w) @ x, "w", **ONE)
    assert report.status == "passed"
