"""Euclidean norms that neither overflow nor underflow on the way: deep gradients are 1e-200."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def norm(array: Any) -> float:
    """The square root of the sum of the squares of all entries, in double precision.

    The entries are scaled to a largest modulus near 1 before they are squared, so 1e-200 and 1e200
    have their norms.  A norm beyond the largest double is infinite, as is that of an array with an
    infinite entry; one with a NaN is NaN.

    >>> norm([[3e-200, 4e-200]])
    5e-200
    """
    return float(row_norms(np.reshape(np.asarray(array, dtype=np.float64), (1, -1)))[0])


def row_norms(rows: Any) -> Array:
    """The norm of each row, shape (rows, columns) -> (rows,).

    >>> row_norms([[3.0, 4.0], [0.0, 0.0]]).tolist()
    [5.0, 0.0]
    """
    rows = np.asarray(rows, dtype=np.float64)
    largest = np.max(np.abs(rows), axis=1, initial=0.0)
    ordinary = np.isfinite(largest) & (largest > 0)
    _, exponent = np.frexp(np.where(ordinary, largest, 1.0))
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        shares = np.ldexp(rows, -exponent[:, None])  # by a power of two: exact
        found = np.ldexp(np.sqrt(np.sum(shares * shares, axis=1)), exponent)
    return np.where(ordinary, found, largest)


def root_mean_square(values: Any) -> float:
    """The root of the mean square of numbers >= 0, as safe as `norm`; 0 of none.

    >>> root_mean_square([3.0, 4.0, 0.0, 0.0])
    2.5
    """
    values = np.asarray(values, dtype=np.float64).ravel()
    return norm(values) / float(np.sqrt(max(values.size, 1)))
