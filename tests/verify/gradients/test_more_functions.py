"""Functions of arrays that are traced, and functions of libraries that round inside."""

from __future__ import annotations

import numpy as np
import pytest

import gradmath as gm

X = np.array([0.5, -1.2, 2.0])
A = np.array([[2.0, 0.3, 0.1], [0.2, 1.5, -0.4], [0.1, -0.2, 1.8]])


def lines_slope(x):
    return 1.0 if 0 < x <= 1 else 3.0 if 1 < x < 2 else 0.0


CASES = {
    "logaddexp2": (lambda x: np.logaddexp2(x, 0.5), lambda x: 1 / (1 + 2 ** (0.5 - x)), 1.0),
    "logaddexp.reduce": (np.logaddexp.reduce, lambda x: np.exp(x - np.logaddexp.reduce(x)), X),
    "maximum.reduce": (
        np.maximum.reduce,
        lambda x: (np.arange(x.size) == np.argmax(x)) * 1.0,
        X,
    ),
    "interp": (lambda x: np.interp(x, [0.0, 1.0, 2.0], [0.0, 1.0, 4.0]), lines_slope, 0.5),
    "ldexp": (lambda x: np.ldexp(x, 3), lambda x: 8.0 + 0 * x, 0.5),
    "matrix_power": (
        lambda x: np.trace(np.linalg.matrix_power(x, 3)),
        lambda x: 3 * (x @ x).T,
        A,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_right_and_wrong_by_a_hundredth_of_a_per_cent(name):
    function, gradient, x = CASES[name]
    for factor, expected in ((1.0, "passed"), (1.0001, "failed")):

        def claimed(x, factor=factor):
            return gradient(x) * factor

        def called(x):
            return function(x)

        report = gm.check_gradient(called, claimed, wrt=["x"], at={"x": x})
        assert report.status == expected, report.rows[0].note


@pytest.mark.parametrize(
    ("function", "gradient"),
    [
        (lambda x: np.sum(np.linalg.eigvalsh(x + x.T)), lambda x: 2 * np.eye(3)),
        (
            lambda x: np.sum(np.log(np.diag(np.linalg.cholesky(x @ x.T + np.eye(3))))),
            lambda x: np.linalg.inv(x @ x.T + np.eye(3)) @ x,
        ),
    ],
    ids=["eigenvalues", "cholesky"],
)
def test_rounding_inside_a_library_rejects_no_right_gradient(function, gradient):
    right = gm.check_gradient(function, gradient, wrt=["x"], at={"x": A})
    assert right.status != "failed", [row.describe() for row in right]
    wrong = gm.check_gradient(function, lambda x: gradient(x) * 1.001, wrt=["x"], at={"x": A})
    assert wrong.status == "failed"
