"""The derivatives of one equation by the names in it, each found once a form of equation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import sympy as sp

from gradmath.equations import Form, Pattern


@dataclass(frozen=True, slots=True, eq=False)
class Rules:
    """An expression in stand-ins and its partial derivatives: `rules[k]` is that by `places[k]`.

    Like patterns they are told apart by identity.
    """

    expression: sp.Expr
    places: tuple[sp.Symbol, ...]
    rules: tuple[sp.Expr, ...]


class LocalRules(NamedTuple):
    """The partial derivatives of an equation, in whose stand-ins `places[k]` is for `names[k]`."""

    form: Form
    names: tuple[str, ...]
    own: Rules

    @property
    def places(self) -> tuple[sp.Symbol, ...]:
        """The stand-ins."""
        return self.own.places

    @property
    def rules(self) -> tuple[sp.Expr, ...]:
        """`rules[k]` is the derivative by `names[k]`."""
        return self.own.rules

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
    return LocalRules(form, form.names, _rules(form.pattern))


@lru_cache(maxsize=4096)
def _rules(pattern: Pattern) -> Rules:
    # Each term of a long sum is differentiated only with respect to what stands in it.
    moving: dict[sp.Symbol, list[sp.Expr]] = {place: [] for place in pattern.places}
    for term in sp.Add.make_args(pattern.expression):
        for place in term.free_symbols:
            moving[place].append(term)
    rules = tuple(
        _number_outside(sp.Add(*(_derivative(term, place) for term in terms)))
        for place, terms in moving.items()
    )
    return Rules(pattern.expression, pattern.places, rules)


class _Modulus(sp.Function):
    """|x| of what is real because a kernel computes it; of abs, SymPy would want that proved."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return sp.sign(self.args[0])


def _derivative(term: sp.Expr, place: sp.Symbol) -> sp.Expr:
    if not term.has(sp.Abs):
        return sp.diff(term, place)
    return sp.diff(term.replace(sp.Abs, _Modulus), place).replace(_Modulus, sp.Abs)


@lru_cache(maxsize=4096)
def strange(own: Rules) -> frozenset[int]:
    """Which of the derivatives are not real functions that a kernel can compute."""
    kinds = (sp.I, sp.nan, sp.zoo, sp.oo, sp.Derivative, sp.Subs, sp.DiracDelta)
    return frozenset(k for k, rule in enumerate(own.rules) if rule.has(*kinds))


def _number_outside(rule: sp.Expr) -> sp.Expr:
    """2*(a - y) for 2*a - 2*y: SymPy multiplies a number into a sum whenever it builds one.

    Besides reading better, the difference is then exact and rounded only once after.
    """
    if not rule.is_Add:
        return rule
    number, rest = rule.primitive()
    return rule if number == 1 else sp.Mul(number, rest, evaluate=False)
