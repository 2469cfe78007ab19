"""Whether a gradient is right at other values of what is held than those that were given.

A gradient that forgets the bias is right where b = 0, and one that forgets a factor where w = 1.
Single numbers that are held, constant arrays such as a bias of zeros, and numbers that are defaults
of both the function and the gradient are therefore tried at other values too.  Where the claim is
wrong there, nothing is said against the values that were asked about; but the report does not pass
in silence.  Data of one sample are tried with several.  Other data are left as they are: of labels
that add up to 1 a gradient may make use.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from gradmath.errors import GradmathError
from gradmath.verify.gradients import check, one_sample, trees
from gradmath.verify.gradients.functions import Code, parameters
from gradmath.verify.gradients.places import Sequence32
from gradmath.verify.gradients.question import Question
from gradmath.verify.report import FAILED, INCONCLUSIVE, PASSED, Row
from gradmath.verify.ulps import Format

#: so many points are asked at other values
_POINTS: Final = 6
#: another number in the place of a held 0, and the factor by which others are changed
_FOR_ZERO, _FACTOR = 0.6875, 1.40625
_METHOD: Final = "other values of what is held"


@dataclass(frozen=True)
class _Change:
    """A held name, its value for a reader, and the question with another one."""

    name: str
    held: str
    other: str
    apply: Callable[[Question], Question]


def rows(question: Question, formats: Sequence[Format], proved: bool) -> list[Row]:
    """A row on other values of what is held, if there is anything to be tried.

    A symbolic proof holds for all values, so nothing is tried after one.
    """
    if proved:
        return []
    single = one_sample.rows(question, lambda several: _asked(several, formats))
    return single or _changed(question, formats)


def _changed(question: Question, formats: Sequence[Format]) -> list[Row]:
    changes = list(_changes(question))
    if not changes:
        return []
    together = functools.reduce(lambda q, change: change.apply(q), changes, question)
    verdict = _asked(together, formats)
    if verdict is True:
        shown = ", ".join(f"{c.name} = {c.other}" for c in changes)
        return [Row(f"gradient of {question.output}", _METHOD, PASSED, _POINTS,
                    note=f"right at {shown} too")]  # fmt: skip
    wrong = [(c, _asked(c.apply(question), formats)) for c in changes]
    found = [(c, row) for c, row in wrong if isinstance(row, Row)]
    if not found and isinstance(verdict, Row):
        found = [(_joined(changes), verdict)]
    return [_written(question, change, row) for change, row in found]


def _joined(changes: Sequence[_Change]) -> _Change:
    held = ", ".join(f"{c.name} = {c.held}" for c in changes)
    other = ", ".join(f"{c.name} = {c.other}" for c in changes)
    return _Change("", held, other, lambda question: question)


def _written(question: Question, change: _Change, row: Row) -> Row:
    before = f"{change.name} = {change.held}" if change.name else change.held
    after = f"{change.name} = {change.other}" if change.name else change.other
    names = change.name or "them"
    note = (
        f"right where {before}, but not where {after}: a gradient of these values only "
        f"[defaults-only]; if {names} may vary, state a domain; if not, bind the value to both, as "
        "by functools.partial"
    )
    return Row(row.subject, _METHOD, INCONCLUSIVE, row.points, where=row.where, got=row.got,
               expected=row.expected, note=note)  # fmt: skip


def _asked(question: Question, formats: Sequence[Format]) -> Row | bool:
    """The row that failed with a point to show, True if all passed, False if nothing was decided.

    Other values may lie outside what the code is made for: then it shows nothing.
    """
    try:
        found = check.rows(question, formats, None, quick=True)
    except GradmathError:
        return False
    failed = [row for row in found if row.status == FAILED]
    shown = [row for row in failed if row.where and row.got]
    if shown:
        return shown[0]
    return bool(found) and all(row.status == PASSED for row in found)


# -- what may be changed ----------------------------------------------------------------------


def _changes(question: Question) -> Iterator[_Change]:
    claims = [claim.formula for claim in question.claims.values()]
    code = [formula for formula in claims if isinstance(formula, Code)]
    for name, value in question.places.held.items():
        # what a claim does not take is bound to it, and may well hold for that value only
        if all(name in formula.takes for formula in code):
            other = _other(value, not isinstance(question.formula, Code))
            if other is not None:
                yield _held(name, value, other)
    yield from _defaults(question, code if len(code) == len(claims) else [])


def _other(value: Any, whole_too: bool) -> Any:
    """Another value of a held number or constant array; None for what is data."""
    if trees.is_tree(value):
        return None
    table = np.asarray(value)
    if table.dtype.kind not in ("f", "i" if whole_too else "f"):
        return None
    first = float(table.reshape(-1)[0])
    if table.ndim == 0:
        return first * _FACTOR if first else _FOR_ZERO
    if not np.all(table == first):
        return None
    draw = Sequence32(5)
    off = np.array([draw.next() for _ in range(table.size)]).reshape(table.shape)
    return first + off * (_FOR_ZERO if not first else (_FACTOR - 1) * abs(first))


def _held(name: str, value: Any, other: Any) -> _Change:
    def apply(question: Question) -> Question:
        held = {**question.places.held, name: other}
        given = tuple({**point, name: other} for point in question.places.given)
        return replace(question, places=replace(
            question.places, held=held, given=given, count=_POINTS))  # fmt: skip

    shown = _words(value), _words(other)
    return _Change(name, *shown, apply)


def _words(value: Any) -> str:
    if np.ndim(value) == 0:
        return f"{float(value):g}"
    table = np.asarray(value)
    same = bool(np.all(table == table.reshape(-1)[0]))
    return f"{float(table.reshape(-1)[0]):g} throughout" if same else "an array of other numbers"


def _defaults(question: Question, claims: Sequence[Code]) -> Iterator[_Change]:
    """Numbers that are defaults of the function and of every claim, by the same name."""
    if not isinstance(question.formula, Code) or not claims:
        return
    own = _numbers(question.formula)
    for name, value in own.items():
        if all(_numbers(claim).get(name) == value for claim in claims):
            other = value * _FACTOR if value else _FOR_ZERO

            def apply(asked: Question, name: str = name, other: float = other) -> Question:
                return _bound(asked, name, other)

            yield _Change(name, f"{value:g}", f"{other:g}", apply)


def _numbers(code: Code) -> dict[str, float]:
    given = {p.name: p.default for p in parameters(code.function) if p.name not in code.names}
    return {name: value for name, value in given.items() if isinstance(value, float)}


def _bound(question: Question, name: str, value: float) -> Question:
    made: dict[Any, Code] = {}

    def bound(code: Any) -> Code:
        if code not in made:
            made[code] = code.bound(name, value)
        return made[code]

    claims = {by: replace(claim, formula=bound(claim.formula))
              for by, claim in question.claims.items()}  # fmt: skip
    places = replace(question.places, count=_POINTS)
    return replace(question, formula=bound(question.formula), claims=claims, places=places)
