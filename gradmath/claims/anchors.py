"""The numbers and formulas that a statement states, each with the part that says it."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sympy as sp

from gradmath.claims.agreement import agree
from gradmath.claims.computed import Quantity
from gradmath.claims.evidence import members, relations
from gradmath.claims.located import Extremal, Stated, Zeros
from gradmath.claims.located import Mean as LocatedMean
from gradmath.claims.points import rational
from gradmath.claims.relation import Relation
from gradmath.claims.simulated import Mean
from gradmath.claims.spectra import Between
from gradmath.claims.statement import ForAll
from gradmath.errors import DeclarationError, UnknownNameError

if TYPE_CHECKING:
    from gradmath.claims.statement import Statement
    from gradmath.claims.values import Instance, Value


@dataclass(frozen=True)
class Anchor:
    """A number or formula that something other than the value itself says, to `within`.

    A formula may be taken `at` a point, where it is a number.
    """

    by: str
    said: Any
    within: Any = None
    at: Mapping[sp.Symbol, Any] | None = None

    def holds(self, value: Value) -> bool:
        """Whether the value is what is said."""
        return agree(value.value, self.said, self.within, self.at)


def instance(statement: Statement, of: Instance) -> list[Anchor]:
    """Both sides of a relation at a point; a point outside of the domain is refused."""
    (name, relation, member), *_ = relations(statement, (of.part,))
    for symbol, number in of.at.items():
        if symbol not in member.domain:
            raise UnknownNameError("symbol", str(symbol), map(str, member.domain))
        if member.domain[symbol].contains(rational(number)) == sp.false:
            raise DeclarationError("point", got=f"{symbol} = {number}", allowed="the domain")
    at = {symbol: sp.sympify(number) for symbol, number in of.at.items()}
    where = ", ".join(f"{symbol} = {number}" for symbol, number in of.at.items())
    by = f"{name} at {where}" if where else name
    return [Anchor(by, side, at=at) for side in relation.sides]


def written(value: Value, words: Sequence[str]) -> bool:
    """Whether every text has the number as it is quoted, or its digits at the end of a formula."""
    said = re.compile(rf"(?<![\w.,^]){re.escape(value.plain)}(?![\w^]|[.,]\d)", re.ASCII)
    return bool(words) and all(said.search(text.replace("−", "-")) for text in words)


def anchors(statement: Statement) -> Iterator[Anchor]:
    """What every part of a statement says."""
    for member in members(statement):
        for name, part in member.parts.items():
            yield from _says(part, name, member)
        if isinstance(member, ForAll):
            yield from _matrices(member)


@functools.singledispatch
def _says(part: Any, name: str, member: Any) -> Iterator[Anchor]:
    """Parts of other kinds say no number."""
    yield from ()


@_says.register
def _relation(part: Relation, name: str, member: Any) -> Iterator[Anchor]:
    single = {
        symbol: next(iter(allowed))
        for symbol, allowed in member.domain.items()
        if isinstance(allowed, sp.FiniteSet) and len(allowed) == 1
    }
    for side in part.sides:
        yield Anchor(name, side)
        if single:
            yield Anchor(name, side, at=single)


@_says.register
def _quantity(part: Quantity, name: str, member: Any) -> Iterator[Anchor]:
    yield Anchor(name, float(part.compute()))


@_says.register
def _mean(part: Mean, name: str, member: Any) -> Iterator[Anchor]:
    yield Anchor(name, part.theory)
    yield Anchor(f"{name}, measured", part.measured()[0])


@_says.register
def _stated(part: Stated, name: str, member: Any) -> Iterator[Anchor]:
    if isinstance(part, Extremal | LocatedMean):
        yield Anchor(name, part.value, within=part.within)
    if isinstance(part, Extremal | Zeros):
        yield from (Anchor(f"{name}, where", place, part.within) for place in part.at)


@_says.register
def _between(part: Between, name: str, member: Any) -> Iterator[Anchor]:
    yield Anchor(name, part.value())
    if part.low == part.high:
        yield Anchor(name, part.low)
    for matrix in part.of:
        yield Anchor(f"{name}: {matrix.name}", sp.Matrix(matrix.rows))


def _matrices(member: ForAll) -> Iterator[Anchor]:
    """Matrices whose equation stands entry by entry, as `name[i,j]`."""
    entries: dict[str, dict[tuple[int, int], Relation]] = {}
    for name, part in member.parts.items():
        if found := re.fullmatch(r"(.*)\[(\d+),(\d+)\]", name):
            entries.setdefault(found[1], {})[int(found[2]) - 1, int(found[3]) - 1] = part
    for name, parts in entries.items():
        rows, columns = (1 + max(place[k] for place in parts) for k in (0, 1))
        if len(parts) == rows * columns:
            for k in (0, 1):
                sides = [parts[i, j].sides[k] for i in range(rows) for j in range(columns)]
                yield Anchor(name, sp.Matrix(rows, columns, sides))
