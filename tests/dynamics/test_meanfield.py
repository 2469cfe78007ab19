"""Mean-field numbers in doubles, against the enclosures and against wide random networks."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy as sp

from gradmath.catalogue import activations as declared
from gradmath.catalogue.applied import applied
from gradmath.catalogue.gaussian import GaussianMean, Z
from gradmath.dynamics.meanfield import MeanField, edge_of_chaos, gaussian_mean
from gradmath.errors import UnknownNameError, ValueRangeError
from gradmath.functions import activations
from gradmath.verify import oracle


@pytest.mark.parametrize("name", list(declared))
@pytest.mark.parametrize("q", [sp.Rational(1, 4), sp.S.One, sp.Integer(9)], ids=str)
def test_one_layer_against_the_enclosures(name, q):
    field = MeanField(name, weight=1.5, bias=0.25)
    for order, found in ((0, field.forward(float(q)) - 0.25), (1, field.chi(float(q)))):
        phi = applied(declared[name])(Z).diff(Z, order).xreplace({Z: sp.sqrt(q) * Z})
        true = 1.5 * float(oracle.value(GaussianMean(phi**2)))
        assert found == pytest.approx(true, rel=1e-13)


def test_the_edge_of_tanh():
    """Against the numbers that the chapter was planned with."""
    weight, bias = edge_of_chaos("tanh", 0.570048)
    assert weight == pytest.approx(1.760955, abs=1e-6)
    assert bias == pytest.approx(0.05, abs=1e-6)
    field = MeanField("tanh", weight, bias)
    assert field.fixed_point() == pytest.approx(0.570048, abs=1e-6)
    assert field.depth_scale() > 1e5
    assert MeanField("tanh", 1.0, 0.05).depth_scale() < 10
    assert MeanField("tanh", 4.0, 0.05).depth_scale() < 10


def test_selu():
    field = MeanField("selu", 1.0)
    assert field.fixed_point(0.3) == pytest.approx(1, abs=1e-9)
    assert field.chi(1.0) == pytest.approx(1.07157, abs=1e-5)
    assert math.sqrt(field.chi(1.0)) ** 100 == pytest.approx(32, abs=0.5)


def test_the_sigmoids_ratio_at_unit_variances():
    field = MeanField("sigmoid", 1.0, 1.0)
    assert math.sqrt(field.chi(1.0)) == pytest.approx(0.2117, abs=1e-4)
    assert math.sqrt(field.chi(field.fixed_point())) == pytest.approx(0.20484, abs=1e-5)


def test_what_dies_what_stays_and_what_explodes():
    assert MeanField("relu", 1.8).fixed_point() == 0
    assert MeanField("relu", 2.2).fixed_point() == math.inf
    assert MeanField("relu", 2.0).fixed_point(3.0) == pytest.approx(3)
    assert MeanField("tanh", 0.5).fixed_point() == 0
    with pytest.raises(ValueRangeError, match="fixed point"):  # dies out like 1/depth
        MeanField("tanh", 1.0).fixed_point()


def test_against_one_very_wide_layer():
    rng = np.random.Generator(np.random.PCG64(1))
    field = MeanField("elu", 1.3, 0.2)
    z = math.sqrt(0.7) * rng.standard_normal(400_000)
    wide = 1.3 * np.mean(activations["elu"](z) ** 2) + 0.2
    assert field.forward(0.7) == pytest.approx(wide, rel=0.01)


def test_a_mean_of_a_function_with_a_jump():
    found = gaussian_mean(lambda z: (z > 0.3).astype(float), breaks=(0.3,))
    assert found == pytest.approx(math.erfc(0.3 / math.sqrt(2)) / 2, rel=1e-13)


def test_bad_input():
    with pytest.raises(UnknownNameError, match="tanh"):
        MeanField("tahn", 1.0)
    for weight, bias in ((-1.0, 0.0), (1.0, -0.1), (math.nan, 0.0), (1.0, math.inf)):
        with pytest.raises(ValueRangeError, match="at least 0"):
            MeanField("tanh", weight, bias)
    for q in (0.0, -1.0, math.inf, math.nan):
        with pytest.raises(ValueRangeError, match="positive, finite"):
            MeanField("tanh", 1.0).forward(q)
