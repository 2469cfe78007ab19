"""Timing several callables fairly: interleaved rounds in one process, medians and quartiles.

What is told is processor time of the whole process, every thread of it counted: everybody is held
to one core, so on an idle machine it is the time elapsed, and on a busy one it is what the time
elapsed would have been.  The time elapsed is kept beside it, and stands in its place for what
works in a process of its own.
"""

from __future__ import annotations

import gc
import math
import random
import resource
import time
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from typing import Any

#: no sample is shorter than this: a clock's tick and a stray interrupt should not matter
SAMPLE = 2e-3
MOST_LOOPS = 2000
TRIALS = 10  # to see how long a call takes


@dataclass(frozen=True)
class Timed:
    """Seconds of one call: median and quartiles; see `performance.record.Cell`."""

    median: float
    low: float
    high: float
    elapsed: float
    loops: int
    rounds: int

    def plain(self) -> dict[str, Any]:
        """For JSON: four digits are more than any timing has."""
        return {
            name: value if isinstance(value, int) else float(f"{value:.4g}")
            for name, value in vars(self).items()
        }


def spent() -> float:
    """Seconds of processor time so far, of this process and of those it started that have ended.

    A compiler that is called is such a process.
    """
    others = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + others.ru_utime + others.ru_stime


def once(call: Callable[[], Any], loops: int = 1) -> tuple[float, float]:
    """Seconds of processor time, and elapsed, for each of `loops` calls."""
    start, used = time.perf_counter(), time.process_time()
    for _ in range(loops):
        call()
    used, elapsed = time.process_time() - used, time.perf_counter() - start
    return used / loops, elapsed / loops


def loops_for(seconds: float, sample: float = SAMPLE) -> int:
    """How many calls make a sample long enough.

    >>> loops_for(1.0), loops_for(1e-4), loops_for(0.0)
    (1, 20, 2000)
    """
    return max(1, min(MOST_LOOPS, math.ceil(sample / seconds))) if seconds > 0 else MOST_LOOPS


def quickest(call: Callable[[], Any], sample: float, elsewhere: bool = False) -> float:
    """Seconds of the quickest of a few calls: one that was interrupted does not count.

    What takes longer than a sample is called once.
    """
    best = once(call)[elsewhere]
    for _ in range(TRIALS):
        if best > sample:
            break
        best = min(best, once(call)[elsewhere])
    return best


def summary(samples: list[tuple[float, float]], loops: int) -> Timed:
    """Median and quartiles of what `once` gave, round by round."""
    used, elapsed = (sorted(column) for column in zip(*samples, strict=True))
    low, median, high = (quantile(used, share) for share in (0.25, 0.5, 0.75))
    return Timed(median, low, high, quantile(elapsed, 0.5), loops, len(samples))


def quantile(ordered: list[float], share: float) -> float:
    """A quantile of sorted numbers, linear in between.

    >>> quantile([1.0, 2.0, 4.0], 0.5), quantile([1.0, 2.0, 4.0], 0.75)
    (2.0, 3.0)
    """
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def interleaved[K](
    calls: Mapping[K, Callable[[], Any]],
    rounds: int,
    sample: float = SAMPLE,
    elsewhere: Container[K] = (),
) -> dict[K, Timed]:
    """Time every callable once a round, each round in an order of its own, the same in every run.

    What disturbs the machine for a while then disturbs all alike, and nobody always comes after
    the same other, who leaves it the processor's caches as they are.  Each is called before: once
    to be made ready, then to see how many calls make a sample.  Those in `elsewhere` work in a
    process of their own: theirs is the time elapsed.
    """
    loops = {}
    for name, call in calls.items():
        call()
        loops[name] = loops_for(quickest(call, sample, name in elsewhere), sample)
    samples: dict[K, list[tuple[float, float]]] = {name: [] for name in calls}
    names = list(calls)
    dice = random.Random(0)
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            for name in dice.sample(names, len(names)):
                used, elapsed = once(calls[name], loops[name])
                samples[name].append((elapsed if name in elsewhere else used, elapsed))
    finally:
        gc.enable()
    return {name: summary(samples[name], loops[name]) for name in names}
