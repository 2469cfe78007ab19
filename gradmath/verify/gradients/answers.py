"""Two answers of the oracle held against each other, and the answers on the sides of a kink."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from flint import arb

from gradmath.verify import balls
from gradmath.verify.oracle import Answer, Ball, Inconclusive
from gradmath.verify.tally import Tally

#: two formulas of the same number agree to this, relative to it
AGREE: Final = arb(2) ** -60
#: the same at the ends of a kink, where constants are doubles
_ROUNDED: Final = arb(2) ** -44
#: what no format can tell from 0
NOTHING: Final = arb(2) ** -7990


def undefined(answer: Answer) -> bool:
    """Whether the expression has no value at the point, at any precision."""
    return isinstance(answer, Inconclusive) and answer.reason.startswith("undefined")


def difference(said: Ball, true: Ball) -> tuple[arb, bool]:
    """The difference, relative to the true value where there is one, and whether it is nothing."""
    with balls.precision(256):
        off = abs(said.arb - true.arb)
        if true.kind in ("zero", "tiny"):
            return off, bool(off < NOTHING) or said.kind in ("zero", "tiny")
        relative = off / abs(true.arb)
        return relative, bool(relative < AGREE)


def hull(around: Sequence[Answer]) -> tuple[Ball, Ball]:
    """The smallest and the largest of some answers."""
    found = [answer for answer in around if isinstance(answer, Ball)]
    low = high = found[0]
    with balls.precision(256):
        for ball in found[1:]:
            low = ball if bool(ball.arb < low.arb) else low
            high = ball if bool(ball.arb > high.arb) else high
    return low, high


def width(low: Ball, high: Ball) -> arb:
    """The distance between two answers; 0 where they are the same number."""
    with balls.precision(256):
        gap = abs(high.arb - low.arb)
        size = abs(high.arb) + abs(low.arb)
        return arb(0) if bool(gap < size * AGREE) else gap


def is_kink(near: tuple[Ball, Ball], far: tuple[Ball, Ball]) -> bool:
    """Whether the derivatives around a point stay apart however near the point they are taken.

    Those of a smooth function draw together.
    """
    closer = width(*near)
    with balls.precision(256):
        return not bool(closer < NOTHING) and not bool(closer < width(*far) * arb(2) ** -100)


def one_sided(
    tally: Tally, said: Answer, low: Ball, high: Ball, where: str, rounded: bool = False
) -> None:
    """At a kink every value between the one-sided derivatives is accepted.

    Constants of code may be `rounded`: then an end is as sharp as a double is.
    """
    if isinstance(said, Inconclusive):
        tally.undecide(where, said.reason)
        return
    with balls.precision(256):
        agree = _ROUNDED if rounded else AGREE
        slack = (abs(low.arb) + abs(high.arb)) * agree + NOTHING
        ok = bool(said.arb > low.arb - slack) and bool(said.arb < high.arb + slack)
    tally.add(ok, 0.0 if ok else float("inf"), where, said, f"any value in [{low}, {high}]")
    if len(tally.notes) < _SHOWN:
        tally.notes.append(f"at {where}: from {low} to {high}, claimed {said}")


_SHOWN: Final = 3
