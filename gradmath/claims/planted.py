"""Wrong derivations: what a mistake in the derivation itself, not in the statement, would give."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sympy as sp

from gradmath.claims.relation import Relation, equal
from gradmath.mutation.rules import with_rule

__all__ = ["derived_parts", "with_rule"]

if TYPE_CHECKING:
    from gradmath.derivation import Derivation


def derived_parts(
    derivation: Derivation, point: Mapping[str, sp.Expr], stated: Mapping[str, sp.Expr], of: str
) -> dict[str, Relation]:
    """`derived dL/dw` and so on: our derivation's gradient at a point has the stated values."""
    own: Any = derivation
    at = {own.symbols[name]: value for name, value in point.items()}
    return {
        f"derived d{of}/d{name}": equal(own.explicit(name).xreplace(at), value)
        for name, value in stated.items()
    }
