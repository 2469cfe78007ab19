"""What NVIDIA's compiler makes of the kernels, for five architectures, without a device.

Chains of up to twenty layers with all their gradients need no stack and no local memory, so no
register is spilled.  What was found is written to build/cuda_source.json.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradmath as gm
from gradmath.catalogue import activations
from gradmath.kernels.cupy.runner import CupyRunner
from gradmath.program import program_of
from tests.cuda.exact import ARCHITECTURES
from tests.cuda.host import Host, Kernel
from tests.cuda.resources import Use, compiled

RESULTS = Path(os.environ.get("GRADMATH_CUDA_RESULTS", "build/cuda_source.json"))
WHEELS = ("cupy-cuda12x", "nvidia-cuda-nvrtc-cu12", "nvidia-cuda-runtime-cu12")
TYPES = ("float64", "float32", "float16", "bfloat16")
#: Every activation in the wider type; the lightest, a typical one and the heaviest in the other.
CASES = [
    *((name, 20, "float64") for name in activations),
    *((name, 20, "float32") for name in ("relu", "sigmoid", "gelu")),
    *(("sigmoid", depth, dtype) for depth in (1, 5) for dtype in TYPES),
]


def chain(name: str, depth: int) -> Any:
    """A chain of scalar layers and its loss, with the gradients by every weight."""
    equations = [("a0", "x + 0")]
    for k in range(1, depth + 1):
        equations += [(f"z{k}", f"w{k}*a{k - 1}"), (f"a{k}", f"{name}(z{k})")]
    equations.append(("L", f"(a{depth} - y)**2"))
    return gm.derive(equations, wrt=[f"w{k}" for k in range(1, depth + 1)])


def kernels(host: Host, name: str, depth: int, dtype: str) -> Iterator[Kernel]:
    """The map and the sums of a chain: x and y are arrays, the weights numbers."""
    d = chain(name, depth)
    program = program_of(d, frozenset(d.wrt))
    values = {key: np.ones(3, dtype) if key in ("x", "y") else 1.0 for key in d.inputs}
    compute = np.dtype("float64" if dtype == "float64" else "float32")
    host.recorded.clear()
    with host.noting():
        runner = CupyRunner(program)
        runner.run(values, {"*": (3,)}, compute, {})
        runner.run(values, {"*": (3,)}, compute, {}, tuple(program.outputs))
    # the source of the sums holds two kernels: it is compiled once
    yield from {kernel.code: kernel for kernel in host.recorded.values()}.values()


@pytest.fixture(scope="module")
def uses() -> Iterator[list[dict[str, Any]]]:
    """All that was compiled; at the end it is written down."""
    found: list[dict[str, Any]] = []
    yield found
    record = {
        "compiled with": {wheel: version(wheel) for wheel in WHEELS},
        "run with": subprocess.run(
            ["g++", "--version"], capture_output=True, text=True, check=True
        ).stdout.splitlines()[0],
        "machine": platform.machine(),
        "kernels": found,
    }
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(record, indent=1) + "\n")


@pytest.mark.parametrize(("name", "depth", "dtype"), CASES)
def test_no_register_is_spilled(
    name: str,
    depth: int,
    dtype: str,
    plain: Host,
    stand_in: Callable[[Host], None],
    uses: list[dict[str, Any]],
    tmp_path: Path,
) -> None:
    host = replace(plain, recorded={})
    stand_in(host)
    sources = list(kernels(host, name, depth, dtype))
    jobs = [(kernel, a) for kernel in sources for a in ARCHITECTURES]
    with ThreadPoolExecutor(2) as pool:
        rows = [
            use for part in pool.map(lambda job: list(compiled(*job, tmp_path)), jobs)
            for use in part
        ]  # fmt: skip
    uses += [{"activation": name, "depth": depth, "dtype": dtype, **asdict(row)} for row in rows]
    assert len(rows) == 3 * len(ARCHITECTURES)
    spilling = [row for row in rows if row.stack or row.local]
    assert not spilling


def test_a_spill_is_seen(plain: Host, stand_in: Callable[[Host], None], tmp_path: Path) -> None:
    """The check can fail: a chain far too deep for the registers spills them."""
    host = replace(plain, recorded={})
    stand_in(host)
    first = next(kernels(host, "sigmoid", 100, "float64"))
    found: list[Use] = list(compiled(first, 90, tmp_path))
    assert any(row.stack for row in found)


def test_cupy_is_the_one_whose_private_functions_are_known() -> None:
    groups = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["dependency-groups"]
    assert f"cupy-cuda12x=={version('cupy-cuda12x')}" in groups["cuda"]
