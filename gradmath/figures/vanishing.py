"""The pictures of the page "How gradients vanish"."""

from __future__ import annotations
