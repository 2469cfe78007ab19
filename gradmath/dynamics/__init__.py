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
from gradmath.dynamics.diagnosis import Diagnosis, diagnose
from gradmath.dynamics.digits import TASKS, Binary, binary, centre_ink, one_of_each
from gradmath.dynamics.findings import VERDICTS, Finding, Thresholds
from gradmath.dynamics.layers import (
    DepthSweep,
    Profile,
    depth_sweep,
    gaussian_start,
    kernel_of,
    profile,
)
from gradmath.dynamics.norms import norm, root_mean_square, row_norms

__all__ = [
    "PUBLISHED_SETTING",
    "TASKS",
    "VERDICTS",
    "Binary",
    "DepthSweep",
    "Descent",
    "Diagnosis",
    "Finding",
    "Profile",
    "Rule",
    "Thresholds",
    "binary",
    "cached",
    "centre_ink",
    "curvature_bound",
    "depth_sweep",
    "descend",
    "diagnose",
    "entries",
    "gaussian_start",
    "kernel_of",
    "loss_at",
    "loss_surface",
    "norm",
    "one_of_each",
    "profile",
    "root_mean_square",
    "row_norms",
    "smoothness",
]
