"""Libraries on disk: built once, by whoever comes first, and built again when they are damaged."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import gradmath as gm
from gradmath.errors import BackendError
from gradmath.kernels.native import compiler as native_compiler
from gradmath.kernels.native import library as native_library

D = gm.derive("L = (w*x - y)**2 + 3.25*x", wrt=["w"])
ARGUMENTS = {"w": 3.0, "x": 1.0, "y": 1.0}
ANSWER = (7.25, {"w": 4.0})


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and a process that has loaded nothing."""
    monkeypatch.setenv("GRADMATH_CACHE", str(tmp_path / "cache"))
    forget(monkeypatch)
    return tmp_path / "cache" / "native"


def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native_library, "_loaded", {})
    monkeypatch.setattr(native_library, "_private", [])


def builds(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders that are compiled in from now on."""
    seen: list[Path] = []
    plain = native_library._compile

    def counted(place: Path, *arguments: object) -> None:
        seen.append(place)
        plain(place, *arguments)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(native_library, "_compile", counted)
    return seen


def answer() -> tuple:
    return gm.compile(D, "native")(ARGUMENTS)


def test_a_library_is_built_once(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = builds(monkeypatch)
    assert answer() == ANSWER
    assert answer() == ANSWER
    forget(monkeypatch)
    assert answer() == ANSWER
    assert len(seen) == 1
    (place,) = cache.iterdir()  # and nothing is left beside it
    assert {path.name for path in place.iterdir()} == {"kernel.c", "kernel.so", "kernel.sha256"}


@pytest.mark.parametrize("damage", ["cut", "a byte", "no sum", "no library", "empty folder"])
def test_a_damaged_library_is_built_again(
    damage: str, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer()
    (place,) = cache.iterdir()
    library = place / "kernel.so"
    # a file of its own: the one that is loaded must not be touched
    data = bytearray(library.read_bytes())
    library.unlink()
    if damage == "cut":
        library.write_bytes(data[: len(data) // 2])
    elif damage == "a byte":
        data[len(data) // 2] ^= 1
        library.write_bytes(data)
    elif damage == "no sum":
        library.write_bytes(data)
        (place / "kernel.sha256").unlink()
    elif damage == "empty folder":
        shutil.rmtree(place)
        place.mkdir()
    forget(monkeypatch)
    seen = builds(monkeypatch)
    assert answer() == ANSWER
    assert len(seen) == 1
    forget(monkeypatch)
    assert answer() == ANSWER
    assert len(seen) == 1
    assert len(list(cache.iterdir())) == 1


RUN = """
import gradmath as gm
d = gm.derive("L = (w*x - y)**2 + 3.25*x", wrt=["w"])
print(gm.compile(d, "native")(w=3.0, x=1.0, y=1.0) == (7.25, {"w": 4.0}))
"""


@pytest.mark.parametrize("damaged", [False, True])
def test_several_processes_at_once(
    damaged: bool, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if damaged:
        answer()
        (place,) = cache.iterdir()
        (place / "kernel.so").unlink()
        (place / "kernel.so").write_bytes(b"nothing that can be loaded")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    running = [
        subprocess.Popen([sys.executable, "-c", RUN], env=environment, stdout=subprocess.PIPE)
        for _ in range(6)
    ]
    assert [process.communicate()[0].strip() for process in running] == [b"True"] * 6
    assert len(list(cache.iterdir())) == 1  # one library, no leavings


def test_a_cache_that_cannot_be_written_costs_only_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    monkeypatch.setenv("GRADMATH_CACHE", str(blocked))
    with pytest.warns(RuntimeWarning, match="cannot write its cache"):
        assert answer() == ANSWER
    assert gm.compile(gm.derive("L = w*x*x", wrt="w"), "native")(w=1.0, x=2.0)[0] == 4.0
    (private,) = native_library._private
    assert stat.S_IMODE(private.stat().st_mode) == 0o700


def test_another_compiler_has_libraries_of_its_own(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer()
    called = tmp_path / "called"
    other = tmp_path / "other-cc"
    real = native_compiler.compiler().command[0]
    other.write_text(f'#!/bin/sh\necho "$@" >> {called}\nexec {real} "$@"\n')
    other.chmod(0o755)
    monkeypatch.setenv("CC", f"{other} -DOWN")
    forget(monkeypatch)
    assert answer() == ANSWER
    lines = called.read_text().splitlines()
    assert all(line.startswith("-DOWN ") for line in lines)
    assert any("--version" in line for line in lines)
    assert len(list(cache.iterdir())) == 2


def test_other_options_and_another_processor_too(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = native_compiler.compiler()
    key = native_library._key("text", chosen, chosen.options(threads=False))
    assert key != native_library._key("text", chosen, chosen.options(threads=True))
    assert key != native_library._key("texts", chosen, chosen.options(threads=False))
    monkeypatch.setattr(native_library, "processor", lambda: "another")
    assert key != native_library._key("text", chosen, chosen.options(threads=False))


def test_a_compiler_that_fails_says_what_it_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken-cc"
    broken.write_text('#!/bin/sh\n[ "$1" = --version ] && exit 0\necho no math.h >&2\nexit 1\n')
    broken.chmod(0o755)
    monkeypatch.setenv("CC", str(broken))
    with pytest.raises(BackendError, match=r"no math\.h.*libc6-dev"):
        answer()


def test_old_libraries_go(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer()
    (place,) = cache.iterdir()
    os.utime(place, (1, 1))
    forget(monkeypatch)
    answer()  # used: it is kept
    gm.compile(gm.derive("L = w*x*x", wrt="w"), "native")(w=1.0, x=2.0)
    assert len(list(cache.iterdir())) == 2
    os.utime(place, (1, 1))
    gm.compile(gm.derive("L = w*w*x", wrt="w"), "native")(w=1.0, x=2.0)
    assert not place.exists()
    assert len(list(cache.iterdir())) == 2
