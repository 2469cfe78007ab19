"""Asking for CuPy where it cannot run: which of the two is missing, and what to do."""

from __future__ import annotations

import importlib.util
import sys
from types import SimpleNamespace

import pytest

import gradmath as gm
from gradmath.errors import BackendError

D = gm.derive("L = (w*x - y)**2", wrt="w")


def test_cupy_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "cupy" else find(name)
    )
    with pytest.raises(BackendError, match=r"not installed.*pip install 'gradmath\[cupy\]'"):
        gm.compile(D, backend="cupy")


class CUDARuntimeError(RuntimeError):
    pass


@pytest.mark.parametrize("answer", [0, CUDARuntimeError("cudaErrorInsufficientDriver")])
def test_cupy_without_a_device(monkeypatch: pytest.MonkeyPatch, answer: object) -> None:
    def count() -> int:
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, int)
        return answer

    runtime = SimpleNamespace(getDeviceCount=count, CUDARuntimeError=CUDARuntimeError)
    fake = SimpleNamespace(cuda=SimpleNamespace(runtime=runtime), __version__="14.2.0")
    monkeypatch.setitem(sys.modules, "cupy", fake)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    with pytest.raises(BackendError, match=r"is installed, but there is no .*device"):
        gm.compile(D, backend="cupy")


def test_a_plan_for_cupys_arrays_is_not_one_for_numpys() -> None:
    import numpy as np

    from gradmath.kernels.plan import signature

    there = type("ndarray", (), {"__module__": "cupy", "dtype": np.dtype("f8"), "shape": (3,)})()
    here = np.ones(3)
    assert signature({"x": there, "w": 0.5}) is not None
    assert signature({"x": there, "w": 0.5}) != signature({"x": here, "w": 0.5})
