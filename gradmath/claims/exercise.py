"""Answers to exercises: text in both languages whose numbers come from the claim's values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gradmath.claims.values import Value
from gradmath.errors import UnknownNameError

_SLOT = re.compile(r"\{([=$#])([a-z][a-z0-9_]*)\}")


def filled(text: str, values: Mapping[str, Value]) -> str:
    """The text with every slot filled from the values; an unknown name is refused."""

    def fill(match: re.Match[str]) -> str:
        form, name = match.groups()
        if name not in values:
            raise UnknownNameError("value in a text", name, values)
        value = values[name]
        return {"=": value.text, "$": value.latex, "#": value.plain}[form]

    return _SLOT.sub(fill, text)


class Kind(StrEnum):
    """The three kinds of exercise on every page."""

    BY_HAND = "by-hand"
    PROOF = "proof"
    CODE = "code"


@dataclass(frozen=True)
class Answer:
    """An answer in Markdown, with slots for the claim's values.

    `{=name}` is filled with a value as text, `{$name}` with its LaTeX (write the dollar signs
    around the formula), `{#name}` with the plain characters that Python prints.  An unknown name
    is refused when the answer is written out.
    """

    kind: Kind
    en: str
    zh: str

    def markdown(self, language: str, values: Mapping[str, Value]) -> str:
        """The answer in a language with every value in its place."""
        if language not in ("en", "zh"):
            raise UnknownNameError("language", language, ("en", "zh"))
        return filled(self.en if language == "en" else self.zh, values)
