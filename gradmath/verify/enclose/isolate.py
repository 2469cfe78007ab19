"""All zeros of a smooth function on a finite interval, by bisection and interval Newton steps.

Each box is settled by what surely holds on it: the function's ball excludes 0 (by the plain value,
or by the mean-value form f(m) + f'(box)(box - m)); or the slope's ball excludes 0, and the signs at
both ends say whether there is exactly one zero or none; or the function is exactly 0.  What stays
unsettled at the finest width is kept as a cluster: a place that *may* hold zeros.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from flint import arb, fmpq

from gradmath.verify import balls
from gradmath.verify.enclose.curve import BITS

#: Taylor coefficients on a ball: (ball, how many, bits) -> balls
Terms = Callable[[arb | fmpq, int, int], list[arb]]

BUDGET = 20_000  # boxes for one interval
SHARP = 192  # bits with which a zero is refined
_FINEST = fmpq(1, 2**44)  # of max(1, |x|): no box is cut below this width
_STEPS = 60  # Newton steps at most; each doubles the digits


class OutOfBoxes(Exception):
    """The budget of boxes is used up."""


@dataclass(frozen=True)
class Zero:
    """One zero: a ball that holds it and no other.  `exact` is the zero where it is a fraction."""

    ball: arb
    exact: fmpq | None = None
    rising: bool = True


@dataclass
class Isolated:
    """What was found on [low, high]; `clusters` may hold further zeros, nothing else does."""

    zeros: list[Zero] = field(default_factory=list)
    clusters: list[tuple[fmpq, fmpq]] = field(default_factory=list)
    vanishing: list[tuple[fmpq, fmpq]] = field(default_factory=list)
    boxes: int = 0


def box(low: fmpq, high: fmpq) -> arb:
    """A ball that holds [low, high]."""
    return arb(low).union(arb(high))


def isolate(
    terms: Terms, low: fmpq, high: fmpq, budget: int = BUDGET, bits: int = BITS
) -> Isolated:
    """Isolate all zeros in [low, high].  Raises `OutOfBoxes`."""
    found = Isolated()
    pending: list[tuple[fmpq, fmpq]] = []
    stack = [(low, high)]
    while stack:
        a, b = stack.pop()
        found.boxes += 1
        if found.boxes > budget:
            raise OutOfBoxes
        verdict = _settle(terms, a, b, bits)
        if isinstance(verdict, Zero):
            if all(verdict.exact is None or verdict.exact != z.exact for z in found.zeros):
                found.zeros.append(verdict)
        elif isinstance(verdict, list):
            pending += verdict
        elif verdict == "zero":
            found.vanishing.append((a, b))
        elif verdict == "split" and _finest(a, b):
            pending.append((a, b))
        elif verdict == "split":
            middle = split_point(a, b)
            stack += [(middle, b), (a, middle)]
    for a, b in _merged(pending):
        _close_in(terms, (a, b), (low, high), bits, found)
    found.zeros.sort(key=lambda zero: float(zero.ball.mid()))
    return found


def _settle(terms: Terms, a: fmpq, b: fmpq, bits: int) -> Zero | list[tuple[fmpq, fmpq]] | str:
    """A zero, the narrow boxes in which one may lie, "none", "zero" (identically) or "split"."""
    whole = box(a, b)
    try:
        value, slope = terms(whole, 2, bits)
    except (balls.Undecided, balls.UndefinedHere):
        return "split"
    if not value.contains(0):
        return "none"
    if value.is_zero() and slope.is_zero():
        return "zero"
    if not slope.contains(0):
        return _monotone(terms, a, b, bool(slope > 0), bits)
    middle = arb(split_point(a, b))
    at_middle = _at(terms, middle, bits)
    if at_middle is not None and not (at_middle + slope * (whole - middle)).contains(0):
        return "none"
    return "split"


def _monotone(
    terms: Terms, a: fmpq, b: fmpq, rising: bool, bits: int
) -> Zero | list[tuple[fmpq, fmpq]] | str:
    """The same for a box on which the function surely rises, or surely falls."""
    hair = (b - a) / 2**40
    doubtful: list[tuple[fmpq, fmpq]] = []
    signs = []
    for end, inward in ((a, a + hair), (b, b - hair)):
        ball = _at(terms, end, bits)
        if ball is not None and ball.is_zero():
            return Zero(arb(end), end, rising)
        if ball is None or ball.contains(0):  # the zero may lie at this end, or just beyond it
            doubtful.append((min(end, inward), max(end, inward)))
            ball = _at(terms, inward, bits)
        signs.append(0 if ball is None or ball.contains(0) else 1 if ball > 0 else -1)
    if 0 in signs:
        return "split"
    if signs[0] != signs[1]:
        return _refined(terms, box(a, b), rising)
    return doubtful or "none"


def _at(terms: Terms, point: arb | fmpq, bits: int) -> arb | None:
    try:
        return terms(point, 1, bits)[0]
    except (balls.Undecided, balls.UndefinedHere):
        return None


def _close_in(
    terms: Terms, cluster: tuple[fmpq, fmpq], within: tuple[fmpq, fmpq], bits: int, found: Isolated
) -> None:
    """Settle a cluster on a slightly wider box, with more bits; keep it where that fails."""
    a, b = cluster
    wider = (b - a) / 2
    for n in range(8):
        left, right = max(a - wider * 16**n, within[0]), min(b + wider * 16**n, within[1])
        verdict = _settle(terms, left, right, 2 * bits)
        if verdict == "none":
            return
        if isinstance(verdict, Zero):
            wide = box(left, right)  # has this zero and no other: one known inside it is the same
            known = [z for z in found.zeros if z.ball.overlaps(wide)]
            if not known:
                found.zeros.append(verdict)
                return
            if all(wide.contains(z.ball) for z in known):
                return
    found.clusters.append(cluster)


def _refined(terms: Terms, start: arb, rising: bool) -> Zero:
    """Interval Newton steps: the zero stays in every ball, and each ball has but this one."""
    with balls.precision(SHARP + 32):
        ball = start
        for _ in range(_STEPS):
            middle = ball.mid()
            try:
                slope = terms(ball, 2, SHARP + 32)[1]
                step = middle - terms(middle, 1, SHARP + 32)[0] / slope
            except (balls.Undecided, balls.UndefinedHere):
                break
            if slope.contains(0) or not step.is_finite():
                break
            closer = ball.intersection(step)
            if not closer.rad() < ball.rad() * 3 / 4:
                ball = closer
                break
            ball = closer
        exact = _fraction(terms, ball)
    return Zero(ball, exact, rising)


def _fraction(terms: Terms, ball: arb) -> fmpq | None:
    """A fraction with a small denominator in the ball, if the function is exactly 0 there."""
    near = Fraction(float(ball.mid())).limit_denominator(64)
    guess = fmpq(near.numerator, near.denominator)
    if not ball.contains(arb(guess)):
        return None
    value = _at(terms, guess, SHARP)
    return guess if value is not None and value.is_zero() else None


def _merged(boxes: list[tuple[fmpq, fmpq]]) -> Iterator[tuple[fmpq, fmpq]]:
    current: tuple[fmpq, fmpq] | None = None
    for a, b in sorted(boxes, key=lambda pair: pair[0]):
        if current is not None and a <= current[1]:
            current = (current[0], max(current[1], b))
        else:
            if current is not None:
                yield current
            current = (a, b)
    if current is not None:
        yield current


def _finest(a: fmpq, b: fmpq) -> bool:
    size = max(abs(a), abs(b), fmpq(1))
    return bool(b - a <= _FINEST * size)


def split_point(a: fmpq, b: fmpq) -> fmpq:
    """Where to cut: at 0, then at powers of 2 while the ends differ in size, then in the middle."""
    if a < 0 < b:
        return fmpq(0)
    if b <= 0:
        return -split_point(-b, -a)
    if a == 0:
        return fmpq(1) if b > 2 else b / 2
    small, large = _exponent(a), _exponent(b)
    if large - small > 2:
        return fmpq(2) ** ((small + large) // 2)
    return (a + b) / 2


def _exponent(x: fmpq) -> int:
    """About the binary logarithm."""
    return int(x.p.bit_length()) - int(x.q.bit_length())
