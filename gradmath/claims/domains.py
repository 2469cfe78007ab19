"""Where a piece of evidence looked, in words."""

from __future__ import annotations

from collections.abc import Sequence

from gradmath.claims.points import Point
from gradmath.claims.statement import ForAll, Statement
from gradmath.verify.domains import ranges


def stated(statement: Statement, part: str) -> str:
    """The domain on which a statement says its part.

    A row that names no part is about the whole, and so are all its domains.
    """
    told: dict[str, str] = {
        name: member.domain_text(name)
        for member in getattr(statement, "members", (statement,))
        if hasattr(member, "domain_text")
        for name in member.parts
    }
    return told[part] if part in told else "; ".join(dict.fromkeys(told.values()))


def tried_on(member: ForAll, part: str, points: Sequence[Point]) -> str:
    """The stated domain, and how far the points reach in it."""
    used = sorted(member.parts[part].free_symbols, key=str)
    columns = {symbol.name: [point[symbol] for point in points] for symbol in used}
    reach = f"; tried for {ranges(columns)}" if used else ""
    return member.domain_text(part) + reach
