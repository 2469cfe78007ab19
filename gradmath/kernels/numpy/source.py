"""Program -> NumPy calls that write in place into reused buffers."""

from __future__ import annotations

from collections.abc import Collection, Set

from gradmath.kernels.naming import input_names
from gradmath.kernels.numpy.calls import Call, Check, NumpyCalls, Want
from gradmath.kernels.numpy.functions import function_name
from gradmath.kernels.numpy.slots import Kind, Place, assign_slots
from gradmath.program.ir import BINARY, MATRIX, PREDICATES, UNARY, Instruction, Program, Shape

#: Operations whose results are truth values.
TRUTHS = PREDICATES | {"first_max"}
#: Operations whose result, an array, is written into a buffer.
COMPUTED = UNARY | BINARY | TRUTHS | MATRIX | {"where", "neg_abs", "quick_exp", "one_or", "nan_or"}


#: Operations that numbers have functions of their own for.
_NUMBERS = {"exp": "number_exp", "where": "number_where"}


def numpy_calls(
    program: Program, sums: Set[str] = frozenset(), near: Collection[int] = ()
) -> NumpyCalls:
    """The calls for a program in NumPy's operations (see `forms`), `sums` added up.

    near: exponentials that are asked whether they are finite, and may be infinite in silence.
    """
    return _Printer(program, sums, near).print()


class _Printer:
    def __init__(self, program: Program, sums: Set[str], near: Collection[int]) -> None:
        self.program, self.items, self.near = program, program.instructions, near
        names: dict[int, set[str]] = {}
        for name, p in program.outputs.items():
            names.setdefault(p, set()).add(name)
        self.outputs = list(names)
        self.summed = {p for p, known in names.items() if known & sums}
        # A result that is wanted for every sample beside its sum has an array of its own.
        arrays = [p for p in names if self.items[p].shape != () and self.items[p].op in COMPUTED]
        self.written = {p: k for k, p in enumerate(p for p in arrays if not names[p] <= sums)}
        self.early, self.last = self._readers()
        self._assign()
        inputs = input_names(program)
        self.made = NumpyCalls(inputs, written=tuple(self.written))
        self.names: dict[int, str] = {}
        self.constants: dict[tuple[str, bool], str] = {}
        self.buffers: dict[Place, str] = {}

    def _readers(self) -> tuple[list[bool], list[int]]:
        """Which numbers depend on numbers alone; the last reader of each result, -1 for none."""
        early: list[bool] = []
        last = [-1] * len(self.items)
        for _, args, _, shape in self.items:
            early.append(not shape and all(early[a] for a in args))
        for p in (*self.outputs, *(guard.predicate for guard in self.program.guards)):
            last[p] = p
        p = len(self.items)
        for _, args, _, _ in reversed(self.items):
            p -= 1
            if last[p] >= 0:
                for a in args:
                    if last[a] < p:
                        last[a] = p
        return early, last

    def _assign(self) -> None:
        buffered: dict[int, Kind] = {}
        spare = []
        kinds: dict[tuple[Shape, bool], Kind] = {}
        for p, (op, _, _, shape) in enumerate(self.items):
            if not shape or self.last[p] < 0:
                continue
            if op in COMPUTED and p not in self.written:
                key = (shape, op in TRUTHS)
                if key not in kinds:
                    kinds[key] = (shape, "truth" if op in TRUTHS else "number")
                buffered[p] = kinds[key]
            if op == "where" and self._mixes(self.items[p]):
                spare.append(p)
        self.slots = assign_slots(self.program, buffered, self.last, set(spare), self.written)
        shapes = dict.fromkeys(shape for shape, _ in self.slots.counts)
        self.shapes: dict[Shape, int] = {shape: k for k, shape in enumerate(shapes)}

    def _mixes(self, item: Instruction) -> bool:
        """Whether a choice needs both arrays at a time: neither is zero, nor both are numbers."""
        condition, yes, no = (self.items[a] for a in item.args)
        if condition.shape == () or _is_zero(yes) or _is_zero(no):
            return False
        return not yes.shape == no.shape == ()

    def print(self) -> NumpyCalls:
        """Go through the instructions in order, each into the function where it belongs."""
        made, inputs = self.made, self.made.names
        guards: dict[int, list[int]] = {}
        for k, guard in enumerate(self.program.guards):
            guards.setdefault(guard.predicate, []).append(k)
        for p, item in enumerate(self.items):
            op, shape = item[0], item[3]
            if op == "const":
                self.names[p] = repr(item.value)
            elif op == "input":
                self.names[p] = inputs[str(item.value)]
            elif self.last[p] < 0:
                continue
            else:
                self.names[p] = f"t{p}"
                if self.early[p]:
                    op = _NUMBERS.get(op, op)
                    args = tuple(self.names[a] for a in item.args)
                    made.once.append(Call(f"t{p}", function_name(op), args))
                else:
                    self._compute(p, item)
            if not shape:
                continue
            if p in self.near:
                made.calls.append(Check(self.names[p]))
            for k in guards.get(p, ()):
                made.calls.append(Call(f"holds{k}", "holds", (self.names[p],)))
                made.guards[k] = f"holds{k}"
            if p in self.summed:
                made.calls.append(Call(f"sum{p}", "total", (self.names[p],)))
                made.sums[p] = f"sum{p}"
        made.late = {
            p: f"t{p}" for p in self.outputs if not self._is_array(p) and not self.early[p]
        }
        made.kept = self._kept()
        named = [item for item in self.items if item.op == "input"]
        made.arrays = tuple(str(item.value) for item in named if item.shape != ())
        made.scalars = tuple(str(item.value) for item in named if item.shape == ())
        made.whole = any(item.op in MATRIX for item in self.items)
        return made

    def _is_array(self, p: int) -> bool:
        return self.items[p].shape != ()

    def _kept(self) -> dict[int, str]:
        """The numbers that are read outside `once`."""
        early, items = self.early, self.items
        read = {a for p, i in enumerate(items) if not early[p] for a in i[1] if early[a]}
        read.update(self.outputs, (guard.predicate for guard in self.program.guards))
        return {
            p: self.names[p]
            for p in sorted(read)
            if early[p] and items[p].op != "const" and p in self.names
        }

    def _buffer(self, place: Place) -> str:
        name = self.buffers.get(place)
        if name is None:
            (shape, kind), number = place
            name = f"out{~number}" if number < 0 else f"{kind}{self.shapes[shape]}_{number}"
            self.buffers[place] = name
            if number >= 0:
                self.made.wants[name] = Want(place)
        return name

    def _compute(self, p: int, item: Instruction) -> None:
        op, read, _, shape = item
        out, names, items = None, self.names, self.items
        if shape:
            place = self.slots.of.get(p)
            out = f"out{self.written[p]}" if place is None else self._buffer(place)
            if op == "where":
                op, args = self._choice(p, item, [names[a] for a in read])
            elif op in ("min", "max") and shape == ("*",):
                args = [self._constant(a, vector=True) for a in read]
            else:
                args = [self._constant(a) if items[a][0] == "const" else names[a] for a in read]
        else:
            op, args = _NUMBERS.get(op, op), [names[a] for a in read]
        function = "silent_exp" if p in self.near else function_name(op)
        self.made.calls.append(Call(names[p], function, tuple(args), out))

    def _choice(self, p: int, item: Instruction, args: list[str]) -> tuple[str, list[str]]:
        condition, yes, no = (self.items[a] for a in item.args)
        if condition.shape != () and _is_zero(no):
            return "keep", args[:2]
        if condition.shape != () and _is_zero(yes):
            return "drop", [args[0], args[2]]
        spare = self._buffer(self.slots.scratch[p]) if p in self.slots.scratch else "None"
        return "choose", [*args, spare]

    def _constant(self, a: int, vector: bool = False) -> str:
        """An operand; a minimum is twice as fast with a vector of a constant as with a number."""
        if self.items[a].op != "const":
            return self.names[a]
        value = float(str(self.items[a].value))
        want = Want(constant=value, vector=vector)
        known = (repr(value), vector)  # -0.0 is not 0.0
        if known not in self.constants:
            count = sum(key[1] == vector for key in self.constants)
            self.constants[known] = f"{'same' if vector else 'const'}{count}"
            self.made.wants[self.constants[known]] = want
        return self.constants[known]


def _is_zero(item: Instruction) -> bool:
    return item.op == "const" and str(item.value) == "0.0"  # and not -0.0
