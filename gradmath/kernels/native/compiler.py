"""The system's C compiler: which one, what it is, and the options it is called with."""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from gradmath.errors import BackendError

_NAMES = ("cc", "gcc", "clang")
_REMEDY = (
    "install a C compiler (Debian, Ubuntu: apt-get install gcc libc6-dev; Fedora: dnf install gcc; "
    "macOS: xcode-select --install) or set CC to one; or use backend='numpy'"
)


@dataclass(frozen=True)
class Compiler:
    """A C compiler: how it is called, and what it says that it is."""

    command: tuple[str, ...]
    version: str

    @property
    def is_gcc(self) -> bool:
        """Whether it is GCC, whose vectoriser wants an option of its own."""
        return "Free Software Foundation" in self.version

    def options(self, threads: bool) -> tuple[str, ...]:
        """No option lets NaN, infinities or signed zeros lose their meaning.

        Contraction is off: a product and a sum keep their roundings, as they have them in NumPy.
        """
        own = ("-fno-thread-jumps", "-fno-tree-pre") if self.is_gcc else ()
        return (
            "-std=gnu11", "-O3", "-march=native", "-fno-math-errno", "-fno-trapping-math",
            "-ffp-contract=off", "-fopenmp" if threads else "-fopenmp-simd", *own,
            "-w", "-fPIC", "-shared",
        )  # fmt: skip


def compiler() -> Compiler:
    """The compiler that `CC` names, else the first of cc, gcc and clang on the path.

    Raises BackendError, saying what to install, if there is none.
    """
    return _found(os.environ.get("CC", ""), os.environ.get("PATH", ""))


@cache
def _found(chosen: str, path: str) -> Compiler:
    for text in [chosen] if chosen else _NAMES:
        command = shlex.split(text)
        where = shutil.which(command[0], path=path) if command else None
        if where is None:
            continue
        full = (where, *command[1:])
        try:
            answer = subprocess.run(
                [*full, "--version"], capture_output=True, text=True, check=True, timeout=60
            )
        except (OSError, subprocess.SubprocessError):
            continue
        return Compiler(full, answer.stdout.strip())
    wanted = f"CC={chosen!r}, which does not run" if chosen else f"no {', '.join(_NAMES)}"
    raise BackendError("backend 'native'", got=wanted, allowed="a C compiler", remedy=_REMEDY)


@cache
def processor() -> str:
    """What the instructions chosen by -march=native depend on."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return f"{platform.machine()} {platform.processor()} {platform.platform()}"
    wanted = ("model name", "flags", "Features", "CPU part", "CPU implementer")
    seen = dict.fromkeys(line for line in lines if line.split("\t")[0].strip() in wanted)
    return "\n".join([platform.machine(), *seen])
