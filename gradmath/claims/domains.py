"""Where a piece of evidence looked, in words."""

from __future__ import annotations

from collections.abc import Sequence

from gradmath.claims.points import Point
from gradmath.claims.statement import ForAll, Statement
from gradmath.verify.domains import ranges


def stated(statement: Statement, part: str) -> str:
    """The domain on which a statement says its part; nothing where it has no part of this name."""
    for member in getattr(statement, "members", (statement,)):
        if part in member.parts and hasattr(member, "domain_text"):
            return str(member.domain_text(part))
    return ""


def tried_on(member: ForAll, part: str, points: Sequence[Point]) -> str:
    """The stated domain, and how far the points reach in it."""
    used = sorted(member.parts[part].free_symbols, key=str)
    columns = {symbol.name: [point[symbol] for point in points] for symbol in used}
    reach = f"; tried for {ranges(columns)}" if used else ""
    return member.domain_text(part) + reach
