"""Statements about numbers that have no closed form: where a function is greatest, where it is 0,
and what it is worth on average over N(0, 1), each to a stated error.

A statement's own numbers are found by mpmath (`estimates`), and so is what shows a planted mistake
to be false; the evidence (`enclosed`) uses neither.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import sympy as sp

from gradmath import notation
from gradmath.catalogue.applied import explicit
from gradmath.claims import ball, estimates
from gradmath.claims.statement import Counterexample
from gradmath.claims.values import Value
from gradmath.errors import DeclarationError

WITHIN = sp.Rational(1, 10**18)  # what stated numbers are true to, unless said otherwise
_SHOWN = 12  # digits shown of a stated number


def _short(number: sp.Expr) -> bool:
    """Whether a stated number is shown as it is: a closed form or a fraction of few digits."""
    return not number.is_Rational or number.q < 10**6


def _tex(number: sp.Expr) -> str:
    """An equals sign and a stated number, or a sign of approximation and its first digits."""
    if _short(number):
        return f"= {notation.latex(number)}"
    return rf"\approx {Value(number, digits=_SHOWN).latex}"


def _plain(number: sp.Expr) -> str:
    return notation.text(number) if _short(number) else Value(number, digits=_SHOWN + 8).plain


@dataclass(frozen=True)
class Stated(ABC):
    """One stated number of a function of one symbol."""

    of: sp.Expr

    @property
    def variable(self) -> sp.Symbol:
        """The function's symbol."""
        found: sp.Symbol = next(iter(self.of.free_symbols))
        return found

    @property
    @abstractmethod
    def latex(self) -> str:
        """As a formula."""

    @property
    @abstractmethod
    def text(self) -> str:
        """In plain characters."""

    @abstractmethod
    def counterexample(self, name: str) -> Counterexample | None:
        """What shows it to be false, found without the evidence; or None."""


@dataclass(frozen=True)
class Extremal(Stated):
    """The least or greatest value (or bound, where it is only approached) of `of`, to `within`.

    `at` names the points where it is taken, all of them; without it nothing is said of them.
    """

    kind: Literal["least", "greatest"] = "greatest"
    value: sp.Expr = sp.S.Zero
    at: tuple[sp.Expr, ...] = ()
    within: sp.Rational = WITHIN

    @property
    def sign(self) -> int:
        """1 for the greatest value, -1 for the least."""
        return 1 if self.kind == "greatest" else -1

    @property
    def latex(self) -> str:
        """As a formula."""
        bound = (r"\max" if self.sign > 0 else r"\min") if self.at else (
            r"\sup" if self.sign > 0 else r"\inf"
        )  # fmt: skip
        shown = rf"{bound}\, {notation.latex(self.of)} {_tex(self.value)}"
        if not self.at:
            return shown
        places = r",\; ".join(rf"z {_tex(place)}" for place in self.at)
        return rf"{shown} \quad ({places})"

    @property
    def text(self) -> str:
        """In plain characters."""
        where = " at z = " + ", ".join(map(_plain, self.at)) if self.at else ""
        return f"{self.kind} {notation.text(self.of)} = {_plain(self.value)}{where}"

    def counterexample(self, name: str) -> Counterexample | None:
        """A point beyond the bound; or a stated place where the value is certainly another one, or
        is certainly exceeded elsewhere.
        """
        from gradmath.verify import balls

        better = [estimates.extreme(self.of, self.kind)[1], *self.at]
        limit = self.sign * (self.value + self.sign * self.within)
        for point in better:
            if ball.sign(self.sign * explicit(self.of).subs(self.variable, point) - limit, {}) == 1:
                return self._shown(name, point, f"stated {self.kind} {_plain(self.value)}")
        if not self.at:
            return None
        with balls.precision(256):
            stated = [self.sign * estimates.near(self.of, place, self.within) for place in self.at]
            floor = self.sign * estimates.number(self.value) - estimates.number(self.within)
            for place, reached in zip(self.at, stated, strict=True):
                if reached < floor:
                    return self._shown(name, place, f"stated {_plain(self.value)}")
                rival = self.sign * estimates.near(self.of, better[0], sp.S.Zero)
                if reached < rival:
                    return self._shown(name, place, f"beaten at {_plain(better[0])}")
        return None

    def _shown(self, name: str, point: sp.Expr, against: str) -> Counterexample:
        found = ball.number(explicit(self.of).subs(self.variable, point), {})
        return Counterexample(name, {self.variable.name: _plain(point)}, found, against)


@dataclass(frozen=True)
class Zeros(Stated):
    """All zeros of `of` on the line, in order, each to `within`."""

    at: tuple[sp.Expr, ...] = ()
    within: sp.Rational = WITHIN

    @property
    def latex(self) -> str:
        """As a formula."""
        places = r"\ \text{or}\ ".join(rf"z {_tex(place)}" for place in self.at)
        return rf"{notation.latex(self.of)} = 0 \iff {places}"

    @property
    def text(self) -> str:
        """In plain characters."""
        places = ", ".join(map(_plain, self.at)) or "no z"
        return f"{notation.text(self.of)} = 0 exactly at z = {places}"

    def counterexample(self, name: str) -> Counterexample | None:
        """A stated zero where the function is certainly not 0, or a change of sign elsewhere."""
        from gradmath.verify import balls

        z = self.variable
        with balls.precision(256):
            for place in self.at:
                found = estimates.near(self.of, place, self.within)
                if not found.contains(0):
                    return Counterexample(name, {z.name: _plain(place)}, found.str(17), "stated 0")
        for low, high in estimates.changes(self.of):
            if not any(low - self.within < place < high + self.within for place in self.at):
                ends = [explicit(self.of).subs(z, end) for end in (low, high)]
                if {ball.sign(end, {}) for end in ends} == {1, -1}:
                    where = {z.name: f"{low} ... {high}"}
                    return Counterexample(name, where, "changes its sign", "no zero stated")
        return None


@dataclass(frozen=True)
class Mean(Stated):
    """The mean E of(Z) for Z ~ N(0, 1), to `within`."""

    value: sp.Expr = sp.S.Zero
    within: sp.Rational = WITHIN

    @property
    def latex(self) -> str:
        """As a formula."""
        big = sp.Symbol("Z", real=True)
        inside = notation.latex(self.of.xreplace({self.variable: big}))
        return rf"\mathbb{{E}}\left[{inside}\right] {_tex(self.value)}"

    @property
    def text(self) -> str:
        """In plain characters."""
        inside = notation.text(self.of.xreplace({self.variable: sp.Symbol("Z", real=True)}))
        return f"E {inside} = {_plain(self.value)}"

    def counterexample(self, name: str) -> Counterexample | None:
        """What mpmath's quadrature finds, if that is another number."""
        found = estimates.mean(self.of)
        if abs(found - sp.N(self.value, 40)) <= self.within:
            return None
        return Counterexample(name, {}, str(sp.N(found, 20)), f"stated {_plain(self.value)}")


@dataclass(frozen=True)
class Located:
    """Several stated numbers; `display` replaces the rows of the formula."""

    parts: Mapping[str, Stated]
    words: str = ""
    display: Sequence[str] = field(default=())

    def __post_init__(self) -> None:
        if not self.parts:
            raise DeclarationError("statement", got="no number", allowed="one or more")

    def but(self, changed: Mapping[str, Mapping[str, Any]], words: str = "") -> Located:
        """The same with fields of parts replaced: how a mistake is planted.

        `changed` maps the name of a part to those of its fields that differ.
        """
        parts = {**self.parts, **{k: replace(self.parts[k], **new) for k, new in changed.items()}}
        shown = words or "; ".join(parts[name].text for name in changed)
        return replace(self, parts=parts, words=shown, display=())

    @property
    def latex(self) -> str:
        """The stated numbers, one below the other."""
        rows = self.display or [part.latex for part in self.parts.values()]
        return r"\begin{gathered}" + r" \\[0.6ex] ".join(rows) + r"\end{gathered}"

    def domain_text(self, part: str) -> str:
        """The domain of a part, in words."""
        return f"{self.parts[part].variable} real"

    @property
    def text(self) -> str:
        """The stated numbers in plain characters."""
        return self.words or "; ".join(part.text for part in self.parts.values())

    def counterexample(self, at: Mapping[Any, Any] | None = None) -> Counterexample | None:
        """The first part that is shown to be false."""
        for name, part in self.parts.items():
            found = part.counterexample(name)
            if found is not None:
                return found
        return None
