"""SymPy expressions and named equations as functions of traced numbers.

The definition is run operation by operation; a catalogue function is written out first.  Nothing
is differentiated by SymPy here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
import sympy
from flint import arb

from gradmath.catalogue.applied import explicit
from gradmath.errors import EquationError, ShapeError
from gradmath.verify import balls
from gradmath.verify.gradients import (
    arrays,
    heads,
    matrix_nodes,
    opaque_nodes,
    scalar_functions,
)
from gradmath.verify.gradients.number import Number
from gradmath.verify.gradients.rule import Rule
from gradmath.verify.gradients.rules import RULES
from gradmath.verify.gradients.special_rules import series_rule
from gradmath.verify.gradients.trace import Trace
from gradmath.verify.gradients.unfinished import ZetaDerivative
from gradmath.verify.lower import State, lower
from gradmath.verify.structure import condition, operands_first

#: a value in a run: a traced number, or an exact constant
Value = Any
Instruction = Callable[[list[Value], Mapping[str, Value], Trace], Value]


class Program:
    """The instructions of one expression; each sees the results of those before it.

    A scalar expression in names that stand for arrays is run entry by entry.  `by_mpmath` are heads
    that have no rule here.
    """

    def __init__(self, expression: sympy.Expr) -> None:
        self.symbols = tuple(sorted(s.name for s in expression.free_symbols))
        self.is_scalar = not expression.has(sympy.MatrixSymbol)
        self.by_mpmath: set[str] = set()
        self.instructions: list[Instruction] = []
        slot: dict[sympy.Basic, int] = {}
        for node, children in operands_first(expression, _children):
            self.instructions.append(_instruction(node, [slot[child] for child in children]))
            slot[node] = len(self.instructions) - 1
            if not matrix_nodes.is_matrix_node(node) and not has_rule(node):
                self.by_mpmath.add(type(node).__name__)
            for inner in getattr(node, "args", ()) if isinstance(node, sympy.Piecewise) else ():
                self.by_mpmath |= program(inner[0]).by_mpmath

    def run(self, names: Mapping[str, Value], trace: Trace) -> Value:
        """The value, given those of the names."""
        tables = [name for name in self.symbols if isinstance(names.get(name), np.ndarray)]
        if tables and self.is_scalar:
            return self._entry_by_entry(tables, names, trace)
        slots: list[Value] = []
        for instruction in self.instructions:
            slots.append(instruction(slots, names, trace))
        return slots[-1]

    def _entry_by_entry(self, tables: list[str], names: Mapping[str, Value], trace: Trace) -> Value:
        def one(*entries: Value) -> Value:
            return self.run({**names, **dict(zip(tables, entries, strict=True))}, trace)

        values = [names[name] for name in tables]
        shapes = {name: np.shape(value) for name, value in zip(tables, values, strict=True)}
        try:
            np.broadcast_shapes(*shapes.values())
        except ValueError:
            raise ShapeError(
                "expression", got=f"names of the shapes {shapes}", allowed="shapes that fit"
            ) from None
        return arrays.elementwise(one, *values)


@lru_cache(maxsize=4096)
def program(expression: sympy.Expr) -> Program:
    """The program of an expression, its catalogue functions written out.

    Raises `EquationError` for a head that has no rule here.
    """
    return Program(explicit(expression))


#: heads with an instruction of their own
_STRUCTURE = (sympy.Add, sympy.Mul, sympy.Pow, sympy.Piecewise, sympy.Abs, sympy.sign,
              sympy.Heaviside, sympy.Max, sympy.Min, ZetaDerivative)  # fmt: skip


def has_rule(node: Any) -> bool:
    """Whether a node is run here, and not evaluated by mpmath."""
    return node.is_Atom or isinstance(node, _STRUCTURE + heads.KNOWN)


def _children(node: sympy.Basic) -> Sequence[sympy.Basic]:
    if matrix_nodes.is_matrix_node(node):
        return matrix_nodes.operands(node)
    if isinstance(node, sympy.Piecewise) or node.is_Atom or not has_rule(node):
        return ()
    if isinstance(node, sympy.Pow):
        if node.base is sympy.E:
            return (node.exp,)
        if node.exp.is_Integer or node.exp == sympy.S.Half or node.exp == -sympy.S.Half:
            return (node.base,)
    return node.args


def _instruction(node: Any, at: list[int]) -> Instruction:
    if matrix_nodes.is_matrix_node(node):
        act = matrix_nodes.action(node, program)
        return lambda s, names, trace: act([s[i] for i in at], names, trace)
    if isinstance(node, sympy.Symbol):
        return lambda _, names, __: _look_up(names, node.name)
    if isinstance(node, sympy.Rational) and node.is_finite:
        ratio = Fraction(int(node.p), int(node.q))
        return lambda _, __, ___: ratio
    if isinstance(node, sympy.Float):
        exact = Fraction(*map(int, sympy.Rational(node).as_numer_denom()))
        return lambda _, __, ___: exact
    if node in (sympy.zoo, sympy.nan, sympy.oo, -sympy.oo):
        return _no_number
    if isinstance(node, sympy.NumberSymbol):
        constant = lower(node)
        rule = Rule(str(node), lambda _: _constant(constant), lambda _, __: [], 1)
        return lambda _, __, trace: trace.apply(rule, [])
    if isinstance(node, sympy.Add | sympy.Mul):
        rule = RULES["add" if node.is_Add else "multiply"]
        return lambda s, _, trace: _folded(rule, [s[i] for i in at], trace)
    if isinstance(node, sympy.Pow):
        return _power(node, at)
    if isinstance(node, sympy.Piecewise):
        return _piecewise(node)
    if isinstance(node, sympy.Abs):
        return lambda s, _, __: abs(s[at[0]])
    if isinstance(node, sympy.sign):
        return lambda s, _, __: scalar_functions.sign(s[at[0]])
    if isinstance(node, sympy.Heaviside):
        return lambda s, _, __: scalar_functions.heaviside(s[at[0]], s[at[1]])
    if isinstance(node, sympy.Max | sympy.Min):
        best = scalar_functions.larger if isinstance(node, sympy.Max) else scalar_functions.smaller
        return lambda s, _, __: _best(best, [s[i] for i in at])
    for head, compose in heads.COMPOSED.items():
        if isinstance(node, head):
            return lambda s, _, trace: compose(_applied_on(trace), *(s[i] for i in at))
    for head, name in heads.DIRECT.items():
        if isinstance(node, head):
            return lambda s, _, trace: trace.apply(RULES[name], _ready([s[i] for i in at], trace))
    if isinstance(node, ZetaDerivative):
        return _zeta_derivative(int(node.args[0]), at[1])
    rule, symbols = opaque_nodes.rule_of(node), opaque_nodes.names_in(node)
    return lambda _, names, trace: trace.apply(
        rule, _ready([_look_up(names, name) for name in symbols], trace)
    )


def _applied_on(trace: Trace) -> Callable[..., Value]:
    """Operations by name, exact on constants too."""
    return lambda name, *values: trace.apply(RULES[name], _ready(values, trace))


def _zeta_derivative(order: int, at: int) -> Instruction:
    rule = series_rule(f"zeta derivative {order}", "zeta", order)
    return lambda s, _, trace: trace.apply(rule, _ready([s[at]], trace))


def _no_number(*_: Any) -> Value:
    raise balls.UndefinedHere("expression", got="an infinite or undefined value")


def _constant(constant: Any) -> arb:
    return balls.real(constant.run(State({})))


def _look_up(names: Mapping[str, Value], name: str) -> Value:
    try:
        return names[name]
    except KeyError:
        raise EquationError(
            "expression",
            got=f"the name {name!r}",
            allowed=", ".join(sorted(names)) or "no name at all",
        ) from None


def _ready(values: Sequence[Value], trace: Trace) -> list[Any]:
    return [v if isinstance(v, Number) else trace.constant(v) for v in values]


def _folded(rule: Rule, values: Sequence[Value], trace: Trace) -> Value:
    """A sum or product, from left to right; constants among themselves stay exact."""
    total = values[0]
    for value in values[1:]:
        if not isinstance(total, Number) and not isinstance(value, Number):
            total = total + value if rule.name == "add" else total * value
        else:
            total = trace.apply(rule, _ready([total, value], trace))
    return total


def _power(node: Any, at: list[int]) -> Instruction:
    if node.base is sympy.E:
        return lambda s, _, trace: trace.apply(RULES["exp"], _ready([s[at[0]]], trace))
    if len(at) == 1 and node.exp.is_Integer:
        n = int(node.exp)
        return lambda s, _, __: _raised(s[at[0]], n)
    if len(at) == 1:
        sign = 1 if node.exp > 0 else -1

        def root(s: list[Value], _: Any, trace: Trace) -> Value:
            found = trace.apply(RULES["sqrt"], _ready([s[at[0]]], trace))
            return found if sign > 0 else 1 / found

        return root
    return lambda s, _, trace: trace.apply(RULES["power"], _ready([s[i] for i in at], trace))


def _raised(base: Value, n: int) -> Value:
    if n < 0 and not isinstance(base, Number) and base == 0:
        raise balls.UndefinedHere("division", got="a divisor of exactly 0")
    return base**n


def _best(better: Callable[[Value, Value], Value], values: Sequence[Value]) -> Value:
    best = values[0]
    for value in values[1:]:
        best = better(best, value)
    return best


def _piecewise(node: sympy.Piecewise) -> Instruction:
    branches = [(condition(when, _sign_of), program(value)) for value, when in node.args]

    def choose(_: Any, names: Mapping[str, Value], trace: Trace) -> Value:
        for holds, value in branches:
            if holds(names, trace):
                return value.run(names, trace)
        raise balls.UndefinedHere("Piecewise", got="no branch holds", remedy=str(node)[:80])

    return choose


def _sign_of(left: sympy.Expr, right: sympy.Expr) -> Callable[[Mapping[str, Value], Trace], int]:
    """The sign of left - right in a run."""
    sides = program(left), program(right)

    def sign(names: Mapping[str, Value], trace: Trace) -> int:
        one, other = (side.run(names, trace) for side in sides)
        if isinstance(one, Number):
            return one.compare(other)
        if isinstance(other, Number):
            return -other.compare(one)
        return (one > other) - (one < other)

    return sign
