"""Answers to exercises: there are three on every page, and the code in them prints what it says."""

from __future__ import annotations

import doctest

import pytest

from gradmath.claims import claims
from gradmath.claims.exercise import Kind

ANSWERED = [id for id, claim in claims.items() if id.startswith("exercise-")]


@pytest.mark.parametrize(
    "page",
    [
        "before-you-start",
        "one-neuron",
        "chain-rule",
        "vanishing",
        "exploding",
        "edge",
        "remedies",
        "practice",
    ],
)
def test_three_on_every_page_of_the_chapter(page):
    kinds = [
        claim.answer.kind
        for claim in claims.values()
        if claim.page == page and claim.answer is not None
    ]
    assert kinds == [Kind.BY_HAND, Kind.PROOF, Kind.CODE]


@pytest.mark.parametrize("id", ANSWERED)
def test_answers_in_both_languages_name_the_same_values(id):
    claim = claims[id]
    assert claim.answer is not None
    english, chinese = (claim.answer.markdown(language, claim.values) for language in ("en", "zh"))
    assert english.strip() != chinese.strip()
    for text in (english, chinese):
        assert "{=" not in text
        assert "{$" not in text


@pytest.mark.parametrize("id", [i for i in ANSWERED if i.endswith("-code")])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_code_prints_what_it_says(id, language):
    claim = claims[id]
    blocks = claim.answer.markdown(language, claim.values).split("```")[1::2]
    code = "".join(block.removeprefix("pycon\n") for block in blocks)
    test = doctest.DocTestParser().get_doctest(code, {}, id, None, None)
    assert test.examples
    results = doctest.DocTestRunner(verbose=False).run(test)
    assert results.failed == 0
