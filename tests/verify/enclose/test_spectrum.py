"""Enclosed spectra: they hold what NumPy finds, for every matrix in the balls, and never guess."""

from __future__ import annotations

import numpy as np
import pytest
from flint import arb, arb_mat

from gradmath.verify import balls
from gradmath.verify.enclose import NotEnclosed, spectrum

HALF_UNIT = 5e-5


def draw(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def of_balls(matrix, radius=0.0):
    return arb_mat([[arb(float(x), radius) for x in row] for row in np.asarray(matrix)])


@pytest.mark.parametrize("seed", range(6))
def test_exact_matrices_have_sharp_enclosures(seed):
    matrix = draw(seed).standard_normal((4, 4))
    with balls.precision(128):
        found = spectrum.eigenvalues(of_balls(matrix))
        radius = spectrum.spectral_radius(of_balls(matrix))
        singular = spectrum.singular_values(of_balls(matrix))
    mine = sorted((complex(e.ball) for e in found), key=lambda v: (v.real, v.imag))
    theirs = sorted(np.linalg.eigvals(matrix), key=lambda v: (v.real, v.imag))
    np.testing.assert_allclose(mine, theirs, rtol=1e-10)
    assert float(radius) == pytest.approx(max(abs(v) for v in theirs), rel=1e-12)
    np.testing.assert_allclose(
        [float(v) for v in singular], np.linalg.svd(matrix, compute_uv=False), rtol=1e-10
    )
    assert all(value.rad() < 1e-30 for value in singular)
    assert [e.real for e in found] == [abs(complex(e.ball).imag) < 1e-12 for e in found]
    assert all(e.simple for e in found)


@pytest.mark.parametrize("seed", range(4))
def test_the_balls_hold_every_matrix_that_prints_so(seed):
    rng = draw(100 + seed)
    middle = np.round(rng.standard_normal((4, 4)), 4)
    with balls.precision(128):
        singular = spectrum.singular_values(of_balls(middle, HALF_UNIT))
        radius = spectrum.spectral_radius(of_balls(middle, HALF_UNIT))
        found = spectrum.eigenvalues(of_balls(middle, HALF_UNIT))
        for _ in range(20):
            one = middle + rng.uniform(-HALF_UNIT, HALF_UNIT, (4, 4))
            inner = spectrum.singular_values(of_balls(one))
            assert all(wide.contains(sharp) for wide, sharp in zip(singular, inner, strict=True))
            assert radius.contains(spectrum.spectral_radius(of_balls(one)))
            for sharp in spectrum.eigenvalues(of_balls(one)):
                assert any(wide.ball.contains(sharp.ball) for wide in found)


def test_tall_and_wide_matrices_have_the_same_singular_values():
    matrix = draw(7).standard_normal((5, 3))
    with balls.precision(128):
        tall, wide = (spectrum.singular_values(of_balls(m)) for m in (matrix, matrix.T))
    assert len(tall) == len(wide) == 3
    assert all(one.overlaps(other) for one, other in zip(tall, wide, strict=True))


def test_a_double_eigenvalue_is_not_called_simple():
    with balls.precision(128):
        found = spectrum.eigenvalues(arb_mat([[2, 0], [0, 2]]))
    assert [e.simple for e in found] == [False, False]
    assert [e.real for e in found] == [False, False]  # not decided, so not said


def test_a_rotation_has_no_real_eigenvalue():
    with balls.precision(128):
        found = spectrum.eigenvalues(arb_mat([[0, -1], [1, 0]]))
        assert [e.real for e in found] == [False, False]
        assert spectrum.spectral_radius(arb_mat([[0, -1], [1, 0]])).contains(1)


def test_a_singular_matrix_has_a_singular_value_that_may_be_zero():
    with balls.precision(128):
        smallest = spectrum.singular_values(arb_mat([[1, 2], [2, 4]]))[-1]
    assert smallest.contains(0)
    assert float(smallest.upper()) < 1e-15


def test_ranks_are_of_ends_and_not_of_middles():
    wide, sharp = arb(0, 3), arb(1)
    first, second = spectrum.ranked([wide, sharp])
    assert (float(first.lower()), float(first.upper())) == pytest.approx((1, 3))
    assert (float(second.lower()), float(second.upper())) == pytest.approx((-3, 1))


@pytest.mark.parametrize(
    "matrix", [arb_mat([[1, 2, 3], [4, 5, 6]]), arb_mat([[arb("nan"), 1], [1, 1]])]
)
def test_what_has_no_eigenvalues_is_refused(matrix):
    with pytest.raises(NotEnclosed, match="matrix"):
        spectrum.eigenvalues(matrix)


def test_no_singular_values_of_what_is_not_finite():
    with pytest.raises(NotEnclosed, match="not finite"):
        spectrum.singular_values(arb_mat([[arb("inf"), 1], [1, 1]]))


def test_balls_too_wide_to_isolate_are_undecided():
    with balls.precision(64), pytest.raises(NotEnclosed, match="more bits"):
        spectrum.eigenvalues(of_balls(draw(3).standard_normal((8, 8)) * 1e6, 1e6))
