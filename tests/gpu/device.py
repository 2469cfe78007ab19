"""The device that the tests run on: python -m tests.gpu.device names it, or what is missing."""

from __future__ import annotations

import sys
from typing import Any

from gradmath.errors import BackendError
from gradmath.kernels.cupy.device import cupy_module, require_cupy


def device() -> dict[str, str]:
    """Its name, its memory, and the versions of what runs on it; BackendError if there is none."""
    require_cupy()
    cp = cupy_module()
    runtime: Any = cp.cuda.runtime
    properties = runtime.getDeviceProperties(cp.cuda.Device().id)
    return {
        "device": properties["name"].decode(),
        "memory": f"{properties['totalGlobalMem'] / 2**30:.0f} GiB",
        "driver": _dotted(runtime.driverGetVersion()),
        "runtime": _dotted(runtime.runtimeGetVersion()),
        "cupy": cp.__version__,
    }


def _dotted(version: int) -> str:
    return f"{version // 1000}.{version % 1000 // 10}"


if __name__ == "__main__":
    try:
        print(*(f"{key}: {value}" for key, value in device().items()), sep=", ")
    except BackendError as error:
        sys.exit(f"the session gpu needs a device: {error}")
