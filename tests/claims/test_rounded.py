"""Rounding done with integers, against the processor's."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from gradmath.claims.rounded import first, index_of, number, rounded, rounded_exp
from gradmath.errors import ValueRangeError
from gradmath.verify.ulps import FLOAT16, FLOAT32, FLOAT64

FORMATS = [(FLOAT16, np.float16), (FLOAT32, np.float32), (FLOAT64, np.float64)]
BOTH = pytest.mark.parametrize(("form", "dtype"), FORMATS[:2], ids=["half", "single"])
ALL = pytest.mark.parametrize(("form", "dtype"), FORMATS, ids=["half", "single", "double"])


@BOTH
def test_rounding_is_the_processors(form, dtype):
    rng = np.random.Generator(np.random.PCG64(1))
    drawn = rng.standard_normal(2000) * 10.0 ** rng.uniform(-10, 6, 2000)
    edges = [form.largest, form.smallest / 2, form.smallest * 1.5, form.smallest_normal * 0.999]
    edges += [form.largest + form.ulp(form.largest) / 2, 1 + form.epsilon / 2]
    with np.errstate(over="ignore"):
        for value in [*drawn, *edges, -edges[1]]:
            exact = rounded(Fraction(float(value)), form)
            assert (math.inf if exact is None else float(exact)) == abs(dtype(value)) * (
                1 if exact is None or exact >= 0 else -1
            )


def test_a_tie_goes_to_the_even_neighbour():
    assert rounded(Fraction(1) + Fraction(1, 2**53), FLOAT64) == 1
    assert rounded(Fraction(1) + Fraction(3, 2**53), FLOAT64) == 1 + Fraction(2, 2**52)
    assert rounded(Fraction(1, 2**25), FLOAT16) == 0
    assert rounded(Fraction(3, 2**25), FLOAT16) == Fraction(2, 2**24)


@ALL
def test_numbers_are_counted_in_order(form, dtype):
    for index in (0, 1, 5, 1 << (form.precision - 1), (1 << form.precision) + 3):
        value = number(index, form)
        assert index == 0 or index_of(float(value), form) == index
        assert float(number(index + 1, form)) == float(np.nextafter(dtype(value), dtype(np.inf)))


def test_the_exponential_is_the_nearest_number():
    for power in (Fraction(-700), Fraction(-1, 3), Fraction(5)):
        assert float(rounded_exp(power, FLOAT64)) == pytest.approx(math.exp(power), rel=3e-16)
    assert rounded_exp(Fraction(-30), FLOAT16) == 0
    assert rounded_exp(Fraction(20), FLOAT16) is None


def test_the_first_number_from_which_something_holds():
    assert first(lambda x: x >= Fraction(1, 3), 0.01, 1, FLOAT16) == Fraction(1366, 4096)
    with pytest.raises(ValueRangeError, match="another answer"):
        first(lambda x: True, 0.5, 1, FLOAT16)
