"""Directives: what is recognised, what is left alone, what is refused."""

from __future__ import annotations

import pytest

from gradmath.errors import DeclarationError, GradmathError, UnknownNameError
from gradmath.render import BLOCK, INLINE, Context, expand, numbers
from gradmath.render import directives as d

HERE = Context("en", "chapter/one-neuron.md")
SHOW = {"inline": {"value": lambda given, _: f"<{given.one()}>"},
        "block": {"claim": lambda given, _: f"first\nsecond {given.one()}"}}  # fmt: skip


def shown(text: str) -> str:
    return d.expand(text, HERE, SHOW["inline"], SHOW["block"])


def test_an_inline_directive_stays_in_its_sentence():
    assert shown("It is <!-- gm: value a.b --> or <!-- gm: value c.d -->.") == (
        "It is <a.b> or <c.d>."
    )


def test_a_block_directive_becomes_paragraphs_of_its_own():
    assert shown("One\n\n<!-- gm: claim x -->\n\nTwo") == "One\n\n\nfirst\nsecond x\n\n\nTwo"


def test_a_block_directive_keeps_its_indentation():
    assert "    first\n    second x\n" in shown("!!! note\n    <!-- gm: claim x -->\n")


@pytest.mark.parametrize(
    "text",
    [
        "Write `<!-- gm: claim x -->` there.",
        "``` ``<!-- gm: claim x -->`` ```",
        "```markdown\n<!-- gm: claim x -->\n```",
        "    ~~~\n    <!-- gm: claim x -->\n    ~~~\n",
        "<!-- an ordinary comment -->",
    ],
)
def test_code_and_ordinary_comments_are_left_alone(text):
    assert shown(text) == text


def test_a_directive_after_a_code_span_is_still_found():
    assert shown("`code` <!-- gm: value a.b --> `more`") == "`code` <a.b> `more`"


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("<!-- gm: clam x -->", UnknownNameError, "'claim'"),
        ("<!-- gm: -->", DeclarationError, "NAME"),
        ("words <!-- gm: claim x -->", DeclarationError, "a line of its own"),
        ("<!-- gm: claim x --> words", DeclarationError, "a line of its own"),
        ("<!-- gm: claim x y -->", DeclarationError, "2 arguments"),
        ("<!-- gm: claim -->", DeclarationError, "0 arguments"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(text, error, words):
    with pytest.raises(error, match=words) as raised:
        shown("line one\n\n" + text)
    assert any("line 3" in note for note in raised.value.__notes__)


def test_options_are_read_and_strange_ones_refused():
    directive = d.parse("<!-- gm: steps two-layer wrt=w1,b1 -->")
    assert directive.options == {"wrt": "w1,b1"}
    with pytest.raises(UnknownNameError, match="wrt"):
        d.parse("<!-- gm: steps two-layer wtr=w1 -->").refuse_options("wrt")


@pytest.mark.parametrize("name", [".x", "x.", "x", "."])
def test_a_value_needs_owner_and_name(name):
    with pytest.raises(DeclarationError, match=r"OWNER\.NAME"):
        d.parse(f"<!-- gm: value {name} -->").pair()


def test_claims_are_numbered_by_page_and_place():
    pages = {
        "chapter/before.md": "# Before\n\n<!-- gm: claim a -->",
        "chapter/one.md": "# 1. One\n\n<!-- gm: claim b -->\n\n<!-- gm: claim c -->\n\n"
        "`<!-- gm: claim d -->`",
        "index.md": "# 7. Home\n\n<!-- gm: claim e -->",
        "chapter/two.md": "# 2. Two\n\n<!-- gm: claim b -->\n\n<!-- gm: claim f -->",
    }  # fmt: skip
    labels = {claim: number.label for claim, number in numbers(pages).items()}
    assert labels == {"a": "0.1", "b": "1.1", "c": "1.2", "f": "2.2"}
    assert numbers(pages)["b"].home == "chapter/one.md"


@pytest.mark.parametrize("name", sorted(set(BLOCK) | set(INLINE)))
def test_every_directive_refuses_an_unknown_name_or_option(name):
    """No directive passes over what it does not know."""
    with pytest.raises(GradmathError):
        expand(f"<!-- gm: {name} no-such-thing.at-all colour=red -->", HERE)
