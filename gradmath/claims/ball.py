"""A relation at a point, decided by the oracle's balls: true, false, or not decided."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from gradmath.claims.points import Point
from gradmath.claims.relation import Relation


def sign(expression: sp.Expr, at: Mapping[sp.Symbol, sp.Rational]) -> int | None:
    """The sign of a number, -1, 0 or 1, where its enclosure leaves no doubt; else None."""
    from gradmath.verify import oracle

    answer = oracle.value(expression, dict(at))
    if isinstance(answer, oracle.Ball) and answer.kind == "zero":
        return 0
    if answer.arb is None:
        return None
    if answer.arb > 0:
        return 1
    return -1 if answer.arb < 0 else None


def holds(relation: Relation, at: Point) -> bool | None:
    """Whether a relation holds at a point, or None where that cannot be told.

    False is certain.  For an equality, and where equality is allowed, True may rest on a difference
    whose enclosure holds 0 and lies below the smallest double: that is enough for a check, though
    no proof.  A strict inequality is never judged by such a difference.
    """
    from gradmath.verify import oracle

    found = sign(relation.gap, at)
    if found is not None:
        return relation.allows(found)
    answer = oracle.value(relation.gap, dict(at))
    tiny = isinstance(answer, oracle.Ball) and answer.kind == "tiny"
    return True if tiny and not relation.strict else None


def sides(relation: Relation, at: Point) -> tuple[str, str]:
    """Both sides at a point, for a reader."""
    left, right = relation.sides
    return number(left, at), number(right, at)


def number(expression: sp.Expr, at: Point) -> str:
    """A value as text, to the digits of a double, or the reason why there is none."""
    from gradmath.verify import oracle

    answer = oracle.value(expression, dict(at))
    if isinstance(answer, oracle.Ball):
        return str(answer)
    if answer.arb is None or answer.arb.contains(0):
        return answer.reason
    return str(answer.arb.str(12))  # less sharp than asked for, but it has a sign


def relative_gap(relation: Relation, at: Point) -> float:
    """An upper bound of |left - right| / |right| at a point; of |left - right| for a tiny right."""
    from flint import arb

    from gradmath.verify import oracle

    gap = oracle.value(relation.gap, at)
    scale = oracle.value(relation.sides[1], at)
    if isinstance(gap, oracle.Inconclusive) or isinstance(scale, oracle.Inconclusive):
        return float("inf")
    size = arb(abs(gap.arb).upper())
    if scale.kind == "relative":
        size = size / abs(scale.arb)
    return float(size.upper())
