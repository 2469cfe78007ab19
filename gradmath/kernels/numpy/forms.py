"""A program in the operations that cost NumPy least, and answer as exactly.

A choice is NumPy's dearest operation: `np.where` takes as long as ten additions, on data that a
branch predictor cannot learn as long as twenty.  `numpy_functions` makes it on the bits of the
numbers, or by a maximum where that gives the same.  And an exponential in single precision takes
a third of the time where its own error may stand.  These operations stand for that:

    neg_abs(z)     -|z|: the sign bit set
    one_or(c, e)   1 where c holds, else e, for 0 <= e <= 1
    nan_or(c, x)   NaN where c holds, else x
    quick_exp(z)   e^z in the type of z, for z = -|u|, within 2.6 ulp in single precision
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace

from gradmath.program.ir import Instruction, Program


def numpy_program(program: Program) -> Program:
    """The program rewritten; instructions keep their numbers, some are left without a reader."""
    items = list(program.instructions)
    falling: set[int] = set()  # exp(-|z|) of an array
    for p, item in enumerate(program.instructions):
        op = item[0]
        if op == "neg" or op == "where":
            items[p] = _rewritten(items, item)
        elif op == "exp" and items[item[1][0]][0] == "neg_abs":
            falling.add(p)
    if falling:
        _square(items, falling)
        _hasten(items, falling, program)
    return replace(program, instructions=tuple(items))


def _square(items: list[Instruction], falling: Set[int]) -> None:
    """(1 + e)(1 + e) for 1 + e(2 + e) where 1 + e = d is known: one rounding more, two calls less.

    For e = exp(-|z|), all of one sign, the square errs by 1.5 ulp.
    """
    known: dict[int, int] = {}
    for p, (op, args, _, shape) in enumerate(items):
        if op != "add" or not _is(items[args[0]], 1.0):
            continue
        other = args[1]
        if other in falling:
            known.setdefault(other, p)
        product = items[other]
        if product.op != "mul":
            continue
        for e, factor in (product.args, product.args[::-1]):
            inner = items[factor]
            if e not in known or inner.op != "add" or inner.args[1] != e:
                continue
            if _is(items[inner.args[0]], 2.0):
                items[p] = Instruction("mul", (known[e], known[e]), None, shape)


def _hasten(items: list[Instruction], falling: Set[int], program: Program) -> None:
    """quick_exp for e = exp(-|z|) where results are quotients of e, 1 or e, and powers of 1 + e.

    The relative error of e comes into such a quotient by a factor below 1, and for z near 0, where
    the bound is tightest, by next to nothing in a derivative.
    """
    outputs = frozenset(program.outputs.values())
    live = bytearray(len(items))
    for p in (*outputs, *(guard.predicate for guard in program.guards)):
        live[p] = 1
    p = len(items)
    for _, args, _, _ in reversed(items):
        p -= 1
        if live[p]:
            for a in args:
                live[a] = 1
    # of the exponentials, and of the powers of 1 + e
    readers: dict[int, list[int]] = {e: [] for e in falling if live[e]}
    for p, (op, args, _, _) in enumerate(items):
        for a in args:
            if a in readers and live[p]:
                readers[a].append(p)
                if op == "add" or (op == "mul" and args == (a, a)):
                    readers.setdefault(p, [])

    def below(p: int) -> bool:
        """Whether a power of 1 + e stands in denominators alone."""
        return p not in outputs and all(
            (items[r].op == "div" and items[r].args[0] != p)
            or (items[r].op == "mul" and items[r].args == (p, p) and below(r))
            for r in readers[p]
        )

    def harmless(e: int, r: int) -> bool:
        reader = items[r]
        if reader.op == "add":
            return _is(items[reader.args[0]], 1.0) and below(r)
        return reader.op == "one_or" or (reader.op == "div" and reader.args[1] != e)

    for e in falling:
        if live[e] and e not in outputs and all(harmless(e, r) for r in readers[e]):
            items[e] = items[e]._replace(op="quick_exp")


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
