"""Code as people write it: imports inside, keywords, generators, less used names of NumPy."""

from __future__ import annotations

import inspect
import math

import numpy as np
import pytest
from scipy.special import logsumexp, softmax

import gradmath as gm


def imported_inside(x):
    import math as m
    from math import exp

    import numpy as xp

    return xp.sum(xp.asarray(x, dtype=float) * m.sqrt(2)) + exp(x[0])


def imported_inside_gradient(x):
    from numpy import full_like

    made = full_like(x, math.sqrt(2))
    made[0] += math.exp(x[0])
    return made


def by_keyword(w, *, x, y, reduction="mean"):
    losses = (w * x - y) ** 2
    return losses.mean() if reduction == "mean" else losses.sum()


def by_keyword_gradient(w, *, x, y, reduction="mean"):
    each = 2 * (w * x - y) * x
    return each.mean() if reduction == "mean" else each.sum()


@np.vectorize
def ramp(x):
    return x * x if x > 0 else 0.0


PLACES = np.array([0, 1, 1, 2])
SHAPES = {"shapes": {"x": (4,)}}
DATA = {"at": {"w": 0.5, "x": np.array([1.0, 2.0, 3.0]), "y": np.array([1.0, 0.0, 2.0])}}


def third(x, share=0.3):
    """The gradient of a quantile of four numbers, which lies between the first two."""
    order, made = np.argsort(x), np.zeros(4)
    made[order[0]], made[order[1]] = 1 - 3 * share, 3 * share
    return made


CASES = {
    "imports inside": (imported_inside, imported_inside_gradient, "x", SHAPES),
    "keyword-only": (by_keyword, by_keyword_gradient, "w", DATA),
    "fsum": (lambda x: math.fsum(v * v for v in x), lambda x: 2 * x, "x", SHAPES),
    "vectorize": (lambda x: np.sum(ramp(x)), lambda x: 2 * np.maximum(x, 0), "x", SHAPES),
    "imported by name": (lambda x: logsumexp(x), lambda x: softmax(x), "x", SHAPES),
    "cov": (lambda x: np.cov(x), lambda x: 2 * (x - x.mean()) / 3, "x", SHAPES),
    "gradient": (lambda x: np.gradient(x)[1], lambda x: np.array([-0.5, 0, 0.5, 0]), "x", SHAPES),
    "bincount": (lambda x: np.sum(np.bincount(PLACES, weights=x) ** 2),
                 lambda x: 2 * np.bincount(PLACES, weights=x)[PLACES], "x", SHAPES),
    "vdot": (lambda x: np.vdot(x, x[::-1]), lambda x: 2 * x[::-1], "x", SHAPES),
    "quantile": (lambda x: np.quantile(x, 0.3), third, "x", SHAPES),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_right_ones_pass_and_those_off_by_a_hundredth_of_a_percent_fail(name):
    function, gradient, wrt, given = CASES[name]
    gm.check_gradient(function, gradient, wrt, (-5, 5), **given).require()
    parameters = list(inspect.signature(gradient).parameters.values())

    def wrong(*args, **options):
        return 1.0001 * gradient(*args, **options)

    wrong.__signature__ = inspect.Signature(parameters)
    report = gm.check_gradient(function, wrong, wrt, (-5, 5), **given)
    assert report.status == "failed"
