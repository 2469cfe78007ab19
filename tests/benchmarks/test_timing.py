"""The clock's helpers, the ladders' patience, and the comparison with the record."""

from __future__ import annotations

import itertools
import os
import time

import pytest

from gradmath.claims.performance import record
from tests.benchmarks import ladders, made_up, quick, timing
from tests.benchmarks.__main__ import ONE_THREAD, main
from tests.benchmarks.cases import Case


def busy(seconds):
    """Use the processor for a while."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def test_processor_time_is_told_and_waiting_is_not():
    worked, _ = timing.once(lambda: busy(0.02))
    waited, elapsed = timing.once(lambda: time.sleep(0.05))
    assert worked >= 0.02
    assert waited < 0.02
    assert elapsed >= 0.05


def test_the_time_of_a_process_that_was_started_counts():
    before = timing.spent()
    os.system("python3 -c 'sum(range(3000000))'")
    assert timing.spent() > before


def test_quartiles_stand_on_either_side_of_the_median():
    found = timing.summary([(float(n), 2.0 * n) for n in (5, 1, 4, 2, 3)], loops=7)
    assert (found.low, found.median, found.high, found.elapsed) == (2.0, 3.0, 4.0, 6.0)
    assert (found.loops, found.rounds) == (7, 5)


def test_contenders_take_turns_and_nobody_is_always_first():
    order = []
    calls = {name: lambda name=name: order.append(name) for name in "abc"}
    found = timing.interleaved(calls, rounds=30, sample=0.0)
    assert set(found) == set("abc")
    assert all(each.rounds == 30 for each in found.values())
    ready, timed = order[:6], order[6:]
    assert ready == list("aabbcc")  # a sample of no length: one call is long enough
    rounds = ["".join(timed[k : k + 3]) for k in range(0, 90, 3)]
    assert set(rounds) == set(map("".join, itertools.permutations("abc")))
    assert timing.interleaved(calls, rounds=30, sample=0.0)
    assert order[96:] == order[:96]  # the same in every run


def test_one_slow_call_does_not_decide_how_many_make_a_sample():
    slow = iter([0.01] + [0.0] * 100)
    assert timing.quickest(lambda: busy(next(slow)), sample=0.02) < 0.005
    calls = []
    timing.quickest(lambda: calls.append(busy(0.01)), sample=0.005)
    assert len(calls) == 1  # it is long enough for a sample


def test_what_works_elsewhere_is_told_by_the_time_elapsed():
    calls = {"here": lambda: time.sleep(0.01), "there": lambda: time.sleep(0.01)}
    found = timing.interleaved(calls, rounds=3, elsewhere=["there"])
    assert found["here"].median < 0.005 < 0.01 <= found["there"].median


def test_a_timing_is_plain_data():
    found = timing.summary([(1 / 3, 1 / 3)] * 3, 1)
    assert found.plain()["median"] == 0.3333


def test_a_ladder_is_left_in_time():
    asked = []

    def rung(depth):
        asked.append(depth)
        return 0.001 * depth**2

    made = ladders.climb("derive", "trial", rung, [1, 2, 4, 8, 100, 200])
    assert asked == [1, 2, 4, 8]
    assert [each["seconds"] is None for each in made] == [False] * 4 + [True] * 2
    assert "0.064 s at depth 8" in made[-1]["reason"]


def test_a_contender_that_gives_up_is_not_asked_again():
    def rung(depth):
        if depth > 1:
            raise RecursionError
        return 1.0

    made = ladders.climb("derive", "trial", rung, [1, 2, 4])
    assert [each["reason"] for each in made] == ["", *["RecursionError at depth 2"] * 2]


def test_running_a_chain_leaves_out_who_cannot():
    def fails(depth, x, y):
        raise MemoryError

    made = ladders.Running({"ours": ladders.ours("numpy"), "other": fails}).rungs([1, 2])
    found = {(each["contender"], each["depth"]): each for each in made}
    assert found["ours", 2]["seconds"] > 0
    assert found["other", 2]["reason"] == "MemoryError at depth 1"


def test_a_chain_and_a_network_run():
    x, y = ladders.samples(8)
    loss, grads = ladders.ours("numpy")(3, x, y)()
    assert set(grads) == {"w1", "b1", "w2", "b2", "w3", "b3"}
    assert 0 < loss < 1
    assert ladders.first_result(ladders.network)(2) > 0


def test_ratios_are_held_against_those_of_the_record():
    case = Case("full", 10_000, "float32")
    seconds = {("numpy-plain", "fresh"): 2.0, ("native", "reused"): 1.0, ("new", "fresh"): 1.0}
    plain, native, new = quick.compared(case, seconds, record.of(made_up.plain()))
    assert (plain.now, plain.then, plain.mark) == (1.0, 1.0, "")
    assert native.then == pytest.approx(1 / 6)
    assert native.change == pytest.approx(3)
    assert native.mark == "slower"
    assert (new.then, new.change, new.mark) == (None, None, "not on record")
    shown = quick.table([plain, native, new])
    assert "3.00x slower" in shown
    assert len(shown.splitlines()) == 5


def test_an_unknown_option_is_refused(capsys):
    with pytest.raises(SystemExit, match="quick"):
        main(["--quik"])
    assert set(ONE_THREAD) >= {"OMP_NUM_THREADS", "XLA_FLAGS"}
