"""The safe grammar: text from a person -> one SymPy expression.

Nothing is ever passed to `eval` or `sympify`: the text is parsed by `ast.parse`, and each node is
either one of the few allowed here or refused with the reason.  Decimal numbers become exact
rationals (`0.1` is 1/10), so that a symbolic proof is about the number the person wrote.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import sympy as sp

from gradmath.catalogue import activations, losses
from gradmath.catalogue.applied import applied
from gradmath.catalogue.declaration import ScalarEntry
from gradmath.catalogue.entries import Loss
from gradmath.errors import ArgumentTypeError, EquationError, UnknownNameError

#: Functions of one argument that an equation may call besides the catalogue's.
ELEMENTARY: Mapping[str, Callable[..., sp.Expr]] = {
    "exp": sp.exp,
    "log": sp.log,
    "sqrt": sp.sqrt,
    "abs": sp.Abs,
    "sin": sp.sin,
    "cos": sp.cos,
    "tan": sp.tan,
    "sinh": sp.sinh,
    "cosh": sp.cosh,
    "atan": sp.atan,
    "erf": sp.erf,
    "erfc": sp.erfc,
}
#: Functions of two or more arguments.
VARIADIC: Mapping[str, Callable[..., sp.Expr]] = {"max": sp.Max, "min": sp.Min}
#: Functions with a kink; the derivative of a nest of them written out grows with every level.
KINKED = frozenset(["abs", *VARIADIC])
DEEPEST_KINKS = 4
#: The one named constant; every other name is a variable.
CONSTANTS: Mapping[str, sp.Expr] = {"pi": sp.pi}

LONGEST_TEXT = 10_000  # characters in one equation
DEEPEST_NESTING = 100  # levels of the syntax tree, well inside Python's own limit
LARGEST_EXPONENT = 1_000  # a numeric power is expanded exactly, so it must stay small
LONGEST_NUMBER = 400  # characters of one number
MOST_ARGUMENTS = 8  # of max and min; SymPy compares them all with each other
MOST_BITS = 4_096  # of the numerator or denominator of an exact constant
LARGEST_NUMBER = 10**400  # past the largest double there is no kernel for it

_CHAINED = (ast.Add, ast.Sub, ast.Mult, ast.Div)


@cache
def function_names() -> frozenset[str]:
    """Every name that may be called in an equation."""
    entrywise = [name for name, loss in losses.items() if isinstance(loss, Loss)]
    return frozenset([*ELEMENTARY, *VARIADIC, *activations, *entrywise])


def parse_expression(
    text: str,
    symbols: dict[str, sp.Symbol] | None = None,
    reader: type[Reader] | None = None,
) -> sp.Expr:
    """Read one expression of the safe grammar.

    `symbols` maps names to the symbols to use; names that are missing are added to it as real
    symbols.  Allowed: numbers, names, `+ - * / **`, parentheses, and calls of the functions in
    `function_names()`, with parameters by keyword (`leaky_relu(z, negative_slope=0.2)`); a `reader`
    of its own may allow more.

    Raises EquationError, which quotes the part that is not allowed.

    >>> parse_expression("w*x + 0.5")
    w*x + 1/2
    """
    if not isinstance(text, str):
        raise ArgumentTypeError("equation", got=type(text).__name__, allowed="text")
    if len(text) > LONGEST_TEXT:
        raise EquationError(
            "equation", got=f"{len(text)} characters", allowed=f"at most {LONGEST_TEXT}"
        )
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise EquationError(
            f"equation {shortened(text)!r}",
            got=f"text that does not parse ({_reason(error)})",
            allowed="numbers, names, + - * / **, parentheses and function calls",
            remedy=_syntax_remedy(text),
        ) from None
    made = (reader or Reader)(text.strip(), symbols if symbols is not None else {})
    return made.read(tree.body, 0)


class Reader:
    """One pass over the syntax tree of one expression."""

    def __init__(self, text: str, symbols: dict[str, sp.Symbol]) -> None:
        self.text = text
        self.symbols = symbols

    def read(self, node: ast.expr, depth: int) -> sp.Expr:
        """Read one node of the tree, so many levels deep."""
        if depth > DEEPEST_NESTING:
            raise self.refuse(node, f"nesting deeper than {DEEPEST_NESTING} levels")
        match node:
            case ast.Constant(value=bool() | str() | bytes() | complex() | None):
                raise self.refuse(node, "a constant that is not a real number")
            case ast.Constant(value=int() | float()):
                return self.number(node)
            case ast.Name(id=name):
                return self.name(node, name)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self.read(operand, depth + 1)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.read(operand, depth + 1)
            case ast.BinOp(op=ast.Pow(), left=left, right=right):
                return self.power(node, self.read(left, depth + 1), self.read(right, depth + 1))
            case ast.BinOp(op=ast.BitXor()):
                raise self.refuse(node, "the operator ^", "write ** for a power")
            case ast.BinOp(op=op) if isinstance(op, _CHAINED):
                return self.chain(node, depth)
            case ast.Call():
                return self.call(node, depth)
        raise self.refuse(node, f"{type(node).__name__.lower()} syntax")

    def chain(self, node: ast.BinOp, depth: int) -> sp.Expr:
        """A run of + - * / from left to right; a long sum is long, not deep."""
        steps: list[ast.BinOp] = []
        first: ast.expr = node
        while isinstance(first, ast.BinOp) and isinstance(first.op, _CHAINED):
            steps.append(first)
            first = first.left
        terms = [self.read(first, depth + 1)]  # to be added up together: SymPy sorts every sum
        for step in reversed(steps):
            operand = self.read(step.right, depth + 1)
            if isinstance(step.op, ast.Add | ast.Sub):
                terms.append(operand if isinstance(step.op, ast.Add) else -operand)
                continue
            if isinstance(step.op, ast.Div) and operand.is_zero:
                raise self.refuse(step, "a division by zero")
            left = self.in_range(step, sp.Add(*terms))
            product = left * operand if isinstance(step.op, ast.Mult) else left / operand
            terms = [self.in_range(step, product)]
        return self.in_range(node, sp.Add(*terms))

    def in_range(self, node: ast.expr, value: sp.Expr) -> sp.Expr:
        """The value, refused if it is a constant that no double can hold."""
        if not value.is_number:
            return value
        if value.is_Rational:
            if max(int(value.p).bit_length(), int(value.q).bit_length()) > MOST_BITS:
                raise self.refuse(node, "a constant with too many digits")
        else:
            try:
                size = abs(sp.N(value, 5))
            except OverflowError:
                raise self.refuse(node, "a number outside the range of a double") from None
            if not size.is_finite or size > LARGEST_NUMBER:
                raise self.refuse(node, "a number outside the range of a double")
        return value

    def number(self, node: ast.Constant) -> sp.Expr:
        """Read a number, exactly."""
        # The literal as written, not the double it would round to.
        literal = (ast.get_source_segment(self.text, node) or repr(node.value)).replace("_", "")
        if len(literal) > LONGEST_NUMBER:
            raise self.refuse(node, f"a number of more than {LONGEST_NUMBER} digits")
        if isinstance(node.value, int):
            value = sp.Integer(node.value)
        else:
            mantissa, _, exponent = literal.lower().partition("e")
            if abs(int(exponent or "0")) > 400:
                raise self.refuse(node, "a number outside the range of a double")
            value = sp.Rational(mantissa) * sp.Integer(10) ** int(exponent or "0")
        if abs(value) > LARGEST_NUMBER:
            raise self.refuse(node, "a number outside the range of a double")
        return value

    def name(self, node: ast.Name, name: str) -> sp.Expr:
        """Read a name: a variable or a constant."""
        if name in CONSTANTS:
            return CONSTANTS[name]
        if name in function_names():
            raise self.refuse(
                node, f"the function {name} without an argument", f"write {name}(...)"
            )
        if name.startswith("__"):
            raise self.refuse(node, f"the name {name}")
        return self.symbols.setdefault(name, sp.Symbol(name, real=True))

    def power(self, node: ast.expr, base: sp.Expr, exponent: sp.Expr) -> sp.Expr:
        """Raise to a power of a size that can be reckoned with."""
        if exponent.is_number and abs(exponent) > LARGEST_EXPONENT:
            raise self.refuse(node, f"an exponent above {LARGEST_EXPONENT}")
        if base.is_zero and exponent.is_negative:
            raise self.refuse(node, "a division by zero")
        if base.is_Rational and exponent.is_Rational:
            bits = max(int(base.p).bit_length(), int(base.q).bit_length())
            if bits * abs(exponent) > MOST_BITS:
                raise self.refuse(node, "a power that is too large or too small")
        if base.is_number and exponent.is_number:
            result = base**exponent
            if not result.is_real or abs(result) > LARGEST_NUMBER:
                raise self.refuse(node, "a power that is not a real number of a double's size")
            return result
        return base**exponent

    def call(self, node: ast.Call, depth: int) -> sp.Expr:
        """Read a call of a function that is listed."""
        if not isinstance(node.func, ast.Name):
            raise self.refuse(node, "a call of something that is not a plain name")
        name = node.func.id
        if name not in function_names():
            if name.startswith("_"):
                raise self.refuse(node, f"the name {name}")
            raise UnknownNameError(
                f"function in equation {shortened(self.text)!r}", name, function_names()
            )
        arguments = [self.read(argument, depth + 1) for argument in node.args]
        if name in KINKED:
            self.shallow(node)
        if name in ELEMENTARY:
            self.no_keywords(node, name)
            self.count(node, name, arguments, 1, 1)
            return self.real(node, ELEMENTARY[name](arguments[0]))
        if name in VARIADIC:
            self.no_keywords(node, name)
            self.count(node, name, arguments, 2, MOST_ARGUMENTS)
            return VARIADIC[name](*arguments)
        return self.entry_call(node, name, arguments, depth)

    def shallow(self, node: ast.Call) -> None:
        """Refuse functions with kinks that are nested too deep."""
        levels, inner = 0, [node.args]
        while any(inner):
            parts = [part for arguments in inner for argument in arguments
                     for part in ast.walk(argument)]  # fmt: skip
            calls = [part for part in parts if isinstance(part, ast.Call)]
            kinked = [c for c in calls if isinstance(c.func, ast.Name) and c.func.id in KINKED]
            levels += bool(kinked)
            inner = [c.args for c in kinked]
            if levels > DEEPEST_KINKS:
                raise self.refuse(
                    node,
                    f"abs, max or min nested deeper than {DEEPEST_KINKS} levels",
                    "name the inner parts on lines of their own",
                )

    def real(self, node: ast.Call, value: sp.Expr) -> sp.Expr:
        """Return the value, refused if it is certainly no finite real number."""
        if value.has(sp.I, sp.zoo, sp.oo, sp.nan) or value.is_extended_real is False:
            raise self.refuse(node, "a value that is not a finite real number")
        return self.in_range(node, value)

    def entry_call(
        self, node: ast.Call, name: str, arguments: list[sp.Expr], depth: int
    ) -> sp.Expr:
        """Read a call of an activation or a loss, with its parameters."""
        entry = activations[name] if name in activations else losses[name]
        assert isinstance(entry, ScalarEntry)  # losses of whole samples are not in the grammar
        variables = 1 if name in activations else 2
        parameters = {str(symbol): parameter for symbol, parameter in entry.parameters.items()}
        self.count(node, name, arguments, variables, variables + len(parameters))
        given = dict(zip(parameters, arguments[variables:], strict=False))
        for argument in node.keywords:
            if argument.arg is None:
                raise self.refuse(node, "**")
            if argument.arg not in parameters:
                raise UnknownNameError(f"parameter of {name}", argument.arg, parameters)
            if argument.arg in given:
                raise self.refuse(node, f"the parameter {argument.arg} twice")
            given[argument.arg] = self.read(argument.value, depth + 1)
        for parameter_name, value in given.items():
            if value.is_number:
                parameters[parameter_name].check(value, f"{name}({parameter_name}=)")
        values = [given.get(key, sp.S(item.default)) for key, item in parameters.items()]
        return applied(entry)(*arguments[:variables], *values)

    def no_keywords(self, node: ast.Call, name: str) -> None:
        """Refuse keyword arguments."""
        if node.keywords:
            raise self.refuse(node, f"a keyword argument; {name} takes none")

    def count(self, node: ast.Call, name: str, arguments: list[Any], least: int, most: int) -> None:
        """Refuse too few arguments, and too many."""
        if any(isinstance(argument, ast.Starred) for argument in node.args):
            raise self.refuse(node, "*")
        if not least <= len(arguments) <= most:
            wanted = str(least) if least == most else f"{least} to {most}"
            raise self.refuse(node, f"{len(arguments)} arguments for {name}; it takes {wanted}")

    def refuse(self, node: ast.AST, what: str, remedy: str | None = None) -> EquationError:
        """Make the error that quotes the part of the text that is not allowed."""
        part = ast.get_source_segment(self.text, node) or self.text
        return EquationError(
            f"equation {shortened(self.text)!r}",
            got=f"{what} in {shortened(part)!r}",
            allowed="numbers, names, + - * / **, parentheses and the listed functions",
            remedy=remedy,
        )


def shortened(text: str) -> str:
    """The text, cut where it is too long for a message."""
    return text if len(text) <= 60 else text[:57] + "..."


def _reason(error: BaseException) -> str:
    return error.msg if isinstance(error, SyntaxError) else "too large or too deep"


def _syntax_remedy(text: str) -> str | None:
    words = set(text.replace("(", " ").replace(")", " ").replace("*", " ").split())
    if "lambda" in words or "lambda" in text:
        return "lambda is a word of Python's own: write lam"
    if "=" in text:
        return "one equation has one '='; put ';' between equations"
    return None
