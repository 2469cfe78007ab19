"""Program -> source in the functions of the Python array API standard, nothing more."""

from __future__ import annotations

from gradmath.kernels.naming import input_names
from gradmath.program.ir import Instruction, Program

_OPERATOR = {
    "neg": "-{0}",
    "exp": "exp({0})",
    "add": "{0} + {1}",
    "sub": "{0} - {1}",
    "mul": "{0} * {1}",
    "div": "{0} / {1}",
    "pow": "{0} ** {1}",
    "lt": "{0} < {1}",
    "le": "{0} <= {1}",
    "eq": "{0} == {1}",
    "ne": "{0} != {1}",
    "min": "xp.minimum({0}, {1})",
    "max": "xp.maximum({0}, {1})",
    "and": "xp.logical_and({0}, {1})",
    "or": "xp.logical_or({0}, {1})",
    "where": "xp.where({0}, {1}, {2})",
    "matmul": "{0} @ {1}",
    "matmul_nt": "{0} @ {1}.T",
    "matmul_tn": "{0}.T @ {1}",
    "sum_rows": "xp.sum({0}, axis=0)",
    "row_sum": "xp.sum({0}, axis=1, keepdims=True)",
    "row_max": "xp.max({0}, axis=1, keepdims=True)",
    "first_max": "columns({0}) == xp.argmax({0}, axis=1, keepdims=True)",
    "sum_all": "xp.sum({0})",
}


def array_source(program: Program) -> str:
    """The source of `run(inputs..., xp, asarray, columns, guards)`, returning all results.

    `asarray` makes a constant of the kernel's type on the arrays' device; `exp` is rounded once
    in single precision too; `columns(a)` is the row of column numbers of a matrix.
    """
    inputs = input_names(program)
    lines = [
        f"def run({', '.join([*inputs.values(), 'xp', 'asarray', 'exp', 'columns', 'guards'])}):"
    ]
    name: dict[int, str] = {}
    for position, item in enumerate(program.instructions):
        if item.op == "input":
            name[position] = inputs[str(item.value)]
            continue
        name[position] = f"t{position}"
        lines.append(f"    t{position} = {_right(item, [name[a] for a in item.args])}")
    for guard in program.guards:
        lines.append(f"    guards.append({name[guard.predicate]})")
    results = ", ".join(name[position] for position in dict.fromkeys(program.outputs.values()))
    lines.append(f"    return ({results},)")
    return "\n".join(lines) + "\n"


def _right(item: Instruction, args: list[str]) -> str:
    if item.op == "const":
        return f"asarray({item.value!r})"
    pattern = _OPERATOR.get(item.op)
    return pattern.format(*args) if pattern else f"xp.{item.op}({', '.join(args)})"
