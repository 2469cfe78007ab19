"""Writing a form: bindings made one operation at a time, so that their order is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sympy import Expr, Integer, Poly, Symbol

PREFIX = "let"


@dataclass(frozen=True)
class Stand:
    """`symbol` is bound to something that stands for `exact` and is not equal to it everywhere.

    A clamp is exact where it is inactive; a series stands for a function of a variable of
    modulus up to `edge`; a line stands for a curve so near 0 that the two round alike.  What
    they neglect is bounded in `gradmath.stable.proof`.
    """

    symbol: Symbol
    exact: Expr
    kind: str = "clamp"  # or "series", "line"
    edge: Expr | None = None


@dataclass(frozen=True)
class Tail:
    """What has to be shown of a clamp: beyond |variable| = start the terms of `rest` vanish.

    `rest` holds pairs (j, c_j) for terms c_j E^j, E = exp(-|p|), where |p| >= reach and the
    polynomials c_j are evaluated at moduli up to `size`; `first` is what leads, at the half
    lines `signs`, or 0 where nothing does and the rest has to underflow.
    """

    variable: Symbol
    what: str
    start: Expr
    reach: Expr
    size: Expr
    first: Expr
    rest: tuple[tuple[int, Expr], ...]
    signs: tuple[int, ...]


@dataclass
class Lets:
    """The bindings of a form under construction; equal expressions are bound once."""

    taken: frozenset[str] = frozenset()
    bindings: list[tuple[Symbol, Expr]] = field(default_factory=list)
    stands: list[Stand] = field(default_factory=list)
    tails: list[Tail] = field(default_factory=list)
    _known: dict[Expr, Symbol] = field(default_factory=dict)
    _count: int = 0

    def bind(self, expression: Expr) -> Expr:
        """A symbol bound to `expression`; atoms are returned as they are."""
        if expression.is_Atom:
            return expression
        if expression not in self._known:
            name = f"{PREFIX}{self._count}"
            while name in self.taken:
                self._count += 1
                name = f"{PREFIX}{self._count}"
            self._count += 1
            symbol = Symbol(name, real=True)
            self._known[expression] = symbol
            self.bindings.append((symbol, expression))
        return self._known[expression]

    def stand(
        self, expression: Expr, exact: Expr, kind: str = "clamp", edge: Expr | None = None
    ) -> Expr:
        """As `bind`, recording what the bound symbol stands for."""
        symbol = self.bind(expression)
        if isinstance(symbol, Symbol) and all(s.symbol != symbol for s in self.stands):
            self.stands.append(Stand(symbol, exact, kind, edge))
        return symbol

    def product(self, *factors: Expr) -> Expr:
        """The product of the factors, multiplied from left to right; ones are left out."""
        result: Expr = Integer(1)
        for factor in factors:
            if factor == 1:
                continue
            bound = self.bind(factor)
            result = bound if result == 1 else self.bind(result * bound)
        return result

    def total(self, *terms: Expr) -> Expr:
        """The sum of the terms, added from left to right; zeros are left out."""
        result: Expr = Integer(0)
        for term in terms:
            if term == 0:
                continue
            bound = self.bind(term)
            result = bound if result == 0 else self.bind(result + bound)
        return result

    def quotient(self, numerator: Expr, denominator: Expr) -> Expr:
        """One division."""
        if denominator == 1:
            return numerator
        return self.bind(self.bind(numerator) / self.bind(denominator))

    def power(self, base: Expr, exponent: int) -> Expr:
        """A power >= 0 by multiplication."""
        result: Expr = Integer(1)
        bound = self.bind(base)
        for _ in range(exponent):
            result = bound if result == 1 else self.bind(result * bound)
        return result

    def horner(self, coefficients: Sequence[Expr], x: Expr) -> Expr:
        """sum c_j x^j, c_0 first, by Horner's rule; in x^2 when the powers allow it."""
        used = [j for j, c in enumerate(coefficients) if c != 0]
        if not used:
            return Integer(0)
        low = used[0]
        if low:
            return self.product(self.power(x, low), self.horner(coefficients[low:], x))
        if len(used) > 1 and all(j % 2 == 0 for j in used):
            return self.horner(coefficients[::2], self.power(x, 2))
        result = coefficients[-1]
        for coefficient in reversed(coefficients[:-1]):
            result = self.total(coefficient, self.product(result, x))
        return self.bind(result)

    def polynomial(self, expression: Expr, variable: Symbol, at: Expr) -> Expr:
        """A polynomial in `variable`, evaluated at the bound `at`.

        Its rational content is taken out, so that a linear polynomial has one rounding beside
        that of the content; where even and odd powers meet with different signs, they are
        evaluated apart, so that the cancellation happens once and last.
        """
        content, primitive = expression.as_content_primitive()
        coefficients = Poly(primitive, variable).all_coeffs()[::-1]
        even = [c if j % 2 == 0 else Integer(0) for j, c in enumerate(coefficients)]
        odd = [c if j % 2 else Integer(0) for j, c in enumerate(coefficients)]
        if len(coefficients) > 2 and any(even) and any(odd):
            value = self.total(self.horner(odd, at), self.horner(even, at))
        else:
            value = self.horner(coefficients, at)
        return self.product(value, content)

    def used_by(self, value: Expr) -> tuple[tuple[tuple[Symbol, Expr], ...], tuple[Stand, ...]]:
        """The bindings that `value` depends on, in order, and what they stand for."""
        needed = set(value.free_symbols)
        kept: list[tuple[Symbol, Expr]] = []
        for symbol, expression in reversed(self.bindings):
            if symbol in needed:
                kept.append((symbol, expression))
                needed |= expression.free_symbols
        names = {symbol for symbol, _ in kept}
        return tuple(reversed(kept)), tuple(s for s in self.stands if s.symbol in names)
