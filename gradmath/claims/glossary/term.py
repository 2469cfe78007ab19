"""One term of the glossary: its name in both languages, its symbol, one sentence, its claims."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from gradmath.claims.registry import Claims
from gradmath.errors import DeclarationError, UnknownNameError

#: how a sentence ends, by language
_STOPS: Mapping[str, str] = {"en": ".", "zh": "。"}
_ID = re.compile(r"[a-z]+(-[a-z]+)*")


@dataclass(frozen=True, kw_only=True)
class Term:
    """A term; `en` and `zh` are its name and one sentence on it, in Markdown.

    id: its permanent place on the page.  symbol: how formulas write it, in LaTeX, if they do.
    claims: ids of the claims that show it.  Raises UnknownNameError for a claim that does not
    exist; one that does not pass fails the build of the page.

    >>> bias = Term(id="bias", symbol="b", en=("bias", "What is added."), zh=("偏置", "加数。"))
    >>> bias.names["zh"], bias.sentences["en"]
    ('偏置', 'What is added.')
    """

    id: str
    symbol: str = ""
    en: tuple[str, str]
    zh: tuple[str, str]
    claims: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise DeclarationError("id of a term", got=repr(self.id), allowed="words joined by '-'")
        for language, stop in _STOPS.items():
            name, sentence = getattr(self, language)
            if not name.strip() or not sentence.endswith(stop):
                raise DeclarationError(
                    f"{language} of term {self.id}",
                    got=repr(sentence)[-20:],
                    allowed=f"a name, and a sentence that ends with {stop!r}",
                )
        for claim in self.claims:
            if claim not in Claims():
                raise UnknownNameError(f"claim of term {self.id}", claim, Claims())

    @property
    def names(self) -> Mapping[str, str]:
        """The term by language."""
        return {"en": self.en[0], "zh": self.zh[0]}

    @property
    def sentences(self) -> Mapping[str, str]:
        """The sentence by language."""
        return {"en": self.en[1], "zh": self.zh[1]}
