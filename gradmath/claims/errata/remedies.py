"""What the source says on the remedies."""

from __future__ import annotations

from gradmath.claims.errata.erratum import Erratum

ROWS: tuple[Erratum, ...] = ()
