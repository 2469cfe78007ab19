"""Claims of the page "Remedies", declared in the order of the page."""

# isort: off
from __future__ import annotations

__all__: list[str] = []
