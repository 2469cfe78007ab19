"""Claims of the page "Between the two: the edge", declared in the order of the page."""

# isort: off
from __future__ import annotations

from gradmath.claims.edge import variances
from gradmath.claims.edge import gains
from gradmath.claims.edge import chi
from gradmath.claims.edge import growth
from gradmath.claims.edge import tanh_edge
from gradmath.claims.edge import trained
from gradmath.claims.edge import selu
from gradmath.claims.edge import isometry
from gradmath.claims.edge import width
from gradmath.claims.edge import exercises

__all__ = [
    "chi", "exercises", "gains", "growth", "isometry", "selu", "tanh_edge", "trained",
    "variances", "width",
]  # fmt: skip
