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
        return _number_outside(self.rules[k].xreplace(back))


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
    # Each term of a long sum is differentiated only with respect to what stands in it.
    moving: dict[sp.Symbol, list[sp.Expr]] = {place: [] for place in places}
    for term in sp.Add.make_args(expression):
        for place in term.free_symbols:
            moving[place].append(term)
    return tuple(
        _number_outside(sp.Add(*(sp.diff(term, place) for term in terms)))
        for place, terms in moving.items()
    )


def _number_outside(rule: sp.Expr) -> sp.Expr:
    """2*(a - y) for 2*a - 2*y: SymPy multiplies a number into a sum whenever it builds one.

    Besides reading better, the difference is then exact and rounded only once after.
    """
    if not rule.is_Add:
        return rule
    number, rest = rule.primitive()
    return rule if number == 1 else sp.Mul(number, rest, evaluate=False)
