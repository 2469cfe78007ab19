"""Named equations: a straight line of definitions, each name before its use, no cycles."""

from __future__ import annotations

import functools
import keyword
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import sympy as sp

from gradmath.catalogue.declaration import exact
from gradmath.errors import ArgumentTypeError, EquationError, GradmathError
from gradmath.grammar import CONSTANTS, LONGEST_TEXT, function_names, parse_expression, shortened

Equations = str | Mapping[str, str | sp.Expr] | Sequence[tuple[str, str | sp.Expr]]


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """An expression in stand-ins, its `places`: one object for all equations of that pattern.

    Patterns are told apart by identity, so that to look for what is known of one costs nothing.
    """

    expression: sp.Expr
    places: tuple[sp.Symbol, ...]


class Form(NamedTuple):
    """An equation up to its names: in the pattern `places[k]` stands for `names[k]`.

    `z5 = w5*a4 + b5` and `z6 = w6*a5 + b6` have one pattern, which is read, differentiated and
    lowered once; this is what keeps a deep chain linear and quick.  Names are sorted, so that
    SymPy's order of terms is the same in stand-ins.
    """

    pattern: Pattern
    names: tuple[str, ...]

    def named(self, symbols: Mapping[str, sp.Symbol]) -> sp.Expr:
        """The equation in its own names."""
        places = self.pattern.places
        values = {p: symbols[name] for p, name in zip(places, self.names, strict=True)}
        return self.pattern.expression.xreplace(values)


def form_of(expression: sp.Expr) -> Form:
    """The form of an expression in symbols."""
    symbols = sorted(expression.free_symbols, key=str)
    places = tuple(place(k) for k in range(len(symbols)))
    standing_in = expression.xreplace(dict(zip(symbols, places, strict=True)))
    return Form(_pattern(standing_in, places), tuple(symbol.name for symbol in symbols))


_pattern = functools.lru_cache(maxsize=4096)(Pattern)


@functools.cache
def place(k: int) -> sp.Symbol:
    """The k-th stand-in."""
    # Real whatever the assumptions of the symbols it stands for: a kernel takes real numbers,
    # and SymPy differentiates abs only then without re() and im().
    return sp.Dummy(f"place_{k:05}", real=True, dummy_index=10_000_000 + k)


def quick_forms(equations: Equations) -> tuple[dict[str, Form], tuple[str, ...]] | None:
    """The forms of equations in plain text, and all names in order of appearance.

    None where anything is out of the ordinary, errors included: then `read_equations` is to read
    them, and to say what is wrong.
    """
    try:
        pairs = [(checked_name(name), right) for name, right in _pairs(equations)]
        if not pairs or len({name for name, _ in pairs}) < len(pairs):
            return None
        defined = {name for name, _ in pairs}
        forms: dict[str, Form] = {}
        names: dict[str, None] = {}
        for name, right in pairs:
            found = _read_form(right) if isinstance(right, str) else None
            if found is None:
                return None
            form, appearing = found
            if any(used in defined and used not in forms for used in form.names):
                return None
            names.update(appearing)
            names[name] = None
            forms[name] = form
    except GradmathError:
        return None
    return forms, tuple(names)


#: A name in plain text, and not the exponent of a number.
_NAME = re.compile(r"((?<![\w.])[A-Za-z_]\w*)")


def _read_form(text: str) -> tuple[Form, dict[str, None]] | None:
    # A parameter's name, before "=", is not a name of the equation.
    if not text.isascii() or "=" in text or len(text) > LONGEST_TEXT:
        return None
    taken = _taken()
    parts = _NAME.split(text)  # every second one is a name
    words = parts[1::2]
    appearing = dict.fromkeys([name for name in words if name not in taken])
    names = sorted(appearing)
    for name in names:
        if keyword.iskeyword(name) or name.startswith("__"):
            return None
    standing = dict(zip(names, _places(len(names)), strict=True))
    parts[1::2] = [standing.get(name, name) for name in words]
    pattern, used = _parsed("".join(parts), len(names))
    return Form(pattern, tuple([names[k] for k in used])), appearing


@functools.cache
def _places(count: int) -> tuple[str, ...]:
    """What the first stand-ins are called in text."""
    return tuple(f"place_{k:05}" for k in range(count))


@functools.cache
def _taken() -> frozenset[str]:
    return function_names() | frozenset(CONSTANTS)


@functools.lru_cache(maxsize=4096)
def _parsed(text: str, count: int) -> tuple[Pattern, tuple[int, ...]]:
    """The pattern that a text in stand-ins stands for, and which of them are left in it."""
    symbols = {name: place(k) for k, name in enumerate(_places(count))}
    expression = parse_expression(text, symbols)
    used = tuple(k for k in range(count) if place(k) in expression.free_symbols)
    return _pattern(expression, tuple(map(place, used))), used


def split_equations(text: str) -> list[tuple[str, str]]:
    """`"z = w*x + b; a = sigmoid(z)"` -> pairs of name and right-hand side; lines work too."""
    pairs = []
    for piece in text.replace("\n", ";").split(";"):
        if not piece.strip():
            continue
        name, _, right = piece.partition("=")
        if not has_equals(piece) or right.startswith("="):
            raise EquationError(
                f"equation {shortened(piece.strip())!r}",
                got="no single '='",
                allowed="name = expression, with ';' between equations",
            )
        pairs.append((name.strip(), right.strip()))
    return pairs


def has_equals(text: str) -> bool:
    """Whether an '=' stands outside brackets; one inside them gives a parameter its value."""
    depth = 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        if character == "=" and depth <= 0:
            return True
    return False


def read_equations(equations: Equations) -> tuple[dict[str, sp.Expr], dict[str, sp.Symbol]]:
    """Read named equations; return name -> expression in order, and name -> symbol.

    A name is defined once, before it is used; the equations are a straight line, so a cycle
    shows itself as a use before the definition and is reported as one.
    """
    pairs = _pairs(equations)
    if not pairs:
        raise EquationError("equations", got="none", allowed="at least one pair (name, expression)")
    pairs = [(checked_name(name), right) for name, right in pairs]
    defined = [name for name, _ in pairs]
    repeated = [name for name, count in Counter(defined).items() if count > 1]
    if repeated:
        raise EquationError(
            "equations",
            got=f"{repeated[0]!r} defined more than once",
            allowed="one equation a name",
            remedy="give each intermediate its own name",
        )
    symbols = _given_symbols(right for _, right in pairs)
    expressions: dict[str, sp.Expr] = {}
    for name, right in pairs:
        try:
            expression = (
                parse_expression(right, symbols) if isinstance(right, str) else _plain(name, right)
            )
        except EquationError as error:
            if error.argument.startswith("equation for"):
                raise
            raise EquationError(
                f"equation for {name!r}: {error.argument}", error.got, error.allowed, error.remedy
            ) from None
        expressions[name] = expression
        symbols.setdefault(name, sp.Symbol(name, real=True))
    _check_order(expressions)
    return expressions, symbols


def _pairs(equations: Equations) -> list[tuple[str, str | sp.Expr]]:
    if isinstance(equations, str):
        return list(split_equations(equations))
    if isinstance(equations, Mapping):
        return list(equations.items())
    try:
        pairs = [(name, right) for name, right in equations]
    except (TypeError, ValueError):
        raise ArgumentTypeError(
            "equations",
            got=repr(equations)[:80],
            allowed="text, a mapping, or a list of pairs (name, expression)",
        ) from None
    return pairs


def _given_symbols(rights: Iterable[str | sp.Expr]) -> dict[str, sp.Symbol]:
    """The symbols of SymPy right-hand sides, kept as they came so that `subs` works with them."""
    symbols: dict[str, sp.Symbol] = {}
    for right in rights:
        if isinstance(right, sp.Basic):
            for symbol in right.free_symbols:
                if not isinstance(symbol, sp.Symbol) or not symbol.is_commutative:
                    raise EquationError(
                        f"symbol {symbol}",
                        got=type(symbol).__name__,
                        allowed="commutative scalar symbols",
                        remedy="name each entry, or derive a Network",
                    )
                name = str(symbol)
                if checked_name(name) != name:
                    raise EquationError("symbol", got=repr(name), allowed="a normalised name")
                if symbols.setdefault(name, symbol) != symbol:
                    raise EquationError(
                        f"symbol {name!r}",
                        got="two SymPy symbols of that name with different assumptions",
                        allowed="one symbol a name",
                    )
    return symbols


def _plain(name: str, right: object) -> sp.Expr:
    if isinstance(right, bool) or not isinstance(right, sp.Expr | int | float):
        raise ArgumentTypeError(
            f"equation for {name!r}",
            got=type(right).__name__,
            allowed="text, a SymPy expression or a number",
        )
    expression = exact(right)
    if expression.has(sp.nan, sp.zoo, sp.oo, sp.I) or expression.is_Matrix:
        raise EquationError(
            f"equation for {name!r}", got=str(expression)[:80], allowed="a finite real expression"
        )
    return expression


def checked_name(name: object) -> str:
    """A name as Python itself would read it (in Unicode normal form), or an error.

    Python's parser normalises names; a name that came another way must be the same one.
    """
    if not isinstance(name, str):
        raise ArgumentTypeError("equation name", got=repr(name)[:80], allowed="text")
    name = unicodedata.normalize("NFKC", name)
    if name == "lambda":
        raise EquationError("equation name", got="'lambda'", remedy="write lam")
    if not name.isidentifier() or keyword.iskeyword(name) or name.startswith("__"):
        raise EquationError(
            "equation name",
            got=repr(name)[:80],
            allowed="a letter followed by letters, digits or underscores",
        )
    if name in CONSTANTS or name in function_names():
        raise EquationError(
            "equation name",
            got=f"{name!r}, which is a function or constant",
            allowed="a name of its own",
            remedy=f"for example {name}_1",
        )
    return name


def _check_order(expressions: Mapping[str, sp.Expr]) -> None:
    known: set[str] = set()
    for name, expression in expressions.items():
        for symbol in sorted(expression.free_symbols, key=str):
            used = str(symbol)
            if used in expressions and used not in known:
                cyclic = used == name or name in _ancestors(used, expressions)
                raise EquationError(
                    f"equation for {name!r}",
                    got=f"a cycle through {used!r}" if cyclic else f"{used!r} before its own line",
                    allowed="names defined on earlier lines, and inputs",
                    remedy="break the cycle with a new name" if cyclic else "reorder the lines",
                )
        known.add(name)


def _ancestors(name: str, expressions: Mapping[str, sp.Expr]) -> set[str]:
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        for symbol in expressions[waiting.pop()].free_symbols:
            if str(symbol) in expressions and str(symbol) not in seen:
                seen.add(str(symbol))
                waiting.append(str(symbol))
    return seen
