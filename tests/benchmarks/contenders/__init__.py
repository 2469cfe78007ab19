"""Who is timed: one module each, with ID, POLICIES and `calls`.

`calls(case)` gives one callable for each policy ("reused", "fresh"; "scalars" when reduced); every
callable returns its outputs, finished.
"""

from __future__ import annotations

import importlib
from types import ModuleType

#: in the order of the table
PEERS = (
    "numpy_plain", "numpy_stable", "numpy_clipped", "lambdify", "numexpr_", "numba_", "jax_",
    "torch_eager", "torch_compile", "pytensor_", "limit",
)  # fmt: skip


def peers() -> list[ModuleType]:
    """The modules of all peers; an ImportError names the one that is missing."""
    return [importlib.import_module(f"{__name__}.{name}") for name in PEERS]
