"""Products of matrices: order, growth, and what theory says of fresh random ones."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

from gradmath.dynamics import products
from gradmath.errors import ShapeError, ValueRangeError


def test_the_latest_factor_stands_on_the_left():
    stack = products.fresh(3, 4, 5, seed=3)
    found = products.product_of(stack)
    for draw in range(5):
        expected = stack[3, draw] @ stack[2, draw] @ stack[1, draw] @ stack[0, draw]
        np.testing.assert_allclose(found[draw], expected, rtol=1e-12)


def test_draws_are_the_same_in_every_run_and_scale_is_a_factor():
    one, two = (products.fresh(3, 2, 4, seed=5) for _ in range(2))
    np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(products.fresh(3, 2, 4, scale=2.0, seed=5), 2 * one)
    assert not np.array_equal(products.fresh(3, 2, 4, seed=6), one)


def test_exponents_are_means_of_logarithms_of_chi_squared_numbers():
    from scipy.integrate import quad
    from scipy.stats import chi2

    for size in (1, 2, 4, 7):
        found = products.exponents(size)
        assert len(found) == size
        for i, each in enumerate(found):
            mean, _ = quad(
                lambda u, k=size - i: np.log(u) / 2 * chi2.pdf(u, k), 0, np.inf, limit=200
            )
            assert float(each) == pytest.approx(mean, abs=1e-6)


def test_the_reference_value():
    """Variance 1, N = 4: .5579658 a factor, 24.23 decades in 100 factors."""
    top = float(products.exponents(4)[0])
    assert top == pytest.approx(0.5579658, abs=5e-8)
    assert 100 * top / np.log(10) == pytest.approx(24.23, abs=0.005)


def test_the_scale_shifts_every_exponent_by_its_logarithm():
    half = sympy.Rational(1, 2)
    for one, other in zip(products.exponents(4), products.exponents(4, half), strict=True):
        assert sympy.simplify(one - other - sympy.log(2)) == 0
    at = products.critical_scale(4)
    assert float(products.exponents(4, sympy.Float(at))[0]) == pytest.approx(0, abs=1e-12)


def test_diagonals_agree_with_the_product_itself():
    stack = products.fresh(3, 6, 8, seed=2)
    found = products.log_diagonals(stack)
    whole = products.product_of(stack)
    np.testing.assert_allclose(found[:, 0], np.log(np.linalg.norm(whole[:, :, 0], axis=1)))
    np.testing.assert_allclose(found.sum(axis=1), np.linalg.slogdet(whole)[1])


def test_norms_step_by_step():
    stack = products.fresh(3, 5, 4, seed=7)
    found = products.log_norms(stack)
    for k in range(5):
        norms = np.linalg.norm(products.product_of(stack[: k + 1]), 2, axis=(1, 2))
        np.testing.assert_allclose(found[k], np.log(norms), rtol=1e-12)


def test_norms_beyond_the_range_of_doubles():
    grown = products.log_norms(np.full((400, 1, 1, 1), 1e10))
    assert grown[-1, 0] == pytest.approx(400 * np.log(1e10))
    shrunk = products.log_norms(np.full((400, 1, 1, 1), 1e-10))
    assert shrunk[-1, 0] == pytest.approx(-400 * np.log(1e10))
    nothing = products.log_norms(np.tile([[0.0, 1.0], [0.0, 0.0]], (3, 1, 1, 1)))
    assert nothing[:, 0].tolist() == [0.0, -np.inf, -np.inf]


def test_singular_values_that_doubles_would_lose():
    stack = np.tile(np.diag([1e6, 1.0, 1e-6]), (8, 1, 1, 1))
    found = products.log_singular_values(stack)[-1, 0]
    np.testing.assert_allclose(found, 8 * np.log([1e6, 1.0, 1e-6]), atol=1e-9)
    drawn = products.fresh(4, 3, 2, seed=1)
    expected = np.log(np.linalg.svd(products.product_of(drawn), compute_uv=False))
    np.testing.assert_allclose(products.log_singular_values(drawn)[-1], expected, rtol=1e-9)


def test_a_singular_value_of_zero_has_no_logarithm():
    with pytest.raises(ValueRangeError, match="may be 0"):
        products.log_singular_values(np.tile([[1.0, 1.0], [1.0, 1.0]], (2, 1, 1, 1)))


def test_powers_of_one_matrix():
    found = products.power_norms(np.diag([2.0, 0.5]), 5)
    np.testing.assert_allclose(found, np.log(2) * np.arange(1, 6))


@pytest.mark.parametrize("shape", [(2, 3, 3), (2, 1, 2, 3), (0, 1, 2, 2)])
def test_other_shapes_are_refused(shape):
    for function in (products.product_of, products.log_norms, products.log_diagonals):
        with pytest.raises(ShapeError, match="factors, draws"):
            function(np.ones(shape))


def test_other_values_are_refused():
    with pytest.raises(ValueRangeError, match="NaN"):
        products.product_of(np.full((1, 1, 2, 2), np.nan))
    for bad in ({"size": 0}, {"factors": -1}, {"draws": 1.5}, {"draws": True}):
        with pytest.raises(ValueRangeError, match=next(iter(bad))):
            products.fresh(**{"size": 2, "factors": 2, "draws": 2, "seed": 0} | bad)
    for scale in (0.0, np.inf):
        with pytest.raises(ValueRangeError, match="scale"):
            products.fresh(2, 2, 2, scale=scale, seed=0)
    with pytest.raises(ShapeError, match="square"):
        products.power_norms(np.ones(3), 2)
    with pytest.raises(ValueRangeError, match="size"):
        products.exponents(0)
