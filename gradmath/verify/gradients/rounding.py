"""The numbers that code returns, judged by what rounding does to that very code.

The code is run again with every operation disturbed by about one unit in the last place.  Where
that moves the result by as much as the number is off, the number shows nothing about the formula:
1 - s loses a small slope whatever the author meant.  A constant 0 does not move, so a claimed zero
for a true 1e-300 has no such excuse.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from flint import arb

from gradmath.errors import GradmathError
from gradmath.verify import balls
from gradmath.verify.gradients.noise import Noise
from gradmath.verify.oracle import Answer, Ball
from gradmath.verify.report import FAILED, INCONCLUSIVE, PASSED, Row, Status
from gradmath.verify.tally import Tally
from gradmath.verify.ulps import FLOAT32, FLOAT64, Format

#: so many disturbed runs, more where they all lie on one side or before a number is refused: in
#: a few of them two roundings may cancel by chance; by how much the largest deviation is exceeded
#: at the most
RUNS, MORE = 3, 12
FACTOR: Final = 16
#: what rounded constants may do, relative to the truth, and no more
SMALL: Final = arb(2) ** -14
#: the same where an entry of a gradient has cancelled, beside the largest of the entries
CANCELLED: Final = arb(2) ** -40
#: a number within so many units in the last place needs no excuse
_AT_ONCE: Final = 8

Disturbed = Callable[[Noise], list[arb]]


@dataclass
class Rounding:
    """The judgement on one format.  `strict` asks for this relative error whatever the code.

    `given` is the format of the arguments, where the function answers in a coarser one: `form`.
    """

    form: Format
    strict: float | None
    failures: int = 0
    points: int = 0
    lost: int = 0
    done: int = 0
    underflow: bool = False
    first_lost: str = ""
    given: Format | None = None
    notes: list[str] = field(default_factory=list)
    tally: Tally = field(init=False)

    def __post_init__(self) -> None:
        self.tally = Tally("", "", "of what rounding may do")

    @property
    def counted(self) -> bool:
        """Whether any number was looked at."""
        return bool(self.points or self.lost)

    def judge(
        self,
        got: list[float] | str,
        true: Sequence[Answer],
        disturbed: Disturbed,
        where: Callable[[int], str],
    ) -> None:
        """Judge the numbers of one point; `got` is text if the code raised."""
        known = [a for a in true if isinstance(a, Ball)]
        exact = [a.arb for a in known]
        if isinstance(got, str):
            moved = self._moves(disturbed, exact)
            if moved is None or any(
                not bool(FACTOR * room <= abs(true))
                for room, true in zip(moved, exact, strict=True)
            ):  # next to a singular matrix, say
                self._lose(where(0), got, str(known[0]))
            else:
                self._fail(where(0), got, str(known[0]))
            return
        room: list[arb] | None = None
        asked = 0
        for n, (number, answer) in enumerate(zip(got, known, strict=True)):
            if self._at_once(number, answer):
                self._pass(where(n), number, answer, 0.0)
                continue
            if self.strict is not None:
                self._fail(where(n), repr(number), str(answer))
                continue
            if not asked:
                room, asked = self._moves(disturbed, exact), RUNS
            if asked == RUNS and self._refuses(number, answer, room, n):
                room, asked = self._moves(disturbed, exact, MORE), MORE
            self._by_room(number, answer, None if room is None else room[n], where(n))

    def _at_once(self, number: float, true: Ball) -> bool:
        if not math.isfinite(number):
            with balls.precision(128):
                beyond = bool(abs(true.arb) > arb(self.form.largest) * (1 - 8 * self.form.epsilon))
                same = bool(true.arb > 0) if number > 0 else bool(true.arb < 0)
            return not math.isnan(number) and beyond and same
        with balls.precision(128):
            relative = self.strict if self.strict is not None else _AT_ONCE * self.form.epsilon
            room = arb(relative) * abs(true.arb) + arb(_AT_ONCE * self.form.smallest)
            return bool(abs(arb(number) - true.arb) <= room)

    @staticmethod
    def _refuses(number: float, true: Ball, room: list[arb] | None, n: int) -> bool:
        """Whether a number is off by more than the runs that were made explain."""
        if room is None or not room[n].is_finite() or not math.isfinite(number):
            return False
        with balls.precision(128):
            return not bool(abs(arb(number) - true.arb) <= FACTOR * room[n])

    def _moves(self, disturbed: Disturbed, exact: list[arb], first: int = RUNS) -> list[arb] | None:
        """How far rounding moves each result; None where it leaves the format, or the domain."""
        runs: list[list[arb]] = []
        differences: list[list[arb]] = []
        for wanted in (first, MORE):
            try:
                for seed in range(len(runs) + 1, wanted + 1):
                    noise = Noise(self.form, seed)
                    runs.append(disturbed(noise))
                    differences.append(noise.differences)
                    self.underflow = noise.underflow
                    if noise.overflow and not noise.asked:
                        return None  # code that looks for infinities has no such excuse
            except GradmathError:
                return None
            if _undecided(differences):
                return None
            moved, aside = _deviations(runs, exact)
            if not aside:
                break
        return moved

    def _by_room(self, number: float, true: Ball, moved: arb | None, where: str) -> None:
        if moved is None or not moved.is_finite():
            self._lose(where, repr(number), str(true))
            return
        if not math.isfinite(number):
            # a divisor that became 0, or a cast to a smaller format inside the code
            excused = self.underflow or (math.isinf(number) and _beyond_single(number, true))
            (self._lose if excused else self._fail)(where, repr(number), str(true))
            return
        with balls.precision(128):
            room = FACTOR * moved + arb(_AT_ONCE * self.form.smallest)
            off = abs(arb(number) - true.arb)
            normal = arb(self.form.smallest_normal)
            if bool(abs(true.arb) < normal) and abs(number) <= self.form.smallest_normal:
                self._lose(where, repr(number), str(true))  # subnormals are flushed by many
            elif not bool(off <= room):
                self._fail(where, repr(number), str(true))
            elif bool(room > abs(true.arb)):
                self._lose(where, repr(number), str(true))
            else:
                self._pass(where, number, true, float((off / room).abs_upper()))

    def _pass(self, where: str, number: float, true: Ball, share: float) -> None:
        self.points += 1
        self.tally.add(True, share, where, number, true)

    def _fail(self, where: str, got: str, expected: str) -> None:
        self.points += 1
        self.failures += 1
        self.tally.add(False, math.inf, where, got, expected)

    def _lose(self, where: str, got: str, expected: str) -> None:
        self.lost += 1
        self.first_lost = self.first_lost or f"{where}: {got} for {expected}"

    def row(self, label: str) -> Row:
        """The row of this format."""
        notes = list(self.notes)
        if self.failures:
            notes.append(f"{self.failures} of {self.points} beyond what rounding may do")
        if self.lost:
            notes.append(
                f"{self.lost} numbers not counted: lost to rounding or overflow in the code as it "
                f"is written (first at {self.first_lost})"
            )
        method = f"numbers in {(self.given or self.form).name}"
        if self.given is not None:
            notes.append(f"judged as {self.form.name}, in which the function itself answers")
        unit = "of what is allowed" if self.strict is not None else "of what rounding may do"
        status: Status = FAILED if self.failures else PASSED if self.points else INCONCLUSIVE
        t = self.tally
        return Row(label, method, status, self.points, t.worst, unit, t.where, t.got, t.expected,
                   "; ".join(notes))  # fmt: skip


def _beyond_single(number: float, true: Ball) -> bool:
    """Whether an infinity is what a cast to single precision makes of the true value."""
    return bool(abs(true.arb) > arb(FLOAT32.largest)) and bool(true.arb > 0) == (number > 0)


def _undecided(differences: list[list[arb]]) -> bool:
    """Whether rounding may turn a comparison: its difference is no larger than what it moves by."""
    if len({len(run) for run in differences}) > 1:
        return True
    moved = _spread(differences)
    with balls.precision(128):
        return any(
            bool(room > 0) and any(bool(abs(run[n]) <= FACTOR * room) for run in differences)
            for n, room in enumerate(moved)
        )


def _deviations(runs: list[list[arb]], exact: list[arb]) -> tuple[list[arb], bool]:
    """How far the runs lie from the exact results, and whether some lie aside as a whole.

    Rounding scatters around the exact result.  Runs that are all off by the same amount compute
    something else, and only their scatter counts.
    """
    found, aside = [], False
    scatter = _spread(runs)
    with balls.precision(128):
        for n, (true, width) in enumerate(zip(exact, scatter, strict=True)):
            off = [abs(run[n] - true) for run in runs]
            if all(bool(each > _ASIDE * width) for each in off):
                found.append(width)
                aside = True
            else:
                found.append(arb(max(float(each.abs_upper()) for each in off)) + width)
    return found, aside


#: runs farther off than so many times their scatter lie aside
_ASIDE: Final = 4


def _spread(runs: list[list[arb]]) -> list[arb]:
    """The largest difference between the runs, entry by entry."""
    with balls.precision(128):
        found = []
        for entries in zip(*runs, strict=True):
            widest = arb(0)
            for n, a in enumerate(entries):
                for b in entries[:n]:
                    gap = abs(a - b)
                    widest = gap if not bool(gap <= widest) else widest
            found.append(arb(widest.abs_upper()))
        return found


class _Constants(Noise):
    """Only the constants that the code brings along are off, by what a double may be."""

    def on(self, x: balls.Number, ulps: int) -> balls.Number:
        """The number as it is."""
        return x


def constants_account_for(
    disturbed: Disturbed, gap: arb, true: Ball, form: Format = FLOAT64, largest: arb | None = None
) -> bool:
    """Whether rounded constants alone, such as sqrt(2/pi) as a double, explain a relative gap.

    `form` is the coarsest format of the constants.  What they may do must be smaller than anyone's
    mistake, beside the truth or, where this entry cancels, beside the `largest` of its gradient.
    """
    try:
        bits = max(256, 2 * true.bits)  # the runs must be sharp where the truth is small
        seeds = range(2, RUNS + 2)
        moved = _spread([disturbed(_Constants(form, seed, bits)) for seed in seeds])
    except GradmathError:
        return False
    with balls.precision(128):
        room = FACTOR * sum(moved, arb(0)) / abs(true.arb)
        small = bool(room < SMALL)
        if largest is not None:
            small = small or bool(room * abs(true.arb) < CANCELLED * largest)
        return bool(gap <= room) and small
