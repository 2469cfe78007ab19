"""Evidence: how a statement is checked.

Each kind is a small frozen object with `check(statement)`, which returns report rows.  The same
object is handed the statement itself and every planted mistake; it holds the parts it was written
for to whatever those parts say now.  `proves` tells a proof from a check on points.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar

import sympy as sp

from gradmath.catalogue.applied import explicit
from gradmath.claims import ball, manifest
from gradmath.claims.domains import tried_on
from gradmath.claims.points import Domain, Point
from gradmath.claims.relation import Relation, equal
from gradmath.claims.statement import ForAll, Statement
from gradmath.errors import DeclarationError, UnknownNameError
from gradmath.verify.report import FAILED, INCONCLUSIVE, PASSED, Row
from gradmath.verify.symbolic import prove_zero

if TYPE_CHECKING:
    from gradmath.derivation import Derivation

SECONDS = 20.0  # for one symbolic proof; those of the chapter take well under one


class Evidence(ABC):
    """What every kind of evidence offers.

    `proves` says whether a pass is a proof on the whole domain rather than a check.
    """

    proves: ClassVar[bool]

    @abstractmethod
    def covers(self, statement: Statement) -> frozenset[str]:
        """Names of the parts that this evidence decides."""

    @abstractmethod
    def check(self, statement: Statement) -> list[Row]:
        """One row for each part covered."""

    def given(self, derivation: Derivation) -> Evidence:
        """The same evidence on another derivation; itself, where it looks at none."""
        return self


def members(statement: Any) -> Iterator[Any]:
    """The single statements of which a statement is made."""
    yield from getattr(statement, "members", (statement,))


def named_parts(statement: Statement, kind: type[Any], names: tuple[str, ...]) -> dict[str, Any]:
    """The named parts (none named: all) of those members of a statement that are of one kind."""
    found = {
        name: part
        for member in members(statement)
        if isinstance(member, kind)
        for name, part in member.parts.items()
    }
    missing = [name for name in names if name not in found]
    if missing:
        raise UnknownNameError("part", missing[0], statement.parts)
    return {name: part for name, part in found.items() if not names or name in names}


def relations(
    statement: Statement, names: tuple[str, ...] = ()
) -> list[tuple[str, Relation, ForAll]]:
    """The named relations of a statement (none named: all), each with the member it belongs to."""
    found = [
        (name, part, member)
        for member in members(statement)
        if isinstance(member, ForAll)
        for name, part in member.parts.items()
        if not names or name in names
    ]
    missing = set(names) - {name for name, _, _ in found}
    if missing:
        raise UnknownNameError("part", sorted(missing)[0], statement.parts)
    return found


@dataclass(frozen=True)
class _OnRelations(Evidence):
    """Evidence about named relations of a `ForAll` (none named: all of them)."""

    parts: tuple[str, ...] = ()

    def covers(self, statement: Statement) -> frozenset[str]:
        """Names of the parts that this evidence decides."""
        return frozenset(name for name, _, _ in self._chosen(statement))

    def _chosen(self, statement: Statement) -> list[tuple[str, Relation, ForAll]]:
        return relations(statement, self.parts)


@dataclass(frozen=True)
class Identity(_OnRelations):
    """SymPy reduces left - right to zero, under the assumptions that the symbols carry."""

    proves: ClassVar[bool] = True

    def check(self, statement: Statement) -> list[Row]:
        """One row for each part covered."""
        return [_identity_row(name, part) for name, part, _ in self._chosen(statement)]


def identity(*parts: str) -> Identity:
    """SymPy's proof of the named equations, or of all relations of the statement."""
    return Identity(parts)


def _identity_row(name: str, relation: Relation) -> Row:
    method = "SymPy: left - right reduces to 0"
    if relation.operator != "==":
        return Row(name, method, FAILED, note=f"{relation.text} is no equation")
    proof = prove_zero(explicit(relation.gap), seconds=SECONDS)
    status = PASSED if proof.proved else INCONCLUSIVE if proof.proved is None else FAILED
    return Row(name, method, status, note=proof.how)


@dataclass(frozen=True)
class Certificate(Evidence):
    """An inequality, by an expression equal to the difference of its sides and of manifest sign.

    For `smaller <= larger`, SymPy proves `larger - smaller = certificate`, and the certificate is
    seen to be non-negative (positive, for a strict inequality) by its structure alone.
    """

    certificates: Mapping[str, sp.Expr]
    proves: ClassVar[bool] = True

    def covers(self, statement: Statement) -> frozenset[str]:
        """Names of the parts that this evidence decides."""
        return frozenset(self.certificates)

    def check(self, statement: Statement) -> list[Row]:
        """One row for each part covered."""
        chosen = relations(statement, tuple(self.certificates))
        return [
            self._row(name, relation, member.domain, sp.sympify(self.certificates[name]))
            for name, relation, member in chosen
        ]

    @staticmethod
    def _row(name: str, relation: Relation, domain: Domain, certificate: sp.Expr) -> Row:
        method = "certificate: difference of the sides = an expression of manifest sign"
        if relation.operator in ("==", "!="):
            return Row(name, method, FAILED, note=f"{relation.text} is no inequality")
        smaller, larger = relation.ascending
        gap = equal(larger - smaller, certificate)
        proof = prove_zero(explicit(gap.gap), seconds=SECONDS)
        if proof.proved is not True:
            status = INCONCLUSIVE if proof.proved is None else FAILED
            return Row(name, method, status, note=f"certificate {certificate}: {proof.how}")
        seen = manifest.positive if relation.strict else manifest.nonnegative
        if not seen(certificate, domain):
            sign = "positive" if relation.strict else "non-negative"
            return Row(name, method, INCONCLUSIVE, note=f"{certificate} is not manifestly {sign}")
        return Row(name, method, PASSED, note=f"{_short(certificate)}; {proof.how}")


def _short(expression: sp.Expr, most: int = 160) -> str:
    """An expression as text, cut where it would fill a page; the source has it whole."""
    shown = str(expression)
    return shown if len(shown) <= most else shown[:most] + " ..."


def certificate(**certificates: sp.Expr) -> Certificate:
    """One certificate for each named inequality."""
    return Certificate(certificates)


@dataclass(frozen=True)
class Points(_OnRelations):
    """The oracle evaluates both sides at points of the domain.

    Equality asks for a relative gap below 2^-60 (balls are sharper than 2^-80) and for a
    difference whose ball is not certainly away from zero.
    """

    count: int = 40
    proves: ClassVar[bool] = False

    def check(self, statement: Statement) -> list[Row]:
        """One row for each part covered."""
        return [
            replace(
                _points_row(name, part, tried := member.points(self.count)),
                domain=tried_on(member, name, tried),
            )
            for name, part, member in self._chosen(statement)
        ]


def points(*parts: str, count: int = 40) -> Points:
    """The oracle's check of the named relations, or of all, at `count` points of the domain."""
    return Points(parts, count)


def _points_row(name: str, relation: Relation, tried: Sequence[Point]) -> Row:
    method = "Arb: both sides at points of the domain"
    worst, worst_at = 0.0, ""
    free = relation.free_symbols
    kept = [{s: v for s, v in point.items() if s in free} for point in tried]
    tried = [point for place, point in enumerate(kept) if point not in kept[:place]]
    for used in tried:
        where = ", ".join(f"{symbol} = {value}" for symbol, value in used.items())
        verdict = ball.holds(relation, used)
        if verdict is not True:
            left, right = ball.sides(relation, used)
            status = FAILED if verdict is False else INCONCLUSIVE
            return Row(name, method, status, len(tried), None, "", where, left, right)
        if relation.operator == "==":
            gap = ball.relative_gap(relation, used)
            if gap > worst or not worst_at:
                worst, worst_at = gap, where
    if relation.operator != "==":
        return Row(name, method, PASSED, len(tried))
    status = PASSED if worst < 2.0**-60 else FAILED
    return Row(name, method, status, len(tried), worst, "relative", worst_at)


@dataclass(frozen=True)
class Enclosure(_OnRelations):
    """An inequality between two numbers, each enclosed by Arb: a proof, as there is one point.

    A symbol whose domain is a single number stands for that number.
    """

    proves: ClassVar[bool] = True

    def check(self, statement: Statement) -> list[Row]:
        """One row for each part covered."""
        rows = []
        for name, relation, member in self._chosen(statement):
            at = {s: only for s in relation.free_symbols for only in _single(member.domain[s])}
            if set(at) != relation.free_symbols:
                raise DeclarationError(
                    name, got=relation.text, allowed="numbers only, for an enclosure"
                )
            left, right = ball.sides(relation, at)
            decided = ball.holds(relation, at) if relation.operator != "==" else None
            status = {True: PASSED, False: FAILED, None: INCONCLUSIVE}[decided]
            rows.append(Row(name, "Arb: both sides enclosed", status, 1, got=left, expected=right))
        return rows


def _single(allowed: sp.Set) -> tuple[sp.Rational, ...]:
    """The one rational member of a set, or nothing."""
    found = tuple(allowed.args) if isinstance(allowed, sp.FiniteSet) else ()
    return found if len(found) == 1 and all(number.is_Rational for number in found) else ()


def enclosure(*parts: str) -> Enclosure:
    """Arb's enclosures of the numbers in the named inequalities, or in all."""
    return Enclosure(parts)


@dataclass(frozen=True)
class Slope(_OnRelations):
    """The right side is a derivative of `of`: compared with the Taylor coefficient of the
    definition, computed in truncated power series of balls, at points of the domain.
    """

    of: sp.Expr = field(default=sp.S.Zero)
    by: sp.Symbol = field(default=sp.Symbol("z", real=True))
    order: int = 1
    count: int = 30
    proves: ClassVar[bool] = False

    def check(self, statement: Statement) -> list[Row]:
        """One row for each part covered."""
        from gradmath.verify import oracle

        rows = []
        for name, relation, member in self._chosen(statement):
            method = f"Arb series: derivative of order {self.order} of the definition"
            tried = member.points(self.count)
            status, where, got, expected = PASSED, "", "", ""
            for point in tried:
                true = oracle.taylor(explicit(self.of), self.by, point, self.order)[self.order]
                said = oracle.value(relation.sides[1], point)
                if isinstance(true, oracle.Inconclusive) or isinstance(said, oracle.Inconclusive):
                    status = INCONCLUSIVE
                elif not true.arb.overlaps(said.arb):
                    status = FAILED
                if status != PASSED:
                    where = ", ".join(f"{symbol} = {value}" for symbol, value in point.items())
                    got, expected = str(said), str(true)
                    break
            rows.append(
                Row(
                    name,
                    method,
                    status,
                    len(tried),
                    where=where,
                    got=got,
                    expected=expected,
                    domain=tried_on(member, name, tried),
                )
            )
        return rows


def slope(part: str, of: sp.Expr, by: sp.Symbol, order: int = 1) -> Slope:
    """The oracle's own derivative of `of`, held against the right side of the named part."""
    return Slope((part,), of, by, order)


@dataclass(frozen=True)
class Refutation(Evidence):
    """The statement is false: the oracle shows a point at which one of its parts fails.

    The evidence of a refuted claim.  It says nothing in favour of any statement.
    """

    at: Mapping[sp.Symbol, Any] | None = None
    proves: ClassVar[bool] = True

    def covers(self, statement: Statement) -> frozenset[str]:
        """Every part: one false part makes a statement false."""
        return frozenset(statement.parts)

    def check(self, statement: Statement) -> list[Row]:
        """One row, which passes if a counterexample was found."""
        found = statement.counterexample(self.at)
        if found is None:
            note = "none was found"
            return [Row("statement", "counterexample", FAILED, note=note, domain=statement.text)]
        where = ", ".join(f"{name} = {value}" for name, value in found.where.items())
        return [
            Row(found.part, "counterexample", PASSED, 1,
                where=where, got=found.left, expected=found.right, domain=where or "no variable")
        ]  # fmt: skip
