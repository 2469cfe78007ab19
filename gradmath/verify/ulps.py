"""Floating-point formats, errors in units in the last place, and the bound that we promise.

With the condition number k = |x f'(x) / f(x)| a computed f(x) may be off by 4 (1 + k) ulp of the
true value: half an ulp in x alone moves f by about k/2 ulp.  Below the smallest normal number it
may be off by 4 times the smallest subnormal number.  At a root of f the bound is the limit of the
same formula, 4 eps |x f'(x)|.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from flint import arb, fmpq

from gradmath.errors import UnknownNameError
from gradmath.verify import balls
from gradmath.verify.oracle import Ball

#: the factor in the bound, on every backend but the native one
FACTOR: Final = 4
#: where the bound 4 (1 + k) stops being a promise for the tail below the smallest normal number
ILL_CONDITIONED: Final = 100


@dataclass(frozen=True)
class Format:
    """A binary floating-point format: `precision` bits, exponents `emin`..`emax` of normals.

    >>> FLOAT64.ulp(1.0) == 2.0**-52, FLOAT64.ulp(0.0) == 5e-324
    (True, True)
    """

    name: str
    precision: int
    emin: int
    emax: int

    @property
    def smallest(self) -> float:
        """The smallest positive (subnormal) number."""
        return math.ldexp(1.0, self.emin - self.precision + 1)

    @property
    def smallest_normal(self) -> float:
        """The smallest positive normal number."""
        return math.ldexp(1.0, self.emin)

    @property
    def largest(self) -> float:
        """The largest finite number."""
        return math.ldexp(2.0 - math.ldexp(1.0, 1 - self.precision), self.emax)

    @property
    def epsilon(self) -> float:
        """The gap between 1 and the next number."""
        return math.ldexp(1.0, 1 - self.precision)

    def ulp(self, x: float) -> float:
        """The gap between numbers of this format in the binade of `x`."""
        exponent = math.frexp(x)[1] - 1 if x else self.emin
        return math.ldexp(1.0, max(min(exponent, self.emax), self.emin) - self.precision + 1)


FLOAT64: Final = Format("float64", 53, -1022, 1023)
FLOAT32: Final = Format("float32", 24, -126, 127)
FLOAT16: Final = Format("float16", 11, -14, 15)
FORMATS: Final = {f.name: f for f in (FLOAT64, FLOAT32, FLOAT16)}


def format_of(dtype: object) -> Format:
    """Return the format of a dtype or its name."""
    name = str(getattr(dtype, "name", dtype)).rpartition(".")[2]
    if name not in FORMATS:
        raise UnknownNameError("dtype", name, FORMATS)
    return FORMATS[name]


@dataclass(frozen=True)
class Judgement:
    """A computed number held against a ball.

    `ulps` is the error in ulp of the true value, `share` the error as a share of what is allowed
    (above 1: too large), `ok` whether it is surely within.
    """

    ok: bool
    ulps: float
    share: float
    note: str = ""


def error(got: float, true: Ball, form: Format) -> float:
    """Return the error of `got` in ulp of the true value (infinite for NaN)."""
    return judge(got, true, None, 0.0, form).ulps


def condition(x: float, true: Ball, slope: Ball) -> float:
    """Return the condition number k = |x f'(x) / f(x)|; infinite at a root that is not x = 0."""
    if x == 0 or slope.kind in ("zero", "tiny"):
        return 0.0
    if true.kind == "zero":
        return math.inf
    with balls.precision(64):
        return float(abs(arb(x) * slope.arb / true.arb).mid())


def judge(
    got: float, true: Ball, slope: Ball | None, x: float, form: Format, factor: float = FACTOR
) -> Judgement:
    """Hold `got`, computed for f(x), against the true f(x) and its slope f'(x).

    Without a slope the function counts as perfectly conditioned (k = 0).
    """
    with balls.precision(160):
        centre = _rounded(true)
        if math.isnan(got):
            return Judgement(False, math.inf, math.inf, "NaN")
        ulp = form.ulp(centre)
        allowed = _allowed(true, slope, x, form, factor, ulp)
        true_ball = balls.real(true.arb)
        if not math.isfinite(got) or abs(centre) > form.largest:
            return _overflow(got, true_ball, allowed, form, ulp)
        off = abs(arb(got) - true_ball)
        return Judgement(bool(off <= allowed), _high(off / arb(ulp)), _high(off / allowed))


def _allowed(
    true: Ball, slope: Ball | None, x: float, form: Format, factor: float, ulp: float
) -> arb:
    """Return the absolute error that the bound allows, from below."""
    lever = arb(0)
    if slope is not None and x and slope.kind not in ("zero", "tiny"):
        lever = abs(arb(x) * balls.real(slope.arb)).lower()
    size = abs(balls.real(true.arb))
    if true.kind == "zero":
        return arb(factor) * (arb(form.smallest) + arb(form.epsilon) * lever)
    if true.kind == "tiny" or size < arb(form.smallest_normal):
        return arb(factor * form.smallest)
    return arb(factor) * arb(ulp) * (1 + lever / size)


def _overflow(got: float, true: arb, allowed: arb, form: Format, ulp: float) -> Judgement:
    """Judge where the computed or the true value lies beyond the largest finite number."""
    edge = arb(form.largest)
    reachable = abs(true) + allowed > edge  # the promised error may carry it over the edge
    if math.isinf(got):
        ok = bool(reachable) and bool(true > 0 if got > 0 else true < 0)
        return Judgement(ok, 0.0 if ok else math.inf, 0.0 if ok else math.inf, "overflow")
    off = abs(arb(got) - true)
    ok = bool(off <= allowed)
    return Judgement(ok, _high(off / arb(ulp)), _high(off / allowed), "overflow")


def _rounded(true: Ball) -> float:
    """Return the ball's centre as a Python float, infinite where it is out of range."""
    return float(true)


def _high(x: arb) -> float:
    """Return an upper bound of a ball as a float."""
    return float(x.abs_upper())


def ratio(x: arb | fmpq) -> float:
    """Return the centre of a ball or an exact fraction as a float."""
    return float(balls.real(x).mid())
