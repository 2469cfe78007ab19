"""Program -> the maps of a CUDA device: entry-by-entry kernels of one shape each.

Three types meet in a kernel.  T is the type of the computation, float or double.  S is the type
that arrays of inputs and results are stored in: float16, bfloat16, T itself.  Predicates are bool.
A kernel converts what it loads to T, computes, and stores last, so that a result may take the
memory of an input of the same layout.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gradmath.kernels.c_body import kind, statement
from gradmath.program.ir import MATRIX, Program, Shape

#: The C name of each type that a program is computed in.
C_TYPES = {"float32": "float", "float64": "double"}


@dataclass(frozen=True)
class Map:
    """One kernel: the instructions whose values it reads and writes, and its C statements.

    `types[i]` is "S", "T" or "bool".  Results of shape () belong to maps of that shape alone; the
    maps of arrays compute again what they need of numbers.
    """

    number: int
    shape: Shape
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    statements: tuple[str, ...]
    types: dict[int, str]

    @property
    def name(self) -> str:
        """The name of the kernel."""
        return f"gradmath_{self.number}"

    @property
    def body(self) -> str:
        """The operation of a `cupy.ElementwiseKernel`."""
        lines = [load(self.types[p], p, f"in{p}") for p in self.inputs]
        lines += self.statements
        lines += [f"v{p} = t{p};" for p in self.outputs]
        return "\n".join(lines)

    def parameters(self, compute: str) -> tuple[str, str]:
        """Lists of inputs and outputs as `cupy.ElementwiseKernel` reads them.

        compute: what T is, "float32" or "float64".
        """
        names = {"S": "S", "T": compute, "bool": "bool"}
        ins = ", ".join(f"{names[self.types[p]]} in{p}" for p in self.inputs)
        outs = ", ".join(f"{names[self.types[p]]} v{p}" for p in self.outputs)
        return ins, outs


def load(kind_of_value: str, position: int, source: str) -> str:
    """The C statement that reads the value of an instruction."""
    return f"const {'bool' if kind_of_value == 'bool' else 'T'} v{position} = {source};"


def preamble(compute: str) -> str:
    """What stands above a kernel: the meaning of T."""
    return f"typedef {C_TYPES[compute]} T;"


def maps(program: Program) -> list[Map | int]:
    """The program in order: maps, and the numbers of matrix instructions between them."""
    found: list[Map | int] = []
    arrays: list[int] = []
    numbers: list[int] = []
    kept = results(program)

    def close(array_only: bool = False) -> None:
        nonlocal arrays, numbers
        wanted = [] if array_only else [p for p in numbers if p in kept]
        for members in (wanted, arrays):
            if members:
                found.append(_map(program, members, len(found)))
        arrays = []
        numbers = numbers if array_only else []

    for position, item in enumerate(program.instructions):
        if item.op in ("input", "const"):
            continue
        if item.op in MATRIX:
            close()
            found.append(position)
        elif item.shape == ():
            numbers.append(position)
        else:
            if arrays and program.instructions[arrays[0]].shape != item.shape:
                close(array_only=True)
            arrays.append(position)
    close()
    return found


def results(program: Program) -> set[int]:
    """The instructions whose values leave the program."""
    return {*program.outputs.values(), *(guard.predicate for guard in program.guards)}


def needed(program: Program, members: Iterable[int]) -> list[int]:
    """`members` and the numbers that they are computed from, in order.

    An entry-by-entry instruction of shape () reads nothing but others of its kind.
    """
    whole = set(members)
    todo = list(whole)
    while todo:
        for argument in program.instructions[todo.pop()].args:
            item = program.instructions[argument]
            computed = item.op not in ("input", "const") and item.op not in MATRIX
            if argument not in whole and computed and item.shape == ():
                whole.add(argument)
                todo.append(argument)
    return sorted(whole)


def eager(program: Program, members: Sequence[int]) -> list[int]:
    """Instructions in an order that computes each as soon as what it reads is known.

    First come, first served: a derivative of an activation is then computed beside its value, and
    one number a layer waits in a register for the way back.  On a chain of twenty
    layers that halves the registers of a kernel.
    """
    inside = set(members)
    reads = {p: {a for a in program.instructions[p].args if a in inside} for p in members}
    readers: dict[int, list[int]] = {p: [] for p in members}
    for position in members:
        for argument in reads[position]:
            readers[argument].append(position)
    unknown = {p: len(arguments) for p, arguments in reads.items()}
    order: list[int] = []
    for source in members:
        if reads[source]:
            continue
        ready = deque([source])
        while ready:
            position = ready.popleft()
            order.append(position)
            for reader in readers[position]:
                unknown[reader] -= 1
                if not unknown[reader]:
                    ready.append(reader)
    return order


def _map(program: Program, members: list[int], number: int) -> Map:
    instructions = program.instructions
    shape = instructions[members[0]].shape
    whole = eager(program, needed(program, members))
    inside = set(whole)
    inputs = tuple(
        dict.fromkeys(
            argument
            for position in whole
            for argument in instructions[position].args
            if argument not in inside and instructions[argument].op != "const"
        )
    )
    read = results(program)
    for position, item in enumerate(instructions):
        if position not in inside:
            read.update(item.args)
    outputs = tuple(p for p in members if p in read and instructions[p].shape == shape)
    return Map(
        number,
        shape,
        inputs,
        outputs,
        tuple(statement(program, position, inside) for position in whole),
        {p: storage_kind(program, p) for p in (*inputs, *outputs)},
    )


def storage_kind(program: Program, position: int) -> str:
    """How a value lies in memory: "S" for arrays that come in or go out, else "T" or "bool"."""
    item = program.instructions[position]
    if kind(item) == "bool":
        return "bool"
    leaves = item.op == "input" or position in program.outputs.values()
    return "S" if leaves and item.shape != () else "T"
