"""The cache: what makes an address, what survives damage, what several processes see."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import sympy

from gradmath.dynamics import cache
from gradmath.errors import ArgumentTypeError

CALLS: list[object] = []


@dataclass(frozen=True)
class Pair:
    left: object
    right: object


@cache.cached
def doubled(x, times=2):
    CALLS.append(x)
    return np.asarray(x) * times


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADMATH_CACHE", str(tmp_path / "cache"))
    CALLS.clear()
    return tmp_path / "cache"


def entries(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_second_call_is_read_back():
    first, second = doubled(np.arange(3.0)), doubled(np.arange(3.0))
    assert len(CALLS) == 1
    np.testing.assert_array_equal(first, second)
    assert second.dtype == np.float64


def test_one_call_has_one_address_however_it_is_written():
    doubled(1.0)
    doubled(x=1.0)
    doubled(1.0, 2)
    doubled(times=2, x=1.0)
    assert len(CALLS) == 1


DIFFERENT = [
    None, True, 1, 1.0, 1j, "1", b"1", 0.0, -0.0, float("nan"), [1], (1,), {"1": 1}, {1: 1},
    np.array([1.0]), np.array([1]), np.array([[1.0]]), np.array([1.0], dtype=np.float32),
    np.float32(1.0), sympy.Integer(1), sympy.Symbol("x"), sympy.Symbol("x", real=True),
    Pair(1, 2), Pair(12, None), ["a", "bc"], ["ab", "c"], [["a"], "bc"], doubled.__wrapped__,
]  # fmt: skip


def test_different_arguments_have_different_addresses():
    addresses = [cache.key(doubled.__wrapped__, {"x": value}) for value in DIFFERENT]
    assert len(set(addresses)) == len(DIFFERENT)
    assert addresses == [cache.key(doubled.__wrapped__, {"x": value}) for value in DIFFERENT]


def test_another_source_has_another_address(monkeypatch):
    before = cache.key(doubled.__wrapped__, {"x": 1})
    monkeypatch.setattr(cache, "source_hash", lambda: "0" * 64)
    assert cache.key(doubled.__wrapped__, {"x": 1}) != before


def test_the_source_hash_reads_the_source(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "_PACKAGE", tmp_path)
    (tmp_path / "a.py").write_text("x = 1\n")
    hashes = [cache.source_hash.__wrapped__()]
    (tmp_path / "a.py").write_text("x = 2\n")
    hashes.append(cache.source_hash.__wrapped__())
    (tmp_path / "a.py").rename(tmp_path / "b.py")
    hashes.append(cache.source_hash.__wrapped__())
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "b.pyc.139").write_bytes(b"being compiled")
    assert cache.source_hash.__wrapped__() == hashes[-1]
    assert len(set(hashes)) == 3


@pytest.mark.parametrize("value", [object(), {1, 2}, iter([]), Pair, np.array([object()])])
def test_an_argument_without_identity_is_refused(value):
    with pytest.raises(ArgumentTypeError, match="x: got"):
        doubled(value)


def test_a_closure_is_refused():
    offset = 3

    def shifted(x):
        return x + offset

    with pytest.raises(ArgumentTypeError, match="closes over"):
        cache.cached(shifted)(1)


def _cut(data: bytes) -> bytes:
    return data[:-1]


def _flip(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


def _empty(data: bytes) -> bytes:
    return b""


def _foreign(data: bytes) -> bytes:
    return b"something else entirely" * 10


@pytest.mark.parametrize("damage", [_cut, _flip, _empty, _foreign])
def test_a_damaged_entry_is_computed_again(folder, damage):
    doubled(2.0)
    (path,) = entries(folder)
    path.write_bytes(damage(path.read_bytes()))
    assert doubled(2.0) == 4.0
    assert len(CALLS) == 2
    assert doubled(2.0) == 4.0
    assert len(CALLS) == 2


def test_a_folder_that_cannot_be_written_costs_time_only(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("GRADMATH_CACHE", str(tmp_path / "file"))
    with pytest.warns(RuntimeWarning, match="cannot write its cache"):
        assert doubled(2.0) == 4.0


def test_folders_of_old_sources_are_dropped(folder):
    old, recent = folder / "old", folder / "recent"
    for path in (old, recent):
        path.mkdir(parents=True)
    month_ago = time.time() - 30 * 24 * 3600
    os.utime(old, (month_ago, month_ago))
    doubled(1.0)
    assert not old.exists()
    assert recent.exists()


WORKER = """
import sys, zlib
import numpy as np
from gradmath.dynamics import cached

@cached
def block(n):
    return np.full(50_000, n)

for turn in range(40):
    for n in range(3):
        got = block(n)
        assert got.shape == (50_000,) and (got == n).all()
"""


def test_processes_share_it(folder, tmp_path):
    script = tmp_path / "worker.py"
    script.write_text(WORKER)
    runs = [subprocess.Popen([sys.executable, script], stderr=subprocess.PIPE) for _ in range(3)]
    for run in runs:
        _, errors = run.communicate(timeout=120)
        assert run.returncode == 0, errors.decode()
    assert len(entries(folder)) == 3
