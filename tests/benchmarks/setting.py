"""The machine, the versions and the conditions of a measurement."""

from __future__ import annotations

import atexit
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path
from typing import Any

#: everything that is timed or judged, and what can change its speed
DISTRIBUTIONS = (
    "numpy", "scipy", "sympy", "symengine", "numexpr", "numba", "llvmlite", "jax", "jaxlib",
    "torch", "pytensor", "gradmath",
)  # fmt: skip

CXX = ("g++", "clang++")


def require_all() -> None:
    """Stop where a peer or a compiler is missing, naming it."""
    missing = [name for name in DISTRIBUTIONS if not _version(name)]
    if missing:
        sys.exit(
            f"missing: {', '.join(missing)}. Install the dependency group `bench` of "
            "pyproject.toml, or run: python -m nox -s bench"
        )
    if not any(map(shutil.which, CXX)):
        sys.exit(
            f"missing: a C++ compiler ({' or '.join(CXX)}) for torch.compile and for the native"
            " kernels. Debian: apt-get install g++"
        )


def hold_to_one_core() -> None:
    """Hold this process, and what it starts, to one core where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def empty_caches() -> None:
    """Let nothing that was compiled before be found: the folders go away with this process."""
    home = tempfile.mkdtemp(prefix="gradmath-bench-")
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    for name in ("GRADMATH_CACHE", "TORCHINDUCTOR_CACHE_DIR"):
        os.environ[name] = os.path.join(home, name.lower())


def versions() -> dict[str, str]:
    """The installed versions."""
    return {name: _version(name) for name in DISTRIBUTIONS} | {"python": platform.python_version()}


def machine() -> dict[str, Any]:
    """Processor, caches, memory, system, compiler."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "caches": _caches(),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.machine()}",
        "compiler": _compiler(),
    }


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _processor() -> str:
    """The model, and the widest vectors that it has."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor()
    name = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    flags = re.search(r"^flags\s*:\s*(.+)$", text, re.MULTILINE)
    known = set(flags[1].split()) if flags else set()
    vectors = next((word for word in ("avx512f", "avx2", "avx") if word in known), "")
    shown = {"avx512f": "AVX-512", "avx2": "AVX2", "avx": "AVX"}.get(vectors, "")
    return ", ".join(filter(None, (name[1] if name else platform.processor(), shown)))


def _caches() -> str:
    """The caches of one core, as `L2 1024K`."""
    found = []
    for folder in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        level, kind, size = (
            (folder / part).read_text().strip() for part in ("level", "type", "size")
        )
        if kind != "Instruction":
            found.append(f"L{level} {size}")
    return ", ".join(found)


def _compiler() -> str:
    """The C compiler that is found first; none is said too."""
    command = next(filter(None, map(shutil.which, ("gcc", "cc", "clang"))), None)
    if command is None:
        return "none"
    said = subprocess.run([command, "--version"], capture_output=True, text=True, check=True)
    return said.stdout.splitlines()[0]
