"""A program in the operations that cost NumPy least, with the same results.

A choice is NumPy's dearest operation: `np.where` takes as long as ten additions, on data that a
branch predictor cannot learn as long as twenty.  `numpy_functions` makes it on the bits of the
numbers, or by a maximum where that gives the same.  Three operations stand for that:

    neg_abs(z)     -|z|: the sign bit set
    one_or(c, e)   1 where c holds, else e, for 0 <= e <= 1
    nan_or(c, x)   NaN where c holds, else x
"""

from __future__ import annotations

from dataclasses import replace

from gradmath.program.ir import Instruction, Program


def numpy_program(program: Program) -> Program:
    """The program rewritten; every result is the same number, and NaN where it was NaN.

    Instructions keep their numbers; some may be left without a reader.
    """
    items: list[Instruction] = []
    for item in program.instructions:
        items.append(_rewritten(items, item) if item.op in ("neg", "where") else item)
    return replace(program, instructions=tuple(items))


def _rewritten(items: list[Instruction], item: Instruction) -> Instruction:
    if item.shape == ():
        return item
    first = items[item.args[0]]
    if item.op == "neg":
        if first.op != "abs":
            return item
        return Instruction("neg_abs", first.args, None, item.shape)
    condition, yes, no = item.args
    if first.shape == ():
        return item
    if first.op == "ne" and first.args == (yes, yes):
        return Instruction("nan_or", (condition, no), None, item.shape)
    if _is(items[yes], 1.0) and _falls_from_one(items, first, items[no]):
        return Instruction("one_or", (condition, no), None, item.shape)
    return item


def _falls_from_one(items: list[Instruction], test: Instruction, value: Instruction) -> bool:
    """Whether the value is exp(-|z|), and 0 < z is the test: then 0 <= value <= 1.

    For z = NaN the value is NaN and the test false, so that a maximum passes NaN on as a choice.
    """
    if test.op != "lt" or not _is(items[test.args[0]], 0.0) or value.op != "exp":
        return False
    inner = items[value.args[0]]
    return inner.op == "neg_abs" and inner.args[0] == test.args[1]


def _is(item: Instruction, value: float) -> bool:
    return item.op == "const" and item.value == value
