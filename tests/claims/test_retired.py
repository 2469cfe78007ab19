"""Claims that are no longer stated: an id is never given away, and a successor is stated."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from gradmath.claims import claims
from gradmath.claims.claim import LANGUAGES
from gradmath.claims.registry import register
from gradmath.claims.retired import RETIRED
from gradmath.errors import DeclarationError, UnknownNameError


@pytest.mark.parametrize("id", RETIRED)
def test_a_retired_claim_names_a_successor_that_is_stated(id):
    assert id not in claims
    assert RETIRED[id].successor in claims
    for language in LANGUAGES:
        assert RETIRED[id].titles[language]
        assert RETIRED[id].why[language]


@pytest.mark.parametrize("id", RETIRED)
def test_who_asks_for_a_retired_claim_is_told_its_successor(id):
    with pytest.raises(UnknownNameError, match=RETIRED[id].successor):
        claims[id]


def test_the_id_of_a_retired_claim_is_never_given_again():
    with pytest.raises(DeclarationError, match="retired"):
        register(SimpleNamespace(id="Outputs-Hide-Gradients", source=("here", 1)))
