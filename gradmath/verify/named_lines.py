"""Named equations: every line of a derivation proved from the equations, as a formula.

Points cannot tell a line from one that is wrong beyond some threshold only, or by less than balls
show.  So each line is compared with what the equations themselves give:

    forward line of e:        the right-hand side of e
    local line de/dv:         the derivative of the right-hand side of e by v
    adjoint or gradient by v: the sum over the equations e that hold v of dL/de * d(right of e)/dv

in which every adjoint is written out.  The difference is zero by expansion, or by proof.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import sympy
from sympy.core.relational import Relational

from gradmath.catalogue.applied import explicit
from gradmath.verify.report import FAILED, INCONCLUSIVE, PASSED, Row
from gradmath.verify.symbolic import prove_zero

#: a derivation of more equations than this is held at points only: written out it grows too long
_LONGEST: Final = 24
#: an expression of more operations than this is not expanded
_LARGEST: Final = 4000


def line_rows(
    derivation: Any, lines: Iterable[tuple[str, Any, sympy.Expr]], seconds: float = 2.0
) -> Iterator[Row]:
    """A row for each line that is wrong or doubtful as a formula, and one for all that are proved.

    `lines` are titles, steps and expressions.
    """
    if len(derivation.equations) > _LONGEST:
        return
    written = _Written(derivation)
    proved, only_checked = 0, []
    for title, step, expression in lines:
        row, sure = _line(written, title, step, expression, seconds)
        if row is not None:
            yield row
        elif sure:
            proved += 1
        else:
            only_checked.append(title)
    note = f"held at points only: {', '.join(only_checked)}" if only_checked else ""
    if proved:
        yield Row("lines", "proved from the equations", PASSED, proved, note=note,
                  domain="wherever the equations are smooth")  # fmt: skip


class _Written:
    """The equations, and every adjoint written out in the names of the derivation."""

    def __init__(self, derivation: Any) -> None:
        self.equations: Mapping[str, sympy.Expr] = derivation.equations
        self.symbols: Mapping[str, sympy.Symbol] = derivation.symbols
        self.output: str = derivation.output
        self.order = list(self.equations)
        self._known: dict[str, sympy.Expr] = {self.output: sympy.S.One}

    def adjoint(self, name: str) -> sympy.Expr:
        """The derivative of the output by a name, written out."""
        if name not in self._known:
            self._known[name] = sympy.Add(
                *(
                    self.adjoint(e) * _derivative(self.equations[e], self.symbols[name])
                    for e in self.holding(name)
                )
            )
        return self._known[name]

    def holding(self, name: str) -> Iterator[str]:
        """The equations in which a name occurs."""
        symbol = self.symbols[name]
        return (e for e, right in self.equations.items() if symbol in right.free_symbols)

    def after(self, name: str) -> set[str]:
        """The names whose adjoints may stand in the line of this one: those defined after it."""
        place = self.order.index(name) if name in self.order else -1
        return set(self.order[place + 1 :])


def _derivative(right: sympy.Expr, by: sympy.Symbol) -> sympy.Expr:
    return sympy.diff(right, by).replace(sympy.DiracDelta, lambda *_: sympy.S.Zero)


def _line(
    written: _Written, title: str, step: Any, expression: sympy.Expr, seconds: float
) -> tuple[Row | None, bool]:
    """A row where a line is wrong or doubtful; else None, and whether it is proved."""
    method = "compared with the equations"
    if step.by is None:
        wanted = written.equations[step.of]
    elif step.kind == "local":
        wanted = _derivative(written.equations[step.of], written.symbols[step.by])
    else:
        wanted = written.adjoint(step.by)
        start = f"d{written.output}/d"
        used = {s: s.name.removeprefix(start) for s in expression.free_symbols
                if s.name.startswith(start)}  # fmt: skip
        strange = sorted(set(used.values()) - written.after(step.by))
        if strange:
            got = f"the derivative by {', '.join(strange)}"
            later = "derivatives by names that are defined after it"
            return Row(title, method, FAILED, 1, got=got, expected=later), False
        expression = expression.xreplace({s: written.adjoint(n) for s, n in used.items()})
    gap = expression - wanted
    if gap == 0 or (sympy.count_ops(gap) <= _LARGEST and sympy.expand(gap) == 0):
        return None, True
    # a threshold that the equations do not have must be right on itself too
    foreign = bool(_conditions(expression) - _conditions(wanted))
    proof = prove_zero(gap, seconds=seconds, breakpoints=foreign)
    if proof.proved is False:
        return Row(title, method, FAILED, 1, got=proof.found, expected="0", note=proof.how), False
    if proof.proved is None and foreign:
        return Row(title, method, INCONCLUSIVE, 1, note="the line holds a condition that the "
                   f"equations do not, and no proof was found: {proof.how}"), False  # fmt: skip
    return None, bool(proof)


def _conditions(expression: sympy.Expr) -> set[Relational]:
    return set(explicit(expression).atoms(Relational))
