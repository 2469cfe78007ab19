"""True and claimed entries at a point, and how much one is of the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gradmath.verify import balls
from gradmath.verify.gradients.places import Point
from gradmath.verify.operators import Operator
from gradmath.verify.oracle import Answer, Ball

#: ratios agree to this
CLOSE: Final = 1e-9


@dataclass(frozen=True)
class Pair:
    """At a point, the true entries and the claimed ones."""

    point: Point
    true: Sequence[Answer]
    said: Sequence[Answer]

    def numbers(self) -> list[tuple[float, float]]:
        """Ratio claimed / true, and 1 or 0 for whether they agree, of entries that have one."""
        return [(r, float(abs(r - 1) < CLOSE)) for r in self.ratios() if r is not None]

    def ratios(self) -> list[float | None]:
        """Claimed / true for each entry; None where there is no true value to divide by."""
        found: list[float | None] = []
        for true, said in zip(self.true, self.said, strict=True):
            if not isinstance(true, Ball) or not isinstance(said, Ball) or true.kind != "relative":
                found.append(None)
                continue
            with balls.precision(256):
                found.append(float((said.arb / true.arb).mid()))
        return found


def named(operator: Operator, words: str) -> str:
    """The sentence on a known mistake, with its key."""
    return f"the gradient is that with {words} [{operator}]"
