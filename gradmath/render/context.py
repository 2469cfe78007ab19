"""What a renderer must know about the page it writes for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from gradmath.errors import UnknownNameError
from gradmath.render.words import WORDS


class Number(NamedTuple):
    """The number of a claim, such as 1.3, and the page on which it has that number."""

    label: str
    home: str


Numbers = Mapping[str, Number]


@dataclass(frozen=True)
class Context:
    """The page being written.

    language: "en" or "zh".  page: its source path below the language's folder, such as
    `chapter/one-neuron.md`.  keep: exchanges raw HTML for a mark that Markdown leaves alone; by
    default the HTML stays as it is.  numbers: the numbers of the claims.  titles: what pages are
    called, by source path.
    commit: the commit that the pages are made from, where it is known.
    repository: the address under which its files are shown, as at a Git host, where there is one.
    """

    language: str
    page: str
    keep: Callable[[str], str] = field(default=lambda html: html)
    numbers: Numbers = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    commit: str = ""
    repository: str = ""

    def link(self, target: str) -> str:
        """A source path below the language's folder, seen from this page.

        >>> Context("en", "chapter/one-neuron.md").link("ledger.md")
        '../ledger.md'
        """
        return "../" * self.page.count("/") + target

    def title(self, target: str) -> str:
        """What the page at a source path is called; the path itself where that is not known."""
        return self.titles.get(target, target)

    def say(self, word: str) -> str:
        """A word of the site in the page's language."""
        if word not in WORDS:
            raise UnknownNameError("word", word, WORDS)
        return WORDS[word][self.language]
