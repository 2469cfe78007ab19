"""Catalogue entries as SymPy functions that stay unevaluated: sigmoid(z), sigmoid'(z), ...

A derivation is written in these, so that it reads as a person would write it; `explicit` turns
them into their definitions.  One class belongs to each entry and each tuple of orders.
"""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar

from sympy import Expr, Function, sympify
from sympy.core.function import ArgumentIndexError

from gradmath.catalogue.declaration import ScalarEntry
from gradmath.errors import ArgumentTypeError


class AppliedFunction(Function):
    """A derivative of a catalogue entry, applied to arguments; made by `applied`."""

    entry: ClassVar[ScalarEntry]
    orders: ClassVar[tuple[int, ...]]

    def __new__(cls, *args: Any, **options: Any) -> AppliedFunction:
        """Parameters may be left out, from the right: their defaults are filled in."""
        expected = len(cls.entry.arguments)
        least = expected - len(cls.entry.parameters)
        if not least <= len(args) <= expected:
            raise ArgumentTypeError(
                f"arguments of {cls.entry.name}",
                got=len(args),
                allowed=", ".join(map(str, cls.entry.arguments)),
            )
        missing = cls.entry.arguments[len(args) :]
        filled = [*map(sympify, args), *(cls.entry.parameters[s].default for s in missing)]
        made: AppliedFunction = super().__new__(cls, *filled, **options)
        return made

    def fdiff(self, argindex: int = 1) -> Expr:
        """The derivative in one argument: the same entry with that order raised by one."""
        if not 1 <= argindex <= len(self.args):
            raise ArgumentIndexError(self, argindex)
        orders = list(self.orders)
        orders[argindex - 1] += 1
        return applied(self.entry, tuple(orders))(*self.args)

    def explicit(self) -> Expr:
        """The definition of the derivative with the arguments put in, kinks included."""
        values = dict(zip(self.entry.arguments, map(explicit, self.args), strict=True))
        return self.entry.partial(*self.orders).xreplace(values)

    def _eval_is_extended_real(self) -> bool | None:
        return True if all(arg.is_extended_real for arg in self.args) else None

    def _eval_is_real(self) -> bool | None:
        return True if all(arg.is_real for arg in self.args) else None

    def _eval_evalf(self, prec: int) -> Expr | None:
        return self.explicit()._eval_evalf(prec) if not self.free_symbols else None

    def _mark(self) -> tuple[str, str]:
        """The mark after the name, plain and LaTeX: primes, or orders for several arguments."""
        first, rest = self.orders[0], self.orders[1:]
        if not any(rest):
            if first <= 3:
                return "'" * first, "'" * first
            return f"^({first})", "^{(%d)}" % first
        orders = ",".join(map(str, self.orders))
        return f"^({orders})", "^{(%s)}" % orders

    def _sympystr(self, printer: Any) -> str:
        shown = ", ".join(printer._print(arg) for arg in self.args)
        return f"{self.entry.name}{self._mark()[0]}({shown})"

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        separators = [", "] * len(self.args)
        if self.entry.parameters:
            separators[len(self.entry.variables) - 1] = "; "
        parts = (printer._print(arg) + sep for arg, sep in zip(self.args, separators, strict=True))
        shown = "".join(parts).removesuffix(", ").removesuffix("; ")
        # braces: without them TeX puts a thin space before the bracket
        call = rf"{self.entry.latex}{self._mark()[1]}{{\left({shown}\right)}}"
        return call if exp is None else rf"\left({call}\right)^{{{exp}}}"


@cache
def applied(entry: ScalarEntry, orders: tuple[int, ...] | None = None) -> type[AppliedFunction]:
    """The function class of an entry's derivative of the given orders (none: the entry itself).

    The class takes the variables, then the parameters as declared.

    >>> from sympy import Symbol
    >>> from gradmath.catalogue import activations
    >>> z = Symbol("z", real=True)
    >>> applied(activations["sigmoid"])(z).diff(z)
    sigmoid'(z)
    """
    if not isinstance(entry, ScalarEntry):
        raise ArgumentTypeError("entry", got=repr(entry), allowed="a scalar catalogue entry")
    count = len(entry.arguments)
    full = tuple(orders or ()) + (0,) * (count - len(orders or ()))
    if full != orders:
        return applied(entry, full)
    name = entry.name + ("" if not any(full) else "_" + "_".join(map(str, full)))
    return type(name, (AppliedFunction,), {"entry": entry, "orders": full})


def explicit(expression: Expr) -> Expr:
    """`expression` with every applied catalogue function replaced by its definition."""
    expression = sympify(expression)
    found = expression.atoms(AppliedFunction)
    return expression.xreplace({call: call.explicit() for call in found}) if found else expression
