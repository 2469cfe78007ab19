"""Evidence from the compiled kernel: what the numbers on a machine are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import sympy as sp

from gradmath.claims.evidence import Evidence, relations
from gradmath.claims.statement import Statement
from gradmath.verify.report import FAILED, PASSED, Row

if TYPE_CHECKING:
    from gradmath.derivation import Derivation

ULPS = 4.0  # a chain of a few operations on numbers of moderate size


@dataclass(frozen=True)
class KernelValues(Evidence):
    """The NumPy kernel of a derivation gives the right sides of the named parts at a point.

    `outputs` maps a part of the statement to the parameter whose derivative it states, or to ""
    for the loss.  Agreement is to 4 units in the last place of a double.
    """

    derivation: Derivation
    point: Mapping[str, sp.Rational]
    outputs: Mapping[str, str]
    proves: ClassVar[bool] = False

    def covers(self, statement: Statement) -> frozenset[str]:
        """The named parts."""
        return frozenset(self.outputs)

    def given(self, derivation: Derivation) -> KernelValues:
        """The same point and the same numbers, for the kernel of another derivation."""
        return replace(self, derivation=derivation)

    def check(self, statement: Statement) -> list[Row]:
        """One row for each output of the kernel."""
        from gradmath.kernels import compile

        kernel: Any = compile(self.derivation, "numpy")
        inputs = {name: float(value) for name, value in self.point.items()}
        loss, gradient = kernel(**inputs)
        domain = ", ".join(
            [*(f"{name} = {number!r}" for name, number in inputs.items()), "float64"]
        )
        rows = []
        for name, relation, _ in relations(statement, tuple(self.outputs)):
            output = self.outputs[name]
            got = float(gradient[output]) if output else float(loss)
            error = _ulps(got, relation.sides[1])
            status = PASSED if error <= ULPS else FAILED
            rows.append(
                Row(name, "NumPy kernel, float64", status, 1, error, "ulp",
                    got=repr(got), expected=str(relation.right), domain=domain)
            )  # fmt: skip
        return rows


def _ulps(got: float, expected: sp.Expr) -> float:
    """The distance of a double from an exact number, in units in the last place of that number."""
    import math

    exact = sp.Rational(*got.as_integer_ratio()) if math.isfinite(got) else sp.nan
    if exact is sp.nan:
        return math.inf
    unit = math.ulp(float(sp.N(expected, 30)))
    return float(sp.N(sp.Abs(exact - expected), 30)) / unit
