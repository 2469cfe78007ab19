"""What the device's compiler makes of a kernel: registers, stack and local memory."""

from __future__ import annotations

import re
import subprocess
import sysconfig
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from tests.cuda import exact
from tests.cuda.host import Kernel


@dataclass(frozen=True)
class Use:
    """The resources of one kernel on one architecture: registers, and bytes of the others."""

    kernel: str
    architecture: int
    registers: int
    stack: int
    local: int
    shared: int

    def row(self) -> dict[str, int | str]:
        """As it is written down."""
        return asdict(self)


@cache
def cuobjdump() -> str:
    """NVIDIA's reader of compiled programs, from its wheel."""
    packages = Path(sysconfig.get_paths()["purelib"])
    found = sorted(packages.glob("nvidia/*/bin/cuobjdump"))
    assert found, f"cuobjdump is missing: no nvidia/*/bin/cuobjdump in {packages}"
    found[0].chmod(0o755)
    return str(found[0])


def compiled(kernel: Kernel, architecture: int, folder: Path) -> Iterator[Use]:
    """The kernels of a source, compiled as CuPy compiles it for this architecture."""
    source, options = exact.handed_over(kernel.code, kernel.headers)
    file = folder / f"{kernel.entry}-{architecture}.cubin"
    file.write_bytes(exact.cubin(source, options, architecture))
    text = subprocess.run(
        [cuobjdump(), "-res-usage", str(file)], capture_output=True, text=True, check=True
    ).stdout
    file.unlink()
    for name, line in re.findall(r"Function (\w+):\n\s*(.+)", text):
        numbers = {key: int(n) for key, n in re.findall(r"([A-Z]+):(\d+)", line)}
        yield Use(
            name, architecture,
            numbers["REG"], numbers["STACK"], numbers["LOCAL"], numbers["SHARED"],
        )  # fmt: skip
