"""Kernels of the CuPy backend on a machine without a device: built once, run on the host."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gradmath.kernels import backends
from gradmath.kernels.cupy import runner as cupy_runner
from gradmath.kernels.cupy import sums as cupy_sums
from tests.cuda.host import Host


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the host's libraries are built."""
    assert shutil.which("g++"), "g++ is missing: it runs the kernels here (Debian: apt install g++)"
    return tmp_path_factory.mktemp("libraries")


@pytest.fixture(scope="session")
def plain(folder: Path) -> Host:
    """The host with plain IEEE arithmetic; its kernels are shared by all tests."""
    return Host(folder)


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Callable[[Host], Any]:
    """Put a host in the place of CuPy, for runners made from now on, and for NumPy's arrays."""

    def use(host: Host) -> None:
        for module in (cupy_runner, cupy_sums):
            monkeypatch.setattr(module, "cupy_module", lambda: host)
        monkeypatch.setattr(backends, "is_cupy", lambda xp: True)
        monkeypatch.setattr(backends, "require_cupy", lambda: None)

    return use
