"""Glossary and further reading: every term once, links to claims, and claims that must pass."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from gradmath import render
from gradmath.catalogue import BIBLIOGRAPHY
from gradmath.claims import Status, claims
from gradmath.claims.glossary import GROUPS, TERMS
from gradmath.errors import UnknownNameError, VerificationError
from gradmath.render import glossary, reading

PAGES = Path(__file__).parents[2] / "docs" / "en"
NUMBERS = {"sigmoid-slope-bound": render.Number("1.8", "chapter/one-neuron.md")}


def shown(directive, language="en", page="glossary.md"):
    context = render.Context(language=language, page=page, numbers=NUMBERS)
    return render.expand(f"<!-- gm: {directive} -->", context)


@pytest.fixture
def all_pass(monkeypatch):
    """No evidence is run: what becomes of a claim that passed is looked at."""
    for module in (glossary, reading):
        monkeypatch.setattr(module, "passed", lambda claim: claim)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_holds_every_term_once(all_pass, language):
    text = (PAGES / "glossary.md").read_text("utf-8")
    whole = render.expand(text, render.Context(language, "glossary.md"))
    assert sorted(re.findall(r'id="term-([\w-]+)"', whole)) == sorted(TERMS)
    assert sorted(re.findall(r'href="#term-([\w-]+)"', whole)) == sorted(TERMS)
    for term in TERMS.values():
        assert term.names["en"] in whole
        assert term.names["zh"] in whole
        assert term.sentences[language] in whole
        for claim in term.claims:
            assert f"(ledger/{claim}.md)" in whole


def test_an_entry():
    parts = shown("glossary evidence").split("</div>")
    assert '<div class="gm-term" id="term-claim" markdown="1">' in parts[0]
    assert '**claim** <span class="gm-other" lang="zh-Hans">论断</span>' in parts[0]
    assert "See [Claim 1.8 At most a quarter](ledger/sigmoid-slope-bound.md)" in parts[0]
    chinese = shown("glossary evidence", "zh").split("</div>")[0]
    assert '**论断** <span class="gm-other" lang="en">claim</span>' in chinese


def test_the_index_is_in_alphabetical_order():
    names = re.findall(r">([^<]+)</a>", shown("glossary index"))
    assert names == sorted(names, key=str.lower)
    assert "ReLU 死亡 · dying ReLU" in shown("glossary index", "zh")


@pytest.mark.parametrize("directive", ["glossary words", "glossary", "work nobody1900", "work"])
def test_what_does_not_exist_is_refused(directive):
    with pytest.raises((UnknownNameError, ValueError)):
        shown(directive)


@pytest.mark.parametrize(
    "directive", ["glossary neuron", "work rumelhart1986", "glossary gradients"]
)
def test_a_claim_that_does_not_pass_breaks_the_page(directive, monkeypatch):
    first = claims["adjoint-recurrence" if directive != "glossary neuron" else "linear-range"]
    failed = SimpleNamespace(status=Status.FAILED, reason="made to fail")
    monkeypatch.setitem(vars(first), "judgement", failed)
    with pytest.raises(VerificationError, match=first.id):
        shown(directive)


def test_a_work_and_the_claims_that_cite_it(all_pass):
    text = shown("work pascanu2013", page="further-reading.md")
    assert BIBLIOGRAPHY["pascanu2013"].url in text
    citing = {id for id, claim in claims.items() if "pascanu2013" in claim.references}
    assert set(re.findall(r"\(ledger/([\w-]+)\.md\)", text)) == citing
    assert "clip-norm-bound" in citing


def test_a_work_that_no_claim_cites_says_nothing_of_claims(all_pass, monkeypatch):
    monkeypatch.setattr(reading, "claims", {})
    assert "Cited by" not in shown("work pascanu2013")
    assert "Pascanu, Razvan" in shown("work pascanu2013")


def test_further_reading_says_where_each_work_belongs():
    text = (PAGES / "further-reading.md").read_text("utf-8")
    parts = text.split("<!-- gm: work ")[1:]
    assert len(parts) == 9
    years = [BIBLIOGRAPHY[part.split()[0]].year for part in parts]
    assert years == sorted(years)
    for part in parts:
        assert "](chapter/" in part
        assert "Read it" in part


def test_groups_have_their_directives():
    text = (PAGES / "glossary.md").read_text("utf-8")
    assert re.findall(r"gm: glossary (\w+)", text) == ["index", *GROUPS]
