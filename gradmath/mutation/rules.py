"""A derivation with a wrong rule: what follows from a mistake in one local derivative."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sympy as sp

from gradmath.errors import UnknownNameError

if TYPE_CHECKING:
    from gradmath.derivation import Derivation


def with_rule(derivation: Derivation, of: str, by: str, rule: sp.Expr) -> Derivation:
    """The same equations with the local derivative of `of` by `by` replaced by `rule`.

    The rule may hold any symbol of the equations (they are in `derivation.symbols`).  Everything
    after it is the package's own: the product of the factors, `explicit`, the compiled kernel.
    """
    from gradmath.derivation import NamedDerivation
    from gradmath.derivation.rules import Rules

    own: Any = derivation
    made = NamedDerivation(own.equations, own.wrt)
    old = made.rules[of]
    names = old.names
    if by not in names:
        raise UnknownNameError(f"name in the equation for {of}", by, names)
    known = [made.symbols[name] for name in names]
    foreign = sorted(rule.free_symbols - set(known), key=str)
    symbols = (*known, *foreign)
    places = (*old.places, *(sp.Dummy(str(symbol), real=True) for symbol in foreign))
    rules = [*old.rules, *(sp.S.Zero for _ in foreign)]
    rules[names.index(by)] = rule.xreplace(dict(zip(symbols, places, strict=True)))
    all_names = tuple(symbol.name for symbol in symbols)
    own_rules = Rules(old.own.expression, places, tuple(rules))
    changed = old._replace(names=all_names, own=own_rules)
    # in place of the cached property, from which the steps, the gradient and the kernel follow
    vars(made)["rules"] = {**made.rules, of: changed}
    return made
