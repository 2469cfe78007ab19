"""The derivatives of one equation by the names in it, each found once a form of equation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import sympy as sp

from gradmath.equations import Form


@dataclass(frozen=True)
class LocalRules:
    """The partial derivatives of an equation: `rules[k]` is that by `names[k]`.

    They are written in stand-ins, `places[k]` for `names[k]`.
    """

    form: Form
    names: tuple[str, ...]
    places: tuple[sp.Symbol, ...]
    rules: tuple[sp.Expr, ...]

    def named(self, k: int, symbols: Mapping[str, sp.Symbol]) -> sp.Expr:
        """The derivative by `names[k]` in the equation's own symbols."""
        back = {p: symbols[name] for p, name in zip(self.places, self.names, strict=True)}
        return _number_outside(self.rules[k].xreplace(back))


def local_rules(form: Form) -> LocalRules:
    """The partial derivative of an equation by each name in it, catalogue functions kept.

    >>> from gradmath.equations import form_of
    >>> w, x = sp.symbols("w x", real=True)
    >>> local_rules(form_of(w * x)).named(0, {"w": w, "x": x})
    x
    """
    return LocalRules(form, form.names, form.places, _rules(form.expression, form.places))


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


@lru_cache(maxsize=4096)
def is_strange(rule: sp.Expr) -> bool:
    """Whether a derivative is not a real function that a kernel can compute."""
    return bool(rule.has(sp.I, sp.nan, sp.zoo, sp.oo, sp.Derivative, sp.Subs, sp.DiracDelta))


def _number_outside(rule: sp.Expr) -> sp.Expr:
    """2*(a - y) for 2*a - 2*y: SymPy multiplies a number into a sum whenever it builds one.

    Besides reading better, the difference is then exact and rounded only once after.
    """
    if not rule.is_Add:
        return rule
    number, rest = rule.primitive()
    return rule if number == 1 else sp.Mul(number, rest, evaluate=False)
