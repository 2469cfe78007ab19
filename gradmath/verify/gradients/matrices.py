"""Questions on SymPy's matrices: sizes are given to them, so that entries can be asked for.

A `MatrixSymbol` may have numbers or symbols as its shape.  A symbolic size is what the caller says
it is, by `shapes` or by arrays in `at`; otherwise several small sizes are tried, and no two symbols
have the same one: a transposed matrix must not fit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import sympy
from sympy.tensor.array.expressions.array_expressions import (
    _ArrayExpr,
    _CodegenArrayAbstract,
)

from gradmath.errors import ArgumentTypeError, ShapeError, ValueRangeError
from gradmath.verify.gradients import trees
from gradmath.verify.gradients.matrix_nodes import is_matrix_node

Sizes = Mapping[sympy.Symbol, int]


def is_matrix(given: Any) -> bool:
    """Whether something is made of SymPy's matrices: a matrix, or a number taken from one."""
    if isinstance(given, sympy.MatrixBase | sympy.NDimArray) or _is_array_algebra(given):
        return True
    return isinstance(given, sympy.Basic) and any(
        is_matrix_node(node) for node in sympy.preorder_traversal(given)
    )


def _is_array_algebra(given: Any) -> bool:
    """Whether SymPy wrote a derivative as sums and products of arrays of more than two axes."""
    return isinstance(given, _ArrayExpr | _CodegenArrayAbstract)


def sizes(function: Any, shapes: Any, at: Any) -> Iterator[dict[sympy.Symbol, int]]:
    """The sizes to ask at, one after the other; one of no symbols for what has no symbolic size."""
    symbols = _symbols(function)
    if not symbols:
        yield {}
        return
    names = dict.fromkeys(s for m in symbols for side in m.shape for s in _letters(side))
    known = _stated(symbols, list(names), shapes, at)
    free = [name for name in names if name not in known]
    yield {**known, **{name: 2 + place for place, name in enumerate(free)}}
    if free:  # and every one another size than before
        count = len(free)
        yield {
            **known,
            **{name: 2 + (place + 1) % max(count, 2) for place, name in enumerate(free)},
        }


def _symbols(function: Any) -> list[sympy.MatrixSymbol]:
    if isinstance(function, sympy.MatrixBase):
        function = function.as_immutable()
    if not isinstance(function, sympy.Basic):
        return []
    return sorted(function.atoms(sympy.MatrixSymbol), key=lambda m: m.name)


def _letters(side: Any) -> list[sympy.Symbol]:
    return sorted(sympy.sympify(side).free_symbols, key=str)


def _stated(symbols: Any, names: Any, shapes: Any, at: Any) -> dict[sympy.Symbol, int]:
    """Sizes that follow from the shapes of arrays that the caller gave, or are given by name."""
    given = dict(shapes or {})
    first = at[0] if isinstance(at, list | tuple) and at else at
    if isinstance(first, Mapping):
        values = {str(name): trees.numeric(value) for name, value in first.items()}
        given |= {n: v.shape for n, v in values.items() if isinstance(v, np.ndarray)}
    known: dict[sympy.Symbol, int] = {}
    by_name = {name.name: name for name in names}
    for name, size in given.items():
        if str(name) in by_name:
            if isinstance(size, bool) or not isinstance(size, int | np.integer) or size < 1:
                raise ValueRangeError(
                    f"shapes[{str(name)!r}]", got=repr(size), allowed="a whole number above 0"
                )
            known[by_name[str(name)]] = int(size)
    for symbol in symbols:
        shape = given.get(symbol.name)
        if shape is None:
            continue
        if not isinstance(shape, tuple) or len(shape) != 2:
            raise ShapeError(f"shape of {symbol.name}", got=repr(shape), allowed="(rows, columns)")
        for side, size in zip(symbol.shape, shape, strict=True):
            _learn(known, symbol.name, sympy.sympify(side), int(size))
    return known


def _learn(known: dict[sympy.Symbol, int], name: str, side: Any, size: int) -> None:
    """Take a size from one side of a matrix; it must agree with what is known already."""
    side = side.xreplace({symbol: sympy.Integer(n) for symbol, n in known.items()})
    unknown = _letters(side)
    if len(unknown) == 1:
        found = [s for s in sympy.solve(side - size, unknown[0]) if s.is_Integer and s > 0]
        if len(found) == 1:
            known[unknown[0]] = int(found[0])
            return
    if side != size:
        raise ShapeError(f"shape of {name}", got=f"{size}", allowed=f"{side}")


def at_size(given: Any, chosen: Sizes) -> Any:
    """An expression with its sizes as numbers, and sums over them carried out.

    Anything that is no matrix expression stays what it is.
    """
    if isinstance(given, Mapping):
        return {_key(key): at_size(value, chosen) for key, value in given.items()}
    if isinstance(given, list | tuple):
        return type(given)(at_size(each, chosen) for each in given)
    if isinstance(given, sympy.MatrixBase | sympy.NDimArray) or is_matrix(given):
        return _explicit_where_needed(_sized(given, chosen))
    if isinstance(given, sympy.Expr) and chosen:
        return given.xreplace(_numbers(chosen))
    return given


def _key(key: Any) -> Any:
    return key.name if isinstance(key, sympy.MatrixSymbol | sympy.Symbol) else key


def _numbers(chosen: Sizes) -> dict[sympy.Symbol, sympy.Integer]:
    return {symbol: sympy.Integer(n) for symbol, n in chosen.items()}


def _sized(given: Any, chosen: Sizes) -> Any:
    if isinstance(given, sympy.MatrixBase):
        given = given.as_immutable()
    if isinstance(given, sympy.NDimArray):
        given = given.as_immutable()
    for symbol in given.atoms(sympy.MatrixSymbol):
        for side in symbol.shape:
            size = sympy.sympify(side).xreplace(_numbers(chosen))
            if not (size.is_Integer and size > 0):
                raise ShapeError(
                    f"shape of {symbol.name}", got=f"{side} = {size}",
                    allowed="a whole number above 0", remedy="state it: shapes={'n': 3}",
                )  # fmt: skip
    try:
        return given.xreplace(_numbers(chosen))
    except (ValueError, TypeError) as error:  # SymPy's words on shapes that do not fit
        raise ShapeError(
            "shapes", got=f"{dict(chosen)}: {error}", allowed="sizes that fit"
        ) from None


def _explicit_where_needed(expression: Any) -> Any:
    """Sums carried out, and expressions of SymPy's array algebra written out."""
    if _is_array_algebra(expression):
        expression = expression.as_explicit()
        if not isinstance(expression, sympy.NDimArray | sympy.MatrixBase):
            raise ArgumentTypeError(
                "gradient", got=type(expression).__name__, allowed="an array of numbers"
            )
        expression = expression.as_immutable()
    open_ = expression.atoms(sympy.Sum, sympy.Product)
    return expression.xreplace({each: each.doit() for each in open_}) if open_ else expression


def shapes_of(function: Any) -> dict[str, tuple[int, int]]:
    """The shapes of the matrices of an expression whose sizes are numbers."""
    return {m.name: (int(m.rows), int(m.cols)) for m in _symbols(function)}


def without_sizes(given: Any, chosen: Sizes) -> Any:
    """What the caller gave by name, without the sizes among it."""
    names = {symbol.name for symbol in chosen}
    if isinstance(given, Mapping) and names:
        return {name: value for name, value in given.items() if str(name) not in names} or None
    if isinstance(given, list | tuple) and names and all(isinstance(g, Mapping) for g in given):
        return [without_sizes(each, chosen) or {} for each in given]
    return given


def in_words(chosen: Sizes) -> str:
    """The sizes for a reader, to be added to where the points lie."""
    shown = ", ".join(f"{symbol} = {size}" for symbol, size in chosen.items())
    return f", with {shown}" if shown else ""
