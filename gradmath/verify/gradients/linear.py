"""NumPy's linear algebra on traced numbers, by elimination with pivots."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradmath.verify import balls
from gradmath.verify.gradients import arrays
from gradmath.verify.gradients.number import NotTraceable, Number, Undefined
from gradmath.verify.gradients.ruled import unary

Rows = list[list[Any]]


def _square(a: Any) -> Rows:
    table = np.asarray(arrays.plain(a), dtype=object)
    if table.ndim != 2 or table.shape[0] != table.shape[1]:
        raise NotTraceable("matrix", got=f"shape {table.shape}", allowed="one square matrix")
    return [list(row) for row in table.tolist()]


def _size(x: Any) -> float:
    value = x.value if isinstance(x, Number) else balls.exact(x)
    if isinstance(value, Undefined):
        return 0.0  # whatever the pivot: what is undefined stays so
    return abs(float(balls.real(balls.coefficients(value, 1)[0]).mid()))


def _eliminated(rows: Rows, width: int) -> tuple[Rows, int]:
    """Upper triangular rows, and the sign of the exchanges of rows.

    The pivot is the largest entry, which is a matter of speed here and not of rounding.
    """
    sign = 1
    for k in range(width):
        best = max(range(k, width), key=lambda r: _size(rows[r][k]))
        if best != k:
            rows[k], rows[best], sign = rows[best], rows[k], -sign
        for r in range(k + 1, width):
            factor = rows[r][k] / rows[k][k]
            rows[r] = [x - factor * y for x, y in zip(rows[r], rows[k], strict=True)]
    return rows, sign


def solve(a: Any, b: Any) -> Any:
    """`np.linalg.solve` of one matrix and a vector or matrix."""
    right = np.asarray(arrays.plain(b), dtype=object)
    if right.ndim not in (1, 2) or right.shape[0] != len(_square(a)):
        raise NotTraceable("solve", got=f"a right-hand side of shape {right.shape}")
    columns = right.reshape(right.shape[0], -1).tolist()
    width = len(columns)
    joined = [[*row, *more] for row, more in zip(_square(a), columns, strict=True)]
    rows, _ = _eliminated(joined, width)
    found: Rows = [[] for _ in rows]
    for r in range(width - 1, -1, -1):
        for c in range(width, len(rows[r])):
            rest = rows[r][c]
            for k in range(r + 1, width):
                rest = rest - rows[r][k] * found[k][c - width]
            found[r].append(rest / rows[r][r])
    return arrays.traced(np.array(found, dtype=object).reshape(right.shape))


def inv(a: Any) -> Any:
    """`np.linalg.inv` of one matrix."""
    return solve(a, np.eye(len(_square(a))))


def det(a: Any) -> Any:
    """`np.linalg.det` of one matrix."""
    table = _square(a)
    if len(table) <= _SMALL:
        return _by_minors(table)
    rows, sign = _eliminated(table, len(table))
    product: Any = sign
    for k, row in enumerate(rows):
        product = product * row[k]
    return product


#: up to this size a determinant is a polynomial here, which a singular matrix has as well
_SMALL = 5


def _by_minors(rows: Rows) -> Any:
    """The determinant of rows by those of ever larger sets of columns."""
    minors: dict[tuple[int, ...], Any] = {(): 1}
    for row in rows:
        larger: dict[tuple[int, ...], Any] = {}
        for chosen, minor in minors.items():
            for column in range(len(rows)):
                if column in chosen:
                    continue
                after = sum(c > column for c in chosen)
                term = row[column] * minor
                key = tuple(sorted((*chosen, column)))
                term = -term if after % 2 else term
                larger[key] = larger[key] + term if key in larger else term
        minors = larger
    return minors[tuple(range(len(rows)))]


def slogdet(a: Any) -> tuple[Any, Any]:
    """`np.linalg.slogdet` of one matrix."""
    found = det(a)
    return (1.0 if found > 0 else -1.0), unary("log", abs(found))


def matrix_power(matrix: Any, power: int) -> Any:
    """`np.linalg.matrix_power`, factor by factor."""
    base = arrays.plain(matrix if power >= 0 else inv(matrix))
    found = base if power else np.eye(len(base))
    for _ in range(abs(int(power)) - 1):
        found = found @ base
    return arrays.wrapped(found)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "solve": solve,
    "inv": inv,
    "det": det,
    "slogdet": slogdet,
    "matrix_power": matrix_power,
}
