"""The pictures of the page "How gradients explode"."""

from __future__ import annotations
