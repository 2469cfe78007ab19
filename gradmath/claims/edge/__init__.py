"""Claims of the page "Between the two: the edge", declared in the order of the page."""

# isort: off
from __future__ import annotations

__all__: list[str] = []
