"""Code that cannot be traced is judged by its numbers."""

from __future__ import annotations

import decimal

import gradmath as gm
from tests.verify.gradients.regression import status


def cube(x):
    return float(decimal.Decimal(float(x)) ** 3)


def test_differences_where_nothing_else_is_possible():
    report = gm.check_gradient(cube, lambda x: 3 * x**2, domain=(1, 3)).require()
    assert "cannot be traced" in report.rows[0].note
    assert status(cube, lambda x: 3.0003 * x**2, domain=(1, 3)) == "failed"


def test_undecided_is_no_pass():
    report = gm.check_gradient(lambda x: float(decimal.Decimal(float(x)) * 0 + 1), lambda x: 0.0)
    assert report.status == "inconclusive"


def test_a_claim_that_cannot_be_traced_is_judged_by_its_numbers():
    def slope(x):
        return float(decimal.Decimal(float(x)) ** 2 * 3)

    gm.check_gradient("x**3", slope, domain=(-9, 9)).require()
    assert status("x**3", lambda x: 1.0001 * slope(x), domain=(-9, 9)) == "failed"


def test_a_call_that_raises_fails():
    def slope(x):
        raise RuntimeError("no")

    report = gm.check_gradient("x**3", slope)
    assert report.status == "failed"
    assert "RuntimeError" in repr(report)
