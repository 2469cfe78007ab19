"""Named equations -> a program: forward values, local derivatives, adjoints backwards."""

from __future__ import annotations

from collections.abc import Set

import sympy as sp

from gradmath.derivation.named import NamedDerivation
from gradmath.derivation.rules import LocalRules
from gradmath.program.collection import uncollected
from gradmath.program.fragment import Fragment, fragments
from gradmath.program.ir import Builder, Guard, Program, derivative_key


@uncollected()
def named_program(derivation: NamedDerivation, scalars: Set[str] = frozenset()) -> Program:
    """The program of one sample's loss and gradient.

    `scalars` are the inputs that are single numbers; what depends on them alone is computed once.
    The outputs are the derivation's output and one derivative for each of `wrt`.
    """
    builder = Builder()
    numbers = {
        name: builder.input(name, () if name in scalars else ("*",)) for name in derivation.inputs
    }
    made: dict[str, list[int]] = {}  # for each equation the numbers of its names and instructions
    for name, rules in derivation.rules.items():
        own = fragments(rules.own, derivation.active[name])
        # A rule that was put in the place of an equation's own may have a name from further on.
        made[name] = own_numbers = [numbers.get(n, -1) for n in rules.names]
        builder.repeat(own.value.code, own_numbers)
        numbers[name] = own_numbers[own.value.result]

    adjoints: dict[str, int] = {derivation.output: builder.const(1.0)}
    for name, rules in reversed(derivation.rules.items()):
        active, names = derivation.active[name], rules.names
        own_numbers = made.pop(name)
        if names is not rules.form.names:
            own_numbers[: len(names)] = [numbers[n] for n in names]
        for k, slope in zip(active, fragments(rules.own, active).slopes, strict=True):
            argument = names[k]
            builder.repeat(slope.code, own_numbers)
            if slope.kinks:
                _guard(builder, slope, own_numbers, f"d{name}/d{argument}", rules)
            part = builder.mul(adjoints[name], own_numbers[slope.result])
            known = adjoints.get(argument)
            adjoints[argument] = part if known is None else builder.add(known, part)

    outputs = {derivation.output: numbers[derivation.output]}
    for name in derivation.wrt:
        outputs[derivative_key(name)] = adjoints.get(name, builder.const(0.0))
    return builder.build(outputs, derivation.inputs)


def _guard(builder: Builder, own: Fragment, made: list[int], step: str, rules: LocalRules) -> None:
    """Note where abs, max or min has no derivative, so that a kernel can refuse that point."""
    for predicate, inner in own.kinks:
        back = {p: sp.Symbol(n) for p, n in zip(rules.places, rules.names, strict=True)}
        builder.guards.append(Guard(made[predicate], step, f"{inner.xreplace(back)} = 0"))
