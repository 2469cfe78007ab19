"""Claims of the page "How gradients vanish", declared in the order of the page."""

# isort: off
from __future__ import annotations

from gradmath.claims.vanishing import factors
from gradmath.claims.vanishing import saturation
from gradmath.claims.vanishing import depth
from gradmath.claims.vanishing import rounding

__all__ = ["depth", "factors", "rounding", "saturation"]
