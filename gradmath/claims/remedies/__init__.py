"""Claims of the page "Remedies", declared in the order of the page."""

# isort: off
from __future__ import annotations

from gradmath.claims.remedies import experiment
from gradmath.claims.remedies import trained
from gradmath.claims.remedies import layerwise
from gradmath.claims.remedies import pretraining
from gradmath.claims.remedies import clip_value
from gradmath.claims.remedies import clip_window
from gradmath.claims.remedies import clip_norm
from gradmath.claims.remedies import penalties
from gradmath.claims.remedies import relu
from gradmath.claims.remedies import relu_paths
from gradmath.claims.remedies import smooth
from gradmath.claims.remedies import residual
from gradmath.claims.remedies import normalisation
from gradmath.claims.remedies import beyond
from gradmath.claims.remedies import adam
from gradmath.claims.remedies import exercises

__all__ = [
    "adam",
    "beyond",
    "clip_norm",
    "clip_value",
    "clip_window",
    "exercises",
    "experiment",
    "layerwise",
    "normalisation",
    "penalties",
    "pretraining",
    "relu",
    "relu_paths",
    "residual",
    "smooth",
    "trained",
]
