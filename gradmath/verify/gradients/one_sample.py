"""Whether a gradient that is right for one sample forgets the mean, or the sum, over several.

Of one sample the sum is the mean.  Where all data that were given have one row, the question is
asked again with a few rows; only a claim that is then off by just the number of rows is spoken of,
for code may well be made for one row alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final

import numpy as np

from gradmath.verify.gradients import trees
from gradmath.verify.gradients.functions import Code
from gradmath.verify.gradients.places import Sequence32
from gradmath.verify.gradients.question import Question
from gradmath.verify.operators import Operator
from gradmath.verify.report import INCONCLUSIVE, Row

#: so many samples stand for several, and at so many points
_SAMPLES, _POINTS = 3, 6
_METHOD: Final = "several samples in place of one"
_NAMED: Final = tuple(f"[{each.value}]" for each in (Operator.MISSING_MEAN, Operator.SUM_FOR_MEAN))

#: the row that failed with a point to show, True if all passed, False if nothing was decided
Ask = Callable[[Question], Row | bool]


def rows(question: Question, ask: Ask) -> list[Row]:
    """A row that says so, if the claim is off by the number of samples; else none."""
    if not isinstance(question.formula, Code):
        return []
    for several in _resized(question):
        found = ask(several)
        if isinstance(found, Row) and any(name in found.note for name in _NAMED):
            reason = next(part for part in found.note.split("; ") if part.endswith(_NAMED))
            note = (
                f"right for one sample, but not for {_SAMPLES}: {reason}; give several samples, or "
                "a function that takes one alone"
            )
            return [
                Row(found.subject, _METHOD, INCONCLUSIVE, found.points, where=found.where,
                    got=found.got, expected=found.expected, note=note)
            ]  # fmt: skip
    return []


def _resized(question: Question) -> Iterator[Question]:
    """The question with several rows in the held arrays, and in those that vary as well."""
    places = question.places
    held = [name for name, value in places.held.items() if _is_single(value)]
    varying = [name for name, value in places.templates.items() if _is_single(value)]
    for names in [held, [*held, *varying]] if held else [varying]:
        if not names:
            continue
        draw = Sequence32(17)
        values = {name: {**places.held, **places.templates}[name] for name in names}
        more = {name: _several(value, draw) for name, value in values.items()}
        yield replace(
            question,
            places=replace(
                places,
                held={name: more.get(name, value) for name, value in places.held.items()},
                templates={name: more.get(name, each) for name, each in places.templates.items()},
                given=(),
                count=_POINTS,
            ),
        )


def _is_single(value: Any) -> bool:
    return not trees.is_tree(value) and np.ndim(value) > 0 and np.shape(value)[0] == 1


def _several(value: Any, draw: Sequence32) -> Any:
    """The one row, and others beside it; classes and other whole numbers are repeated."""
    table = np.repeat(np.asarray(value), _SAMPLES, axis=0)
    if table.dtype.kind != "f":
        return table
    off = np.array([draw.next() for _ in range(table.size)]).reshape(table.shape)
    off[0] = 0.0
    return table + off * np.maximum(np.abs(table), 1.0) / 2
