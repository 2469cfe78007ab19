"""A relation at a point, decided by the oracle's balls: true, false, or not decided."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sympy as sp

from gradmath.claims.points import Point
from gradmath.claims.relation import Relation

if TYPE_CHECKING:
    from gradmath.verify.oracle import Answer

#: answers that are remembered: some thousands of points belong to the statement of one claim
_REMEMBERED = 8192


def answer(expression: sp.Expr, at: Mapping[Any, Any]) -> Answer:
    """What the oracle says of an expression at a point.

    It is asked once: a planted mistake leaves most parts of a statement as they are, and points
    that differ in other symbols are one point here.
    """
    own = _symbols(expression)
    return _answer(expression, tuple((symbol, at[symbol]) for symbol in at if symbol in own))


@functools.lru_cache(maxsize=_REMEMBERED)
def _answer(expression: sp.Expr, at: tuple[tuple[Any, Any], ...]) -> Answer:
    from gradmath.verify import oracle

    return oracle.value(expression, dict(at))


@functools.lru_cache(maxsize=_REMEMBERED)
def _symbols(expression: sp.Expr) -> frozenset[sp.Basic]:
    return frozenset(expression.free_symbols)


def sign(expression: sp.Expr, at: Mapping[sp.Symbol, sp.Rational]) -> int | None:
    """The sign of a number, -1, 0 or 1, where its enclosure leaves no doubt; else None."""
    from gradmath.verify import oracle

    found = answer(expression, at)
    if isinstance(found, oracle.Ball) and found.kind == "zero":
        return 0
    if found.arb is None:
        return None
    if found.arb > 0:
        return 1
    return -1 if found.arb < 0 else None


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
    enclosed = answer(relation.gap, at)
    tiny = isinstance(enclosed, oracle.Ball) and enclosed.kind == "tiny"
    return True if tiny and not relation.strict else None


def sides(relation: Relation, at: Point) -> tuple[str, str]:
    """Both sides at a point, for a reader."""
    left, right = relation.sides
    return number(left, at), number(right, at)


def number(expression: sp.Expr, at: Point) -> str:
    """A value as text, to the digits of a double, or the reason why there is none."""
    from gradmath.verify import oracle

    found = answer(expression, at)
    if isinstance(found, oracle.Ball):
        return str(found)
    if found.arb is None or found.arb.contains(0):
        return found.reason
    return str(found.arb.str(12))  # less sharp than asked for, but it has a sign


def relative_gap(relation: Relation, at: Point) -> float:
    """An upper bound of |left - right| / |right| at a point; of |left - right| for a tiny right."""
    from flint import arb

    from gradmath.verify import oracle

    gap = answer(relation.gap, at)
    scale = answer(relation.sides[1], at)
    if isinstance(gap, oracle.Inconclusive) or isinstance(scale, oracle.Inconclusive):
        return float("inf")
    size = arb(abs(gap.arb).upper())
    if scale.kind == "relative":
        size = size / abs(scale.arb)
    return float(size.upper())
