"""The numbers that stand in a formula: where something may hold at that number alone.

``round(x) == 37`` compares whole numbers, which no tape shows.  The 37 itself is in the code.
"""

from __future__ import annotations

import math
import types
from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np
import sympy

from gradmath.verify.gradients.functions import Code, Equations, Formula
from gradmath.verify.gradients.libraries import reached

#: so many of them are looked at, the first ones in the code
_MOST: Final = 24


def constants(formulas: Iterable[Formula]) -> tuple[float, ...]:
    """The finite numbers in code and expressions, each once."""
    found: list[float] = []
    for formula in formulas:
        if isinstance(formula, Equations):
            atoms = {n for right in formula.equations.values() for n in right.atoms(sympy.Number)}
            found += sorted(map(_float, atoms))
        elif isinstance(formula, Code):
            found += [_float(n) for value in reached(formula.function) for n in _numbers(value)]
    return tuple(x for x in dict.fromkeys(found) if math.isfinite(x))[:_MOST]


def _numbers(value: Any) -> Iterator[Any]:
    """Numbers in what code refers to: in its own constants, and by name."""
    if isinstance(value, types.CodeType):
        for constant in value.co_consts:
            yield from _numbers(constant)
    elif isinstance(value, tuple | frozenset):
        for each in value:
            yield from _numbers(each)
    elif isinstance(value, int | float | np.number) and not isinstance(value, bool):
        yield value


def _float(number: Any) -> float:
    try:
        return float(number)
    except (OverflowError, TypeError):  # beyond the doubles, or complex
        return math.inf
