"""What becomes of planted mistakes: counted, told apart, and put into rows that can fail.

A mutant is something right with one thing changed.  It counts as a mistake only where a
counterexample, found without the check that must reject it, shows it to be false.  One that is
proved equal to what it was made from is no mistake and is left out; one of which neither is known
is *undecided*, and undecided is never a pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from gradmath.verify.operators import Operator
from gradmath.verify.report import FAILED, INCONCLUSIVE, PASSED, Report, Row

_DOMAIN = "one change at a time"
Fate = Literal["killed", "survived", "equivalent", "undecided"]


@dataclass(frozen=True)
class Mutant:
    """Something right with one thing changed.

    what: the change in words.  subject: what is to be verified.  shown: finds a counterexample and
    says it, or an empty string.  equal: whether the mutant is proved equal to what it was made
    from.
    """

    operator: Operator
    what: str
    subject: Any
    shown: Callable[[], str]
    equal: Callable[[], bool]


@dataclass(frozen=True)
class Trial:
    """The fate of one mutant, the counterexample, and the row that rejected it."""

    operator: Operator
    what: str
    fate: Fate
    shown: str = ""
    by: str = ""


@dataclass
class Count:
    """How many mutants of one operator there were, and what became of them."""

    made: int = 0
    killed: int = 0
    equivalent: int = 0
    survivors: list[Trial] = field(default_factory=list)
    undecided: list[Trial] = field(default_factory=list)

    def add(self, trial: Trial) -> None:
        """Count one trial."""
        self.made += 1
        self.killed += trial.fate == "killed"
        self.equivalent += trial.fate == "equivalent"
        if trial.fate == "survived":
            self.survivors.append(trial)
        if trial.fate == "undecided":
            self.undecided.append(trial)


Check = Callable[[Any], Report | Sequence[Row]]


def attempt(mutant: Mutant, check: Check) -> Trial:
    """Show that a mutant is false, and see whether `check` rejects it."""
    shown = mutant.shown()
    if not shown:
        fate: Fate = "equivalent" if mutant.equal() else "undecided"
        return Trial(mutant.operator, mutant.what, fate)
    failed = next((row for row in check(mutant.subject) if row.status == FAILED), None)
    if failed is None:
        return Trial(mutant.operator, mutant.what, "survived", shown)
    by = f"{failed.subject} [{failed.method}]"
    return Trial(mutant.operator, mutant.what, "killed", shown, by)


def trials(mutants: Iterable[Mutant], check: Check) -> Iterator[Trial]:
    """The fate of each mutant, in order."""
    for mutant in mutants:
        yield attempt(mutant, check)


def rows(found: Iterable[Trial]) -> list[Row]:
    """A row for each operator: passed only if some mutant counted and every one was rejected.

    An operator all of whose mutants are equal to the original has shown nothing here: it has no row
    of its own, and is named in the last one, which sums up.
    """
    counts: dict[Operator, Count] = {}
    for trial in found:
        counts.setdefault(trial.operator, Count()).add(trial)
    made = [_row(operator, count) for operator, count in counts.items() if not _idle(count)]
    idle = [operator for operator, count in counts.items() if _idle(count)]
    return [*made, _summary(counts.values(), idle)]


def _idle(count: Count) -> bool:
    return count.made == count.equivalent


def _row(operator: Operator, count: Count) -> Row:
    bad = next(iter(count.survivors or count.undecided), None)
    where = "" if bad is None else bad.what + (f"; false: {bad.shown}" if bad.shown else "")
    status = FAILED if count.survivors else INCONCLUSIVE if count.undecided else PASSED
    return Row(
        operator.titles["en"], "planted mistakes", status, count.killed + len(count.survivors),
        where=where, note=_words(count), domain=_DOMAIN,
    )  # fmt: skip


def _words(count: Count) -> str:
    parts = [f"{count.made} made", f"{count.killed} killed"]
    if count.equivalent:
        parts.append(f"{count.equivalent} equal to the original")
    if count.undecided:
        parts.append(f"{len(count.undecided)} neither shown false nor proved equal")
    if count.survivors:
        parts.append(f"{len(count.survivors)} survived")
    return ", ".join(parts)


def _summary(counts: Iterable[Count], idle: Sequence[Operator]) -> Row:
    whole = Count()
    for count in counts:
        whole.made += count.made
        whole.killed += count.killed
        whole.equivalent += count.equivalent
        whole.survivors += count.survivors
        whole.undecided += count.undecided
    note = _words(whole)
    if idle:
        note += f"; only equal ones: {', '.join(idle)}"
    status = FAILED if whole.survivors else INCONCLUSIVE if whole.undecided else PASSED
    return Row("all mistakes", "planted mistakes", status, whole.killed + len(whole.survivors),
               note=note, domain=_DOMAIN)  # fmt: skip
