"""Values, slopes and curvatures of one catalogue function at balls, kinks as declared.

A function here is one operation of a larger computation: its definition is evaluated in truncated
power series along each direction, so that no derivative formula is used.  At a kink each derivative
is (1 - w) left + w right with the declared weight w.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sympy
from flint import arb, arb_series, fmpq, fmpq_series

from gradmath.verify import balls
from gradmath.verify.balls import Number, UndefinedHere
from gradmath.verify.lower import Program, State, lower


@dataclass(frozen=True)
class Operation:
    """A smooth function of some symbols, but for the kinks of its first symbol.

    `weights` are the declared kinks: (location program, weight program) in the same symbols.
    """

    program: Program
    symbols: tuple[sympy.Symbol, ...]
    kinks: tuple[tuple[Program, Program], ...] = ()

    def value(self, at: Sequence[Number]) -> Number:
        """The value at balls or exact numbers."""
        return self.program.run(State(dict(zip(self.symbols, at, strict=True))))

    def jet(self, at: Sequence[Number], direction: Sequence[int], order: int) -> list[Number]:
        """The derivatives 0..`order` along `direction`, of entries -1, 0, 1.

        FLINT's series length must be at least `order` + 1.
        """
        inputs = dict(zip(self.symbols, at, strict=True))
        for symbol, step in zip(self.symbols, direction, strict=True):
            if step:
                inputs[symbol] = _moving(inputs[symbol], step, order + 1)
        state = State(inputs)
        if not self.kinks:
            state.side = 1
            terms = balls.coefficients(self.program.run(state), order + 1)
            if state.touched:
                self._require_smooth(inputs, terms, order)
            return _derivatives(terms)
        state.side = 1
        right = balls.coefficients(self.program.run(state), order + 1)
        if not state.touched:
            return _derivatives(right)
        return self._at_kink(inputs, at, direction, right, order)

    def _at_kink(
        self,
        inputs: dict[sympy.Symbol, Number],
        at: Sequence[Number],
        direction: Sequence[int],
        right: list[Number],
        order: int,
    ) -> list[Number]:
        left = balls.coefficients(self.program.run(State(inputs, -1)), order + 1)
        fixed = dict(zip(self.symbols, at, strict=True))
        for location, weight in self.kinks:
            gap = balls.add(fixed[self.symbols[0]], balls.negative(location.run(State(fixed))))
            if balls.is_zero(balls.constant(gap)):
                moved = State(inputs, 1)
                shift = balls.add(
                    moved.inputs[self.symbols[0]], balls.negative(location.run(moved))
                )
                ahead = moved.sign(shift)  # does the direction lead to the right of the kink?
                if ahead < 0:
                    left, right = right, left
                w = weight.run(State(fixed))
                mixed = [
                    balls.add(a, balls.multiply(w, balls.add(b, balls.negative(a))))
                    for a, b in zip(left, right, strict=True)
                ]
                return _derivatives(mixed)
        self._require_smooth(inputs, right, order)
        return _derivatives(right)

    def _require_smooth(
        self, inputs: dict[sympy.Symbol, Number], right: list[Number], order: int
    ) -> None:
        """Refuse a breakpoint at which the sides differ and no kink is declared."""
        left = balls.coefficients(self.program.run(State(inputs, -1)), order + 1)
        for a, b in zip(left, right, strict=True):
            if not balls.real(a).overlaps(balls.real(b)):
                raise UndefinedHere("derivative", got="a kink that is not declared")

    def gradient_and_hessian(
        self, at: Sequence[Number], active: Sequence[int]
    ) -> tuple[Number, list[Number], list[list[Number]]]:
        """Find value, slopes and second derivatives in the symbols numbered `active`.

        The last by polarisation: f_ij = (D_(i+j)^2 - D_i^2 - D_j^2) f / 2.
        """
        size = len(self.symbols)
        single = [self.jet(at, _unit(size, i), 2) for i in active]
        value = single[0][0] if single else self.value(at)
        hessian: list[list[Number]] = [[fmpq(0)] * len(active) for _ in active]
        for m, i in enumerate(active):
            hessian[m][m] = single[m][2]
            for n, j in enumerate(active[:m]):
                both = self.jet(at, _unit(size, i, j), 2)[2]
                rest = balls.add(both, balls.negative(balls.add(single[m][2], single[n][2])))
                hessian[m][n] = hessian[n][m] = balls.multiply(fmpq(1, 2), rest)
        return value, [jet[1] for jet in single], hessian


def _unit(size: int, *places: int) -> list[int]:
    return [1 if n in places else 0 for n in range(size)]


def _moving(start: Number, step: int, length: int) -> Number:
    if isinstance(start, fmpq):
        return fmpq_series([start, step], prec=length)
    return arb_series([start, step], prec=length)


def _derivatives(terms: list[Number]) -> list[Number]:
    factorial = 1
    found = []
    for n, term in enumerate(terms):
        factorial *= max(n, 1)
        found.append(term * factorial)
    return found


@functools.lru_cache(maxsize=1024)
def operation(entry: Any, values: tuple[sympy.Expr, ...] = ()) -> Operation:
    """Return the operation of a scalar catalogue entry with values for its parameters."""
    given = dict(zip(entry.parameters, values, strict=True)) if values else entry.defaults
    given = {symbol: sympy.sympify(number, rational=True) for symbol, number in given.items()}
    kinks = tuple(
        (
            lower(sympy.sympify(location).xreplace(given)),
            lower(sympy.sympify(kink.weight).xreplace(given)),
        )
        for location, kink in entry.kinks.items()
    )
    return Operation(lower(entry.expression.xreplace(given)), entry.variables, kinks)


def magnitude(x: Number) -> arb:
    """|x| as a ball."""
    return abs(balls.real(x))
