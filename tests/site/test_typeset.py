"""Formulas are typeset by KaTeX at build time; a bad one fails and is named."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from mkdocs.exceptions import PluginError
from typeset import Typesetter, plain


@pytest.fixture(scope="module")
def typesetter() -> Iterator[Typesetter]:
    with Typesetter() as made:
        yield made


def test_a_formula_becomes_html_and_mathml(typesetter):
    made = typesetter.formula(r"\frac{1}{4}", display=False, where="a page")
    assert "<math" in made
    assert "katex-html" in made
    assert plain(made) == "14"


@pytest.mark.parametrize("tex", [r"\frac{1}", r"\unknowncommand", "a_b_c", r"x \\ y & z", "{"])
def test_a_bad_formula_names_the_page_and_itself(typesetter, tex):
    with pytest.raises(PluginError) as raised:
        typesetter.formula(tex, display=True, where="chapter/a.md")
    assert "chapter/a.md" in str(raised.value)
    assert repr(tex) in str(raised.value)


def test_it_goes_on_after_a_bad_formula(typesetter):
    assert "<math" in typesetter.formula("x", display=False, where="a page")


def test_chinese_words_inside_text_are_meant(typesetter):
    assert "梯度" in typesetter.formula(r"\text{梯度}", display=False, where="a page")


def test_links_and_html_from_a_formula_are_refused(typesetter):
    with pytest.raises(PluginError):
        typesetter.formula(r"\href{https://example.org}{x}", display=False, where="a page")


def test_marks_hold_words_for_the_search_and_come_back_as_formulas(typesetter):
    page = (
        r'<p>If <span class="arithmatex">\(a &lt; b\)</span></p>'
        r'<div class="arithmatex">\[\sigma(z)\]</div>'
    )
    marked = typesetter.mark(page, where="a page")
    assert "katex" not in marked
    assert "a&lt;b" in marked
    assert "σ(z)" in marked
    whole = typesetter.set(marked)
    assert whole.count('class="katex"') == 2
    assert "gm-math" not in whole
    assert whole.count("gm-display") == 1
