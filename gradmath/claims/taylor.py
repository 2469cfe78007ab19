"""Evidence that a function falls along a line, by Taylor's theorem with Lagrange's remainder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

import sympy as sp

from gradmath.catalogue.applied import AppliedFunction, explicit
from gradmath.claims import manifest
from gradmath.claims.evidence import Evidence, members
from gradmath.claims.relation import equal
from gradmath.claims.statement import ForAll, Statement
from gradmath.verify.report import FAILED, INCONCLUSIVE, PASSED, Row, Status
from gradmath.verify.symbolic import prove_zero


@dataclass(frozen=True)
class TaylorDescent(Evidence):
    """Proves the part `part`: F(Z(t)) < F(Z(0)), where Z moves along a line as t grows.

    F is `outer`, an expression in `inner`; Z(t) is the one argument on the left side that holds
    the variable `by`.  Taylor's theorem gives, for some s between 0 and t,

        F(Z(t)) = F(Z(0)) + F'(Z(0)) Z' t + F''(Z(s)) Z'^2 t^2 / 2.

    So it is enough that Z'' = 0, that F'' <= bound everywhere, which is the part `bounded` of the
    same statement, and that -(F'(Z(0)) Z' t + Z'^2 bound t^2 / 2) equals `certificate`, which is
    manifestly positive.  `nonzero` maps factors that `given` says are not 0 to symbols that SymPy
    knows to be non-zero, for that last step.
    """

    part: str
    by: sp.Symbol
    outer: sp.Expr
    inner: sp.Symbol
    bounded: str
    certificate: sp.Expr
    nonzero: Mapping[sp.Expr, sp.Symbol]
    proves: ClassVar[bool] = True

    def covers(self, statement: Statement) -> frozenset[str]:
        """The one part."""
        return frozenset({self.part})

    def check(self, statement: Statement) -> list[Row]:
        """One row, which names the first condition that does not hold."""
        method = "Taylor's theorem: slope at the start, curvature bounded along the line"
        member = next(m for m in members(statement) if self.part in m.parts)
        for name, status in self._conditions(member):
            if status != PASSED:
                return [Row(self.part, method, status, note=f"not so: {name}")]
        return [Row(self.part, method, PASSED, note=f"falls by at least {self.certificate}")]

    def _conditions(self, member: ForAll) -> Iterator[tuple[str, Status]]:
        t, relation = self.by, member.parts[self.part]
        bound = member.parts.get(self.bounded)
        moving = {
            call.args[0] for call in relation.left.atoms(AppliedFunction) if call.args[0].has(t)
        }
        if relation.operator != "<" or bound is None or bound.operator != "<=" or len(moving) != 1:
            yield "the parts read F(Z(t)) < F(Z(0)) and F'' <= bound", FAILED
            return
        (line,) = moving
        speed = line.diff(t)
        slope = self.outer.diff(self.inner).xreplace({self.inner: line.subs(t, 0)})
        drop = -(slope * speed * t + speed**2 * bound.right * t**2 / 2)
        yield "left = F(Z(t))", _zero(relation.left.xreplace({line: self.inner}), self.outer)
        yield "right = F(Z(0))", _zero(relation.left.subs(t, 0), relation.right)
        yield "Z'' = 0", _zero(speed.diff(t), sp.Integer(0))
        yield (
            "F'' is the curvature that is bounded",
            _zero(self.outer.diff(self.inner, 2), bound.left),
        )
        yield "the gap is the certificate", _zero(drop, self.certificate)
        yield "the certificate is manifestly positive", self._sign(member)

    def _sign(self, member: ForAll) -> Status:
        stated = [relation.gap for relation in member.given if relation.operator == "!="]
        for factor in self.nonzero:
            if not any(sp.expand(gap - factor) == 0 for gap in stated):
                return FAILED
        certificate = self.certificate.subs(self.nonzero)
        domain = {**member.domain, **dict.fromkeys(self.nonzero.values(), sp.S.Reals)}
        return PASSED if manifest.positive(certificate, domain) else INCONCLUSIVE


def _zero(left: sp.Expr, right: sp.Expr) -> Status:
    proof = prove_zero(explicit(equal(left, right).gap), seconds=20.0)
    return PASSED if proof.proved else INCONCLUSIVE if proof.proved is None else FAILED
