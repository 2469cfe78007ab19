"""Where a check looked, in words: the range of its points, or what a proof assumes of its symbols.

>>> ranges({"x": [0.5, -2.0], "w": [3.0]}, "float64")
'x in [-2, 0.5], w = 3, float64'
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import sympy

#: more names than this are told together
_MOST: Final = 4
#: of the digits of an end: ends are for orientation, points stand in `where`
_DIGITS: Final = 4
_KINDS: Final = (
    ("integer", "an integer"), ("positive", "> 0"), ("negative", "< 0"), ("nonnegative", ">= 0"),
    ("nonpositive", "<= 0"), ("nonzero", "real, not 0"), ("real", "real"),
)  # fmt: skip


def ranges(columns: Mapping[str, Iterable[Any]], *more: str) -> str:
    """The range that each name's numbers span; many names are told together.

    `more` follows, such as the name of a format.  No numbers at all are said to be so.
    """
    spans = {
        name: (min(numbers), max(numbers))
        for name, given in columns.items()
        if (numbers := [float(number) for number in given])
    }
    groups: dict[tuple[float, float], list[str]] = {}
    for name, span in spans.items():
        groups.setdefault(span, []).append(name)
    if len(groups) > _MOST:
        lows, highs = zip(*groups, strict=True)
        groups = {(min(lows), max(highs)): list(spans)}
    shown = [f"{_several(names)} {_span(low, high)}" for (low, high), names in groups.items()]
    return ", ".join([*(shown or ["no points"]), *more])


def over(points: Sequence[Mapping[str, Any]], *more: str) -> str:
    """`ranges` of the numbers at each name in a list of points."""
    names = list(points[0]) if points else []
    return ranges({name: [at[name] for at in points] for name in names}, *more)


def _several(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= _MOST else f"{names[0]}, ..., {names[-1]}"


def _span(low: float, high: float) -> str:
    if low == high:
        return f"= {_shown(low)}"
    return f"in [{_shown(low)}, {_shown(high)}]"


def _shown(number: float) -> str:
    return f"{number:.{_DIGITS}g}"


def members_of(allowed: sympy.Set) -> str:
    """A set as text; an interval with its brackets.

    >>> members_of(sympy.Interval.open(0, sympy.oo)), members_of(sympy.S.Reals)
    ('(0, oo)', 'Reals')
    """
    if not isinstance(allowed, sympy.Interval) or allowed == sympy.S.Reals:
        return str(allowed)
    left, right = "(" if allowed.left_open else "[", ")" if allowed.right_open else "]"
    return f"{left}{allowed.start}, {allowed.end}{right}"


def assumed(symbols: Iterable[sympy.Symbol], *more: str) -> str:
    """What a proof assumes of its symbols: nothing but what they themselves carry.

    >>> assumed(sympy.symbols("x y", real=True)), assumed([])
    ('x, y real', 'no variable')
    """
    groups: dict[str, list[str]] = {}
    for symbol in sorted(symbols, key=str):
        kind = next((text for name, text in _KINDS if getattr(symbol, f"is_{name}")), "complex")
        groups.setdefault(kind, []).append(symbol.name)
    shown = [f"{', '.join(names)} {kind}" for kind, names in groups.items()]
    return "; ".join([*(shown or ["no variable"]), *more])
