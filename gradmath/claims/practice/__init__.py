"""Claims of the page "In practice", declared in the order of the page."""

# isort: off
from __future__ import annotations

from gradmath.claims.practice import layers
from gradmath.claims.practice import steps
from gradmath.claims.practice import precision
from gradmath.claims.practice import torch_layer
from gradmath.claims.practice import exercises

__all__ = ["exercises", "layers", "precision", "steps", "torch_layer"]
