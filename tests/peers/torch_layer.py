"""A PyTorch layer checked by gm.check_gradient: the recipe of the page "In practice".

The checker is ours here, and PyTorch is what is checked.  Between the two marks stands what the
page shows.
"""

from __future__ import annotations

from typing import Any

# [recipe
import numpy as np
import torch
from recording import ACCEPTED, REJECTED, defaults, record, trial

import gradmath as gm


def loss(W, b, x, y):
    """What the layer is meant to compute, in NumPy."""
    return np.mean(np.sum((np.tanh(x @ W.T + b) - y) ** 2, axis=1))


def gradient_of(layer):
    """PyTorch's backward pass of that loss, as a function of NumPy arrays."""

    def gradient(W, b, x, y):
        W, b, x, y = (torch.tensor(each, dtype=torch.float64) for each in (W, b, x, y))
        W.requires_grad_(), b.requires_grad_()
        ((layer(x, W, b) - y) ** 2).sum(dim=1).mean().backward()
        return {"W": W.grad.numpy(), "b": b.grad.numpy()}

    return gradient


def layer(x, W, b):
    """The layer under test."""
    return torch.tanh(torch.nn.functional.linear(x, W, b))


rng = np.random.Generator(np.random.PCG64(0))
shapes = {"W": (2, 3), "b": (2,), "x": (4, 3), "y": (4, 2)}
at = {name: rng.standard_normal(shape) for name, shape in shapes.items()}
report = gm.check_gradient(loss, gradient_of(layer), wrt=["W", "b"], at=at)
# recipe]


class HandMade(torch.autograd.Function):
    """The same layer with a backward pass by hand that takes 1 - z^2 for 1 - tanh(z)^2."""

    @staticmethod
    def forward(ctx: Any, x: Any, W: Any, b: Any) -> Any:
        z = x @ W.T + b
        ctx.save_for_backward(x, W, z)
        return torch.tanh(z)

    @staticmethod
    def backward(ctx: Any, upstream: Any) -> Any:
        x, W, z = ctx.saved_tensors
        delta = upstream * (1 - z**2)
        return delta @ W, delta.T @ x, delta.sum(dim=0)


def layer_of_torch() -> dict[str, Any]:
    """The verdicts on PyTorch's own layer and on the one whose backward pass is wrong."""
    wrong = gm.check_gradient(loss, gradient_of(HandMade.apply), wrt=["W", "b"], at=at)
    words = {"passed": ACCEPTED, "failed": REJECTED}
    return record(
        "torch-layer",
        "torch",
        "gradmath.check_gradient",
        inputs={name: value.tolist() for name, value in at.items()},
        value=float(loss(**at)),
        settings=defaults(gm.check_gradient, "order", "rtol"),
        trials=[
            trial("right", words.get(report.status, report.status)),
            trial("wrong", words.get(wrong.status, wrong.status)),
        ],
    )


CASES = (layer_of_torch,)
