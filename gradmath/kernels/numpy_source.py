"""Program -> NumPy source that writes in place into reused buffers.

The source is two functions.  `once(scalars..., number, bits)` computes what depends on numbers
alone and returns the `numbers` that the rest needs.  `block(arrays, numbers, work, bits, out)`
computes the rest, on whole arrays or on any block of them: it writes results into `out` and
returns the sums, the guards and the results that are numbers.

A choice between two arrays is made on their bits, since `np.where` costs ten times as much: with
a mask of ones where the condition holds, it is `((yes ^ no) & mask) ^ no`.
"""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass, field

from gradmath.kernels.naming import input_names
from gradmath.kernels.numpy_operations import (
    COMPUTED,
    MATRIX_CALLS,
    TRUTHS,
    UFUNC,
    NumpySource,
    Want,
)
from gradmath.kernels.slots import Kind, Place, assign_slots
from gradmath.program.ir import MATRIX, Instruction, Program, Shape


def numpy_source(program: Program, sums: Set[str] = frozenset()) -> NumpySource:
    """The source of a program in NumPy's operations (see `numpy_forms`), `sums` added up."""
    asked: dict[int, set[str]] = {}
    for name, p in program.outputs.items():
        asked.setdefault(p, set()).add(name)
    summed = {program.outputs[name] for name in sums}
    return _Printer(program, summed, {p for p in summed if asked[p] <= sums}).print()


@dataclass
class _Printer:
    program: Program
    sums: Set[int]
    only_summed: Set[int]
    once: list[str] = field(default_factory=list)
    block: list[str] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)
    bits: dict[int, str] = field(default_factory=dict)
    wants: dict[str, Want] = field(default_factory=dict)
    hoisted: list[str] = field(default_factory=list)

    def print(self) -> NumpySource:
        """Go through the instructions in order, each into the function where it belongs."""
        program, items = self.program, self.program.instructions
        inputs = input_names(program)
        outputs = list(dict.fromkeys(program.outputs.values()))
        early = self._early()
        self.written = tuple(
            p for p in outputs
            if p not in self.only_summed and items[p].shape != () and items[p].op in COMPUTED
        )  # fmt: skip
        self._assign(set(self.written))
        asked = {guard.predicate: k for k, guard in enumerate(program.guards)}
        guards: list[int] = []
        sums: list[int] = []
        for p, item in enumerate(items):
            if item.op == "const":
                self.names[p] = repr(item.value)
                continue
            if item.op == "input":
                self.names[p] = inputs[str(item.value)]
            elif p in early:
                self.names[p] = f"t{p}"
                self.once.append(f"t{p} = {self._number(item)}")
            else:
                self.names[p] = f"t{p}"
                self._compute(p, item)
            if p in asked and item.shape != ():
                guards += [k for k, guard in enumerate(program.guards) if guard.predicate == p]
                self.block.append(f"any{p} = np.logical_or.reduce({self.names[p]}, axis=None)")
            if p in self.sums and item.shape != ():
                sums.append(p)
                # In memory order, so that the order of summation is the same for any strides.
                self.block.append(f"sum{p} = np.add.reduce({self.names[p]}.ravel())")
        late = tuple(p for p in outputs if items[p].shape == () and p not in early)
        kept = self._kept(early, outputs)
        named = [i for i in items if i.op == "input"]
        return NumpySource(
            text=self._text(inputs, kept, late, sums, guards),
            arrays=tuple(str(i.value) for i in named if i.shape != ()),
            scalars=tuple(str(i.value) for i in named if i.shape == ()),
            wants=tuple(self.wants.values()),
            kept=kept,
            written=self.written,
            sums=tuple(sums),
            guards=tuple(guards),
            late=late,
            whole=any(item.op in MATRIX for item in items),
        )

    def _early(self) -> set[int]:
        """The numbers that depend on numbers alone."""
        early: set[int] = set()
        for p, item in enumerate(self.program.instructions):
            if item.shape == () and early.issuperset(item.args):
                early.add(p)
        return early

    def _kept(self, early: Set[int], outputs: list[int]) -> tuple[int, ...]:
        """The numbers that are read outside `once`."""
        items = self.program.instructions
        read = {a for p, item in enumerate(items) if p not in early for a in item.args}
        read.update(outputs, (guard.predicate for guard in self.program.guards))
        return tuple(p for p in sorted(read & early) if items[p].op != "const")

    def _assign(self, written: Set[int]) -> None:
        items = self.program.instructions
        buffered: dict[int, Kind] = {
            p: (item.shape, "truth" if item.op in TRUTHS else "number")
            for p, item in enumerate(items)
            if item.shape != () and item.op in COMPUTED and p not in written
        }
        last = list(range(len(items)))
        for p, item in enumerate(items):
            for argument in item.args:
                last[argument] = p
        scratch = {p for p, item in enumerate(items) if item.op == "where" and self._mixes(item)}
        self.slots = assign_slots(self.program, buffered, last, scratch)
        shapes = dict.fromkeys(shape for shape, _ in self.slots.counts)
        self.shapes: dict[Shape, int] = {shape: k for k, shape in enumerate(shapes)}

    def _mixes(self, item: Instruction) -> bool:
        """Whether a choice needs both arrays at a time: neither is zero, nor both are numbers."""
        condition, yes, no = (self.program.instructions[a] for a in item.args)
        if condition.shape == () or _is_zero(yes) or _is_zero(no):
            return False
        return item.shape != () and not yes.shape == no.shape == ()

    # The names of things.

    def _buffer(self, place: Place, bits: bool = False) -> str:
        (shape, kind), number = place
        base = ("bits" if kind == "number" else "byte") if bits else kind
        name = f"{base}{self.shapes[shape]}_{number}"
        self.wants[name] = Want(place, bits)
        return name

    def _target(self, p: int) -> str:
        if p in self.slots.of:
            return self._buffer(self.slots.of[p])
        return f"out[{self.written.index(p)}]"

    def _bits(self, p: int) -> str:
        """The bits of a value as integers."""
        if p in self.slots.of:
            return self._buffer(self.slots.of[p], bits=True)
        item = self.program.instructions[p]
        if item.op == "const":
            return self._constant_bits(float(item.value or 0.0))
        if p not in self.bits:
            self.bits[p] = f"bits_{p}"
            if item.shape == ():
                self.once.append(f"bits_{p} = number({self.names[p]}).view(bits)")
                self.hoisted.append(f"bits_{p}")
            else:
                whole = self.names[p] if item.op == "input" else self._target(p)
                self.block.append(f"bits_{p} = {whole}.view(bits)")
        return self.bits[p]

    def _constant_bits(self, value: float) -> str:
        name = f"bits{len(self.wants)}"
        for known, want in self.wants.items():
            if want.place is None and want.bits and repr(want.constant) == repr(value):
                return known
        self.wants[name] = Want(bits=True, constant=value)
        return name

    # What computes things.

    def _number(self, item: Instruction) -> str:
        args = [self.names[a] for a in item.args]
        if item.op == "where":
            return f"{args[1]} if {args[0]} else {args[2]}"
        if item.op == "exp":
            return f'number(np.exp({args[0]}, dtype="float64"))'
        return f"{UFUNC.get(item.op, f'np.{item.op}')}({', '.join(args)})"

    def _compute(self, p: int, item: Instruction) -> None:
        special: dict[str, Callable[[int, Instruction], None]] = {
            "where": self._where, "neg_abs": self._neg_abs, "number": self._as_number,
            "or_nan": self._or_nan,
        }  # fmt: skip
        if item.shape != () and item.op in special:
            special[item.op](p, item)
            return
        args = [self.names[a] for a in item.args]
        if item.shape == ():
            right = (
                MATRIX_CALLS[item.op].format(*args)
                if item.op in MATRIX_CALLS
                else self._number(item)
            )
            self.block.append(f"t{p} = {right}")
            return
        out = f", out={self._target(p)}"
        if item.op in MATRIX_CALLS:
            right = MATRIX_CALLS[item.op].format(*args, out=out)
        else:
            if item.op in ("min", "max"):
                args = [self._vector(a, item.shape) for a in item.args]
            if item.op == "exp":
                # NumPy's own float32 exp errs by up to 2.5 ulp, which alone would use up most of
                # what a derivative is allowed; through float64 it is rounded once.
                out += ', dtype="float64", casting="same_kind"'
            right = f"{UFUNC.get(item.op, f'np.{item.op}')}({', '.join(args)}{out})"
        self.block.append(f"t{p} = {right}")

    def _vector(self, a: int, shape: Shape) -> str:
        """An operand of a minimum: twice as fast with a vector of a constant as with a number."""
        item = self.program.instructions[a]
        if item.op != "const" or shape != ("*",):
            return self.names[a]
        value = float(item.value or 0.0)
        for name, want in self.wants.items():
            if want.place is None and not want.bits and repr(want.constant) == repr(value):
                return name
        name = f"same{len(self.wants)}"
        self.wants[name] = Want(constant=value)
        return name

    def _mask(self, condition: int, bits: str, holds: bool = True) -> None:
        """All bits where the condition holds (or does not), none elsewhere."""
        byte = self._buffer(self.slots.of[condition], bits=True)
        self.block.append(
            f"np.negative({byte}, out={bits})" if holds else f"np.subtract({byte}, 1, out={bits})"
        )

    def _where(self, p: int, item: Instruction) -> None:
        condition, yes, no = item.args
        items, target = self.program.instructions, self._target(p)
        if items[condition].shape == ():
            chosen = f"{self.names[yes]} if {self.names[condition]} else {self.names[no]}"
            self.block += [f"t{p} = {target}", f"np.copyto(t{p}, {chosen})"]
            return
        result = self._bits(p)
        if _is_zero(items[no]):
            self._mask(condition, result)
            self.block.append(f"np.bitwise_and({result}, {self._bits(yes)}, out={result})")
        elif _is_zero(items[yes]):
            self._mask(condition, result, holds=False)
            self.block.append(f"np.bitwise_and({result}, {self._bits(no)}, out={result})")
        else:
            if self._mixes(item):
                both = self._buffer(self.slots.scratch[p], bits=True)
                right = f"np.bitwise_xor({self._bits(yes)}, {self._bits(no)}, out={both})"
                self.block.append(right)
            else:
                both = f"{self._bits(yes)} ^ {self._bits(no)}"
            self._mask(condition, result)
            self.block.append(f"np.bitwise_and({result}, {both}, out={result})")
            self.block.append(f"np.bitwise_xor({result}, {self._bits(no)}, out={result})")
        self.block.append(f"t{p} = {target}")

    def _neg_abs(self, p: int, item: Instruction) -> None:
        sign = self._constant_bits(-0.0)
        self.block.append(f"np.bitwise_or({self._bits(item.args[0])}, {sign}, out={self._bits(p)})")
        self.block.append(f"t{p} = {self._target(p)}")

    def _as_number(self, p: int, item: Instruction) -> None:
        self.block += [f"t{p} = {self._target(p)}", f"np.copyto(t{p}, {self.names[item.args[0]]})"]

    def _or_nan(self, p: int, item: Instruction) -> None:
        condition, value = item.args
        result = self._bits(p)
        self._mask(condition, result)  # all bits set are a NaN
        self.block.append(f"np.bitwise_or({result}, {self._bits(value)}, out={result})")
        self.block.append(f"t{p} = {self._target(p)}")

    # The text.

    def _text(
        self, inputs: dict[str, str], kept: tuple[int, ...], late: tuple[int, ...],
        sums: list[int], guards: list[int],
    ) -> str:  # fmt: skip
        items = self.program.instructions
        named = [i for i in items if i.op == "input"]
        arrays = [inputs[str(i.value)] for i in named if i.shape != ()]
        scalars = [inputs[str(i.value)] for i in named if i.shape == ()]
        numbers = [*(self.names[p] for p in kept), *self.hoisted]
        predicates = [self.program.guards[k].predicate for k in guards]
        result = ", ".join(
            _tuple(names)
            for names in (
                [f"sum{p}" for p in sums], [f"any{p}" for p in predicates], [f"t{p}" for p in late],
            )
        )  # fmt: skip
        unpacked = [(arrays, "arrays"), (numbers, "numbers"), (list(self.wants), "work")]
        lines = [
            f"def once({', '.join([*scalars, 'number', 'bits'])}):",
            *self.once,
            f"return {_tuple(numbers)}",
            "def block(arrays, numbers, work, bits, out):",
            *(f"{', '.join(names)}, = {whole}" for names, whole in unpacked if names),
            *self.block,
            f"return {result}",
        ]
        lines = [line if line.startswith("def ") else f"    {line}" for line in lines]
        return "\n".join(lines).replace("\ndef ", "\n\n\ndef ") + "\n"


def _tuple(names: list[str]) -> str:
    return f"({', '.join(names)}{',' * (len(names) == 1)})"


def _is_zero(item: Instruction) -> bool:
    return item.op == "const" and str(item.value) == "0.0"  # and not -0.0
