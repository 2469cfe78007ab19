"""HIPS autograd: autograd.test_util.check_grads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd.numpy as np
import numpy
from autograd import test_util
from autograd.extend import defjvp, defvjp, primitive
from recording import ACCEPTED, REJECTED, record, trial

Function = Callable[[Any], Any]
REPEATS = 100
LAYERS, X = 11, 0.5
DEFAULTS: dict[str, Any] = {"order": 2, "modes": ["fwd", "rev"]}  # as its source has them


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def stack(x: Any) -> Any:
    for _ in range(LAYERS):
        x = sigmoid(x)
    return x


def right(x: Any) -> Any:
    slope = 1.0
    for _ in range(LAYERS):
        x = sigmoid(x)
        slope = slope * x * (1 - x)
    return slope


def wrong(x: Any) -> Any:
    return 0.0 * x


def claimed(function: Function, slope: Function) -> Function:
    """A function together with the slope that somebody claims for it."""
    made = primitive(function)
    defvjp(made, lambda answer, x: lambda upstream: upstream * slope(x))
    defjvp(made, lambda tangent, answer, x: tangent * slope(x))
    return made


def accepted(slope: Function) -> int:
    """In how many of `REPEATS` seeded runs the claimed slope is accepted.

    The checker draws its directions at random.
    """
    checked = claimed(stack, slope)
    count = 0
    for seed in range(REPEATS):
        numpy.random.seed(seed)  # noqa: NPY002 - the checker draws from this global state
        try:
            test_util.check_grads(checked, **DEFAULTS)(X)
            count += 1
        except AssertionError:
            pass
    return count


def judged(gradient: str, slope: Function, tolerance: float | None = None) -> dict[str, Any]:
    """The verdict that all runs agree on; `mixed` if they do not.

    `tolerance` takes the place of the absolute one, a constant of the checker's module.
    """
    usual = test_util.TOL
    try:
        test_util.TOL = usual if tolerance is None else tolerance
        count = accepted(slope)
    finally:
        test_util.TOL = usual
    verdict = {REPEATS: ACCEPTED, 0: REJECTED}.get(count, "mixed")
    changed = {} if tolerance is None else {"TOL": tolerance}
    return trial(gradient, verdict, changed, accepted=count, of=REPEATS)


def eleven_sigmoids() -> dict[str, Any]:
    """Eleven sigmoids on top of each other, unit weights; claimed: the gradient is zero."""
    return record(
        "eleven-sigmoids",
        "autograd",
        "autograd.test_util.check_grads",
        inputs={"x": X, "layers": LAYERS},
        value=float(stack(X)),
        settings={
            **DEFAULTS,
            "TOL": test_util.TOL,
            "RTOL": test_util.RTOL,
            "EPS": test_util.EPS,
        },
        trials=[
            judged("wrong", wrong),
            judged("right", right),
            judged("wrong", wrong, tolerance=0.0),
            judged("right", right, tolerance=0.0),
        ],
    )


CASES = (eleven_sigmoids,)
