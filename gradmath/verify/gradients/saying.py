"""What the claims say at a point, and the shape in which they say it."""

from __future__ import annotations

from typing import Any, Final

from gradmath.errors import ArgumentTypeError, GradmathError, ShapeError
from gradmath.verify import balls
from gradmath.verify.gradients import pointwise
from gradmath.verify.gradients.arrangement import Ambiguous, arranged, transposed
from gradmath.verify.gradients.blame import is_ours
from gradmath.verify.gradients.claimed import claimed
from gradmath.verify.gradients.claims import Claim
from gradmath.verify.gradients.functions import Code
from gradmath.verify.gradients.inquiry import Inquiry
from gradmath.verify.gradients.number import NotTraceable
from gradmath.verify.gradients.places import Point
from gradmath.verify.gradients.running import run
from gradmath.verify.oracle import Answer
from gradmath.verify.report import FAILED, INCONCLUSIVE, Row
from gradmath.verify.tally import quiet, raised
from gradmath.verify.ulps import FLOAT64

#: bits at which the shapes of results are found out
_SHAPES: Final = 1024


#: what code does that cannot be traced, or that gives another kind of answer at some points
_STRANGE: Final = (NotTraceable, ArgumentTypeError, ShapeError)


def _reason(error: GradmathError) -> str:
    return error.reason if isinstance(error, NotTraceable) else f"{type(error).__name__}: {error}"


class _Raised(GradmathError, RuntimeError):
    """A claim that can neither be traced nor called."""


def said(inquiry: Inquiry, point: Point) -> dict[str, list[Answer]]:
    """What the claims say, those that can be traced."""
    claims = {n: c for n, c in inquiry.question.claims.items() if not inquiry.ledgers[n].opaque}
    formulas = {name: claim.formula for name, claim in claims.items()}
    picks = {name: inquiry.pick(claim, point) for name, claim in claims.items()}
    try:
        return claimed(inquiry.question.formula, formulas, point, picks)
    except _STRANGE:  # which of them it was is found out one by one
        found: dict[str, list[Answer]] = {}
        for name in claims:
            found |= _alone(inquiry, name, point)
        return found


def _alone(inquiry: Inquiry, name: str, point: Point) -> dict[str, list[Answer]]:
    """What one claim says; nothing, and a mark, if its code cannot be traced."""
    claim = inquiry.question.claims[name]
    try:
        return claimed(
            inquiry.question.formula, {name: claim.formula}, point,
            {name: inquiry.pick(claim, point)},
        )  # fmt: skip
    except _STRANGE as error:  # code may refuse traced numbers at some points only
        if not claim.is_code:
            raise
        inquiry.ledgers[name].opaque = _reason(error)
        return {}


def arrange(inquiry: Inquiry, point: Point) -> None:
    """Find out how each claim is arranged, at the first point at which all have a value."""
    question = inquiry.question
    out = inquiry.definition.output_shape(point)
    found = {}
    for name, claim in question.claims.items():
        template = point.get(name.partition(",")[0], 0.0)
        try:
            shape = _claim_shape(inquiry, claim, point, template)
            if shape is None:
                inquiry.ledgers[name].without_value += 1
                return
            found[name] = arranged(question, name, shape, out, point)
        except ShapeError as error:
            inquiry.refused.append(
                Row(question.label(name), "shape", FAILED, 0, got=str(error.got),
                    expected=str(error.allowed), note=transposed(error.got, template, out))
            )  # fmt: skip
        except _Raised as error:
            inquiry.refused.append(
                Row(question.label(name), "call", FAILED, 0, note=str(error),
                    where=pointwise.where(point, name, 0, ()))
            )  # fmt: skip
        except Ambiguous as error:
            inquiry.refused.append(
                Row(question.label(name), "shape", INCONCLUSIVE, 0, note=str(error))
            )
    inquiry.arrangement = found


def _claim_shape(
    inquiry: Inquiry, claim: Claim, point: Point, template: Any
) -> tuple[int, ...] | None:
    """The shape of a claim, None where it has no value.

    A claim whose code cannot be traced is marked as such, and called instead.
    """
    try:
        with balls.precision(_SHAPES):
            traced = run(inquiry.question.formula, point, tuple(point), also=claim.formula)
        return claim.shape(traced.output, template)
    except balls.UndefinedHere:
        return None
    except (NotTraceable, ArgumentTypeError) as error:  # its numbers can still be judged
        if not isinstance(claim.formula, Code):
            raise
        inquiry.ledgers[claim.name].opaque = _reason(error)
    machine = pointwise.in_format(point, FLOAT64)[0]
    try:
        return claim.shape(quiet(claim.formula.call, machine), template)
    # what is examined is anyone's code, and may raise anything at all
    except Exception as error:
        if is_ours(error):
            raise
        raise _Raised(raised(error)) from error
