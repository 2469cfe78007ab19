"""The errata table: both languages, known claims, each of which passes."""

from __future__ import annotations

import pytest

from gradmath.claims import Status, claims
from gradmath.claims.errata import ERRATA, Erratum, Verdict
from gradmath.errors import DeclarationError

TEXTS = {"en": "right", "zh": "对"}


@pytest.mark.parametrize("row", ERRATA, ids=lambda row: row.right["en"][:30])
def test_each_row_rests_on_claims_that_pass(row):
    for id in row.claims:
        assert claims[id].status is Status.PASSED


def test_the_published_update_is_answered_and_demonstrated():
    deciding = {id for row in ERRATA for id in row.claims}
    assert {"published-update-climbs-iff", "published-update-on-digits"} <= deciding


def test_all_verdicts_but_none_invented():
    assert {row.verdict for row in ERRATA} == set(Verdict)


def test_rows_are_checked_when_declared():
    with pytest.raises(DeclarationError, match="ids of claims"):
        Erratum(Verdict.CONFIRMED, TEXTS, TEXTS, ("no-such-claim",))
    with pytest.raises(DeclarationError, match="substance"):
        Erratum(Verdict.CORRECTED, TEXTS, TEXTS)
    with pytest.raises(DeclarationError, match="no text"):
        Erratum(Verdict.CORRECTED, {"en": "right"}, TEXTS, slip=True)
