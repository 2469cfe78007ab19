"""What stands on a tape, as formulas for a reader and as floats."""

from __future__ import annotations

import math
from typing import Any, Final

from gradmath.verify import balls
from gradmath.verify.gradients.number import Undefined
from gradmath.verify.gradients.trace import Entry


def as_float(x: Any) -> float:
    """The middle of a number; NaN for a result that does not exist."""
    if isinstance(x, Undefined):
        return math.nan
    return float(balls.real(balls.coefficients(x, 1)[0]).mid())


_SIGNS: Final = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/"}


def in_words(tape: list[Entry], place: int, depth: int = 4) -> str:
    """What a place on the tape holds, as a formula; deep ones are cut short."""
    entry = tape[place]
    if entry.rule is None:
        return entry.name
    if depth == 0:
        return "..."
    parts = [
        in_words(tape, operand, depth - 1) if operand >= 0 else f"{as_float(value):.6g}"
        for operand, value in zip(entry.operands, entry.values, strict=True)
    ]
    name = entry.rule.name
    if name == "multiply" and parts[1] == "1":
        return parts[0]
    if name in _SIGNS:
        return f"({parts[0]} {_SIGNS[name]} {parts[1]})"
    if name.startswith("power ") and len(parts) == 1:
        return f"{parts[0]}**{name.removeprefix('power ')}"
    if name == "negative":
        return f"(-{parts[0]})"
    return f"{name}({', '.join(parts)})"
