"""The gallery's cards: every case, what was recorded, what is computed now."""

from __future__ import annotations

import pytest

from gradmath.claims.gallery.checker_stories import CHECKERS
from gradmath.claims.gallery.framework_stories import FRAMEWORKS
from gradmath.claims.gallery.recording import recording
from gradmath.errors import UnknownNameError
from gradmath.render import Context, expand

EN, ZH = (Context(language, "gallery.md") for language in ("en", "zh"))


def shown(directive, context=EN):
    return expand(f"<!-- gm: {directive} -->", context)


@pytest.mark.parametrize(("kind", "stories"), [("checkers", CHECKERS), ("frameworks", FRAMEWORKS)])
@pytest.mark.parametrize("context", [EN, ZH], ids=["en", "zh"])
def test_every_case_has_a_card(kind, stories, context):
    page = shown(f"gallery {kind}", context)
    assert page.count('class="gm-exhibit') == len(stories)
    for story in stories:
        assert f"{{ #{story.claim} }}" in page
        assert f"(ledger/{story.claim}.md)" in page
    assert "{=" not in page
    assert page.count("(ledger/gallery-our-") == len(stories)


def test_a_checker_s_card_shows_verdicts_settings_and_our_own():
    page = shown("gallery checkers")
    card = page[page.index("#gallery-nine-sigmoids") : page.index("#gallery-relu-at-zero")]
    assert card.count("accepted</td>") == 3
    assert card.count("rejected</td>") == 1
    assert "atol = 0.0" in card
    assert f"torch {recording().versions['torch']}" in card
    assert "`gm.check_gradient` rejects the wrong gradient" in card


def test_a_kind_of_mistake_is_named_where_the_checker_knows_it():
    assert "rejects the wrong gradient (" in shown("gallery checkers")


def test_a_framework_s_card_shows_numbers_and_our_own():
    page = shown("gallery frameworks")
    card = page[page.index("#gallery-sigmoid-far-out") : page.index("#gallery-saturated-layer")]
    assert card.count("<td>0</td>") == 6
    assert "4.25 × 10⁻¹⁸" in card
    assert "∞" in page


def test_the_record_is_dated():
    line = shown("recorded")
    assert recording().date in line
    for name, version in recording().versions.items():
        assert f"{name} {version}" in line


def test_an_unknown_kind_is_refused():
    with pytest.raises(UnknownNameError):
        shown("gallery toys")
