"""Errors in ulp, the bound, and the points that cover a type."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy as sp
from flint import arb

from gradmath.errors import UnknownNameError
from gradmath.verify.oracle import taylor, value
from gradmath.verify.points import beside, points
from gradmath.verify.ulps import (
    FLOAT16,
    FLOAT32,
    FLOAT64,
    FORMATS,
    condition,
    error,
    format_of,
    judge,
    lever,
)

z = sp.Symbol("z", real=True)
NONE = arb(0)


@pytest.mark.parametrize("form", FORMATS.values(), ids=list(FORMATS))
def test_formats_are_numpy_s(form):
    info = np.finfo(form.name)
    assert form.smallest == float(info.smallest_subnormal)
    assert form.smallest_normal == float(info.smallest_normal)
    assert form.largest == float(info.max)
    assert form.epsilon == float(info.eps)
    for x in (1.0, 1.5, 3.0, form.smallest, form.smallest_normal, form.largest, 0.1):
        kind = np.dtype(form.name).type
        with np.errstate(over="ignore"):  # NumPy looks for a number beyond the largest
            spacing = float(np.spacing(kind(x)))
        assert form.ulp(float(kind(x))) == spacing or x == form.largest
    below = float(np.nextafter(kind(form.largest), kind(0)))
    assert form.ulp(form.largest) == form.largest - below


def test_format_of_names_and_dtypes():
    assert format_of(np.dtype("float32")) is FLOAT32
    assert format_of("float16") is FLOAT16
    with pytest.raises(UnknownNameError):
        format_of("int64")


@pytest.mark.parametrize("steps", [0, 1, 3, 1000])
def test_an_error_of_n_steps_is_n_ulp(steps):
    true = value(z, {z: 1.25})
    assert error(1.25 + steps * math.ulp(1.25), true, FLOAT64) == pytest.approx(steps)


def test_the_bound_is_four_ulp_and_four_more_for_each_unit_of_condition():
    x = 1.5
    true, slope = taylor(z**2, z, {z: x}, 1)
    assert condition(true, lever(x, slope)) == pytest.approx(2)
    for steps, ok in ((12, True), (13, False)):
        got = x * x + steps * math.ulp(x * x)
        assert judge(got, true, lever(x, slope), FLOAT64).ok is ok
        assert judge(got, true, NONE, FLOAT64).ok is False


def test_below_the_smallest_normal_number_four_of_the_smallest():
    true = value(sp.exp(z), {z: -740})
    near = float(true)
    s = FLOAT64.smallest
    assert judge(near + 3 * s, true, NONE, FLOAT64).ok
    assert not judge(near + 5 * s, true, NONE, FLOAT64).ok
    far = value(sp.exp(z), {z: -800})
    assert judge(0.0, far, NONE, FLOAT64).ok
    assert not judge(5 * s, far, NONE, FLOAT64).ok


def test_an_exact_zero_allows_next_to_nothing():
    zero = value(sp.Max(z, 0), {z: -1})
    assert judge(0.0, zero, NONE, FLOAT64).ok
    assert not judge(1e-300, zero, NONE, FLOAT64).ok


def test_a_claimed_zero_is_wrong_at_1e_minus_300():
    true, slope = taylor(sp.exp(z), z, {z: -690}, 1)
    assert not judge(0.0, true, lever(-690, slope), FLOAT64).ok
    assert judge(math.exp(-690), true, lever(-690, slope), FLOAT64).ok


def test_nan_and_infinity():
    true = value(z, {z: 2})
    for got in (math.nan, math.inf, -math.inf):
        assert not judge(got, true, NONE, FLOAT64).ok
    over = value(2 * z, {z: FLOAT64.largest})
    assert judge(math.inf, over, NONE, FLOAT64).ok
    assert not judge(-math.inf, over, NONE, FLOAT64).ok
    assert not judge(FLOAT64.largest, over, NONE, FLOAT64).ok


def test_at_a_root_the_bound_is_the_limit_of_the_formula():
    true, slope = taylor(z**2 - 4, z, {z: 2}, 1)
    assert true.kind == "zero"
    assert condition(true, lever(2, slope)) == math.inf
    assert judge(16 * FLOAT64.epsilon, true, lever(2, slope), FLOAT64).ok
    assert not judge(64 * FLOAT64.epsilon, true, lever(2, slope), FLOAT64).ok


@pytest.mark.parametrize("form", FORMATS.values(), ids=list(FORMATS))
def test_points_cover_the_type(form):
    found = points(form, breakpoints=[3.0, 1 / 3])
    kind = np.dtype(form.name).type
    assert found == sorted(set(found)) == points(form, breakpoints=[3.0, 1 / 3])
    assert all(float(kind(x)) == x for x in found)
    assert {0.0, 3.0, form.largest, -form.largest, form.smallest} <= set(found)
    assert any(0 < x < form.smallest_normal for x in found)
    for b in (kind(3.0), kind(1 / 3)):
        assert float(np.nextafter(b, kind(-9))) in found
        assert float(np.nextafter(b, kind(9))) in found
    decades = {math.floor(math.log10(abs(x))) for x in found if x}
    assert len(decades) > 0.05 * (form.emax - form.emin) * math.log10(2)


def test_beside_zero_are_subnormals():
    assert {5e-324, -5e-324, 0.0} <= set(beside(0.0))
