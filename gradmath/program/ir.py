"""A straight-line program: instructions in order, every shared subexpression once.

A `Program` is what all backends print.  Each instruction applies one operation to earlier ones,
so evaluating it needs no recursion and its length is linear in what was put in.  `Builder`
builds it by hash-consing: asking twice for the same operation on the same arguments gives the
same number, which is how an activation and its derivative come to share one exponential.

Shapes are symbolic: `()` for a scalar, `("*",)` for the common shape that the array inputs of
named equations broadcast to, and tuples such as `("n", 8)` for the matrices of a network.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from gradmath.errors import DeclarationError

Shape = tuple[int | str, ...]


def derivative_key(name: str) -> str:
    """The output that holds the derivative by `name`; no quantity can have this for a name."""
    return f"d/d{name}"


#: Entry-by-entry operations of one argument; the names are those of NumPy and the array API
#: where these have them.
UNARY = frozenset(
    "neg abs sign sqrt exp expm1 log log1p sin cos tan sinh cosh tanh atan floor "
    "scaled_erfc".split()
)
#: Entry-by-entry operations of two arguments.
BINARY = frozenset("add sub mul div pow min max copysign".split())
#: Entry-by-entry comparisons and logic, whose results are booleans.
PREDICATES = frozenset("lt le eq ne and or".split())
#: Operations on whole matrices.
MATRIX = frozenset("matmul matmul_nt matmul_tn sum_rows row_sum row_max first_max sum_all".split())

#: What each matrix operation does to shapes, and its meaning:
#:   matmul(a, b) = a b;  matmul_nt(a, b) = a b^T;  matmul_tn(a, b) = a^T b
#:   sum_rows(a)  = sum over the first axis, shape (columns,)
#:   row_sum(a), row_max(a) = over the last axis, kept: shape (rows, 1)
#:   first_max(a) = True at the first largest entry of each row
#:   sum_all(a)   = the sum of all entries, a scalar


#: Operations that are not always emitted: it depends on the constants and changes of sign in them.
_FOLDED, _FOLDING = frozenset(["add", "mul", "neg"]), frozenset(["const", "neg"])

#: Instructions of a fragment: operation, places of the arguments, value (see `Builder.repeat`).
Code = tuple[tuple[str, tuple[int, ...], float | str | None], ...]


class Instruction(NamedTuple):
    """`op` of the instructions numbered `args`; `value` is a constant or an input's name."""

    op: str
    args: tuple[int, ...] = ()
    value: float | str | None = None
    shape: Shape = ()


@dataclass(frozen=True)
class Guard:
    """Where a derivative does not exist and none was declared: an error if the predicate holds."""

    predicate: int
    step: str
    point: str


@dataclass(frozen=True)
class Program:
    """Instructions, the names of the inputs, and the instruction of each named output."""

    instructions: tuple[Instruction, ...]
    inputs: tuple[str, ...]
    outputs: Mapping[str, int]
    guards: tuple[Guard, ...] = ()

    def __len__(self) -> int:
        return len(self.instructions)

    def last_uses(self) -> list[int]:
        """For each instruction the position of its last reader; outputs live to the end."""
        last = list(range(len(self.instructions)))
        for position, instruction in enumerate(self.instructions):
            for argument in instruction.args:
                last[argument] = position
        for kept in self.outputs.values():
            last[kept] = len(self.instructions)
        for guard in self.guards:
            last[guard.predicate] = len(self.instructions)
        return last

    def text(self) -> str:
        """One instruction a line, for people."""
        lines = []
        for position, item in enumerate(self.instructions):
            if item.op == "const":
                right = repr(item.value)
            elif item.op == "input":
                right = str(item.value)
            else:
                right = f"{item.op}({', '.join(f't{a}' for a in item.args)})"
            lines.append(f"t{position} = {right}")
        lines += [f"{name} -> t{position}" for name, position in self.outputs.items()]
        return "\n".join(lines)


@dataclass
class Builder:
    """Appends instructions, each different one once, and folds what is trivially constant."""

    instructions: list[Instruction] = field(default_factory=list)
    guards: list[Guard] = field(default_factory=list)
    _known: dict[tuple[Any, ...], int] = field(default_factory=dict)

    def emit(
        self, op: str, *args: int, value: float | str | None = None, shape: Shape | None = None
    ) -> int:
        """The number of the instruction `op(args)`, appended if it is new; -(-a) is a."""
        if op == "neg" and self.instructions[args[0]].op == "neg":
            return self.instructions[args[0]].args[0]
        # What is computed has its shape from its arguments.
        key = (op, args) if value is None else (op, value, shape)
        number = self._known.get(key)
        if number is None:
            number = self._known[key] = len(self.instructions)
            if shape is None:
                shape = self._shape(op, args)
            self.instructions.append(Instruction(op, args, value, shape))
        return number

    def repeat(self, code: Code, number: list[int]) -> None:
        """Append the instructions of a fragment: operation, arguments and value of each.

        Arguments are places in `number`, which holds the numbers of what the fragment is about, and
        to which the number of each instruction is added in turn.  What is done here for each
        instruction is done as often as a program is long, and written to take little time.
        """
        instructions, known, new = self.instructions, self._known, tuple.__new__
        for op, places, value in code:
            if value is not None:
                number.append(self.const(float(value)))
                continue
            args = tuple([number[k] for k in places])
            key = (op, args)
            found = known.get(key)
            if found is None:
                shape: Shape | None = ()
                folded = op in _FOLDED
                for a in args:
                    item = instructions[a]
                    if folded and item[0] in _FOLDING:
                        method = getattr(self, op, None)
                        found = method(*args) if method else self.emit(op, *args)
                        break
                    other = item[3]
                    if other and other != shape:
                        shape = None if shape else other
                else:
                    if shape is None:
                        shape = self._shape(op, args)
                    found = known[key] = len(instructions)
                    instructions.append(new(Instruction, (op, args, None, shape)))
            number.append(found)

    def input(self, name: str, shape: Shape) -> int:
        """An input of the program."""
        return self.emit("input", value=name, shape=shape)

    def const(self, value: float) -> int:
        """A constant."""
        return self.emit("const", value=float(value), shape=())

    def constant(self, number: int) -> float | None:
        """The value of an instruction that is a constant, else None."""
        op, _, value, _ = self.instructions[number]
        return float(value) if op == "const" and value is not None else None

    def add(self, a: int, b: int) -> int:
        """a + b; nothing is emitted for a + 0."""
        if self._is_plain(a, b):
            return self.emit("add", a, b)
        if self.constant(a) == 0:
            return b
        if self.constant(b) == 0:
            return a
        return self.emit("add", a, b)

    def mul(self, a: int, b: int) -> int:
        """a b; constants are folded, and nothing is emitted for a times 1."""
        if self._is_plain(a, b):
            return self.emit("mul", a, b)
        first, second = self.constant(a), self.constant(b)
        if first is not None and second is not None:
            return self.const(first * second)
        if first is not None:  # constants stand second, so that x*2 and 2*x are one instruction
            a, b, second = b, a, first
        if second is not None and self.instructions[a].op == "neg":  # (-x) c is x (-c)
            a, b, second = self.instructions[a].args[0], self.const(-second), -second
        if second == 1:
            return a
        if second == -1:
            return self.emit("neg", a)
        return self.emit("mul", a, b)

    def build(self, outputs: Mapping[str, int], inputs: Sequence[str]) -> Program:
        """The program of these outputs, without the instructions that nothing reads."""
        items = self.instructions
        needed = bytearray(len(items))
        for position in (*outputs.values(), *(guard.predicate for guard in self.guards)):
            needed[position] = 1
        position = len(items)
        for _, args, _, _ in reversed(items):
            position -= 1
            if needed[position]:
                for argument in args:
                    needed[argument] = 1
        unread = needed.find(0)  # up to here everything stays as it is
        number, kept = list(range(len(items))), items
        if unread >= 0:
            kept = items[:unread]
            for position in range(unread, len(items)):
                if needed[position]:
                    op, args, value, shape = items[position]
                    number[position] = len(kept)
                    kept.append(Instruction(op, tuple([number[a] for a in args]), value, shape))
        return Program(
            tuple(kept),
            tuple(inputs),
            {name: number[position] for name, position in outputs.items()},
            tuple(Guard(number[g.predicate], g.step, g.point) for g in self.guards),
        )

    def _is_plain(self, a: int, b: int) -> bool:
        """Whether neither is a constant or a change of sign, so that there is nothing to fold."""
        items = self.instructions
        return items[a][0] not in _FOLDING and items[b][0] not in _FOLDING

    def _shape(self, op: str, args: tuple[int, ...]) -> Shape:
        shapes = [self.instructions[a][3] for a in args]
        if op not in MATRIX:
            return broadcast(shapes)
        match op:
            case "matmul":
                return (shapes[0][0], shapes[1][1])
            case "matmul_nt":
                return (shapes[0][0], shapes[1][0])
            case "matmul_tn":
                return (shapes[0][1], shapes[1][1])
            case "sum_rows":
                return (shapes[0][1],)
            case "row_sum" | "row_max":
                return (shapes[0][0], 1)
            case "first_max":
                return shapes[0]
        return ()  # sum_all


def broadcast(shapes: Iterable[Shape]) -> Shape:
    """The common shape of entry-by-entry operands, by NumPy's rule on the symbolic sizes."""
    result: Shape = ()
    for shape in shapes:
        if not shape or shape == result:
            continue
        if not result:
            result = shape
            continue
        longer, shorter = (shape, result) if len(shape) > len(result) else (result, shape)
        padded = (1,) * (len(longer) - len(shorter)) + shorter
        merged: list[int | str] = []
        for a, b in zip(longer, padded, strict=True):
            if a != b and 1 not in (a, b):
                raise DeclarationError("shapes", got=f"{result} and {shape}", allowed="equal sizes")
            merged.append(b if a == 1 else a)
        result = tuple(merged)
    return result
