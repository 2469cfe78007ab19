"""The pictures of the page "Remedies"."""

from __future__ import annotations
