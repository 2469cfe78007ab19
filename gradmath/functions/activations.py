"""Activations as callables: `sigmoid(x)`, `sigmoid.derivative(x, order=1)`."""

from __future__ import annotations

from typing import Any

from gradmath.catalogue.declaration import Activation
from gradmath.errors import ValueRangeError
from gradmath.functions.base import CallableEntry
from gradmath.functions.entrywise import evaluate, parameter_values

#: Numeric error bounds are promised up to the second derivative; higher ones are still derived.
HIGHEST_ORDER = 8


class ActivationFunction(CallableEntry[Activation]):
    """An activation, entry by entry, with its derivatives; `.entry` is its declaration."""

    def __call__(self, x: Any, *positional: Any, **parameters: Any) -> Any:
        """The activation of x, entry by entry; parameters by position or name."""
        values = parameter_values(self.entry, positional, parameters)
        return evaluate(self.entry, (0,), {"x": x}, values)

    def derivative(self, x: Any, order: int = 1, *positional: Any, **parameters: Any) -> Any:
        """The derivative of this order (0 to 8) at x; at a kink the declared value.

        Accepts and returns what the function itself does.  Within 4(1 + k) ulp for orders up to
        2 and condition numbers k below 100.

        >>> import gradmath as gm
        >>> gm.sigmoid.derivative(0.0)
        0.25
        """
        if isinstance(order, bool) or not hasattr(order, "__index__"):
            raise ValueRangeError("order", got=repr(order), allowed=f"0 to {HIGHEST_ORDER}")
        if not 0 <= int(order) <= HIGHEST_ORDER:
            raise ValueRangeError("order", got=int(order), allowed=f"0 to {HIGHEST_ORDER}")
        values = parameter_values(self.entry, positional, parameters)
        return evaluate(self.entry, (int(order),), {"x": x}, values)
