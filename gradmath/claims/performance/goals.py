"""What was asked of the kernels, and what the record says of it.

A goal compares two numbers of the record in each of some cells and is judged by its worst cell.
Targets are stated here once; pages take them, and what was measured, from here.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gradmath.claims.performance.record import (
    DTYPES,
    FRESH,
    FULL,
    LIMIT,
    MODES,
    REUSED,
    SCALARS,
    SIZES,
    Cell,
    Recording,
)

SMALL, MIDDLE, LARGE = SIZES
AT_MOST, AT_LEAST = "at most", "at least"
#: NumPy written by hand, accurate wherever results are normal numbers
BY_HAND = ("numpy-stable", "numpy-clipped")
#: exponents of growth are fitted between these depths
GROWTH = (64, 4000)
NETWORK_GROWTH = (20, 200)
CHAIN_DEPTHS = (4, 128)
FACTORS = {"native": 8}
"""The bound of the errors is 4(1+k) ulp, or this times (1+k)."""
SUBNORMALS = 4


@dataclass(frozen=True)
class Measured:
    """One comparison: its number, and where in the record it stands."""

    value: float
    mode: str = ""
    size: int = 0
    dtype: str = ""
    policy: str = ""
    other: str = ""
    depth: int = 0
    activation: str = ""
    order: int = 0


@dataclass(frozen=True)
class Goal:
    """A number that should be at most, or at least, `target` in every cell.

    `titles` say what is compared; `whys` say why it falls short, where it does.
    """

    id: str
    sense: str
    target: float
    unit: str
    titles: Mapping[str, str]
    whys: Mapping[str, str]
    measure: Callable[[Recording], Sequence[Measured]]

    def measured(self, record: Recording) -> Sequence[Measured]:
        """Every comparison; ValueError if there is none: judged by nothing, it would be reached."""
        found = self.measure(record)
        if not found:
            raise ValueError(f"nothing in the record is about the goal {self.id!r}")
        return found

    def holds(self, one: Measured) -> bool:
        """Whether a comparison is as was asked."""
        if self.sense == AT_MOST:
            return one.value <= self.target
        return one.value >= self.target

    def worst(self, record: Recording) -> Measured:
        """The comparison that is farthest on the wrong side."""
        pick = max if self.sense == AT_MOST else min
        return pick(self.measured(record), key=lambda one: one.value)

    def missed(self, record: Recording) -> list[Measured]:
        """The comparisons in which it is not reached, worst first."""
        bad = [one for one in self.measured(record) if not self.holds(one)]
        return sorted(bad, key=lambda one: one.value, reverse=self.sense == AT_MOST)


def own(record: Recording, backend: str, mode: str, size: int, dtype: str) -> Iterator[Cell]:
    """Our cells for a task: with outputs reused, and fresh."""
    for policy in (REUSED, FRESH) if mode == FULL else (SCALARS,):
        yield record.cell(backend, policy, mode, size, dtype)


def rival(record: Recording, peer: str, ours: Cell) -> Cell:
    """A peer's cell to hold ours against: like with like, and its best if ours reuses outputs."""
    task = (ours.mode, ours.size, ours.dtype)
    if ours.policy == FRESH and FRESH in record.policies(peer, ours.mode):
        return record.cell(peer, FRESH, *task)
    return record.fastest(peer, *task)


def compared(
    record: Recording,
    backend: str,
    peers: Sequence[str],
    sizes: Sequence[int],
    *,
    slower: bool = False,
    modes: Sequence[str] = MODES,
    policies: Sequence[str] = (REUSED, SCALARS),
) -> list[Measured]:
    """How many times as fast as the fastest of these peers we are; or, if `slower`, as slow."""
    found = []
    for mode, size, dtype in itertools.product(modes, sizes, DTYPES):
        for ours in own(record, backend, mode, size, dtype):
            if ours.policy not in policies:
                continue
            best = min((rival(record, peer, ours) for peer in peers), key=lambda c: c.median)
            ratio = best.median / ours.median
            value = 1 / ratio if slower else ratio
            found.append(Measured(value, mode, size, dtype, ours.policy, best.contender))
    return found


def exponent(ladder: Sequence[tuple[int, float]], low: int, high: int) -> float:
    """The slope of log time against log depth between two depths, by least squares."""
    inside = [(n, seconds) for n, seconds in ladder if low <= n <= high]
    if len(inside) < 3:
        return math.inf
    depths, seconds = zip(*inside, strict=True)
    return float(np.polyfit(np.log(depths), np.log(seconds), 1)[0])


def at_depth(record: Recording, depth: int) -> list[Measured]:
    """Seconds to derive and compile a chain of this depth for NumPy."""
    seconds = dict(record.ladder("compile", "numpy")).get(depth, math.inf)
    return [Measured(seconds, depth=depth)]


def chains(record: Recording) -> list[Measured]:
    """How many times as fast as jax the native backend runs chains."""
    low, high = CHAIN_DEPTHS
    theirs = dict(record.ladder("run", "jax"))
    return [
        Measured(theirs[depth] / seconds, depth=depth, other="jax")
        for depth, seconds in record.ladder("run", "native")
        if low <= depth <= high and depth in theirs
    ]


def shares(record: Recording, backend: str) -> list[Measured]:
    """Errors as shares of the backend's bound, for results that are normal numbers."""
    factor = FACTORS.get(backend, 4) / 4
    return [
        Measured(e.share / factor, dtype=e.dtype, activation=e.activation, order=e.order)
        for e in record.errors
        if e.contender == backend
    ]


def tiny(record: Recording, backend: str) -> list[Measured]:
    """Errors below the smallest normal number, in smallest subnormal numbers."""
    return [
        Measured(e.tiny, dtype=e.dtype, activation=e.activation, order=e.order)
        for e in record.errors
        if e.contender == backend
    ]


def limit(record: Recording, mode: str) -> list[Measured]:
    """How many times the native backend needs what the memory alone needs."""
    large = (MIDDLE, LARGE)
    return compared(record, "native", [LIMIT], large, slower=True, modes=[mode])


def everybody(record: Recording, policies: Sequence[str]) -> list[Measured]:
    """The native backend against the fastest peer of each cell."""
    return compared(record, "native", record.peers, SIZES, policies=policies)


def growth(record: Recording, kind: str, contender: str, ends: tuple[int, int]) -> list[Measured]:
    """The exponent with which a ladder grows."""
    return [Measured(exponent(record.ladder(kind, contender), *ends))]
