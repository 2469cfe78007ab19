"""Numerical derivatives with errors they keep, and refusals where there is none."""

from __future__ import annotations

import cmath
import math

import pytest

from gradmath.errors import ArgumentTypeError, KinkError, ValueRangeError
from gradmath.verify.numeric import complex_step, difference

SMOOTH = [
    (cmath.exp, math.exp, math.exp, 0.7),
    (cmath.sin, math.sin, math.cos, 40.0),
    (lambda x: x**5, lambda x: x**5, lambda x: 5 * x**4, -3.0),
    (cmath.tanh, math.tanh, lambda x: 1 / math.cosh(x) ** 2, 2.5),
    (lambda x: 3 * x + 1, lambda x: 3 * x + 1, lambda x: 3.0, 0.0),
    (
        lambda x: 1 / (1 + x * x),
        lambda x: 1 / (1 + x * x),
        lambda x: -2 * x / (1 + x * x) ** 2,
        9.0,
    ),
]


@pytest.mark.parametrize(("f", "real", "slope", "x"), SMOOTH)
def test_both_keep_their_error(f, real, slope, x):
    for found in (complex_step(f, x), difference(real, x)):
        assert found.agrees(slope(x))
        assert 0 < found.error < 1e-6 * max(1, abs(slope(x)))
        assert not found.agrees(slope(x) * 1.0001 + 1e-5)


def test_complex_step_sees_slopes_that_differences_cannot():
    """At z = 200 the values are all 1.0; the slope of the sigmoid is e^-200."""
    found = complex_step(lambda z: 1 / (1 + cmath.exp(-z)), 200.0)
    assert found.value == pytest.approx(math.exp(-200), rel=1e-13)


@pytest.mark.parametrize(
    "f",
    [abs, lambda z: z.conjugate() * z, lambda z: z.real + 0j, lambda z: complex(max(z.real, 0))],
)
def test_complex_step_refuses_what_is_not_analytic(f):
    with pytest.raises(ArgumentTypeError):
        complex_step(f, 1.25)


@pytest.mark.parametrize("f", [abs, lambda x: max(x, 0.0), lambda x: max(x, 0.01 * x)])
def test_differences_refuse_a_kink(f):
    with pytest.raises(KinkError):
        difference(f, 0.0)
    assert difference(f, 1.0).agrees(1.0)


def test_differences_refuse_values_that_are_not_finite():
    with pytest.raises(ValueRangeError):
        difference(lambda x: 1 / x if x else math.inf, 0.0)
    with pytest.raises(ValueRangeError):
        difference(math.sin, 0.0, step=-1.0)
