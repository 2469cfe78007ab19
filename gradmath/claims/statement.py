"""What a claim says, in a form that can be checked and that can be shown false.

The usual kind is `ForAll`: relations between expressions that hold on a whole domain.  A statement
searches for its own counterexample by a way that shares nothing with a symbolic proof: the ball
arithmetic of the oracle, on the definitions.  What a computation gives is stated in `computed`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import sympy as sp

from gradmath import notation
from gradmath.claims import ball
from gradmath.claims.points import Domain, Point, points, rational
from gradmath.claims.relation import Relation, aligned
from gradmath.errors import DeclarationError, UnknownNameError
from gradmath.verify.domains import members_of

SEARCHED_POINTS = 60  # of a domain, before a statement is held not to be shown false


@dataclass(frozen=True)
class Counterexample:
    """A point at which one part of a statement is certainly false."""

    part: str
    where: Mapping[str, str]
    left: str
    right: str

    @property
    def text(self) -> str:
        """One line: the part, the point, both sides."""
        at = ", ".join(f"{name} = {value}" for name, value in self.where.items())
        return f"{self.part}{' at ' + at if at else ''}: {self.left} against {self.right}"


class Statement(Protocol):
    """What every statement offers to the evidence and to the page."""

    @property
    def parts(self) -> Mapping[str, Any]:
        """Named parts, each of which needs evidence."""

    @property
    def latex(self) -> str:
        """The statement as a formula, without dollar signs."""

    @property
    def text(self) -> str:
        """The statement in plain characters."""

    def counterexample(self, at: Mapping[Any, Any] | None = None) -> Counterexample | None:
        """A point where the statement is certainly false, or None; tries `at` first."""


@dataclass(frozen=True)
class ForAll:
    """Every relation in `parts` holds at every point of `domain` that satisfies `given`.

    `display` replaces the LaTeX rows of the relations, `scope` the LaTeX of the domain, and `words`
    the plain text, where all of it would be too much to read.
    """

    parts: Mapping[str, Relation]
    domain: Domain = field(default_factory=dict)
    given: Sequence[Relation] = ()
    display: Sequence[str] = ()
    words: str = ""
    scope: str | None = None

    def __post_init__(self) -> None:
        if not self.parts:
            raise DeclarationError("statement", got="no relation", allowed="one or more")
        self._hold_assumptions()
        used = set().union(*(part.free_symbols for part in (*self.parts.values(), *self.given)))
        missing = sorted(symbol.name for symbol in used - set(self.domain))
        if missing:
            raise DeclarationError(
                "domain", got=f"no set for {', '.join(missing)}", remedy="give each symbol one"
            )

    def _hold_assumptions(self) -> None:
        """What SymPy is told of a symbol must follow from its domain, or a proof would lean on it
        unseen.
        """
        excluded = {
            relation.left
            for relation in self.given
            if relation.operator == "!=" and relation.right == 0
        }
        for symbol, allowed in self.domain.items():
            zero_allowed = symbol not in excluded and allowed.contains(0) != sp.false
            told = {
                "real": not symbol.is_real or allowed.is_subset(sp.S.Reals),
                "nonnegative": not symbol.is_nonnegative or allowed.inf >= 0,
                "nonpositive": not symbol.is_nonpositive or allowed.sup <= 0,
                "nonzero": not symbol.is_nonzero or not zero_allowed,
                "integer": not symbol.is_integer or allowed.is_subset(sp.S.Integers),
            }
            for assumption, follows in told.items():
                if not follows:
                    raise DeclarationError(
                        f"symbol {symbol}",
                        got=f"assumed {assumption} on {allowed}",
                        remedy="state it in the domain or in given",
                    )

    def but(self, **changed: Relation) -> ForAll:
        """The same statement with the named parts replaced: how a mistake is planted.

        A part whose name is no Python name is replaced through `but(**{"the name": relation})`.
        """
        unknown = set(changed) - set(self.parts)
        if unknown:
            raise UnknownNameError("part", sorted(unknown)[0], self.parts)
        shown = "; ".join(f"{name}: {relation.text}" for name, relation in changed.items())
        return replace(self, parts={**self.parts, **changed}, display=(), words=shown, scope=None)

    @property
    def latex(self) -> str:
        """The domain, then the relations, aligned at their signs."""
        rows = list(self.parts.values())
        if self.display:
            body = r"\begin{gathered}" + r" \\[0.6ex] ".join(self.display) + r"\end{gathered}"
        elif len(rows) == 1:
            only = rows[0]
            body = f"{notation.latex(only.left)} {only.sign} {notation.latex(only.right)}"
        else:
            body = aligned(rows)
        scope = self._scope_latex()
        if not scope:
            return body
        if len(rows) == 1 and not self.display:
            return rf"\forall\, {scope}:\quad {body}"
        return rf"\begin{{gathered}}\forall\, {scope}: \\[0.6ex] {body}\end{{gathered}}"

    @property
    def text(self) -> str:
        """The domain, then the relations, in plain characters."""
        if self.words:
            return self.words
        relations = "; ".join(part.text for part in self.parts.values())
        scope = [
            f"{'/'.join(symbol.name for symbol in group)} in {notation.text(allowed)}"
            for allowed, group in self._groups()
        ]
        scope += [relation.text for relation in self.given]
        return f"for all {', '.join(scope)}: {relations}" if scope else relations

    def domain_text(self, part: str) -> str:
        """The domain of the symbols in one part, and what is assumed of them."""
        used = set(self.parts[part].free_symbols)
        given = [relation for relation in self.given if relation.free_symbols & used]
        used = used.union(*(relation.free_symbols for relation in given))
        scope = [
            f"{', '.join(symbol.name for symbol in group)} in {members_of(allowed)}"
            for allowed, whole in self._groups()
            if (group := [symbol for symbol in whole if symbol in used])
        ]
        return "; ".join([*(scope or ["no variable"]), *(relation.text for relation in given)])

    def points(self, count: int) -> list[Point]:
        """Up to `count` points of the domain that satisfy `given`."""
        tried = points(self.domain, count)
        return [
            point
            for point in tried
            if all(ball.holds(relation, point) is True for relation in self.given)
        ]

    def counterexample(self, at: Mapping[Any, Any] | None = None) -> Counterexample | None:
        """Search: `at` first, then the domain's own points.

        Only a point of the domain counts, and only a part that the balls certainly exclude.
        """
        tried = self.points(SEARCHED_POINTS)
        if at is not None:
            known = {symbol: rational(at[symbol]) for symbol in self.domain if symbol in at}
            tried = [dict(point) | known for point in tried] + tried
            tried = [point for point in tried if self._contains(point)]
        for name, relation in self.parts.items():
            for point in tried:
                if ball.holds(relation, point) is False:
                    left, right = ball.sides(relation, point)
                    used = relation.free_symbols
                    where = {s.name: str(v) for s, v in point.items() if s in used}
                    return Counterexample(name, where, left, right)
        return None

    def _contains(self, point: Point) -> bool:
        return all(
            self.domain[symbol].contains(number) == sp.true for symbol, number in point.items()
        ) and all(ball.holds(relation, point) is True for relation in self.given)

    def _groups(self) -> list[tuple[sp.Set, list[sp.Symbol]]]:
        """Symbols that share a set, in the order in which they were given."""
        groups: dict[sp.Set, list[sp.Symbol]] = {}
        for symbol, allowed in self.domain.items():
            groups.setdefault(allowed, []).append(symbol)
        return list(groups.items())

    def _scope_latex(self) -> str:
        if self.scope is not None:
            return self.scope
        if self.display and len(self.domain) > 6:  # dozens of matrix entries: the display says it
            return ""
        scope = [
            f"{', '.join(notation.latex(symbol) for symbol in group)}"
            rf" \in {notation.latex(allowed)}"
            for allowed, group in self._groups()
        ]
        scope += [
            f"{notation.latex(one.left)} {one.sign} {notation.latex(one.right)}"
            for one in self.given
        ]
        return r",\; ".join(scope)
