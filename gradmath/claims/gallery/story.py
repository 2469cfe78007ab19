"""A case of the gallery: what was asked, why it was answered so, what catches it, the lesson."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gradmath.claims.claim import LANGUAGES
from gradmath.claims.registry import Claims
from gradmath.errors import DeclarationError

Texts = Mapping[str, str]


@dataclass(frozen=True)
class Story:
    """One case in Markdown, in both languages; `{=name}` is a value of its claim.

    `exhibit` is its name in the record.  `asked` is what was claimed or computed, `why` the rule
    by which it was answered, `catches` which settings or which other way tell right from wrong.
    `ours` names the part of `gallery-our-numbers` beside a framework's number; `digits` is how many
    it takes to tell the numbers apart.
    """

    exhibit: str
    asked: Texts
    why: Texts
    catches: Texts
    lesson: Texts
    ours: str = ""
    digits: int = 3

    def __post_init__(self) -> None:
        if self.claim not in Claims():
            raise DeclarationError("exhibit of a story", got=self.exhibit, allowed="one with claim")
        for name in ("asked", "why", "catches", "lesson"):
            missing = [key for key in LANGUAGES if not getattr(self, name).get(key, "").strip()]
            if missing:
                raise DeclarationError(f"{name} of {self.exhibit}", got=f"no text for {missing}")

    @property
    def claim(self) -> str:
        """The id of its claim."""
        return f"gallery-{self.exhibit}"
