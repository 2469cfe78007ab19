"""Claims of the page "Before you start", declared in the order of the page."""

# isort: off
from __future__ import annotations

from . import rules
from . import exercises

__all__ = ["exercises", "rules"]
