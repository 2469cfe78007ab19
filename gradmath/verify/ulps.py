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

from flint import arb

from gradmath.errors import UnknownNameError
from gradmath.verify import balls
from gradmath.verify.oracle import Ball

#: the factor in the bound, on every backend that computes on the CPU
FACTOR: Final = 4
#: a kernel's error, in units of epsilon, as a multiple of the first-order effect of rounding
KERNEL_FACTOR: Final = FACTOR


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


def lever(x: object, slope: Ball) -> arb:
    """Return |x f'(x)|, what a relative error of x does to f(x), as a ball at 160 bits."""
    with balls.precision(160):
        return abs(balls.real(balls.exact(x)) * slope.arb)


def condition(true: Ball, levers: arb) -> float:
    """Return the condition number k = |x f'(x) / f(x)|; infinite at a root that is not x = 0."""
    with balls.precision(64):
        if levers.is_zero() or true.kind == "tiny":
            return 0.0
        return math.inf if true.kind == "zero" else float((levers / abs(true.arb)).mid())


def error(got: float, true: Ball, form: Format) -> float:
    """Return the error of `got` in ulp of the true value (infinite for NaN)."""
    return judge(got, true, arb(0), form).ulps


def judge(got: float, true: Ball, levers: arb, form: Format, factor: float = FACTOR) -> Judgement:
    """Hold `got`, computed for f(x), against the true f(x).

    `levers` is |x f'(x)|, or the sum of these over all arguments.
    """
    if math.isnan(got):
        return Judgement(False, math.inf, math.inf, "NaN")
    with balls.precision(160):
        ulp = form.ulp(float(true)) if abs(float(true)) <= form.largest else form.ulp(form.largest)
        allowed = _allowed(true, levers.abs_lower(), form, factor, ulp)
        if math.isinf(got):
            reached = abs(true.arb) + allowed > arb(form.largest)
            same_side = (true.arb > 0) if got > 0 else (true.arb < 0)
            ok = bool(reached) and bool(same_side)
            off_by = 0.0 if ok else math.inf
            return Judgement(ok, off_by, off_by, "overflow")
        off = abs(arb(got) - true.arb)
        return Judgement(bool(off <= allowed), _high(off / arb(ulp)), _high(off / allowed))


def _allowed(true: Ball, levers: arb, form: Format, factor: float, ulp: float) -> arb:
    """Return the absolute error that the bound allows, from below."""
    if true.kind == "zero":
        return arb(factor) * (arb(form.smallest) + arb(form.epsilon) * levers)
    size = true.arb.abs_lower()
    if true.kind == "tiny" or size < arb(form.smallest_normal):
        return arb(factor * form.smallest)
    return arb(factor) * arb(ulp) * (1 + levers / size)


def _high(x: arb) -> float:
    """Return an upper bound of a ball as a float."""
    return float(x.abs_upper())
