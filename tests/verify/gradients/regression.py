"""A least-squares loss, its gradient, and short questions about a report."""

from __future__ import annotations

import numpy as np

import gradmath as gm

_RNG = np.random.Generator(np.random.PCG64(7))
X, Y = _RNG.normal(size=(5, 3)), _RNG.normal(size=5)


def squares(w):
    return np.mean((X @ w - Y) ** 2)


def slope_of_squares(w):
    return 2 * X.T @ (X @ w - Y) / len(Y)


def status(*args, **options):
    return gm.check_gradient(*args, **options).status


def only(report):
    """The one row that did not pass."""
    (row,) = [row for row in report.rows if row.status != "passed"]
    return row
