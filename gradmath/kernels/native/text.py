"""The source of a native kernel, for people."""

from __future__ import annotations

from gradmath.kernels.native.plan import Part, Plan, make_plan
from gradmath.kernels.native.rewrite import rewritten
from gradmath.kernels.native.source import program_text
from gradmath.program.ir import Instruction, Program


def native_text(program: Program) -> str:
    """The source that a `NativeRunner` of the program has; this needs no compiler."""
    return text_of(prepared(program))


def text_of(program: Program) -> str:
    """The C loops of a prepared program, in the type T, and what they are applied to."""
    plan = make_plan(program)
    names = [f"// {text}" for text in _names(program, plan)]
    return "\n".join([*names, program_text(plan)])


def prepared(program: Program) -> Program:
    """The program that is planned and built: one way to run numbers and arrays."""
    return rewritten(_spread(program))


def _spread(program: Program) -> Program:
    """A program on single numbers alone as one on arrays of one sample."""
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
