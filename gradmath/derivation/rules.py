"""The derivatives of one equation by the names in it, each found once a shape of equation.

`z5 = w5*a4 + b5` and `z6 = w6*a5 + b6` are the same equation under other names; their rules are
found once, which is what keeps a deep chain linear.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

import sympy as sp


@dataclass(frozen=True)
class LocalRules:
    """Partial derivatives of an equation: `rules[k]` is that by `symbols[k]`.

    The equation and its rules are written in stand-ins, `places[k]` for `symbols[k]`.
    """

    symbols: tuple[sp.Symbol, ...]
    places: tuple[sp.Symbol, ...]
    rules: tuple[sp.Expr, ...]

    def named(self, k: int) -> sp.Expr:
        """The derivative by `symbols[k]` in the equation's own names."""
        back = dict(zip(self.places, self.symbols, strict=True))
        # SymPy multiplies a number into a sum when it builds one: 2*(a - y) must be taken out
        # again after every substitution.
        return sp.factor_terms(self.rules[k].xreplace(back))


def local_rules(expression: sp.Expr) -> LocalRules:
    """The partial derivative of `expression` by each symbol in it, catalogue functions kept.

    >>> w, x = sp.symbols("w x", real=True)
    >>> local_rules(w * x).named(0)
    x
    """
    symbols = tuple(sorted(expression.free_symbols, key=str))
    places = tuple(_place(k) for k in range(len(symbols)))
    standing_in = expression.xreplace(dict(zip(symbols, places, strict=True)))
    return LocalRules(symbols, places, _rules(standing_in, places))


@cache
def _place(k: int) -> sp.Symbol:
    # Real whatever the assumptions of the symbols it stands for: a kernel takes real numbers,
    # and SymPy differentiates abs only then without re() and im().
    return sp.Dummy(f"place_{k}", real=True, dummy_index=10_000_000 + k)


@lru_cache(maxsize=4096)
def _rules(expression: sp.Expr, places: tuple[sp.Symbol, ...]) -> tuple[sp.Expr, ...]:
    return tuple(sp.factor_terms(sp.diff(expression, place)) for place in places)
