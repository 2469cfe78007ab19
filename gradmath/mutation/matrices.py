"""Mistakes in the matrix lines of a network's derivation.

What does not multiply, because the shapes do not fit, is no formula and is not counted; a square
network lets transposed, exchanged and misplaced matrices fit.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator

import sympy as sp

from gradmath.catalogue.applied import explicit
from gradmath.derivation import NetworkDerivation, Step
from gradmath.mutation.expressions import MOST
from gradmath.mutation.matrix_changes import applied, changes
from gradmath.mutation.matrix_entries import Scalars, equal, shown
from gradmath.mutation.named import Changed, with_line
from gradmath.mutation.outcome import Mutant
from gradmath.verify.network_lines import derivation_rows
from gradmath.verify.operators import Operator
from gradmath.verify.report import FAILED, Row


def mutants(derivation: NetworkDerivation, batch: int, most: int = MOST) -> Iterator[Mutant]:
    """Mistakes in every line, for a batch of this size, and in the gradients given out."""
    scalars = Scalars(derivation, batch)
    for place, step in enumerate(derivation.steps):
        for operator, what, changed in changes(derivation, step.expression, batch, most):
            yield Mutant(
                operator,
                f"{step.kind} line {step.name}: {what}",
                with_line(derivation, place, changed),
                functools.partial(shown, scalars, step, changed),
                functools.partial(equal, scalars, step.expression, changed),
            )
        yield from _at_kinks(derivation, scalars, place, step)
    lines = frozenset(n for n, step in enumerate(derivation.steps) if step.kind == "gradient")
    for name in derivation.wrt:
        own = derivation.gradient[name]
        line = Step("gradient", "L", name, own, (), "")
        for operator, what, changed in changes(derivation, own, batch, 1):
            table = {other: derivation.gradient[other] for other in derivation.wrt}
            yield Mutant(
                operator,
                f"gradient[{name!r}]: {what}",
                Changed(derivation, gradient={**table, name: changed}, changed_lines=lines),
                functools.partial(shown, scalars, line, changed),
                functools.partial(equal, scalars, own, changed),
            )


def check(batch: int) -> Callable[[Changed], list[Row]]:
    """Verify a derivation with one line changed: that line, and if it passes, everything."""

    def rows(changed: Changed) -> list[Row]:
        found = derivation_rows(changed, batch, changed.changed_lines, first=True)
        if any(row.status == FAILED for row in found):
            return found
        return derivation_rows(changed, batch, first=True)

    return rows


def _at_kinks(
    derivation: NetworkDerivation, scalars: Scalars, place: int, step: Step
) -> Iterator[Mutant]:
    """At a kink, and only there, the slope of the other side."""
    if step.kind != "local" or step.of == "L" or str(step.by)[0] != "z":
        return  # the loss, or the identity path
    chosen = derivation.network.layers[int(step.of[1:]) - 1].activation
    values = dict(zip(chosen.entry.parameters, chosen.values, strict=True))
    z = sp.Symbol("z", real=True)
    for location, kink in chosen.entry.kinks.items():
        here = sp.sympify(location).xreplace(values)
        declared = sp.sympify(kink.returned).xreplace(values)
        sides = [sp.sympify(side).xreplace(values) for side in (kink.left, kink.right)]
        for side in dict.fromkeys(sides):
            if side == declared or kink.order != 1 or not here.is_Rational:
                continue
            node = step.expression.xreplace({derivation.symbols["n"]: sp.Integer(scalars.batch)})
            own = explicit(node.function(z, *chosen.values))
            body = sp.Piecewise((side, sp.Eq(z, here)), (own, True))
            changed = applied(node, (z, *chosen.values), body)
            words = f"{side} against the declared {declared} at {here}"
            yield Mutant(
                Operator.WRONG_SIDE_OF_KINK,
                f"local line {step.name}: {side} at {here}",
                with_line(derivation, place, changed),
                functools.partial(str, words),
                lambda: False,
            )
