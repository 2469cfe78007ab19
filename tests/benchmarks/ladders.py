"""What grows with depth: deriving, compiling and running a chain of n layers, and networks.

A chain is a_k = sigmoid(w_k a_(k-1) + b_k) with the loss (a_n - y)^2 and its derivative by every
w_k and b_k.  "compile" is the time to the first result, on few samples, less that of a second call:
deriving, printing, compiling.  "run" is one call on many samples, means asked for.  "derive" is the
time to formulas alone.  "network" is "compile" for a fully connected network.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Iterable, Mapping
from typing import Any

import numpy as np

import gradmath as gm
from gradmath.claims.performance.record import DEPTHS
from tests.benchmarks.timing import interleaved, spent

FEW, MANY = 64, 10_000
NETWORK_DEPTHS = (1, 2, 5, 10, 20, 50, 100, 200)
NETWORK_WIDTH = 16
#: a ladder is left when the next rung would, at the growth seen, take longer than this
PATIENCE = {"compile": 15.0, "run": 10.0, "derive": 8.0, "network": 15.0}
ROUNDS, FEW_ROUNDS = 7, 3
DEEP = 1000  # from here on a call is slow, and few rounds will do
REPEATS_BELOW = 0.5  # seconds: what is quicker is done three times, and the median taken

Make = Callable[[int, Any, Any], Callable[[], Any]]
"""`make(depth, x, y)` derives and compiles; what it gives runs once."""


def equations(depth: int) -> tuple[list[tuple[str, str]], list[str]]:
    """The equations of a chain, and what to differentiate by.

    >>> equations(1)
    ([('a1', 'sigmoid(w1*x + b1)'), ('L', '(a1 - y)**2')], ['w1', 'b1'])
    """
    lines, before = [], "x"
    for k in range(1, depth + 1):
        lines.append((f"a{k}", f"sigmoid(w{k}*{before} + b{k})"))
        before = f"a{k}"
    lines.append(("L", f"({before} - y)**2"))
    return lines, [f"{name}{k}" for k in range(1, depth + 1) for name in "wb"]


def weights(depth: int) -> list[tuple[float, float]]:
    """Numbers for w_k and b_k that keep the activations away from their ends."""
    return [(2.0 + 0.5 * np.cos(k), -1.0 + 0.25 * np.sin(k)) for k in range(1, depth + 1)]


def samples(count: int) -> tuple[Any, Any]:
    """x and y in double precision."""
    rng = np.random.Generator(np.random.PCG64(11))
    return rng.normal(size=count), rng.uniform(size=count)


def ours(backend: str) -> Make:
    """A backend of ours."""

    def make(depth: int, x: Any, y: Any) -> Callable[[], Any]:
        lines, wrt = equations(depth)
        kernel = gm.compile(gm.derive(lines, wrt=wrt), backend=backend)
        given: dict[str, Any] = {"x": x, "y": y}
        for k, (w, b) in enumerate(weights(depth), 1):
            given[f"w{k}"], given[f"b{k}"] = w, b
        return lambda: kernel(given, reduce="mean", check_finite=False)

    return make


def network(depth: int, x: Any, y: Any) -> Callable[[], Any]:
    """A fully connected network with tanh, compiled for NumPy."""
    layers = [gm.Dense(NETWORK_WIDTH, gm.tanh) for _ in range(depth)]
    net = gm.Network(inputs=NETWORK_WIDTH, layers=layers, loss=gm.squared_error)
    kernel = gm.compile(gm.derive(net), backend="numpy")
    params = net.init(seed=0)
    wide = np.tile(x[:, None], (1, NETWORK_WIDTH))
    return lambda: kernel(params, wide, np.tanh(wide))


def climb(
    kind: str, contender: str, rung: Callable[[int], float], depths: Iterable[int] = DEPTHS
) -> list[dict[str, Any]]:
    """Seconds at each depth, until patience or the contender gives up."""
    made, seen, reason = [], [], ""
    for depth in depths:
        seconds = None
        if not reason:
            reason = too_long(seen, depth, PATIENCE[kind])
        if not reason:
            try:
                seconds = rung(depth)
                seen.append((depth, seconds))
            except (RecursionError, MemoryError) as error:
                reason = f"{type(error).__name__} at depth {depth}"
        made.append(written(kind, contender, depth, seconds, reason))
    return made


def too_long(seen: list[tuple[int, float]], depth: int, patience: float) -> str:
    """Why the next rung is not tried: the growth of the last two, carried on; or nothing.

    >>> too_long([(1, 1.0), (2, 4.0)], 4, 20.0), too_long([(1, 1.0), (2, 4.0)], 4, 15.0)
    ('', '4 s at depth 2, growing')
    """
    if len(seen) < 2 or seen[-1][1] < 1e-3:
        return ""
    (before, quick), (last, slow) = seen[-2:]
    growth = max(np.log(slow / quick) / np.log(last / before), 1.0)
    expected = slow * (depth / last) ** growth
    return "" if expected <= patience else f"{slow:.3g} s at depth {last}, growing"


def first_result(make: Make, elsewhere: bool = False, kept: bool = False) -> Callable[[int], float]:
    """A rung of "compile": the time to the first result less that of the second.

    It is processor time, or the time elapsed for what works `elsewhere`, in another process.  What
    is `kept` once it is compiled is tried once alone.
    """
    x, y = samples(FEW)
    clock = time.perf_counter if elsewhere else spent

    def rung(depth: int) -> float:
        def trial() -> float:
            start = clock()
            run = make(depth, x, y)
            run()
            ready = clock()
            run()
            return max(2 * ready - start - clock(), 1e-6)

        return trial() if kept else repeated(trial)

    return rung


def repeated(trial: Callable[[], float]) -> float:
    """One trial, or the median of three where it is quick."""
    found = [trial()]
    if found[0] < REPEATS_BELOW:
        found += [trial(), trial()]
    return sorted(found)[len(found) // 2]


class Running:
    """The ladder "run": at each depth everybody who has come so far, interleaved.

    Whoever took too long to compile is not asked to compile more.
    """

    def __init__(self, makes: Mapping[str, Make], elsewhere: Container[str] = ()) -> None:
        self.makes = makes
        self.elsewhere = elsewhere
        self.seen: dict[str, list[tuple[int, float]]] = {name: [] for name in makes}
        self.reasons = dict.fromkeys(makes, "")

    def rungs(self, depths: Iterable[int] = DEPTHS) -> list[dict[str, Any]]:
        """Seconds of one call at each depth."""
        return [rung for depth in depths for rung in self._at(depth)]

    def _at(self, depth: int) -> list[dict[str, Any]]:
        x, y = samples(MANY)
        calls = {}
        for name, make in self.makes.items():
            reason = self.reasons[name] or too_long(self.seen[name], depth, PATIENCE["run"])
            self.reasons[name] = reason and reason.replace("s at", "s to compile at")
            if reason:
                continue
            start = spent()
            try:
                calls[name] = make(depth, x, y)
                calls[name]()
            except (RecursionError, MemoryError) as error:
                calls.pop(name, None)
                self.reasons[name] = f"{type(error).__name__} at depth {depth}"
                continue
            self.seen[name].append((depth, spent() - start))
        rounds = ROUNDS if depth < DEEP else FEW_ROUNDS
        timed = interleaved(calls, rounds, elsewhere=self.elsewhere)
        return [
            written("run", name, depth, timed[name].median if name in timed else None, reason)
            for name, reason in self.reasons.items()
        ]


def written(
    kind: str, contender: str, depth: int, seconds: float | None, reason: str
) -> dict[str, Any]:
    """A rung as the file has it, shown on the way."""
    print(f"  {kind:8} {contender:14} {depth:5} {seconds or reason}", flush=True)
    shown = None if seconds is None else float(f"{seconds:.4g}")
    return {
        "kind": kind, "contender": contender, "depth": depth, "seconds": shown, "reason": reason,
    }  # fmt: skip
