"""Claims of the page "How gradients explode", declared in the order of the page."""

# isort: off
from __future__ import annotations

from gradmath.claims.exploding import stacks
from gradmath.claims.exploding import growth
from gradmath.claims.exploding import slopes
from gradmath.claims.exploding import printed
from gradmath.claims.exploding import random_products
from gradmath.claims.exploding import singular
from gradmath.claims.exploding import steps
from gradmath.claims.exploding import leaps
from gradmath.claims.exploding import through_time
from gradmath.claims.exploding import exercises

__all__ = [
    "exercises",
    "growth",
    "leaps",
    "printed",
    "random_products",
    "singular",
    "slopes",
    "stacks",
    "steps",
    "through_time",
]
