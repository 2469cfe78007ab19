"""Every claim of the chapter: it passes, it can fail, and it says what it needs to say."""

from __future__ import annotations

import json
import re

import pytest

from gradmath.claims import Grade, Status, claims
from gradmath.claims.grades import RECORDED
from gradmath.claims.registry import PAGES
from gradmath.errors import UnknownNameError

IDS = list(claims)


@pytest.fixture(params=[pytest.param(id, marks=pytest.mark.xdist_group(id)) for id in IDS])
def claim(request):
    return claims[request.param]


def test_passes(claim):
    assert claim.status is Status.PASSED, claim.judgement.reason
    claim.verify().require()


def test_every_planted_mistake_is_caught_and_shown_false(claim):
    assert len(claim.mistakes) >= 3
    for trial in claim.mistakes:
        assert trial.killed, trial.titles["en"]
        assert trial.by
        assert trial.shown is not None, trial.titles["en"]


#: Parts that no mistake attacks, by claim, each with the reason why none can.
UNATTACKED: dict[str, dict[str, str]] = {}


def test_every_part_is_attacked_by_a_mistake(claim):
    assert set(claim.judgement.unattacked) == set(UNATTACKED.get(claim.id, ()))
    assert claim.passport()["unattacked"] == list(claim.judgement.unattacked)


def test_every_piece_of_evidence_rejects_a_mistake_in_every_part_it_decides(claim):
    for place, piece in enumerate(claim.case.evidence):
        refused = {name for trial in claim.mistakes for name in trial.rejected_by.get(place, ())}
        assert piece.covers(claim.statement) <= refused, piece


def test_mistakes_differ_from_one_another(claim):
    texts = [trial.text for trial in claim.mistakes]
    assert len(set(texts)) == len(texts)
    for language in ("en", "zh"):
        titles = [trial.titles[language] for trial in claim.mistakes]
        assert len(set(titles)) == len(titles)


def test_texts_stand_in_both_languages(claim):
    chinese = re.compile("[\u4e00-\u9fff]")
    for texts in (claim.titles, claim.statement_text, claim.assumptions):
        assert not chinese.search(texts["en"])
        assert chinese.search(texts["zh"])
    for trial in claim.mistakes:
        assert not chinese.search(trial.titles["en"])
        assert chinese.search(trial.titles["zh"])


def test_every_row_of_evidence_says_where_it_looked(claim):
    assert [row.describe() for row in claim.evidence if not row.domain] == []


def test_passport_is_json_and_repeatable(claim):
    first, second = (claim.passport(duration=False) for _ in range(2))
    text = json.dumps(first, allow_nan=False, sort_keys=True)
    assert text == json.dumps(second, allow_nan=False, sort_keys=True)
    assert first["planted"] == first["killed"] == len(claim.mistakes)
    assert first["statement"]["latex"].strip()
    assert first["source"]["file"].startswith("gradmath/claims/")
    assert first["source"]["line"] > 1
    assert claim.passport()["seconds"] > 0


def test_a_checked_claim_counts_its_points(claim):
    if claim.grade in (Grade.CHECKED, Grade.MEASURED):
        assert claim.passport()["points"] > 0


def test_only_the_gallery_and_the_recipe_have_what_is_merely_recorded(claim):
    recorded = claim.page == "gallery" or claim.id == "practice-torch-layer"
    assert claim.grade is not RECORDED or recorded


def test_the_chapter_order():
    pages = [claim.page for claim in claims.values()]
    order = list(PAGES)
    assert pages == sorted(pages, key=order.index)
    assert IDS.index("linear-range") < IDS.index("sigmoid-range") < IDS.index("loss-not-convex")
    assert IDS.index("by-hand") < IDS.index("matrix-rule-W") < IDS.index("reverse-cost-linear")


def test_an_unknown_claim_offers_the_nearest():
    with pytest.raises(UnknownNameError, match="sigmoid-slope-bound"):
        claims["sigmoid-slope-bond"]


def test_an_unknown_value_offers_the_nearest():
    with pytest.raises(UnknownNameError, match="did you mean 'loss'"):
        claims["by-hand"].value("los")


def test_known_numbers():
    """Against the numbers that the chapter was planned with."""
    hand = claims["by-hand"]
    stated = {"dw2": "-1/8", "db2": "-1/4", "dw1": "-1/16", "db1": "-1/8", "dx": "-1/4"}
    assert {name: hand.value(name).plain for name in stated} == stated
    assert hand.value("loss_after").plain == "0.16195"
    digits = claims["published-update-on-digits"]
    assert digits.value("start").plain == "0.25"
    assert float(digits.value("right_end").value) == pytest.approx(0.003, abs=5e-4)
    assert float(digits.value("published_end").value) == pytest.approx(0.5, abs=0.01)
    assert claims["linear-range"].value("low").plain == "-28"
    assert claims["linear-range"].value("high").plain == "32"
