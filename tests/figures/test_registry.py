"""Declaring figures and asking for them."""

from __future__ import annotations

import re

import pytest

from gradmath import figures
from gradmath.claims.values import Value
from gradmath.errors import DeclarationError, UnknownNameError
from gradmath.figures import Drawing, Figure, registry
from gradmath.figures.style import canvas

BOTH = {"en": "words", "zh": "文字"}


@pytest.fixture(autouse=True)
def own_registry(monkeypatch):
    """Trial figures stay out of the real table."""
    monkeypatch.setattr(registry, "_FIGURES", dict(registry._FIGURES))


def declare(id="trial", **changes):
    words = {"titles": BOTH, "alts": BOTH, "captions": BOTH} | changes
    return figures.figure(id, **words)(
        lambda say: Drawing(canvas(200), {"number": Value(0.25, digits=2)})
    )


def test_a_figure_is_declared_once():
    assert isinstance(declare(), Figure)
    with pytest.raises(DeclarationError, match="no other figure has"):
        declare()


@pytest.mark.parametrize("id", ["", "Trial", "two words", "-x", "x-", "1x", "x_y", "x--y"])
def test_an_odd_id_is_refused(id):
    with pytest.raises(DeclarationError, match="lower-case"):
        declare(id)


@pytest.mark.parametrize("part", ["titles", "alts", "captions"])
@pytest.mark.parametrize("words", [{}, {"en": "words"}, {"en": "words", "zh": " "}])
def test_a_missing_language_is_refused(part, words):
    with pytest.raises(DeclarationError, match=f"{part} of figure 'trial'"):
        declare(**{part: words})


def test_words_take_numbers_from_the_drawing():
    declare("trial-a", captions={"en": "it is {number}", "zh": "为 {number}"})
    assert figures.caption("trial-a", "en") == "it is 0.25"
    assert figures.caption("trial-a", "zh") == "为 0.25"
    declare("trial-b", captions={"en": "it is {nmber}", "zh": "为 {number}"})
    with pytest.raises(UnknownNameError, match="did you mean 'number'"):
        figures.caption("trial-b", "en")


@pytest.mark.parametrize(
    "ask", [figures.svg, figures.caption, figures.title, figures.alt, figures.values]
)
def test_an_unknown_id_offers_the_nearest(ask):
    with pytest.raises(UnknownNameError, match="did you mean 'loss-surface'"):
        ask("loss-surfaces")


@pytest.mark.parametrize("ask", [figures.svg, figures.caption, figures.title, figures.alt])
def test_an_unknown_language_is_refused(ask):
    with pytest.raises(UnknownNameError, match="language"):
        ask("composition", "de")


def test_both_languages_tell_the_same_numbers(case):
    id, language = case
    assert registry._finished(id, language)[1] == figures.values(id)


def test_no_number_is_typed_in_the_words(case):
    """Single digits may be definitions (a target of 1, weight 2); a result has more of them."""
    id, language = case
    figure = figures.figures[id]
    for words in (figure.titles, figure.alts, figure.captions):
        assert re.findall(r"\d{2,}|\d\.\d", re.sub(r"\{\w+\}", "", words[language])) == []


def test_every_word_is_filled(case):
    for text in (figures.title(*case), figures.alt(*case), figures.caption(*case)):
        assert not re.search(r"[{}]|nan|inf\b", text)
