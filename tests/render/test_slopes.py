"""The table of slopes: every activation, its interval, where the ends are."""

from __future__ import annotations

import html
import re

import pytest

from gradmath import render
from gradmath.catalogue import activations
from gradmath.errors import GradmathError


def rows(language="en", directive="<!-- gm: slopes -->"):
    kept = []

    def keep(part):
        kept.append(part)
        return "kept"

    context = render.Context(language=language, page="reference/catalogue.md", keep=keep)
    render.expand(directive, context)
    cells = re.findall(r"<tr>(.*?)</tr>", kept[0])
    plain = [re.sub(r"<br>", " ", row) for row in cells]
    return [
        [
            html.unescape(re.sub(r"<[^>]+>", "", cell))
            for cell in re.findall(r"<t[hd].*?</t[hd]>", row)
        ]
        for row in plain
    ]


def test_a_row_for_every_activation():
    head, *body = rows()
    assert len(head) == 5
    assert [row[0] for row in body] == [entry.titles["en"] for entry in activations.values()]
    assert all(all(cell for cell in row) for row in body)


def test_brackets_and_places():
    table = {row[0]: row[1:] for row in rows()[1:]}
    slopes, least, greatest, bends = table["Sigmoid"]
    assert slopes == r"\((0,\; 0.25]\)"  # 0 is never reached
    assert r"z \to -\infty" in least
    assert greatest == r"\(z = 0\)"
    assert bends == r"\([-0.096225,\; 0.096225]\)"
    assert table["SELU"][2] == r"\(z \to 0^{-}\)"
    assert table["SiLU (Swish)"][0] == r"\([-0.099839,\; 1.0998]\)"
    assert table["SiLU (Swish)"][2] == r"\(z = 2.39936\)"
    assert table["ReLU"][1:3] == [r"\(z \in (-\infty,\; 0)\)", r"\(z \in (0,\; \infty)\)"]
    assert table["Identity"][0] == r"\(\{1\}\)"
    assert table["Softsign"][3] == r"\([-2,\; 2)\)"


def test_both_languages_show_the_same_numbers():
    english, chinese = rows("en"), rows("zh")
    assert [row[1:] for row in english[1:]] == [row[1:] for row in chinese[1:]]
    assert english[0] != chinese[0]


def test_no_options():
    with pytest.raises(GradmathError):
        rows(directive="<!-- gm: slopes digits=3 -->")
