"""A PyTorch layer checked by gm.check_gradient: the recipe of the page "In practice".

The checker is ours here, and PyTorch is what is checked.  The recipe is a file of its own, which
the page shows as it stands.
"""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import torch
from recording import ACCEPTED, REJECTED, defaults, record, trial

import gradmath as gm

RECIPE = runpy.run_path(str(Path(__file__).parent / "recipes" / "torch_layer.py"))


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
    loss, at = RECIPE["loss"], RECIPE["at"]
    wrong = gm.check_gradient(loss, RECIPE["gradient_of"](HandMade.apply), wrt=["W", "b"], at=at)
    words = {"passed": ACCEPTED, "failed": REJECTED}
    return record(
        "torch-layer",
        "torch",
        "gradmath.check_gradient",
        inputs={name: value.tolist() for name, value in at.items()},
        value=float(loss(**at)),
        settings=defaults(gm.check_gradient, "order", "rtol"),
        trials=[
            trial("right", words.get(RECIPE["report"].status, RECIPE["report"].status)),
            trial("wrong", words.get(wrong.status, wrong.status)),
        ],
    )


CASES = (layer_of_torch,)
