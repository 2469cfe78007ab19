"""Named equations -> a program: forward values, local derivatives, adjoints backwards."""

from __future__ import annotations

from collections.abc import Set

import sympy as sp

from gradmath.derivation.named import NamedDerivation
from gradmath.derivation.rules import LocalRules
from gradmath.program.ir import Builder, Guard, Program, derivative_key
from gradmath.program.lowering import Lowering

#: Functions whose derivative has a kink that nobody declared a value for.
_KINKED = (sp.sign, sp.Heaviside)


def named_program(derivation: NamedDerivation, scalars: Set[str] = frozenset()) -> Program:
    """The program of one sample's loss and gradient.

    `scalars` are the inputs that are single numbers; what depends on them alone is computed once.
    The outputs are the derivation's output and one derivative for each of `wrt`.
    """
    builder = Builder()
    names: dict[sp.Symbol, int] = {
        derivation.symbols[name]: builder.input(name, () if name in scalars else ("*",))
        for name in derivation.inputs
    }
    lowering = Lowering(builder, names)
    for name, right in derivation.equations.items():
        names[derivation.symbols[name]] = lowering.equation(right)

    adjoints: dict[str, int] = {derivation.output: builder.const(1.0)}
    for name in reversed(derivation.equations):
        rules = derivation.rules[name]
        local = Lowering(
            builder,
            {p: names[s] for p, s in zip(rules.places, rules.symbols, strict=True)},
        )
        for k in derivation.active[name]:
            argument = str(rules.symbols[k])
            _guard_kinks(rules, k, f"d{name}/d{argument}", local)
            part = builder.mul(adjoints[name], local.equation(rules.rules[k]))
            known = adjoints.get(argument)
            adjoints[argument] = part if known is None else builder.add(known, part)

    outputs = {derivation.output: names[derivation.symbols[derivation.output]]}
    for name in derivation.wrt:
        outputs[derivative_key(name)] = adjoints.get(name, builder.const(0.0))
    return builder.build(outputs, derivation.inputs)


def _guard_kinks(rules: LocalRules, k: int, step: str, lowering: Lowering) -> None:
    """Note where abs, max or min has no derivative, so that a kernel can refuse that point."""
    calls = rules.rules[k].atoms(*_KINKED)
    back = dict(zip(rules.places, rules.symbols, strict=True))
    for call in sorted(calls, key=str):
        inner = call.args[0]
        zero = lowering.builder.const(0.0)
        predicate = lowering.builder.emit("eq", lowering.lower(inner), zero)
        point = f"{inner.xreplace(back)} = 0"
        lowering.builder.guards.append(Guard(predicate, step, point))
