"""Program -> the C bodies of fused loops, cut where a matrix operation stands.

One body serves the host and CUDA: it is written in a type T that either side defines, and in the
words of C's mathematics, to which either side gives the meaning for that type.
"""

from __future__ import annotations

import math
from collections.abc import Container, Sequence
from dataclasses import dataclass

from gradmath.program.ir import MATRIX, PREDICATES, Instruction, Program

_PATTERN = {
    "neg": "-{0}",
    "abs": "fabs({0})",
    "sign": "{0} != {0} ? {0} : T(({0} > T(0)) - ({0} < T(0)))",
    "scaled_erfc": "erfcx({0})",
    "add": "{0} + {1}",
    "sub": "{0} - {1}",
    "mul": "{0} * {1}",
    "div": "{0} / {1}",
    # Written out so that a NaN on either side is passed on; fmin and fmax would drop it.
    # | for ||: no branch, which would keep the host's loops from becoming vector code.
    "min": "(({0} < {1}) | ({0} != {0})) ? {0} : {1}",
    "max": "(({0} > {1}) | ({0} != {0})) ? {0} : {1}",
    "lt": "{0} < {1}",
    "le": "{0} <= {1}",
    "eq": "{0} == {1}",
    "ne": "{0} != {1}",
    "and": "{0} & {1}",
    "or": "{0} | {1}",
    "where": "{0} ? {1} : {2}",
}


@dataclass(frozen=True)
class Segment:
    """One fused kernel: values that go in and out (numbers of instructions) and its C body.

    `types[i]` is "T" for a number of the kernel's type and "bool" for a predicate.
    """

    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    body: str
    types: dict[int, str]

    def parameters(self, positions: tuple[int, ...]) -> str:
        """A parameter list in the form of `cupy.ElementwiseKernel`."""
        return ", ".join(f"{self.types[p]} v{p}" for p in positions)


def segments(program: Program) -> list[Segment | int]:
    """The program in order: fused segments, and the numbers of matrix instructions between them."""
    parts: list[list[int] | int] = []
    current: list[int] = []
    for position, item in enumerate(program.instructions):
        if item.op in ("input", "const"):
            continue
        if item.op in MATRIX:
            if current:
                parts.append(current)
            parts.append(position)
            current = []
            continue
        shapes = {program.instructions[p].shape for p in current} - {()}
        if current and item.shape != () and shapes and shapes != {item.shape}:
            parts.append(current)
            current = []
        current.append(position)
    if current:
        parts.append(current)
    return [part if isinstance(part, int) else _segment(program, part) for part in parts]


def _segment(program: Program, members: list[int]) -> Segment:
    inside = set(members)
    instructions = program.instructions
    inputs = dict.fromkeys(
        argument
        for position in members
        for argument in instructions[position].args
        if argument not in inside and instructions[argument].op != "const"
    )
    wanted = {*program.outputs.values(), *(guard.predicate for guard in program.guards)}
    for position, item in enumerate(instructions):
        if position not in inside:
            wanted.update(item.args)
    outputs = tuple(position for position in members if position in wanted)
    types = {p: kind(instructions[p]) for p in (*members, *inputs)}
    lines = [statement(program, position, inside) for position in members]
    # Outputs are stored last, so that an output may be the same memory as an input.
    lines += [f"v{position} = t{position};" for position in outputs]
    return Segment(tuple(inputs), outputs, "\n".join(lines), types)


def statement(program: Program, position: int, inside: Container[int]) -> str:
    """One instruction in C; `inside` are those whose values are tN, all others are vN."""
    item = program.instructions[position]
    args = [_name(program.instructions[a], a, inside) for a in item.args]
    return f"const {kind(item)} t{position} = {expression(item, args)};"


def kind(item: Instruction) -> str:
    """The type of a value: "T", that of the computation, or "bool" for a predicate."""
    return "bool" if item.op in PREDICATES or item.op == "first_max" else "T"


def _name(item: Instruction, position: int, inside: Container[int]) -> str:
    if item.op == "const":
        return literal(item.value)
    return f"t{position}" if position in inside else f"v{position}"


def literal(value: object) -> str:
    """A constant of type T."""
    number = float(str(value))
    special = {math.inf: "INFINITY", -math.inf: "-INFINITY"}
    return f"T({'NAN' if math.isnan(number) else special.get(number, repr(number))})"


def expression(item: Instruction, args: Sequence[str]) -> str:
    """The right side of an instruction, its arguments being names or constants."""
    pattern = _PATTERN.get(item.op)
    return pattern.format(*args) if pattern else f"{item.op}({', '.join(args)})"
