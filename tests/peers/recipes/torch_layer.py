import numpy as np
import torch

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
