"""The whole benchmark: the table, the ladders, the errors, and the file they go to."""

from __future__ import annotations

import json
import os
import time
import warnings
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gradmath.claims.performance import record
from tests.benchmarks import accuracy, chains, ladders, setting, truth
from tests.benchmarks.cases import Call, Case, all_cases
from tests.benchmarks.contenders import ours, peers
from tests.benchmarks.timing import interleaved

#: rounds of a cell by size: small arrays are quick, and disturbed more
ROUNDS = {10_000: 31, 1_000_000: 21, 10_000_000: 11}
#: who keeps what was compiled, in this process or on disk
KEPT = ("native", "torch-compile")
NO_RUNG = 3  # a depth that is not measured
Key = tuple[str, str]
"""A contender and a policy."""


def main(target: Path) -> None:
    """Measure, and write the file once it is whole."""
    # no peer's notice is an error of ours
    warnings.simplefilter("ignore")
    start, load = time.perf_counter(), os.getloadavg()[0]
    cells = [cell for case in all_cases() for cell in measured(case)]
    rungs = climbed()
    errors = accuracy.rows()
    whole = {
        "format": record.FORMAT,
        "date": datetime.now(UTC).date().isoformat(),
        "machine": setting.machine(),
        "versions": setting.versions(),
        "settings": {
            "threads": 1,
            "rounds": {str(size): rounds for size, rounds in ROUNDS.items()},
            "chain_samples": ladders.MANY,
            "network_width": ladders.NETWORK_WIDTH,
            "points": truth.COUNT,
            "load": [round(load, 2), round(os.getloadavg()[0], 2)],
            "minutes": round((time.perf_counter() - start) / 60, 1),
        },
        "contenders": contenders(),
        "cells": cells,
        "rungs": rungs,
        "errors": errors,
    }
    record.of(whole)
    write(whole, target)
    print(f"{len(cells)} cells, {len(rungs)} rungs, {len(errors)} errors written to {target}")


def write(whole: dict[str, Any], target: Path) -> None:
    """One entry a line, so that two records can be compared."""
    parts = []
    for name, value in whole.items():
        if isinstance(value, list):
            lines = ",\n".join("  " + json.dumps(each, allow_nan=False) for each in value)
            parts.append(f' "{name}": [\n{lines}\n ]')
        else:
            parts.append(f' "{name}": {json.dumps(value, allow_nan=False)}')
    target.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")


def contenders() -> list[dict[str, Any]]:
    """Who was timed, ours first."""
    own = [{"id": name, "ours": True, "policies": list(ours.POLICIES)} for name in ours.backends()]
    return own + [
        {"id": each.ID, "ours": False, "policies": list(each.POLICIES)} for each in peers()
    ]


def made_ready(case: Case, quick: bool = False) -> dict[Key, Call]:
    """Every contender's calls for a task, each checked once against the truth."""
    calls: dict[Key, Call] = {}
    for name in ours.backends():
        calls |= {(name, policy): call for policy, call in ours.calls(name, case).items()}
    for each in peers():
        if quick and getattr(each, "SLOW_TO_COMPILE", False):
            continue
        calls |= {(each.ID, policy): call for policy, call in each.calls(case).items()}
    for (name, policy), call in calls.items():
        found = call()
        if name != record.LIMIT:
            case.check(found, f"{name}, {policy}")
    return calls


def elsewhere(calls: Iterable[Key]) -> set[Key]:
    """Those that do not work in this process."""
    return {key for key in calls if key[0] in ours.ELSEWHERE}


def measured(case: Case) -> list[dict[str, Any]]:
    """All cells of a task."""
    print(f"{case.mode} {case.size} {case.dtype}", flush=True)
    calls = made_ready(case)
    timed = interleaved(calls, ROUNDS[case.size], elsewhere=elsewhere(calls))
    return [
        {"contender": name, "policy": policy, "mode": case.mode, "size": case.size,
         "dtype": case.dtype, **found.plain()}
        for (name, policy), found in timed.items()
    ]  # fmt: skip


def climbed() -> list[dict[str, Any]]:
    """Every ladder."""
    own = {name: ladders.ours(name) for name in ours.backends()}
    found = []
    for name, deriving in chains.DERIVING.items():
        found += ladders.climb("derive", name, deriving)
    ready = ladders.first_result(ladders.network)
    found += ladders.climb("network", "gradmath", ready, ladders.NETWORK_DEPTHS)
    compiled = own | {name: chains.PEERS[name] for name in ("jax", "torch-compile")}
    for name, make in compiled.items():
        rung = ladders.first_result(make, elsewhere=name in ours.ELSEWHERE, kept=name in KEPT)
        rung(NO_RUNG)  # what is loaded on first use is no part of it
        found += ladders.climb("compile", name, rung)
    return found + ladders.Running(own | chains.PEERS, elsewhere=ours.ELSEWHERE).rungs()
