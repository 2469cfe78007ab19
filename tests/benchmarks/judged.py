"""The activations as others have them: PyTorch, jax, SciPy, and the formula as it stands.

Each takes an entry and an order, 0 or 1, and gives a function of an array, or None where the
library has no such function.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import sympy
from scipy import special

Evaluate = Callable[[Any], Any]


def torch_of(entry: Any, order: int) -> Evaluate | None:
    """torch.nn.functional and autograd."""
    import torch
    from torch.nn import functional

    known = {
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "relu": functional.relu,
        "leaky_relu": functional.leaky_relu,
        "prelu": lambda x: functional.prelu(x, torch.tensor(0.25, dtype=x.dtype)),
        "elu": functional.elu,
        "selu": functional.selu,
        "celu": functional.celu,
        "gelu": functional.gelu,
        "gelu_tanh": functools.partial(functional.gelu, approximate="tanh"),
        "silu": functional.silu,
        "softplus": functional.softplus,
        "mish": functional.mish,
        "hard_sigmoid": functional.hardsigmoid,
        "hard_tanh": functional.hardtanh,
        "hard_swish": functional.hardswish,
        "relu6": functional.relu6,
        "softsign": functional.softsign,
        "log_sigmoid": functional.logsigmoid,
    }
    function = known.get(entry.name)
    if function is None:
        return None

    def evaluate(x: Any) -> Any:
        given = torch.tensor(x, requires_grad=bool(order))
        found = function(given)
        if order:
            (found,) = torch.autograd.grad(found.sum(), given)
        return found.detach().numpy()

    return evaluate


def jax_of(entry: Any, order: int) -> Evaluate | None:
    """jax.nn and jax.grad, compiled."""
    import jax

    nn = jax.nn
    known = {
        "sigmoid": nn.sigmoid,
        "tanh": jax.numpy.tanh,
        "relu": nn.relu,
        "leaky_relu": nn.leaky_relu,
        "elu": nn.elu,
        "selu": nn.selu,
        "celu": nn.celu,
        "gelu": functools.partial(nn.gelu, approximate=False),
        "gelu_tanh": functools.partial(nn.gelu, approximate=True),
        "silu": nn.silu,
        "softplus": nn.softplus,
        "mish": nn.mish,
        "hard_sigmoid": nn.hard_sigmoid,
        "hard_tanh": nn.hard_tanh,
        "hard_swish": nn.hard_swish,
        "relu6": nn.relu6,
        "softsign": nn.soft_sign,
        "log_sigmoid": nn.log_sigmoid,
    }
    function = known.get(entry.name)
    if function is None:
        return None
    wanted = jax.jit(jax.vmap(jax.grad(function)) if order else function)
    return lambda x: np.asarray(wanted(jax.numpy.asarray(x)))


def scipy_of(entry: Any, order: int) -> Evaluate | None:
    """scipy.special, and the derivative as one writes it with these functions."""
    expit, ndtr, one = special.expit, special.ndtr, np.ones_like
    known: dict[str, tuple[Evaluate, Evaluate]] = {
        "sigmoid": (expit, lambda x: expit(x) * (1 - expit(x))),
        "log_sigmoid": (special.log_expit, lambda x: expit(-x)),
        "softplus": (lambda x: -special.log_expit(-x), expit),
        "silu": (
            lambda x: x * expit(x),
            lambda x: expit(x) * (1 + x * (1 - expit(x))),
        ),
        "gelu": (
            lambda x: x * ndtr(x),
            lambda x: ndtr(x) + x * np.exp(-x * x / 2) / x.dtype.type(np.sqrt(2 * np.pi)),
        ),
        "elu": (
            lambda x: np.where(x > 0, x, special.expm1(x)),
            lambda x: np.where(x > 0, one(x), np.exp(x)),
        ),
        "celu": (
            lambda x: np.where(x > 0, x, special.expm1(x)),
            lambda x: np.where(x > 0, one(x), np.exp(x)),
        ),
    }
    return known[entry.name][order] if entry.name in known else None


def naive_of(entry: Any, order: int) -> Evaluate:
    """The definition, or sympy.diff of it, through lambdify: the formula as it stands."""
    formula = sympy.diff(entry.expression.subs(entry.defaults), entry.variable, order)
    formula = formula.replace(sympy.DiracDelta, lambda *_: sympy.S.Zero)
    function = sympy.lambdify([entry.variable], formula.evalf(17), ["scipy", "numpy"])

    def evaluate(x: Any) -> Any:
        return np.broadcast_to(np.asarray(function(x), x.dtype), x.shape)

    return evaluate


PEERS: dict[str, Callable[[Any, int], Evaluate | None]] = {
    "torch": torch_of,
    "jax": jax_of,
    "scipy": scipy_of,
    "naive": naive_of,
}
