"""Claims of the page "Before you start", declared in the order of the page."""

# isort: off
from __future__ import annotations

from gradmath.claims.before_you_start import rules
from gradmath.claims.before_you_start import exercises

__all__ = ["exercises", "rules"]
