"""Mistakes in the lines of a derivation from named equations.

Each line is changed in one place by every operator that fits; the whole derivation with that one
line changed is what has to be rejected.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

import sympy as sp
from flint import arb

from gradmath.catalogue.applied import AppliedFunction, explicit
from gradmath.derivation import NamedDerivation, Step
from gradmath.errors import GradmathError
from gradmath.mutation.expressions import MOST, TAIL, Change, Context, changes
from gradmath.mutation.forward import Forward, apart, within
from gradmath.mutation.outcome import Mutant
from gradmath.mutation.points import Point, points
from gradmath.verify.named import derivation_rows
from gradmath.verify.operators import Operator
from gradmath.verify.report import FAILED, Row
from gradmath.verify.symbolic import prove_zero

#: for a proof that a mutant is equal, and for one that a changed line is right after all
_SECONDS, _SHORT = 5.0, 0.05


class Changed:
    """A derivation with some attributes changed; everything else is the original's."""

    def __init__(self, original: Any, **changed: Any) -> None:
        self._original = original
        vars(self).update(changed)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._original, name)

    def __repr__(self) -> str:
        return f"{self._original!r}, changed"


def with_line(derivation: Any, place: int, expression: Any) -> Changed:
    """The derivation with the right-hand side of one of its lines replaced."""
    steps = list(derivation.steps)
    steps[place] = replace(steps[place], expression=expression)
    return Changed(derivation, steps=tuple(steps), changed_lines=frozenset({place}))


def mutants(
    derivation: NamedDerivation, lines: Collection[str] | None = None, most: int = MOST
) -> Iterator[Mutant]:
    """Mistakes in every line, and in the gradients that the derivation gives out.

    `lines` names the lines to change (none given: all, and the gradients), `most` how many mistakes
    of one kind a line gets at most.
    """
    for place, step in enumerate(derivation.steps):
        if lines is not None and step.name not in lines:
            continue
        for operator, what, changed in _changes(derivation, step, most):
            yield Mutant(
                operator,
                f"{step.kind} line {step.name}: {what}",
                with_line(derivation, place, changed),
                _counterexample(derivation, step, changed),
                equality(derivation, step.expression, changed),
            )
        yield from _at_kinks(derivation, place, step)
    if lines is None:
        yield from _given_out(derivation)


def _changes(derivation: NamedDerivation, step: Step, most: int) -> Iterator[Change]:
    seen: set[sp.Expr] = {step.expression}
    general = changes(step.expression, context(derivation, step.of), most)
    for operator, what, changed in (*_chain(derivation, step), *general):
        if changed not in seen:
            seen.add(changed)
            yield operator, what, changed


def context(derivation: NamedDerivation, of: str) -> Context:
    """What the names of one equation may be mistaken for."""
    symbols = derivation.symbols
    order = [of, *derivation.inputs, *derivation.equations]
    return Context(
        places=tuple(symbols[name] for name in dict.fromkeys(order)),
        neighbours={symbols[name]: _neighbours(derivation, name) for name in symbols},
        tails=_reaching_far(derivation),
        defaults={symbols[name]: 0 if name.startswith("b") else 1 for name in derivation.inputs},
    )


@functools.lru_cache(maxsize=64)
def _reaching_far(derivation: NamedDerivation) -> frozenset[sp.Symbol]:
    """The names whose values can be large: beyond what is never reached nothing is wrong."""
    inputs = [derivation.symbols[name] for name in derivation.inputs]
    equations = {derivation.symbols[n]: right for n, right in derivation.equations.items()}
    found: set[sp.Symbol] = set()
    for at in points(inputs):
        for forward in within(equations, at):
            found |= {name for name in forward.values if bool(abs(forward.evaluate(name)) > TAIL)}
            break
    return frozenset(found)


def _neighbours(derivation: NamedDerivation, name: str) -> tuple[sp.Symbol, ...]:
    """The quantities of the same letter in the layers before and after."""
    numbered = re.fullmatch(r"(.*?)(\d+)", name)
    if numbered is None:
        return ()
    letter, layer = numbered[1], int(numbered[2])
    beside = (f"{letter}{layer - 1}", f"{letter}{layer + 1}")
    return tuple(derivation.symbols[other] for other in beside if other in derivation.symbols)


def _chain(derivation: NamedDerivation, step: Step) -> Iterator[Change]:
    """Links left out of a product along a chain, and paths left out of a sum over readers."""
    dropped = Operator.DROPPED_CHAIN_FACTOR
    if step.kind not in ("adjoint", "gradient") or step.by is None:
        return
    links: list[tuple[str, sp.Expr]] = []
    name = step.by
    while len(readers := derivation.readers.get(name, ())) == 1:
        links.append((f"d{readers[0]}/d{name}", derivation.local[readers[0]][name]))
        name = readers[0]
    if len(links) > 1 and sp.Mul(*(link for _, link in links)) == step.expression:
        for k, (link, _) in enumerate(links):
            yield dropped, link, sp.Mul(*(e for n, (_, e) in enumerate(links) if n != k))
    terms = sp.Add.make_args(step.expression)
    if len(terms) > 1 and len(derivation.readers.get(step.by, ())) > 1:
        for k, term in enumerate(terms):
            yield dropped, f"the path {term}", sp.Add(*terms[:k], *terms[k + 1 :])


# -- counterexamples and equality -------------------------------------------------------------


def _counterexample(derivation: NamedDerivation, step: Step, changed: sp.Expr) -> Any:
    def shown() -> str:
        inputs = [derivation.symbols[name] for name in derivation.inputs]
        equations = {derivation.symbols[n]: right for n, right in derivation.equations.items()}
        for at in points(inputs):
            for forward in within(equations, at):
                try:
                    got = forward.evaluate(changed, _adjoints(derivation, changed, forward))
                    true = _true(derivation, step, forward)
                except GradmathError:
                    continue
                if apart(got, true):
                    return written(at, got, true)
        return ""

    return shown


def _true(derivation: NamedDerivation, step: Step, forward: Forward) -> arb:
    symbols = derivation.symbols
    if step.by is None:
        return forward.evaluate(symbols[step.of])
    if step.kind == "local":
        return forward.partial(symbols[step.of], symbols[step.by])
    return forward.slope(symbols[step.by])


def _adjoints(
    derivation: NamedDerivation, expression: sp.Expr, forward: Forward
) -> dict[sp.Symbol, arb]:
    """What the symbols dL/da in a line stand for."""
    known = {f"d{derivation.output}/d{name}": name for name in derivation.symbols}
    return {
        symbol: forward.slope(derivation.symbols[known[symbol.name]])
        for symbol in expression.free_symbols
        if symbol.name in known and symbol not in forward.values
    }


def written(at: Mapping[Any, object], got: arb, true: arb) -> str:
    """A counterexample for a reader."""
    where = ", ".join(f"{name} = {number}" for name, number in at.items())
    return f"{got.str(9, radius=False)} against {true.str(9, radius=False)} at {where}"


def equality(derivation: NamedDerivation, original: sp.Expr, changed: sp.Expr) -> Any:
    """Whether two lines are proved equal, as they stand or with the intermediates put in."""

    def equal() -> bool:
        gap = explicit(changed) - explicit(original)
        if prove_zero(gap, seconds=_SECONDS, breakpoints=False).proved:
            return True
        inner = {
            symbol: derivation.explicit(name)
            for name, symbol in derivation.symbols.items()
            if name in derivation.equations and name not in derivation.wrt
        }
        whole = gap.xreplace(inner)
        return bool(prove_zero(whole, seconds=_SECONDS, breakpoints=False).proved)

    return equal


def check(changed: Changed) -> list[Row]:
    """Verify a derivation with one line changed: that line, and if it passes, everything.

    The other lines are the original's, and every row is about one line.
    """
    rows = derivation_rows(changed, seconds=_SHORT, lines=changed.changed_lines, first=True)
    if any(row.status == FAILED for row in rows):
        return rows
    return derivation_rows(changed, seconds=_SHORT, first=True)


# -- kinks ------------------------------------------------------------------------------------


def _at_kinks(derivation: NamedDerivation, place: int, step: Step) -> Iterator[Mutant]:
    """At a declared kink, and only there, another slope than the declared one."""
    right = derivation.equations[step.of]
    if step.kind != "local" or not isinstance(right, AppliedFunction):
        return
    argument = right.args[0]
    if argument != derivation.symbols[str(step.by)]:
        return
    values = dict(zip(right.entry.arguments, right.args, strict=True))
    for location, kink in right.entry.kinks.items():
        if kink.order != 1:
            continue
        here = sp.sympify(location).xreplace(values)
        sides = (sp.sympify(side).xreplace(values) for side in (kink.left, kink.right))
        declared = sp.sympify(kink.returned).xreplace(values)
        for side in dict.fromkeys(side for side in sides if side != declared):
            changed = sp.Piecewise((side, sp.Eq(argument, here)), (step.expression, True))
            yield Mutant(
                Operator.WRONG_SIDE_OF_KINK,
                f"local line {step.name}: {side} at {argument} = {here}",
                with_line(derivation, place, changed),
                _shown_at_kink(argument, here, changed, declared),
                equality(derivation, step.expression, changed),
            )


def _shown_at_kink(argument: sp.Symbol, here: sp.Expr, changed: sp.Expr, declared: sp.Expr) -> Any:
    def shown() -> str:
        others = sorted((here.free_symbols | changed.free_symbols) - {argument}, key=str)
        at: Point = next(points(others))
        exact = {s: sp.Rational(x.numerator, x.denominator) for s, x in at.items()}
        at[argument] = here.xreplace(exact)
        got, true = (e.xreplace({**exact, argument: at[argument]}) for e in (changed, declared))
        return f"{got} against the declared {true} at {argument} = {at[argument]}" * (got != true)

    return shown


# -- the gradients given out ------------------------------------------------------------------


def _gradient_lines(derivation: NamedDerivation) -> frozenset[int]:
    return frozenset(n for n, step in enumerate(derivation.steps) if step.kind == "gradient")


def _given_out(derivation: NamedDerivation) -> Iterator[Mutant]:
    """The lines are right, but `gradient` gives out something else."""
    for name in derivation.wrt:
        own = derivation.gradient[name]
        line = Step("gradient", derivation.output, name, own, (), "")
        for operator, what, changed in changes(own, context(derivation, name), most=1):
            table = {**{other: derivation.gradient[other] for other in derivation.wrt}}
            table[name] = changed
            yield Mutant(
                operator,
                f"gradient[{name!r}]: {what}",
                Changed(derivation, gradient=table, changed_lines=_gradient_lines(derivation)),
                _counterexample(derivation, line, changed),
                equality(derivation, own, changed),
            )
