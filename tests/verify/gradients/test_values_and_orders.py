"""Functions of many values, their shapes, and second derivatives."""

from __future__ import annotations

import numpy as np

import gradmath as gm
from tests.verify.gradients.regression import X, only, slope_of_squares, squares, status


def test_values_for_each_entry_and_each_sample():
    gm.check_gradient(np.tanh, lambda x: 1 - np.tanh(x) ** 2, shapes={"x": (2, 3)}).require()

    def losses(w, x):
        return np.tanh(x @ w)

    def jacobian(w, x):
        return (1 - np.tanh(x @ w) ** 2)[:, None] * x

    at = {"w": np.ones(3), "x": X}
    gm.check_gradient(losses, jacobian, "w", at=at).require()
    total = gm.check_gradient(losses, lambda w, x: jacobian(w, x).sum(0), "w", at=at)
    assert total.status == "inconclusive"
    assert "reduction" in total.rows[0].note
    for reduction, factor in (("sum", 1), ("mean", 1 / 5)):
        gm.check_gradient(
            losses, lambda w, x, f=factor: f * jacobian(w, x).sum(0), "w", at=at,
            reduction=reduction,
        ).require()  # fmt: skip


def test_values_that_hang_together_are_not_taken_entry_by_entry():
    def softmax(x):
        e = np.exp(x - np.max(x))
        return e / np.sum(e)

    diagonal = gm.check_gradient(softmax, lambda x: softmax(x) * (1 - softmax(x)), at=np.ones(3))
    assert diagonal.status == "inconclusive"
    gm.check_gradient(
        softmax, lambda x: np.diag(softmax(x)) - np.outer(softmax(x), softmax(x)), at=np.ones(3)
    ).require()


def test_a_wrong_shape_fails():
    row = only(gm.check_gradient(squares, lambda w: slope_of_squares(w)[:2], shapes={"w": (3,)}))
    assert row.method == "shape"

    def loss(W):
        return np.sum((X @ W.T) ** 2)

    report = gm.check_gradient(loss, lambda W: (2 * (X @ W.T).T @ X).T, shapes={"W": (2, 3)})
    assert "transposed" in only(report).note


def test_second_derivatives():
    gm.check_gradient("z**3", "6*z", order=2).require()
    assert status("z**3", "3*z", order=2) == "failed"
    mixed = {("w", "x"): "exp(w*x)*(1 + w*x)", "w": "x**2*exp(w*x)"}
    gm.check_gradient("exp(w*x)", mixed, order=2).require()

    def loss(x):
        return np.sum(np.sin(x)) * x[0]

    def hessian(x, slip=0.0):
        H = np.diag(-np.sin(x) * x[0])
        H[0, :] += np.cos(x)
        H[:, 0] += np.cos(x)
        H[1, 0] += slip
        return H

    gm.check_gradient(loss, hessian, shapes={"x": (3,)}, order=2).require()
    assert status(loss, lambda x: hessian(x, 1e-4), shapes={"x": (3,)}, order=2) == "failed"
    gm.check_gradient(np.sin, lambda x: -np.sin(x), shapes={"x": (4,)}, order=2).require()
