"""A SymPy expression -> instructions, in its numerically honest form.

Catalogue functions are lowered through the stable form of their definition; expressions a person
typed are put into a stable form as well where one is known.  Nothing is re-associated after that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import sympy as sp
from sympy.codegen.cfunctions import expm1, log1p
from sympy.logic.boolalg import BooleanFalse, BooleanTrue

from gradmath.catalogue.applied import AppliedFunction, explicit
from gradmath.errors import BackendError
from gradmath.program.ir import Builder
from gradmath.program.typed import (
    by_argument,
    calls_without,
    common_argument,
    in_terms_of,
    mixes_functions,
)
from gradmath.stable import Form, form, in_sums, scaled_erfc

_UNARY: Mapping[type[sp.Basic], str] = {
    sp.exp: "exp",
    sp.log: "log",
    expm1: "expm1",
    log1p: "log1p",
    sp.Abs: "abs",
    sp.sign: "sign",
    sp.sin: "sin",
    sp.cos: "cos",
    sp.tan: "tan",
    sp.sinh: "sinh",
    sp.cosh: "cosh",
    sp.tanh: "tanh",
    sp.atan: "atan",
    sp.floor: "floor",
    scaled_erfc: "scaled_erfc",
}
_PREDICATES: Mapping[type[sp.Basic], tuple[str, bool]] = {  # operation, arguments swapped
    sp.StrictLessThan: ("lt", False),
    sp.LessThan: ("le", False),
    sp.StrictGreaterThan: ("lt", True),
    sp.GreaterThan: ("le", True),
    sp.Equality: ("eq", False),
    sp.Unequality: ("ne", False),
}


class Lowering:
    """Lowers expressions into one builder, with `names` giving the instruction of each symbol."""

    def __init__(self, builder: Builder, names: Mapping[sp.Symbol, int]) -> None:
        self.builder = builder
        self.names = names

    def equation(self, expression: sp.Expr) -> int:
        """The instruction that computes what a person typed, in a stable form if one is known.

        The exponentials, logarithms and so on of the expression must share one argument u (up to
        a numeric factor), as in 1/(1 + exp(-(w*x + b))); then it is a function of u.
        """
        found = self._stable(expression)
        return self.lower(expression) if found is None else found

    def _stable(self, expression: sp.Expr, alone: bool = False) -> int | None:
        """The stable form of a function of one argument; `alone`: of nothing else besides."""
        argument = common_argument(expression)
        if argument is None:
            return None
        u = _place(0)
        function = in_terms_of(expression, argument, u)
        if alone and function.free_symbols - {u}:
            return None
        # Stable forms are written for erf; they bring erfc's tail back themselves.
        function = function.replace(sp.erfc, lambda x: 1 - sp.erf(x))
        others = {call: _place(k) for k, call in enumerate(calls_without(function, u), 1)}
        stable = form(function.xreplace(others), u)
        if not stable.bindings:
            return None
        values = {place: self.lower(call) for call, place in others.items()}
        return self._form(stable, {**self.names, **values, u: self.lower(argument)})

    def _form(self, stable: Form, values: dict[sp.Symbol, int]) -> int:
        """A stable form over instructions for its free symbols."""
        return self._lines(stable.bindings, stable.value, values)

    def _lines(
        self,
        bindings: Sequence[tuple[sp.Symbol, sp.Expr]],
        value: sp.Expr,
        values: dict[sp.Symbol, int],
    ) -> int:
        """Bindings in their order, over instructions for other symbols, and the value in them."""
        lowering = Lowering(self.builder, values)
        for symbol, bound in bindings:
            values[symbol] = lowering.lower(bound)
        return lowering.lower(value)

    def lower(self, expression: sp.Expr) -> int:
        """The instruction that computes `expression`."""
        b = self.builder
        if expression.is_Symbol:
            return self.names[expression]
        if expression.is_number:
            return b.const(_constant(expression))
        if isinstance(expression, AppliedFunction):
            return self._applied(expression)
        mixed = mixes_functions(expression)
        if mixed:
            found = self._stable(explicit(expression), alone=True)
            if found is not None:
                return found
        if sums := in_sums(expression, aligned=mixed):
            return self._lines(sums.bindings, sums.value, dict(self.names))
        if isinstance(expression, sp.erf | sp.erfc):
            u = _place(0)
            own = sp.erf(u) if isinstance(expression, sp.erf) else 1 - sp.erf(u)
            return self._form(form(own, u), {u: self.lower(expression.args[0])})
        if expression.is_Add:
            return self._add(expression)
        if expression.is_Mul:
            return self._mul(expression)
        if expression.is_Pow and expression.exp is not None and not isinstance(expression, sp.exp):
            return self._pow(expression.base, expression.exp)
        if type(expression) in _UNARY:
            return b.emit(_UNARY[type(expression)], self.lower(expression.args[0]))
        if isinstance(expression, sp.Min | sp.Max):
            return self._extreme(expression)
        if isinstance(expression, sp.Piecewise):
            return self._piecewise(expression)
        if isinstance(expression, sp.Heaviside):
            zero, one = b.const(0.0), b.const(1.0)
            return b.emit("where", b.emit("lt", zero, self.lower(expression.args[0])), one, zero)
        raise BackendError(
            f"expression {str(expression)[:60]!r}",
            got=f"the function {type(expression).__name__}",
            allowed="the functions of the safe grammar",
        )

    def _applied(self, call: AppliedFunction) -> int:
        """A catalogue function: the stable form of its definition, over its lowered arguments."""
        function: Any = type(call)
        stable, symbols = _stable_call(function)
        arguments = [self.lower(argument) for argument in call.args]
        return self._form(stable, dict(zip(symbols, arguments, strict=True)))

    def _add(self, expression: sp.Add) -> int:
        positive = [t for t in expression.args if not t.could_extract_minus_sign()]
        negative = [t for t in expression.args if t.could_extract_minus_sign()]
        if not positive:
            return self.builder.emit("neg", self._sum([-t for t in negative]))
        total = self._sum(positive)
        for term in negative:
            total = self.builder.emit("sub", total, self.lower(-term))
        return total

    def _sum(self, terms: list[sp.Expr]) -> int:
        total = self.lower(terms[0])
        for term in terms[1:]:
            total = self.builder.add(total, self.lower(term))
        return total

    def _mul(self, expression: sp.Mul) -> int:
        above: list[sp.Expr] = []
        below: list[sp.Expr] = []
        constant = sp.S.One
        groups = by_argument(expression)
        if len(groups) > 1 and any(mixes_functions(group) for group in groups):
            return self._product(groups)
        for factor in expression.args:
            if factor.is_number:
                constant *= factor
            elif factor.is_Pow and factor.exp.is_number and factor.exp.is_negative:
                below.append(sp.Pow(factor.base, -factor.exp))
            else:
                above.append(factor)
        b = self.builder
        result = self._product(above) if above else None
        if constant != 1:
            value = b.const(_constant(constant))
            result = value if result is None else b.mul(result, value)
        if below:
            if result is None:
                result = b.const(1.0)
            result = b.emit("div", result, self._product(below))
        assert result is not None  # a product has a factor
        return result

    def _product(self, factors: list[sp.Expr]) -> int:
        result = self.lower(factors[0])
        for factor in factors[1:]:
            result = self.builder.mul(result, self.lower(factor))
        return result

    def _pow(self, base: sp.Expr, exponent: sp.Expr) -> int:
        b = self.builder
        if exponent.is_number and exponent.is_negative:
            return b.emit("div", b.const(1.0), self._pow(base, -exponent))
        if exponent.is_Integer and int(exponent) <= 64:
            return self._integer_power(self.lower(base), int(exponent))
        if exponent == sp.Rational(1, 2):
            return b.emit("sqrt", self.lower(base))
        if exponent.is_Rational and exponent.q == 2 and exponent.p < 64:
            root = b.emit("sqrt", self.lower(base))
            return b.mul(self._integer_power(self.lower(base), exponent.p // 2), root)
        return b.emit("pow", self.lower(base), self.lower(exponent))

    def _integer_power(self, base: int, exponent: int) -> int:
        """Repeated squaring: at most 2 log2(exponent) products, one rounding each."""
        b = self.builder
        result: int | None = None
        square = base
        while exponent:
            if exponent & 1:
                result = square if result is None else b.mul(result, square)
            exponent >>= 1
            if exponent:
                square = b.mul(square, square)
        return b.const(1.0) if result is None else result

    def _extreme(self, expression: sp.Min | sp.Max) -> int:
        op = "min" if isinstance(expression, sp.Min) else "max"
        # Constants last, so that backends can rely on where a NaN may stand.
        ordered = sorted(expression.args, key=lambda item: bool(item.is_number))
        result = self.lower(ordered[0])
        for item in ordered[1:]:
            result = self.builder.emit(op, result, self.lower(item))
        return result

    def _piecewise(self, expression: sp.Piecewise) -> int:
        b = self.builder
        *cases, (last, condition) = expression.args
        result = self.lower(last)
        unguarded: list[int] = []
        if condition != True:  # noqa: E712  SymPy's true is not Python's
            raise BackendError(
                "piecewise", got=str(expression)[:80], allowed="a last branch that always holds"
            )
        for value, test in reversed(cases):
            predicate = self.predicate(test)
            if isinstance(predicate, bool):
                result = self.lower(value) if predicate else result
                continue
            unguarded += [u for u in self._compared(predicate) if not self._reaches(result, u)]
            result = b.emit("where", predicate, self.lower(value), result)
        for compared in dict.fromkeys(unguarded):
            # A NaN fails every comparison and would take the last branch: pass it on instead.
            result = b.emit("where", b.emit("ne", compared, compared), compared, result)
        return result

    def predicate(self, test: sp.Basic) -> int | bool:
        """A condition as a boolean instruction, or True or False if it is known."""
        b = self.builder
        if isinstance(test, BooleanTrue | BooleanFalse):
            return bool(test)
        if isinstance(test, sp.And | sp.Or):
            parts = [self.predicate(part) for part in test.args]
            result = parts[0]
            for part in parts[1:]:
                result = b.emit("and" if isinstance(test, sp.And) else "or", result, part)
            return result
        if type(test) in _PREDICATES:
            op, swapped = _PREDICATES[type(test)]
            left, right = self.lower(test.args[0]), self.lower(test.args[1])
            return b.emit(op, right, left) if swapped else b.emit(op, left, right)
        raise BackendError("condition", got=str(test)[:80], allowed="comparisons")

    def _compared(self, predicate: int) -> list[int]:
        """The values that a predicate compares, constants left out."""
        item = self.builder.instructions[predicate]
        if item.op in ("and", "or"):
            return [u for part in item.args for u in self._compared(part)]
        return [a for a in item.args if self.builder.constant(a) is None]

    def _reaches(self, start: int, target: int) -> bool:
        """Whether the value numbered `start` is computed from the one numbered `target`."""
        waiting, seen = [start], set()
        while waiting:
            position = waiting.pop()
            if position == target:
                return True
            if position > target and position not in seen:
                seen.add(position)
                item = self.builder.instructions[position]
                # The taken branch decides; a NaN in a condition alone does not reach the result.
                waiting.extend(item.args[2:] if item.op == "where" else item.args)
        return False


@cache
def _stable_call(function: type[Any]) -> tuple[Form, tuple[sp.Symbol, ...]]:
    """The stable form of a catalogue function's explicit expression, and its argument symbols."""
    entry = function.entry
    # 2*(p - y), not 2*p - 2*y: a number is taken out of a difference, which then is exact.
    return form(sp.factor_terms(entry.partial(*function.orders)), entry.variable), entry.arguments


@cache
def _place(k: int) -> sp.Symbol:
    return sp.Dummy(f"u_{k}", real=True)


@cache
def _constant(expression: sp.Expr) -> float:
    """The double nearest to an exact number (30 digits settle the rounding but for ties)."""
    return float(sp.N(expression, 30))
