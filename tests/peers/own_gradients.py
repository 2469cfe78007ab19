"""The gradients that frameworks give themselves, where digits are easily lost.

No checker is asked here: the numbers are recorded, and held against the definition elsewhere.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import autograd
import autograd.numpy as anp
import jax
import jax.numpy as jnp
import numpy as np
import pytensor
import pytensor.tensor as pt
import torch
from recording import record

DTYPES = ("float64", "float32")

#: a layer of three saturated units on two inputs, and one linear unit on top: (a - y)^2
NETWORK: dict[str, Any] = {
    "x": [1.5, 1.0],
    "W1": [[10.0, 2.5], [-8.0, -6.0], [6.0, 9.0]],
    "b1": [0.5, -0.25, -0.5],
    "W2": [1.0, -0.5, 0.75],
    "b2": 0.25,
    "y": 0.0,
}


def torch_slope(function: Callable[[Any], Any], at: float, dtype: str) -> float:
    x = torch.tensor(at, dtype=getattr(torch, dtype), requires_grad=True)
    function(x).backward()
    return float(x.grad)


def jax_slope(function: Callable[[Any], Any], at: float, dtype: str) -> float:
    with jax.enable_x64(True):
        return float(jax.grad(function)(jnp.asarray(at, dtype=dtype)))


def autograd_slope(function: Callable[[Any], Any], at: float, dtype: str) -> float:
    return float(autograd.grad(function)(np.dtype(dtype).type(at)))


def pytensor_slope(function: Callable[[Any], Any], at: float, dtype: str) -> float:
    x = pt.scalar(dtype=dtype)
    return float(pytensor.function([x], pytensor.grad(function(x), x))(np.dtype(dtype).type(at)))


SLOPE = {
    "torch": torch_slope,
    "jax": jax_slope,
    "autograd": autograd_slope,
    "pytensor": pytensor_slope,
}


def slopes(exhibit: str, at: float, functions: dict[str, tuple[str, Any]]) -> list[dict[str, Any]]:
    """One record for each peer: the slope of its own function at one point, in both types."""
    return [
        record(
            exhibit,
            peer,
            tool,
            inputs={"z": at},
            results={dtype: SLOPE[peer](function, at, dtype) for dtype in DTYPES},
        )
        for peer, (tool, function) in functions.items()
    ]


def sigmoid_far_out() -> list[dict[str, Any]]:
    """The slope of the sigmoid at 40."""
    functions = {
        "torch": ("torch.sigmoid", torch.sigmoid),
        "jax": ("jax.nn.sigmoid", jax.nn.sigmoid),
        "pytensor": ("pytensor.tensor.sigmoid", pt.sigmoid),
        "autograd": ("1 / (1 + exp(-z))", lambda z: 1 / (1 + anp.exp(-z))),
    }
    return slopes("sigmoid-far-out", 40.0, functions)


def gelu_tail() -> list[dict[str, Any]]:
    """The slope of GELU at -10."""
    functions = {
        "torch": ("torch.nn.functional.gelu", torch.nn.functional.gelu),
        "jax": ("jax.nn.gelu", functools.partial(jax.nn.gelu, approximate=False)),
    }
    return slopes("gelu-tail", -10.0, functions)


def gelu_tanh_tail() -> list[dict[str, Any]]:
    """The slope of GELU's tanh form at -8."""
    functions = {
        "torch": (
            "torch.nn.functional.gelu, approximate='tanh'",
            functools.partial(torch.nn.functional.gelu, approximate="tanh"),
        ),
        "jax": ("jax.nn.gelu", jax.nn.gelu),
    }
    return slopes("gelu-tanh-tail", -8.0, functions)


def mish_tail() -> list[dict[str, Any]]:
    """The slope of Mish at -20."""
    functions = {
        "torch": ("torch.nn.functional.mish", torch.nn.functional.mish),
        "jax": ("jax.nn.mish", jax.nn.mish),
    }
    return slopes("mish-tail", -20.0, functions)


def hard_sigmoid_slope() -> list[dict[str, Any]]:
    """The slope of the hard sigmoid at 1."""
    functions = {
        "torch": ("torch.nn.functional.hardsigmoid", torch.nn.functional.hardsigmoid),
        "jax": ("jax.nn.hard_sigmoid", jax.nn.hard_sigmoid),
    }
    return slopes("hard-sigmoid-slope", 1.0, functions)


def network_in_torch(dtype: str) -> list[float]:
    made = {
        name: torch.tensor(value, dtype=getattr(torch, dtype), requires_grad=name == "W1")
        for name, value in NETWORK.items()
    }
    hidden = torch.tanh(made["W1"] @ made["x"] + made["b1"])
    ((made["W2"] @ hidden + made["b2"] - made["y"]) ** 2).backward()
    return [float(entry) for entry in made["W1"].grad.flatten()]


def network_in(numpy: Any, grad: Callable[..., Any], dtype: str) -> list[float]:
    made = {name: numpy.asarray(value, dtype=dtype) for name, value in NETWORK.items()}

    def loss(weights: Any) -> Any:
        hidden = numpy.tanh(weights @ made["x"] + made["b1"])
        return (made["W2"] @ hidden + made["b2"] - made["y"]) ** 2

    return [float(entry) for entry in np.ravel(grad(loss)(made["W1"]))]


def network_in_jax(dtype: str) -> list[float]:
    with jax.enable_x64(True):
        return network_in(jnp, jax.grad, dtype)


def network_in_autograd(dtype: str) -> list[float]:
    return network_in(anp, autograd.grad, dtype)


def saturated_layer() -> list[dict[str, Any]]:
    """The gradient by the weights of a layer of tanh units, all of them saturated."""
    peers = {"torch": network_in_torch, "jax": network_in_jax, "autograd": network_in_autograd}
    tools = {"torch": "torch.tanh", "jax": "jax.numpy.tanh", "autograd": "autograd.numpy.tanh"}
    return [
        record(
            "saturated-layer",
            peer,
            tools[peer],
            inputs=NETWORK,
            results={dtype: run(dtype) for dtype in DTYPES},
        )
        for peer, run in peers.items()
    ]


def huge_norm() -> list[dict[str, Any]]:
    """Three gradients of 1e200, clipped to norm 1 by PyTorch's own function."""
    size, largest = 1e200, 1.0
    held = torch.nn.Parameter(torch.zeros(3, dtype=torch.float64))
    held.grad = torch.full_like(held, size)
    norm = torch.nn.utils.clip_grad_norm_([held], largest)
    return [
        record(
            "huge-norm",
            "torch",
            "torch.nn.utils.clip_grad_norm_",
            inputs={"gradient": [size] * 3, "max_norm": largest},
            results={"norm": float(norm), "clipped": held.grad.tolist()},
        )
    ]


CASES = (
    sigmoid_far_out,
    gelu_tail,
    gelu_tanh_tail,
    mish_tail,
    hard_sigmoid_slope,
    saturated_layer,
    huge_norm,
)
