"""Program -> NumPy source that writes in place into reused buffers."""

from __future__ import annotations

from gradmath.kernels.naming import input_names
from gradmath.kernels.slots import Slots, assign_slots
from gradmath.program.ir import BINARY, PREDICATES, UNARY, Instruction, Program

_UFUNC = {
    "neg": "np.negative",
    "abs": "np.absolute",
    "atan": "np.arctan",
    "add": "np.add",
    "sub": "np.subtract",
    "mul": "np.multiply",
    "div": "np.divide",
    "pow": "np.power",
    "min": "np.minimum",
    "max": "np.maximum",
    "lt": "np.less",
    "le": "np.less_equal",
    "eq": "np.equal",
    "ne": "np.not_equal",
    "and": "np.logical_and",
    "or": "np.logical_or",
    "scaled_erfc": "special.erfcx",
}
_MATRIX = {
    "matmul": "np.matmul({0}, {1}{out})",
    "matmul_nt": "np.matmul({0}, {1}.T{out})",
    "matmul_tn": "np.matmul({0}.T, {1}{out})",
    "sum_rows": "np.sum({0}, axis=0{out})",
    "row_sum": "np.sum({0}, axis=1, keepdims=True{out})",
    "row_max": "np.max({0}, axis=1, keepdims=True{out})",
    "first_max": "np.arange({0}.shape[1]) == np.argmax({0}, axis=1)[:, None]",
    "sum_all": "np.sum({0})",
}


def numpy_source(program: Program) -> tuple[str, Slots]:
    """The source of `run(inputs..., work, out, guards)` and the buffers that it needs.

    work: one list of arrays for each shape, in the order of `Slots.counts`.  out: arrays for the
    results that are arrays, None for those that are scalars; `run` returns all results.
    """
    outputs = dict.fromkeys(program.outputs.values())
    buffered = {
        position
        for position, item in enumerate(program.instructions)
        if item.shape != ()
        and (item.op in UNARY or item.op in BINARY or item.op in _MATRIX)
        and item.op not in ("first_max", "sum_all")
        and position not in outputs
    }
    slots = assign_slots(program, buffered)
    shapes = {shape: index for index, shape in enumerate(slots.counts)}
    place = {position: f"out[{index}]" for index, position in enumerate(outputs)}

    inputs = input_names(program)
    lines = [f"def run({', '.join([*inputs.values(), 'work', 'out', 'guards'])}):"]
    for index, (shape, count) in enumerate(slots.counts.items()):
        names = [f"{_buffer(index, number)}" for number in range(count)]
        lines.append(f"    {', '.join(names)}, = work[{index}]  # shape {_shape_text(shape)}")
    name: dict[int, str] = {}
    for position, item in enumerate(program.instructions):
        if item.op == "const":
            name[position] = repr(item.value) if item.value is not None else "0.0"
            continue
        if item.op == "input":
            name[position] = inputs[str(item.value)]
            continue
        target = None
        if position in slots.of:
            shape, number = slots.of[position]
            target = _buffer(shapes[shape], number)
        elif position in outputs and item.shape != ():
            target = place[position]
        right = _right(item, [name[a] for a in item.args], target)
        name[position] = f"t{position}"
        lines.append(f"    t{position} = {right}")
    for guard in program.guards:
        lines.append(f"    guards.append({name[guard.predicate]})")
    results = ", ".join(name[position] for position in outputs)
    lines.append(f"    return ({results},)")
    return "\n".join(lines) + "\n", slots


def _right(item: Instruction, args: list[str], target: str | None) -> str:
    out = f", out={target}" if target else ""
    if item.op in _MATRIX:
        if item.op in ("first_max", "sum_all"):
            out = ""
        return _MATRIX[item.op].format(*args, out=out)
    if item.op == "where":
        return f"np.where({', '.join(args)})"
    if item.op == "exp":
        # NumPy's own float32 exp errs by up to 2.5 ulp, which alone would use up most of what a
        # derivative is allowed; through float64 it is rounded once.
        out += ', dtype="float64", casting="same_kind"'
    function = _UFUNC.get(item.op, f"np.{item.op}")
    if item.op in PREDICATES:
        out = ""
    return f"{function}({', '.join(args)}{out})"


def _buffer(shape_index: int, number: int) -> str:
    return f"work{shape_index}_{number}"


def _shape_text(shape: tuple[int | str, ...]) -> str:
    return "of the inputs" if shape == ("*",) else str(shape).replace("'", "")
