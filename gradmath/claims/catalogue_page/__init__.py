"""Claims of the reference page "Catalogue": the slopes of all activations, and Gaussian means."""

# isort: off
from __future__ import annotations

from gradmath.claims.catalogue_page import bounds
from gradmath.claims.catalogue_page import slopes
from gradmath.claims.catalogue_page import ranges
from gradmath.claims.catalogue_page import means

__all__ = ["bounds", "means", "ranges", "slopes"]
