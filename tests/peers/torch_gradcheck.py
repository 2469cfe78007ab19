"""PyTorch: torch.autograd.gradcheck."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from recording import ACCEPTED, REJECTED, defaults, exact, quoted, record, trial
from torch.autograd import gradcheck

Function = Callable[[torch.Tensor], torch.Tensor]
TOOL = "torch.autograd.gradcheck"
SETTINGS = defaults(gradcheck, "eps", "atol", "rtol", "fast_mode")
PROMISE = quoted(
    gradcheck,
    "The check between numerical and analytical gradients uses :func:`~torch.allclose`.",
)
KINK_PROMISE = quoted(
    gradcheck,
    "Gradcheck may fail when evaluated on non-differentiable points because the numerically "
    "computed gradients via finite differencing may differ those computed analytically (not "
    "necessarily because either is incorrect).",
)
FAST_PROMISE = quoted(
    gradcheck,
    "a faster implementation of gradcheck that no longer computes the entire jacobian is run",
)


class Claimed(torch.autograd.Function):
    """A function together with the gradient that somebody claims for it."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, function: Function, slope: Function) -> torch.Tensor:
        ctx.save_for_backward(x)
        ctx.slope = slope
        return function(x)

    @staticmethod
    def backward(ctx: Any, upstream: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        (x,) = ctx.saved_tensors
        return ctx.slope(x) * upstream, None, None


def verdict(function: Function, slope: Function, x: torch.Tensor, **changed: Any) -> str:
    """What gradcheck says of a claimed slope, with its defaults but for `changed`."""
    x = x.clone().requires_grad_()
    accepted = gradcheck(
        lambda x: Claimed.apply(x, function, slope), (x,), raise_exception=False, **changed
    )
    return ACCEPTED if accepted else REJECTED


def double(number: Any) -> torch.Tensor:
    return torch.tensor(number, dtype=torch.float64)


def nine_sigmoids() -> dict[str, Any]:
    """Nine sigmoids on top of each other, unit weights; claimed: the gradient is zero."""
    layers, x = 9, 0.5

    def stack(x: torch.Tensor) -> torch.Tensor:
        for _ in range(layers):
            x = torch.sigmoid(x)
        return x

    def right(x: torch.Tensor) -> torch.Tensor:
        slope = torch.ones_like(x)
        for _ in range(layers):
            x = torch.sigmoid(x)
            slope = slope * x * (1 - x)
        return slope

    at, stricter = double(x), {"atol": 0.0}
    return record(
        "nine-sigmoids",
        "torch",
        TOOL,
        inputs={"x": x, "layers": layers},
        value=stack(at).item(),
        settings=SETTINGS,
        promise=PROMISE,
        trials=[
            trial("wrong", verdict(stack, torch.zeros_like, at)),
            trial("right", verdict(stack, right, at)),
            trial("wrong", verdict(stack, torch.zeros_like, at, **stricter), stricter),
            trial("right", verdict(stack, right, at, **stricter), stricter),
        ],
    )


def relu_at_zero() -> dict[str, Any]:
    """ReLU at its kink: PyTorch's own slope there, and the slope 1/2 whatever the input.

    The slope 1/2 is tried beside the kink as well.
    """
    kink, beside = double(0.0), double(0.25)

    def half(x: torch.Tensor) -> torch.Tensor:
        return torch.full_like(x, 0.5)

    def own(x: torch.Tensor) -> torch.Tensor:
        x = x.clone().requires_grad_()
        with torch.enable_grad():
            (slope,) = torch.autograd.grad(torch.relu(x), x)
        return slope

    moved = {"z": exact(beside.item())}
    return record(
        "relu-at-zero",
        "torch",
        TOOL,
        inputs={"z": kink.item()},
        value=torch.relu(kink).item(),
        settings=SETTINGS,
        promise=KINK_PROMISE,
        results={"own": own(kink).item()},
        trials=[
            trial("wrong", verdict(torch.relu, half, kink)),
            trial("right", verdict(torch.relu, own, kink)),
            trial("wrong", verdict(torch.relu, half, beside), moved),
            trial("right", verdict(torch.relu, own, beside), moved),
        ],
    )


def one_entry_in_many() -> dict[str, Any]:
    """A sum of sigmoids; claimed: the right gradient, with the sign of one entry flipped.

    The entry belongs to the one unit that is nearly saturated.  Fast mode compares one number, a
    weighted sum of all entries, in which the small one is lost.
    """
    n, place, saturated, low, high = 64, 7, -6.0, -2.0, 2.0
    at = low + (high - low) * torch.arange(n, dtype=torch.float64) / n
    at[place] = saturated

    def total(x: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(x).sum()

    def right(x: torch.Tensor) -> torch.Tensor:
        a = torch.sigmoid(x)
        return a * (1 - a)

    def wrong(x: torch.Tensor) -> torch.Tensor:
        slope = right(x)
        slope[place] = -slope[place]
        return slope

    fast = {"fast_mode": True}
    return record(
        "one-entry-in-many",
        "torch",
        TOOL,
        inputs={"n": n, "place": place, "x": at.tolist()},
        value=total(at).item(),
        settings=SETTINGS,
        promise=FAST_PROMISE,
        trials=[
            trial("wrong", verdict(total, wrong, at, **fast), fast),
            trial("right", verdict(total, right, at, **fast), fast),
            trial("wrong", verdict(total, wrong, at)),
            trial("right", verdict(total, right, at)),
        ],
    )


CASES = (nine_sigmoids, relu_at_zero, one_entry_in_many)
