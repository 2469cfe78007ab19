"""Run every case on the peers that are installed here and write what they said to a file.

    python tests/peers/run.py FILE

Needs the dependency group `peers`; names what is missing and stops.  The file holds the answers,
the versions and the date, and beside them what gradmath says of the same gradients.
"""

from __future__ import annotations

import importlib
import json
import platform
import sys
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

#: each module of cases, and the distributions that it needs
MODULES = {
    "torch_gradcheck": ("torch",),
    "torch_layer": ("torch",),
    "jax_check_grads": ("jax",),
    "autograd_check_grads": ("autograd",),
    "pytensor_verify_grad": ("pytensor",),
    "sympy_matrices": ("sympy",),
    "own_gradients": ("torch", "jax", "autograd", "pytensor"),
}
#: distributions whose versions can change an answer
VERSIONS = ("torch", "jax", "jaxlib", "autograd", "pytensor", "sympy", "numpy", "gradmath")


def main(target: Path) -> None:
    """Run everything and write `target`."""
    missing = sorted({peer for peers in MODULES.values() for peer in peers if not found(peer)})
    if missing:
        sys.exit(
            f"missing: {', '.join(missing)}. Install the dependency group `peers` of "
            "pyproject.toml, or run: python -m nox -s peers"
        )
    from gradmath.claims.gallery import verdicts

    records = [each for module in MODULES for each in records_of(module)]
    whole = {
        "date": datetime.now(UTC).date().isoformat(),
        "platform": {
            "system": platform.system(),
            "machine": platform.machine(),
            "python": platform.python_version(),
        },
        "versions": {name: metadata.version(name) for name in VERSIONS},
        "records": records,
        "gradmath": verdicts(),
    }
    target.write_text(
        json.dumps(whole, ensure_ascii=False, indent=1, allow_nan=False) + "\n", encoding="utf-8"
    )
    print(f"{len(records)} records written to {target}")


def records_of(module: str) -> list[dict[str, Any]]:
    """The records of all cases of a module."""
    made: list[dict[str, Any]] = []
    for case in importlib.import_module(module).CASES:
        print(f"{module}: {case.__name__}", flush=True)
        answer = case()
        made += answer if isinstance(answer, list) else [answer]
    return made


def found(distribution: str) -> bool:
    """Whether a distribution is installed."""
    try:
        metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return False
    return True


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
