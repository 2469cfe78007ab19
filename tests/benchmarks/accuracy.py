"""The errors of our backends and of others on every activation, in ulp of the true value.

Ours are asked for value, first and second derivative, the others for value and first derivative.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gradmath.catalogue import activations
from gradmath.claims.performance.record import DTYPES
from gradmath.kernels.backends import make_runner
from gradmath.program import entry_program
from tests.benchmarks import judged
from tests.benchmarks.contenders.ours import backends
from tests.benchmarks.truth import COUNT, Errors, truths

ORDERS = (0, 1, 2)
Evaluate = Callable[[Any], Any]
"""An array in, the derivative at its points out."""


def ours(backend: str, entry: Any, order: int) -> Evaluate:
    """A derivative by one of our backends."""
    program = entry_program(entry, (order,))
    runner = make_runner(backend, np, program)

    def evaluate(x: Any) -> Any:
        given = {str(symbol): float(value) for symbol, value in entry.defaults.items()}
        values = {name: np.asarray(value, x.dtype) for name, value in given.items()}
        values[str(entry.variable)] = x
        found, _ = runner.run(values, {"*": x.shape}, x.dtype, {})
        return np.broadcast_to(np.asarray(found["value"], x.dtype), x.shape)

    return evaluate


def rows(
    names: Sequence[str] | None = None,
    dtypes: Sequence[str] = DTYPES,
    count: int = COUNT,
    peers: Sequence[str] = tuple(judged.PEERS),
    own: Sequence[str] = tuple(backends()),
) -> list[dict[str, Any]]:
    """The worst errors: activation by activation, order by order, contender by contender."""
    made = []
    for name in names or list(activations):
        entry = activations[name]
        for dtype in dtypes:
            for order, truth in zip(ORDERS, truths(entry, dtype, ORDERS, count), strict=True):
                asked: dict[str, Evaluate | None] = {
                    backend: ours(backend, entry, order) for backend in own
                }
                if order < 2:
                    asked |= {peer: judged.PEERS[peer](entry, order) for peer in peers}
                x = truth.x.astype(dtype)
                for contender, evaluate in asked.items():
                    if evaluate is None:  # it has no such function
                        continue
                    with warnings.catch_warnings(), np.errstate(all="ignore"):
                        warnings.simplefilter("ignore")
                        got = np.asarray(evaluate(x))
                    if got.dtype != x.dtype or got.shape != x.shape:
                        raise ValueError(f"{contender}, {name}: {got.dtype} {got.shape}")
                    made.append(
                        {"contender": contender, "activation": name, "order": order,
                         "dtype": dtype, **plain(truth.judge(got))}
                    )  # fmt: skip
        print(f"  accuracy {name}", flush=True)
    return made


def plain(errors: Errors) -> dict[str, Any]:
    """For JSON, which has no infinity: None stands for it."""
    numbers = {
        name: float(f"{value:.4g}") if name != "where" and isinstance(value, float) else value
        for name, value in vars(errors).items()
    }
    return {name: value if math.isfinite(value) else None for name, value in numbers.items()}
