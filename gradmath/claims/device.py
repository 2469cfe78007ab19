"""A run of the CUDA kernels on a device, as `nox -s gpu` wrote it down, where there is one.

The file holds measurements, versions and a date.  No file means that no such run was recorded.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradmath.errors import UnknownNameError, VerificationError

FILE = Path(__file__).with_name("recorded") / "gpu.json"


@dataclass(frozen=True)
class DeviceRun:
    """What was measured on one device.

    bandwidth: for each call ("copy", "full", "reduced"), size and type its seconds, bytes a second
    and share of a copy's.  goal, reached: the share that the full map is to reach at the largest
    size, and has.  errors: for each activation and type the largest error of its value and first
    two derivatives, as a share of 4(1 + k) ulp.  host: how near the device comes to the same source
    on the host.
    """

    date: str
    device: str
    memory: str
    driver: str
    runtime: str
    cupy: str
    goal: float
    reached: float
    bandwidth: Sequence[Mapping[str, Any]]
    errors: Mapping[str, Mapping[str, float]]
    host: Mapping[str, Mapping[str, float]]

    def share(self, call: str, size: int, dtype: str) -> float:
        """The share of a copy's bandwidth that a call reaches."""
        for row in self.bandwidth:
            if (row["call"], row["size"], row["dtype"]) == (call, size, dtype):
                return float(row["share of a copy"])
        known = [f"{row['call']} {row['size']} {row['dtype']}" for row in self.bandwidth]
        raise UnknownNameError("measurement", f"{call} {size} {dtype}", known)


def device_run() -> DeviceRun | None:
    """The run that is part of this package; None where none has been recorded."""
    return read(FILE)


def read(file: Path) -> DeviceRun | None:
    """Read a file that `nox -s gpu` wrote; VerificationError if it is not whole."""
    if not file.is_file():
        return None
    try:
        return DeviceRun(**json.loads(file.read_text(encoding="utf-8")))
    except (TypeError, ValueError) as error:
        raise VerificationError(
            "record of a device", repr(error), "a whole file", "write it with: python -m nox -s gpu"
        ) from None
