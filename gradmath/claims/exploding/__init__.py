"""Claims of the page "How gradients explode", declared in the order of the page."""

# isort: off
from __future__ import annotations

from gradmath.claims.exploding import stacks
from gradmath.claims.exploding import growth
from gradmath.claims.exploding import slopes

__all__ = ["growth", "slopes", "stacks"]
