"""Writing an expression in one exponential so that it neither overflows nor cancels.

The exponential that enters is E = exp(-|p(z)|) <= 1.  Where E has underflowed or is far below
rounding, polynomials beside it are evaluated at a clamped z, so that oo * 0 never occurs.  Where
E is the leading order, a subnormal E would carry few digits into a product with a large factor:
there E is split into E(min(|p|, 64)) and a tail factor that is 1 until then, applied last.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Abs, Expr, Integer, Max, Min, Piecewise, Poly, Symbol, exp, sign
from sympy.codegen.cfunctions import expm1

from gradmath.stable.lets import Lets
from gradmath.stable.rational import Factor, InExponential, Side, is_one_minus

FAR = Integer(1024)  # exp(-FAR) < 2^-1075, half the smallest subnormal of double precision
NEAR_FAR = Integer(64)  # exp(-NEAR_FAR) * polynomial is far below rounding; its square exceeds FAR


@dataclass
class _Scene:
    """What the factors of one side are written in."""

    lead: Expr  # the variable in terms of order E^0 and in factors without E
    inner: Expr  # the clamped variable in all other terms
    e: Expr
    one_minus_e: Expr


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
    split = any(_needs_tail(side, z) for side in sides.values())
    clamp = _clamp_of(reading)
    signed = not (only or parity)
    size = lets.bind(-z) if only < 0 else z if only else lets.bind(Abs(z))
    if signed:
        inner = lets.stand(Max(lets.bind(Min(z, clamp)), -clamp), z)
        p = _exponent(lets, reading, z, inner)
        q = lets.bind(Abs(p))
    else:
        inner_size = lets.stand(Min(size, clamp), size)
        p = q = _exponent(lets, reading, size, inner_size)
        inner = lets.bind(-inner_size) if only < 0 else inner_size
    near = lets.stand(Min(q, NEAR_FAR), q) if split else q
    scene_e = lets.bind(exp(lets.bind(-near)))
    needs_h = any(_vanishes(f, z) for side in sides.values() for f, _ in side.numerator)
    one_minus = lets.bind(-lets.bind(expm1(lets.bind(-near)))) if needs_h else Integer(0)
    leads = {
        s: _lead(lets, reading, s, side, inner, parity, only) for s, side in sides.items()
    }
    scenes = {s: _Scene(leads[s], inner, scene_e, one_minus) for s in sides}
    if len(sides) == 1:
        ((s, side),) = sides.items()
        value = _side_value(lets, side, scenes[s], z, parity)
        tails = side.power if split and _needs_tail(side, z) else 0
        return _with_tail(lets, value, lets.bind(NEAR_FAR - q), tails)
    value = _joined(lets, reading, sides, scenes)
    for s, side in sides.items():
        if split and _needs_tail(side, z):
            room = NEAR_FAR - p if s > 0 else NEAR_FAR + p
            value = _with_tail(lets, value, lets.bind(room), side.power)
    return value


def as_power(reading: InExponential, sign_: int) -> tuple[Expr, int] | None:
    """(K, m) where the expression is K E^m on that half line, m > 0; None where it is more."""
    side = reading.side(sign_)
    simple = side.power > 0 and not side.numerator and not side.denominator
    return (side.constant, side.power) if simple else None


def write_powers(lets: Lets, reading: InExponential, sign_: int, constant: Expr, m: int) -> Expr:
    """constant E^m for a variable kept to one half line; the constant may branch."""
    z = reading.variable
    size = lets.bind(-z) if sign_ < 0 else z
    inner = lets.stand(Min(size, _clamp_of(reading)), size)
    q = _exponent(lets, reading, size, inner)
    near = lets.stand(Min(q, NEAR_FAR), q) if constant != 1 else q
    e = lets.bind(exp(lets.bind(-near)))
    value = lets.product(constant, *[e] * m)
    return _with_tail(lets, value, lets.bind(NEAR_FAR - q), m) if constant != 1 else value


def _denominator_is_safe(side: Side) -> bool:
    """Only E in it, with positive coefficients: then nothing in it cancels or vanishes."""
    return all(c.is_positive or c == 0 for f, _ in side.denominator for c in f)


def _needs_tail(side: Side, z: Symbol) -> bool:
    """Whether a leading E^m meets a factor that would magnify the error of a subnormal E."""
    if side.power == 0:
        return False
    large = not side.constant.is_Rational or abs(side.constant) > 2
    return large or any(c.has(z) for f, _ in side.numerator for c in f)


def _clamp_of(reading: InExponential) -> Expr:
    """The modulus beyond which E = 0 in double precision: 1024/c for p = c z, 64 for cubics."""
    poly = Poly(reading.exponent, reading.variable)
    return FAR / poly.LC() if poly.degree() == 1 else NEAR_FAR


def _exponent(lets: Lets, reading: InExponential, raw: Expr, at: Expr) -> Expr:
    """p at the clamped variable; where p(z) = z nothing can overflow and none is needed."""
    poly = Poly(reading.exponent, reading.variable)
    if reading.exponent == reading.variable:
        return raw
    if poly.degree() == 1:
        rate = poly.LC()
        return lets.quotient(at, 1 / rate) if rate.is_Pow else lets.product(at, rate)
    return lets.horner(poly.all_coeffs()[::-1], at)


def _lead(
    lets: Lets, reading: InExponential, s: int, side: Side, inner: Expr, parity: int, only: int
) -> Expr:
    """The raw variable where order E^0 leads, the clamped one where E does."""
    z = reading.variable
    if side.power:
        return inner
    return lets.bind(Abs(z)) if parity else z


def _with_tail(lets: Lets, value: Expr, room: Expr, power: int) -> Expr:
    """`value` times exp(min(room, 0))^power, room = 64 - |p|: 1 until |p| = 64."""
    if not power:
        return value
    excess = lets.stand(Min(room, 0), Integer(0))
    return lets.product(value, *[lets.bind(exp(excess))] * power)


def _vanishes(factor: tuple[Expr, ...], z: Symbol) -> bool:
    """Whether the factor is 0 at z = 0, E = 1 and holds E, so that its terms cancel there."""
    return len(factor) > 1 and sum(c.subs(z, 0) for c in factor).expand() == 0


def _written_factor(lets: Lets, factor: tuple[Expr, ...], scene: _Scene, z: Symbol) -> Expr:
    """One factor, by Horner's rule in E; with 1 - E split off where it would cancel at 0."""
    if is_one_minus(factor):
        return scene.one_minus_e
    if _vanishes(factor, z):
        at_zero = [c.subs(z, 0) for c in factor]
        quotient, rest = [], Integer(0)
        for c in at_zero[:-1]:  # (sum c_j E^j) / (1 - E), the partial sums of c
            rest = rest + c
            quotient.append(rest)
        slopes = [((c - c0) / z).expand() for c, c0 in zip(factor, at_zero, strict=True)]
        smooth = lets.product(lets.horner(quotient, scene.e), scene.one_minus_e)
        if not any(slopes):
            return smooth
        linear = lets.product(scene.lead, _in_e(lets, slopes, scene, z))
        return lets.total(linear, smooth)
    return _in_e(lets, list(factor), scene, z)


def _in_e(lets: Lets, coefficients: list[Expr], scene: _Scene, z: Symbol) -> Expr:
    written = [
        lets.polynomial(c, z, scene.inner if j else scene.lead) if c.has(z) else c
        for j, c in enumerate(coefficients)
    ]
    return lets.horner(written, scene.e)


def _product(lets: Lets, factors: tuple[Factor, ...], scene: _Scene, z: Symbol) -> list[Expr]:
    return [lets.power(_written_factor(lets, f, scene, z), n) for f, n in factors]


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
    above = lets.product(
        side.constant, *signed, *factors, *[scene.e] * side.power
    )  # E last and one at a time: what underflows early would be magnified
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
    lead = _common_lead(lets, reading, right, left, scenes[1].inner)
    above = {}
    for s, side in sides.items():
        kept = tuple(f for f in side.numerator if f not in common)
        factors = _product(lets, kept, scenes[s], z)
        above[s] = lets.product(side.constant, *factors, *[scenes[s].e] * side.power)
        if not shared:
            below = lets.product(*_product(lets, side.denominator, scenes[s], z))
            above[s] = lets.quotient(above[s], below)
    value = lets.bind(Piecewise((above[1], z > 0), (above[-1], True)))
    value = lets.product(*(lets.power(lead, n) for _, n in common), value)
    if shared:
        below = lets.product(*_product(lets, right.denominator, scenes[1], z))
        value = lets.quotient(value, below)
    return value


def _common_lead(
    lets: Lets, reading: InExponential, right: Side, left: Side, inner: Expr
) -> Expr:
    """z, clamped on those half lines on which E leads."""
    z, clamp = reading.variable, _clamp_of(reading)
    if right.power and left.power:
        return inner
    if left.power:
        return lets.stand(Max(z, -clamp), z)
    return lets.stand(Min(z, clamp), z) if right.power else z
