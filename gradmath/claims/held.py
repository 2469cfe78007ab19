"""What holds a value that pages quote: nothing is quoted on the word of the formula alone.

A value is held by one of

1. its own `again`: another computation, or a part of the statement at a point of its domain;
2. a part of the statement, which has evidence: the value is a side of a relation, a number that
   was located, computed or measured, or a formula that stands in a side;
3. the words of the statement, in every language: a setting of an experiment, say.

The value is then changed by machine (its sign, twice, a little in its last digit, one place of its
formula): what holds it must let go of every changed one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import sympy as sp

from gradmath.claims.agreement import agree
from gradmath.claims.anchors import Anchor, anchors, instance, written
from gradmath.claims.values import Instance, Value
from gradmath.mutation.expressions import Context, changes
from gradmath.verify.report import FAILED, PASSED, Row

if TYPE_CHECKING:
    from gradmath.claims.statement import Statement

_FORMULAS: Final = 4  # changed formulas tried for one value


@dataclass(frozen=True)
class Holding:
    """What holds each value, and what is wrong with those that nothing holds.

    loose: a plain reason for each value that nothing holds, or that is held so weakly that a
    changed one is held as well.  changed: how many changed values were tried.
    """

    by: Mapping[str, str] = field(default_factory=dict)
    loose: Mapping[str, str] = field(default_factory=dict)
    changed: int = 0

    def rows(self) -> list[Row]:
        """One row, unless the claim quotes nothing."""
        if not self.by and not self.loose:
            return []
        bad = next(iter(self.loose.items()), None)
        note = f"{len(self.by)} held; {self.changed} changed by machine, all let go of"
        if bad is not None:
            note = f"value {bad[0]!r} {bad[1]}"
        return [Row("values that pages quote", "held by a part, by words, or computed again",
                    PASSED if bad is None else FAILED, len(self.by) + len(self.loose), note=note,
                    domain="every value of the claim")]  # fmt: skip


def holding(
    statement: Statement, values: Mapping[str, Value], words: Sequence[str] = ()
) -> Holding:
    """Find what holds each value; `words` are the texts of the claim, one for each language."""
    by: dict[str, str] = {}
    loose: dict[str, str] = {}
    tried = 0
    found = list(anchors(statement))
    for name, value in values.items():
        holds = _first(statement, found, value, words)
        if isinstance(holds, str):
            loose[name] = holds
            continue
        by[name] = holds.by
        for wrong in _changed(value):
            tried += 1
            if holds.holds(wrong):
                loose[name] = f"is held too loosely: {wrong.plain} would be held as well"
                break
    return Holding(by, loose, tried)


@dataclass(frozen=True)
class _Words:
    """A number that the texts say."""

    words: Sequence[str]
    by: str = "stated in words"

    def holds(self, value: Value) -> bool:
        return written(value, self.words)


def _first(
    statement: Statement, found: Sequence[Anchor], value: Value, words: Sequence[str]
) -> Anchor | _Words | str:
    """What holds a value, or why nothing does."""
    if value.again is None:
        everything: list[Anchor | _Words] = [*found, _Words(words)]
        for holds in everything:
            if holds.holds(value):
                return holds
        return (
            f"is {_shown(value.plain)}, which no part of the statement says and no second "
            "computation gives: state it in a part, or give `again`"
        )
    again = value.again
    if isinstance(again, Instance):
        other = instance(statement, again)
    else:
        other = [Anchor("computed again", again() if callable(again) else again)]
    for anchor in other:
        if anchor.holds(value):
            return anchor
    said = " or ".join(_shown(str(anchor.said)) for anchor in other)
    return f"is {_shown(value.plain)}, but found another way it is {said}"


def _shown(text: str) -> str:
    return text if len(text) < 60 else text[:60] + " ..."


def _changed(value: Value) -> Iterator[Value]:
    """Values that are wrong, and that a reader would see to be another."""
    for wrong in _wrong(value):
        made = replace(value, value=wrong, again=None)
        if not agree(value.value, wrong):
            yield made


def _wrong(value: Value) -> Iterator[Any]:
    it = value.value
    if isinstance(it, sp.MatrixBase):
        yield from (2 * it, -it)
        if it.rows == it.cols:
            yield it.T
        return
    yield from (2 * it, -it)
    if value.is_formula:
        yield from (wrong for _, _, wrong in islice(changes(it, Context(), most=2), _FORMULAS))
        return
    step = 2 * sp.Integer(10) ** (1 - value.digits) if value.digits else sp.Integer(1)
    yield it + (abs(it) * (float(step) if isinstance(it, float) else step) if value.digits else 1)
    if isinstance(it, sp.Expr) and not it.is_Rational:
        yield from (wrong for _, _, wrong in islice(changes(it, Context(), most=1), _FORMULAS))
