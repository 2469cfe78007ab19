"""Program -> its CUDA source, as text for people."""

from __future__ import annotations

from gradmath.kernels.c_body import segments
from gradmath.program.ir import Program


def cuda_text(program: Program) -> str:
    """The whole program for people: each fused kernel's signature and body, and matrix steps."""
    text: list[str] = []
    for part in segments(program):
        if isinstance(part, int):
            item = program.instructions[part]
            arguments = ", ".join(f"v{a}" for a in item.args)
            text.append(f"v{part} = {item.op}({arguments})  // cupy")
        else:
            text.append(f"// in: {part.parameters(part.inputs)}")
            text.append(f"// out: {part.parameters(part.outputs)}")
            text.append(part.body)
    return "\n".join(text) + "\n"
