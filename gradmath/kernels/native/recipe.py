"""What a quick native call does: where its arguments go, and where its results stand."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Any

from gradmath.kernels.native.built import Built
from gradmath.kernels.native.plan import Part
from gradmath.kernels.native.runner import NativeRunner
from gradmath.program.ir import derivative_key


@dataclass(frozen=True)
class Recipe:
    """Numbers of arguments and results, worked out once for one choice of numbers and arrays.

    part, scalar_part: the parts to run; arrays, scalars: which arguments are read by them, in
    order; results: for each name its kind and a place: a row of the outputs, a sum, a scalar or
    constant that is the same for every sample, or a copy of another result.
    """

    built: Built
    part: int
    scalar_part: int | None
    arrays: tuple[int, ...]
    scalars: tuple[int, ...]
    outputs: int
    sums: int
    single: bool
    results: tuple[tuple[str, str, Any], ...]
    row_names: tuple[str, ...]
    names: Set[str]

    @property
    def unusual(self) -> bool:
        """Whether there are results that no row of its own holds."""
        return len(self.row_names) != len(self.results)


def recipe_of(
    runner: NativeRunner,
    bits: int,
    inputs: Sequence[str],
    names: Sequence[str],
    numbers: Set[str],
    reduce: Any,
) -> Recipe | None:
    """The recipe for arguments of which `numbers` are single numbers; None if there is none.

    names: the output, then what it is differentiated by.  Builds the library.
    """
    program = runner.program
    items = program.instructions
    keys = {name: name if name == names[0] else derivative_key(name) for name in names}
    # an argument with a value for each sample has a derivative for each; so have intermediates
    summed = [n for n in names if n == names[0] or n in numbers] if reduce else []
    built = runner.built(bits, [keys[name] for name in summed])
    plan = built.plan
    parts = [step for step in plan.steps if isinstance(step, Part)]
    scalar_parts = [n for n, part in enumerate(parts) if part.scalar]
    array_parts = [n for n, part in enumerate(parts) if not part.scalar]
    if len(array_parts) != 1 or len(scalar_parts) > 1:
        return None
    part = parts[array_parts[0]]
    number = {name: n for n, name in enumerate(inputs)}
    arrays = tuple(number[str(items[p].value)] for p in part.inputs)
    fed = sorted((slot, p) for p, slot in plan.scalars.items() if items[p].op == "input")
    scalars = tuple(number[str(items[p].value)] for _, p in fed)
    if [slot for slot, _ in fed] != list(range(len(fed))):
        return None
    checked = {number[str(items[p].value)] for p in plan.checked}
    if {*arrays, *scalars} != set(range(len(inputs))) or not set(arrays) <= checked:
        return None  # an argument that nothing reads has to be looked at by itself
    results: list[tuple[str, str, Any]] = []
    row_names: dict[int, str] = {}
    for name in names:
        position = program.outputs[keys[name]]
        item = items[position]
        of_all = " sum" if name in summed else ""
        if of_all and position in part.summed:
            results.append((name, "sum", part.summed.index(position)))
        elif item.op == "const":
            results.append((name, "constant" + of_all, float(str(item.value))))
        elif position in plan.scalars:
            results.append((name, "scalar" + of_all, plan.scalars[position]))
        elif item.op == "input" or of_all:
            return None
        elif (row := part.outputs.index(position)) in row_names:
            results.append((name, "copy", row_names[row]))
        else:
            results.append((name, "row", row))
            row_names[row] = name
    if len(row_names) != len(part.outputs):
        return None
    return Recipe(
        built=built,
        part=array_parts[0],
        scalar_part=scalar_parts[0] if scalar_parts else None,
        arrays=arrays,
        scalars=scalars,
        outputs=len(part.outputs),
        sums=len(part.summed),
        single=bits == 32,
        results=tuple(results),
        row_names=tuple(row_names[row] for row in range(len(part.outputs))),
        names=frozenset(names),
    )
