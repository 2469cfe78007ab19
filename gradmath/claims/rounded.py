"""Floating-point arithmetic done exactly: fractions, and the rule by which a format rounds them.

What a processor does in one instruction is carried out here with integers, so that a statement
about rounding can be held against something that does not round.

>>> from fractions import Fraction
>>> from gradmath.verify.ulps import FLOAT16
>>> float(rounded(Fraction(1, 3), FLOAT16)), rounded(Fraction(70000), FLOAT16)
(0.333251953125, None)
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from gradmath.errors import ValueRangeError
from gradmath.verify.ulps import Format

_BITS = 400  # of an exponential, before it is rounded to a format of at most 53


def rounded(exact: Fraction, form: Format) -> Fraction | None:
    """The number of the format nearest to `exact`, ties to even; None where that is infinity."""
    if exact == 0:
        return Fraction(0)
    size = abs(exact)
    exponent = size.numerator.bit_length() - size.denominator.bit_length()
    if Fraction(2) ** exponent > size:
        exponent -= 1  # now 2^exponent <= size < 2^(exponent + 1)
    unit = Fraction(2) ** (max(exponent, form.emin) - form.precision + 1)
    nearest = round(size / unit) * unit  # Python's round takes ties to even
    if nearest > (2 - Fraction(2) ** (1 - form.precision)) * Fraction(2) ** form.emax:
        return None
    return nearest if exact > 0 else -nearest


def rounded_exp(power: Fraction, form: Format) -> Fraction | None:
    """e to a rational power, rounded correctly: both ends of Arb's enclosure round alike."""
    from flint import arb, fmpq

    from gradmath.verify import balls

    with balls.precision(_BITS):
        found = arb(fmpq(power.numerator, power.denominator)).exp()
        ends = [rounded(_fraction(end), form) for end in (found.lower(), found.upper())]
    if ends[0] != ends[1]:
        raise ValueRangeError("power", got=power, allowed="one whose exponential is no tie")
    return ends[0]


def _fraction(ball: Any) -> Fraction:
    mantissa, exponent = ball.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def number(index: int, form: Format) -> Fraction:
    """The non-negative numbers of a format in order: 0, the smallest subnormal, and so on.

    >>> from gradmath.verify.ulps import FLOAT16
    >>> [float(number(index, FLOAT16)) for index in (0, 1, 15 << 10)]
    [0.0, 5.960464477539063e-08, 1.0]
    """
    kept = form.precision - 1
    binade, rest = divmod(index, 1 << kept)
    if binade == 0:
        return Fraction(rest) * Fraction(form.smallest)
    return Fraction(rest + (1 << kept)) * Fraction(2) ** (form.emin + binade - 1 - kept)


def index_of(value: float, form: Format) -> int:
    """The place of a positive number of the format in that order."""
    kept = form.precision - 1
    exponent = math.frexp(value)[1] - 1
    if exponent < form.emin:
        return int(Fraction(value) / Fraction(form.smallest))
    mantissa = Fraction(value) / Fraction(2) ** (exponent - kept)
    return int(mantissa) - (1 << kept) + ((exponent - form.emin + 1) << kept)


def first(holds: Callable[[Fraction], bool], low: float, high: float, form: Format) -> Fraction:
    """The first number of the format between two others from which on `holds` is true.

    Found by halving: `holds` must be false at `low`, true at `high`, and change once.
    """
    before, after = index_of(low, form), index_of(high, form)
    if holds(number(before, form)) or not holds(number(after, form)):
        raise ValueRangeError("holds", got="another answer at an end", allowed="False, then True")
    while after - before > 1:
        middle = (before + after) // 2
        if holds(number(middle, form)):
            after = middle
        else:
            before = middle
    return number(after, form)
