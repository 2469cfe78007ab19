"""PyTensor: pytensor.gradient.verify_grad."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytensor
import pytensor.tensor as pt
from pytensor.compile.builders import OpFromGraph
from pytensor.gradient import GradientError, verify_grad
from recording import ACCEPTED, REJECTED, quoted, record, trial

Function = Callable[[Any], Any]
REPEATS = 20
LAYERS, X = 7, 0.5
PROMISE = quoted(
    verify_grad,
    "Raises an Exception if the difference between the analytic gradient and numerical gradient "
    "(computed through the Finite Difference Method) of a random projection of the fun's output "
    "to a scalar exceeds the given tolerance.",
)


def stack(x: Any) -> Any:
    for _ in range(LAYERS):
        x = pt.sigmoid(x)
    return x


def right(x: Any) -> Any:
    return pytensor.grad(stack(x), x)


def claimed(slope: Function) -> Function:
    """The stack together with the slope that somebody claims for it."""

    def operation(x: Any) -> Any:
        inside = pt.dscalar()
        made = OpFromGraph(
            [inside],
            [stack(inside)],
            pullback=lambda inputs, outputs, upstream: [slope(inputs[0]) * upstream[0]],
        )
        return made(x)

    return operation


def judged(gradient: str, slope: Function, **changed: float) -> dict[str, Any]:
    """The verdict that all seeded runs agree on; `mixed` if they do not."""
    count = 0
    for seed in range(REPEATS):
        try:
            verify_grad(claimed(slope), [np.asarray(X)], rng=np.random.default_rng(seed), **changed)
            count += 1
        except GradientError:
            pass
    verdict = {REPEATS: ACCEPTED, 0: REJECTED}.get(count, "mixed")
    return trial(gradient, verdict, changed, accepted=count, of=REPEATS)


def seven_sigmoids() -> dict[str, Any]:
    """Seven sigmoids on top of each other, unit weights; claimed: the gradient is zero."""
    x = pt.dscalar()
    stricter = {"abs_tol": 1e-8, "rel_tol": 1e-2}
    return record(
        "seven-sigmoids",
        "pytensor",
        "pytensor.gradient.verify_grad",
        inputs={"x": X, "layers": LAYERS},
        value=float(pytensor.function([x], stack(x))(X)),
        settings={"dtype": "float64", "abs_tol": None, "rel_tol": None, "eps": None},
        promise=PROMISE,
        trials=[
            judged("wrong", pt.zeros_like),
            judged("right", right),
            judged("wrong", pt.zeros_like, **stricter),
            judged("right", right, **stricter),
        ],
    )


CASES = (seven_sigmoids,)
