"""Measured means: true theories pass, wrong ones fail, and a run that is too small says so."""

from __future__ import annotations

import functools

import numpy as np
import pytest
import sympy as sp

from gradmath.claims.simulated import FEWEST, Mean, Simulated, Simulation, needed
from gradmath.errors import DeclarationError, UnknownNameError

R = sp.Rational


@functools.cache
def dice(draws=40_000, seed=1):
    return np.random.Generator(np.random.PCG64(seed)).integers(1, 7, draws).astype(float)


def mean_of_a_die(half_width=0.03, draws=40_000):
    return Mean(R(7, 2), lambda: dice(draws), half_width, again=lambda: sum(range(1, 7)) / 6)


def statement(**changed):
    high = Mean(R(1, 6), lambda: (dice() == 6).astype(float), 0.01, again=lambda: 1 / 6)
    return Simulated({"mean": mean_of_a_die(**changed), "six": high}, "E X = 7/2", "E X = 7/2")


def rows(found):
    return {row.subject: row for row in Simulation().check(found)}


def test_a_true_theory_passes_and_has_no_counterexample():
    found = rows(statement())
    assert [row.status for row in found.values()] == ["passed", "passed"]
    assert found["mean"].points == 40_000
    assert "needed for 99 % of 2" in found["mean"].note
    assert statement().counterexample() is None


@pytest.mark.parametrize("wrong", [R(7, 2) + R(1, 20), R(7, 2) - R(1, 20), sp.sqrt(13)])
def test_a_wrong_theory_fails_and_is_shown_false(wrong):
    planted = statement().but(mean=wrong)
    found = rows(planted)
    assert (found["mean"].status, found["six"].status) == ("failed", "passed")
    assert planted.counterexample().part == "mean"
    assert planted.text != statement().text


def test_a_run_that_is_too_small_for_its_half_width_is_undecided():
    assert rows(statement(draws=400, half_width=0.2))["mean"].status == "inconclusive"
    found = rows(statement(half_width=1e-9))["mean"]
    assert found.status == "failed"  # the mean is not within so little, and says so first


def test_more_means_need_wider_intervals():
    assert needed(1, 100, 1) == pytest.approx(0.2575829)
    assert needed(1, 100, 10) > needed(1, 100, 1)
    assert needed(2, 400, 1) == pytest.approx(needed(1, 100, 1))


def test_the_stated_level_is_kept():
    """Of 2000 simulations of a true theory about 1 % may miss it: here 20 are expected."""
    rng = np.random.Generator(np.random.PCG64(5))
    missed = sum(abs(rng.standard_normal(400).mean()) > needed(1, 400, 1) for _ in range(2000))
    assert 8 <= missed <= 34


@pytest.mark.parametrize(
    "drawn", [np.ones(FEWEST - 1), np.ones((FEWEST, 2)), np.full(FEWEST, np.nan)]
)
def test_what_is_no_sample_is_refused(drawn):
    part = Mean(R(1), lambda: drawn, 0.1, again=lambda: 1.0)
    with pytest.raises(DeclarationError, match="draws"):
        part.measured()


def test_parts_are_named():
    assert Simulation(("six",)).covers(statement()) == {"six"}
    with pytest.raises(UnknownNameError):
        Simulation(("seven",)).check(statement())
    with pytest.raises(UnknownNameError):
        statement().but(seven=R(1))
    with pytest.raises(DeclarationError):
        Simulated({}, "", "")
