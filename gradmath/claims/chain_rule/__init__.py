"""Claims of the page "The chain rule, entry by entry", declared in the order of the page."""

# isort: off
from __future__ import annotations

from . import by_hand
from . import factors
from . import published
from . import layers
from . import cost
from . import exercises

__all__ = ["by_hand", "cost", "exercises", "factors", "layers", "published"]
