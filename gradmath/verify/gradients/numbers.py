"""The numbers that a claim's code gives at a point, held against the truth in each format."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from flint import arb

from gradmath.verify import balls
from gradmath.verify.gradients import pointwise
from gradmath.verify.gradients.answers import hull, width
from gradmath.verify.gradients.blame import is_ours
from gradmath.verify.gradients.claimed import disturbed_claim
from gradmath.verify.gradients.claims import Claim, machine_numbers
from gradmath.verify.gradients.functions import Code
from gradmath.verify.gradients.inquiry import Inquiry
from gradmath.verify.gradients.ledger import Ledger
from gradmath.verify.gradients.places import Point
from gradmath.verify.gradients.rounding import Rounding
from gradmath.verify.gradients.truth import Sides
from gradmath.verify.oracle import Answer, Ball, Inconclusive
from gradmath.verify.tally import attempt, quiet, raised
from gradmath.verify.ulps import FLOAT64, FORMATS

#: at so many points that a format does not hold the nearest one is asked, if they are small
_CAST: Final = 60


def hold(
    inquiry: Inquiry,
    ledger: Ledger,
    claim: Claim,
    point: Point,
    true: list[Answer],
    sides: Sides | None,
) -> None:
    """Hold the numbers that the code gives against the truth, in each format."""
    if any(isinstance(a, Inconclusive) for a in true):
        return
    if sides is not None and any(
        bool(width(*hull([side[ledger.name][n] for side in sides.near])) > 0)
        for n in range(len(true))
    ):
        return  # a kink: nothing that numbers alone are held to
    for rounding in ledger.numbers.values():
        if not rounding.done:
            _as_the_function(inquiry, rounding, point)
        if rounding.done >= _most(point):
            continue
        values, exact = pointwise.in_format(point, rounding.form)
        if exact:
            _judge(inquiry, ledger, rounding, claim, (point, values), true)
        elif rounding.done < min(_CAST, max(4, _CAST // _size(point))):
            # the same place as the format holds it: another point, with its own truth
            there = pointwise.in_format(values, FLOAT64)[0]
            found = _smooth(inquiry, ledger, there)
            if found is not None:
                _judge(inquiry, ledger, rounding, claim, (there, values), found)


def _as_the_function(inquiry: Inquiry, rounding: Rounding, point: Point) -> None:
    """Judge in the format of the function's own value, where its code casts to a coarser one."""
    formula = inquiry.question.formula
    if not isinstance(formula, Code) or rounding.strict is not None:
        return
    value = attempt(quiet, formula.call, pointwise.in_format(point, rounding.form)[0])
    name = str(getattr(value, "dtype", "")).rpartition(".")[2]
    if name in FORMATS and FORMATS[name].precision < rounding.form.precision:
        rounding.given, rounding.form = rounding.form, FORMATS[name]


def called(inquiry: Inquiry, claim: Claim, point: Point) -> list[float] | None:
    """What the code of a claim gives in doubles; None where that is no array of finite numbers."""
    values = pointwise.in_format(point, FLOAT64)[0]
    _forward(inquiry, values)
    try:
        got = machine_numbers(inquiry.pick(claim, point)(quiet(claim.formula.call, values)))  # type: ignore[attr-defined]  # code
    # what is examined is anyone's code, and may raise anything at all
    except Exception as error:
        if is_ours(error):
            raise
        return None
    return got if np.all(np.isfinite(got)) else None


def _judge(
    inquiry: Inquiry,
    ledger: Ledger,
    rounding: Rounding,
    claim: Claim,
    place: tuple[Point, Point],
    true: list[Answer],
) -> None:
    """Call the code with the values of a format, and judge what it returns."""
    point, values = place
    shape = inquiry.arrangement[ledger.name].whole
    formula, pick = claim.formula, inquiry.pick(claim, point)
    assert isinstance(formula, Code)
    rounding.done += 1
    if rounding.given is not None:
        values = pointwise.in_format(point, rounding.given)[0]
    got: list[float] | str
    _forward(inquiry, values)
    try:
        got = machine_numbers(pick(quiet(formula.call, values)))
    # what is examined is anyone's code, and may raise anything at all
    except Exception as error:
        if is_ours(error):
            raise
        got = raised(error)

    def disturbed(noise: Any) -> list[arb]:
        if ledger.opaque:  # what rounding does to a sweep stands for what it does there
            return inquiry.definition.disturbed(point, inquiry.arrangement, noise)[ledger.name]
        return disturbed_claim(inquiry.question.formula, formula, point, pick, noise)

    def where(n: int) -> str:
        return pointwise.where(point, ledger.name, n, shape)

    rounding.judge(got, true, disturbed, where)


def _forward(inquiry: Inquiry, values: Point) -> None:
    """Call the function itself: a layer's `backward` goes by what its `forward` has kept."""
    formula = inquiry.question.formula
    if isinstance(formula, Code) and formula.remembers:
        attempt(quiet, formula.call, values)


def _smooth(inquiry: Inquiry, ledger: Ledger, point: Point) -> list[Answer] | None:
    """The truth at a point away from breakpoints; None where there is none to be had."""
    if not all(np.isfinite(x) for _, x in pointwise.numbers_in(point)):
        return None
    definition = inquiry.definition
    try:
        found = definition.at(point, inquiry.arrangement)[ledger.name]
    except (balls.UndefinedHere, balls.Undecided):
        return None
    sharp = all(isinstance(answer, Ball) for answer in found)
    return found if sharp and not definition.touched else None


def _size(point: Point) -> int:
    return max(1, sum(1 for _ in pointwise.numbers_in(point)))


def _most(point: Point) -> int:
    """At how many points numbers are judged: at fewer, the more of them each point has."""
    entries = _size(point)
    return 10_000 if entries <= 6 else max(3, 200 // entries)
