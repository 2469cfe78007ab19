"""The chapter's pictures: computed, drawn in the page's colours, worded in both languages.

>>> from gradmath import figures
>>> sorted(figures.figures)[:2]
['activations-and-slopes', 'chain-times']
"""

from __future__ import annotations

# Importing a page's module declares its figures: nothing else of it is used here.
from gradmath.figures import (  # noqa: F401
    before_you_start,
    chain_rule,
    edge,
    edge_phase,
    errata,
    exploding,
    exploding_steps,
    home,
    one_neuron,
    performance,
    practice,
    remedies,
    remedies_run,
    vanishing,
)
from gradmath.figures.palette import stylesheet
from gradmath.figures.registry import (
    Drawing,
    Figure,
    alt,
    caption,
    figure,
    figures,
    svg,
    title,
    values,
)
from gradmath.figures.sketch import Sketch, curves, images

__all__ = [
    "Drawing",
    "Figure",
    "Sketch",
    "alt",
    "caption",
    "curves",
    "figure",
    "figures",
    "images",
    "stylesheet",
    "svg",
    "title",
    "values",
]
