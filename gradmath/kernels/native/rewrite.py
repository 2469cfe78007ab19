"""Rewriting a program where the host's C gains by it and no accuracy is lost.

All of it concerns E = exp(-|z|), on which the stable forms are built: E lies in [0, 1], so that
1 + E is between 1 and 2, and its reciprocal and square have relative errors of an ulp or two.

- an exponential of what is never positive cannot overflow: it takes a shorter function;
- 1 + E (2 + E) is (1 + E)^2;
- several divisions by 1 + E and its square are one division and products.
"""

from __future__ import annotations

from gradmath.program.ir import Guard, Instruction, Program


def rewritten(program: Program) -> Program:
    """The same program, faster on the host."""
    items = list(program.instructions)
    _never_positive(items)
    _squares(items)
    number = _one_reciprocal(items)
    outputs = {name: number.get(p, p) for name, p in program.outputs.items()}
    guards = [Guard(number.get(g.predicate, g.predicate), g.step, g.point) for g in program.guards]
    return _of_what_is_read(items, program.inputs, outputs, guards)


def _never_positive(items: list[Instruction]) -> None:
    """exp of an argument that is 0 at most becomes exp_down, which need not guard its high end."""
    low: set[int] = set()  # never positive (or NaN)
    high: set[int] = set()  # never negative (or NaN)
    for position, item in enumerate(items):
        args = item.args
        match item.op:
            case "const":
                value = float(str(item.value))
                if value <= 0:
                    low.add(position)
                if value >= 0:
                    high.add(position)
            case "abs":
                high.add(position)
            case "exp":
                high.add(position)
                if args[0] in low:
                    items[position] = Instruction("exp_down", args, None, item.shape)
            case "neg":
                if args[0] in high:
                    low.add(position)
                if args[0] in low:
                    high.add(position)
            case "min":  # a NaN on either side is passed on, so that one side is enough
                if args[0] in low or args[1] in low:
                    low.add(position)
                if args[0] in high and args[1] in high:
                    high.add(position)
            case "mul" if args[0] in high:
                if args[1] in high:
                    high.add(position)
                if args[1] in low:
                    low.add(position)


def _squares(items: list[Instruction]) -> None:
    """add(1, mul(E, add(2, E))) is the square of add(1, E), where that is computed before it."""
    sums: dict[int, int] = {}
    for position, item in enumerate(items):
        if item.op != "add":
            continue
        other = _beside(items, item, 1.0)
        if other is None:
            continue
        if items[other].op == "exp_down":
            sums[other] = position
        elif items[other].op == "mul":
            first, second = items[other].args
            for e, rest in ((first, second), (second, first)):
                if e in sums and items[rest].op == "add" and _beside(items, items[rest], 2.0) == e:
                    items[position] = Instruction("mul", (sums[e], sums[e]), None, item.shape)


def _one_reciprocal(items: list[Instruction]) -> dict[int, int]:
    """Divisions by t = 1 + E and by t t, two or more of them, through 1/t.

    Rewrites the list; the dictionary says where an instruction stands that had to move.
    """
    sums = set()
    divided: dict[int, list[int]] = {}  # t -> divisions by it or its square
    for position, item in enumerate(items):
        if item.op == "add":
            e = _beside(items, item, 1.0)
            if e is not None and items[e].op == "exp_down":
                sums.add(position)
        elif item.op == "div":
            below = items[item.args[1]]
            square = below.op == "mul" and below.args[0] == below.args[1]
            root = below.args[0] if square else item.args[1]
            if root in sums:
                divided.setdefault(root, []).append(position)
    place_of = {p: t for t, places in divided.items() if len(places) > 1 for p in places}
    number: dict[int, int] = {}
    if not place_of:
        return number
    reciprocal: dict[int, int] = {}
    old = items[:]
    items.clear()
    for position, item in enumerate(old):
        args = tuple([number[a] for a in item.args])
        t = place_of.get(position)
        if t is None:
            items.append(Instruction(item.op, args, item.value, item.shape) if args else item)
        else:
            if t not in reciprocal:
                items.append(Instruction("const", (), 1.0, ()))
                items.append(Instruction("div", (len(items) - 1, number[t]), None, old[t].shape))
                reciprocal[t] = len(items) - 1
            r = reciprocal[t]
            items.append(Instruction("mul", (args[0], r), None, item.shape))
            if item.args[1] != t:
                items.append(Instruction("mul", (len(items) - 1, r), None, item.shape))
        number[position] = len(items) - 1
    return number


def _beside(items: list[Instruction], item: Instruction, value: float) -> int | None:
    """The other argument, if one is this constant."""
    first, second = item.args
    if items[first].op == "const" and items[first].value == value:
        return second
    if items[second].op == "const" and items[second].value == value:
        return first
    return None


def _of_what_is_read(
    items: list[Instruction],
    inputs: tuple[str, ...],
    outputs: dict[str, int],
    guards: list[Guard],
) -> Program:
    """The program of these instructions, without those that nothing reads."""
    needed = bytearray(len(items))
    for position in (*outputs.values(), *(guard.predicate for guard in guards)):
        needed[position] = 1
    for position in range(len(items) - 1, -1, -1):
        if needed[position]:
            for argument in items[position].args:
                needed[argument] = 1
    number = [0] * len(items)
    kept: list[Instruction] = []
    for position, item in enumerate(items):
        if needed[position]:
            args = tuple([number[a] for a in item.args])
            number[position] = len(kept)
            kept.append(Instruction(item.op, args, item.value, item.shape) if args else item)
    return Program(
        tuple(kept),
        inputs,
        {name: number[p] for name, p in outputs.items()},
        tuple(Guard(number[g.predicate], g.step, g.point) for g in guards),
    )
