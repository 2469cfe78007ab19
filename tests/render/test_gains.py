"""The table of gains: every activation, both gains, and where a framework differs."""

from __future__ import annotations

import html
import re

import pytest

from gradmath import render
from gradmath.catalogue import activations
from gradmath.errors import GradmathError


def rows(language="en", directive="<!-- gm: gains -->"):
    kept = []

    def keep(part):
        kept.append(part)
        return "kept"

    context = render.Context(language=language, page="chapter/edge.md", keep=keep)
    render.expand(directive, context)
    return [
        [
            html.unescape(re.sub(r"<[^>]+>", "", cell))
            for cell in re.findall(r"<t[hd].*?</t[hd]>", row)
        ]
        for row in re.findall(r"<tr>(.*?)</tr>", kept[0])
    ]


def test_a_row_for_every_activation():
    head, *body = rows()
    assert len(head) == 5
    assert [row[0] for row in body] == [entry.titles["en"] for entry in activations.values()]
    assert all(all(cell for cell in row) for row in body)


def test_known_gains():
    """Against the numbers that the chapter was planned with."""
    table = {row[0]: row[1:] for row in rows()[1:]}
    assert table["ReLU"] == [r"\(1.414214\)", r"\(1.414214\)", r"\(1\)", r"\(\sqrt{2}\)"]
    assert table["SELU"][0] == r"\(1\)"
    assert table["SELU"][3] == r"\(\frac{3}{4}\)"
    (tanh,) = (row for title, row in table.items() if "tangent" in title.lower() and "H" in title)
    assert tanh[0] == r"\(1.592537\)"
    assert tanh[3] == r"\(\frac{5}{3}\)"
    assert table["Sigmoid"][3] == r"\(1\)"
    assert table["SiLU (Swish)"][3] == "–"


def test_both_languages_show_the_same_numbers():
    english, chinese = rows("en"), rows("zh")
    assert [row[1:] for row in english[1:]] == [row[1:] for row in chinese[1:]]
    assert english[0] != chinese[0]


def test_no_options():
    with pytest.raises(GradmathError):
        rows(directive="<!-- gm: gains digits=3 -->")
