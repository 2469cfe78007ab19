"""Catalogue functions inside a person's code: their definitions, run on traced numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradmath.catalogue.declaration import ScalarEntry
from gradmath.verify.gradients import arrays
from gradmath.verify.gradients.blame import delegated
from gradmath.verify.gradients.expressions import program
from gradmath.verify.gradients.number import Number


def traceable(value: Any) -> Callable[..., Any] | None:
    """What stands for a callable entry of one variable, or its `derivative`; None for others."""
    owner = getattr(value, "__self__", value)
    entry = getattr(owner, "entry", None)
    if not isinstance(entry, ScalarEntry) or len(entry.variables) != 1 or isinstance(value, type):
        return None
    if owner is value:
        return _Entry(value, entry)
    if getattr(value, "__name__", "") != "derivative":
        return None

    return _Entry(owner, entry).derivative


class _Entry:
    """A callable entry, and everything else it offers, on traced numbers too."""

    def __init__(self, original: Any, entry: ScalarEntry) -> None:
        self._original, self.entry = original, entry

    def __call__(self, x: Any, *args: Any, **options: Any) -> Any:
        return _call(self._original, self.entry, x, 0, args, options)

    def derivative(self, x: Any, order: int = 1, *args: Any, **options: Any) -> Any:
        """The derivative of this order."""
        return _call(self._original.derivative, self.entry, x, order, (order, *args), options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._original, name)


def _call(
    original: Callable[..., Any], entry: ScalarEntry, x: Any, order: int, args: Any, options: Any
) -> Any:
    if not isinstance(x, Number | arrays.Traced):
        return delegated(original, x, *args, **options)
    given = dict(zip(entry.parameters, args[bool(order) :], strict=False))
    values = {
        symbol: options.get(symbol.name, given.get(symbol, parameter.default))
        for symbol, parameter in entry.parameters.items()
    }
    variable = entry.variables[0]
    formula = entry.derivative(order).xreplace(values)
    steps = program(formula)

    def one(number: Any) -> Any:
        if not isinstance(number, Number):
            return delegated(original, float(number), *args, **options)
        return steps.run({variable.name: number}, number.trace)

    return arrays.elementwise(one, x)
