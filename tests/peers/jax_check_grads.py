"""JAX: jax.test_util.check_grads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax.test_util import check_grads
from recording import ACCEPTED, REJECTED, defaults, quoted, record, trial

Function = Callable[[Any], Any]
SIZES = (1, 10, 100, 300, 1000, 3000)
TOOL = "jax.test_util.check_grads"
SETTINGS = {**defaults(check_grads, "modes", "atol", "rtol", "eps"), "order": 1}
SETTINGS["modes"] = list(SETTINGS["modes"])
PROMISE = quoted(check_grads, "atol: absolute tolerance for gradient equality.")
STEP_PROMISE = quoted(check_grads, "eps: step size used for finite differences.")


def claimed(function: Function, slope: Function) -> Function:
    """A function together with the slope that somebody claims for it."""
    made = jax.custom_jvp(function)

    @made.defjvp
    def jvp(primals: Any, tangents: Any) -> Any:
        (x,), (moved,) = primals, tangents
        return function(x), slope(x) * moved

    return made


def verdict(slope: Function, x: Any, **changed: Any) -> str:
    """What check_grads says of a claimed slope of the sigmoid, by its defaults but `changed`."""
    try:
        check_grads(claimed(jax.nn.sigmoid, slope), (x,), **{"order": 1, **changed})
    except AssertionError:
        return REJECTED
    return ACCEPTED


def right(x: Any) -> Any:
    a = jax.nn.sigmoid(x)
    return a * (1 - a)


def spread(n: int) -> Any:
    """n points from -2 to 2."""
    return jnp.linspace(-2.0, 2.0, n, dtype=jnp.float32)


def by_size(slope: Function, **changed: Any) -> dict[str, str]:
    """The verdict at each of `SIZES` numbers of points."""
    return {str(n): verdict(slope, spread(n), **changed) for n in SIZES}


def lost_factor_at_many_points() -> dict[str, Any]:
    """The sigmoid at many points at once; claimed: its slope without the factor 1 - s."""
    n, forward, reverse = 1000, {"modes": ["fwd"]}, {"modes": ["rev"]}
    x, wrong = spread(n), jax.nn.sigmoid
    return record(
        "lost-factor-at-many-points",
        "jax",
        TOOL,
        inputs={"n": n, "x": float(x[-1])},
        value=float(jax.nn.sigmoid(x[-1])),
        settings={**SETTINGS, "dtype": "float32"},
        promise=PROMISE,
        trials=[
            trial("wrong", verdict(wrong, x, modes=("fwd",)), forward,
                  sizes=by_size(wrong, modes=("fwd",))),
            trial("zero", verdict(jnp.zeros_like, x, modes=("fwd",)), forward,
                  sizes=by_size(jnp.zeros_like, modes=("fwd",))),
            trial("right", verdict(right, x, modes=("fwd",)), forward),
            trial("wrong", verdict(wrong, x)),
            trial("wrong", verdict(wrong, x, modes=("rev",)), reverse),
            trial("right", verdict(right, x)),
        ],
    )  # fmt: skip


def half_precision_step() -> dict[str, Any]:
    """The sigmoid at 1 in float16, where a step of 1e-4 moves nothing; claimed: slope zero."""
    x, wider = jnp.float16(1), {"eps": 0.1}
    return record(
        "half-precision-step",
        "jax",
        TOOL,
        inputs={"x": 1.0},
        value=float(jax.nn.sigmoid(x)),
        settings={**SETTINGS, "dtype": "float16"},
        promise=STEP_PROMISE,
        trials=[
            trial("wrong", verdict(jnp.zeros_like, x)),
            trial("right", verdict(right, x)),
            trial("wrong", verdict(jnp.zeros_like, x, **wider), wider),
            trial("right", verdict(right, x, **wider), wider),
        ],
    )


CASES = (lost_factor_at_many_points, half_precision_step)
