"""A program in the operations that cost NumPy least, with the same results.

A choice is NumPy's dearest operation: `np.where` takes as long as ten additions, on data that a
branch predictor cannot learn as long as twenty.  So a choice is made on the bits of the numbers
(see `numpy_source`), or by a maximum where that gives the same.  Three operations stand for that:

    neg_abs(z)      -|z|: the sign bit set
    number(c)       1.0 where c holds, else 0.0
    or_nan(c, x)    NaN where c holds, else x
"""

from __future__ import annotations

from gradmath.program.ir import Builder, Instruction, Program


def numpy_program(program: Program) -> Program:
    """The program rewritten; every result is the same number, and NaN where it was NaN."""
    builder = Builder()
    number: dict[int, int] = {}
    for position, item in enumerate(program.instructions):
        args = tuple(number[a] for a in item.args)
        number[position] = _rewritten(builder, item, args)
    builder.guards = [type(g)(number[g.predicate], g.step, g.point) for g in program.guards]
    outputs = {name: number[position] for name, position in program.outputs.items()}
    return builder.build(outputs, program.inputs)


def _rewritten(b: Builder, item: Instruction, args: tuple[int, ...]) -> int:
    if item.shape != ():
        if item.op == "neg" and b.instructions[args[0]].op == "abs":
            return b.emit("neg_abs", *b.instructions[args[0]].args)
        if item.op == "where" and b.instructions[args[0]].shape != ():
            condition, yes, no = args
            test = b.instructions[condition]
            if test.op == "ne" and test.args[0] == test.args[1] == yes:
                return b.emit("or_nan", condition, no)
            if b.constant(yes) == 1 and b.constant(no) == 0:
                return b.emit("number", condition)
            if b.constant(yes) == 1 and _falls_from_one(b, condition, no):
                return b.emit("max", no, b.emit("number", condition))
    return b.emit(item.op, *args, value=item.value, shape=item.shape)


def _falls_from_one(b: Builder, condition: int, value: int) -> bool:
    """Whether the value is exp(-|z|) and the condition 0 < z: then 0 <= value <= 1.

    Both are NaN, or false, for the same z, so that a maximum passes NaN on as the choice does.
    """
    test, call = b.instructions[condition], b.instructions[value]
    if test.op != "lt" or b.constant(test.args[0]) != 0 or call.op != "exp":
        return False
    inner = b.instructions[call.args[0]]
    return inner.op == "neg_abs" and inner.args[0] == test.args[1]
