"""A shorter program for the samples whose exponents are not large.

With E = exp(-|z|) nothing overflows, but the sign of z decides what stands in the numerator.  With
p = exp(z) there is nothing to decide:

    sigma(z) = p / (1 + p)        sigma'(z) = sigma(z) / (1 + p)

This holds wherever p is finite, subnormal results included, and is as accurate as the form in E.
The few samples beyond are computed apart, by the program in E: the bits of a sample depend on
itself alone.  A quotient is inf/inf there, which processors find out themselves (see `bodies`).
"""

from __future__ import annotations

from dataclasses import replace

from gradmath.program.ir import MATRIX, Instruction, Program

#: What may be made of e = exp(-|z|), by the operation and what its arguments are: top is 1 where
#: 0 < z, else e; below is 1 + e; then sigma(z), and its slope.
_PARTS: dict[tuple[str, ...], str] = {
    ("one_or", "", "e"): "top",
    ("add", "one", "e"): "below",
    ("mul", "below", "below"): "square",
    ("div", "top", "below"): "sigmoid",
    ("div", "e", "square"): "slope",
}
#: What anything may be made of.
_FINAL = ("sigmoid", "slope")


def near_program(program: Program) -> tuple[Program, tuple[int, ...]] | None:
    """The program with exp(z) for exp(-|z|), and the exponentials that have to be finite.

    program: in NumPy's operations (see `forms`).  None where nothing gets shorter, or where samples
    are not computed apart from each other.
    """
    items = list(program.instructions)
    if any(item.op in MATRIX or item.shape not in ((), ("*",)) for item in items):
        return None
    near = []
    for e, parts in _sigmoids(program).items():
        below = next(p for p, part in parts.items() if part == "below")
        near.append(e)
        items[e] = items[e]._replace(args=items[items[e].args[0]].args)
        value = e  # until there is the sigmoid itself
        for p, part in parts.items():
            if part == "sigmoid" or (part == "square" and value == e):
                items[p] = Instruction("div", (e, below), None, items[p].shape)
                value = p
            elif part == "slope":
                items[p] = Instruction("div", (value, below), None, items[p].shape)
    return (replace(program, instructions=tuple(items)), tuple(near)) if near else None


def _sigmoids(program: Program) -> dict[int, dict[int, str]]:
    """For each e of which only sigma(z) and its slope are made: the parts, by instruction."""
    items = program.instructions
    wanted = {*program.outputs.values(), *(guard.predicate for guard in program.guards)}
    live = set(wanted)
    for p in range(len(items) - 1, -1, -1):
        if p in live:
            live.update(items[p].args)
    found: dict[int, dict[int, str]] = {}
    group: dict[int, int] = {}  # the e of each part that is not final
    others: set[int] = set()
    for p in sorted(live):
        item = items[p]
        if item.op == "quick_exp" and items[item.args[0]].op == "neg_abs":
            found[p], group[p] = {p: "e"}, p
        used = {group[a] for a in item.args if a in group}
        for e in used:
            part = _PARTS.get((item.op, *(found[e].get(a, _name(items[a])) for a in item.args)))
            if part is None or len(used) > 1:
                others.add(e)
                continue
            found[e][p] = part
            if part not in _FINAL:
                group[p] = e
    others.update(group[p] for p in wanted if p in group)
    return {e: parts for e, parts in found.items() if e not in others and len(parts) > 2}


def _name(item: Instruction) -> str:
    """A number 1, or something else."""
    return "one" if item.op == "const" and item.value == 1.0 else ""
