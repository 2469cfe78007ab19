"""C -> a loaded shared library, built once and kept on disk.

A library's address is a hash of everything that it depends on: the C text, the compiler and its
options, and the processor.  It is built in a folder of its own, which is then renamed: another
process sees all of it or nothing.  A checksum beside it is compared before it is loaded; a damaged
one is built again.  Where the cache cannot be written, libraries live in a folder that goes away
with the process.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import hashlib
import os
import shutil
import subprocess
import tempfile
import threading
import time
import warnings
from pathlib import Path
from typing import Any

from gradmath.cache_folder import folder
from gradmath.errors import BackendError
from gradmath.kernels.native.compiler import Compiler, compiler, processor

_DAYS_KEPT = 60
_CODE, _LIBRARY, _SUM = "kernel.c", "kernel.so", "kernel.sha256"
_lock = threading.Lock()
_loaded: dict[str, tuple[Any, Any]] = {}
_private: list[Path] = []


def require_native() -> None:
    """Raise BackendError, saying what to install, unless cffi and a C compiler are here."""
    try:
        import cffi  # noqa: F401  asked for only
    except ImportError:
        raise BackendError(
            "backend 'native'",
            got="cffi is not installed",
            allowed="cffi and a C compiler",
            remedy="pip install 'gradmath[native]', or use backend='numpy'",
        ) from None
    compiler()


def load(text: str, declarations: str, threads: bool = False) -> tuple[Any, Any]:
    """(ffi, library) of a C text, from this process, from disk, or built now."""
    require_native()
    chosen = compiler()
    options = chosen.options(threads)
    key = _key(text, chosen, options)
    with _lock:
        if key not in _loaded:
            ffi = _interface(declarations)
            _loaded[key] = ffi, _open(ffi, key, text, chosen, options)
        return _loaded[key]


@functools.cache
def _interface(declarations: str) -> Any:
    import cffi

    ffi = cffi.FFI()
    ffi.cdef(declarations)
    return ffi


def _key(text: str, chosen: Compiler, options: tuple[str, ...]) -> str:
    digest = hashlib.sha256()
    for part in (text, *chosen.command, chosen.version, *options, processor()):
        digest.update(f"{len(part)}:".encode() + part.encode())
    return digest.hexdigest()[:40]


def _open(ffi: Any, key: str, text: str, chosen: Compiler, options: tuple[str, ...]) -> Any:
    home = folder() / "native"
    place = home / key
    if not _sound(place):
        place = _build(home, key, text, chosen, options)
    try:
        library = ffi.dlopen(str(place / _LIBRARY))
    except OSError as error:
        raise BackendError(
            "backend 'native'",
            got=f"the built library does not load: {error}",
            allowed="a cache folder from which libraries may be loaded",
            remedy="set GRADMATH_CACHE to a folder on a disk that is not mounted noexec",
        ) from None
    with contextlib.suppress(OSError):
        os.utime(place)  # used: it is kept
    return library


def _sound(place: Path) -> bool:
    try:
        expected = (place / _SUM).read_text(encoding="ascii")
        return hashlib.sha256((place / _LIBRARY).read_bytes()).hexdigest() == expected
    except (OSError, UnicodeDecodeError):
        return False


def _build(home: Path, key: str, text: str, chosen: Compiler, options: tuple[str, ...]) -> Path:
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = Path(tempfile.mkdtemp(prefix="~", dir=home))
    except OSError as error:
        return _built_privately(error, key, text, chosen, options)
    try:
        _compile(fresh, text, chosen, options)
        place = home / key
        for _ in range(8):
            try:
                os.rename(fresh, place)  # atomic: a reader sees the whole folder or none
                break
            except OSError:
                if _sound(place):  # another process was faster
                    break
                _move_away(place)
        _drop_old(home)
        if not _sound(place):
            return _built_privately(None, key, text, chosen, options)
        return place
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _built_privately(
    error: OSError | None, key: str, text: str, chosen: Compiler, options: tuple[str, ...]
) -> Path:
    if not _private:
        warnings.warn(
            f"gradmath cannot write its cache and builds anew: {error}",
            RuntimeWarning,
            stacklevel=2,
        )
        _private.append(Path(tempfile.mkdtemp(prefix="gradmath-")))
        atexit.register(shutil.rmtree, _private[0], ignore_errors=True)
    place = _private[0] / key
    place.mkdir(exist_ok=True)
    _compile(place, text, chosen, options)
    return place


def _compile(place: Path, text: str, chosen: Compiler, options: tuple[str, ...]) -> None:
    (place / _CODE).write_text(text, encoding="utf-8")
    command = [*chosen.command, *options, _CODE, "-o", _LIBRARY, "-lm"]
    try:
        done = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
    except OSError as error:
        raise BackendError(
            "backend 'native'",
            got=f"{chosen.command[0]}: {error}",
            allowed="a C compiler that runs",
        ) from None
    if done.returncode != 0:
        raise BackendError(
            "backend 'native'",
            got=f"{' '.join(command)} failed: {done.stderr.strip()[:400]}",
            allowed="a C compiler with its headers, and room on the disk",
            remedy="install the C library's headers (Debian: libc6-dev), or use backend='numpy'",
        )
    data = (place / _LIBRARY).read_bytes()
    (place / _SUM).write_text(hashlib.sha256(data).hexdigest(), encoding="ascii")


def _move_away(place: Path) -> None:
    """A damaged folder out of the way, by a rename: it may be looked at by others."""
    away = Path(tempfile.mkdtemp(prefix="~", dir=place.parent))
    with contextlib.suppress(OSError):
        os.rename(place, away / "damaged")
    shutil.rmtree(away, ignore_errors=True)


def _drop_old(home: Path) -> None:
    """Remove what was not used for `_DAYS_KEPT` days: the cache stays small."""
    limit = time.time() - _DAYS_KEPT * 24 * 3600
    for other in home.iterdir():
        try:
            if other.stat().st_mtime < limit:
                shutil.rmtree(other, ignore_errors=True)
        except OSError:
            continue
