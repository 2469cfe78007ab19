"""Program -> how the native backend runs it: parts on whole arrays, loops over them, buffers.

A part is what can be computed entry by entry without a matrix operation between.  Numbers that are
the same for every sample are computed before it, once.  A part is one loop where it is short; a
long one is cut into loops that hand blocks of values to each other, small enough to stay in the
cache (see `pieces`).  Loops of the same form are one C function: a chain of a thousand equal layers
takes a handful of functions, and its compilation takes no longer than a short one's.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from gradmath.kernels.c_body import expression, kind, literal
from gradmath.kernels.native.loop import function_text
from gradmath.kernels.native.pieces import pieces
from gradmath.program.ir import MATRIX, Program, Shape


@dataclass(frozen=True)
class Loop:
    """A call of a C function: what its arguments are, as numbers of slots, scalars, sums, flags."""

    function: int
    at: tuple[int, ...]


@dataclass
class Part:
    """Loops over arrays of one shape; `scalar`: over single numbers, kept in one table.

    inputs, outputs: numbers of instructions whose arrays come from outside, and go there; summed:
    those of which only the sum is wanted.  Slots are numbered in the order inputs, outputs,
    buffers; those of a scalar part are places in the table of scalars.
    """

    shape: Shape
    scalar: bool = False
    inputs: list[int] = field(default_factory=list)
    outputs: list[int] = field(default_factory=list)
    summed: list[int] = field(default_factory=list)
    buffers: int = 0
    loops: list[Loop] = field(default_factory=list)


@dataclass
class Plan:
    """What the runner goes through: parts, and numbers of matrix instructions between them.

    scalars: the place of each scalar instruction in the table of scalars; functions: the C
    functions; checked: inputs whose values are looked at for NaN and infinity on the way.
    """

    steps: list[Part | int]
    scalars: dict[int, int]
    functions: list[str]
    checked: set[int]


def make_plan(program: Program, sums: Collection[str] = ()) -> Plan:
    """The plan of a program, with the results named in `sums` added up on the way."""
    return _Planner(program, sums).plan()


class _Planner:
    def __init__(self, program: Program, sums: Collection[str]) -> None:
        self.program = program
        items = program.instructions
        kept = [p for name, p in program.outputs.items() if name not in sums]
        self.summed = {program.outputs[name] for name in sums if items[program.outputs[name]].shape}
        self.guards: dict[int, list[int]] = {}
        for number, guard in enumerate(program.guards):
            self.guards.setdefault(guard.predicate, []).append(number + 1)
        self.kept = set(kept)
        self.scalars = {
            p: n
            for n, p in enumerate(
                p for p, i in enumerate(items) if i.shape == () and i.op != "const"
            )
        }
        self.functions: dict[str, int] = {}
        self.checked: set[int] = set()

    def plan(self) -> Plan:
        steps: list[Part | int] = []
        groups = list(self._groups())
        self._place = {p: n for n, group in enumerate(groups) for p in group}
        self._part_of_last_use: dict[int, int] = {}
        items = self.program.instructions
        for position, item in enumerate(items):
            for argument in item.args:
                self._part_of_last_use[argument] = max(
                    self._part_of_last_use.get(argument, -1), self._place[position]
                )
        for number, group in enumerate(groups):
            if items[group[0]].op in MATRIX:
                steps.append(group[0])
            elif items[group[0]].shape == ():
                steps.append(self._scalar_part(group))
            else:
                steps.append(self._array_part(number, group))
        return Plan(steps, self.scalars, list(self.functions), self.checked)

    def _groups(self) -> list[list[int]]:
        """Instructions that run together: one matrix operation, or entry by entry in one shape."""
        groups: list[list[int]] = []
        scalars: list[int] = []
        arrays: list[int] = []

        def close() -> None:
            groups.extend(group for group in (scalars[:], arrays[:]) if group)
            scalars.clear()
            arrays.clear()

        for position, item in enumerate(self.program.instructions):
            if item.op in ("input", "const"):
                continue
            if item.op in MATRIX:
                close()
                groups.append([position])
            elif item.shape == ():
                scalars.append(position)
            else:
                if arrays and self.program.instructions[arrays[0]].shape != item.shape:
                    close()
                arrays.append(position)
        close()
        return groups

    def _scalar_part(self, members: list[int]) -> Part:
        part = Part((), scalar=True)
        slots = self.scalars
        for piece in pieces(self.program.instructions, members):
            part.loops.append(self._loop(piece, set(piece), slots, part))
        return part

    def _array_part(self, number: int, members: list[int]) -> Part:
        items = self.program.instructions
        part = Part(items[members[0]].shape)
        inside = set(members)
        part.inputs = list(
            dict.fromkeys(
                a
                for p in members
                for a in items[p].args
                if a not in inside and items[a].shape != ()
            )
        )
        part.outputs = [
            p for p in members if p in self.kept or self._part_of_last_use.get(p, -1) > number
        ]
        part.summed = [p for p in members if p in self.summed]
        slots = {p: n for n, p in enumerate([*part.inputs, *part.outputs])}
        cut = pieces(self.program.instructions, members)
        piece_of = {p: n for n, piece in enumerate(cut) for p in piece}
        last = dict.fromkeys(members, -1)
        for p in members:
            for a in items[p].args:
                if a in inside:
                    last[a] = max(last[a], piece_of[p])
        first = len(slots)
        free: list[int] = []
        ending: dict[int, list[int]] = {}
        for n, piece in enumerate(cut):
            stored = []
            for p in piece:
                if p in slots:
                    stored.append(p)
                elif last[p] > n:
                    slots[p] = free.pop() if free else first + part.buffers
                    if slots[p] == first + part.buffers:
                        part.buffers += 1
                    ending.setdefault(last[p], []).append(p)
                    stored.append(p)
            part.loops.append(self._loop(piece, set(stored), slots, part))
            # freed after the loop has its own: within a loop no memory has two names
            free.extend(slots[p] for p in ending.pop(n, ()))
        return part

    def _loop(
        self, members: list[int], stored: set[int], slots: dict[int, int], part: Part
    ) -> Loop:
        """One loop: its function, made if there is none of this form, and its arguments."""
        items = self.program.instructions
        name: dict[int, str] = {}
        arrays: list[int] = []
        scalars: list[int] = []
        head: list[str] = []
        lines: list[str] = []
        ends: list[str] = []
        for n, position in enumerate(members):
            item = items[position]
            for a in item.args:
                if a in name:
                    continue
                source = items[a]
                if source.op == "const":
                    name[a] = literal(source.value)
                elif source.shape == () and not part.scalar:
                    name[a] = f"c{len(scalars)}"
                    scalars.append(a)
                else:
                    name[a] = f"x{len(arrays)}"
                    read = f"in{len(arrays)}[i]"
                    boolean = kind(source) == "bool"
                    head.append(f"const {kind(source)} {name[a]} = {read}{' != T(0)' * boolean};")
                    arrays.append(a)
                    if source.op == "input" and not part.scalar and a not in self.checked:
                        self.checked.add(a)
                        head.append(
                            f"bad |= bits_of({name[a]} - {name[a]});  // 0 where it is finite"
                        )
            right = expression(item, [name[a] for a in item.args])
            name[position] = f"t{n}"
            lines.append(f"const {kind(item)} t{n} = {right};")
        out = [p for p in members if p in stored or part.scalar]
        for n, p in enumerate(out):
            boolean = kind(items[p]) == "bool"
            ends.append(f"out{n}[i] = {name[p]}{' ? T(1) : T(0)' * boolean};")
        sums = [p for p in members if p in self.summed and not part.scalar]
        ends += [f"sum{n} += {name[p]};" for n, p in enumerate(sums)]
        flags = [(p, flag) for p in members for flag in self.guards.get(p, ())]
        ends += [f"flag{n} |= {name[p]};" for n, (p, _) in enumerate(flags)]
        text = function_text(
            len(arrays), len(out), len(scalars), len(sums), len(flags), [*head, *lines, *ends]
        )
        number = self.functions.setdefault(text, len(self.functions))
        at = (
            *(slots[p] for p in arrays),
            *(slots[p] for p in out),
            *(self.scalars[p] for p in scalars),
            *(part.summed.index(p) for p in sums),
            *(flag for _, flag in flags),
        )
        return Loop(number, at)
