"""A mistake is found at every size and in every format; rounding is no mistake."""

from __future__ import annotations

import numpy as np
import pytest
from flint import arb

import gradmath as gm
from gradmath.verify import balls
from gradmath.verify.gradients.noise import Noise
from gradmath.verify.ulps import FLOAT64
from tests.verify.gradients.regression import only, status


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def test_a_claimed_zero_never_passes_for_a_small_slope():
    assert status("x*10**-300", "0") == "failed"
    assert status(lambda x: 1e-300 * x, lambda x: 0.0 * x) == "failed"
    gm.check_gradient(lambda x: 1e-300 * x, lambda x: 1e-300).require()
    row = only(gm.check_gradient("sigmoid(z)", 0, domain=(600, 700)))
    assert row.got == "0"


def test_a_small_relative_mistake_fails_at_every_size():
    for factor in (1, 1e-150, 1e150):
        function, gradient = (
            (lambda x, f=factor: f * np.sin(x)),
            (lambda x, f=factor: f * np.cos(x)),
        )
        gm.check_gradient(function, gradient, domain=(-3, 3)).require()
        assert status(function, lambda x, g=gradient: 1.0001 * g(x), domain=(-3, 3)) == "failed"


def test_one_wrong_entry_of_many_fails():
    def loss(w):
        return np.sum(np.tanh(w) ** 2)

    def gradient(w, slip=0.0):
        found = 2 * np.tanh(w) * (1 - np.tanh(w) ** 2)
        found[311] *= 1 + slip
        return found

    gm.check_gradient(loss, gradient, shapes={"w": (400,)}, count=3).require()
    report = gm.check_gradient(loss, lambda w: gradient(w, 1e-4), shapes={"w": (400,)}, count=3)
    assert "entry [311]" in only(report).where


def test_a_right_formula_is_not_blamed_for_its_rounding_unless_that_is_asked():
    report = gm.check_gradient(sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z)), "x").require()
    assert any("lost to rounding" in row.note for row in report.rows)
    demanding = gm.check_gradient(sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z)), rtol=1e-9)
    assert demanding.status == "failed"
    gm.check_gradient(gm.sigmoid, gm.sigmoid.derivative, rtol=1e-14).require()


def test_roundings_that_cancel_in_a_few_runs_do_not_refuse_a_right_number():
    """The residual s - 1 of a sample labelled 1 is small, and holds the roundings of s alone."""
    labels = np.array([0.0, 1, 1, 0, 1])

    def loss(z):
        return np.mean(np.maximum(z, 0) - z * labels + np.log1p(np.exp(-np.abs(z))))

    gm.check_gradient(loss, lambda z: (sigmoid(z) - labels) / 5, shapes={"z": (5,)}).require()


def test_disturbances_are_finer_than_the_format_itself():
    noise = Noise(FLOAT64, seed=1)
    with balls.precision(256):
        off = [float((noise.on(arb(1), 1) - 1) / FLOAT64.epsilon) for _ in range(100)]
    assert len(set(off)) == 100
    assert all(0.5 <= abs(each) <= 1 for each in off)


@pytest.mark.parametrize(
    ("dtype", "off"), [("float16", 1.2), ("float32", 1.001), ("float64", 1.0001)]
)
def test_a_mistake_in_one_format_only(dtype, off):
    def slope(x):
        found = 1 - np.tanh(x) ** 2
        return found * off if getattr(x, "dtype", None) == np.dtype(dtype) else found

    gm.check_gradient(np.tanh, lambda x: 1 - np.tanh(x) ** 2, dtypes=[dtype]).require()
    row = only(gm.check_gradient(np.tanh, slope, dtypes=["float16", "float32", "float64"]))
    assert row.method == f"numbers in {dtype}"


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_code_that_answers_in_a_coarser_format_is_judged_in_it(dtype):
    def loss(x):
        x = x.astype(dtype)
        return np.sum(x**2)

    def gradient(x, factor=2.0):
        return x.astype(dtype) * dtype(factor)

    asked = {"shapes": {"x": (4,)}, "domain": (-3, 3)}
    report = gm.check_gradient(loss, gradient, **asked).require()
    assert any(f"judged as {dtype.__name__}" in row.note for row in report.rows)
    assert status(loss, lambda x: gradient(x, 2.5), **asked) == "failed"
    assert status(loss, lambda x: gradient(x) * (1 + (x.itemsize == 8)), **asked) == "failed"
    assert status(loss, gradient, rtol=1e-9, **asked) == "failed"
    # the function itself answers in doubles, and its gradient does not
    assert status(lambda x: np.sum(x**2), gradient, **asked) == "failed"
