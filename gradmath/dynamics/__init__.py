"""What gradients do: seeded experiments that return plain arrays."""

from __future__ import annotations

from gradmath.dynamics.cache import cached
from gradmath.dynamics.descent import (
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
from gradmath.dynamics.digits import TASKS, Binary, binary, centre_ink, one_of_each

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
