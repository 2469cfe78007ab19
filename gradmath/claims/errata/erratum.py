"""One row of the errata: what is right, what the source says, and what decides it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gradmath.claims.claim import LANGUAGES
from gradmath.claims.registry import Claims
from gradmath.errors import DeclarationError


class Verdict(StrEnum):
    """How a statement of the source fares.

    confirmed  holds as it stands.
    sharpened  holds, with a condition or a constant that was left out.
    corrected  a near neighbour of it holds.
    refuted    there is a counterexample.
    """

    CONFIRMED = "confirmed"
    SHARPENED = "sharpened"
    CORRECTED = "corrected"
    REFUTED = "refuted"


CONFIRMED, SHARPENED, CORRECTED, REFUTED = Verdict

VERDICT_TITLES: Mapping[Verdict, Mapping[str, str]] = {
    CONFIRMED: {"en": "confirmed", "zh": "成立"},
    SHARPENED: {"en": "sharpened", "zh": "补足条件后成立"},
    CORRECTED: {"en": "corrected", "zh": "更正"},
    REFUTED: {"en": "refuted", "zh": "不成立"},
}


@dataclass(frozen=True)
class Erratum:
    """One row: what is right, what the source says, the verdict and the claims that decide it.

    Text is Markdown with formulas between dollar signs.  `slip` marks a slip of the pen.
    """

    verdict: Verdict
    right: Mapping[str, str]
    source: Mapping[str, str]
    claims: tuple[str, ...] = ()
    slip: bool = False

    def __post_init__(self) -> None:
        for name in ("right", "source"):
            missing = [key for key in LANGUAGES if not getattr(self, name).get(key, "").strip()]
            if missing:
                raise DeclarationError(f"{name} of an erratum", got=f"no text for {missing}")
        unknown = [claim for claim in self.claims if claim not in Claims()]
        if unknown:
            raise DeclarationError("claims of an erratum", got=unknown, allowed="ids of claims")
        if not (self.claims or self.slip):
            raise DeclarationError(
                f"erratum {self.right['en']!r}",
                got="no claim",
                allowed="a matter of substance has one",
            )
