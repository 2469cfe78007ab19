"""Statements about what is on record, and the evidence that holds the record to them.

A fact is an answer that somebody else's program gave, or the error of a number that it gave; the
error is taken afresh against the oracle.  Such a claim is graded `recorded`: it says what was
seen on a day with certain versions, and is never counted as verified.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from gradmath.claims.claim import Mistake
from gradmath.claims.evidence import Evidence
from gradmath.claims.gallery.recording import ACCEPTED, REJECTED, recording
from gradmath.claims.statement import Counterexample, Statement
from gradmath.verify.report import FAILED, PASSED, Row

#: a number that is off by less than this is called right
RIGHT = 1e-12


class Fact(ABC):
    """One thing on record and what is said of it; `words` names it in both languages."""

    words: tuple[str, str]
    peer: str
    how: ClassVar[str]

    @abstractmethod
    def seen(self) -> str:
        """What the record holds, in words."""

    @abstractmethod
    def said(self) -> str:
        """What is said of it, in words."""

    @abstractmethod
    def holds(self) -> bool:
        """Whether the record bears it out."""

    @abstractmethod
    def otherwise(self) -> Fact:
        """The opposite, for a planted mistake."""


@dataclass(frozen=True)
class Answer(Fact):
    """The answer that a peer gave; `other` is what it did not say."""

    words: tuple[str, str]
    peer: str
    found: Callable[[], str]
    stated: str
    other: str
    how: ClassVar[str] = "recorded"

    def seen(self) -> str:
        """The recorded answer."""
        return self.found()

    def said(self) -> str:
        """The answer stated."""
        return self.stated

    def holds(self) -> bool:
        """Whether the two are the same."""
        return self.found() == self.stated

    def otherwise(self) -> Answer:
        """The other answer stated."""
        return replace(self, stated=self.other, other=self.stated)


@dataclass(frozen=True)
class Again(Answer):
    """An answer that can be had here and now: the peer is a library that we use ourselves."""

    how: ClassVar[str] = "asked again now; recorded"


@dataclass(frozen=True)
class Error(Fact):
    """The relative error of a recorded number against the oracle lies from `low` to `high`."""

    words: tuple[str, str]
    peer: str
    found: Callable[[], float]
    low: float
    high: float
    how: ClassVar[str] = "recorded; its error against Arb taken now"

    def seen(self) -> str:
        """The error."""
        return f"relative error {self.found():.3g}"

    def said(self) -> str:
        """The interval stated."""
        return f"relative error from {self.low:g} to {self.high:g}"

    def holds(self) -> bool:
        """Whether the error lies in the interval."""
        return self.low <= self.found() <= self.high

    def otherwise(self) -> Error:
        """A right number called wrong, or a wrong one called right."""
        low, high = (self.high * 1e3, 1.0) if self.low == 0 else (0.0, self.low / 1e3)
        return replace(self, low=low, high=high)


@dataclass(frozen=True)
class OnRecord:
    """Every fact is on record as stated."""

    parts: Mapping[str, Fact]
    formula: str
    words: str

    @property
    def latex(self) -> str:
        """The statement as a formula."""
        return self.formula

    @property
    def text(self) -> str:
        """The statement in plain characters."""
        return self.words

    def but(self, name: str) -> OnRecord:
        """The same with the opposite of one fact."""
        other = self.parts[name].otherwise()
        return replace(self, parts={**self.parts, name: other}, words=f"{name}: {other.said()}")

    def counterexample(self, at: Mapping[Any, Any] | None = None) -> Counterexample | None:
        """The first fact that the record does not bear out."""
        for name, fact in self.parts.items():
            if not fact.holds():
                return Counterexample(name, {}, fact.seen(), f"stated: {fact.said()}")
        return None


@dataclass(frozen=True)
class FromTheRecord(Evidence):
    """The file bears out every fact; its date and the peer's version stand in each row."""

    proves: ClassVar[bool] = False
    domain: str = field(default="the committed record")

    def covers(self, statement: Statement) -> frozenset[str]:
        """Every fact."""
        return frozenset(statement.parts)

    def check(self, statement: Statement) -> list[Row]:
        """One row for each fact."""
        return [self._row(name, fact) for name, fact in statement.parts.items()]

    def _row(self, name: str, fact: Fact) -> Row:
        whole = recording()
        version = f"{fact.peer} {whole.versions[fact.peer]}"
        return Row(
            name,
            f"{fact.how}, by nox -s peers on {whole.date} with {version}",
            PASSED if fact.holds() else FAILED,
            1,
            got=fact.seen(),
            expected=fact.said(),
            domain=self.domain,
        )


def verdict(
    exhibit: str,
    gradient: str,
    stated: str,
    words: tuple[str, str],
    changed: Mapping[str, Any] | None = None,
    *,
    other: str = "",
) -> Answer:
    """The fact that the checker of this exhibit gave this verdict on this gradient."""
    flipped = {ACCEPTED: REJECTED, REJECTED: ACCEPTED}
    return Answer(
        words,
        recording().of(exhibit).peer,
        lambda: recording().of(exhibit).trial(gradient, changed).verdict,
        stated,
        other or flipped[stated],
    )


def mistakes(statement: OnRecord) -> list[Mistake]:
    """For each fact, the statement with its opposite."""
    return [
        Mistake(
            f"{fact.words[0]}: {fact.otherwise().said()}",
            f"{fact.words[1]}：误记为 {fact.otherwise().said()}",
            statement.but(name),
        )
        for name, fact in statement.parts.items()
    ]
