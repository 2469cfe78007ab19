"""What the two forms by hand share: one function that fills the arrays, called in three ways."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradmath.claims.performance.record import FRESH, REUSED, SCALARS
from tests.benchmarks.cases import Call, Case, W


def calls_of(case: Case, run: Callable[..., None]) -> dict[str, Call]:
    """`run(loss, dw, db, work)` fills the first three; the fourth is db times w."""
    kept = case.kept()
    w = case.type(W)

    def full(outputs: list[Any]) -> list[Any]:
        loss, dw, db, dx = outputs
        run(loss, dw, db, dx)
        np.multiply(db, w, out=dx)
        return outputs

    def reduced() -> list[Any]:
        run(*kept)
        return [np.mean(array) for array in kept[:3]]

    if case.full:
        return {REUSED: lambda: full(kept), FRESH: lambda: full(case.outputs())}
    return {SCALARS: reduced}
