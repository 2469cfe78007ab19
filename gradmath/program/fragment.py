"""The instructions of an equation and its derivatives, found once for all equations of its form."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import sympy as sp

from gradmath.derivation.rules import Rules
from gradmath.program.ir import Builder, Code
from gradmath.program.lowering import Lowering

#: Functions whose derivative has a kink that nobody declared a value for.
_KINKED = (sp.sign, sp.Heaviside)


@dataclass(frozen=True, slots=True)
class Fragment:
    """Instructions in order (see `Builder.repeat`); `result` is the number of one of them.

    kinks: for each point where a derivative does not exist, the instruction that tells, and the
    expression that is zero there.
    """

    code: Code
    result: int
    kinks: tuple[tuple[int, sp.Expr], ...] = ()


@dataclass(frozen=True, slots=True)
class Fragments:
    """An equation's value, and the derivatives that are asked for, each of them a fragment.

    A fragment holds what those before it do not, and is to be repeated after them: numbers count
    from the equation's names on through all of them.
    """

    value: Fragment
    slopes: tuple[Fragment, ...]


@lru_cache(maxsize=4096)
def fragments(own: Rules, active: tuple[int, ...]) -> Fragments:
    """The fragments of an equation in stand-ins, and of its `active` derivatives in that order."""
    builder = Builder()
    names = {place: builder.input(str(k), ("*",)) for k, place in enumerate(own.places)}
    lowering = Lowering(builder, names)
    done = len(own.places)

    def taken(result: int, kinks: list[tuple[int, sp.Expr]]) -> Fragment:
        nonlocal done
        code = tuple((i.op, i.args, i.value) for i in builder.instructions[done:])
        done += len(code)
        return Fragment(code, result, tuple(kinks))

    value = taken(lowering.equation(own.expression), [])
    slopes = []
    for k in active:
        rule = own.rules[k]
        kinks = []
        for call in sorted(rule.atoms(*_KINKED), key=str):
            inner = call.args[0]
            predicate = builder.emit("eq", lowering.lower(inner), builder.const(0.0))
            kinks.append((predicate, inner))
        slopes.append(taken(lowering.equation(rule), kinks))
    return Fragments(value, tuple(slopes))
