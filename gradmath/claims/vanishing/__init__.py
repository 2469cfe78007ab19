"""Claims of the page "How gradients vanish", declared in the order of the page."""

# isort: off
from __future__ import annotations

from gradmath.claims.vanishing import factors
from gradmath.claims.vanishing import saturation
from gradmath.claims.vanishing import losses
from gradmath.claims.vanishing import depth
from gradmath.claims.vanishing import measured_depth
from gradmath.claims.vanishing import mean_field
from gradmath.claims.vanishing import widths
from gradmath.claims.vanishing import published_norms
from gradmath.claims.vanishing import rounding
from gradmath.claims.vanishing import underflow
from gradmath.claims.vanishing import exercises

__all__ = [
    "depth",
    "exercises",
    "factors",
    "losses",
    "mean_field",
    "measured_depth",
    "published_norms",
    "rounding",
    "saturation",
    "underflow",
    "widths",
]
