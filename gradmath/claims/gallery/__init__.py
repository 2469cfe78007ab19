"""The false-pass gallery: wrong gradients that other checkers accepted, and frameworks' own errors.

What others said is read from a record that `nox -s peers` writes; what gradmath says of the same
gradients is computed when it is asked for.
"""

from __future__ import annotations

# isort: off
from gradmath.claims.gallery import checkers
from gradmath.claims.gallery import matrices
from gradmath.claims.gallery import frameworks
from gradmath.claims.gallery import arrays
from gradmath.claims.gallery import ours
from gradmath.claims.gallery.questions import verdicts

__all__ = ["arrays", "checkers", "frameworks", "matrices", "ours", "verdicts"]
