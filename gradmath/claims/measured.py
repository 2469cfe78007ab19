"""Evidence from running: a computation's number lies where the statement says it does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from gradmath.claims.computed import Computed, Quantity
from gradmath.claims.evidence import Evidence, named_parts
from gradmath.claims.statement import Statement
from gradmath.verify.report import FAILED, PASSED, Row

REPEATS = 1e-9  # two computations of one number agree to this share of it


@dataclass(frozen=True)
class Runs(Evidence):
    """Runs each named computation (none named: all) and holds it to its stated interval.

    The separate second computation must give the same number to 1e-9 of it: runs are
    deterministic, and only rounding may tell them apart.
    """

    parts: tuple[str, ...] = ()
    proves: ClassVar[bool] = False

    def covers(self, statement: Statement) -> frozenset[str]:
        """The named computations."""
        return frozenset(self._chosen(statement))

    def check(self, statement: Statement) -> list[Row]:
        """One row for each computation."""
        return [self._row(name, part) for name, part in self._chosen(statement).items()]

    def _chosen(self, statement: Statement) -> dict[str, Quantity]:
        return named_parts(statement, Computed, self.parts)

    @staticmethod
    def _row(name: str, part: Quantity) -> Row:
        method = "computed, and computed again by separate code"
        number, second = part.compute(), part.again()
        gap = abs(number - second) / max(abs(second), 1e-300)
        stated = f"[{part.low:g}, {part.high:g}]" if part.low != part.high else f"{part.low:g}"
        agree = gap <= REPEATS
        status = PASSED if part.allows(number) and agree else FAILED
        note = "" if agree else f"the second computation gave {second!r}"
        return Row(
            name, method, status, 1, gap, "relative", got=repr(number), expected=stated, note=note
        )
