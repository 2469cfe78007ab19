"""Claims of the page "Before you start"."""

from __future__ import annotations

from . import rules, exercises  # noqa: I001  # in the order of the page

__all__ = ["exercises", "rules"]
