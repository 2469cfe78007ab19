"""SymPy expressions -> straight-line programs over Arb numbers.

`lower(expression)` walks an expression once, without recursion on its depth and without evaluating
anything, and returns a `Program` that can then be run at many points and precisions.  Branches of a
`Piecewise` are programs of their own and run only when chosen; a condition is decided by balls.

Handled: symbols, exact numbers, pi and the other number symbols, sums, products, powers, exp, log,
tanh and the other hyperbolic and trigonometric functions, erf, erfc, Abs, sign, Min, Max, their
slope Heaviside, Piecewise, Gaussian means, and any function that can write itself out by an
`explicit()` method.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import flint
import sympy
from flint import arb, fmpq
from sympy.codegen.cfunctions import expm1, log1p
from sympy.matrices.expressions.matexpr import MatrixElement

from gradmath.catalogue.gaussian import GaussianMean
from gradmath.errors import ArgumentTypeError, EquationError
from gradmath.verify import balls
from gradmath.verify.balls import Number
from gradmath.verify.structure import condition, operands_first


@dataclass
class State:
    """One run: the inputs, which side of the point is looked at, and whether a kink was met.

    `touched` becomes True when some comparison met an exact zero: the point lies on a breakpoint.
    """

    inputs: Mapping[sympy.Expr, Number]
    side: int = 0
    touched: bool = False

    def sign(self, x: Number) -> int:
        """Decide the sign of `x` on the side looked at, noting an exact zero."""
        sign, touched = balls.germ_sign(x, self.side)
        self.touched = self.touched or touched
        return sign


Instruction = Callable[[list[Number], State], Number]


@dataclass(frozen=True)
class Program:
    """Instructions in order; each sees the results of those before it; the last is the value."""

    instructions: tuple[Instruction, ...]
    symbols: frozenset[sympy.Symbol] = field(default_factory=frozenset)

    def run(self, state: State) -> Number:
        """The value at the state's inputs."""
        slots: list[Number] = []
        for instruction in self.instructions:
            slots.append(instruction(slots, state))
        return slots[-1]


@functools.lru_cache(maxsize=4096)
def lower(expression: sympy.Expr) -> Program:
    """The program of an expression.

    Raises `ArgumentTypeError` for something that is no SymPy expression, and `EquationError` for a
    head that has no rule here.
    """
    if not isinstance(expression, sympy.Expr):
        raise ArgumentTypeError(
            "expression", got=type(expression).__name__, allowed="a SymPy expression"
        )
    instructions: list[Instruction] = []
    slot: dict[sympy.Basic, int] = {}
    for node, children in operands_first(expression, _children):
        instructions.append(_instruction(node, [slot[child] for child in children]))
        slot[node] = len(instructions) - 1
    symbols: set[sympy.Basic] = set()
    for node in slot:
        if isinstance(node, sympy.Piecewise | GaussianMean):
            symbols |= node.free_symbols
        elif isinstance(node, sympy.Symbol):
            symbols.add(node)
    return Program(tuple(instructions), frozenset(symbols))


def _children(node: sympy.Basic) -> Sequence[sympy.Basic]:
    """The operands that must be computed before `node`."""
    if _writes_itself_out(node):
        return (node.explicit(),)
    if isinstance(node, sympy.Piecewise | MatrixElement | sympy.Indexed | GaussianMean):
        return ()
    if isinstance(node, sympy.Pow):
        if node.base is sympy.E:
            return (node.exp,)
        exponent = node.exp
        if exponent.is_Integer or (exponent.is_Rational and exponent.q == 2):
            return (node.base,)
    return node.args


def _writes_itself_out(node: sympy.Basic) -> bool:
    return isinstance(node, sympy.Function) and callable(getattr(node, "explicit", None))


def _instruction(node: sympy.Basic, at: list[int]) -> Instruction:
    if _writes_itself_out(node):
        return lambda s, _: s[at[0]]
    if isinstance(node, sympy.Symbol | MatrixElement | sympy.Indexed):
        return lambda _, state: _look_up(state, node)
    if isinstance(node, sympy.Number | sympy.NumberSymbol):
        return _number(node)
    if isinstance(node, sympy.Add):
        return lambda s, _: functools.reduce(balls.add, [s[i] for i in at])
    if isinstance(node, sympy.Mul):
        return lambda s, _: functools.reduce(balls.multiply, [s[i] for i in at])
    if isinstance(node, sympy.Pow):
        return _power(node, at)
    if isinstance(node, sympy.Piecewise):
        return _piecewise(node)
    if isinstance(node, GaussianMean):
        return _gaussian_mean(node)
    for head, rule in _RULES.items():
        if isinstance(node, head):
            return rule(at)
    raise EquationError(
        "expression",
        got=f"{type(node).__name__} in {node}",
        allowed="elementary functions: " + ", ".join(sorted(h.__name__ for h in _RULES)),
    )


def _look_up(state: State, symbol: sympy.Expr) -> Number:
    try:
        return state.inputs[symbol]
    except KeyError:
        raise EquationError(
            "at",
            got=f"no value for {symbol}",
            allowed=", ".join(sorted(map(str, state.inputs))) or "nothing was given",
        ) from None


_SYMBOLS: dict[Any, Callable[[], arb]] = {
    sympy.pi: arb.pi,
    sympy.E: arb.const_e,
    sympy.EulerGamma: arb.const_euler,
    sympy.Catalan: arb.const_catalan,
    sympy.GoldenRatio: lambda: (1 + arb(5).sqrt()) / 2,
}


def _number(node: Any) -> Instruction:
    if node in _SYMBOLS:
        return lambda _, __: _SYMBOLS[node]()
    if isinstance(node, sympy.Rational) and node.is_finite:
        ratio = fmpq(int(node.p), int(node.q))
        return lambda _, __: ratio
    if isinstance(node, sympy.Float):
        value = balls.exact(Fraction(*sympy.Rational(node).as_numer_denom()))
        return lambda _, __: value
    raise EquationError("expression", got=str(node), allowed="finite real numbers")


def _power(node: sympy.Pow, at: list[int]) -> Instruction:
    if node.base is sympy.E:
        return lambda s, _: balls.exp(s[at[0]])
    if node.exp.is_Integer:
        n = int(node.exp)
        return lambda s, _: balls.power(s[at[0]], n)
    if node.exp.is_Rational and node.exp.q == 2:
        n = int(node.exp.p)
        return lambda s, _: balls.power(balls.sqrt(s[at[0]]), n)
    return lambda s, _: balls.exp(balls.multiply(s[at[1]], balls.log(s[at[0]])))


def _piecewise(node: sympy.Piecewise) -> Instruction:
    branches = [(condition(when, _sign_of), lower(value)) for value, when in node.args]

    def choose(_: list[Number], state: State) -> Number:
        for holds, value in branches:
            if holds(state):
                return value.run(state)
        raise balls.UndefinedHere("Piecewise", got="no branch holds", remedy=str(node))

    return choose


def _gaussian_mean(node: GaussianMean) -> Instruction:
    """The integral, enclosed, where every parameter is an exact number."""

    def run(_: list[Number], state: State) -> Number:
        at = {}
        for symbol in sorted(node.free_symbols, key=str):
            number = _look_up(state, symbol)
            if not isinstance(number, fmpq):
                raise EquationError(
                    "at", got=f"{symbol} = {number}", allowed="exact numbers, in a Gaussian mean"
                )
            at[symbol] = sympy.Rational(int(number.p), int(number.q))
        return _mean(node.of.xreplace(at))

    return run


@functools.lru_cache(maxsize=4096)
def _mean(of: sympy.Expr) -> arb:
    """Integrated once, whatever precision is asked for: more bits would not make it sharper."""
    from gradmath.verify.enclose import NotEnclosed, moment

    try:
        return moment(of).value
    except NotEnclosed as failure:
        raise balls.Undecided("Gaussian mean", got=str(failure)) from None


def _sign_of(left: sympy.Expr, right: sympy.Expr) -> Callable[[State], int]:
    """The sign of left - right in a run."""
    sides = [lower(left), lower(right)]

    def sign(state: State) -> int:
        one, other = (program.run(state) for program in sides)
        return state.sign(balls.add(one, balls.negative(other)))

    return sign


def _unary(function: Callable[[Number], Number]) -> Callable[[list[int]], Instruction]:
    return lambda at: lambda s, _: function(s[at[0]])


def _absolute(at: list[int]) -> Instruction:
    def run(s: list[Number], state: State) -> Number:
        x = s[at[0]]
        if isinstance(x, arb) and flint.ctx.cap == 1:  # a value alone needs no decision
            return abs(x)
        sign = state.sign(x)
        return balls.negative(x) if sign < 0 else x

    return run


def _sign(at: list[int]) -> Instruction:
    return lambda s, state: fmpq(state.sign(s[at[0]]))


def _step(at: list[int]) -> Instruction:
    """The unit step (`Heaviside`): at its jump it has a value on each side, and none between."""

    def run(s: list[Number], state: State) -> Number:
        sign = state.sign(s[at[0]])
        if sign == 0:
            raise balls.UndefinedHere(
                "Heaviside", got="its jump: two arguments of a Max or Min tie"
            )
        return fmpq(int(sign > 0))

    return run


def _extreme(want: int) -> Callable[[list[int]], Instruction]:
    def rule(at: list[int]) -> Instruction:
        def run(s: list[Number], state: State) -> Number:
            best = s[at[0]]
            for i in at[1:]:
                sign = state.sign(balls.add(s[i], balls.negative(best)))
                best = s[i] if sign == want else best
            return best

        return run

    return rule


_RULES: dict[Any, Callable[[list[int]], Instruction]] = {
    sympy.exp: _unary(balls.exp),
    sympy.log: _unary(balls.log),
    sympy.tanh: _unary(balls.tanh),
    sympy.sinh: _unary(balls.sinh),
    sympy.cosh: _unary(balls.cosh),
    sympy.sech: _unary(lambda x: balls.reciprocal(balls.cosh(x))),
    expm1: _unary(lambda x: balls.add(balls.exp(x), fmpq(-1))),
    log1p: _unary(lambda x: balls.log(balls.add(x, fmpq(1)))),
    sympy.sin: _unary(balls.method("sin")),
    sympy.cos: _unary(balls.method("cos")),
    sympy.tan: _unary(balls.method("tan")),
    sympy.asin: _unary(balls.method("asin")),
    sympy.acos: _unary(balls.method("acos")),
    sympy.atan: _unary(balls.method("atan")),
    sympy.erf: _unary(balls.method("erf")),
    sympy.erfc: _unary(balls.method("erfc")),
    sympy.gamma: _unary(balls.method("gamma")),
    sympy.loggamma: _unary(balls.method("lgamma")),
    sympy.Abs: _absolute,
    sympy.sign: _sign,
    sympy.Heaviside: _step,
    sympy.Min: _extreme(-1),
    sympy.Max: _extreme(1),
}
