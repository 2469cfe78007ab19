"""Holding claimed gradients against the derivative that the definition has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
from flint import arb

from gradmath.errors import GradmathError, ShapeError
from gradmath.verify import balls
from gradmath.verify.gradients import pointwise, truth
from gradmath.verify.gradients.answers import difference, hull, is_kink, one_sided, undefined, width
from gradmath.verify.gradients.arrangement import Ambiguous, arranged, transposed
from gradmath.verify.gradients.claims import Claim
from gradmath.verify.gradients.explain import Pair
from gradmath.verify.gradients.functions import Code
from gradmath.verify.gradients.ledger import FAR, Doubt, Ledger, Shown, opened, written
from gradmath.verify.gradients.places import Point
from gradmath.verify.gradients.reading import Question
from gradmath.verify.gradients.rounding import SMALL, Rounding, constants_account_for
from gradmath.verify.gradients.truth import Definition, Shape
from gradmath.verify.oracle import Answer, Ball, Inconclusive
from gradmath.verify.report import FAILED, INCONCLUSIVE, Row
from gradmath.verify.tally import quiet, raised
from gradmath.verify.ulps import FLOAT64, Format

#: bits at which the shapes of results are found out
_SHAPES: Final = 1024
#: at so many points that a format does not hold the nearest one is asked, if they are small
_CAST: Final = 60


def rows(question: Question, formats: Sequence[Format], strict: float | None) -> list[Row]:
    """The rows of the report; raises `NotTraceable` where the function cannot be traced."""
    definition = Definition(question.formula, question.wrt, question.order, question.reduction)
    asked = _Asked(question, definition, formats, strict)
    return asked.rows()


class _Raised(GradmathError, RuntimeError):
    """A claim that can neither be traced nor called."""


class _Asked:
    """One question being answered: the points gone through, and what was found there."""

    def __init__(
        self,
        question: Question,
        definition: Definition,
        formats: Sequence[Format],
        strict: float | None,
    ) -> None:
        self.question, self.definition = question, definition
        self.ledgers = {name: opened(question, name, formats, strict) for name in question.wrt}
        self.arrangement: dict[str, Shape] = {}
        self.refused: list[Row] = []
        self.left_out = 0
        code = any(claim.is_code for claim in question.claims.values())
        # constants of code, and doubles in expressions, may be off in their last place
        self.rounded = code or isinstance(question.formula, Code) or question.has_floats
        self.seen: set[tuple[tuple[str, float], ...]] = set()

    def rows(self) -> list[Row]:
        """Go through the points, then through the breakpoints that were met on the way."""
        found: list[Point] = []
        for point in self._fresh(self.question.places.points()):
            self._at(point)
            if self.refused:
                return self.refused
            found.append(point)
        groups = list(pointwise.beside_breakpoints(self.question, found))
        groups += list(pointwise.beside_two(self.question, groups))
        for point in self._fresh(point for group in groups for point in group):
            self._at(point)
        return [
            row
            for ledger in self.ledgers.values()
            for row in written(self.question, ledger, self.arrangement, self.left_out)
        ]

    def _fresh(self, points: Iterator[Point]) -> Iterator[Point]:
        """Each point once."""
        for point in points:
            key = tuple(pointwise.numbers_in(point))
            if key not in self.seen:
                self.seen.add(key)
                yield point

    # -- one point ----------------------------------------------------------------------------

    def _at(self, point: Point) -> None:
        try:
            if not self.arrangement:
                self._arrange(point)
            if self.refused or not self.arrangement:
                return
            true = self.definition.at(point, self.arrangement)
        except balls.UndefinedHere:
            self.left_out += 1
            return
        except balls.Undecided as error:
            for name, ledger in self.ledgers.items():
                self._undecided(ledger, point, pointwise.where(point, name, 0, ()), str(error))
            return
        sides = None
        if self.definition.touched:
            sides = [self.definition.beside(point, self.arrangement, c) for c in (False, True)]
        looked_at = [true] if sides is None else [side for each in sides for side in each]
        if any(undefined(a) for side in looked_at for a in _every(side)):
            self.left_out += 1
            return
        said = self._said(point)
        for name, ledger in self.ledgers.items():
            around = None if sides is None else [[side[name] for side in each] for each in sides]
            self._hold(ledger, point, true[name], said.get(name, []), around)

    def _said(self, point: Point) -> dict[str, list[Answer]]:
        """What the claims say, those that can be traced."""
        claims = {n: c for n, c in self.question.claims.items() if not self.ledgers[n].opaque}
        formulas = {name: claim.formula for name, claim in claims.items()}
        picks = {name: self._pick(claim, point) for name, claim in claims.items()}
        try:
            return truth.claimed(self.question.formula, formulas, point, picks)
        except balls.Undecided:
            raise
        # which of them it was is found out one by one
        except Exception:  # noqa: BLE001
            found: dict[str, list[Answer]] = {}
            for name in claims:
                found |= self._alone(name, point)
            return found

    def _alone(self, name: str, point: Point) -> dict[str, list[Answer]]:
        """What one claim says; nothing, and a mark, if its code cannot be traced."""
        claim = self.question.claims[name]
        try:
            return truth.claimed(
                self.question.formula, {name: claim.formula}, point,
                {name: self._pick(claim, point)},
            )  # fmt: skip
        except balls.Undecided:
            raise
        # anyone's code may refuse traced numbers in any way, and at some points only
        except Exception as error:
            if not claim.is_code:
                raise
            self.ledgers[name].opaque = f"{type(error).__name__}: {error}"
            return {}

    def _pick(self, claim: Claim, point: Point) -> truth.Pick:
        """Takes the entries of a claim out of a result."""
        shape = self.arrangement[claim.name].whole
        template = point.get(claim.name.partition(",")[0], 0.0)
        return lambda output: claim.entries(output, template, shape)

    def _arrange(self, point: Point) -> None:
        """Find out how each claim is arranged, at the first point at which all have a value."""
        question = self.question
        out = self.definition.output_shape(point)
        found = {}
        for name, claim in question.claims.items():
            template = point.get(name.partition(",")[0], 0.0)
            try:
                shape = self._claim_shape(claim, point, template)
                if shape is None:
                    self.ledgers[name].without_value += 1
                    return
                found[name] = arranged(question, name, shape, out, point)
            except ShapeError as error:
                self.refused.append(
                    Row(question.label(name), "shape", FAILED, 0, got=str(error.got),
                        expected=str(error.allowed), note=transposed(error.got, template))
                )  # fmt: skip
            except _Raised as error:
                self.refused.append(
                    Row(question.label(name), "call", FAILED, 0, note=str(error),
                        where=pointwise.where(point, name, 0, ()))
                )  # fmt: skip
            except Ambiguous as error:
                self.refused.append(
                    Row(question.label(name), "shape", INCONCLUSIVE, 0, note=str(error))
                )
        self.arrangement = found

    def _claim_shape(self, claim: Claim, point: Point, template: Any) -> tuple[int, ...] | None:
        """The shape of a claim, None where it has no value.

        A claim whose code cannot be traced is marked as such, and called instead.
        """
        try:
            with balls.precision(_SHAPES):
                traced = truth.run(self.question.formula, point, tuple(point), also=claim.formula)
            return claim.shape(traced.output, template)
        except balls.UndefinedHere:
            return None
        except (balls.Undecided, ShapeError):
            raise
        # anyone's code may refuse traced numbers in any way; its numbers can still be judged
        except Exception as error:
            if not isinstance(claim.formula, Code):
                raise
            self.ledgers[claim.name].opaque = f"{type(error).__name__}: {error}"
        machine = pointwise.in_format(point, FLOAT64)[0]
        try:
            return claim.shape(quiet(claim.formula.call, machine), template)
        except Exception as error:
            raise _Raised(raised(error)) from error

    # -- one comparison -----------------------------------------------------------------------

    def _hold(
        self,
        ledger: Ledger,
        point: Point,
        true: list[Answer],
        said: list[Answer],
        sides: list[list[list[Answer]]] | None,
    ) -> None:
        claim = self.question.claims[ledger.name]
        shape = self.arrangement[ledger.name].whole
        pick = self._pick(claim, point)
        if ledger.opaque:
            self._numbers(ledger, claim, point, pick, true if sides is None else sides[1][0], sides)
            return
        said = said if len(said) == len(true) else [said[0]] * len(true)
        if any(map(undefined, said)):
            # at a kink, a claim may well have no value
            ledger.without_value += sides is None
            return
        kinked = False
        for n, answer in enumerate(true):
            where = pointwise.where(point, ledger.name, n, shape)
            around = None if sides is None else [[side[n] for side in each] for each in sides]
            kinked |= self._entry(ledger, point, n, answer, said[n], around, where)
        if sides is None:
            ledger.pairs.append(Pair(point, true, said))
            self._doubt(ledger, claim, point)
        if ledger.numbers and not kinked:
            exact = true if sides is None else sides[1][0]
            self._numbers(ledger, claim, point, pick, exact, None)

    def _entry(
        self,
        ledger: Ledger,
        point: Point,
        n: int,
        true: Answer,
        said: Answer,
        around: list[list[Answer]] | None,
        where: str,
    ) -> bool:
        """Compare one entry; returns whether the point is a kink of it."""
        room = arb(0)
        if around is not None:
            unknown = [a for each in around for a in each if isinstance(a, Inconclusive)]
            if unknown:
                self._undecided(ledger, point, where, unknown[0].reason)
                return False
            far, near = (hull(each) for each in around)
            if is_kink(near, far):
                one_sided(ledger.kinks, said, *near, where)
                return True
            # the value on the point itself lies as near to these as they to those farther off
            farther = abs(far[0].arb - near[0].arb) / truth.CLOSER
            true, room = near[0], width(*near) + farther
        if isinstance(true, Inconclusive) or isinstance(said, Inconclusive):
            reason = true.reason if isinstance(true, Inconclusive) else said.reason  # type: ignore[union-attr]  # one of the two has it
            self._undecided(ledger, point, where, reason)
            return False
        gap, ok = difference(said, true)
        ok = ok or bool(abs(said.arb - true.arb) <= room)
        if not ok and self.rounded:
            ok = self._by_constants(ledger, point, n, gap, true)
        share = float(gap.abs_upper())
        ledger.exact.add(ok, share, where, said, true)
        if not ok and ledger.shown is None and pointwise.is_ordinary(point):
            ledger.shown = Shown(where, str(said), str(true), share)
        return False

    def _doubt(self, ledger: Ledger, claim: Claim, point: Point) -> None:
        """Compare exact formulas to many more bits, where nothing has been proved of them."""
        exact = ledger.name in self.question.expressions and self.question.order == 1
        if self.rounded or not exact or ledger.proof is not None or ledger.exact.failures:
            return
        try:
            found = truth.differs(self.question.formula, claim.formula, point, ledger.name)
        except (balls.UndefinedHere, balls.Undecided):
            return
        if found is not None and ledger.doubt is None:
            where = pointwise.where(point, ledger.name, 0, ())
            said, true = (ball.str(17, radius=False) for ball in found)
            gap = (abs(found[0] - found[1]) / abs(found[1])).str(3, radius=False)
            ledger.doubt = Doubt(where, said, true, gap)

    def _by_constants(self, ledger: Ledger, point: Point, n: int, gap: arb, true: Ball) -> bool:
        """Whether the two differ by no more than the rounding of constants in the code does."""
        if not bool(gap < SMALL):
            return False
        claim = self.question.claims[ledger.name]
        pick = self._pick(claim, point)

        def disturbed(noise: Any) -> list[arb]:
            said = truth.disturbed_claim(self.question.formula, claim.formula, point, pick, noise)
            true = self.definition.disturbed(point, self.arrangement, noise)[ledger.name]
            return [said[n], true[n]]

        code = [f for f in (self.question.formula, claim.formula) if isinstance(f, Code)]
        form = min((FLOAT64, *(f.coarsest for f in code)), key=lambda f: f.precision)
        return constants_account_for(disturbed, gap, true, form)

    def _undecided(self, ledger: Ledger, point: Point, where: str, reason: str) -> None:
        far = max((abs(x) for _, x in pointwise.numbers_in(point)), default=0.0)
        if far >= FAR and not self.question.stated_domain:
            ledger.far += 1
        else:
            ledger.exact.undecide(where, reason)

    def _numbers(
        self,
        ledger: Ledger,
        claim: Claim,
        point: Point,
        pick: Any,
        true: list[Answer],
        sides: list[list[list[Answer]]] | None,
    ) -> None:
        """Hold the numbers that the code gives against the truth, in each format."""
        if any(isinstance(a, Inconclusive) for a in true):
            return
        if sides is not None and any(
            bool(width(*hull([side[n] for side in sides[1]])) > 0) for n in range(len(true))
        ):
            return  # a kink: nothing that numbers alone are held to
        for rounding in ledger.numbers.values():
            if rounding.done >= self._most_numbers(point):
                continue
            values, exact = pointwise.in_format(point, rounding.form)
            if exact:
                self._judge(ledger, rounding, claim, (point, values), pick, true)
            elif rounding.done < min(_CAST, max(4, _CAST // self._size(point))):
                # the same place as the format holds it: another point, with its own truth
                there = pointwise.in_format(values, FLOAT64)[0]
                found = self._smooth(ledger, there)
                if found is not None:
                    self._judge(ledger, rounding, claim, (there, values), pick, found)

    def _judge(
        self,
        ledger: Ledger,
        rounding: Rounding,
        claim: Claim,
        place: tuple[Point, Point],
        pick: Any,
        true: list[Answer],
    ) -> None:
        """Call the code with the values of a format, and judge what it returns."""
        point, values = place
        shape = self.arrangement[ledger.name].whole
        formula = claim.formula
        assert isinstance(formula, Code)
        rounding.done += 1
        got: list[float] | str
        try:
            got = [float(x) for x in pick(quiet(formula.call, values))]
        # what is examined is anyone's code, and may raise anything at all
        except Exception as error:  # noqa: BLE001
            got = raised(error)

        def disturbed(noise: Any) -> list[arb]:
            if ledger.opaque:  # what rounding does to a sweep stands for what it does there
                return self.definition.disturbed(point, self.arrangement, noise)[ledger.name]
            return truth.disturbed_claim(self.question.formula, formula, point, pick, noise)

        def where(n: int) -> str:
            return pointwise.where(point, ledger.name, n, shape)

        rounding.judge(got, true, disturbed, where)

    def _smooth(self, ledger: Ledger, point: Point) -> list[Answer] | None:
        """The truth at a point away from breakpoints; None where there is none to be had."""
        if not all(np.isfinite(x) for _, x in pointwise.numbers_in(point)):
            return None
        try:
            found = self.definition.at(point, self.arrangement)[ledger.name]
        except (balls.UndefinedHere, balls.Undecided):
            return None
        sharp = all(isinstance(answer, Ball) for answer in found)
        return found if sharp and not self.definition.touched else None

    @staticmethod
    def _size(point: Point) -> int:
        return max(1, sum(1 for _ in pointwise.numbers_in(point)))

    @staticmethod
    def _most_numbers(point: Point) -> int:
        """At how many points numbers are judged: at fewer, the more of them each point has."""
        entries = _Asked._size(point)
        return 10_000 if entries <= 6 else max(3, 200 // entries)


def _every(side: Mapping[str, list[Answer]]) -> Iterator[Answer]:
    for answers in side.values():
        yield from answers
