"""The instructions of an expression, found once and repeated for every equation of its form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import sympy as sp

from gradmath.program.ir import Builder
from gradmath.program.lowering import Lowering

#: Functions whose derivative has a kink that nobody declared a value for.
_KINKED = (sp.sign, sp.Heaviside)


@dataclass(frozen=True)
class Fragment:
    """Instructions whose arguments are numbered from the inputs on; `result` is one of them.

    kinks: for each point where a derivative does not exist, the instruction that tells, and the
    expression that is zero there.
    """

    inputs: int
    code: tuple[tuple[str, tuple[int, ...], float | str | None], ...]
    result: int
    kinks: tuple[tuple[int, sp.Expr], ...] = ()

    def into(self, builder: Builder, inputs: Sequence[int]) -> list[int]:
        """Append the instructions to a program; the number that each has there."""
        number = list(inputs)
        for op, args, value in self.code:
            match op:
                case "const":
                    number.append(builder.const(float(value or 0.0)))
                case "add":
                    number.append(builder.add(number[args[0]], number[args[1]]))
                case "mul":
                    number.append(builder.mul(number[args[0]], number[args[1]]))
                case _:
                    number.append(builder.emit(op, *[number[a] for a in args]))
        return number


@lru_cache(maxsize=4096)
def fragment(expression: sp.Expr, places: tuple[sp.Symbol, ...], kinks: bool = False) -> Fragment:
    """The fragment of an expression in stand-ins; with `kinks` as a derivative is guarded."""
    builder = Builder()
    names = {place: builder.input(str(k), ("*",)) for k, place in enumerate(places)}
    lowering = Lowering(builder, names)
    points = []
    if kinks:
        for call in sorted(expression.atoms(*_KINKED), key=str):
            inner = call.args[0]
            predicate = builder.emit("eq", lowering.lower(inner), builder.const(0.0))
            points.append((predicate, inner))
    result = lowering.equation(expression)
    code = tuple((i.op, i.args, i.value) for i in builder.instructions[len(places) :])
    return Fragment(len(places), code, result, tuple(points))
