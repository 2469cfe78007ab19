"""All zeros of a function on a whole domain: each in a ball of its own, and none elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import sympy
from flint import arb

from gradmath.verify import balls, oracle
from gradmath.verify.enclose.curve import BITS, Curve
from gradmath.verify.enclose.extremes import NotEnclosed
from gradmath.verify.enclose.isolate import BUDGET, OutOfBoxes, isolate
from gradmath.verify.enclose.line import Part, half_line, interval, number, points, segments
from gradmath.verify.enclose.tails import NoTail
from gradmath.verify.symbolic import prove_zero


@dataclass(frozen=True)
class Roots:
    """`balls` hold one zero each, in order; there is no other zero on the domain."""

    balls: tuple[arb, ...]
    parts: tuple[Part, ...]
    bits: int = BITS

    @property
    def boxes(self) -> int:
        """All boxes used."""
        return sum(part.boxes for part in self.parts)


def roots(
    expression: sympy.Expr, domain: sympy.Set = sympy.S.Reals, *, budget: int = BUDGET
) -> Roots:
    """Isolate every zero of an expression of one symbol on a domain.

    Existence and uniqueness come from a slope without a zero on the ball and different signs at its
    ends; everywhere else the function's ball excludes 0.  Raises `NotEnclosed` where a part cannot
    be settled, where zeros fill an interval, or where one is a multiple zero.

    >>> z = sympy.Symbol("z", real=True)
    >>> [ball.str(20, radius=False) for ball in roots(sympy.exp(z) - 2).balls]
    ['0.69314718055994530942']
    """
    curve = Curve(expression)
    parts: list[Part] = []
    found: list[arb] = []
    for point in points(curve, domain):
        if _vanishes(curve.at(point)):
            found.append(number(point))
    with balls.precision(BITS):
        for segment in segments(curve, domain):
            starts: dict[int, Fraction] = {}
            for side in segment.sides:
                try:
                    starts[side], sign = segment.beyond(side, 1, lambda series: series[0].sign())
                except NoTail as failure:
                    raise NotEnclosed("half line", got=f"z -> {side}*oo: {failure}") from None
                if sign == 0:
                    raise NotEnclosed("zeros", got=f"all of {half_line(side, starts[side])}")
                parts.append(Part(half_line(side, starts[side]), "largest term"))
            low, high = segment.finite(starts)
            where = interval(low, high)
            try:
                isolated = isolate(segment.terms, low, high, budget)
            except OutOfBoxes:
                raise NotEnclosed("boxes", got=f"{budget} did not suffice on {where}") from None
            if isolated.vanishing or isolated.clusters:
                a, b = (isolated.vanishing or isolated.clusters)[0]
                what = "zeros throughout" if isolated.vanishing else "perhaps a multiple zero in"
                raise NotEnclosed("zeros", got=f"{what} {interval(a, b)}")
            parts.append(Part(where, f"{len(isolated.zeros)} zeros", isolated.boxes))
            ends = [number(end) for end in (segment.low, segment.high) if not end.is_infinite]
            # a zero at an end of the segment was judged as a point, if it belongs to the domain
            for zero in isolated.zeros:
                if not any(zero.ball.overlaps(end) for end in ends):
                    found.append(zero.ball)
                elif zero.exact is None or not any(end == arb(zero.exact) for end in ends):
                    raise NotEnclosed("zeros", got=f"{zero.ball.str(12)}, at an end of {where}")
    return Roots(tuple(sorted(found, key=lambda ball: float(ball.mid()))), tuple(parts))


def _vanishes(value: sympy.Expr) -> bool:
    answer = oracle.value(value)
    if isinstance(answer, oracle.Ball) and answer.kind == "zero":
        return True
    if isinstance(answer, oracle.Ball) and not answer.arb.contains(0):
        return False
    if prove_zero(value).proved:
        return True
    raise NotEnclosed("value", got=f"the sign of {value}")
