"""Writing an expression in one exponential so that it neither overflows nor cancels.

The exponential that enters is E = exp(-|p(z)|) <= 1.  Where E has underflowed or is far below
rounding, polynomials beside it are evaluated at a clamped z, so that oo * 0 never occurs.  Where
E is the leading order, a subnormal E would carry few digits into a product with a large factor:
there |p| is split at 64 into two exponentials, and the second, 1 until then, is applied last.

A rate that is a parameter (CELU's 1/alpha) is divided by once and rounded: where exp(-|z|/alpha)
is subnormal, this rounding may cost more than the four smallest subnormals promised elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import (
    Abs,
    Dummy,
    Expr,
    Integer,
    Max,
    Min,
    Piecewise,
    Poly,
    Rational,
    Symbol,
    cancel,
    exp,
    floor,
    sign,
)
from sympy.codegen.cfunctions import expm1

from gradmath.stable.exponent import corrected, cubic, is_cubic
from gradmath.stable.lets import Lets
from gradmath.stable.rational import Factor, InExponential, Side, is_one_minus
from gradmath.stable.tails import SPLIT, SPLIT_SQUARE, clamp_of, tails

ONE_MINUS_E: Factor = ((Integer(1), Integer(-1)), 1)
TINY = Rational(1, 2**54)


@dataclass
class _Scene:
    """What the factors of one half line are written in."""

    lead: Expr  # the variable in terms of order E^0 and in factors without E
    inner: Expr  # the clamped variable in all other terms
    e: Expr
    one_minus_e: Expr
    from_zero: bool  # whether both are kept to values >= 0


def write(lets: Lets, reading: InExponential, only: int = 0) -> Expr | None:
    """The value of `reading` in bound symbols; on one half line when `only` is 1 or -1.

    With `only`, the variable is expected to have been kept to that half line (0 included).
    None where the expression grows exponentially or divides by something that may vanish.
    """
    sides = {s: reading.side(s) for s in ((only,) if only else (1, -1))}
    if any(side.power < 0 or not _denominator_is_safe(side) for side in sides.values()):
        return None
    z = reading.variable
    parity = reading.parity if not only else 0
    if parity:
        del sides[-1]
    size = lets.bind(-z) if only < 0 else z if only else lets.bind(Abs(z))
    kept = lets.stand(Min(size, clamp_of(reading)), size)
    if only or parity:
        inner = lets.bind(-kept) if only < 0 else kept
    else:
        clamp = clamp_of(reading)
        inner = lets.stand(Max(lets.bind(Min(z, clamp)), -clamp), z)
    q, lost = _exponent(lets, reading, size, kept)
    tailed = {s: side.power for s, side in sides.items() if _needs_tail(side, z)}
    start = SPLIT_SQUARE if 2 in tailed.values() else SPLIT
    near = lets.stand(Min(q, start), q) if tailed else q
    minus = lets.bind(-near)
    e = corrected(lets, lets.bind(exp(minus)), lost)
    needs_h = any(_vanishes(f, z) for side in sides.values() for f, _ in side.numerator)
    one_minus = lets.bind(-lets.bind(expm1(minus))) if needs_h else Integer(0)
    scenes = {
        s: _Scene(
            inner if side.power else (size if parity else z),
            inner,
            e,
            one_minus,
            bool(parity) or only > 0,
        )
        for s, side in sides.items()
    }
    for s, side in sides.items():
        signs = (1, -1) if parity else (s,)
        lets.tails += tails(reading, side, start if tailed else None, signs)
    if len(sides) == 1:
        ((s, side),) = sides.items()
        value = _side_value(lets, side, scenes[s], z, parity)
        if only and side.numerator == (ONE_MINUS_E,) and not (side.power or side.denominator):
            value = _linear_near_zero(lets, reading, side, value, size)
        return _with_tail(lets, value, lets.bind(start - q), tailed.get(s, 0))
    value = _joined(lets, reading, sides, scenes)
    for s, power in tailed.items():
        there = lets.bind(Piecewise((q, z > 0 if s > 0 else z < 0), (0, True)))
        value = _with_tail(lets, value, lets.bind(start - there), power)
    return value


def _linear_near_zero(
    lets: Lets, reading: InExponential, side: Side, value: Expr, size: Expr
) -> Expr:
    """K (1 - exp(-c size)), and K c size while c size < 2^-54, where the two round alike.

    With c = 1/alpha a subnormal size divided by alpha would lose its digits on the way.
    """
    rate = Poly(reading.exponent, reading.variable).LC()
    if not rate.free_symbols:
        return value
    line = lets.product(size, cancel(side.constant * rate))
    near = lets.bind(TINY / rate)
    return lets.stand(Piecewise((line, size < near), (value, True)), value, "line")


def as_power(reading: InExponential, half: int) -> tuple[Expr, int] | None:
    """(K, m) where the expression is K E^m on that half line, m > 0; None where it is more."""
    side = reading.side(half)
    simple = side.power > 0 and not side.numerator and not side.denominator
    return (side.constant, side.power) if simple else None


def write_powers(lets: Lets, reading: InExponential, half: int, constant: Expr, m: int) -> Expr:
    """constant E^m for a variable kept to one half line; the constant may branch."""
    z = reading.variable
    size = lets.bind(-z) if half < 0 else z
    kept = lets.stand(Min(size, clamp_of(reading)), size)
    q, lost = _exponent(lets, reading, size, kept)
    if constant == 1 and m == 1:
        return corrected(lets, lets.bind(exp(lets.bind(-q))), lost)
    start = SPLIT if m == 1 else SPLIT_SQUARE
    near = lets.stand(Min(q, start), q)
    e = corrected(lets, lets.bind(exp(lets.bind(-near))), lost)
    return _with_tail(lets, lets.product(constant, *[e] * m), lets.bind(start - q), m)


def _denominator_is_safe(side: Side) -> bool:
    """Only E in it, with positive coefficients: then nothing in it cancels or vanishes."""
    return all(c.is_positive or c == 0 for f, _ in side.denominator for c in f)


def _needs_tail(side: Side, z: Symbol) -> bool:
    """Whether a leading E^m meets a factor that would magnify the error of a subnormal E."""
    if side.power == 0:
        return False
    large = not side.constant.is_Rational or abs(side.constant) > 2
    return large or any(c.has(z) for f, _ in side.numerator for c in f)


def _exponent(lets: Lets, reading: InExponential, raw: Expr, kept: Expr) -> tuple[Expr, Expr]:
    """|p| as hi and lo, at the size of the variable; where p(z) = z it needs no clamp."""
    poly = Poly(reading.exponent, reading.variable)
    if reading.exponent == reading.variable:
        return raw, Integer(0)
    if poly.degree() == 1:
        rate = poly.LC()
        linear = lets.quotient(kept, 1 / rate) if rate.is_Pow else lets.product(kept, rate)
        return linear, Integer(0)
    if is_cubic(poly):
        return cubic(lets, poly, kept)
    return lets.horner(poly.all_coeffs()[::-1], kept), Integer(0)


def _with_tail(lets: Lets, value: Expr, room: Expr, power: int) -> Expr:
    """`value` times exp(min(room, 0))^power, room = start - |p|: 1 until |p| = start."""
    if not power:
        return value
    tail = lets.bind(exp(lets.stand(Min(room, 0), Integer(0))))
    return lets.product(value, *[tail] * power)


def _vanishes(factor: tuple[Expr, ...], z: Symbol) -> bool:
    """Whether the factor is 0 at z = 0, E = 1 and holds E, so that its terms cancel there."""
    return len(factor) > 1 and sum(c.subs(z, 0) for c in factor).expand() == 0


def _written_factor(lets: Lets, factor: tuple[Expr, ...], scene: _Scene, z: Symbol) -> Expr:
    """One factor, by Horner's rule in E; with 1 - E split off where it would cancel at 0."""
    if is_one_minus(factor):
        return scene.one_minus_e
    if not _vanishes(factor, z):
        return _in_e(lets, list(factor), scene, z)
    at_zero = [c.subs(z, 0) for c in factor]
    quotient, partial = [], Integer(0)
    for c in at_zero[:-1]:  # (sum c_j E^j) / (1 - E) has the partial sums of c as coefficients
        partial = partial + c
        quotient.append(partial)
    slopes = [((c - c0) / z).expand() for c, c0 in zip(factor, at_zero, strict=True)]
    smooth = lets.product(lets.horner(quotient, scene.e), scene.one_minus_e)
    if not any(slopes):
        return smooth
    at = scene.lead if slopes[0] != 0 else scene.inner
    return lets.total(lets.product(at, _in_e(lets, slopes, scene, z)), smooth)


def _in_e(lets: Lets, coefficients: list[Expr], scene: _Scene, z: Symbol) -> Expr:
    written = [lets.polynomial(c, z, scene.inner) if c.has(z) else c for c in coefficients[1:]]
    first = coefficients[0]
    if first.has(z):
        first = _first(lets, first, z, scene)
    return lets.horner([first, *written], scene.e)


def _first(lets: Lets, expression: Expr, z: Symbol, scene: _Scene) -> Expr:
    """The polynomial of order E^0; shifted beyond its largest root from two thirds of the way on.

    An extremum of the whole, where no error of z excuses a rounding, lies beyond that root.
    Expanded about the first integer there, the polynomial is a number and small corrections.
    """
    poly = Poly(expression, z)
    plain = lets.polynomial(expression, z, scene.lead)
    if poly.degree() < 3 or not scene.from_zero or not all(c.is_number for c in poly.coeffs()):
        return plain
    roots = [root for root in poly.nroots() if root.is_real and root > 0]
    if not roots:
        return plain
    centre = floor(max(roots)) + 1
    step = lets.bind(scene.lead - centre)
    shifted = lets.polynomial(expression.subs(z, z + centre).expand(), z, step)
    return lets.bind(Piecewise((shifted, scene.lead > 2 * centre / 3), (plain, True)))


def _product(lets: Lets, factors: tuple[Factor, ...], scene: _Scene, z: Symbol) -> list[Expr]:
    """The factors with their powers; those with positive coefficients are expanded.

    A power by multiplication repeats the rounding of its base; Horner's rule in E <= 1 with
    positive coefficients rounds mostly in small terms.
    """
    written = []
    for factor, exponent in factors:
        if exponent > 1 and all(c.is_Rational and c > 0 for c in factor):
            factor, exponent = _expanded(factor, exponent), 1
        written.append(lets.power(_written_factor(lets, factor, scene, z), exponent))
    return written


def _expanded(factor: tuple[Expr, ...], exponent: int) -> tuple[Expr, ...]:
    e = Dummy("E")
    poly = Poly(sum(c * e**j for j, c in enumerate(factor)), e) ** exponent
    return tuple(poly.all_coeffs()[::-1])


def _leading(lets: Lets, scene: _Scene, side: Side) -> Expr:
    return lets.power(scene.e, side.power)


def _side_value(lets: Lets, side: Side, scene: _Scene, z: Symbol, parity: int) -> Expr:
    """K N / D on one half line, or on both for an even or odd function (parity not 0)."""
    factors = _product(lets, side.numerator, scene, z)
    signed: list[Expr] = []
    if parity < 0:
        odd = [i for i, (f, n) in enumerate(side.numerator) if f == (z,) and n % 2]
        if odd and not side.power:
            factors[odd[0]] = lets.power(z, side.numerator[odd[0]][1])
        else:
            signed = [sign(z)]
    above = lets.product(side.constant, *signed, *factors, _leading(lets, scene, side))
    below = lets.product(*_product(lets, side.denominator, scene, z))
    return lets.quotient(above, below)


def _joined(
    lets: Lets, reading: InExponential, sides: dict[int, Side], scenes: dict[int, _Scene]
) -> Expr:
    """Both half lines, with what they share outside the branch."""
    z = reading.variable
    right, left = sides[1], sides[-1]
    shared = right.denominator == left.denominator
    common = [f for f in right.numerator if f in left.numerator and f[0] == (z,)]
    lead = _common_lead(lets, reading, right, left, scenes[1].inner) if common else z
    above = {}
    for s, side in sides.items():
        kept = tuple(f for f in side.numerator if f not in common)
        factors = _product(lets, kept, scenes[s], z)
        above[s] = lets.product(side.constant, *factors, _leading(lets, scenes[s], side))
        if not shared:
            bottom = lets.product(*_product(lets, side.denominator, scenes[s], z))
            above[s] = lets.quotient(above[s], bottom)
    value = lets.bind(Piecewise((above[1], z > 0), (above[-1], True)))
    value = lets.product(*(lets.power(lead, n) for _, n in common), value)
    if shared:
        bottom = lets.product(*_product(lets, right.denominator, scenes[1], z))
        value = lets.quotient(value, bottom)
    return value


def _common_lead(lets: Lets, reading: InExponential, right: Side, left: Side, inner: Expr) -> Expr:
    """z, clamped on those half lines on which E leads."""
    z, clamp = reading.variable, clamp_of(reading)
    if right.power and left.power:
        return inner
    if left.power:
        return lets.stand(Max(z, -clamp), z)
    return lets.stand(Min(z, clamp), z) if right.power else z
