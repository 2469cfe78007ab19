"""Where things are kept between runs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def folder() -> Path:
    """The cache's folder.

    `$GRADMATH_CACHE` where it is set; `.cache/gradmath` beside `pyproject.toml` in a checkout;
    else the user's cache folder (`$XDG_CACHE_HOME`, `~/Library/Caches` or `%LOCALAPPDATA%`).
    """
    chosen = os.environ.get("GRADMATH_CACHE")
    if chosen:
        return Path(chosen)
    if (_PACKAGE.parent / "pyproject.toml").is_file():
        return _PACKAGE.parent / ".cache" / "gradmath"
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA", str(Path.home() / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = str(Path.home() / "Library" / "Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))
    return Path(base) / "gradmath"
