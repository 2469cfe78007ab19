"""PyTorch without its compiler: torch.func for each sample, autograd for the means."""

from __future__ import annotations

import torch

from gradmath.claims.performance.record import FRESH, SCALARS
from tests.benchmarks.cases import B, Call, Case, W

ID = "torch-eager"
POLICIES = (FRESH,)


def loss_of(w, b, x, y):
    """The loss of one sample, or of all."""
    return (torch.sigmoid(w * x + b) - y) ** 2


_each = torch.func.vmap(
    torch.func.grad_and_value(loss_of, argnums=(0, 1, 2)), in_dims=(None, None, 0, 0)
)


def full(w, b, x, y):
    """The four arrays."""
    (dw, db, dx), loss = _each(w, b, x, y)
    return loss, dw, db, dx


def reduced(w, b, x, y):
    """The three means."""
    (dw, db), loss = torch.func.grad_and_value(
        lambda w, b: torch.mean(loss_of(w, b, x, y)), argnums=(0, 1)
    )(w, b)
    return loss, dw, db


def tensors(case: Case):
    """Scalars and arrays; copies, since tensors that share read-only arrays are not liked."""
    x, y = (torch.tensor(array) for array in case.arrays)
    return torch.tensor(case.type(W)), torch.tensor(case.type(B)), x, y


def calls(case: Case) -> dict[str, Call]:
    """Called as it comes."""
    torch.set_num_threads(1)
    given = tensors(case)
    if case.full:
        return {FRESH: lambda: full(*given)}
    return {SCALARS: lambda: reduced(*given)}
