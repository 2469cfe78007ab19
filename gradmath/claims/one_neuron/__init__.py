"""Claims of the page "One neuron"."""

from __future__ import annotations

from . import linear, sigmoid, descent, step, exercises  # noqa: I001  # in the order of the page

__all__ = ["descent", "exercises", "linear", "sigmoid", "step"]
