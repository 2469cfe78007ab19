"""What became of one subject, as plain values."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gradmath.checking.listing import subjects
from gradmath.claims import claims
from gradmath.verify import PASSED, Row
from gradmath.verify.subjects import report


@dataclass(frozen=True)
class Outcome:
    """What became of one subject; plain values, so that it can cross between processes."""

    id: str
    status: str
    seconds: float
    report: Mapping[str, Any]
    passport: Mapping[str, Any] | None = None

    @property
    def problems(self) -> list[str]:
        """One line for each row that did not pass."""
        return [
            f"{self.id}: {Row(**row).describe()}"
            for row in self.report["rows"]
            if row["status"] != PASSED
        ]


def check(id: str) -> Outcome:
    """Verify the subject of this id."""
    start = time.perf_counter()
    subject = subjects()[id]
    found = report(subject)
    passport = subject.passport() if id in claims else None
    seconds = time.perf_counter() - start
    return Outcome(id, found.status, seconds, json.loads(found.to_json()), passport)
