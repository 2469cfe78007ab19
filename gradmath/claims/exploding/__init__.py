"""Claims of the page "How gradients explode", declared in the order of the page."""

# isort: off
from __future__ import annotations

__all__: list[str] = []
