"""A point at which a function is exactly 0, and the sign that it has beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import sympy
from flint import arb, fmpq

from gradmath.verify import balls
from gradmath.verify.enclose.curve import BITS
from gradmath.verify.enclose.line import Segment, number
from gradmath.verify.symbolic import prove_zero

_ORDERS: Final = 8  # derivatives looked at
_SECONDS: Final = 10.0  # for SymPy's proof that a derivative is exactly 0
_HALVINGS: Final = 40


@dataclass(frozen=True)
class Contact:
    """The function and its derivatives below `order` are exactly 0 at the point, and the derivative
    of that order has the sign `sign` on the whole ball of this radius around it.

    By Taylor's formula the function has there the sign of sign (z - point)^order.
    """

    order: int
    sign: int
    radius: fmpq

    @property
    def text(self) -> str:
        """In words."""
        kind = "has one sign" if self.order % 2 else "positive" if self.sign > 0 else "negative"
        return f"0 there, derivative of order {self.order} {kind}"


def contact(segment: Segment, point: sympy.Expr) -> Contact | None:
    """What can be proved about a point at which the function may be exactly 0."""
    at = number(point)
    exact = fmpq(int(point.p), int(point.q)) if point.is_Rational else at
    try:
        germ = segment.terms(exact, _ORDERS, BITS)
    except (balls.Undecided, balls.UndefinedHere):
        return None
    order = 0
    while order < _ORDERS and germ[order].contains(0):
        if not germ[order].is_zero() and not _vanishes(segment, point, order):
            return None
        order += 1
    if order in (0, _ORDERS):
        return None  # not 0 there; or so flat that it is perhaps 0 throughout
    radius = fmpq(1, 2)
    for _ in range(_HALVINGS):
        if _keeps_its_sign(segment, at + arb(0, arb(radius)), order):
            return Contact(order, 1 if germ[order] > 0 else -1, radius)
        radius /= 2
    return None


def _keeps_its_sign(segment: Segment, ball: arb, order: int) -> bool:
    try:
        return not segment.terms(ball, order + 1, BITS)[order].contains(0)
    except (balls.Undecided, balls.UndefinedHere):
        return False


def _vanishes(segment: Segment, point: sympy.Expr, order: int) -> bool:
    derived = segment.smooth.diff(segment.curve.variable, order)
    at_point = derived.subs(segment.curve.variable, point)
    return prove_zero(at_point, seconds=_SECONDS).proved is True
