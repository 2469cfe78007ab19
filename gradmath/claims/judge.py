"""The verdict on a claim: whether its evidence holds, and whether that evidence can fail."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gradmath.claims.evidence import Evidence
from gradmath.claims.grades import PROVED, RECORDED, REFUTED, Grade, Status
from gradmath.claims.statement import Counterexample, Statement
from gradmath.errors import DeclarationError
from gradmath.verify.report import FAILED, INCONCLUSIVE, PASSED, Report, Row

if TYPE_CHECKING:
    from gradmath.claims.claim import Case, Mistake


@dataclass(frozen=True)
class Trial:
    """How one planted mistake fared.

    `killed`: some row of the claim's evidence failed on it.  `shown`: the counterexample, found
    without that evidence, that makes it certainly false.  Both are needed.

    For a refuted claim it is the other way round: the planted statement is a true neighbour, which
    the refutation must fail to refute, and `shown` holds the proof of it.
    """

    titles: Mapping[str, str]
    text: str
    killed: bool
    by: str
    shown: Counterexample | None

    @property
    def passed(self) -> bool:
        """Whether the mistake is false for certain and was caught."""
        return self.killed and self.shown is not None


@dataclass(frozen=True)
class Judgement:
    """The outcome of a claim: rows of the evidence, trials of the mistakes, verdict, seconds."""

    status: Status
    report: Report
    trials: tuple[Trial, ...]
    reason: str
    seconds: float


def judge(grade: Grade, case: Case) -> Judgement:
    """Run the evidence on the statement, then on each planted mistake.

    The claim passes if every row passes, every part of the statement has evidence of the grade's
    strength, there is a planted mistake, and every planted mistake is caught and shown false.
    """
    start = time.perf_counter()
    report = Report([row for piece in case.evidence for row in piece.check(case.statement)])
    trials = tuple(_try(mistake, case, grade) for mistake in case.mistakes)
    reason = _gaps(grade, case, trials)
    status = Status.FAILED if reason else Status(report.status)
    if not reason and status is not Status.PASSED:
        reason = next(row.describe() for row in report if row.status != PASSED)
    return Judgement(status, report, trials, reason, time.perf_counter() - start)


def _gaps(grade: Grade, case: Case, trials: tuple[Trial, ...]) -> str:
    """Why the claim cannot pass whatever its rows say, or an empty string."""
    bare = set(case.statement.parts) - _covered(grade, case)
    if bare:
        return f"no evidence of grade {grade} for: {', '.join(sorted(bare))}"
    if not trials and grade is not RECORDED:
        return "no mistake planted: nothing shows that the check can fail"
    for trial in trials:
        if not trial.killed:
            return f"survivor: {trial.titles['en']}"
        if trial.shown is None:
            return f"not shown to be false: {trial.titles['en']}"
    return ""


def _covered(grade: Grade, case: Case) -> set[str]:
    if grade is REFUTED:  # one false part makes a statement false
        return set(case.statement.parts) if case.evidence else set()
    strong = [piece for piece in case.evidence if piece.proves or grade is not PROVED]
    return {name for piece in strong for name in piece.covers(case.statement)}


def _try(mistake: Mistake, case: Case, grade: Grade) -> Trial:
    if mistake.statement == case.statement:
        raise DeclarationError("mistake", got=mistake.en, allowed="a statement that differs")
    by = _first_failure(mistake.statement, case.evidence)
    shown = _proved(mistake) if grade is REFUTED else mistake.statement.counterexample(mistake.at)
    return Trial(
        mistake.titles,
        mistake.statement.text,
        by is not None,
        f"{by.subject}: {by.method}" if by else "",
        shown,
    )


def _first_failure(statement: Statement, evidence: Sequence[Evidence]) -> Row | None:
    """The first row that fails when the same evidence is run on another statement."""
    for piece in evidence:
        for row in piece.check(statement):
            if row.status == FAILED:
                return row
    return None


def _proved(neighbour: Mistake) -> Counterexample | None:
    """What shows a true neighbour of a refuted statement to be true, or None."""
    rows = [row for piece in neighbour.proof for row in piece.check(neighbour.statement)]
    if Report(rows).status != PASSED or not all(piece.proves for piece in neighbour.proof):
        return None
    return Counterexample("true", {}, rows[0].subject, rows[0].method)


def as_report(title: str, judgement: Judgement) -> Report:
    """One report: the evidence's rows, a row for each planted mistake, and the verdict's reason."""
    rows = list(judgement.report.rows)
    for trial in judgement.trials:
        shown = trial.shown.text if trial.shown else ""
        status = PASSED if trial.passed else FAILED
        note = trial.by if trial.killed else "the evidence accepts it"
        rows.append(
            Row(f"mistake: {trial.titles['en']}", "planted", status, where=shown, note=note)
        )
    if judgement.status != Report(rows).status:
        rows.append(
            Row("verdict", "judgement", FAILED if judgement.reason else INCONCLUSIVE,
                note=judgement.reason)
        )  # fmt: skip
    return Report(rows, title)
