"""What `nox -s cuda_source` found, as a table: python -m tests.cuda.table FILE"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def table(record: dict[str, Any]) -> str:
    """Most registers of any kernel, by depth, type and architecture, and how many spill."""
    found = record["kernels"]
    architectures = sorted({row["architecture"] for row in found})
    lines = [f"{'registers at most':24}" + "".join(f"{f'sm_{a}':>8}" for a in architectures)]
    for depth, dtype in sorted({(row["depth"], row["dtype"]) for row in found}):
        rows = [row for row in found if (row["depth"], row["dtype"]) == (depth, dtype)]
        most = [
            max((row["registers"] for row in rows if row["architecture"] == a), default=0)
            for a in architectures
        ]
        lines.append(f"{f'{depth} layers, {dtype}':24}" + "".join(f"{n:8}" for n in most))
    spilled = sum(bool(row["stack"] or row["local"]) for row in found)
    lines.append(f"{len(found)} kernels compiled, {spilled} of them spill registers")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(json.loads(Path(sys.argv[1]).read_text("utf-8"))))
