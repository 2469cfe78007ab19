"""The proof that a form is its original: exact algebra on each interval, bounds for the rest.

Three things have to be shown.  On each interval between breaks, with clamps inactive and series
replaced by what they stand for, form and original are the same expression: their difference is
reduced to zero by SymPy.  A clamp neglects terms in exp(-|p|) far out: these are bounded against
what leads there.  A series stands for a function near 0: its coefficients are Taylor's, and it
alternates, so that its error is below the first term left out.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from sympy import (
    Dummy,
    Expr,
    Integer,
    Min,
    Poly,
    Rational,
    S,
    Symbol,
    cancel,
    erf,
    erfc,
    exp,
    floor,
    fraction,
    log,
    simplify,
    together,
)
from sympy.codegen.cfunctions import expm1, log1p
from sympy.functions.elementary.hyperbolic import HyperbolicFunction

from gradmath.catalogue import pieces
from gradmath.stable.lets import Stand, Tail
from gradmath.stable.primitives import scaled_erfc
from gradmath.stable.rational import hide_constants, in_exponential
from gradmath.stable.shape import ordered

if TYPE_CHECKING:
    from gradmath.stable.form import Form

NEGLIGIBLE = Rational(1, 2**56)  # beside 1 in double precision, with three bits to spare
LOG2_E = Rational(1442, 1000)  # less than log2(e), so that exp(-x) < 2^(-LOG2_E x) for x > 0


def prove(form: Form) -> list[tuple[str, bool]]:
    """What has been shown of `form`, each with whether the proof succeeded."""
    if not form.bindings:
        return [("the form is the original", form.value == form.original)]
    results = _by_interval(form)
    for tail in form.tails:
        results.append((f"beyond |{form.variable}| = {tail.start}: {tail.what}", _tail(tail)))
    for stand in form.stands:
        if stand.kind == "series":
            results.append((f"series for {stand.exact}", _series(form, stand)))
        if stand.kind == "line":
            results.append((f"tangent at {form.variable} = 0", _tangent(form, stand)))
    return results


def _by_interval(form: Form) -> list[tuple[str, bool]]:
    z = form.variable
    written = _exact(form)
    found = [pieces.breakpoints(part, z) for part in (form.original, written)]
    if found[0] is None or found[1] is None:
        return [("order of the breaks", False)]
    breaks = ordered([*found[0], *found[1]])
    if breaks is None:
        return [("order of the breaks", False)]
    others = (form.original.free_symbols | written.free_symbols) - {z}
    sample: dict[Symbol, Expr] = {s: S.One if s.is_positive else Rational(1, 3) for s in others}
    originals = pieces.split(form.original, z, breaks, sample)
    candidates = pieces.split(written, z, breaks, sample)
    ends = ["-oo", *map(str, breaks), "oo"]
    return [
        (f"{ends[i]} < {z} < {ends[i + 1]}", _equal(one, other, z, _end(breaks, i)))
        for i, (one, other) in enumerate(zip(originals, candidates, strict=True))
    ] + [(f"{z} = {b}", _agree_at(form.original, written, z, b)) for b in breaks]


def _end(breaks: list[Expr], index: int) -> Expr:
    """An end of the interval, at which a constant of integration may be compared."""
    if not breaks:
        return Integer(0)
    return breaks[index] if index < len(breaks) else breaks[-1]


def _agree_at(one: Expr, other: Expr, z: Symbol, point: Expr) -> bool:
    gap = _plain(one.subs(z, point) - other.subs(z, point))
    return gap == 0 or simplify(gap) == 0


def _exact(form: Form) -> Expr:
    """The form with its stands resolved; grid points are any numbers, for nothing rests on them."""
    standing = {stand.symbol: stand.exact for stand in form.stands}
    values: dict[Symbol, Expr] = {}
    grid: list[Symbol] = []
    for symbol, bound in form.bindings:
        if isinstance(bound, floor):
            values[symbol] = Dummy("grid", real=True)
            grid.append(values[symbol])
            continue
        value = standing.get(symbol, bound).xreplace(values)
        if value.is_polynomial(form.variable, *grid) or value.has(*grid):
            value = value.expand()
        values[symbol] = value
    return form.value.xreplace(values)


def _plain(expression: Expr) -> Expr:
    """Primitives written in exp, log and erf; exponents expanded."""
    return (
        expression.replace(scaled_erfc, lambda x: exp((x**2).expand()) * (1 - erf(x)))
        .replace(erfc, lambda x: 1 - erf(x))
        .replace(expm1, lambda x: exp(x) - 1)
        .replace(log1p, lambda x: log(1 + x))
        .replace(lambda x: isinstance(x, HyperbolicFunction), lambda x: x.rewrite(exp))
        .replace(exp, lambda x: exp(x.expand()))
    )


def _equal(one: Expr, other: Expr, z: Symbol, end: Expr) -> bool:
    """Whether two expressions, smooth on an interval with the end `end`, are equal there."""
    one, other = _plain(one), _plain(other)
    if one == other:
        return True
    if one.has(log) or other.has(log):
        # equal at the end of the interval, and so are their derivatives
        at_end = (one - other).subs(z, end)
        same = at_end == 0 or simplify(at_end) == 0
        return same and _equal(one.diff(z), other.diff(z), z, end)
    for call in (one - other).atoms(erf):
        if call.has(z):
            name = Dummy("erf")
            one, other = one.xreplace({call: name}), other.xreplace({call: name})
    first, second = in_exponential(one, z), in_exponential(other, z)
    if first and second and first.exponent.equals(second.exponent):
        above, below = fraction(first.ratio.xreplace(first.constants))
        ratio = second.ratio.xreplace({**second.constants, second.x: first.x})
        over, under = fraction(ratio)
        return bool((above * under - over * below).expand() == 0)
    gap = one - other
    if not any(call.has(z) for call in gap.atoms(exp)):
        return cancel(hide_constants(gap.expand(), {})) == 0 or simplify(gap) == 0
    numerator, _ = fraction(together(gap))
    return numerator.expand() == 0 or simplify(gap) == 0


def _tail(tail: Tail) -> bool:
    """Whether the terms in E beyond `start` are negligible beside the leading one.

    With E = exp(-|p|) < 2^(-LOG2_E reach), reach the value of |p| from which on the clamp acts,
    and |z| <= size in all coefficients but the first, each term is at most the sum of the moduli
    of its coefficients at size; they fall from there on.  Without a leading term (0) the sum
    itself has to be below half the smallest subnormal number, 2^-1075.
    """
    z = tail.variable
    total = Rational(0)
    for j, coefficient in tail.rest:
        moduli = sum(abs(c) * tail.size**m for (m,), c in Poly(coefficient, z).terms())
        bits = int(floor(LOG2_E * tail.reach * j))
        total += _above(moduli) / Integer(2) ** bits
    if tail.first == 0:
        return bool(total < Rational(1, 2**1075))
    poly = Poly(tail.first, z)
    least = min(_below(abs(poly.as_expr().subs(z, s * tail.start))) for s in tail.signs)
    outside = all(
        not root.is_real or abs(root) < tail.start
        for part in (poly, poly.diff(z))
        if part.degree() > 0
        for root in part.nroots()
    )
    return outside and bool(total < NEGLIGIBLE * least)


def _above(number: Expr) -> Rational:
    """A rational number a little above a positive number."""
    return Rational(str(Expr.evalf(number, 30))) * Rational(1001, 1000) + Rational(1, 10**30)


def _below(number: Expr) -> Rational:
    return Rational(str(Expr.evalf(number, 30))) * Rational(999, 1000)


def _tangent(form: Form, stand: Stand) -> bool:
    """Whether the line is K c s and the curve K (1 - exp(-c s)), for c s < 2^-54 alone.

    Then q - q^2/2 <= 1 - exp(-q) <= q bounds the relative difference by q/2 < 2^-55.
    """
    values: dict[Symbol, Expr] = {}
    clamps = {s.symbol: s.exact for s in form.stands if s.kind == "clamp"}
    for name, bound in form.bindings:
        if name == stand.symbol:
            (line, condition), (curve, _) = bound.args
            break
        if not isinstance(bound, Min):
            values[name] = clamps.get(name, bound).xreplace(values)
        elif name in clamps:
            values[name] = clamps[name].xreplace(values)
    size = Dummy("s", positive=True)
    (kept,) = condition.lhs.xreplace(values).free_symbols
    sizes = {kept: size * condition.lhs.xreplace(values).coeff(kept)}
    line, curve, edge = (
        _plain(part.xreplace(values).xreplace(sizes)) for part in (line, curve, condition.rhs)
    )
    exponents = {call.args[0] for call in curve.atoms(exp)}
    if len(exponents) != 1:
        return False
    exponent = exponents.pop()
    rest = cancel(curve / (1 - exp(exponent)))
    straight = cancel(line + rest * exponent) == 0 and not rest.has(size)
    return bool(straight and (-exponent).subs(size, edge) == Rational(1, 2**54))


def _series(form: Form, stand: Stand) -> bool:
    """Whether the bound polynomial is a Taylor polynomial of `exact`, long enough up to the edge.

    The terms after its last one alternate and fall, so that the first of them bounds the error.
    """
    z = form.variable
    clamps = {s.symbol: s.exact for s in form.stands if s.kind == "clamp"}
    values: dict[Symbol, Expr] = {}
    for name, bound in form.bindings:
        values[name] = clamps.get(name, bound).xreplace(values)
        if name == stand.symbol:
            break
    polynomial = values[stand.symbol].expand()
    if stand.edge is None or not polynomial.is_polynomial(z):
        return False
    kept = Poly(polynomial, z)
    count = kept.degree() + 7
    taylor = Poly(stand.exact.series(z, 0, count).removeO(), z)
    same = all(
        (taylor.coeff_monomial(z**n) - kept.coeff_monomial(z**n)).expand() == 0
        for n in range(kept.degree() + 1)
    )
    after = [taylor.coeff_monomial(z**n) for n in range(kept.degree() + 1, count)]
    terms = [c * stand.edge**n for n, c in enumerate(after, kept.degree() + 1) if c != 0]
    falling = all(a * b < 0 and abs(a) > abs(b) for a, b in itertools.pairwise(terms))
    small = abs(terms[0]) < NEGLIGIBLE * abs(taylor.coeff_monomial(z) * stand.edge)
    return same and falling and bool(small)
