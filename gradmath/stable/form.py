"""`form`: an expression of one variable -> a straight line that neither overflows nor cancels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from sympy import Abs, Expr, Max, Min, Piecewise, Symbol, sign, tanh
from sympy.functions.special.error_functions import erf

from gradmath.catalogue.applied import explicit
from gradmath.stable import gauss, halves, logarithm
from gradmath.stable.lets import Lets, Stand, Tail
from gradmath.stable.rational import factored, in_exponential
from gradmath.stable.shape import Shape, continues, read
from gradmath.stable.straight import rational_of_size


@dataclass(frozen=True)
class Form:
    """Bindings, one operation each, and the value in them; what it was written from.

    `stands` names the bound symbols that are clamps or series, and what they stand for; `tails`
    what the clamps neglect.
    """

    bindings: tuple[tuple[Symbol, Expr], ...]
    value: Expr
    original: Expr
    variable: Symbol
    stands: tuple[Stand, ...] = ()
    tails: tuple[Tail, ...] = ()

    def substituted(self) -> Expr:
        """The form as one expression, clamps and series as they are computed."""
        return self._put_together({})

    @cached_property
    def exact(self) -> Expr:
        """The form as one expression, with clamps and series replaced by what they stand for."""
        return self._put_together({stand.symbol: stand.exact for stand in self.stands})

    def _put_together(self, standing: Mapping[Symbol, Expr]) -> Expr:
        values: dict[Symbol, Expr] = {}
        for symbol, expression in self.bindings:
            values[symbol] = standing.get(symbol, expression).xreplace(values)
        return self.value.xreplace(values)

    def prove(self) -> list[tuple[str, bool]]:
        """What has been proved of this form, each with whether the proof succeeded.

        One line for each interval between breaks (the form equals the original there, clamps
        inactive, by exact algebra), one for each clamp or series (what it neglects is below
        rounding).
        """
        from gradmath.stable.proof import prove

        return prove(self)


@lru_cache(maxsize=1024)
def form(expression: Expr, variable: Symbol) -> Form:
    """A form of `expression` for floating point: no overflow, no cancellation of its own making.

    `expression` may hold other symbols; applied catalogue functions are written out.  An
    expression outside the known families (piecewise; rational in one exponential; logarithms of
    1 + exp; the normal distribution) is returned as it is, without bindings.

    >>> from sympy import Symbol, exp
    >>> z = Symbol("z", real=True)
    >>> form(1 / (1 + exp(-z)), z).value.free_symbols != {z}
    True
    """
    original = explicit(expression)
    lets = Lets(frozenset(s.name for s in original.free_symbols))
    value = _write(lets, original, variable)
    if value is None:
        return Form((), original, original, variable)
    bindings, stands = lets.used_by(value)
    return Form(bindings, value, original, variable, stands, tuple(lets.tails))


def _write(lets: Lets, expression: Expr, z: Symbol) -> Expr | None:
    if not expression.has(z):
        return None
    shape = read(expression, z)
    if shape is None:
        return None
    if shape.breaks or _is_polynomial(shape):
        shift = shape.shifted()
        if shift is not None:
            residual = lets.bind(z - shift[0])
            return _write_shape(lets, shift[1], z, residual)
    if not shape.breaks:
        return _smooth(lets, shape.parts[0], z)
    return _write_shape(lets, shape, z, z)


def _is_polynomial(shape: Shape) -> bool:
    return all(part.is_polynomial(shape.variable) for part in shape.parts)


def _smooth(lets: Lets, expression: Expr, z: Symbol) -> Expr | None:
    """A form on the whole line, or None."""
    if expression == tanh(z):
        return None
    if expression.is_polynomial(z):
        return _polynomial(lets, expression, z, z)
    if expression.has(erf):
        return gauss.write(lets, expression, z)
    for way in (logarithm.write, _in_exponential, gauss.write):
        value = way(lets, expression, z)
        if value is not None:
            return value
    return None


def _in_exponential(lets: Lets, expression: Expr, z: Symbol, only: int = 0) -> Expr | None:
    reading = in_exponential(expression, z)
    return None if reading is None else halves.write(lets, reading, only)


def _polynomial(lets: Lets, expression: Expr, z: Symbol, at: Expr) -> Expr:
    """A polynomial in the bound `at`, by its factors."""
    if not expression.has(z):
        return expression
    constant, factors = factored(expression, z)
    written = [lets.power(lets.polynomial(f, z, at), n) for f, n in factors]
    return lets.product(constant, *written)


def _write_shape(lets: Lets, shape: Shape, z: Symbol, at: Expr) -> Expr | None:
    """A function with breaks, of the bound `at`."""
    if len(shape.parts) == 3 and not (shape.parts[0].has(z) or shape.parts[2].has(z)):
        value = _pieces(lets, shape, z, at)  # mostly a clamped line
        if value is not None:
            return value
    parity = shape.parity()
    if (parity and 0 in shape.breaks) or (parity and len(shape.breaks) > 1):
        size = lets.bind(Abs(at))
        half = shape.right_half()
        value = _pieces(lets, half, z, size, from_zero=True)
        if value is None or parity > 0:
            return value
        at_zero = shape.at[shape.breaks.index(0)] if 0 in shape.breaks else 0
        if at_zero == 0:
            return lets.product(sign(at), value)
        return lets.product(Piecewise((-1, at < 0), (1, True)), value)
    return _pieces(lets, shape, z, at)


def _pieces(lets: Lets, shape: Shape, z: Symbol, at: Expr, from_zero: bool = False) -> Expr | None:
    """Each piece at the variable kept to its interval, then the branch between them."""
    breaks, parts = list(shape.breaks), list(shape.parts)
    if breaks == [0] and all(part.subs(z, 0) == 0 for part in parts):
        written = [
            _piece(lets, part, z, lets.bind(half), side)
            for part, half, side in zip(parts, (Min(at, 0), Max(at, 0)), (-1, 1), strict=True)
        ]
        return None if None in written else lets.total(*reversed(written))
    if breaks == [0] and not from_zero:
        value = _power_beside_constant(lets, shape, z, at)
        if value is not None:
            return value
    at_breaks, low, high = list(shape.at), None, None
    if breaks and continues(parts[0], parts[1], breaks[0], at_breaks[0], z):
        low = breaks.pop(0)
        del parts[0], at_breaks[0]
    if breaks and continues(parts[-1], parts[-2], breaks[-1], at_breaks[-1], z):
        high = breaks.pop()
        del parts[-1], at_breaks[-1]
    edges = [low, *breaks, high]
    values = []
    for index, part in enumerate(parts):
        kept = at
        if part.has(z):
            if edges[index] is not None:
                kept = lets.bind(Max(kept, edges[index]))
            if edges[index + 1] is not None:
                kept = lets.bind(Min(kept, edges[index + 1]))
        bare = breaks == [0] and len(parts) == 2
        side = (-1 if index == 0 else 1) if bare else (1 if from_zero else 0)
        value = _piece(lets, part, z, kept, side)
        if value is None:
            return None
        values.append(value)
    return _branch(lets, values, breaks, parts, at_breaks, z, at)


def _power_beside_constant(lets: Lets, shape: Shape, z: Symbol, at: Expr) -> Expr | None:
    """K exp(m z) on one side of 0 and a constant on the other: one exponential, no branch in it.

    The exponential of the variable kept to its half line is 1 on the other, and passes NaN on.
    """
    left, right = shape.parts
    sign_ = -1 if left.has(z) else 1
    curved, constant = (left, right) if sign_ < 0 else (right, left)
    if constant.has(z) or not curved.has(z):
        return None
    kept = lets.bind(Min(at, 0) if sign_ < 0 else Max(at, 0))
    reading = in_exponential(curved.xreplace({z: kept}), kept)
    power = None if reading is None else halves.as_power(reading, sign_)
    if reading is None or power is None:
        return None
    sides = (power[0], constant) if sign_ < 0 else (constant, power[0])
    below = at < 0 if sides[1] == shape.at[0] else at <= 0
    factor = sides[0] if sides[0] == sides[1] else Piecewise((sides[0], below), (sides[1], True))
    return halves.write_powers(lets, reading, sign_, factor, power[1])


def _branch(
    lets: Lets, values: list[Expr], breaks: list[Expr], parts: list[Expr],
    at_breaks: list[Expr], z: Symbol, at: Expr,
) -> Expr:  # fmt: skip
    """The values of the pieces under the conditions of the original at its breaks."""
    if len(values) == 1:
        return values[0]
    branches: list[tuple[Expr, object]] = []
    for index, point in enumerate(breaks):
        if parts[index + 1].subs(z, point) == at_breaks[index]:
            branches.append((values[index], at < point))
        elif parts[index].subs(z, point) == at_breaks[index]:
            branches.append((values[index], at <= point))
        else:
            branches.append((values[index], at < point))
            branches.append((at_breaks[index], at <= point))
    return lets.bind(Piecewise(*branches, (values[-1], True)))


def _piece(lets: Lets, part: Expr, z: Symbol, at: Expr, side: int) -> Expr | None:
    """One smooth piece at the bound `at`; `side` is the half line that `at` is kept to, or 0."""
    if part.is_polynomial(z):
        return _polynomial(lets, part, z, at)
    if not isinstance(at, Symbol):
        return None
    if side:
        moved = part.xreplace({z: at})
        if part.is_rational_function(z):
            return rational_of_size(lets, part, z, at) if side > 0 else None
        return _in_exponential(lets, moved, at, side)
    return None
