"""Claims of the page "In practice", declared in the order of the page."""

# isort: off
from __future__ import annotations

__all__: list[str] = []
