"""What an exhibit tells beside its claim: where it stood, how it was answered, the lesson."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from gradmath.claims.claim import LANGUAGES
from gradmath.claims.grades import PROVED, REFUTED
from gradmath.claims.registry import Claims
from gradmath.errors import DeclarationError

Texts = Mapping[str, str]
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")


@dataclass(frozen=True)
class Thread:
    """A public thread: repository, number, and whether it is an issue or a pull request.

    `read` is False for one of which we found no copy to read again.
    """

    repository: str
    number: int
    kind: Literal["issues", "pull"] = "issues"
    read: bool = True

    def __post_init__(self) -> None:
        if not _REPOSITORY.fullmatch(self.repository) or self.number < 1:
            raise DeclarationError("thread", got=f"{self.repository} {self.number}")

    @property
    def url(self) -> str:
        """Its address."""
        return f"https://github.com/{self.repository}/{self.kind}/{self.number}"

    @property
    def name(self) -> str:
        """`owner/name #12`."""
        return f"{self.repository} #{self.number}"


@dataclass(frozen=True)
class Exhibit:
    """One formula with its story, in Markdown, in both languages.

    `printed` is what stood there, `right` what is right, `told` how it was found and answered,
    `lesson` what to take away.  For a false alarm, `printed` is what was reported and `right` why
    the text was right.  Numbers come from the claim: `{=name}` is one of its values.
    """

    claim: str
    threads: tuple[Thread, ...]
    printed: Texts
    right: Texts
    told: Texts
    lesson: Texts

    def __post_init__(self) -> None:
        if self.claim not in Claims():
            raise DeclarationError("claim of an exhibit", got=self.claim, allowed="a claim's id")
        if self.claim_grade not in (PROVED, REFUTED):
            raise DeclarationError("claim of an exhibit", got=str(self.claim_grade))
        if not self.threads:
            raise DeclarationError(f"exhibit {self.claim}", got="no thread", allowed="one or more")
        for name in ("printed", "right", "told", "lesson"):
            missing = [key for key in LANGUAGES if not getattr(self, name).get(key, "").strip()]
            if missing:
                raise DeclarationError(f"{name} of {self.claim}", got=f"no text for {missing}")

    @property
    def claim_grade(self) -> str:
        """The grade of its claim: refuted, or proved for a false alarm."""
        return Claims()[self.claim].grade

    @property
    def alarm(self) -> bool:
        """Whether the report was the mistake, and not the formula."""
        return self.claim_grade == PROVED
