"""Gradients that vanish in the machine before they vanish in mathematics."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, Final

import sympy as sp

from gradmath.claims.again import slope_at
from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.computed import Computed, Quantity
from gradmath.claims.grades import CHECKED
from gradmath.claims.measured import Runs
from gradmath.claims.rounded import first, index_of, number, rounded, rounded_exp
from gradmath.claims.symbols import sigmoid, z
from gradmath.claims.values import Value
from gradmath.verify.ulps import FLOAT16, FLOAT32, FLOAT64, Format

PAGE = "vanishing"

PRECISIONS: Final[Mapping[str, Format]] = {
    "half": FLOAT16, "single": FLOAT32, "double": FLOAT64,
}  # fmt: skip
BRAIN = 8  # bits of bfloat16
FAR = 800.0  # beyond every threshold; half precision has no larger numbers than 65504
TRIED = 400  # numbers of a format between a threshold and the far end
_ONE = Fraction(1)


def textbook(z: float, form: Format) -> float:
    """s (1 - s) with s = 1/(1 + e^-z), each operation rounded by NumPy to the format."""
    import numpy as np

    one, at = (np.asarray(v, dtype=form.name) for v in (1.0, z))
    with np.errstate(all="ignore"):
        s = one / (one + np.exp(-at))
        return float(s * (one - s))


def textbook_exactly(z: Fraction, form: Format) -> Fraction:
    """The same with integers: every operation exact, then rounded once."""

    def kept(value: Fraction) -> Fraction:
        found = rounded(value, form)
        return Fraction(form.largest) if found is None else found

    grown = rounded_exp(-z, form)
    if grown is None:  # 1 over infinity
        return Fraction(0)
    s = kept(1 / kept(_ONE + grown))
    return kept(s * kept(_ONE - s))


def stable(z: float, form: Format) -> float:
    """The slope by the catalogue's kernel, in the format."""
    import numpy as np

    from gradmath.functions import activations

    slope: Any = activations["sigmoid"].derivative
    return float(slope(np.asarray([z], dtype=form.name))[0])


def stable_exactly(z: Fraction, form: Format) -> Fraction:
    """The true slope, rounded once: e^-z / (1 + e^-z)^2 with a far wider format in between."""
    wide = Format("wide", 240, -4000, 4000)
    grown = rounded_exp(-z, wide)
    assert grown is not None
    found = rounded(grown / (_ONE + grown) ** 2, form)
    assert found is not None
    return found


@functools.cache
def first_zero(form: Format) -> Fraction:
    """The first positive number of the format at which the textbook form is exactly 0."""
    return first(lambda z: textbook(float(z), form) == 0, 1.0, 64.0, form)


@functools.cache
def first_zero_exactly(form: Format) -> Fraction:
    """The same, with integers."""
    return first(lambda z: textbook_exactly(z, form) == 0, 1.0, 64.0, form)


@functools.cache
def last_alive(form: Format) -> Fraction:
    """The last number of the format at which the stable form is not 0."""
    dead = first(lambda z: stable(float(z), form) == 0, 1.0, FAR, form)
    return number(index_of(float(dead), form) - 1, form)


@functools.cache
def last_alive_exactly(form: Format) -> Fraction:
    """The same, for the true slope rounded once."""
    dead = first(lambda z: stable_exactly(z, form) == 0, 1.0, FAR, form)
    return number(index_of(float(dead), form) - 1, form)


def _beyond(start: Fraction, form: Format) -> list[Fraction]:
    """Numbers of the format from `start` to the far end: every one in half precision."""
    low, high = index_of(float(start), form), index_of(FAR, form)
    stride = 1 if form is FLOAT16 else max(1, (high - low) // TRIED)
    return [number(index, form) for index in range(low, high + 1, stride)]


def alive_beyond(form: Format) -> float:
    """How many numbers from the first zero on have a textbook slope that is not 0."""
    return float(sum(textbook(float(z), form) != 0 for z in _beyond(first_zero(form), form)))


def alive_beyond_exactly(form: Format) -> float:
    """The same with integers, at a tenth of the numbers."""
    tried = _beyond(first_zero_exactly(form), form)[:: 10 if form is not FLOAT16 else 200]
    return float(sum(textbook_exactly(z, form) != 0 for z in tried))


def _threshold(form: Format) -> float:
    """p log 2: from here on e^-z <= 2^-p, and 1 + e^-z is rounded to 1."""
    return form.precision * math.log(2)


def _end(form: Format) -> float:
    """Where e^-z is half of the smallest subnormal number."""
    return (form.precision - form.emin) * math.log(2)


def _near(place: float, form: Format) -> tuple[float, float]:
    """A place, give or take one gap between numbers of the format."""
    return place - form.ulp(place), place + form.ulp(place)


def _places(form: Format) -> dict[str, Quantity]:
    """What is said of one format."""
    return {
        "zero from": Quantity(
            lambda: float(first_zero(form)),
            lambda: float(first_zero_exactly(form)),
            *_near(_threshold(form), form),
        ),
        "not zero beyond": Quantity(
            lambda: alive_beyond(form), lambda: alive_beyond_exactly(form), 0.0, 0.0
        ),
        "alive on the left": Quantity(
            lambda: float(textbook(-float(first_zero(form)), form) > 0),
            lambda: float(textbook_exactly(-first_zero_exactly(form), form) > 0),
            1.0, 1.0,
        ),
        "stable form alive until": Quantity(
            lambda: float(last_alive(form)),
            lambda: float(last_alive_exactly(form)),
            *_near(_end(form), form),
        ),
    }  # fmt: skip


@claim(
    "zero-by-rounding",
    page=PAGE,
    grade=CHECKED,
    titles={"en": "Zero by rounding", "zh": "因舍入而为零"},
    statement_text={
        "en": "The slope as textbooks write it, s (1 − s), is exactly 0 from z = p log 2 on, where "
        "p is the number of bits of the format: 11 in half, 24 in single, 53 in double precision. "
        "At −z nothing of the kind happens. Mathematics has no 0 there, and the stable form none "
        "either until the true slope lies below half of the smallest number that the format has.",
        "zh": "教科书写法 s (1 − s) 从 z = p log 2 起恰好等于 0，p 是格式的有效位数：半精度 11 位，"
        "单精度 24 位，双精度 53 位。在 −z 处没有这种现象。数学上那里并不为 0；稳定写法也不为 0，"
        "直到真实导数小于该格式最小正数的一半。",
    },
    assumptions={
        "en": "s = 1/(1 + e⁻ᶻ), every operation in the format, by NumPy. For e⁻ᶻ ≤ 2⁻ᵖ the sum "
        "1 + e⁻ᶻ lies at most halfway to the number after 1 and is rounded to 1. The places are "
        "searched by halving among the format's numbers; beyond them every number of half "
        "precision up to 800 is tried, and 400 of the others. All is done once more with "
        "integers and one rounding for each operation.",
        "zh": "s = 1/(1 + e⁻ᶻ)，每一步运算都由 NumPy 在该格式中进行。当 e⁻ᶻ ≤ 2⁻ᵖ 时，1 + e⁻ᶻ 距 1 "
        "不超过到下一个数的一半，被舍入为 1。这些位置在该格式的数中用二分法查找；"
        "其后至 800 的半精度数逐个试过，另两种格式各试 400 个。以上又用整数运算、"
        "每步只舍入一次，全部重做一遍。",
    },
    references=("goldberg1991",),
)
def zero_by_rounding() -> Case:
    parts: dict[str, Quantity] = {}
    for name, form in PRECISIONS.items():
        parts |= {f"{name}: {kind}": part for kind, part in _places(form).items()}
    statement = Computed(
        parts,
        formula=r"\begin{gathered} z \ge p \log 2 \implies \mathrm{fl}\bigl(s\,(1 - s)\bigr) = 0,"
        r" \\[0.6ex] p = 11,\ 24,\ 53; \\[0.6ex] \sigma'(z) > 0 \text{ for all } z, \\[0.6ex]"
        r" \mathrm{fl}(\sigma'(z)) > 0 \iff z < (p - e_{\min}) \log 2 \end{gathered}",
        words="s (1 - s) in floating point is 0 from z = p log 2 on, p = 11, 24, 53; not at -z; "
        "the stable form is not 0 before z = (p - emin) log 2",
    )

    def everywhere(kind: str, of: Callable[[Format], tuple[float, float] | float]) -> Computed:
        return statement.but({f"{n}: {kind}": of(form) for n, form in PRECISIONS.items()})

    mistakes = [
        Mistake("one bit less: the bit in front of the point is not counted",
                "少算一位：没有计入小数点前的那一位",
                everywhere("zero from", lambda f: _near((f.precision - 1) * math.log(2), f))),
        Mistake("0 only where e^-z itself is", "以为要到 e^-z 本身为 0 才为 0",
                everywhere("zero from", lambda f: _near(_end(f), f))),
        Mistake("it comes back further out", "以为更远处又不为 0",
                everywhere("not zero beyond", lambda f: (1.0, math.inf))),
        Mistake("the same on the left", "以为左侧也一样",
                everywhere("alive on the left", lambda f: 0.0)),
        Mistake("the stable form is 0 where the textbook's is", "以为稳定写法也在同一处变为 0",
                everywhere("stable form alive until", lambda f: _near(_threshold(f), f))),
        Mistake("the stable form ends with the normal numbers", "以为稳定写法止于正规数",
                everywhere("stable form alive until",
                           lambda f: _near(-f.emin * math.log(2), f))),
    ]  # fmt: skip
    values = {"bits_half": Value(11), "bits_single": Value(24), "bits_double": Value(53)}
    # bfloat16, by the rule: NumPy has no such type, so no run of it is among the evidence
    values |= {
        "bits_brain": Value(BRAIN, again=lambda: round(math.log2(math.exp(values["brain"].value)))),
        "brain": Value(BRAIN * sp.log(2), digits=3, again=-math.log(2.0**-BRAIN)),
    }
    for name, form in PRECISIONS.items():
        place = float(first_zero(form))
        values[name] = Value(place, digits=4)
        values[f"{name}_true"] = Value(
            float(stable_exactly(first_zero(form), FLOAT64)),
            digits=2,
            again=functools.partial(slope_at, sigmoid(z), z, {z: sp.Rational(place)}),
        )
        values[f"{name}_end"] = Value(float(last_alive(form)), digits=4)
        values[f"{name}_smallest"] = Value(
            form.smallest, digits=2, again=math.ldexp(1.0, form.emin - form.precision + 1)
        )
    return Case(statement, [Runs()], mistakes, values)
