"""Claims of the page "The chain rule, entry by entry"."""

from __future__ import annotations

from . import by_hand, factors, published, layers, cost, exercises  # noqa: I001  # page order

__all__ = ["by_hand", "cost", "exercises", "factors", "layers", "published"]
