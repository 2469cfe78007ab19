"""A few cells measured again and held against the record, all as multiples of plain NumPy.

Times of two machines, or of a busy and an idle one, say little; the ratio of two contenders timed
in turns in one process says more.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gradmath.claims.performance.record import FRESH, FULL, SCALARS, Recording, recording
from tests.benchmarks.cases import Case
from tests.benchmarks.everything import Key, elsewhere, made_ready
from tests.benchmarks.timing import interleaved

CASES = tuple(
    Case(mode, size, dtype)
    for size in (10_000, 1_000_000)
    for mode in ("full", "reduced")
    for dtype in ("float32", "float64")
)
ROUNDS = 7
YARDSTICK = "numpy-plain"
#: a ratio that moved by more than this is marked
NOTABLE = 1.5


@dataclass(frozen=True)
class Line:
    """A contender's time as a multiple of plain NumPy's: now, and on record."""

    case: Case
    contender: str
    policy: str
    now: float
    then: float | None

    @property
    def change(self) -> float | None:
        """How many times slower than on record."""
        return None if self.then is None else self.now / self.then

    @property
    def mark(self) -> str:
        """A word where the change is notable."""
        if self.change is None:
            return "not on record"
        if self.change > NOTABLE:
            return "slower"
        return "faster" if self.change < 1 / NOTABLE else ""


def compared(case: Case, seconds: Mapping[Key, float], record: Recording) -> list[Line]:
    """Every contender's ratio beside that of the record."""
    policy = FRESH if case.mode == FULL else SCALARS
    task = (case.mode, case.size, case.dtype)
    unit = seconds[YARDSTICK, policy]
    unit_then = record.cell(YARDSTICK, policy, *task).median
    lines = []
    for (name, how), took in seconds.items():
        known = record.cells.get((name, how, *task))
        then = None if known is None else known.median / unit_then
        lines.append(Line(case, name, how, took / unit, then))
    return lines


def table(lines: Sequence[Line]) -> str:
    """The lines as text."""
    head = f"{'task':26} {'contender':15} {'outputs':8} {'now':>7} {'record':>7} {'change':>7}"
    rows = [head, "-" * len(head)]
    for line in lines:
        then = "" if line.then is None else f"{line.then:7.2f}"
        change = "" if line.change is None else f"{line.change:6.2f}x"
        task = f"{line.case.mode} {line.case.size:,} {line.case.dtype}"
        rows.append(
            f"{task:26} {line.contender:15} {line.policy:8} {line.now:7.2f} {then:>7} {change:>7} "
            f"{line.mark}".rstrip()
        )
    return "\n".join(rows)


def main() -> None:
    """Measure, and print the ratios."""
    warnings.simplefilter("ignore")
    record = recording()
    lines: list[Line] = []
    for case in CASES:
        calls = made_ready(case, quick=True)
        timed = interleaved(calls, ROUNDS, elsewhere=elsewhere(calls))
        seconds = {key: found.median for key, found in timed.items()}
        lines += compared(case, seconds, record)
    print(f"Time as a multiple of plain NumPy's, beside the record of {record.date}")
    print(table(lines))
    moved = [line for line in lines if line.mark]
    print(f"{len(moved)} of {len(lines)} ratios moved by more than a factor of {NOTABLE}")
