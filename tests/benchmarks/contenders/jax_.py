"""jax.jit of jax.grad, waited for until the result is there.

"fresh" lets XLA make its outputs; "reused" donates the outputs of the call before.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from gradmath.claims.performance.record import FRESH, REUSED, SCALARS
from tests.benchmarks.cases import B, Call, Case, W

ID = "jax"
POLICIES = (REUSED, FRESH)


def _loss(w, b, x, y):
    return (jax.nn.sigmoid(w * x + b) - y) ** 2


_each = jax.vmap(jax.value_and_grad(_loss, argnums=(0, 1, 2)), in_axes=(None, None, 0, 0))


def _full(w, b, x, y):
    loss, (dw, db, dx) = _each(w, b, x, y)
    return loss, dw, db, dx


def _mean(w, b, x, y):
    return jnp.mean(_loss(w, b, x, y))


def calls(case: Case) -> dict[str, Call]:
    """Compiled once for the shape."""
    x, y = (jnp.asarray(array) for array in case.arrays)
    w, b = case.type(W), case.type(B)
    if not case.full:
        reduced = jax.jit(jax.value_and_grad(_mean, argnums=(0, 1)))

        def means():
            loss, (dw, db) = jax.block_until_ready(reduced(w, b, x, y))
            return loss, dw, db

        return {SCALARS: means}
    fresh = jax.jit(_full)
    donated = jax.jit(lambda w, b, x, y, old: _full(w, b, x, y), donate_argnums=4, keep_unused=True)
    last = [tuple(jnp.asarray(array) for array in case.outputs())]

    def into():
        last[0] = jax.block_until_ready(donated(w, b, x, y, last[0]))
        return last[0]

    return {REUSED: into, FRESH: lambda: jax.block_until_ready(fresh(w, b, x, y))}
