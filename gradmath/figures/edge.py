"""The pictures of the page "Between the two: the edge"."""

from __future__ import annotations
