"""What `nox -s gpu` would write down, with the host in the place of the device; and its refusal."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gradmath.catalogue import activations
from gradmath.claims.device import DeviceRun, read
from tests.cuda.host import Host
from tests.gpu import measure


def stopwatch(call: Callable[[], Any]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def test_the_record_is_whole(
    plain: Host, stand_in: Callable[[Host], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stand_in(plain)
    named = {"device": "none", "memory": "-", "driver": "-", "runtime": "-", "cupy": "14.2.0"}
    monkeypatch.setattr(measure, "cupy_module", lambda: plain)
    monkeypatch.setattr(measure, "device", lambda: named)
    monkeypatch.setattr(measure, "seconds", stopwatch)
    monkeypatch.setattr(measure, "SIZES", (100, 1000))
    few = {name: activations[name] for name in ("sigmoid", "relu")}
    monkeypatch.setattr(measure, "activations", few)
    file = tmp_path / "gpu.json"
    file.write_text(json.dumps(measure.record(tmp_path)))
    run = read(file)
    assert isinstance(run, DeviceRun)
    assert run.share("copy", 1000, "float32") == 1
    assert run.reached == min(run.share("full", 1000, dtype) for dtype in ("float32", "float64"))
    assert all(0 < error <= 1 for error in run.errors["sigmoid"].values())
    assert run.host["relu"]["share equal"] == 1


def test_without_a_device_the_session_says_so() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.gpu.device"], capture_output=True, text=True, check=False
    )
    if done.returncode == 0:  # there is one
        assert "device: " in done.stdout
    else:
        assert "the session gpu needs a device: " in done.stderr
        assert "no usable device" in done.stderr
