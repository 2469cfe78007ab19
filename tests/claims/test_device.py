"""The record of a run on a device: read where there is one, refused where it is not whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gradmath.claims import device
from gradmath.errors import UnknownNameError, VerificationError

WHOLE = {
    "date": "2026-01-02", "device": "a card", "memory": "80 GiB", "driver": "12.9",
    "runtime": "12.9", "cupy": "14.2.0", "goal": 0.85, "reached": 0.9,
    "bandwidth": [{"call": "full", "size": 10, "dtype": "float32", "share of a copy": 0.9}],
    "errors": {}, "host": {},
}  # fmt: skip


def test_no_file_means_no_run(tmp_path: Path) -> None:
    assert device.read(tmp_path / "gpu.json") is None


def test_a_run_is_read(tmp_path: Path) -> None:
    file = tmp_path / "gpu.json"
    file.write_text(json.dumps(WHOLE))
    run = device.read(file)
    assert run is not None
    assert run.share("full", 10, "float32") == run.reached
    with pytest.raises(UnknownNameError):
        run.share("full", 11, "float32")


def test_half_a_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "gpu.json"
    file.write_text(json.dumps({key: v for key, v in WHOLE.items() if key != "host"}))
    with pytest.raises(VerificationError, match="nox -s gpu"):
        device.read(file)


def test_the_packages_own_record_is_whole_if_there_is_one() -> None:
    run = device.device_run()
    assert run is None or run.goal == 0.85
