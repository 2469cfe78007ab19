"""The pictures of the page "In practice"."""

from __future__ import annotations
