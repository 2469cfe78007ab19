"""Docstrings become the Markdown that the API page shows."""

from __future__ import annotations

import docstrings
import griffe
from docstrings import markdown


def test_an_argument_and_an_example() -> None:
    text = "Add.\n\nx: a number\n\n>>> 1 + 1\n2"
    assert markdown(text) == "Add.\n\n- `x`: a number\n\n```pycon\n>>> 1 + 1\n2\n```"


def test_fields_become_a_list_with_their_continuations() -> None:
    text = "Do it.\n\nsubject: a thing,\n    or another\nlow, high: bounds"
    assert (
        markdown(text) == "Do it.\n\n- `subject`: a thing,\n  or another\n- `low`, `high`: bounds"
    )


def test_formulas_and_prose_stay_as_they_are() -> None:
    text = "Sum.\n\n    s = a + b\n\nAttributes: many, among them `s`.\n\nRaises ShapeError: never."
    assert markdown(text) == text


def test_an_example_keeps_its_output_and_loses_its_indent() -> None:
    assert markdown("  >>> 1 +\\\n  ... 1\n  2") == "```pycon\n>>> 1 +\\\n... 1\n2\n```"


def test_every_docstring_of_a_package_passes_through() -> None:
    extensions = griffe.load_extensions(docstrings.Docstrings)
    loaded = griffe.load("gradmath.network", extensions=extensions)
    assert "```pycon" in loaded["Network.init"].docstring.value
