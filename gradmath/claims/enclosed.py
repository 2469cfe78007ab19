"""Evidence by Arb on whole domains: inequalities, extremes, zeros and Gaussian means.

Each row names the boxes, the precision and the enclosure, or why nothing was decided.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import sympy as sp

from gradmath.claims import ball, estimates
from gradmath.claims.evidence import Evidence, named_parts, relations
from gradmath.claims.located import Extremal, Located, Mean, Stated, Zeros
from gradmath.claims.relation import Relation
from gradmath.claims.statement import ForAll, Statement
from gradmath.errors import DeclarationError
from gradmath.verify.report import FAILED, INCONCLUSIVE, PASSED, Row, Status

if TYPE_CHECKING:
    from flint import arb

    from gradmath.verify.enclose import Moment, Range, Roots, Verdict

_DIGITS = 25  # shown of an enclosure


@functools.cache
def _verdict(
    relation: Relation, domain: sp.Set, touching: tuple[sp.Expr, ...], without: tuple[sp.Expr, ...]
) -> Verdict:
    from gradmath.verify import enclose

    return enclose.inequality(
        relation.left, relation.operator, relation.right, domain, touching=touching, without=without
    )


@functools.cache
def ranges(of: sp.Expr) -> Range:
    """The extremes of a function on the line; found once for all statements about it."""
    from gradmath.verify import enclose

    return enclose.extremes(of)


@functools.cache
def _roots(of: sp.Expr) -> Roots:
    from gradmath.verify import enclose

    return enclose.roots(of)


@functools.cache
def moments(of: sp.Expr) -> Moment:
    """The Gaussian mean of a function; found once for all statements about it."""
    from gradmath.verify import enclose

    return enclose.moment(of)


@dataclass(frozen=True)
class OnWholeDomain(Evidence):
    """Inequalities in one symbol, proved by balls on the whole domain, infinite ends included.

    `touching` names points, other than 0 and breakpoints, at which both sides are equal.
    """

    parts: tuple[str, ...] = ()
    touching: tuple[sp.Expr, ...] = ()
    proves: ClassVar[bool] = True

    def covers(self, statement: Statement) -> frozenset[str]:
        """Names of the parts that this evidence decides."""
        return frozenset(name for name, _, _ in relations(statement, self.parts))

    def check(self, statement: Statement) -> list[Row]:
        """One row for each part covered."""
        chosen = relations(statement, self.parts)
        return [self._row(name, relation, member) for name, relation, member in chosen]

    def _row(self, name: str, relation: Relation, member: ForAll) -> Row:
        method = "Arb: on the whole domain"
        if relation.operator == "==":
            return Row(name, method, FAILED, note=f"{relation.text} is no inequality")
        symbols = relation.free_symbols
        if len(symbols) != 1:
            raise DeclarationError(name, got=relation.text, allowed="an inequality in one symbol")
        (symbol,) = symbols
        others = [g for g in member.given if g.free_symbols & symbols]
        if any(g.operator != "!=" or g.left != symbol or g.right.free_symbols for g in others):
            raise DeclarationError(name, got="a condition", allowed="points left out, z != 0")
        without = tuple(g.right for g in others)
        found = _verdict(relation, member.domain[symbol], self.touching, without)
        domain = member.domain_text(name)
        if found.proved is None:
            return Row(name, method, INCONCLUSIVE, note=found.reason, domain=domain)
        if found.proved:
            return Row(name, method, PASSED, note=found.how, domain=domain)
        if found.witness is None:
            return Row(name, method, FAILED, note=found.found, domain=domain)
        left, right = ball.sides(relation, {symbol: found.witness})
        where = f"{symbol} = {found.witness}"
        return Row(name, method, FAILED, where=where, got=left, expected=right, domain=domain)


def on_whole_domain(*parts: str, touching: Sequence[sp.Expr] = ()) -> OnWholeDomain:
    """Arb's proof of the named inequalities, or of all, on the whole domain."""
    return OnWholeDomain(parts, tuple(touching))


@dataclass(frozen=True)
class Enclosures(Evidence):
    """Stated extremes, zeros and means, held to the balls that Arb encloses them in.

    A part passes if the ball lies within the stated error, fails if it certainly does not, and is
    inconclusive otherwise.
    """

    parts: tuple[str, ...] = ()
    proves: ClassVar[bool] = True

    def covers(self, statement: Statement) -> frozenset[str]:
        """Names of the parts that this evidence decides."""
        return frozenset(self._chosen(statement))

    def check(self, statement: Statement) -> list[Row]:
        """One row for each part covered."""
        return [_row(name, part) for name, part in self._chosen(statement).items()]

    def _chosen(self, statement: Statement) -> dict[str, Stated]:
        return named_parts(statement, Located, self.parts)


def enclosures(*parts: str) -> Enclosures:
    """Arb's enclosures of the named numbers, or of all."""
    return Enclosures(parts)


Found = tuple[list["bool | None"], str, str]  # verdicts, the enclosure, how it was found


def _row(name: str, part: Stated) -> Row:
    from gradmath.verify import balls
    from gradmath.verify.enclose import NotEnclosed

    find, method = _KINDS[type(part)]
    try:
        with balls.precision(256):
            verdicts, got, note = find(part)
    except NotEnclosed as failure:
        return Row(name, method, INCONCLUSIVE, note=str(failure))
    status: Status = PASSED
    if None in verdicts:
        status = INCONCLUSIVE
    if False in verdicts:
        status = FAILED
    return Row(name, method, status, got=got, expected=part.text, note=note, domain="z real")


def _extremal(part: Any) -> Found:
    found = ranges(part.of)
    extreme = found.greatest if part.kind == "greatest" else found.least
    verdicts = [_near(extreme.value, part.value, part.within)]
    if part.at:
        places = extreme.arguments
        verdicts += [_among(place, places, part.within) for place in part.at]
        # every place where it may be taken is a stated one; and it is taken
        verdicts += [
            True if any(_near(place, stated, part.within) for stated in part.at) else None
            for place in places
        ]
        points = all(place.kind == "point" for place in extreme.places)
        verdicts.append(extreme.attained if points else None)
    how = "; ".join(map(str, found.parts))
    note = f"{how}; {found.bits} bits; {extreme}"
    return verdicts, _shown(extreme.value, *extreme.arguments), note


def _zeros(part: Any) -> Found:
    found = _roots(part.of)
    verdicts = [_among(place, found.balls, part.within) for place in part.at]
    verdicts.append(len(found.balls) == len(part.at))
    how = "; ".join(map(str, found.parts))
    note = f"{how}; {found.bits} bits; {len(found.balls)} zeros and no other"
    return verdicts, _shown(*found.balls), note


def _mean(part: Any) -> Found:
    found = moments(part.of)
    how = "; ".join(map(str, found.parts))
    verdict = _near(found.value, part.value, part.within)
    return [verdict], _shown(found.value), f"{how}; {found.bits} bits"


def _near(found: arb, stated: sp.Expr, within: sp.Expr) -> bool | None:
    """Whether a ball lies within the stated error: certainly so, certainly not, or neither."""
    error, most = abs(found - estimates.number(stated)), estimates.number(within)
    return True if error <= most else False if error > most else None


def _among(stated: sp.Expr, found: Sequence[arb], within: sp.Expr) -> bool | None:
    """Whether one of the balls lies within the error of a stated place; False if none may."""
    answers = {_near(ball, stated, within) for ball in found}
    return True if True in answers else None if None in answers else False


def _shown(*found: arb) -> str:
    return ", ".join(ball.str(_DIGITS) for ball in found)


_KINDS: dict[type[Stated], tuple[Callable[[Any], Found], str]] = {
    Extremal: (_extremal, "Arb: extremum enclosed"),
    Zeros: (_zeros, "Arb: root enclosed"),
    Mean: (_mean, "Arb: Gaussian moment enclosed"),
}
