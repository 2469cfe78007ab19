"""Holding claimed gradients against the derivative that the definition has."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import sympy
from flint import arb

from gradmath.catalogue.applied import explicit
from gradmath.errors import GradmathError, ShapeError
from gradmath.verify import balls
from gradmath.verify.gradients import pointwise, truth
from gradmath.verify.gradients.claims import Claim
from gradmath.verify.gradients.explain import Pair, reason_for
from gradmath.verify.gradients.functions import Code, Equations
from gradmath.verify.gradients.places import Point
from gradmath.verify.gradients.reading import Question
from gradmath.verify.gradients.rounding import Rounding, constants_account_for
from gradmath.verify.gradients.truth import Answer, Ball, Definition, Inconclusive, Shape
from gradmath.verify.report import FAILED, INCONCLUSIVE, PASSED, Row
from gradmath.verify.symbolic import prove_zero
from gradmath.verify.tally import Tally
from gradmath.verify.ulps import FLOAT64, Format

#: two formulas of the same number agree to this, relative to it
_AGREE: Final = arb(2) ** -60
#: what no format can tell from 0
_NOTHING: Final = arb(2) ** -7990
#: fewer points than this inside the domain show nothing (one, if points were given)
FEWEST: Final = 3
#: points this far out may stay undecided; the report says so
_FAR: Final = 1024.0
#: at so many points that a format does not hold, the nearest one is asked
_CAST: Final = 4
#: seconds for the attempt at a proof, and the size of an expression beyond which none is made
_PROOF_SECONDS, _PROOF_SIZE = 3.0, 300
ORACLE: Final = "the definition in ball arithmetic, swept back"


#: the derivatives at one of the points beside a breakpoint, by name
Sides = list[dict[str, list[Answer]]]


@dataclass
class Ledger:
    """What was found of the gradient by one name."""

    name: str
    label: str
    exact: Tally
    kinks: Tally
    numbers: dict[str, Rounding]
    pairs: list[Pair] = field(default_factory=list)
    opaque: str = ""
    without_value: int = 0
    far: int = 0
    notes: list[str] = field(default_factory=list)


def rows(question: Question, formats: Sequence[Format], strict: float | None) -> list[Row]:
    """The rows of the report; raises `NotTraceable` where the function cannot be traced."""
    definition = Definition(question.formula, question.wrt, question.order, question.reduction)
    asked = _Asked(question, definition, formats, strict)
    return asked.rows()


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
        self.formats, self.strict = formats, strict
        self.ledgers = {name: self._ledger(name) for name in question.wrt}
        self.arrangement: dict[str, Shape] = {}
        self.refused: list[Row] = []
        self.left_out = 0
        self.seen: set[tuple[tuple[str, float], ...]] = set()

    def _ledger(self, name: str) -> Ledger:
        label = self.question.label(name)
        numbers = {f.name: Rounding(f, self.strict) for f in self.formats}
        return Ledger(
            name, label, Tally(label, ORACLE, "relative"), Tally(label, "one-sided", "", fewest=0),
            numbers if self.question.claims[name].is_code else {},
        )  # fmt: skip

    def rows(self) -> list[Row]:
        """Go through the points, then through the breakpoints that were met on the way."""
        found: list[Point] = []
        for point in self._fresh(self.question.places.points()):
            self._at(point)
            if self.refused:
                return self.refused
            found.append(point)
        for point in self._fresh(pointwise.beside_breakpoints(self.question, found)):
            self._at(point)
        return [row for ledger in self.ledgers.values() for row in self._written(ledger)]

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
            if self.refused:
                return
            true = self.definition.at(point, self.arrangement)
        except balls.UndefinedHere:
            self.left_out += 1
            return
        if any(_undefined(a) for answers in true.values() for a in answers):
            if not self.definition.touched:
                self.left_out += 1
                return
        sides: list[Sides] | None = None
        if self.definition.touched:
            sides = [self.definition.beside(point, self.arrangement, c) for c in (False, True)]
            if any(_undefined(a) for each in sides for side in each for a in _every(side)):
                self.left_out += 1
                return
        for name, ledger in self.ledgers.items():
            around = sides and [[side[name] for side in each] for each in sides]
            self._hold(ledger, point, true[name], around)

    def _arrange(self, point: Point) -> None:
        """Find out how each claim is arranged, at the first point that has a value."""
        question = self.question
        out_shape = self.definition.output_shape(point)
        arrangement = {}
        for name, claim in question.claims.items():
            by, _, along = name.partition(",")
            template = point.get(by, 0.0)
            try:
                shape = self._claim_shape(claim, point, template)
                arrangement[name] = self._one(name, shape, out_shape, point)
            except ShapeError as error:
                self.refused.append(
                    Row(question.label(name), "shape", FAILED, 0, got=str(error.got),
                        expected=str(error.allowed), note=_transposed(error.got, template))
                )  # fmt: skip
            except _Ambiguous as error:
                self.refused.append(
                    Row(question.label(name), "shape", INCONCLUSIVE, 0, note=str(error))
                )
        self.arrangement = arrangement

    def _claim_shape(self, claim: Claim, point: Point, template: Any) -> tuple[int, ...]:
        """The shape of a claim; one whose code cannot be traced is marked, and called instead."""
        try:
            with balls.precision(128):
                traced = truth.run(self.question.formula, point, tuple(point), also=claim.formula)
            return claim.shape(traced.output, template)
        except (balls.UndefinedHere, balls.Undecided, ShapeError):
            raise
        # anyone's code may refuse traced numbers in any way; its numbers can be judged all the same
        except Exception as error:  # noqa: BLE001
            if not isinstance(claim.formula, Code):
                raise
            self.ledgers[claim.name].opaque = f"{type(error).__name__}: {error}"
            with np.errstate(all="ignore"):
                return claim.shape(claim.formula.call(point), template)

    def _one(
        self, name: str, claimed: tuple[int, ...], out: tuple[int, ...], point: Point
    ) -> Shape:
        by, _, along = name.partition(",")
        own = pointwise.shape_of(point.get(by, 0.0))
        if self.question.order == 2:
            own_along = pointwise.shape_of(point.get(along or by, 0.0))
            if not out:
                return _fitting("gradient", own + own_along, claimed)
            if out == own and claimed == own and not along:
                return self._per_sample(name, by, point, out, own)
            raise _Ambiguous("second derivatives of an array: say reduction='sum' or 'mean'")
        if not out:
            return _fitting("gradient", own, claimed)
        if claimed == out + own:
            return Shape("jacobian", claimed)
        if own[: len(out)] == out:
            return self._per_sample(name, by, point, out, own)
        if claimed in (own, ()):
            raise _Ambiguous(
                f"the function gives {out}, the gradient {claimed}: is it that of the sum or of "
                "the mean? say reduction='sum' or 'mean'"
            )
        raise ShapeError("gradient", got=f"shape {claimed}", allowed=f"shape {out + own}")

    def _per_sample(
        self, name: str, by: str, point: Point, out: tuple[int, ...], own: tuple[int, ...]
    ) -> Shape:
        if not truth.decoupled(self.question.formula, point, by, out):
            raise _Ambiguous(
                f"the outputs {out} each depend on several entries of {by}: say reduction='sum' "
                "or 'mean', or give the whole Jacobian"
            )
        return Shape("per sample", own)

    # -- one comparison -----------------------------------------------------------------------

    def _hold(
        self,
        ledger: Ledger,
        point: Point,
        true: list[Answer],
        sides: list[list[list[Answer]]] | None,
    ) -> None:
        claim = self.question.claims[ledger.name]
        shape = self.arrangement[ledger.name].whole
        template = point.get(ledger.name.partition(",")[0], 0.0)

        def pick(output: Any) -> list[Any]:
            return claim.entries(output, template, shape)

        if ledger.opaque:
            self._numbers(ledger, claim, point, pick, true if sides is None else sides[1][0], sides)
            return
        try:
            said = truth.claimed(self.question.formula, claim.formula, point, pick)
        except balls.UndefinedHere as error:
            said = [Inconclusive(f"undefined: {error}")]
        said = said if len(said) == len(true) else [said[0]] * len(true)
        if any(map(_undefined, said)):
            ledger.without_value += sides is None
            return
        kinked = False
        for n, answer in enumerate(true):
            where = pointwise.where(point, ledger.name, n, shape)
            around = sides and [[side[n] for side in each] for each in sides]
            kinked |= self._entry(ledger, point, n, answer, said[n], around, where)
        if sides is None:
            ledger.pairs.append(Pair(point, true, said))
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
        width = arb(0)
        if around is not None:
            unknown = [a for each in around for a in each if isinstance(a, Inconclusive)]
            if unknown:
                self._undecided(ledger, point, where, unknown[0].reason)
                return False
            hulls = [_hull(each) for each in around]
            width, far = (_width(*hull) for hull in reversed(hulls))
            true, high = hulls[1]
            if not bool(width < _NOTHING) and not bool(width < far * arb(2) ** -100):
                _one_sided(ledger.kinks, said, true, high, where)
                return True
        if isinstance(true, Inconclusive) or isinstance(said, Inconclusive):
            reason = true.reason if isinstance(true, Inconclusive) else said.reason  # type: ignore[union-attr]  # one of the two has it
            self._undecided(ledger, point, where, reason)
            return False
        gap, ok = _gap(said, true)
        ok = ok or bool(abs(said.arb - true.arb) <= width)
        if not ok and self.question.claims[ledger.name].is_code:
            ok = self._by_constants(ledger, point, n, gap, true)
        ledger.exact.add(ok, float(gap.abs_upper()), where, said, true)
        return False

    def _by_constants(self, ledger: Ledger, point: Point, n: int, gap: arb, true: Ball) -> bool:
        """Whether the two differ by no more than the rounding of constants in the code does."""
        if not bool(gap < arb(2) ** -20):
            return False
        claim = self.question.claims[ledger.name]
        shape = self.arrangement[ledger.name].whole
        template = point.get(ledger.name.partition(",")[0], 0.0)

        def pick(output: Any) -> list[Any]:
            return claim.entries(output, template, shape)

        def disturbed(noise: Any) -> list[arb]:
            said = truth.disturbed_claim(self.question.formula, claim.formula, point, pick, noise)
            true = self.definition.disturbed(point, self.arrangement, noise)[ledger.name]
            return [said[n], true[n]]

        return constants_account_for(disturbed, gap, true)

    def _undecided(self, ledger: Ledger, point: Point, where: str, reason: str) -> None:
        far = max((abs(x) for _, x in pointwise.numbers_in(point)), default=0.0)
        if far >= _FAR and not self.question.stated_domain:
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
        assert isinstance(claim.formula, Code)
        if any(isinstance(a, Inconclusive) for a in true):
            return
        if sides is not None and any(
            not bool(_width(*_hull([side[n] for side in sides[1]])) < _NOTHING)
            for n in range(len(true))
        ):
            return  # a kink: nothing that numbers alone are held to
        for rounding in ledger.numbers.values():
            values, exact = pointwise.in_format(point, rounding.form)
            if rounding.done >= self._most_numbers(point):
                continue
            if not exact and (rounding.done >= _CAST or not self._cast(ledger, values)):
                continue
            rounding.done += 1
            if not exact:
                # the same place as the format holds it: another point, with its own truth
                point = pointwise.in_format(values, FLOAT64)[0]
                true = self.definition.at(point, self.arrangement)[ledger.name]
            got: list[float] | str
            try:
                with np.errstate(all="ignore"), warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    got = [float(x) for x in pick(claim.formula.call(values))]
            # what is examined is anyone's code, and may raise anything at all
            except Exception as error:  # noqa: BLE001
                got = f"raised {type(error).__name__}: {error}"

            def disturbed(noise: Any, at: Point = point) -> list[arb]:
                if ledger.opaque:  # what rounding does to a sweep stands for what it does there
                    return self.definition.disturbed(at, self.arrangement, noise)[ledger.name]
                return truth.disturbed_claim(self.question.formula, claim.formula, at, pick, noise)

            shape = self.arrangement[ledger.name].whole
            rounding.judge(
                got, true, disturbed, lambda n: pointwise.where(point, ledger.name, n, shape)
            )

    def _cast(self, ledger: Ledger, values: Mapping[str, Any]) -> bool:
        """Whether the point as a format holds it is a place to ask at."""
        numbers = list(pointwise.numbers_in(values))
        if not all(np.isfinite(x) for _, x in numbers):
            return False
        point = pointwise.in_format(values, FLOAT64)[0]
        try:
            found = self.definition.at(point, self.arrangement)[ledger.name]
        except balls.UndefinedHere:
            return False
        return not self.definition.touched and all(isinstance(a, Ball) for a in found)

    @staticmethod
    def _most_numbers(point: Point) -> int:
        """At how many points numbers are judged: at fewer, the more of them each point has."""
        entries = sum(1 for _ in pointwise.numbers_in(point))
        return 10_000 if entries <= 6 else max(3, 200 // entries)

    # -- the report ---------------------------------------------------------------------------

    def _written(self, ledger: Ledger) -> Iterator[Row]:
        question, tally = self.question, ledger.exact
        if ledger.opaque:
            for rounding in ledger.numbers.values():
                rounding.notes.append(
                    f"judged by its numbers alone: the code cannot be traced ({ledger.opaque})"
                )
                yield rounding.row(ledger.label)
            return
        proof = self._proof(ledger.name)
        if proof is not None:
            yield proof
        tally.left_out = self.left_out
        tally.fewest = 1 if question.places.given else FEWEST
        if ledger.without_value:
            tally.notes.append(
                f"{ledger.without_value} more points where the claim has no value and the "
                "function has a derivative"
            )
            if ledger.without_value * 4 > tally.points + ledger.without_value:
                tally.fail("", "the claim has no value on much of the domain")
        if ledger.far:
            tally.notes.append(
                f"{ledger.far} more beyond {_FAR:g} left out: not decided with 8192 bits"
            )
        if tally.failures:
            reason = reason_for(question, self.arrangement[ledger.name], ledger.pairs)
            if reason:
                tally.notes.insert(0, reason)
        yield tally.row()
        if ledger.kinks.points:
            yield ledger.kinks.row()
        for rounding in ledger.numbers.values():
            if tally.failures or not rounding.counted:
                continue  # the numbers are those of a wrong formula, or there are none
            yield rounding.row(ledger.label)

    def _proof(self, name: str) -> Row | None:
        """A symbolic proof for expressions, where one is found in a short time."""
        question = self.question
        claimed = question.expressions.get(name)
        formula = question.formula
        if claimed is None or not isinstance(formula, Equations) or name in formula.equations:
            return None
        whole: dict[sympy.Symbol, sympy.Expr] = {}
        for key, right in formula.equations.items():
            whole[sympy.Symbol(key, real=True)] = explicit(right).xreplace(whole)
            if sympy.count_ops(whole[sympy.Symbol(key, real=True)]) > _PROOF_SIZE:
                return None
        by, _, along = name.partition(",")
        symbols = [sympy.Symbol(by, real=True)]
        if question.order == 2:
            symbols.append(sympy.Symbol(along or by, real=True))
        value = list(whole.values())[-1]
        gap = value.diff(*symbols).replace(sympy.DiracDelta, lambda *_: sympy.S.Zero)
        gap -= explicit(claimed).xreplace(whole)
        if sympy.count_ops(gap) > 2 * _PROOF_SIZE:
            return None
        try:
            proof = prove_zero(gap, seconds=_PROOF_SECONDS, breakpoints=False)
        except GradmathError:
            return None
        if not proof:  # a disproof is the oracle's business: it names the point and both values
            return None
        return Row(question.label(name), "proof by SymPy", PASSED, note=proof.how)


class _Ambiguous(GradmathError, ValueError):
    """More than one meaning of a gradient is possible."""


def _fitting(kind: str, wanted: tuple[int, ...], claimed: tuple[int, ...]) -> Shape:
    if claimed not in (wanted, ()) and not (np.prod(claimed) == 1 and np.prod(wanted) == 1):
        raise ShapeError("gradient", got=f"shape {claimed}", allowed=f"shape {wanted}")
    return Shape(kind, wanted)


def _transposed(got: object, template: Any) -> str:
    shape = pointwise.shape_of(template)
    if len(shape) == 2 and shape[0] != shape[1] and str(got) == f"shape {shape[::-1]}":
        return "the shape is that of the transposed matrix"
    return ""


def _every(side: Mapping[str, list[Answer]]) -> Iterator[Answer]:
    for answers in side.values():
        yield from answers


def _undefined(answer: Answer) -> bool:
    return isinstance(answer, Inconclusive) and answer.reason.startswith("undefined")


def _gap(said: Ball, true: Ball) -> tuple[arb, bool]:
    """The difference, relative to the true value where there is one, and whether it is nothing."""
    with balls.precision(256):
        off = abs(said.arb - true.arb)
        if true.kind == "zero" or true.kind == "tiny":
            return off, bool(off < _NOTHING) or said.kind in ("zero", "tiny")
        relative = off / abs(true.arb)
        return relative, bool(relative < _AGREE)


def _width(low: Ball, high: Ball) -> arb:
    with balls.precision(256):
        gap = abs(high.arb - low.arb)
        size = abs(high.arb) + abs(low.arb)
        return arb(0) if bool(gap < size * _AGREE) else gap


def _hull(around: Sequence[Answer]) -> tuple[Ball, Ball]:
    found = [a for a in around if isinstance(a, Ball)]
    ordered = sorted(found, key=lambda ball: float(ball.arb.mid()))
    low = high = ordered[0]
    for ball in ordered[1:]:
        with balls.precision(256):
            low = ball if bool(ball.arb < low.arb) else low
            high = ball if bool(ball.arb > high.arb) else high
    return low, high


def _one_sided(tally: Tally, said: Answer, low: Ball, high: Ball, where: str) -> None:
    """At a kink every value between the one-sided derivatives is accepted."""
    accepted = f"any value in [{low}, {high}]"
    if isinstance(said, Inconclusive):
        tally.undecide(where, said.reason)
        return
    with balls.precision(256):
        slack = (abs(low.arb) + abs(high.arb)) * _AGREE + _NOTHING
        ok = bool(said.arb > low.arb - slack) and bool(said.arb < high.arb + slack)
    tally.add(ok, 0.0 if ok else float("inf"), where, said, accepted)
    if len(tally.notes) < 3:
        tally.notes.append(f"at {where}: one-sided {low} and {high}, claimed {said}")
