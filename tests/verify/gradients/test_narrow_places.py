"""Gradients that are wrong in a narrow place only: behind several conditions, or at one number."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy as sp

import gradmath as gm
from gradmath.errors import ValueRangeError

a, b = sp.symbols("a b", real=True)


def wrong_if(condition):
    """The gradient of a*b, but (0, a) where the condition holds."""
    return lambda a, b: (0.0 if condition(a, b) else b, a)


@pytest.mark.parametrize(
    "condition",
    [
        lambda a, b: a > 100 and b > 100 and a < b and b < 101,
        lambda a, b: a > 100 and b > a and b < a + 1e-3 and a < 101,
        lambda a, b: a == 37.25 and b == 12,
        lambda a, b: a * b > 7 and a * b < 7.001 and a > 40,
        lambda a, b: 1000 < a < 1000.5 < b < 1001,
        lambda a, b: a + b > 50 and a - b > 49.5,
    ],
)
def test_conditions_that_must_hold_together_are_met_one_after_the_other(condition):
    report = gm.check_gradient(lambda a, b: a * b, wrong_if(condition), ["a", "b"])
    assert report.status == "failed"


def test_so_are_those_of_expressions_and_of_entries_of_arrays():
    box = (a > 100) & (b > 100) & (a < b) & (b < 101)
    claim = {"a": sp.Piecewise((0, box), (b, True)), "b": a}
    assert gm.check_gradient(a * b, claim).status == "failed"

    def gradient(x):
        if x[0] > 100 and x[1] > 100 and x[0] < x[1] and x[1] < 101 and x[2] > 1e4:
            return 0 * x
        return 2 * x

    report = gm.check_gradient(lambda x: np.sum(x**2), gradient, shapes={"x": (5,)})
    assert report.status == "failed"


@pytest.mark.parametrize("whole", [round, int, math.floor, math.ceil, np.rint])
def test_a_number_in_the_code_is_looked_at_itself(whole):
    report = gm.check_gradient(lambda x: x**2, lambda x: 0.0 if whole(x) == 37 else 2 * x)
    assert report.status == "failed"


LIMIT = -412.5


def rare(x):
    return round(x[0]) == round(LIMIT)


def test_so_is_a_number_that_the_code_refers_to_and_a_pair_of_them():
    def gradient(x):
        return 0 * x if rare(x) else 2 * x

    assert gm.check_gradient(lambda x: x @ x, gradient, shapes={"x": (3,)}).status == "failed"
    pair = wrong_if(lambda a, b: round(a) == 37 and round(b) == -55)
    assert gm.check_gradient(lambda a, b: a * b, pair, ["a", "b"]).status == "failed"


def test_a_right_gradient_with_such_conditions_passes():
    def value(a, b):
        return a * b if a > 100 and b > 100 and a < b and b < 101 else 3 * a

    def slope(a, b):
        return (b, a) if a > 100 and b > 100 and a < b and b < 101 else (3.0, 0.0)

    gm.check_gradient(value, slope, ["a", "b"]).require()
    gm.check_gradient(lambda x: round(x) * x, lambda x: round(x), domain=(30, 40)).require()


def test_a_domain_of_few_doubles_is_looked_at_whole():
    for function, gradient in (("x**2", "2*x"), (lambda x: x**2, lambda x: 2 * x)):
        report = gm.check_gradient(function, gradient, domain=(1, 1 + 3e-16)).require()
        assert report.rows[-1].points == 2
        assert "1.0000000000000002" in report.rows[-1].domain
    assert gm.check_gradient("x**2", "x", domain=(1, 1 + 3e-16)).status == "failed"
    one = sp.Interval.Ropen(1, 1 + sp.Rational(1, 2**53))
    assert gm.check_gradient("x**2", "2*x", domain=one).rows[-1].points in (None, 1)
    none = sp.Interval.open(1, 1 + sp.Rational(1, 2**52))
    with pytest.raises(ValueRangeError, match="one double or more"):
        gm.check_gradient("x**2", "2*x", domain=none)
