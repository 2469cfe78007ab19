"""A report names the mistake, the point and both values."""

from __future__ import annotations

import numpy as np
import pytest

import gradmath as gm
from gradmath.errors import VerificationError
from tests.verify.gradients.regression import X, only, slope_of_squares, squares


@pytest.mark.parametrize(
    ("function", "gradient", "wrt", "word"),
    [
        ("(w*x - y)**2", "2*(w*x - y)", "w", "the factor x lost [lost-factor]"),
        ("(w*x - y)**2", "-2*(w*x - y)*x", "w", "the sign flipped [flipped-sign]"),
        ("(w*x - y)**2", "(w*x - y)*x", "w", "the factor 2 lost [lost-factor]"),
        ("tanh(w*x)", "x", "w", "[dropped-chain-factor]"),
        ("tanh(w*x)", "x*(1 - tanh(x)**2)", "w", "[wrong-place]"),
        ("tanh(z)", "1 - tanh(z)", "z", ""),
    ],
)
def test_the_mistake_is_named(function, gradient, wrt, word):
    assert word in only(gm.check_gradient(function, gradient, wrt)).note


def test_a_missing_mean_and_a_transposed_matrix_are_named():
    report = gm.check_gradient(squares, lambda w: 5 * slope_of_squares(w), at={"w": np.ones(3)})
    assert "times 5" in only(report).note or "factor 5" in only(report).note

    def loss(W, x):
        return np.sum(np.tanh(x @ W.T))

    def gradient(W, x):
        return ((1 - np.tanh(x @ W.T) ** 2).T @ x).T

    matrix = np.random.Generator(np.random.PCG64(9)).normal(size=(3, 3))
    at = {"W": matrix, "x": X}
    assert "[transposed]" in only(gm.check_gradient(loss, gradient, "W", at=at)).note


def test_require_names_point_and_values():
    with pytest.raises(VerificationError) as caught:
        gm.check_gradient("(w*x - y)**2", "2*(w*x - y)", "w").require()
    first, row, *rest = str(caught.value).splitlines()
    assert first == "gradient of f: failed"
    assert row.startswith("  df/dw [")
    words = [line.split()[0] for line in rest]
    assert words[:4] == ["at", "got", "expected", "worst"]
    assert "    the gradient is that with the factor x lost [lost-factor]" in rest
    assert max(map(len, rest)) < 200


def test_two_calls_agree():
    one, two = (gm.check_gradient(squares, slope_of_squares, at=np.ones(3)) for _ in range(2))
    assert one.to_json() == two.to_json()
