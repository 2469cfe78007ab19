"""The figures by id: declared with their words in both languages, drawn when asked for."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from gradmath.claims.values import Value
from gradmath.errors import DeclarationError, UnknownNameError

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

LANGUAGES = ("en", "zh")
Say = Callable[[str, str], str]
"""`say(english, chinese)` is the one of the two in the language of the drawing."""


@dataclass(frozen=True)
class Drawing:
    """A drawn figure and the numbers that its caption, or a page, may quote.

    Text is set by the reader's browser, in the page's font; where `outlined` is true it is all
    formulas, kept as outlines of glyphs.
    """

    canvas: Canvas
    values: Mapping[str, Value]
    outlined: bool = False


@dataclass(frozen=True)
class Figure:
    """A declared figure: its words, and the function that computes and draws it.

    `titles` name it, `alts` say in words what there is to see (for those who cannot), and
    `captions` tell what to notice; all three may quote `{value}` by the name it has in the
    drawing's values.
    """

    id: str
    titles: Mapping[str, str]
    alts: Mapping[str, str]
    captions: Mapping[str, str]
    draw: Callable[[Say], Drawing]

    def drawing(self, language: str = "en") -> Drawing:
        """Compute and draw; `language` is "en" or "zh"."""
        from gradmath.figures.style import style

        position = LANGUAGES.index(_language(language))
        with style():
            return self.draw(lambda *words: words[position])


_FIGURES: dict[str, Figure] = {}
figures: Mapping[str, Figure] = MappingProxyType(_FIGURES)


def figure(
    id: str,
    *,
    titles: Mapping[str, str],
    alts: Mapping[str, str],
    captions: Mapping[str, str],
) -> Callable[[Callable[[Say], Drawing]], Figure]:
    """Declare a figure.  A repeated or odd id or a missing language is a DeclarationError."""
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", id):
        raise DeclarationError(
            "id", got=repr(id), allowed="lower-case words and numbers joined by hyphens"
        )
    if id in _FIGURES:
        raise DeclarationError("id", got=repr(id), allowed="an id that no other figure has")
    for name, words in (("titles", titles), ("alts", alts), ("captions", captions)):
        missing = [language for language in LANGUAGES if not words.get(language, "").strip()]
        if missing:
            raise DeclarationError(f"{name} of figure {id!r}", got=f"no text for {missing}")

    def declare(draw: Callable[[Say], Drawing]) -> Figure:
        _FIGURES[id] = Figure(id, titles, alts, captions, draw)
        return _FIGURES[id]

    return declare


def get(id: str) -> Figure:
    """The figure of that id; raises UnknownNameError with the nearest one."""
    if id not in _FIGURES:
        raise UnknownNameError("figure", id, _FIGURES)
    return _FIGURES[id]


def _language(language: str) -> str:
    if language not in LANGUAGES:
        raise UnknownNameError("language", language, LANGUAGES)
    return language


@functools.cache
def _finished(id: str, language: str) -> tuple[str, Mapping[str, Value]]:
    """The SVG and the values, from one and the same drawing."""
    from gradmath.figures.vector import inline

    drawing = get(id).drawing(language)
    words = [_filled(id, get(id).titles, drawing.values, language)]
    words.append(_filled(id, get(id).alts, drawing.values, language))
    picture = inline(drawing.canvas, id, language, *words, outlined=drawing.outlined)
    return picture, MappingProxyType(dict(drawing.values))


def svg(id: str, language: str = "en") -> str:
    """The figure as one `<svg>` element to stand in an HTML page.

    It takes its colours from the page (`stylesheet()` defines them), scales with the width it is
    given, is named and described for screen readers, and is the same bytes in every run.
    """
    return _finished(get(id).id, _language(language))[0]


def values(id: str) -> Mapping[str, Value]:
    """The computed numbers of a figure by name."""
    return _finished(get(id).id, "en")[1]


def title(id: str, language: str = "en") -> str:
    """The figure's name."""
    return _filled(id, get(id).titles, values(id), _language(language))


def alt(id: str, language: str = "en") -> str:
    """What there is to see, in words."""
    return _filled(id, get(id).alts, values(id), _language(language))


def caption(id: str, language: str = "en") -> str:
    """What to notice, as plain text with the computed numbers in it."""
    return _filled(id, get(id).captions, values(id), _language(language))


def _filled(id: str, words: Mapping[str, str], numbers: Mapping[str, Value], language: str) -> str:
    try:
        return words[language].format_map({name: value.text for name, value in numbers.items()})
    except KeyError as error:
        raise UnknownNameError(
            f"value in the words of figure {id!r}", error.args[0], numbers
        ) from None
