"""Statements about computations, and several statements taken together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gradmath.claims.statement import Counterexample, Statement
from gradmath.errors import DeclarationError, UnknownNameError


@dataclass(frozen=True)
class AllOf:
    """Several statements together, each checked by whatever evidence covers its parts."""

    members: tuple[Statement, ...]

    def __post_init__(self) -> None:
        names = [name for member in self.members for name in member.parts]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated or not names:
            raise DeclarationError("statement", got=f"parts {repeated}", allowed="names used once")

    @property
    def parts(self) -> Mapping[str, Any]:
        """The parts of all members."""
        return {name: part for member in self.members for name, part in member.parts.items()}

    @property
    def latex(self) -> str:
        """The members as formulas, one below the other."""
        rows = r" \\[1ex] ".join(member.latex for member in self.members)
        return rf"\begin{{gathered}}{rows}\end{{gathered}}"

    @property
    def text(self) -> str:
        """The members in plain characters."""
        return "; and ".join(member.text for member in self.members)

    def counterexample(self, at: Mapping[Any, Any] | None = None) -> Counterexample | None:
        """The first counterexample to a member."""
        for member in self.members:
            found = member.counterexample(at)
            if found is not None:
                return found
        return None


@dataclass(frozen=True)
class Quantity:
    """One computed number and what is said of it: `low <= number <= high`.

    `compute` is the computation the statement is about; `again` computes the same number by
    separate code, and is what a counterexample rests on.  An exact statement has `low == high`.
    """

    compute: Callable[[], float]
    again: Callable[[], float]
    low: float
    high: float

    def allows(self, number: float) -> bool:
        """Whether the number lies in the stated interval (never for a NaN)."""
        return self.low <= number <= self.high


@dataclass(frozen=True)
class Computed:
    """Each named computation gives a number in its stated interval.

    `formula` and `words` show the statement; the intervals are added to the plain text.
    """

    parts: Mapping[str, Quantity]
    formula: str
    words: str

    def __post_init__(self) -> None:
        if not self.parts:
            raise DeclarationError("statement", got="no quantity", allowed="one or more")

    def but(self, stated: Mapping[str, tuple[float, float] | float], words: str = "") -> Computed:
        """The same statement with other intervals stated: how a mistake is planted.

        `words` says it in plain text; without it the changed intervals are listed.
        """
        parts = dict(self.parts)
        for name, interval in stated.items():
            if name not in parts:
                raise UnknownNameError("part", name, parts)
            low, high = interval if isinstance(interval, tuple) else (interval, interval)
            parts[name] = replace(parts[name], low=low, high=high)
        shown = words or "; ".join(
            f"{name} in [{parts[name].low:g}, {parts[name].high:g}]" for name in stated
        )
        return replace(self, parts=parts, words=shown)

    def domain_text(self, part: str) -> str:
        """A computation is one run on given numbers."""
        return "the one run described"

    @property
    def latex(self) -> str:
        """The statement as a formula."""
        return self.formula

    @property
    def text(self) -> str:
        """The statement in plain characters."""
        return self.words

    def counterexample(self, at: Mapping[Any, Any] | None = None) -> Counterexample | None:
        """The first part whose second computation falls outside what is stated."""
        for name, quantity in self.parts.items():
            number = quantity.again()
            if not quantity.allows(number):
                return Counterexample(
                    name, {}, f"computed {number!r}", f"stated [{quantity.low}, {quantity.high}]"
                )
        return None
