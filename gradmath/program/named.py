"""Named equations -> a program: forward values, local derivatives, adjoints backwards."""

from __future__ import annotations

from collections.abc import Set

import sympy as sp

from gradmath.derivation.named import NamedDerivation
from gradmath.derivation.rules import LocalRules
from gradmath.program.collection import uncollected
from gradmath.program.fragment import Fragment, fragment
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
    for name, rules in derivation.rules.items():
        own = fragment(rules.form.expression, rules.form.places)
        numbers[name] = own.into(builder, [numbers[n] for n in rules.form.names])[own.result]

    adjoints: dict[str, int] = {derivation.output: builder.const(1.0)}
    for name in reversed(derivation.rules):
        rules = derivation.rules[name]
        inputs = [numbers[n] for n in rules.names]
        for k in derivation.active[name]:
            argument = rules.names[k]
            own = fragment(rules.rules[k], rules.places, kinks=True)
            made = own.into(builder, inputs)
            _guard(builder, own, made, f"d{name}/d{argument}", rules)
            part = builder.mul(adjoints[name], made[own.result])
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
