"""A dated record of a run on a device: python -m tests.gpu.measure FILE

How much of a device copy's bandwidth the kernels reach, how large their errors are beside the
oracle, and how near they come to the same source on the host.
"""

from __future__ import annotations

import datetime
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import gradmath as gm
from gradmath.catalogue import activations
from gradmath.kernels.cupy import runner as cupy_runner
from gradmath.kernels.cupy import sums as cupy_sums
from gradmath.kernels.cupy.device import cupy_module
from gradmath.verify.ulps import FLOAT16, FLOAT32, FLOAT64
from tests.cuda.entries import BFLOAT16, Called, prepare, worst
from tests.cuda.host import Host
from tests.gpu.device import device

NEURON = gm.derive([("z", "w*x + b"), ("a", "sigmoid(z)"), ("L", "(a - y)**2")], wrt=["w", "b"])
FULL = gm.derive(NEURON.equations, wrt=["w", "b", "x"])
SIZES = (10**6, 10**7, 10**8)
DTYPES = ("float32", "float64")
#: the goal: this share of a copy's bandwidth, at the largest size
GOAL = 0.85
#: a device's own functions may err twice as much as the bound of the other backends allows
DEVICE_FACTOR = 2.0
Timer = Callable[[Callable[[], Any]], float]


def seconds(call: Callable[[], Any], calls: int = 20, rounds: int = 7) -> float:
    """Time of a call on the device: the median over rounds of calls that follow without a pause."""
    cp = cupy_module()
    times = []
    for _ in range(rounds + 1):  # the first compiles and warms up
        start, end = cp.cuda.Event(), cp.cuda.Event()
        start.record()
        for _ in range(calls):
            call()
        end.record()
        end.synchronize()
        times.append(cp.cuda.get_elapsed_time(start, end) / 1e3 / calls)
    return float(np.median(times[1:]))


def bandwidth(cp: Any, size: int, dtype: str, timer: Timer) -> list[dict[str, Any]]:
    """Bytes a second of a copy, of the full map into arrays that are used again, of the sums."""
    x = cp.linspace(-4, 4, size, dtype=dtype)
    y = cp.linspace(0, 1, size, dtype=dtype)
    out = {name: cp.empty_like(x) for name in ("L", "w", "b", "x")}
    full, reduced = gm.compile(FULL, "cupy"), gm.compile(NEURON, "cupy")
    arguments = {"x": x, "y": y, "w": 0.5, "b": 0.1, "check_finite": False}
    calls: dict[str, tuple[int, Callable[[], Any]]] = {
        "copy": (2, lambda: cp.copyto(out["L"], x)),
        "full": (6, lambda: full(**arguments, out=out)),
        "reduced": (2, lambda: reduced(**arguments, reduce="mean")),
    }
    rows = []
    for name, (arrays, call) in calls.items():
        spent = timer(call)
        rate = arrays * size * np.dtype(dtype).itemsize / spent
        rows.append({"call": name, "size": size, "dtype": dtype, "seconds": spent, "bytes/s": rate})
    for row in rows:
        row["share of a copy"] = row["bytes/s"] / rows[0]["bytes/s"]
    return rows


def errors() -> dict[str, dict[str, float]]:
    """Largest errors of each activation and its derivatives, as shares of 4(1 + k) ulp."""
    cp = cupy_module()
    found = {}
    for name, entry in activations.items():
        call = Called(entry, cp.asarray, cp.asnumpy)
        found[name] = {
            form.name: worst(call, form, flushing=form.emin == FLOAT32.emin)
            for form in (FLOAT64, FLOAT32, FLOAT16, BFLOAT16)
        }
    return found


def host_shares(folder: Path) -> dict[str, dict[str, float]]:
    """Each activation's values by the device and by the host, from one source, in float64."""
    cp = cupy_module()
    x = np.linspace(-8.0, 8.0, 10_001)
    values = {name: Called(entry, cp.asarray, cp.asnumpy)(x) for name, entry in activations.items()}
    found = {}
    for name, other in on_host(folder, x).items():
        off = np.abs(values[name] - other) / np.spacing(np.abs(other))
        found[name] = {
            "share equal": float(np.mean(values[name] == other)),
            "largest difference in ulp": float(np.max(off)),
        }
    return found


def on_host(folder: Path, x: np.ndarray) -> dict[str, np.ndarray]:
    """Each activation's values, by g++ from the source that the device runs."""
    host = Host(folder)
    kept = [(module, module.cupy_module) for module in (cupy_runner, cupy_sums)]
    try:
        for module, _ in kept:
            module.cupy_module = lambda: host
        prepare(host, activations.values(), [(0,)], ["float64"])
        return {name: Called(entry)(x) for name, entry in activations.items()}
    finally:
        for module, own in kept:
            module.cupy_module = own


def record(folder: Path) -> dict[str, Any]:
    """Everything that is written down."""
    cp = cupy_module()
    rates = [
        row for size in SIZES for dtype in DTYPES for row in bandwidth(cp, size, dtype, seconds)
    ]
    largest = [row for row in rates if row["size"] == max(SIZES) and row["call"] == "full"]
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        **device(),
        "goal": GOAL,
        "reached": min(row["share of a copy"] for row in largest),
        "bandwidth": rates,
        "errors": errors(),
        "host": host_shares(folder),
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        made = record(Path(name))
    Path(sys.argv[1]).write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    print(f"{made['reached']:.0%} of a copy's bandwidth at {max(SIZES):.0e} (goal {GOAL:.0%})")
