"""Claims of the page "One neuron", declared in the order of the page."""

# isort: off
from __future__ import annotations

from . import linear
from . import sigmoid
from . import descent
from . import step
from . import exercises

__all__ = ["descent", "exercises", "linear", "sigmoid", "step"]
