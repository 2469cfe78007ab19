"""What gradients do: seeded experiments that return plain arrays."""

from __future__ import annotations

from .cache import cached
from .descent import (
    PUBLISHED_SETTING,
    Descent,
    Rule,
    curvature_bound,
    descend,
    entries,
    loss_at,
    loss_surface,
    smoothness,
)
from .digits import TASKS, Binary, binary, centre_ink, one_of_each

__all__ = [
    "PUBLISHED_SETTING",
    "TASKS",
    "Binary",
    "Descent",
    "Rule",
    "binary",
    "cached",
    "centre_ink",
    "curvature_bound",
    "descend",
    "entries",
    "loss_at",
    "loss_surface",
    "one_of_each",
    "smoothness",
]
