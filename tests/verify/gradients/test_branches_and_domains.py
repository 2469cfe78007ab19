"""Kinks, branches, thresholds, and where a gradient is looked at."""

from __future__ import annotations

import numpy as np
import sympy as sp

import gradmath as gm
from tests.verify.gradients.regression import status

z = sp.Symbol("z", real=True)


def test_any_value_between_the_sides_is_right_at_a_kink():
    for at_zero in (0, sp.Rational(1, 2), 1):
        claim = sp.Piecewise((1, z > 0), (at_zero, sp.Eq(z, 0)), (0, True))
        report = gm.check_gradient(sp.Max(z, 0), claim, z).require()
        assert any("kink" in row.method for row in report.rows)
    outside = sp.Piecewise((1, z > 0), (2, sp.Eq(z, 0)), (0, True))
    assert status(sp.Max(z, 0), outside, z) == "failed"


def test_a_claim_without_a_value_at_the_kink_is_right_beside_it():
    gm.check_gradient("abs(x)", "x/abs(x)").require()
    assert status("abs(x)", "-x/abs(x)") == "failed"


def test_smooth_where_the_branches_meet():
    gm.check_gradient(z * sp.Abs(z), 2 * sp.Abs(z), z).require()
    gm.check_gradient("abs(x)**3", "3*x*abs(x)").require()


def test_a_wrong_threshold_is_found_wherever_it_is():
    def hinge(x):
        return np.where(x > 5.1234, (x - 5.1234) ** 2, 0.0)

    def slope(x, at=5.1234):
        return np.where(x > at, 2 * (x - 5.1234), 0.0)

    gm.check_gradient(hinge, slope).require()
    assert status(hinge, lambda x: slope(x, 5.1235)) == "failed"


def test_a_branch_that_is_not_used_may_be_undefined():
    def safe_log(x):
        return np.where(x > 0.5, np.log(x), 0 * x)

    gm.check_gradient(safe_log, lambda x: np.where(x > 0.5, 1 / x, 0.0)).require()
    wrong = gm.check_gradient(safe_log, lambda x: np.where(x > 0.5, 1 / x, 1e-5))
    assert wrong.status == "failed"


def test_domains():
    gm.check_gradient("log(x)", "1/x").require()  # what lies outside is left out, and said
    gm.check_gradient("abs(x)", "1", domain=(0, None)).require()
    gm.check_gradient("abs(x)", 1, domain={"x": (0, 5)}).require()
    assert status("abs(x)", "1", domain=(-1e-300, 1)) == "failed"
    gm.check_gradient("abs(x)", "x/abs(x)", domain=sp.Interval(-2, 3)).require()
    both = sp.Union(sp.Interval(-2, -1), sp.Interval(1, 2))
    assert status("abs(x)", "1", domain=both) == "failed"
    positive = sp.Symbol("p", positive=True)
    gm.check_gradient(sp.log(positive), 1 / positive, positive).require()


def test_points_that_are_given_come_first():
    report = gm.check_gradient("x**2", lambda x: 2 * x if x != 0.3 else 0.0, at={"x": 0.3})
    assert report.status == "failed"
    assert "0.3" in report.rows[0].where


ENTROPY = "-(y*log(sigmoid(w*x + b)) + (1 - y)*log(1 - sigmoid(w*x + b)))"


def entropy(w, x, y):
    s = 1 / (1 + np.exp(-x @ w))
    return -np.mean(y * np.log(s) + (1 - y) * np.log(1 - s))


def test_sums_and_products_far_out_of_every_format_need_not_be_decided():
    """With w and x of some hundreds 1 - sigmoid(w*x) is 0 to all the bits that there are."""
    report = gm.check_gradient(ENTROPY, "x*(sigmoid(w*x + b) - y)", "w").require()
    assert any("no format comes near" in row.note for row in report.rows)
    shapes = {"w": (3,), "x": (5, 3), "y": (5,)}
    gm.check_gradient(
        entropy, lambda w, x, y: x.T @ (1 / (1 + np.exp(-x @ w)) - y) / 5, "w", shapes=shapes
    ).require()


def test_what_was_asked_for_must_be_decided_or_proved():
    far = {"w": (300, 400), "x": (300, 400), "b": (0, 1), "y": (0, 1)}
    report = gm.check_gradient(ENTROPY, "x*(sigmoid(w*x + b) - y)", "w", far).require()
    assert any("left to the proof" in row.note for row in report.rows)

    def function(w, x):
        return np.log(1 - 1 / (1 + np.exp(-w * x)))

    def gradient(w, x):
        return -x / (1 + np.exp(-w * x))

    assert status(function, gradient, wrt="w", domain=(300, 400)) == "inconclusive"
    assert status(function, gradient, wrt="w") == "passed"
