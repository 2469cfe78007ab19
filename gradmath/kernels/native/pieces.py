"""Where a part is cut into loops: between operations that wait long for one another.

Within a loop the samples are independent, and a processor works on those of several turns at a time
while each waits for its own: as many turns as its window of some hundred instructions holds.  A
loop whose operations follow one another for long, as two exponentials do of which one takes the
result of the other, fills that window with one turn and stands still.  Short loops, one after the
other over a block that stays in the cache, do not; what they hand on is stored and read again,
which costs less.
"""

from __future__ import annotations

from collections.abc import Sequence

from gradmath.program.ir import Instruction

#: a part of up to this many operations may be one loop
_WHOLE = 160
#: if its longest path is not longer than this many cycles: about two exponentials
_LONGEST_PATH = 230
#: about this many operations are in a loop of a part that is cut
_PIECE = 10
#: repetition is looked for up to this many operations
_LONGEST_PERIOD = 96
#: cycles from an operation's arguments to its result, roughly; those of the others
_CYCLES = {
    "exp": 80, "exp_down": 80, "expm1": 80, "log": 90, "log1p": 110, "tanh": 100, "sinh": 100,
    "cosh": 100, "scaled_erfc": 120, "pow": 120, "sin": 80, "cos": 80, "tan": 80, "atan": 80,
    "div": 14, "sqrt": 20,
}  # fmt: skip
_FEW_CYCLES = 4


def pieces(items: Sequence[Instruction], members: list[int]) -> list[list[int]]:
    """The members cut into loops; where operations repeat, at the same place each time."""
    if len(members) <= _WHOLE and longest_path(items, members) <= _LONGEST_PATH:
        return [members]
    ops = [items[p].op for p in members]
    made = []
    start = period = 0
    while start < len(members):
        if not period or not _repeats(ops, start, period):
            fitting = (n for n in range(4, _LONGEST_PERIOD) if _repeats(ops, start, n))
            period = next(fitting, 0)
        size = period * max(1, _PIECE // period) if period else _PIECE
        made.append(members[start : start + size])
        start += size
    return made


def longest_path(items: Sequence[Instruction], members: list[int]) -> int:
    """Cycles of the longest chain of members that take one another's results."""
    ready: dict[int, int] = {}
    for p in members:
        item = items[p]
        begins = max([ready.get(a, 0) for a in item.args], default=0)
        ready[p] = begins + _CYCLES.get(item.op, _FEW_CYCLES)
    return max(ready.values())


def _repeats(ops: list[str], start: int, period: int) -> bool:
    """Whether what stands here comes three times in a row."""
    end = start + 3 * period
    return end <= len(ops) and ops[start : end - period] == ops[start + period : end]
