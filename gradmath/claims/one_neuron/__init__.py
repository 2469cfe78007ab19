"""Claims of the page "One neuron", declared in the order of the page."""

# isort: off
from __future__ import annotations

from gradmath.claims.one_neuron import linear
from gradmath.claims.one_neuron import sigmoid
from gradmath.claims.one_neuron import descent
from gradmath.claims.one_neuron import step
from gradmath.claims.one_neuron import exercises

__all__ = ["descent", "exercises", "linear", "sigmoid", "step"]
