"""Why a claim is wrong: the mistake that turns the true derivative into the claimed one.

Mistakes with a pattern of their own are looked for first: a constant factor, a transposed matrix, a
few entries, one side of a value.  Then a factor that depends on the point, and at last whatever can
be put right by putting one thing back.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from gradmath.verify.gradients import trees
from gradmath.verify.gradients.factors import factor
from gradmath.verify.gradients.pairs import CLOSE, Pair, named
from gradmath.verify.gradients.pointwise import numbers_in
from gradmath.verify.gradients.question import Question
from gradmath.verify.gradients.repairs import repaired
from gradmath.verify.gradients.truth import Shape
from gradmath.verify.operators import Operator

#: with more numbers than this in a point no single one is blamed; what lies beyond this is a tail
_FEW, _TAIL = 4, 8.0
#: a side that begins nearer to 0 than this begins at 0
_NEXT_TO_0: Final = 1e-30


def reason_for(question: Question, name: str, shape: Shape, pairs: Sequence[Pair]) -> str:
    """One sentence naming the mistake, or nothing where no known one explains the difference."""
    ratios = [pair.ratios() for pair in pairs]
    known = _known(ratios)
    if not known or all(abs(r - 1) < CLOSE for r in known):
        return ""  # it is wrong only where the truth is 0, or beyond the doubles
    if all(r == 0 for r in known):
        return "the claim is 0 throughout"
    for attempt in (_constant, _transposed, _some_entries, _some_points):
        found = attempt(question, shape, pairs, ratios)
        if found:
            return found
    return factor(question, pairs) or repaired(question, question.claims[name], shape, pairs)


def _known(ratios: Sequence[Sequence[float | None]]) -> list[float]:
    return [r for each in ratios for r in each if r is not None and math.isfinite(r)]


def _constant(question: Question, _: Shape, pairs: Any, ratios: Any) -> str:
    known = _known(ratios)
    first = known[0]
    if len(known) < 2 or any(abs(r - first) > CLOSE * abs(first) for r in known):
        return ""
    if abs(first + 1) < CLOSE:
        return named(Operator.FLIPPED_SIGN, "the sign flipped")
    for n in _sizes(pairs[0].point):
        if abs(first - n) < CLOSE * n:
            return named(Operator.MISSING_MEAN, f"the factor 1/{n} of a mean missing")
        if abs(first * n - 1) < CLOSE and n > 2:
            return named(Operator.SUM_FOR_MEAN, f"a mean over {n} in place of a sum")
    if abs(first - round(first)) < CLOSE and abs(first) > 1:
        return named(Operator.DOUBLED_FACTOR, f"a factor {round(first)} too many")
    lost = 1 / first
    if abs(lost - round(lost)) < CLOSE * abs(lost):
        return named(Operator.LOST_FACTOR, f"the factor {round(lost)} lost")
    return f"the claim is the gradient times {first:.10g}"


def _sizes(point: Mapping[str, Any]) -> list[int]:
    """Lengths of the axes of arrays: what a mean may divide by."""
    leaves = [leaf for value in point.values() for _, leaf in trees.leaves(value)]
    return sorted({int(n) for leaf in leaves for n in np.shape(leaf) if n > 1})


def _transposed(_: Question, shape: Shape, pairs: Sequence[Pair], __: Any) -> str:
    if len(shape.whole) != 2 or shape.whole[0] != shape.whole[1]:
        return ""
    order = np.arange(math.prod(shape.whole)).reshape(shape.whole).T.reshape(-1)
    for pair in pairs:
        turned = Pair(pair.point, [pair.true[int(n)] for n in order], pair.said)
        if any(not ok for _, ok in turned.numbers()):
            return ""
    return named(Operator.TRANSPOSED, "the matrix transposed")


def _some_entries(_: Question, shape: Shape, pairs: Sequence[Pair], ratios: Any) -> str:
    count = len(pairs[0].true)
    if count < 4:
        return ""
    wrong = {
        n for each in ratios for n, r in enumerate(each) if r is not None and abs(r - 1) > CLOSE
    }
    if not wrong or len(wrong) > max(1, count // 4):
        return ""
    shown = ", ".join(
        str(list(map(int, np.unravel_index(n, shape.whole)))) for n in sorted(wrong)[:3]
    )
    return f"wrong in {len(wrong)} of {count} entries only: {shown}"


def _some_points(question: Question, _: Shape, pairs: Sequence[Pair], ratios: Any) -> str:
    """Right on one side of a value of one argument, wrong on the other."""
    marks = [
        all(abs(r - 1) < CLOSE for r in each if r is not None)
        for each in ratios
        if any(r is not None for r in each)
    ]
    points = [
        p.point for p, each in zip(pairs, ratios, strict=True) if any(r is not None for r in each)
    ]
    if all(marks) or not any(marks):
        return ""
    names = [name for name, _ in numbers_in(points[0])]
    for name in names if len(names) <= _FEW else []:
        values = [dict(numbers_in(point))[name] for point in points]
        right = [v for v, ok in zip(values, marks, strict=True) if ok]
        wrong = [v for v, ok in zip(values, marks, strict=True) if not ok]
        for below, above, sign in ((right, wrong, ">="), (wrong, right, "<=")):
            if max(below) >= min(above):
                continue
            edge = min(wrong) if sign == ">=" else max(wrong)
            if abs(edge) < _TAIL:
                where, operator = "on one branch", Operator.WRONG_BRANCH
            elif any(abs(v) < 1 for v in right):
                where, operator = "in the tail", Operator.TAIL_ONLY
            else:
                continue  # right in the tail alone, where many things are 0 or 1
            side = f"{name} {sign} {edge:.6g} of the points"
            if abs(edge) < _NEXT_TO_0:
                side = f"{name} {'>' if sign == '>=' else '<'} 0"
            return f"wrong {where} only, at {side} [{operator}]"
    return ""
