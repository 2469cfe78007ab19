"""What a person differentiates, read into a formula: expressions, text, equations, callables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sympy

from gradmath.catalogue.applied import applied
from gradmath.catalogue.declaration import ScalarEntry
from gradmath.equations import has_equals, read_equations
from gradmath.errors import ArgumentTypeError
from gradmath.grammar import parse_expression
from gradmath.verify.gradients.functions import (
    Code,
    Equations,
    Formula,
    as_symbols,
    positional_names,
)
from gradmath.verify.gradients.intervals import Interval
from gradmath.verify.gradients.question import VALUE
from gradmath.verify.gradients.stepwise import Stepwise


def formula(function: Any, named: Sequence[str]) -> tuple[Formula, dict[str, Interval]]:
    """The formula, and the domains that the symbols' own assumptions state."""
    if isinstance(function, str):
        if has_equals(function):
            return Equations(_plain(read_equations(function)[0])), {}
        return Equations({VALUE: parse_expression(function, {}, Stepwise)}), {}
    if isinstance(function, sympy.Expr | sympy.NDimArray):
        return Equations({VALUE: as_symbols(function)}), _assumed(function)
    if hasattr(function, "equations") and hasattr(function, "steps"):
        if hasattr(function, "network"):
            raise ArgumentTypeError(
                "function", got="a network's derivation", allowed="equations or a callable",
                remedy="gm.verify(derivation) checks it",
            )  # fmt: skip
        return Equations(_plain(function.equations)), {}
    if isinstance(function, Mapping | list | tuple):
        equations = read_equations(function)[0]
        assumed: dict[str, Interval] = {}
        for right in equations.values():
            assumed |= _assumed(right)
        return Equations(_plain(equations)), assumed
    entry = getattr(function, "entry", None)
    if isinstance(entry, ScalarEntry):
        symbols = [sympy.Symbol(v.name, real=True) for v in entry.variables]
        if len(symbols) == 1:
            symbols = [sympy.Symbol("x", real=True)]
        return Equations({VALUE: applied(entry)(*symbols)}), {}
    if callable(function):
        return Code(function, positional_names(function, named)), {}
    raise ArgumentTypeError(
        "function",
        got=type(function).__name__,
        allowed="a SymPy expression, text, named equations, or a callable",
    )


def _plain(equations: Mapping[str, sympy.Expr]) -> dict[str, sympy.Expr]:
    return {name: as_symbols(right) for name, right in equations.items()}


def _assumed(expression: sympy.Expr) -> dict[str, Interval]:
    """Domains by the assumptions that SymPy symbols carry."""
    found = {}
    for symbol in expression.free_symbols:
        if symbol.is_positive:
            found[symbol.name] = Interval(0.0, closed=(False, True))
        elif symbol.is_negative:
            found[symbol.name] = Interval(high=0.0, closed=(True, False))
        elif symbol.is_nonnegative:
            found[symbol.name] = Interval(0.0)
        elif symbol.is_nonpositive:
            found[symbol.name] = Interval(high=0.0)
    return found
