"""check_gradient as a stranger calls it: every kind of function, gradient and argument.

Whether right and wrong gradients are told apart is the business of the table in test_twins.
"""

from __future__ import annotations

import math

import array_api_strict as strict
import numpy as np
import pytest
import sympy as sp
from scipy.special import expit

import gradmath as gm
from tests.verify.gradients.regression import X, Y, slope_of_squares, squares, status

z = sp.Symbol("z", real=True)


@pytest.mark.parametrize(
    ("function", "gradient", "wrt"),
    [
        (sp.tanh(z), 1 - sp.tanh(z) ** 2, z),
        (sp.tanh(z), "1 - tanh(z)**2", "z"),
        ("tanh(z)", 1 - sp.tanh(sp.Symbol("z")) ** 2, None),
        ("tanh(z)", lambda z: 1 - np.tanh(z) ** 2, "z"),
        (lambda z: np.tanh(z), "1 - tanh(z)**2", "z"),
        (np.tanh, lambda x: 1 / np.cosh(x) ** 2, None),
        (math.tanh, lambda x: 1 - math.tanh(x) ** 2, None),
        (gm.tanh, gm.tanh.derivative, None),
        (gm.leaky_relu, gm.leaky_relu.derivative, None),
        (lambda x: gm.elu(x, alpha=2.0), lambda x: gm.elu.derivative(x, alpha=2.0), None),
        ("a = tanh(z); L = a**2", "2*a*(1 - a**2)", "z"),
        ([("a", "tanh(z)"), ("L", "a**2")], {"z": "2*a*(1 - a**2)", "a": "2*a"}, None),
        ({"L": sp.exp(2 * z)}, {"z": 2 * sp.exp(2 * z)}, None),
        ("w*x + b", {"w": "x", "b": 1, "x": "w"}, None),
        ("celu(z, alpha=2)", lambda z: np.exp(np.minimum(z, 0) / 2), None),
        ("a = celu(z, alpha=2); L = 3*a", "3*exp(min(z, 0)/2)", "z"),
        ("w*x + b", ["x", 1], ["w", "b"]),
        (lambda w, x: w * x, lambda w, x: (x, w), ["w", "x"]),
        (lambda w, x: w * x, lambda w, x: {"x": w, "w": x}, ["w", "x"]),
        (lambda w, x: w * x, {"w": lambda x: x, "x": lambda w: w}, None),
        (expit, lambda x: expit(x) * expit(-x), None),
    ],
)
def test_every_kind_of_function_and_gradient(function, gradient, wrt):
    gm.check_gradient(function, gradient, wrt).require()


def test_a_derivation_gives_its_equations():
    d = gm.derive([("z", "w*x + b"), ("a", "sigmoid(z)"), ("L", "(a - y)**2")], wrt=["w", "b"])
    gm.check_gradient(d, dict(d.gradient)).require()
    assert status(d, {"w": d.gradient["w"] / 2}) == "failed"


def test_arrays_by_shape_and_by_value():
    gm.check_gradient(squares, slope_of_squares, shapes={"w": (3,)}).require()
    gm.check_gradient(squares, slope_of_squares, at={"w": np.ones(3)}).require()
    gm.check_gradient(squares, slope_of_squares, at=np.ones(3)).require()
    assert status(squares, lambda w: slope_of_squares(w) * 5, shapes={"w": (3,)}) == "failed"


def test_arguments_that_are_held():
    def loss(w, x, y):
        return np.mean((x @ w - y) ** 2)

    def gradient(w, x, y):
        return 2 * x.T @ (x @ w - y) / len(y)

    at = {"w": np.ones(3), "x": X, "y": Y}
    report = gm.check_gradient(loss, gradient, "w", at=at).require()
    assert "x as given" in report.rows[0].domain


@pytest.mark.parametrize("make", [lambda W, b: [W, b], lambda W, b: {"W": W, "b": b}])
def test_trees_of_parameters(make):
    def parts(params):
        return params.values() if isinstance(params, dict) else params

    def loss(params):
        W, b = parts(params)
        return np.sum(np.tanh(X @ W.T + b) ** 2)

    def gradient(params, scale=1.0):
        W, b = parts(params)
        t = np.tanh(X @ W.T + b)
        delta = 2 * t * (1 - t**2)
        return make(delta.T @ X, scale * delta.sum(axis=0))

    rng = np.random.Generator(np.random.PCG64(8))
    params = make(rng.normal(size=(2, 3)), rng.normal(size=2))
    gm.check_gradient(loss, gradient, at={"params": params}).require()
    report = gm.check_gradient(loss, lambda params: gradient(params, 1.0001), at={"params": params})
    assert report.status == "failed"


def test_other_array_libraries():
    def loss(x):
        return strict.sum(strict.tanh(x) ** 2)

    def gradient(x):
        return 2 * strict.tanh(x) * (1 - strict.tanh(x) ** 2)

    gm.check_gradient(loss, gradient, shapes={"x": (3,)}).require()
    assert status(loss, lambda x: gradient(x) + 1e-3, shapes={"x": (3,)}) == "failed"


def test_code_that_insists_on_machine_numbers():
    def loss(x):
        x = np.asarray(x, dtype=np.float64)
        kept = np.zeros_like(x)
        kept[x > 0] = x[x > 0]
        return float(np.sum(kept**2) + math.exp(x[0]))

    def gradient(x):
        return 2 * np.maximum(x, 0) + np.array([math.exp(x[0]), 0.0])

    gm.check_gradient(loss, gradient, shapes={"x": (2,)}).require()
