"""Code that would do something else on traced numbers than on machine numbers is found out."""

from __future__ import annotations

import math

import numpy as np
import pytest

import gradmath as gm

WIDE = {"domain": (-3, 3), "shapes": {"x": (2,)}}
LINE = {"domain": (-4, 4)}


def cut_to_whole(x):
    return np.sum(x.astype(int) * x)


def made_whole(x):
    return np.sum(np.asarray(x, dtype=int) * x)


def clipped_in_place(x):
    x = x * 1.0
    np.clip(x, -1, 1, out=x)
    return np.sum(x**2)


def mean_written_out(x):
    m = np.zeros((2,))
    np.mean(x, axis=1, out=m)
    return np.sum((x - m[:, None]) ** 3)


def column_sums(x):
    return np.linalg.norm(x, ord=1, axis=(0, 1))


def looks_for_nan(x):
    with np.errstate(invalid="ignore"):
        return np.where(np.isnan(np.log(x)), 5 * x, np.log(x))


def replaces_nan(x):
    with np.errstate(invalid="ignore"):
        return np.nan_to_num(np.log(x), nan=0.0) + 3 * x


def catches(x):
    try:
        return math.log(x)
    except ValueError:
        return 5 * x


def asks_for_its_type(x):
    if x.dtype.kind != "f":
        x = x / 255.0
    return np.sum(x**2)


def asks_for_floats(x):
    if not isinstance(x, float):
        x = x / 255.0
    return x**2


def softplus(x):
    return np.log1p(np.exp(x)) if x < 30 else x + np.log1p(np.exp(-x))


WRONG = {
    "whole numbers": (cut_to_whole, lambda x: 2 * x, WIDE),
    "an array of whole numbers": (made_whole, lambda x: 2 * x, WIDE),
    "clip into an array": (clipped_in_place, lambda x: 2 * x, WIDE),
    "mean into an array": (
        mean_written_out, lambda x: 3 * x**2, {"domain": (-3, 3), "shapes": {"x": (2, 3)}},
    ),
    "largest column sum": (column_sums, np.sign, {"domain": (-3, 3), "shapes": {"x": (2, 3)}}),
    "a branch on NaN": (looks_for_nan, lambda x: np.where(x > 0, 1 / x, 77.0), LINE),
    "NaN replaced": (replaces_nan, lambda x: np.where(x > 0, 1 / x + 3, 77.0), LINE),
    "an error caught": (catches, lambda x: 1 / x if x > 0 else 77.0, LINE),
    "a branch on the type": (asks_for_its_type, lambda x: 2 * x / 255.0**2, WIDE),
    "a branch on overflow": (
        softplus, lambda x: np.where(np.isfinite(np.exp(x)), 1 / (1 + np.exp(-x)), 12345.0), {},
    ),
    "a branch on infinity": (
        softplus, lambda x: np.where(np.isinf(np.exp(x)), -1.0, 1 / (1 + np.exp(-x))), {},
    ),
}  # fmt: skip
RIGHT = {
    "whole numbers": (cut_to_whole, lambda x: x.astype(int) * 1.0, WIDE),
    "clip into an array": (clipped_in_place, lambda x: np.where(np.abs(x) < 1, 2 * x, 0.0), WIDE),
    "a branch on the type": (asks_for_its_type, lambda x: 2 * x, WIDE),
    "a branch on floats": (asks_for_floats, lambda x: 2 * x, LINE),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_gradient_of_it_fails(name):
    function, gradient, options = WRONG[name]
    assert gm.check_gradient(function, gradient, **options).status == "failed"


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_gradient_of_it_passes(name):
    function, gradient, options = RIGHT[name]
    gm.check_gradient(function, gradient, **options).require()


def test_the_report_says_where_the_two_differ():
    function, gradient, options = RIGHT["a branch on the type"]
    (row, *_) = gm.check_gradient(function, gradient, **options).rows
    assert "does something else on traced numbers than on machine numbers" in row.note
    assert "where the code returns" in row.note


def test_claims_do_not_see_what_others_write_into_their_arguments():
    def by_x(x, y):
        x -= y
        return 2 * x

    def by_y(x, y):
        return -2 * (x - y)

    gm.check_gradient(
        lambda x, y: np.sum((x - y) ** 2), {"x": by_x, "y": by_y}, ["x", "y"], (-2, 2),
        shapes={"x": (2,), "y": (2,)},
    ).require()  # fmt: skip


def layer(factor):
    weights, kept = np.array([[1.0, 2.0, 3.0], [0.5, -1.0, 2.0]]), {}

    def forward(x):
        kept["z"] = x @ weights.T
        return np.sum(np.tanh(kept["z"]))

    def backward(x):
        return factor * (1 - np.tanh(kept["z"]) ** 2) @ weights

    return forward, backward


@pytest.mark.parametrize(("factor", "status"), [(1.0, "passed"), (1.0001, "failed")])
def test_a_layer_that_keeps_what_its_backward_pass_needs(factor, status):
    forward, backward = layer(factor)
    found = gm.check_gradient(forward, backward, domain=(-2, 2), shapes={"x": (2, 3)})
    assert found.status == status, found


def test_differences_do_not_reach_over_a_kink():
    def largest_column(x):
        if type(x) is not np.ndarray:
            raise TypeError
        return np.abs(x).sum(0).max()

    def gradient(x):
        column = np.argmax(np.abs(x).sum(0))
        found = np.zeros_like(x)
        found[:, column] = np.sign(x[:, column])
        return found

    report = gm.check_gradient(largest_column, gradient, shapes={"x": (2, 3)}, domain=(-3, 3))
    assert not [row for row in report.rows if row.status == "failed"], report
    wrong = gm.check_gradient(
        largest_column, lambda x: 2 * gradient(x), shapes={"x": (2, 3)}, domain=(-3, 3)
    )
    assert wrong.status == "failed"


def machine_only(function):
    """The same code, which refuses to be traced."""

    def call(x):
        if type(x).__name__ == "Number":
            raise TypeError
        return function(x)

    return call


@pytest.mark.parametrize(
    ("function", "right", "wrong"),
    [
        (lambda x: np.abs(x) * x, lambda x: 2 * np.abs(x), lambda x: 2 * x),
        (lambda x: np.conj(x) * x * x, lambda x: 3 * x**2, lambda x: x**2),
        (
            lambda x: x**3 if not isinstance(x, complex) else x**2,
            lambda x: 3 * x**2,
            lambda x: 2 * x,
        ),
        (lambda x: np.maximum(x, 0.5) ** 2, lambda x: 2 * x * (x > 0.5), lambda x: 2 * x),
    ],
    ids=["abs", "conjugate", "another function of complex numbers", "kink"],
)
def test_the_complex_step_is_not_believed_of_code_that_it_does_not_suit(function, right, wrong):
    good = gm.check_gradient(machine_only(function), right, domain=(-3, 3))
    assert not [row for row in good.rows if row.status == "failed"], good
    assert gm.check_gradient(machine_only(function), wrong, domain=(-3, 3)).status == "failed"
