"""What need not be done is not: a verdict does not wait for points that cannot change it."""

from __future__ import annotations

import numpy as np

import gradmath as gm
from gradmath.verify.gradients import breakpoints
from gradmath.verify.gradients.functions import Code
from gradmath.verify.gradients.running import run


def touched(function, **point):
    code = Code(function, tuple(point))
    return run(code, point, tuple(point)).trace.touched


def test_a_comparison_of_0_times_a_number_is_no_breakpoint():
    def layers(x, w):
        return np.maximum(np.maximum(x, 0) * w, 0)

    assert touched(layers, x=0.0, w=1.0)
    assert touched(layers, x=1.0, w=0.0)
    # the first unit is dead, and the second is at 0 whatever its weight is
    assert not touched(layers, x=-1.0, w=1.0)


def test_breakpoints_are_not_looked_for_once_a_claim_has_failed_at_many_points(monkeypatch):
    def loss(w, x):
        return np.sum(np.maximum(x @ w, 0))

    def gradient(w, x, far=1.0):
        return np.where(np.abs(w) > 2, far, 1) * (x.T @ (x @ w > 0))

    searches = []

    class Search(breakpoints.Search):
        def groups(self, points):
            searches.append(self)
            return super().groups(points)

    monkeypatch.setattr(breakpoints, "Search", Search)
    shapes = {"w": (3,), "x": (4, 3)}
    assert gm.check_gradient(loss, gradient, "w", shapes=shapes).status == "passed"
    assert len(searches) == 1
    # right at the first point, and wrong at many of those that follow
    wrong = gm.check_gradient(loss, lambda w, x: gradient(w, x, 0.5), "w", shapes=shapes)
    assert wrong.status == "failed"
    assert len(searches) == 1
