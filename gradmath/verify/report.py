"""What a check found: rows of a report, and the report that judges them.

A report passes only if it has rows and every one of them passed.  A row that compared nothing
although its method compares points has failed: an empty check is no evidence.  What could not be
decided is `inconclusive` and is never counted as a pass.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

from gradmath.errors import VerificationError

Status = Literal["passed", "failed", "inconclusive"]

PASSED: Final[Status] = "passed"
FAILED: Final[Status] = "failed"
INCONCLUSIVE: Final[Status] = "inconclusive"


@dataclass(frozen=True)
class Row:
    """One comparison: what was checked, how, on how many points, and the worst that was seen.

    `points` is the number of points compared, or None where the method compares none (a symbolic
    proof).  `worst` is the largest error in `unit` ("ulp", "of the bound", ...); `where` is the
    point at which it was seen, and `got` and `expected` the two values there.  `domain` says where
    was looked: "z real" for a proof, the range of the points for a check.  A row with ``points=0``
    that was told it passed has failed.
    """

    subject: str
    method: str
    status: Status
    points: int | None = None
    worst: float | None = None
    unit: str = ""
    where: str = ""
    got: str = ""
    expected: str = ""
    note: str = ""
    domain: str = ""

    def __post_init__(self) -> None:
        if self.status not in (PASSED, FAILED, INCONCLUSIVE):
            raise VerificationError(
                "status", got=repr(self.status), allowed="passed, failed, inconclusive"
            )
        if self.points is not None and self.points <= 0 and self.status == PASSED:
            object.__setattr__(self, "status", FAILED)
            object.__setattr__(self, "note", self.note or "the check compared no points")

    def lines(self) -> list[str]:
        """The row on several lines: what was checked, where it went wrong, both values, notes."""
        shown = [f"  {self.subject} [{self.method}]: {self.status}"]
        pairs = {"at": self.where, "got": self.got, "expected": self.expected}
        shown += [f"    {name:<9} {value}" for name, value in pairs.items() if value]
        if self.worst is not None:
            shown.append(f"    {'worst':<9} {self.worst:.3g} {self.unit}".rstrip())
        if self.points is not None and self.domain:
            shown.append(f"    {'looked at':<9} {self.points} points for {self.domain}")
        return shown + [f"    {note}" for note in self.note.split("; ") if note]

    def describe(self) -> str:
        """One line: subject, method, verdict, and where it went wrong."""
        parts = [f"{self.subject} [{self.method}]: {self.status}"]
        if self.points is not None:
            parts.append(f"{self.points} points")
        if self.domain:
            parts.append(f"for {self.domain}")
        if self.worst is not None:
            parts.append(f"worst {self.worst:.3g} {self.unit}".rstrip())
        if self.where:
            parts.append(f"at {self.where}")
        if self.got or self.expected:
            parts.append(f"got {self.got or '-'}, expected {self.expected or '-'}")
        if self.note:
            parts.append(self.note)
        return ", ".join(parts)


class Report:
    """The rows of a verification and their joint verdict.

    `status` is "passed" if there is a row and every row passed, "failed" if any row failed, else
    "inconclusive".

    >>> report = Report([Row("sigmoid", "symbolic", "passed")], title="sigmoid")
    >>> report.status
    'passed'
    >>> Report([], title="nothing").status
    'inconclusive'
    """

    def __init__(self, rows: Iterable[Row], title: str = "") -> None:
        self.rows: tuple[Row, ...] = tuple(rows)
        self.title = title

    @property
    def status(self) -> Status:
        """The joint verdict of all rows."""
        if any(row.status == FAILED for row in self.rows):
            return FAILED
        if self.rows and all(row.status == PASSED for row in self.rows):
            return PASSED
        return INCONCLUSIVE

    @property
    def passed(self) -> bool:
        """True only if `status` is "passed"."""
        return self.status == PASSED

    def require(self) -> Report:
        """Return the report if it passed, else raise `VerificationError`.

        The error names the first row that did not pass (a failed one before an inconclusive one):
        its step, the point, and both values.
        """
        if self.passed:
            return self
        bad = sorted(
            (row for row in self.rows if row.status != PASSED),
            key=lambda row: row.status != FAILED,
        )
        if not bad:
            raise VerificationError(
                self.title or "report",
                got="no rows",
                allowed="at least one row, all passed",
                remedy="a check that compares nothing is no evidence",
            )
        lines = [bad[0].status, *bad[0].lines()]
        if len(bad) > 1:
            lines.append(f"  and {len(bad) - 1} more rows that did not pass")
        raise VerificationError(
            self.title or "report", got="\n".join(lines), allowed="every row passed"
        )

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __add__(self, other: Report) -> Report:
        return Report(self.rows + other.rows, self.title or other.title)

    def empty_row(self) -> Row:
        """A failed row saying that a subject had no rows: an empty check is no evidence."""
        return Row(self.title or "report", "none", FAILED, 0, note="the check made no rows")

    def within(self, domain: str) -> Report:
        """The same rows; those that do not say where they looked are given `domain`."""
        return Report((row if row.domain else replace(row, domain=domain) for row in self.rows),
                      self.title)  # fmt: skip

    def renamed(self, prefix: str) -> Report:
        """The same rows, each subject preceded by `prefix`."""
        return Report(
            (replace(row, subject=f"{prefix}{row.subject}") for row in self.rows), self.title
        )

    def __repr__(self) -> str:
        head = f"{self.title or 'report'}: {self.status} ({len(self.rows)} rows)"
        return "\n".join([head, *("  " + row.describe() for row in self.rows)])

    def _repr_html_(self) -> str:
        columns = ("subject", "method", "status", "points", "domain", "worst", "where", "note")
        cells = []
        for row in self.rows:
            worst = "" if row.worst is None else f"{row.worst:.3g} {row.unit}".rstrip()
            points = "" if row.points is None else str(row.points)
            where = row.where
            if row.status != PASSED and (row.got or row.expected):
                where = f"{where}: got {row.got}, expected {row.expected}"
            values = (
                row.subject, row.method, row.status, points, row.domain, worst, where, row.note,
            )  # fmt: skip
            cells.append("".join(f"<td>{html.escape(value)}</td>" for value in values))
        head = "".join(f"<th>{column}</th>" for column in columns)
        body = "".join(f"<tr>{line}</tr>" for line in cells)
        caption = html.escape(f"{self.title or 'report'}: {self.status}")
        return (
            f'<table class="gm-report"><caption>{caption}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )

    def to_dict(self) -> dict[str, object]:
        """Title, status and rows as plain values."""
        return {
            "title": self.title,
            "status": self.status,
            "rows": [
                {name: getattr(row, name) for name in Row.__dataclass_fields__} for row in self.rows
            ],
        }

    def to_json(self, indent: int | None = None) -> str:
        """`to_dict` as JSON; a worst error that is not finite is written as a string."""
        plain = self.to_dict()
        rows = plain["rows"]
        assert isinstance(rows, list)
        for row in rows:
            worst = row["worst"]
            if worst is not None and not abs(worst) < float("inf"):
                row["worst"] = str(worst)
        return json.dumps(plain, indent=indent, ensure_ascii=False, allow_nan=False)
