"""Where a check looked is said in words that follow from its points and symbols."""

from __future__ import annotations

import pytest
import sympy

import gradmath as gm
from gradmath.verify import domains

x, y = sympy.symbols("x y", real=True)


def test_ranges_span_the_numbers_of_each_name():
    assert domains.ranges({"x": [1.0, -2.5, 0.0], "w": [3, 3]}) == "x in [-2.5, 1], w = 3"
    assert domains.over([{"x": 1.0}, {"x": 1e300}], "float64") == "x in [1, 1e+300], float64"
    assert domains.ranges({"x": [0, 1], "w": [0, 1]}) == "x, w in [0, 1]"
    assert domains.over([]) == "no points"


def test_many_names_are_told_together():
    columns = {f"w{k}": [-float(k), 1.0] for k in range(1, 9)}
    assert domains.ranges(columns) == "w1, ..., w8 in [-8, 1]"


def test_assumptions_are_those_that_the_symbols_carry():
    t = sympy.Symbol("t", nonnegative=True)
    n = sympy.Symbol("n", integer=True)
    assert domains.assumed([y, x, t, n]) == "n an integer; t >= 0; x, y real"
    assert domains.assumed([sympy.Symbol("c")]) == "c complex"


SUBJECTS = [
    gm.relu,
    gm.l2,
    gm.squared_error,
    gm.softmax_cross_entropy,
    gm.clip_by_value,
    gm.clip_by_norm,
    gm.derive("z = w*x + b; L = (tanh(z) - y)**2", wrt=["w", "b"]),
    gm.compile(gm.derive("z = w*x + b; L = (tanh(z) - y)**2", wrt=["w", "b"])),
    gm.derive(gm.Network(inputs=2, layers=[gm.Dense(1, gm.tanh)], loss=gm.squared_error)),
    gm.compile(
        gm.derive(gm.Network(inputs=2, layers=[gm.Dense(1, gm.tanh)], loss=gm.squared_error))
    ),
]


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: repr(subject)[:40])
def test_every_row_of_every_kind_of_subject_names_its_domain(subject):
    report = gm.verify(subject).require()
    assert [row.subject for row in report if not row.domain] == []
    for row in report:
        formats = [name for name in ("float64", "float32") if name in row.subject]
        assert all(name in row.domain for name in formats), row
