"""Evidence that anybody can repeat: what `gm.check_gradient` says of a gradient as it was printed.

A statement `df/dz = g` names a function and a gradient; the checker is handed both.  Of a refuted
statement it must reject the gradient, and accept it once it has been put right; of a false alarm it
must accept the gradient as it stands.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, ClassVar

import sympy as sp

from gradmath.catalogue.applied import explicit
from gradmath.claims.evidence import Evidence, relations
from gradmath.claims.points import Domain
from gradmath.claims.relation import Relation
from gradmath.claims.shapes import ForShapes, Gradient
from gradmath.claims.statement import Statement
from gradmath.verify.report import FAILED, INCONCLUSIVE, PASSED, Report, Row, Status

METHOD = "gm.check_gradient"
#: a reader's sizes; one point is enough to reject a formula
WITHIN = sp.Interval(-8, 8)
#: every axis of the arrays that the checker is given: matrices that fit whichever way they stand
SIDE = 3


def _verdict(name: str, report: Report, expected: Status) -> Row:
    """The checker's report as one row, which passes if it says what is expected."""
    same = report.status == expected
    status = PASSED if same else INCONCLUSIVE if report.status == INCONCLUSIVE else FAILED
    bad = [row for row in report if row.status == FAILED]
    row = (bad or list(report))[0]
    points = max((each.points or 0 for each in report), default=0)
    word = "rejects it" if report.status == FAILED else report.status
    note = "; ".join(part for part in (word, row.note) if part)
    return Row(
        name, METHOD, status, points, where=row.where, got=row.got, expected=row.expected, note=note
    )


@dataclass(frozen=True)
class Checked(Evidence):
    """The checker's verdict on each equation whose left side is a derivative."""

    expected: Status
    proves: ClassVar[bool] = False

    def covers(self, statement: Statement) -> frozenset[str]:
        """The equations that state a derivative."""
        found = relations(statement)
        return frozenset(name for name, relation, _ in found if _is_derivative(relation))

    def check(self, statement: Statement) -> list[Row]:
        """One row for each relation; one that states no derivative is left undecided."""
        rows = []
        for name, relation, member in relations(statement):
            if not _is_derivative(relation):
                rows.append(Row(name, METHOD, INCONCLUSIVE, note="no derivative is stated"))
                continue
            report = _asked(relation, member.domain)
            rows.append(_verdict(name, report, self.expected))
        return rows


def _is_derivative(relation: Relation) -> bool:
    return relation.operator == "==" and isinstance(relation.left, sp.Derivative)


def _asked(relation: Relation, domain: Domain) -> Report:
    from gradmath.verify.gradients import check_gradient

    (by, order), *_ = relation.left.variable_count
    function, gradient = explicit(relation.left.expr), explicit(relation.sides[1])
    used = function.free_symbols | gradient.free_symbols
    narrowed = {symbol.name: domain[symbol] & WITHIN for symbol in used}
    return check_gradient(function, gradient, by.name, narrowed, order=int(order))


def caught() -> Checked:
    """The checker rejects the gradient that the statement gives."""
    return Checked(FAILED)


def accepted() -> Checked:
    """The checker accepts the gradient that the statement gives."""
    return Checked(PASSED)


@dataclass(frozen=True)
class CaughtOnArrays(Evidence):
    """The checker rejects a matrix rule, run as NumPy code with tanh for the activation."""

    proves: ClassVar[bool] = False

    def covers(self, statement: Statement) -> frozenset[str]:
        """The rule."""
        return frozenset(statement.parts)

    def check(self, statement: Statement) -> list[Row]:
        """One row: rejected, or not."""
        from gradmath.verify.gradients import check_gradient

        assert isinstance(statement, ForShapes)
        assert isinstance(statement.left, Gradient)
        shapes = {name: (SIDE,) * len(axes) for name, axes in statement.arrays.items()}
        report = check_gradient(
            _code(statement.arrays, statement.left.function),
            _code(statement.arrays, statement.right),
            statement.left.by,
            shapes=shapes,
        )
        return [_verdict(statement.name, report, FAILED)]


def _code(names: Any, side: Callable[[Any], Any]) -> Callable[..., Any]:
    """One side of a statement as a function of its arrays by name."""
    import numpy as np

    def slope(z: Any) -> Any:
        return 1 - np.tanh(z) ** 2

    def run(*arrays: Any) -> Any:
        given = dict(zip(names, arrays, strict=True))
        return side(SimpleNamespace(phi=np.tanh, slope=slope, **given))

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    run.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # read by inspect
        [inspect.Parameter(name, kind) for name in names]
    )
    return run


def caught_on_arrays() -> CaughtOnArrays:
    """The checker rejects the rule that the statement gives."""
    return CaughtOnArrays()
