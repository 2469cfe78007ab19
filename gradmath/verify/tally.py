"""Counting comparisons until they make one row of a report."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from flint import arb

from gradmath.verify.report import FAILED, INCONCLUSIVE, PASSED, Row, Status
from gradmath.verify.ulps import Format


@dataclass
class Tally:
    """Comparisons of one kind: how many, the worst, and the first that was beyond deciding.

    `left_out` points lay outside the domain of the definition; a row with fewer than `fewest`
    points for that reason is inconclusive.  `domain` says where the points lie.
    """

    subject: str
    method: str
    unit: str
    points: int = 0
    failures: int = 0
    worst: float = 0.0
    where: str = ""
    got: str = ""
    expected: str = ""
    undecided: str = ""
    vacuous: int = 0
    left_out: int = 0
    fewest: int = 1
    notes: list[str] = field(default_factory=list)
    domain: str = ""

    def add(self, ok: bool, share: float, where: str, got: object, expected: object) -> None:
        """Count one comparison; `share` is the error in the tally's unit."""
        self.points += 1
        first_failure = not ok and not self.failures
        self.failures += not ok
        if math.isnan(share):
            share = math.inf
        # a failure outranks every pass, whatever its share
        if first_failure or (share > self.worst and (not ok or not self.failures)):
            self.worst, self.where = share, where
            self.got, self.expected = str(got), str(expected)

    def judge(self, got: float, true: arb, room: arb, where: str, form: Format) -> None:
        """Count |got - true| <= room, in shares of `room`.

        Where rounding alone may outweigh the true value (and that is no subnormal number or zero)
        a pass would say nothing: it is set aside and not counted.
        """
        shown = true.str(17, radius=False)
        if not math.isfinite(got):
            side = (true > 0) if got > 0 else (true < 0)
            reached = abs(true) + room > arb(form.largest)
            ok = not math.isnan(got) and bool(side) and bool(reached)
            self.add(ok, 0.0 if ok else math.inf, where, got, shown)
            return
        off = abs(arb(got) - true)
        ok = bool(off <= room)
        if ok and bool(room > abs(true)) and bool(abs(true) >= arb(form.smallest_normal)):
            self.vacuous += 1
            return
        self.add(ok, float((off / room).abs_upper()), where, got, shown)

    def undecide(self, where: str, reason: str) -> None:
        """Count a point at which the oracle had no answer."""
        self.points += 1
        self.undecided = self.undecided or f"{where}: {reason}"

    def fail(self, where: str, note: str) -> None:
        """Fail the row for a reason that is not a wrong number."""
        self.failures += 1
        self.where = self.where or where
        self.notes.append(note)

    @property
    def status(self) -> Status:
        """The verdict on the row."""
        if self.failures:
            return FAILED
        if self.points < self.fewest:
            # too few because the rest lay outside the domain: nothing is shown, either way
            return INCONCLUSIVE if self.left_out else FAILED
        # more points without evidence than with it are no evidence on the whole
        return INCONCLUSIVE if self.undecided or self.vacuous > self.points else PASSED

    def row(self) -> Row:
        """The row of all comparisons so far."""
        notes = list(self.notes)
        if self.failures and self.points:
            notes.insert(0, f"{self.failures} of {self.points} beyond the bound")
        if self.vacuous:
            notes.append(f"{self.vacuous} more where rounding may outweigh the value: not counted")
        if self.left_out:
            notes.append(f"{self.left_out} left out: no finite real value or derivative there")
        if self.undecided:
            notes.append(f"undecided at {self.undecided}")
        if not self.points:
            notes.append("the check compared no points")
        elif self.points < self.fewest:
            notes.append(f"too few: at least {self.fewest} are needed")
        return Row(
            self.subject, self.method, self.status, self.points, self.worst, self.unit,
            self.where, self.got, self.expected, "; ".join(notes), self.domain,
        )  # fmt: skip


@dataclass(frozen=True)
class Raised:
    """What a call raised, in words."""

    note: str


def attempt(call: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """What a call under examination returns, or `Raised` saying what it raised.

    A function that raises where it should give a number has failed its check; it must not end the
    check of everything else.
    """
    try:
        return call(*arguments, **options)
    # what is examined may be anyone's code, and such code may raise anything at all
    except Exception as error:  # noqa: BLE001
        return Raised(f"raised {type(error).__name__}: {error}")


def raised(error: BaseException) -> str:
    """What a call raised, in words, and where in whose code."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    place = f" ({frame.tb_frame.f_code.co_name}, line {frame.tb_lineno})" if frame else ""
    return f"raised {type(error).__name__}: {error}{place}"


def quiet[Result](call: Callable[..., Result], *arguments: Any) -> Result:
    """What a call returns, its floating-point and other warnings set aside."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return call(*arguments)


def place(at: Mapping[Any, object]) -> str:
    """Write a point for a reader: x = 0.5, w = 2.0."""
    return ", ".join(f"{name} = {_shown(value)}" for name, value in at.items())


def _shown(value: object) -> str:
    return repr(float(value)) if isinstance(value, float | np.floating) else str(value)


@contextmanager
def floating_point_flags() -> Iterator[list[str]]:
    """Collect what NumPy would warn of: overflow, division by zero, invalid operations.

    Underflow is no error: the nearest tiny number is the right answer.
    """
    raised: list[str] = []
    with np.errstate(
        over="call", divide="call", invalid="call", under="ignore",
        call=lambda kind, _: raised.append(str(kind)),
    ):  # fmt: skip
        yield raised
