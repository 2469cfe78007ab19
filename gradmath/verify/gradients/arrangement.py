"""How a claimed gradient is arranged: a gradient, one for each sample, or a whole Jacobian.

A function that gives one number has one gradient, of the argument's shape.  One that gives an array
may be meant entry by entry, sample by sample, summed or averaged.  What is claimed must fit exactly
one of these; where it fits two, the caller is asked to say which.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gradmath.errors import GradmathError, ShapeError
from gradmath.verify.gradients import pointwise, truth
from gradmath.verify.gradients.places import Point
from gradmath.verify.gradients.question import Question
from gradmath.verify.gradients.truth import Shape

_ASK = "say reduction='sum' or reduction='mean'"


class Ambiguous(GradmathError, ValueError):
    """More than one meaning of a gradient is possible."""


def arranged(
    question: Question,
    name: str,
    claimed: tuple[int, ...],
    out: tuple[int, ...],
    point: Point,
) -> Shape:
    """How a claim of shape `claimed` is meant for a function whose value has the shape `out`.

    Raises `ShapeError` if it fits nothing, and `Ambiguous` if it fits more than one meaning.
    """
    by, _, along = name.partition(",")
    own = pointwise.shape_of(point.get(by, 0.0))
    if question.order == 2:
        both = own + pointwise.shape_of(point.get(along or by, 0.0))
        if not out:
            return _fitting(both, claimed)
        if out == own == claimed and not along:
            return _per_sample(question, by, point, out, own)
        raise Ambiguous(f"second derivatives of an array of values: {_ASK}")
    if not out:
        return _fitting(own, claimed)
    if claimed == out + own or (len(claimed) > 1 and claimed == _thin(out) + _thin(own)):
        return Shape("jacobian", claimed)
    if own[: len(out)] == out and claimed in (own, ()):
        return _per_sample(question, by, point, out, own)
    if claimed in (own, ()):
        raise Ambiguous(
            f"the function gives {out}, the gradient {claimed}: is it that of the sum or of the "
            f"mean? {_ASK}"
        )
    raise ShapeError("gradient", got=f"shape {claimed}", allowed=f"shape {out + own}")


def _fitting(wanted: tuple[int, ...], claimed: tuple[int, ...]) -> Shape:
    single = np.prod(claimed) == 1 and np.prod(wanted) == 1
    same = _thin(claimed) == _thin(wanted) and len(claimed) + len(wanted) > 4
    if claimed not in (wanted, ()) and not single and not same:
        raise ShapeError("gradient", got=f"shape {claimed}", allowed=f"shape {wanted}")
    return Shape("gradient", wanted)


def _thin(shape: tuple[int, ...]) -> tuple[int, ...]:
    """A shape without the axes that count for nothing, as those of matrices of one column."""
    return tuple(n for n in shape if n > 1)


def _per_sample(
    question: Question, by: str, point: Point, out: tuple[int, ...], own: tuple[int, ...]
) -> Shape:
    # at a point of zeros, say, values that hang together may seem not to
    looked_at = [point, pointwise.stirred(point, question.places.domains)]
    if not all(truth.decoupled(question.formula, each, by, out) for each in looked_at):
        raise Ambiguous(
            f"the values {out} each depend on several entries of {by}: {_ASK}, or give the whole "
            "Jacobian"
        )
    return Shape("per sample", own)


def transposed(got: object, template: Any, out: tuple[int, ...] = ()) -> str:
    """A word on a shape that is that of the transposed argument, or Jacobian."""
    shape = pointwise.shape_of(template)
    if len(shape) == 2 and shape[0] != shape[1] and str(got) == f"shape {shape[::-1]}":
        return "the shape is that of the transposed matrix [transposed]"
    rows, columns = _thin(out), _thin(shape)
    if rows and columns and str(got) == f"shape {columns + rows}":
        return (
            "the shape is that of the transposed Jacobian: its rows belong to the values, its "
            "columns to what they are differentiated by [transposed]"
        )
    return ""
