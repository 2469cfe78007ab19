"""Native: the fused C loops of a program, built by the system's compiler, called through cffi."""

from __future__ import annotations

import math
import threading
from collections.abc import Collection, Mapping
from typing import Any

from gradmath.kernels.native_library import load, require_native
from gradmath.kernels.native_matrix import matrix
from gradmath.kernels.native_plan import Part, Plan, make_plan
from gradmath.kernels.native_rewrite import rewritten
from gradmath.kernels.native_source import GROUP, block_size, program_text, unit
from gradmath.kernels.runner import NotFinite, Sizes, concrete
from gradmath.program.ir import Instruction, Program

_DECLARATIONS = """
void run_arrays(int, char *const *, const long *, const {T} *, double *, double *, int *, char *,
                long, long, int);
void run_scalars(int, {T} *, int, int *, char *);
"""


class Built:
    """A program built for one type and one choice of sums: its plan, library and frames.

    A frame is what one thread hands to the library: tables of addresses and room for blocks.
    """

    def __init__(self, program: Program, bits: int, sums: Collection[str], threads: int) -> None:
        import numpy as np

        self.plan: Plan = make_plan(program, sums)
        self.threads = threads
        self.flags = 1 + len(program.guards)
        self.dtype = np.dtype(f"float{bits}")
        self.type = "double" if bits == 64 else "float"
        self.block = block_size(self.plan, bits)
        text = unit(self.plan, bits, self.flags)
        self.ffi, self.library = load(text, _DECLARATIONS.replace("{T}", self.type), threads > 1)
        self._local = threading.local()

    def frame(self) -> Frame:
        """The frame of this thread."""
        try:
            found: Frame = self._local.frame
        except AttributeError:
            found = self._local.frame = Frame(self)
        return found


class Frame:
    """Memory that one thread uses in every call."""

    def __init__(self, built: Built) -> None:
        import numpy as np

        ffi, plan = built.ffi, built.plan
        parts = [step for step in plan.steps if isinstance(step, Part)]
        self.scalars = np.zeros(max(1, len(plan.scalars)), built.dtype)
        self.scalar_pointer = ffi.from_buffer(
            f"{built.type}[]", self.scalars, require_writable=True
        )
        self.flags = ffi.new("int[]", built.flags)
        self.clear = bytes(ffi.sizeof(self.flags))
        self.arrays = [ffi.new("char *[]", len(p.inputs) + len(p.outputs) or 1) for p in parts]
        self.addresses = [np.frombuffer(ffi.buffer(table), np.uintp) for table in self.arrays]
        self.one: Any = None  # values and results of a call with numbers alone
        self.sums = [ffi.new("double[]", len(p.summed) or 1) for p in parts]
        self.room = max((_room(part, built, len(plan.scalars)) for part in parts), default=64)
        self._work = np.empty(self.room * built.threads + 64, np.uint8)
        whole = ffi.from_buffer("char[]", self._work, require_writable=True)
        address = int(ffi.cast("uintptr_t", whole))
        self.work = ffi.cast("char *", (address + 63) // 64 * 64)
        self._partial = ffi.new("double[]", 64)
        self._size = 64
        self._ffi = ffi

    def partial(self, size: int) -> Any:
        """Room for the sums of parts of the samples."""
        if size > self._size:
            self._partial, self._size = self._ffi.new("double[]", size), size
        return self._partial


def _room(part: Part, built: Built, scalars: int) -> int:
    if part.scalar:
        return (scalars * 8 + 63) // 64 * 64
    slots = len(part.inputs) + len(part.outputs) + part.buffers
    return (slots + 7) // 8 * 64 + slots * built.block * built.dtype.itemsize


def native_text(program: Program) -> str:
    """The source that a `NativeRunner` of the program has; this needs no compiler."""
    return _text(rewritten(_spread(program)))


def _text(program: Program) -> str:
    plan = make_plan(program)
    names = [f"// {text}" for text in _names(program, plan)]
    return "\n".join([*names, program_text(plan)])


class NativeRunner:
    """Runs a program through C loops; matrix products are NumPy's.

    threads: how many threads share the blocks of one call.  Results do not depend on it.
    """

    def __init__(self, program: Program, threads: int = 1) -> None:
        require_native()
        self.program = rewritten(_spread(program))
        self.threads = threads
        self._built: dict[tuple[int, frozenset[str]], Built] = {}
        self._lock = threading.Lock()

    @property
    def source(self) -> str:
        """The C loops, in the type T, and the tables that say what they are applied to."""
        return _text(self.program)

    def built(self, bits: int, sums: Collection[str]) -> Built:
        """The library for float64 or float32, built on first use."""
        key = bits, frozenset(sums)
        found = self._built.get(key)
        if found is None:
            with self._lock:
                found = self._built.get(key)
                if found is None:
                    found = Built(self.program, bits, key[1], self.threads)
                    self._built[key] = found
        return found

    def run(
        self,
        values: Mapping[str, Any],
        sizes: Sizes,
        dtype: Any,
        out: Mapping[str, Any],
        sums: Collection[str] = (),
        finite: Collection[str] = (),
    ) -> tuple[dict[str, Any], list[Any]]:
        """Results by name, and the guards; see `NumpyRunner.run`.  Sums are in float64."""
        import numpy as np

        with np.errstate(under="ignore"):  # an underflow to the nearest tiny number is the answer
            call = _Call(self, values, sizes, np.dtype(dtype), out, sums)
            results = call.results()
        if finite and not call.finite(finite):
            raise NotFinite
        return results


class _Call:
    """One run: the arrays found so far, by instruction."""

    def __init__(
        self,
        runner: NativeRunner,
        values: Mapping[str, Any],
        sizes: Sizes,
        dtype: Any,
        out: Mapping[str, Any],
        sums: Collection[str],
    ) -> None:
        self.program, self.values, self.sizes, self.out = runner.program, values, sizes, out
        self.dtype, self.sums = dtype, sums
        self.built = runner.built(8 * dtype.itemsize, sums)
        self.frame = self.built.frame()
        self.found: dict[int, Any] = {}
        self.total: dict[int, float] = {}

    def results(self) -> tuple[dict[str, Any], list[Any]]:
        import numpy as np

        built, frame, items = self.built, self.frame, self.program.instructions
        built.ffi.memmove(frame.flags, frame.clear, len(frame.clear))
        for position, item in enumerate(items):
            if item.op == "input":
                self._keep(position, self.values[str(item.value)])
        number = 0
        for step in built.plan.steps:
            if isinstance(step, int):
                item = items[step]
                args = [self.found[a] for a in item.args]
                self._keep(step, matrix(item, args, self._target(step)))
                continue
            if step.scalar:
                built.library.run_scalars(
                    number, frame.scalar_pointer, len(built.plan.scalars), frame.flags, frame.work
                )
            else:
                self._arrays(number, step)
            number += 1
        results = {
            name: self._sum(p) if name in self.sums else self._value(p)
            for name, p in self.program.outputs.items()
        }
        guards = [np.bool_(frame.flags[n]) for n in range(1, built.flags)]
        return results, guards

    def finite(self, names: Collection[str]) -> bool:
        """Whether no NaN or infinity was met in these inputs."""
        import numpy as np

        items, checked = self.program.instructions, self.built.plan.checked
        seen = {str(items[p].value) for p in checked}
        return not self.frame.flags[0] and all(
            bool(np.all(np.isfinite(self.values[name]))) for name in names if name not in seen
        )

    def _keep(self, position: int, value: Any) -> None:
        if self.program.instructions[position].shape == ():
            self.frame.scalars[self.built.plan.scalars[position]] = value
        else:
            self.found[position] = value

    def _value(self, position: int) -> Any:
        import numpy as np

        item = self.program.instructions[position]
        if item.op == "const":
            return np.asarray(item.value, self.dtype)
        if item.op == "input":
            return self.values[str(item.value)]
        if item.shape == ():
            return np.array(self.frame.scalars[self.built.plan.scalars[position]])
        return self.found[position]

    def _sum(self, position: int) -> Any:
        import numpy as np

        if position in self.total:
            return np.asarray(self.total[position])
        value = np.asarray(self._value(position), np.float64)
        if self.program.instructions[position].shape == ():  # the same for every sample
            return value * math.prod(self.sizes["*"])
        return np.sum(value)

    def _target(self, position: int) -> Any:
        """The caller's own array for a result, where it may be written into directly."""
        for name, array in self.out.items():
            if self.program.outputs.get(name) == position and fit_for_output(
                array, self.dtype, self.values.values()
            ):
                return array
        return None

    def _arrays(self, number: int, part: Part) -> None:
        import numpy as np

        built, frame, ffi = self.built, self.frame, self.built.ffi
        shape = concrete(part.shape, self.sizes)
        count = math.prod(shape)
        inputs = [self._input(p, shape) for p in part.inputs]
        for position in part.outputs:
            target = self._target(position) if self.out else None
            self.found[position] = np.empty(shape, self.dtype) if target is None else target
        arrays = frame.arrays[number]
        strided = False
        for n, array in enumerate(inputs):
            if array.flags.c_contiguous:
                arrays[n] = ffi.from_buffer(array)
            else:
                arrays[n] = ffi.cast("char *", array.__array_interface__["data"][0])
                strided = True
        for n, position in enumerate(part.outputs, start=len(inputs)):
            arrays[n] = ffi.from_buffer(self.found[position], require_writable=True)
        layout: Any = ffi.NULL
        if strided:
            numbers = [len(shape), *shape]
            for array in inputs:
                numbers += [not array.flags.c_contiguous, *array.strides]
            layout = ffi.new("long[]", numbers)
        groups = -(-count // (built.block * GROUP))
        built.library.run_arrays(
            number, arrays, layout, frame.scalar_pointer, frame.sums[number],
            frame.partial(groups * len(part.summed)), frame.flags, frame.work, frame.room, count,
            built.threads,
        )  # fmt: skip
        for n, position in enumerate(part.summed):
            self.total[position] = frame.sums[number][n]

    def _input(self, position: int, shape: tuple[int, ...]) -> Any:
        """An array that C can read: of the kernel's type, in this machine's order of bytes."""
        import numpy as np

        array = self.found[position]
        if array.dtype != self.dtype or not array.dtype.isnative or not array.flags.aligned:
            array = np.array(array, self.dtype.newbyteorder("="))
        return array if array.shape == shape else np.broadcast_to(array, shape)


def fit_for_output(given: Any, dtype: Any, values: Collection[Any]) -> bool:
    """Whether results may be written into `given` while the inputs are still being read."""
    import numpy as np

    return (
        given.dtype == dtype
        and given.dtype.isnative
        and given.flags.c_contiguous
        and given.flags.aligned
        and not any(
            isinstance(value, np.ndarray) and np.may_share_memory(given, value) for value in values
        )
    )


def _spread(program: Program) -> Program:
    """A program on single numbers alone as one on arrays of one sample: one way to run both."""
    if any(item.shape != () for item in program.instructions):
        return program
    items = tuple(
        item if item.op == "const" else Instruction(item.op, item.args, item.value, ("*",))
        for item in program.instructions
    )
    return Program(items, program.inputs, program.outputs, program.guards)


def _names(program: Program, plan: Plan) -> list[str]:
    """What stands in the slots of each part, for people."""
    items = program.instructions
    shown = {p: str(i.value) if i.op == "input" else f"t{p}" for p, i in enumerate(items)}
    shown |= {p: name for name, p in program.outputs.items()}
    lines = []
    if plan.scalars:
        lines.append("scalars: " + ", ".join(shown[p] for p in plan.scalars))
    parts = [step for step in plan.steps if isinstance(step, Part) and not step.scalar]
    for part in parts[:8]:
        reads = ", ".join(shown[p] for p in part.inputs)
        writes = ", ".join(shown[p] for p in part.outputs)
        lines.append(f"slots: reads {reads}; writes {writes}; {part.buffers} buffers between")
    if len(parts) > 8:
        lines.append(f"and {len(parts) - 8} parts more")
    return lines
