"""The peers on the ladders: jax and PyTorch run chains, SymPy and SymEngine derive them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import gradmath as gm
from tests.benchmarks.ladders import Make, equations, repeated, weights
from tests.benchmarks.timing import spent


def jax_chain(depth: int, x: Any, y: Any) -> Callable[[], Any]:
    """jax.grad under jit; the parameters are tuples, since indexing an array would be quadratic."""
    import jax

    def loss(params, x, y):
        a = x
        for w, b in params:
            a = jax.nn.sigmoid(w * a + b)
        return jax.numpy.mean((a - y) ** 2)

    params = tuple((np.float64(w), np.float64(b)) for w, b in weights(depth))
    compiled = jax.jit(jax.value_and_grad(loss))
    x, y = jax.numpy.asarray(x), jax.numpy.asarray(y)
    return lambda: jax.block_until_ready(compiled(params, x, y))


def _torch(depth: int, x: Any, y: Any):
    import torch

    params = [torch.tensor(n, dtype=torch.float64) for pair in weights(depth) for n in pair]

    def loss(params, x, y):
        a = x
        for w, b in zip(params[::2], params[1::2], strict=True):
            a = torch.sigmoid(w * a + b)
        return torch.mean((a - y) ** 2)

    return torch.func.grad_and_value(loss), params, torch.tensor(x), torch.tensor(y)


def torch_eager(depth: int, x: Any, y: Any) -> Callable[[], Any]:
    """torch.func, called as it comes."""
    function, *given = _torch(depth, x, y)
    return lambda: function(*given)


def torch_compile(depth: int, x: Any, y: Any) -> Callable[[], Any]:
    """The same through Inductor."""
    import torch

    torch.compiler.reset()
    function, *given = _torch(depth, x, y)
    compiled = torch.compile(function, dynamic=False, fullgraph=True)
    return lambda: compiled(*given)


PEERS: dict[str, Make] = {
    "jax": jax_chain,
    "torch-eager": torch_eager,
    "torch-compile": torch_compile,
}


def derive_ours(depth: int) -> float:
    """gm.derive: every local derivative and every adjoint."""
    lines, wrt = equations(depth)
    return _timed(lambda: gm.derive(lines, wrt=wrt).gradient)


def derive_sympy(depth: int) -> float:
    """sympy.diff of the substituted expression by every parameter."""
    import sympy
    from sympy.core.cache import clear_cache

    def trial():
        clear_cache()
        loss, params = _substituted(sympy, depth)
        return [sympy.diff(loss, p) for p in params]

    return _timed(trial)


def derive_symengine(depth: int) -> float:
    """The same in SymEngine."""
    import symengine

    def trial():
        loss, params = _substituted(symengine, depth)
        return [loss.diff(p) for p in params]

    return _timed(trial)


def _substituted(library: Any, depth: int) -> tuple[Any, list[Any]]:
    a, y = library.Symbol("x"), library.Symbol("y")
    params = []
    for k in range(1, depth + 1):
        w, b = library.Symbol(f"w{k}"), library.Symbol(f"b{k}")
        a = 1 / (1 + library.exp(-(w * a + b)))
        params += [w, b]
    return (a - y) ** 2, params


def _timed(work: Callable[[], Any]) -> float:
    def trial() -> float:
        start = spent()
        work()
        return spent() - start

    return repeated(trial)


DERIVING: dict[str, Callable[[int], float]] = {
    "gradmath": derive_ours,
    "sympy": derive_sympy,
    "symengine": derive_symengine,
}
