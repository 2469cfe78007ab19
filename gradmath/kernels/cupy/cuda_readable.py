"""Program -> its CUDA source, as text for people."""

from __future__ import annotations

from gradmath.kernels.cupy.cuda_map import Map, maps, preamble
from gradmath.kernels.cupy.cuda_sums import Layout, sums
from gradmath.program.ir import Program

_HEAD = """\
// T: the type of the computation; S: the type that arrays are stored in (float16, bfloat16 or T).
"""


def cuda_text(program: Program) -> str:
    """The whole program for people: the maps' signatures and bodies, matrix steps, and the sums.

    The text is that of float32; in double T is double.
    """
    text = [_HEAD + preamble("float32")]
    parts = maps(program)
    for part in parts:
        if isinstance(part, Map):
            ins, outs = part.parameters("float32")
            text.append(f"// {part.name}, for each entry: in {ins}; out {outs}\n{part.body}")
        else:
            item = program.instructions[part]
            arguments = ", ".join(f"v{a}" for a in item.args)
            text.append(f"v{part} = {item.op}({arguments});  // CuPy's own")
    if all(isinstance(part, Map) for part in parts):
        text.append("// With reduce= the results are added up on the way:\n")
        text[-1] += sums(program, tuple(program.outputs), Layout()).source
    return "\n\n".join(text).rstrip() + "\n"
