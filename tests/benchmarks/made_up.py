"""A whole record of invented numbers, for tests of whatever reads one."""

from __future__ import annotations

import itertools
from typing import Any

from gradmath.catalogue import activations
from gradmath.claims.performance import record

POLICIES = {"numpy-plain": ["fresh"], "lambdify": ["fresh"], "torch-eager": ["fresh"]}
BOTH = ["reused", "fresh"]
#: nanoseconds for each element
_TIMES = (3, 1, 40, 4, 5, 3.1, 6, 8, 3.5, 4.5, 20, 2.2, 9, 0.6)
SPEED = dict(zip([*record.OURS, *record.PEERS], _TIMES, strict=True))


def plain() -> dict[str, Any]:
    """What the file would hold."""
    contenders = [
        {"id": name, "ours": name in record.OURS, "policies": POLICIES.get(name, BOTH)}
        for name in SPEED
    ]
    return {
        "format": record.FORMAT,
        "date": "2026-01-02",
        "machine": {
            "processor": "A processor, AVX2", "cores": 2, "caches": "L2 1024K", "memory": "8 GiB",
            "system": "Linux x86_64", "compiler": "gcc 12",
        },
        "versions": {"numpy": "2.5.0", "python": "3.12.1"},
        "settings": {
            "threads": 1, "rounds": {"10000": 5}, "chain_samples": 10_000, "network_width": 16,
            "points": 100, "load": [0.1, 0.2], "minutes": 12.5,
        },
        "contenders": contenders,
        "cells": [cell(*key) for key in record._cells(record.Contender(**c) for c in contenders)],
        "rungs": rungs(),
        "errors": errors(),
    }  # fmt: skip


def cell(contender: str, policy: str, mode: str, size: int, dtype: str) -> dict[str, Any]:
    """Double precision and fresh outputs take longer."""
    seconds = SPEED[contender] * size * 1e-9
    seconds *= (1.5 if policy == "fresh" else 1) * (2 if dtype == "float64" else 1)
    return {
        "contender": contender, "policy": policy, "mode": mode, "size": size, "dtype": dtype,
        "median": seconds, "low": 0.98 * seconds, "high": 1.02 * seconds, "elapsed": 1.01 * seconds,
        "loops": 1, "rounds": 5,
    }  # fmt: skip


def rungs() -> list[dict[str, Any]]:
    """Linear growth for us, cubic for SymPy and SymEngine, which give up at 100."""
    climbers = {
        "compile": ("numpy", "native", "javascript", "jax"),
        "run": ("numpy", "native", "javascript", "jax", "torch-eager"),
        "derive": ("gradmath", "sympy", "symengine"),
        "network": ("gradmath",),
    }
    made = []
    for kind, names in climbers.items():
        depths = record.DEPTHS if kind != "network" else (1, 10, 20, 50, 100, 200)
        for name, depth in itertools.product(names, depths):
            gone = name.startswith("sym") and depth > 100
            seconds = 1e-6 * depth**3 if name.startswith("sym") else 1e-4 * depth
            made.append(
                {"kind": kind, "contender": name, "depth": depth,
                 "seconds": None if gone else seconds, "reason": "too slow" if gone else ""}
            )  # fmt: skip
    return made


def errors() -> list[dict[str, Any]]:
    """Ours small, PyTorch's unbounded, SciPy's there for one activation alone."""
    made = []
    for name, dtype, order in itertools.product(activations, record.DTYPES, (0, 1, 2)):
        judged = dict.fromkeys(record.OURS, 1.5)
        if order < 2:
            judged |= {"torch": None, "jax": 1.2e7, "naive": 12345.0}
            judged |= {"scipy": 2.25} if name == "sigmoid" else {}
        made += [
            {"contender": who, "activation": name, "order": order, "dtype": dtype, "worst": worst,
             "where": -1.25, "share": None if worst is None else worst / 4, "tiny": 0.5,
             "points": 100}
            for who, worst in judged.items()
        ]  # fmt: skip
    return made
