"""Functions that stable forms use beside SymPy's own and `sympy.codegen`'s expm1 and log1p."""

from __future__ import annotations

from typing import Any

from sympy import Expr, Function, Integer, erfc, exp, pi, sqrt
from sympy.core.function import ArgumentIndexError


class scaled_erfc(Function):
    """The scaled complementary error function exp(x^2) erfc(x), known as erfcx.

    It falls from 1 at 0 to 0 at oo like 1/(x sqrt(pi)), where erfc itself has underflowed since
    x = 26.  Stable forms apply it to x >= 0 alone.

    >>> from sympy import Symbol
    >>> scaled_erfc(Symbol("x")).rewrite(erfc)
    exp(x**2)*erfc(x)
    """

    nargs = 1

    def fdiff(self, argindex: int = 1) -> Expr:
        """The derivative 2 x erfcx(x) - 2/sqrt(pi)."""
        if argindex != 1:
            raise ArgumentIndexError(self, argindex)
        (x,) = self.args
        return 2 * x * self - 2 / sqrt(pi)

    def _eval_rewrite_as_erfc(self, x: Expr, **hints: Any) -> Expr:
        return exp(x**2) * erfc(x)

    def _eval_evalf(self, prec: int) -> Expr | None:
        return self.rewrite(erfc)._eval_evalf(prec)

    def _eval_is_positive(self) -> bool | None:
        return True if self.args[0].is_real else None

    @classmethod
    def eval(cls, x: Expr) -> Expr | None:
        """1 at 0."""
        return Integer(1) if x.is_zero else None
