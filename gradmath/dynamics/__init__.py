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
from gradmath.dynamics.digits import (
    TASKS,
    Binary,
    TenDigits,
    binary,
    centre_ink,
    one_of_each,
    ten_digits,
)
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
from gradmath.dynamics.starts import lsuv, pretrained
from gradmath.dynamics.training import Plan, Training, accuracy, train

__all__ = [
    "PUBLISHED_SETTING",
    "TASKS",
    "VERDICTS",
    "Binary",
    "DepthSweep",
    "Descent",
    "Diagnosis",
    "Finding",
    "Plan",
    "Profile",
    "Rule",
    "TenDigits",
    "Thresholds",
    "Training",
    "accuracy",
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
    "lsuv",
    "norm",
    "one_of_each",
    "pretrained",
    "profile",
    "root_mean_square",
    "row_norms",
    "smoothness",
    "ten_digits",
    "train",
]
