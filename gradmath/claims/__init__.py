"""The chapter's statements, one module (or package of modules) per chapter page.

`claims` maps id -> claim.  Importing this package declares them; nothing is computed before a
claim is asked for its statement, values or status.
"""

from __future__ import annotations

from gradmath.claims import (
    before_you_start,
    catalogue_page,
    chain_rule,
    edge,
    exploding,
    gallery,
    museum,
    one_neuron,
    practice,
    remedies,
    vanishing,
)
from gradmath.claims.claim import Case, Claim, Mistake, claim
from gradmath.claims.grades import CHECKED, MEASURED, PROVED, RECORDED, REFUTED, Grade, Status
from gradmath.claims.registry import Claims
from gradmath.claims.values import Value

#: Every claim, by id, in the order of the chapter.
claims = Claims()

__all__ = [
    "CHECKED",
    "MEASURED",
    "PROVED",
    "RECORDED",
    "REFUTED",
    "Case",
    "Claim",
    "Claims",
    "Grade",
    "Mistake",
    "Status",
    "Value",
    "before_you_start",
    "catalogue_page",
    "chain_rule",
    "claim",
    "claims",
    "edge",
    "exploding",
    "gallery",
    "museum",
    "one_neuron",
    "practice",
    "remedies",
    "vanishing",
]
