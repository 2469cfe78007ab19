"""PyTorch through torch.compile (Inductor, C++), compiled for the shape.

"reused" writes into tensors made once, inside of what is compiled.
"""

from __future__ import annotations

import torch

from gradmath.claims.performance.record import FRESH, REUSED, SCALARS
from tests.benchmarks.cases import Call, Case
from tests.benchmarks.contenders.torch_eager import full, reduced, tensors

ID = "torch-compile"
POLICIES = (REUSED, FRESH)
SLOW_TO_COMPILE = True


def _into(w, b, x, y, outputs):
    for target, found in zip(outputs, full(w, b, x, y), strict=True):
        target.copy_(found)


def calls(case: Case) -> dict[str, Call]:
    """Static shapes: every size is compiled for itself."""
    torch.set_num_threads(1)
    torch.compiler.reset()
    given = tensors(case)
    if not case.full:
        means = torch.compile(reduced, dynamic=False, fullgraph=True)
        return {SCALARS: lambda: means(*given)}
    fresh = torch.compile(full, dynamic=False, fullgraph=True)
    write = torch.compile(_into, dynamic=False, fullgraph=True)
    kept = [torch.from_numpy(array) for array in case.kept()]

    def into():
        write(*given, kept)
        return kept

    return {REUSED: into, FRESH: lambda: fresh(*given)}
