"""Parameter values other than the defaults, at which an entry must hold as well.

The values are short binary fractions: a parameter is first rounded to the type of the argument, and
these survive that unchanged, so that the definition is evaluated at the very number that the
function worked with.

A definition may divide by its parameter, as celu does.  The quotient z/alpha is then rounded, which
is what a rounding of z by the same share would do: the condition number in the bound, k = |z f'/f|,
allows for it, and no allowance is made beside that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import sympy

from gradmath.verify.report import Row

_VALUES: Final = tuple(
    map(sympy.Rational, ("3", "-1/2", "1/4", "1/2", "2", "5/8", "3/4", "-3", "7"))
)
#: how many other values each parameter is tried at
_EACH: Final = 2


def others(entry: Any) -> Iterator[dict[str, sympy.Rational]]:
    """Each parameter at two values inside its interval that are not its default, one at a time.

    >>> from gradmath.catalogue import activations, losses
    >>> list(others(activations["celu"]))
    [{'alpha': 3}, {'alpha': 1/4}]
    >>> list(others(losses["huber"]))
    [{'delta': 3}, {'delta': 1/4}]
    """
    for symbol, parameter in entry.parameters.items():
        fits = [
            number
            for number in _VALUES
            if number != parameter.default and parameter.contains(number)
        ]
        for number in fits[:_EACH]:
            yield {str(symbol): number}


def titled(rows: list[Row], given: dict[str, sympy.Rational]) -> list[Row]:
    """The same rows, their subjects saying at which parameters they stand."""
    at = ", ".join(f"{name} = {number}" for name, number in given.items())
    return [replace(row, subject=f"{row.subject}, {at}") for row in rows]
