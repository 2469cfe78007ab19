"""Means over the standard normal distribution, as expressions: E[tanh(sqrt(q) Z)^2].

A mean stays unevaluated, like the catalogue's functions.  The oracle encloses it (`verify.lower`);
`evalf` finds it by quadrature in mpmath, which proves nothing and shares no code with that.
"""

from __future__ import annotations

import functools
from typing import Any

import mpmath
from sympy import Expr, Float, Integer, Symbol, lambdify, sympify
from sympy.printing.precedence import PRECEDENCE

from gradmath.catalogue import pieces
from gradmath.catalogue.applied import explicit
from gradmath.errors import ArgumentTypeError

#: the standard normal variable of every mean
Z = Symbol("Z", real=True)
_PANELS = (-16, -12, -8, -6, -4, -3, -2, -1, 0, 1, 2, 3, 4, 6, 8, 12, 16)


class GaussianMean(Expr):
    r"""E f(Z) for Z ~ N(0, 1), where `of` is f(Z) in the symbol `Z`; other symbols are parameters.

    >>> from sympy import Symbol, sqrt, tanh
    >>> q = Symbol("q", positive=True)
    >>> mean = GaussianMean(tanh(sqrt(q) * Z) ** 2)
    >>> mean, mean.free_symbols
    (E[tanh(Z*sqrt(q))**2], {q})
    >>> GaussianMean(Z**4).evalf(20)
    3.0000000000000000000
    """

    is_commutative = True
    precedence = PRECEDENCE["Mul"]  # a power of it stands outside brackets

    def __new__(cls, of: Any) -> GaussianMean:
        """`of` is any real expression."""
        inside = sympify(of)
        if not isinstance(inside, Expr):
            raise ArgumentTypeError("of", got=repr(of)[:80], allowed="an expression in Z")
        made: GaussianMean = Expr.__new__(cls, inside)
        return made

    @property
    def of(self) -> Expr:
        """f(Z)."""
        found: Expr = self.args[0]
        return found

    @property
    def free_symbols(self) -> set[Symbol]:
        """The parameters: Z is bound."""
        return set(self.of.free_symbols) - {Z}

    def _eval_is_real(self) -> bool | None:
        return True if self.of.is_real else None

    def _eval_is_nonnegative(self) -> bool | None:
        return True if self.of.is_nonnegative else None

    def _eval_evalf(self, prec: int) -> Expr | None:
        if self.free_symbols:
            return None
        digits = max(20, int(prec * 0.30103) + 5)
        return Float(quadrature(self.of, digits), precision=prec)

    def _sympystr(self, printer: Any) -> str:
        return f"E[{printer._print(self.of)}]"

    def _latex(self, printer: Any) -> str:
        return rf"\mathbb{{E}}\left[{printer._print(self.of)}\right]"


@functools.cache
def quadrature(of: Expr, digits: int = 30) -> Any:
    """E f(Z) as an mpmath number, by Gauss-Legendre rules between breakpoints: not enclosed."""
    written = explicit(of)
    with mpmath.workdps(digits + 5):
        breaks = pieces.breakpoints(written, Z) or []
        ends = {*map(Integer, _PANELS), *(b for b in breaks if abs(b) < _PANELS[-1])}
        edges = sorted(mpmath.mpmathify(end.evalf(digits + 5)) for end in ends)
        function = lambdify(Z, written, modules="mpmath")
        return mpmath.quad(lambda t: function(t) * mpmath.npdf(t), edges, method="gauss-legendre")
