"""Claims of the page "The chain rule, entry by entry", declared in the order of the page."""

# isort: off
from __future__ import annotations

from gradmath.claims.chain_rule import by_hand
from gradmath.claims.chain_rule import factors
from gradmath.claims.chain_rule import published
from gradmath.claims.chain_rule import layers
from gradmath.claims.chain_rule import cost
from gradmath.claims.chain_rule import exercises
from gradmath.claims.chain_rule import shapes_exercise

__all__ = ["by_hand", "cost", "exercises", "factors", "layers", "published", "shapes_exercise"]
