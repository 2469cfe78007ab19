"""What the source says on products of matrices, and how gradients explode."""

from __future__ import annotations

from gradmath.claims.errata.erratum import Erratum

ROWS: tuple[Erratum, ...] = ()
