"""A goal is judged by its worst cell, like held against like."""

from __future__ import annotations

import math

import pytest

from gradmath.claims.performance import record
from gradmath.claims.performance.asked import GOALS
from gradmath.claims.performance.goals import Goal, Measured, compared, exponent
from tests.benchmarks import made_up

BY_ID = {goal.id: goal for goal in GOALS}


def changed(**cell_of):
    """The made-up record with the median of one contender's cells multiplied."""
    plain = made_up.plain()
    for cell in plain["cells"]:
        factor = cell_of.get(cell["contender"].replace("-", "_"), 1)
        for part in ("low", "median", "high", "elapsed"):
            cell[part] *= factor
    return record.of(plain)


def test_ids_are_unique_and_words_are_there():
    assert len(BY_ID) == len(GOALS)
    for goal in GOALS:
        assert set(goal.titles) == set(goal.whys) == {"en", "zh"}


def test_every_goal_compares_something():
    found = changed()
    for goal in GOALS:
        assert goal.measured(found)
        assert (not goal.missed(found)) == goal.holds(goal.worst(found))


def test_a_goal_that_compares_nothing_is_none():
    goal = Goal("empty", "at most", 1, "", {}, {}, lambda found: [])
    with pytest.raises(ValueError, match="nothing in the record"):
        goal.worst(changed())


def test_the_worst_cell_decides_in_both_senses():
    values = [Measured(0.5), Measured(2.0), Measured(1.0)]
    for sense, worst in (("at most", 2.0), ("at least", 0.5)):
        goal = Goal("trial", sense, 1, "", {}, {}, lambda found: values)
        assert goal.worst(changed()).value == worst
        assert [one.value for one in goal.missed(changed())] == [worst]


def test_one_slow_cell_misses_the_goal():
    plain = made_up.plain()
    for cell in plain["cells"]:
        if (cell["contender"], cell["policy"], cell["size"]) == ("native", "fresh", 10_000):
            for part in ("low", "median", "high"):
                cell[part] *= 10
    found = record.of(plain)
    assert not BY_ID["native-everybody"].missed(found)
    missed = BY_ID["native-everybody-fresh"].missed(found)
    assert {(one.mode, one.size, one.policy) for one in missed} == {("full", 10_000, "fresh")}
    assert len(missed) == 2


def test_a_peer_that_is_quicker_is_named():
    found = changed(numba=0.1)
    worst = BY_ID["native-everybody"].worst(found)
    assert (worst.other, worst.value) == ("numba", pytest.approx(0.35))


def test_fresh_outputs_are_held_against_fresh_ones():
    (found,) = {
        round(one.value, 9)
        for one in compared(changed(), "native", ["numba"], [10_000], policies=["fresh"])
    }
    assert found == pytest.approx(3.5)
    reused = compared(changed(), "native", ["lambdify"], [10_000], policies=["reused"])
    assert reused[0].value == pytest.approx(6 * 1.5)  # it has fresh outputs alone


def test_the_memory_limit_is_no_peer():
    assert BY_ID["native-everybody"].worst(changed(limit=1e-3)).value > 1
    assert BY_ID["native-limit-full"].missed(changed(limit=1e-3))


def test_growth_is_the_slope_of_the_logarithms():
    assert exponent([(n, n**1.5) for n in (1, 64, 128, 256, 4000)], 64, 4000) == pytest.approx(1.5)
    assert math.isinf(exponent([(64, 1.0), (128, 2.0)], 64, 4000))  # too few to say


def test_a_depth_that_was_not_reached_is_no_success():
    plain = made_up.plain()
    for rung in plain["rungs"]:
        if (rung["kind"], rung["contender"], rung["depth"]) == ("compile", "numpy", 4000):
            rung.update(seconds=None, reason="too slow")
    assert BY_ID["chain-four-thousand"].worst(record.of(plain)).value == math.inf


def test_errors_are_shares_of_the_backend_s_own_bound():
    shares = {b: BY_ID[f"{b}-errors"].worst(changed()).value for b in record.OURS}
    assert shares == {"numpy": 1.5 / 4, "native": 1.5 / 8, "javascript": 1.5 / 4}


def test_the_memory_bars_the_large_goal_as_its_words_say():
    found = record.recording()
    for dtype in record.DTYPES:
        jax, limit = (
            found.fastest(who, record.FULL, record.SIZES[-1], dtype).median
            for who in ("jax", "limit")
        )
        assert limit > jax / 4
