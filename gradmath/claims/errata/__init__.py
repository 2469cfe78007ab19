"""What the chapter's source says, statement by statement, and what is right.

Each row first says what is right, then what the source says, in our own words, and names the
claims that decide it.  Slips of the pen stand apart from matters of substance.  A row without a
claim is about a word or a sign, where there is nothing to prove.
"""

from __future__ import annotations

from gradmath.claims.errata import exploding, model, remedies, slips, vanishing
from gradmath.claims.errata.erratum import VERDICT_TITLES, Erratum, Verdict

ERRATA: tuple[Erratum, ...] = (
    *model.ROWS,
    *vanishing.ROWS,
    *exploding.ROWS,
    *remedies.ROWS,
    *slips.ROWS,
)
"""Every row that the chapter's pages so far answer, in the order of the source."""

__all__ = ["ERRATA", "VERDICT_TITLES", "Erratum", "Verdict"]
