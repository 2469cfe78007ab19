"""The claim held against the truth at one point, entry by entry, and at kinks side by side."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from flint import arb

from gradmath.verify import balls
from gradmath.verify.gradients import numbers, pointwise, tangents
from gradmath.verify.gradients.answers import difference, hull, is_kink, one_sided, undefined, width
from gradmath.verify.gradients.claimed import DOUBT, differs, disturbed_claim
from gradmath.verify.gradients.claims import Claim
from gradmath.verify.gradients.functions import Code
from gradmath.verify.gradients.inquiry import Inquiry
from gradmath.verify.gradients.intervals import thinned
from gradmath.verify.gradients.ledger import FAR, Doubt, Ledger, Shown
from gradmath.verify.gradients.noise import Noise
from gradmath.verify.gradients.pairs import Pair
from gradmath.verify.gradients.places import Point
from gradmath.verify.gradients.rounding import CANCELLED, SMALL, constants_account_for
from gradmath.verify.gradients.running import Traced, leaves_every_format, signs
from gradmath.verify.gradients.shifts import CLOSER
from gradmath.verify.gradients.truth import Sides
from gradmath.verify.oracle import Answer, Ball, Inconclusive
from gradmath.verify.ulps import FLOAT64

#: so many entries of each claim are shown
_SHOWN: Final = 4
#: so far out in an open domain nobody asks for anything
_NOBODY: Final = 1e30
#: at so many points exact formulas are compared to many more bits
_DOUBTED: Final = 48


def hold(
    inquiry: Inquiry,
    ledger: Ledger,
    point: Point,
    true: list[Answer],
    said: list[Answer],
    sides: Sides | None,
) -> None:
    """Compare every entry of a claim at a point, and the numbers that its code gives there."""
    claim = inquiry.question.claims[ledger.name]
    shape = inquiry.arrangement[ledger.name].whole
    exact = true if sides is None else sides.near[0][ledger.name]
    if ledger.opaque:
        numbers.hold(inquiry, ledger, claim, point, exact, sides)
        return
    said = said if len(said) == len(true) else [said[0]] * len(true)
    if any(map(undefined, said)):
        # at a kink, a claim may well have no value
        ledger.without_value += sides is None
        return
    kinked, failures = False, ledger.exact.failures
    runs = _Runs(inquiry, ledger, point, true)
    for n, answer in enumerate(true):
        where = pointwise.where(point, ledger.name, n, shape)
        kinked |= _entry(inquiry, ledger, point, n, answer, said[n], sides, where, runs)
    if sides is None:
        ledger.pairs.append(Pair(point, true, said))
        if ledger.exact.failures == failures:
            ledger.right += 1
        elif len(true) > 1 or pointwise.is_moderate(point):
            ledger.wrong += 1
    # of a wrong formula nobody wants to know what its numbers are worth
    if ledger.numbers and not kinked and not ledger.exact.failures:
        numbers.hold(inquiry, ledger, claim, point, exact, None)


def hold_together(
    inquiry: Inquiry, point: Point, kinked: Traced, sides: Sides, said: Mapping[str, list[Answer]]
) -> None:
    """At a kink, see whether the entries of the claims are those of one subgradient.

    `kinked` is the run at the point.  Claims whose entries are not are right wherever the function
    has a derivative, perhaps, and so are not failed, but do not pass either.
    """
    question, ledgers = inquiry.question, inquiry.ledgers
    if question.order != 1 or any(ledger.failed for ledger in ledgers.values()):
        return
    complete = dict(said)
    for name, ledger in ledgers.items():
        if ledger.opaque:
            called = numbers.called(inquiry, question.claims[name], point)
            complete[name] = [Ball(arb(x), "relative", 53) for x in called or ()]
        elif len(complete.get(name, ())) == 1:
            complete[name] = complete[name] * len(sides.near[0][name])
    if tangents.hang_together(kinked, question.wrt, sides.near, complete) is False:
        ledger = ledgers[question.wrt[0]]
        where = pointwise.where(point, question.wrt[0], 0, ())
        shown = ", ".join(str(a) for name in question.wrt for a in complete[name][:_SHOWN])
        ledger.kinks.undecide(where, f"claimed {shown}: {tangents.NO_SUBGRADIENT}")


def undecided(inquiry: Inquiry, ledger: Ledger, point: Point, where: str, reason: str) -> None:
    """Note a point without an answer; far out, where nothing was asked for, it is only counted."""
    if _is_beyond(inquiry, ledger, point):
        ledger.far += 1
    else:
        ledger.exact.undecide(where, reason)


def _is_beyond(inquiry: Inquiry, ledger: Ledger, point: Point) -> bool:
    """Whether a point lies farther out than was asked for by a domain or as a value.

    Where no domain was stated it may do so by what is computed from it, as the product of two
    numbers or a sum of many.
    """
    question, places = inquiry.question, inquiry.question.places
    if any(all(point[n] is each[n] for n in places.templates) for each in places.given):
        return False
    for name in places.templates:
        far = max((abs(x) for _, x in pointwise.numbers_in({name: point[name]})), default=0.0)
        if far >= (_NOBODY if question.stated_domain else FAR) and places.domains[name].is_open:
            return True
    if question.stated_domain or not any(places.domains[name].is_open for name in places.templates):
        return False
    claim = question.claims[ledger.name].formula
    return any(leaves_every_format(question.formula, point, also) for also in (None, claim))


def _entry(
    inquiry: Inquiry,
    ledger: Ledger,
    point: Point,
    n: int,
    true: Answer,
    said: Answer,
    sides: Sides | None,
    where: str,
    runs: _Runs,
) -> bool:
    """Compare one entry; returns whether the point is a kink of it."""
    room = arb(0)
    if sides is not None:
        around = [side[ledger.name][n] for side in sides.near]
        if all(isinstance(a, Ball) for a in around) and not _agrees(said, *hull(around)):
            around += [side[ledger.name][n] for side in sides.far]
        unknown = [a for a in around if isinstance(a, Inconclusive)]
        if unknown:
            undecided(inquiry, ledger, point, where, unknown[0].reason)
            return False
        near = hull(around[: len(sides.near)])
        true = near[0]
        if len(around) > len(sides.near):
            far = hull(around[len(sides.near) :])
            if is_kink(near, far):
                one_sided(ledger.kinks, said, *near, where, inquiry.rounded)
                return True
            # the value on the point itself lies as near to these as they to those farther off
            room = width(*near) + abs(far[0].arb - near[0].arb) / CLOSER
    if isinstance(true, Inconclusive) or isinstance(said, Inconclusive):
        reason = true.reason if isinstance(true, Inconclusive) else said.reason  # type: ignore[union-attr]  # one of the two has it
        undecided(inquiry, ledger, point, where, reason)
        return False
    gap, ok = difference(said, true)
    ok = ok or bool(abs(said.arb - true.arb) <= room)
    if not ok and inquiry.rounded and not ledger.is_settled:
        ok = runs.account_for(n, gap, true)
    share = float(gap.abs_upper())
    ledger.exact.add(ok, share, where, said, true)
    if not ok and ledger.shown is None and pointwise.is_ordinary(point):
        ledger.shown = Shown(where, str(said), str(true), share)
    return False


def _agrees(said: Answer, low: Ball, high: Ball) -> bool:
    """Whether the sides are one and the same number, and the claim is that number too."""
    alike = bool(width(low, high) == 0)
    return alike and isinstance(said, Ball) and difference(said, low)[1]


def doubt(inquiry: Inquiry, ledger: Ledger) -> None:
    """Compare exact formulas to many more bits, where nothing has been proved of them."""
    question, claim = inquiry.question, inquiry.question.claims[ledger.name]
    exact = ledger.name in question.expressions
    if inquiry.rounded or not exact or ledger.proof is not None or ledger.exact.failures:
        return
    if question.by_mpmath:
        return  # so many bits are not to be had
    for point in thinned([pair.point for pair in ledger.pairs], _DOUBTED):
        pick = inquiry.pick(claim, point)
        try:
            true = inquiry.definition.exactly(point, inquiry.arrangement, DOUBT)[ledger.name]
            found = differs(question.formula, claim.formula, point, pick, true)
        except (balls.UndefinedHere, balls.Undecided):
            continue
        if found is not None:
            n, own = found
            where = pointwise.where(point, ledger.name, n, inquiry.arrangement[ledger.name].whole)
            gap = (abs(own - true[n]) / abs(true[n])).str(3, radius=False)
            said, expected = own.str(17, radius=False), true[n].str(17, radius=False)
            ledger.doubt = Doubt(where, said, expected, gap)
            return


@dataclass
class _Runs:
    """Runs at one point with constants that are off, each made once for all entries."""

    inquiry: Inquiry
    ledger: Ledger
    point: Point
    whole: list[Answer]
    made: dict[tuple[int, int], tuple[list[arb], list[arb]]] = field(default_factory=dict)

    def account_for(self, n: int, gap: arb, true: Ball) -> bool:
        """Whether entry n is off by no more than the rounding of constants in the code does."""
        if true.kind != "relative":
            return False  # what is 0 whatever the constants are is not moved by them
        largest = arb(0)
        for each in self.whole:
            if isinstance(each, Ball) and bool(abs(each.arb) > largest):
                largest = abs(each.arb)
        if not bool(gap < SMALL) and not bool(gap * abs(true.arb) < CANCELLED * largest):
            return False
        question = self.inquiry.question
        code = [f for f in (question.formula, self._claim.formula) if isinstance(f, Code)]
        form = min((FLOAT64, *(f.coarsest for f in code)), key=lambda f: f.precision)

        def disturbed(noise: Noise) -> list[arb]:
            said, true = self._disturbed(noise)
            return [said[n], true[n]]

        return constants_account_for(disturbed, gap, true, form, largest)

    @property
    def _claim(self) -> Claim:
        return self.inquiry.question.claims[self.ledger.name]

    @functools.cached_property
    def _turns(self) -> list[tuple[int, ...]]:
        """The branches that are taken at the point.

        Beside a breakpoint constants that are off would turn a comparison: other branches, and no
        measure of what rounding does in this one.
        """
        formula = self.inquiry.question.formula
        return [
            signs(formula, self.point, self._claim.formula),
            signs(formula, self.point, None),
        ]

    def _disturbed(self, noise: Noise) -> tuple[list[arb], list[arb]]:
        """What the claim and the definition give in one disturbed run, every entry."""
        key = noise.seed, noise.bits
        if key not in self.made:
            inquiry, claim, point = self.inquiry, self._claim, self.point
            formula, pick = inquiry.question.formula, inquiry.pick(claim, point)
            noise.turns = self._turns[0]
            said = disturbed_claim(formula, claim.formula, point, pick, noise)
            noise.turns = self._turns[1]
            found = inquiry.definition.disturbed(point, inquiry.arrangement, noise)
            self.made[key] = said, found[self.ledger.name]
        return self.made[key]
