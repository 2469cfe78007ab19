"""The verdict on a claim: whether its evidence holds, and whether that evidence can fail."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gradmath.claims import domains
from gradmath.claims.evidence import Evidence
from gradmath.claims.generated import Generated, generated
from gradmath.claims.grades import PROVED, RECORDED, REFUTED, Grade, Status
from gradmath.claims.held import Holding, holding
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

    `rejected_by` maps the place of a piece in the claim's evidence to the subjects of its rows
    that failed; `attacked` are the parts that the mistake changes and on which some row failed.
    """

    titles: Mapping[str, str]
    text: str
    killed: bool
    by: str
    shown: Counterexample | None
    rejected_by: Mapping[int, frozenset[str]] = field(default_factory=dict)
    attacked: frozenset[str] = frozenset()

    @property
    def passed(self) -> bool:
        """Whether the mistake is false for certain and was caught."""
        return self.killed and self.shown is not None


@dataclass(frozen=True)
class Judgement:
    """The outcome of a claim: rows of the evidence, trials of the mistakes, verdict, seconds.

    `unattacked` names the parts of the statement that no planted mistake attacks; `generated` is
    what became of the mistakes planted by machine, and `held` what holds the values quoted.
    """

    status: Status
    report: Report
    trials: tuple[Trial, ...]
    reason: str
    seconds: float
    unattacked: tuple[str, ...] = ()
    generated: Generated = field(default_factory=Generated)
    held: Holding = field(default_factory=Holding)


def judge(grade: Grade, case: Case, words: Sequence[str] = ()) -> Judgement:
    """Run the evidence on the statement, then on each planted mistake.

    The claim passes if every row passes, every part of the statement has evidence of the grade's
    strength, there is a planted mistake, every planted mistake is caught and shown false, and
    every piece of evidence rejects at least one of them: a check that rejects none shows nothing.
    Then mistakes are planted by machine as well, and each that is shown false must be rejected too.
    Last, every value that pages quote must be held: see `held`.  `words` are the claim's texts.
    """
    start = time.perf_counter()
    report = Report([row for piece in case.evidence for row in _checked(piece, case.statement)])
    trials = tuple(_try(mistake, case, grade) for mistake in case.mistakes)
    reason = _gaps(grade, case, trials)
    status = Status.FAILED if reason else Status(report.status)
    if not reason and status is not Status.PASSED:
        reason = next(row.describe() for row in report if row.status != PASSED)
    made = Generated()
    if status is Status.PASSED and grade not in (REFUTED, RECORDED):
        made = generated(case.statement, tuple(case.evidence))
        if made.survivors:
            first = made.survivors[0]
            reason, status = f"survivor, planted by machine: {first.text}", Status.FAILED
        elif made.undecided:
            reason = f"neither shown false nor proved: {made.undecided[0].text}"
            status = Status.INCONCLUSIVE
    held = Holding()
    if status is Status.PASSED:
        held = holding(case.statement, case.values, words)
        for name, why in held.loose.items():
            reason, status = f"value {name!r} {why}", Status.FAILED
            break
    attacked = frozenset[str]().union(*(trial.attacked for trial in trials))
    unattacked = tuple(name for name in case.statement.parts if name not in attacked)
    seconds = time.perf_counter() - start
    return Judgement(status, report, trials, reason, seconds, unattacked, made, held)


def _checked(piece: Evidence, statement: Statement) -> list[Row]:
    """The rows of a piece of evidence; those that do not say so look at the statement's domain."""
    return [
        row if row.domain else replace(row, domain=domains.stated(statement, row.subject))
        for row in piece.check(statement)
    ]


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
    alive = {place for trial in trials for place in trial.rejected_by}
    dead = [piece for place, piece in enumerate(case.evidence) if place not in alive]
    if trials and dead:
        return f"evidence that rejects no planted mistake: {', '.join(map(_name, dead))}"
    return ""


def _name(piece: Evidence) -> str:
    parts = getattr(piece, "parts", ())
    return type(piece).__name__ + (f" of {', '.join(parts)}" if parts else "")


def _covered(grade: Grade, case: Case) -> set[str]:
    if grade is REFUTED:  # one false part makes a statement false
        return set(case.statement.parts) if case.evidence else set()
    strong = [piece for piece in case.evidence if piece.proves or grade is not PROVED]
    return {name for piece in strong for name in piece.covers(case.statement)}


def _try(mistake: Mistake, case: Case, grade: Grade) -> Trial:
    if mistake.statement == case.statement:
        raise DeclarationError("mistake", got=mistake.en, allowed="a statement that differs")
    failures = _failures(mistake, case.evidence)
    shown = _proved(mistake) if grade is REFUTED else mistake.statement.counterexample(mistake.at)
    rows = [row for found in failures.values() for row in found]
    stated, planted = case.statement.parts, mistake.statement.parts
    changed = {name for name in stated if planted.get(name) != stated[name]}
    return Trial(
        mistake.titles,
        mistake.statement.text,
        bool(rows),
        f"{rows[0].subject}: {rows[0].method}" if rows else "",
        shown,
        {place: frozenset(row.subject for row in found) for place, found in failures.items()},
        frozenset(changed & {row.subject for row in rows}),
    )


def _failures(mistake: Mistake, evidence: Sequence[Evidence]) -> dict[int, list[Row]]:
    """The rows that fail when the same evidence is run on a mistake, by the evidence's place."""
    found = {}
    for place, piece in enumerate(evidence):
        piece = piece if mistake.derivation is None else piece.given(mistake.derivation)
        failed = [row for row in piece.check(mistake.statement) if row.status == FAILED]
        if failed:
            found[place] = failed
    return found


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
    rows += judgement.generated.rows()
    rows += judgement.held.rows()
    if judgement.status != Report(rows).status:
        rows.append(
            Row("verdict", "judgement", FAILED if judgement.reason else INCONCLUSIVE,
                note=judgement.reason)
        )  # fmt: skip
    return Report(rows, title)
