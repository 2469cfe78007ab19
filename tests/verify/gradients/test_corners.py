"""Mixed derivatives, tiny mistakes of second order, ties, masks, and results of unusual kinds."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

import gradmath as gm

x = sp.Symbol("x", real=True)
S = 1 / (1 + sp.exp(-x))
SECOND = S * (1 - S) * (1 - 2 * S)
TINY = sp.Rational(1, 10**25)


def test_one_mixed_derivative_is_a_mapping_from_its_pair():
    mixed = {("w", "x"): "exp(w*x)*(1 + w*x)"}
    gm.check_gradient("exp(w*x)", mixed, order=2).require()


@pytest.mark.parametrize(
    ("function", "gradient", "wrt"),
    [
        (S, SECOND * (1 + TINY), x),
        ("exp(w*x)", f"exp(w*x)*(1 + w*x)*(1 + 1/{10**25})", ("w", "x")),
    ],
    ids=["sigmoid", "mixed"],
)
def test_exact_second_derivatives_are_told_apart_far_beyond_any_format(function, gradient, wrt):
    assert gm.check_gradient(function, gradient, wrt, order=2).status == "failed"


@pytest.mark.parametrize("entries", [3, 4, 6])
def test_a_cast_that_loses_bits_is_seen_whatever_the_number_of_entries(entries):
    report = gm.check_gradient(
        lambda x: np.sum(x**2), lambda x: (2 * x).astype(np.float32), domain=(-3, 3),
        shapes={"x": (entries,)},
    )  # fmt: skip
    assert report.status == "failed"


def test_values_that_hang_together_are_no_samples_though_they_seem_so_at_zero():
    def gradient(x):
        return np.sum(x) + np.sum(x) * np.ones_like(x)

    report = gm.check_gradient(lambda x: x * np.sum(x), gradient, at={"x": np.zeros(3)})
    assert report.status == "inconclusive"
    assert "reduction" in report.rows[0].note


def test_complex_values_have_no_gradient_here():
    report = gm.check_gradient(lambda x: np.sum(x**2) + 0j, lambda x: 2 * x, shapes={"x": (3,)})
    assert report.status == "inconclusive"
    assert "complex" in report.rows[0].note


def test_where_many_numbers_tie_each_of_them_may_win():
    def gradient(x):
        return (x == x.max()) / np.sum(x == x.max())

    gm.check_gradient(lambda x: np.max(x), gradient, at={"x": np.zeros(8)}).require()
    wrong = gm.check_gradient(
        lambda x: np.max(x), lambda x: 2 * gradient(x) + 0.9, at={"x": np.zeros(8)}
    )
    assert wrong.status == "failed"


def attention(queries, mask=-np.inf):
    keys, values = np.array([[1.0, -1.0], [0.3, 0.7]]), np.array([[1.0, 2.0], [0.5, -1.0]])
    scores = np.where([[False, True], [False, False]], mask, queries @ keys.T)
    shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    read = shares @ values
    by_shares = 2 * read @ values.T
    by_scores = shares * (by_shares - (by_shares * shares).sum(axis=1, keepdims=True))
    return np.sum(read**2), by_scores @ keys


@pytest.mark.parametrize(("factor", "status"), [(1.0, "passed"), (1.0001, "failed")])
def test_a_mask_of_minus_infinity_in_attention(factor, status):
    report = gm.check_gradient(
        lambda q: attention(q)[0], lambda q: factor * attention(q)[1], domain=(-3, 3),
        shapes={"q": (2, 2)},
    )  # fmt: skip
    assert report.status == status, report


RNG = np.random.default_rng(0)
DATA, TARGETS = RNG.normal(size=(5, 2)), RNG.normal(size=5)
SIDES = np.sign(TARGETS)
OFF = {
    "absolute deviations": (
        lambda w: np.mean(np.abs(TARGETS - DATA @ w)),
        lambda w: -DATA.T @ np.sign(TARGETS - DATA @ w) / 5,
        lambda w: -DATA.T @ np.sign(TARGETS - DATA @ w) / 5.001,
    ),
    "hinge": (
        lambda w: np.mean(np.maximum(0, 1 - SIDES * (DATA @ w))),
        lambda w: -DATA.T @ (SIDES * (1 - SIDES * (DATA @ w) > 0)) / 5,
        lambda w: -DATA.T @ (SIDES * (1.01 - SIDES * (DATA @ w) > 0)) / 5,
    ),
}


@pytest.mark.parametrize("name", OFF)
def test_data_times_signs_and_truth_values_are_not_rounded_on_the_way(name):
    loss, right, wrong = OFF[name]
    given = {"domain": (-2, 2), "shapes": {"w": (2,)}}
    gm.check_gradient(loss, right, **given).require()
    assert gm.check_gradient(loss, wrong, **given).status == "failed"


def test_an_entry_that_cancels_may_be_off_by_what_its_constants_are():
    c = np.array([1.0, 2.0, 2.0])
    at = {"a": np.array([1.0, 0.5, -1.0])}

    def cosine(a):
        return a @ c / np.linalg.norm(a) / 3

    def slopes(a):  # c/3 is rounded before anything is traced
        return (c / 3 - a * (a @ c / 3) / (a @ a)) / np.linalg.norm(a)

    assert gm.check_gradient(cosine, slopes, wrt="a", at=at).status == "passed"
    for wrong in (
        lambda a: slopes(a) * (1 + 1e-9),
        lambda a: slopes(a) + np.array([0, 1e-9, 0]),
        lambda a: c / 3 / np.linalg.norm(a),
    ):
        assert gm.check_gradient(cosine, wrong, wrt="a", at=at).status == "failed"
