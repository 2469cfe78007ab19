"""Program -> C for the host: its loops and tables, and the file with what stands around them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from gradmath.kernels.native.plan import Part, Plan

#: bytes that a block of one array takes: blocks of a few arrays stay in the first cache
_BLOCK = 1 << 12
#: bytes that the buffers of a block may take, about half of a second cache
_ROOM = 1 << 19
#: blocks whose sums are added one after the other before they are added to the others
GROUP = 64


def block_size(plan: Plan, bits: int) -> int:
    """Samples in a block: a power of two, fewer where many values wait between loops."""
    slots = max((s.buffers for s in plan.steps if isinstance(s, Part)), default=0)
    size = 8 * _BLOCK // bits
    while size > 32 and size * slots * bits // 8 > _ROOM:
        size //= 2
    return size


def program_text(plan: Plan) -> str:
    """The loops of a plan and the tables that say what they are applied to."""
    text = []
    for number, function in enumerate(plan.functions):
        text.append(function.replace("LOOP(NAME)", f"LOOP(loop_{number})"))
    names = ", ".join(f"loop_{n}" for n in range(len(plan.functions)))
    text.append(f"static Loop *const loops[] = {{{names or '0'}}};")
    rows = []
    for number, part in enumerate(s for s in plan.steps if isinstance(s, Part)):
        starts: list[int] = []
        at: list[int] = []
        for loop in part.loops:
            starts.append(len(at))
            at.extend(loop.at)
        text.append(_table(f"function_{number}", [loop.function for loop in part.loops]))
        text.append(_table(f"start_{number}", starts))
        text.append(_table(f"at_{number}", at))
        sizes = (
            len(part.inputs), len(part.outputs), part.buffers, len(part.summed), len(part.loops),
            "FLAGS",
        )  # fmt: skip
        row = ", ".join(map(str, sizes))
        rows.append(f"  {{{row}, function_{number}, start_{number}, at_{number}}},")
    text.append("\n".join(["static const Part parts[] = {", *rows, "  {0}", "};"]))
    return "\n".join(text) + "\n"


def _table(name: str, numbers: list[int]) -> str:
    return f"static const int {name}[] = {{{', '.join(map(str, numbers)) or '0'}}};"


@cache
def _file(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


def unit(plan: Plan, bits: int, flags: int) -> str:
    """The C file: types and mathematics, the program, and what runs it block by block."""
    constants = {
        "BITS": bits,
        "BLOCK": block_size(plan, bits),
        "GROUP": GROUP,
        "FLAGS": flags,
    }
    head = "".join(f"#define {name} {value}\n" for name, value in constants.items())
    driver = _file("driver.h").replace("/* PROGRAM */", program_text(plan))
    return head + _file("vector_math.h") + driver
