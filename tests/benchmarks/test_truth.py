"""The errors that whole arrays are judged by are those of the oracle."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gradmath.catalogue import activations
from gradmath.verify.oracle import value
from gradmath.verify.ulps import FLOAT32, FLOAT64, error
from tests.benchmarks.truth import truths


def of(name, dtype="float64", order=0, count=200):
    return truths(activations[name], dtype, [order], count)[0]


@pytest.mark.parametrize(("dtype", "form"), [("float32", FLOAT32), ("float64", FLOAT64)])
def test_an_error_is_the_oracle_s(dtype, form):
    truth = of("tanh", dtype)
    place = int(np.argmin(np.abs(truth.x - 0.75)))
    got = truth.high.astype(dtype)
    wrong = got.copy()
    for _ in range(9):
        wrong[place] = np.nextafter(wrong[place], got.dtype.type(2))
    entry = activations["tanh"]
    true = value(entry.expression, {entry.variable: float(truth.x[place])})
    expected = error(float(wrong[place]), true, form)
    found = truth.judge(wrong)
    assert 8 < expected < 10
    assert found.worst == pytest.approx(expected, rel=1e-9)
    assert found.where == truth.x[place]
    assert found.share == pytest.approx(expected / (4 * (1 + truth.k[place])))


def test_the_true_values_rounded_are_off_by_half_an_ulp_at_most():
    for dtype in ("float32", "float64"):
        found = of("silu", dtype)
        judged = found.judge(found.high.astype(dtype))
        assert 0.3 < judged.worst <= 0.5
        assert judged.tiny <= 0.5
        assert judged.points > 100


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_an_error_without_bound(bad):
    truth = of("sigmoid")
    got = truth.high.copy()
    got[int(np.argmin(np.abs(truth.x - 1)))] = bad
    assert truth.judge(got).worst == math.inf


def test_a_lost_tail_counts_below_the_smallest_normal_number_apart():
    truth = of("sigmoid")
    got = np.where(np.abs(truth.high) < FLOAT64.smallest_normal, 0.0, truth.high)
    judged = truth.judge(got)
    assert judged.worst <= 0.5
    assert judged.tiny > 1e6


def test_a_zero_that_is_not_zero_is_an_error():
    truth = of("relu")
    got = truth.high.copy()
    got[int(np.argmin(np.abs(truth.x + 1)))] = 1e-30
    assert truth.judge(got).worst > 1e200


def test_kinks_and_their_neighbours_are_left_out():
    assert np.abs(of("hard_sigmoid", order=1).x - 3).min() > 2 * FLOAT64.epsilon
    assert 0 not in of("relu", order=1).x
    assert 0 in of("tanh").x


def test_points_near_a_root_are_left_out_and_tails_are_not():
    near = of("silu", order=1, count=3000)
    root = -1.2784645427610738
    assert 0.001 < np.abs(near.x - root).min() < 0.1
    tail = of("sigmoid", order=1)
    assert tail.x.min() < -700
    assert tail.k.max() > 500
