"""One line of a derivation, as a reader would write it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import sympy as sp

from gradmath.catalogue.applied import AppliedFunction, explicit
from gradmath.notation import latex, name_latex, partial_latex, text

Kind = Literal["forward", "local", "adjoint", "gradient"]


@dataclass(frozen=True)
class Step:
    """An equation of the derivation.

    kind: "forward" (a named quantity), "local" (one derivative of one equation), "adjoint" (the
    derivative of the output by an intermediate) or "gradient" (by what was asked for).
    of, by: the names on the left; `by` is None for a forward step.
    expression: the right-hand side in the named intermediates.
    shape: () for one sample of named equations, else the matrix shape, with n for the batch.
    reason: why the line holds, in a few words.
    symbol: the short name of an adjoint where it has one (`delta1` for dL/dz1).
    """

    kind: Kind
    of: str
    by: str | None
    expression: sp.Basic
    shape: tuple[object, ...]
    reason: str
    symbol: str | None = None

    @property
    def name(self) -> str:
        """`z` for a forward step, `da/dz` for a derivative."""
        return self.of if self.by is None else f"d{self.of}/d{self.by}"

    def latex(self) -> str:
        """The whole line; a local derivative of a catalogue function also written out."""
        left = name_latex(self.of) if self.by is None else partial_latex(self.of, self.by)
        if self.symbol is not None:
            left = f"{name_latex(self.symbol)} = {left}"
        line = f"{left} = {latex(self.expression)}"
        calls = self.expression.atoms(AppliedFunction)
        # Written out only where it stays a formula: functions of names, not of functions.
        plain = all(argument.is_Atom for call in calls for argument in call.args)
        if self.kind == "local" and not self.shape and calls and plain:
            written_out = explicit(self.expression)
            if written_out != self.expression:
                line += f" = {latex(written_out)}"
        return line

    def text(self) -> str:
        """The line in plain text."""
        left = self.name if self.symbol is None else f"{self.symbol} = {self.name}"
        return f"{left} = {text(self.expression)}"

    def __repr__(self) -> str:
        return f"Step({self.kind}: {self.text()})"
