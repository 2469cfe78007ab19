"""Expressions rational in z and one exponential, taken apart on each half line.

With p(z) odd and increasing, X = exp(p(z)) and E = exp(-|p(z)|) <= 1: X is 1/E for z > 0 and E
for z < 0.  On each half line the expression becomes

    K E^m  prod_i N_i(z, E)^(n_i) / prod_j D_j(E)^(d_j)

with polynomials N_i, D_j whose terms of order E^0 dominate far out, and nothing overflows.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from sympy import (
    Dummy,
    Expr,
    Integer,
    Poly,
    Rational,
    S,
    Symbol,
    cancel,
    exp,
    factor_list,
    fraction,
    log,
    together,
)
from sympy.functions.elementary.hyperbolic import HyperbolicFunction

from gradmath.stable.shape import differs

Factor = tuple[tuple[Expr, ...], int]  # coefficients of E^0, E^1, ..., and the exponent


@dataclass(frozen=True)
class Side:
    """One half line: K E^power prod N / prod D, each factor by its coefficients in E."""

    constant: Expr
    power: int
    numerator: tuple[Factor, ...]
    denominator: tuple[Factor, ...]


@dataclass(frozen=True)
class InExponential:
    """An expression as a rational function of the variable and X = exp(exponent)."""

    variable: Symbol
    exponent: Expr  # p(z): odd, increasing, 0 at 0
    x: Symbol
    ratio: Expr
    constants: dict[Symbol, Expr]  # irrational numbers, hidden behind symbols

    @cached_property
    def parity(self) -> int:
        """1 for an even function, -1 for an odd one, 0 for neither."""
        mirrored = self.ratio.subs({self.variable: -self.variable, self.x: 1 / self.x})
        for parity in (1, -1):
            gap = mirrored - parity * self.ratio
            if not differs(gap) and cancel(gap) == 0:
                return parity
        return 0

    @cached_property
    def _factors(self) -> tuple[Expr, list[tuple[Expr, int]], list[tuple[Expr, int]]]:
        numerator, denominator = fraction(cancel(self.ratio))
        above, upper = factor_list(numerator)
        below, lower = factor_list(denominator)
        return above / below, upper, lower

    def side(self, sign: int) -> Side:
        """The right half line for sign = 1, the left one for -1."""
        constant, upper, lower = self._factors
        power, parts = 0, []
        for factors, direction in ((upper, 1), (lower, -1)):
            kept: list[Factor] = []
            for factor, exponent in factors:
                poly = Poly(factor, self.x)
                coefficients = poly.all_coeffs()
                if sign < 0:
                    coefficients.reverse()
                degree = poly.degree() if sign > 0 else 0
                power -= direction * exponent * degree
                while coefficients[0] == 0:  # the factor X itself
                    coefficients.pop(0)
                    power += direction * exponent
                while coefficients[-1] == 0:
                    coefficients.pop()
                if len(coefficients) == 1 and not coefficients[0].has(self.variable):
                    constant *= coefficients[0] ** (direction * exponent)
                    continue
                if all(c.is_number for c in coefficients) and coefficients[0] < 0:
                    coefficients = [-c for c in coefficients]
                    constant *= (-1) ** exponent
                restored = tuple(c.xreplace(self.constants) for c in coefficients)
                kept.append((restored, exponent))
            parts.append(tuple(kept))
        return Side(constant.xreplace(self.constants), power, parts[0], parts[1])


def in_exponential(expression: Expr, z: Symbol) -> InExponential | None:
    """Read `expression` as rational in z and one exponential; None if it is not."""
    plain = _only_exponentials(expression)
    calls = [call for call in plain.atoms(exp) if call.has(z)]
    if not calls:
        return None
    base = _common_exponent([call.args[0].expand() for call in calls], z)
    if base is None:
        return None
    constants: dict[Symbol, Expr] = {}
    x = Dummy("X", positive=True)
    ratio = plain.xreplace({call: x ** cancel(call.args[0] / base) for call in calls})
    ratio = hide_constants(ratio, constants)
    numerator, denominator = fraction(cancel(together(ratio)))
    if not (numerator.is_polynomial() and denominator.is_polynomial()):
        return None
    step = _common_step(numerator, denominator, x)
    if step > 1:
        root = Dummy("X", positive=True)
        ratio = cancel((numerator / denominator).subs(x, root ** Rational(1, step)))
        base, x = base * step, root
    else:
        ratio = numerator / denominator
    return InExponential(z, base, x, ratio, constants)


def _only_exponentials(expression: Expr) -> Expr:
    """Hyperbolic functions written in exponentials, exponents expanded and split off their sums."""
    written = expression.replace(
        lambda node: isinstance(node, HyperbolicFunction), lambda node: node.rewrite(exp)
    )
    return written.replace(
        lambda node: isinstance(node, exp), lambda node: exp(node.args[0].expand())
    )


def _common_exponent(arguments: list[Expr], z: Symbol) -> Expr | None:
    """p with all arguments integer multiples of it, odd and increasing in z; None if none is."""
    first = arguments[0]
    ratios = [cancel(argument / first) for argument in arguments]
    if not all(ratio.is_Rational for ratio in ratios):
        return None
    step = Rational(0)
    for ratio in ratios:
        step = _gcd(step, abs(ratio))
    base = (first * step).expand()
    if not base.is_polynomial(z):
        return None
    terms = [(c, m) for (m,), c in Poly(base, z).terms()]
    if any(degree % 2 == 0 for _, degree in terms):
        return None
    if all(c.is_negative for c, _ in terms):
        return -base
    return base if all(c.is_positive for c, _ in terms) else None


def _gcd(a: Rational, b: Rational) -> Rational:
    while b != 0:
        a, b = b, a % b
    return a


def _common_step(numerator: Expr, denominator: Expr, x: Symbol) -> int:
    """The gcd of all powers of x that occur; one of the two parts is free of a factor x."""
    step = Rational(0)
    for part in (numerator, denominator):
        for monomial in Poly(part, x).monoms():
            step = _gcd(step, Rational(monomial[0]))
    return int(step) or 1


def hide_constants(expression: Expr, constants: dict[Symbol, Expr]) -> Expr:
    """Irrational numbers replaced by symbols, since polynomials over them are slow to factor."""
    if expression.is_Atom and not (expression.is_NumberSymbol or expression is S.Exp1):
        return expression
    if expression.is_number and not expression.is_Rational:
        rational, rest = expression.as_coeff_Mul()
        for symbol, value in constants.items():
            for power in (1, -1, 2, -2, 3, -3, 4, -4):
                quotient = rest / value**power
                if quotient.is_Rational:
                    return rational * quotient * symbol**power
        symbol = Dummy("c", positive=True) if rest.is_positive else Dummy("c", real=True)
        constants[symbol] = rest
        return rational * symbol
    if isinstance(expression, log):
        return expression
    if expression.is_Mul or expression.is_Add:
        numbers, others = expression.as_independent(
            *expression.free_symbols, as_Add=expression.is_Add
        )
        if numbers.is_number and not numbers.is_Rational:
            hidden = hide_constants(numbers, constants)
            rest = hide_constants(others, constants)
            return hidden * rest if expression.is_Mul else hidden + rest
    return expression.func(*(hide_constants(arg, constants) for arg in expression.args))


def is_one_minus(coefficients: tuple[Expr, ...]) -> bool:
    """Whether the factor is 1 - E."""
    return coefficients == (Integer(1), Integer(-1))


def factored(expression: Expr, z: Symbol) -> tuple[Expr, list[tuple[Expr, int]]]:
    """A polynomial in z as constant and factors that hold z, irrational coefficients allowed."""
    constants: dict[Symbol, Expr] = {}
    constant, factors = factor_list(hide_constants(expression, constants))
    kept = []
    for factor, exponent in factors:
        restored = factor.xreplace(constants)
        if restored.has(z):
            kept.append((restored, exponent))
        else:
            constant *= restored**exponent
    return constant.xreplace(constants), kept
