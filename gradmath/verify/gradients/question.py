"""Everything that is asked: what is differentiated, what is claimed, where, and how strictly."""

from __future__ import annotations

from dataclasses import dataclass, field

import sympy

from gradmath.verify.gradients.claims import Claim
from gradmath.verify.gradients.functions import Equations, Formula
from gradmath.verify.gradients.places import Places

#: the name of the value of an expression that has none
VALUE = "value"


@dataclass
class Question:
    """Everything that is asked: what of, what is claimed, where, and how strictly."""

    formula: Formula
    claims: dict[str, Claim]
    places: Places
    order: int
    reduction: str | None
    expressions: dict[str, sympy.Expr] = field(default_factory=dict)
    stated_domain: bool = False

    @property
    def wrt(self) -> tuple[str, ...]:
        """The names that the gradient is claimed by."""
        return tuple(self.claims)

    @property
    def has_floats(self) -> bool:
        """Whether some expression holds doubles, which may be off in their last place."""
        rights = getattr(self.formula, "equations", {}).values()
        return any(e.has(sympy.Float) for e in (*rights, *self.expressions.values()))

    @property
    def by_mpmath(self) -> list[str]:
        """Heads of SymPy in the function or a claim that mpmath evaluates."""
        formulas = (self.formula, *(claim.formula for claim in self.claims.values()))
        return sorted({head for formula in formulas for head in formula.by_mpmath})

    @property
    def output(self) -> str:
        """The name of what is differentiated."""
        if isinstance(self.formula, Equations) and self.formula.output != VALUE:
            return self.formula.output
        return "f"

    def label(self, name: str) -> str:
        """How the derivative by a name is written in a report."""
        if self.order == 1:
            return f"d{self.output}/d{name}"
        by, _, along = name.partition(",")
        return f"d2{self.output}/d{by}" + (f"d{along}" if along and along != by else "2")
