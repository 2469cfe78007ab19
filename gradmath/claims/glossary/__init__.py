"""The glossary: every term in both languages, its symbol, one sentence, and claims that show it.

To add a term, add one `Term` to the module of its group.  To show a term by a further claim, add
the claim's id to its `claims`.
"""

from __future__ import annotations

from collections.abc import Mapping

from gradmath.claims.glossary import evidence, gradients, matrices, neuron, numbers, remedies
from gradmath.claims.glossary.term import Term
from gradmath.errors import DeclarationError

GROUPS: Mapping[str, tuple[Term, ...]] = {
    "neuron": neuron.TERMS,
    "gradients": gradients.TERMS,
    "matrices": matrices.TERMS,
    "numbers": numbers.TERMS,
    "remedies": remedies.TERMS,
    "evidence": evidence.TERMS,
}
"""The terms of each group, in the order in which they are best read."""

TERMS: Mapping[str, Term] = {term.id: term for group in GROUPS.values() for term in group}
"""Every term by id."""

if len(TERMS) < sum(map(len, GROUPS.values())):
    raise DeclarationError("terms of the glossary", got="an id twice", allowed="each id once")

__all__ = ["GROUPS", "TERMS", "Term"]
