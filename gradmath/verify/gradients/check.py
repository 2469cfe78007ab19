"""Holding claimed gradients against the derivative that the definition has, point by point."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from gradmath.verify import balls
from gradmath.verify.gradients import breakpoints, comparing, pointwise, saying
from gradmath.verify.gradients.agreement import Agreement
from gradmath.verify.gradients.answers import undefined
from gradmath.verify.gradients.inquiry import Inquiry, opened_for
from gradmath.verify.gradients.intervals import thinned
from gradmath.verify.gradients.ledger import proof, written
from gradmath.verify.gradients.places import Point
from gradmath.verify.gradients.question import Question
from gradmath.verify.gradients.truth import Sides
from gradmath.verify.oracle import Answer
from gradmath.verify.report import Row
from gradmath.verify.ulps import Format


def rows(
    question: Question, formats: Sequence[Format], strict: float | None, quick: bool = False
) -> list[Row]:
    """The rows of the report; raises `NotTraceable` where the function cannot be traced.

    The points are gone through, then the breakpoints that were met on the way.  Where every claim
    has been wrong at every point the rest is not asked, and breakpoints not where each has been
    wrong at many.  A `quick` look leaves out breakpoints and proofs.
    """
    asked = _Asked(opened_for(question, formats, strict))
    inquiry, definition, found = asked.inquiry, asked.inquiry.definition, []
    for point in asked.fresh(_first(question)):
        asked.at(point)
        if inquiry.refused:
            return inquiry.refused
        found.append(point)
        # the points of a single number run from end to end: all of them are asked
        if asked.is_hopeless and not question.places.is_single:
            break
    settled = all(ledger.is_settled for ledger in inquiry.ledgers.values())
    if not settled and not question.by_mpmath and not quick:
        search = breakpoints.Search(question)
        groups = search.groups(found)
        for point in asked.fresh(point for group in groups for point in group):
            asked.at(point)
        for ledger in inquiry.ledgers.values():
            ledger.exact.notes += [search.left_out] if search.left_out else []
    for name, ledger in inquiry.ledgers.items():
        if not ledger.exact.failures and not quick:
            ledger.proof = proof(question, name)
            comparing.doubt(inquiry, ledger)
    return [
        row
        for ledger in inquiry.ledgers.values()
        for row in written(
            question, ledger, inquiry.arrangement, asked.left_out, definition.oracles
        )
    ]


def _first(question: Question) -> Iterable[Point]:
    """The points to begin with; few of them where mpmath has to answer, which takes long."""
    points = question.places.points()
    return thinned(list(points), question.places.count or 1) if question.by_mpmath else points


class _Asked:
    """The points gone through: each once, and how many were left out."""

    def __init__(self, inquiry: Inquiry) -> None:
        self.inquiry = inquiry
        self.agreement = Agreement(inquiry.question.formula)
        self.left_out = 0
        self.seen: set[tuple[tuple[str, float], ...]] = set()

    @property
    def is_hopeless(self) -> bool:
        """Whether every claim is."""
        return all(ledger.is_hopeless for ledger in self.inquiry.ledgers.values())

    def fresh(self, points: Iterable[Point]) -> Iterator[Point]:
        """Each point once."""
        for point in points:
            key = tuple(pointwise.numbers_in(point))
            if key not in self.seen:
                self.seen.add(key)
                yield point

    def at(self, point: Point) -> None:
        """Ask the definition and every claim at a point, and compare."""
        inquiry, definition = self.inquiry, self.inquiry.definition
        machine = self.agreement.machine(point)
        try:
            if not inquiry.arrangement:
                saying.arrange(inquiry, point)
            if inquiry.refused or not inquiry.arrangement:
                return
            true = definition.at(point, inquiry.arrangement)
        except balls.UndefinedHere:
            self._leave_out(point, machine)
            return
        except balls.Undecided as error:
            for name, ledger in inquiry.ledgers.items():
                where = pointwise.where(point, name, 0, ())
                comparing.undecided(inquiry, ledger, point, where, str(error))
            return
        if definition.last_run is not None:
            self.agreement.hold(point, machine, definition.last_run.output)
        sides, kinked = None, definition.last_run
        if definition.touched:
            sides = Sides(definition, point, inquiry.arrangement, definition.leaving)
        looked_at = [true] if sides is None else sides.near
        if any(undefined(a) for side in looked_at for a in _every(side)):
            self._leave_out(point, machine if sides is None else None)
            return
        said = saying.said(inquiry, point)
        for name, ledger in inquiry.ledgers.items():
            comparing.hold(inquiry, ledger, point, true[name], said.get(name, []), sides)
        if sides is not None and kinked is not None:
            comparing.hold_together(inquiry, point, kinked, sides, said)

    def _leave_out(self, point: Point, machine: list[float] | None) -> None:
        """Count a point without a derivative; the code itself must have no value there either."""
        self.left_out += 1
        self.agreement.hold(point, machine, None)


def _every(side: Mapping[str, list[Answer]]) -> Iterator[Answer]:
    for answers in side.values():
        yield from answers
