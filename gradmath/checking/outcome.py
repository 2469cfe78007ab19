"""What became of one subject, as values that can cross between processes and be kept."""

from __future__ import annotations

import json
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradmath.checking.listing import subjects
from gradmath.claims import claims
from gradmath.claims.judge import Judgement
from gradmath.verify import FAILED, INCONCLUSIVE, PASSED, Report, Row
from gradmath.verify.subjects import report


@dataclass(frozen=True)
class Outcome:
    """What became of one subject.

    A claim has a `passport` and a `judgement` too.  `cached` says that it was read back: `seconds`
    are those of the run that computed it.
    """

    id: str
    status: str
    seconds: float
    report: Mapping[str, Any]
    passport: Mapping[str, Any] | None = None
    judgement: Judgement | None = None
    cached: bool = False

    @property
    def problems(self) -> list[str]:
        """One line for each row that did not pass."""
        return [
            f"{self.id}: {Row(**row).describe()}"
            for row in self.report["rows"]
            if row["status"] != PASSED
        ]


def check(id: str) -> Outcome:
    """Verify the subject of this id.  What it raises is a failure of that subject alone."""
    start = time.perf_counter()
    subject = subjects()[id]
    passport, judgement = None, None
    try:
        found = report(subject)
        if id in claims:
            passport, judgement = subject.passport(), subject.judgement
    except MemoryError:
        return without_answer(id, "the memory ran out", time.perf_counter() - start)
    # a subject may raise anything; the others are to be checked all the same
    except Exception as error:  # noqa: BLE001
        place = traceback.extract_tb(error.__traceback__)[-1]
        note = (
            f"raised {type(error).__name__}: {error} ({Path(place.filename).name}:{place.lineno})"
        )
        found = Report([Row(id, "the check", FAILED, note=note)], id)
    return _made(id, found, time.perf_counter() - start, passport, judgement)


def without_answer(id: str, why: str, seconds: float = 0.0) -> Outcome:
    """The outcome of a check that did not come to its end: inconclusive, never a pass."""
    return _made(id, Report([Row(id, "the check", INCONCLUSIVE, note=why)], id), seconds)


def _made(
    id: str,
    found: Report,
    seconds: float,
    passport: Mapping[str, Any] | None = None,
    judgement: Judgement | None = None,
) -> Outcome:
    return Outcome(id, found.status, seconds, json.loads(found.to_json()), passport, judgement)
