"""Statements about arrays of every shape: proof, sample and counterexample each tell."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from gradmath.claims.numbers import Dual, ball_system, exact_system, symbol_system
from gradmath.claims.shapes import ForShapes, Gradient, ShapeProof, ShapeSample, large_shapes

ARRAYS = {"x": "np", "W": "mp"}
RIGHT = ForShapes(
    ARRAYS,
    left=Gradient(lambda a: (a.x @ a.W.T).sum(), by="W"),
    right=lambda a: np.ones((a.sizes.m, a.sizes.n), dtype=int).astype(object) @ a.x,
    formula="",
    words="dL/dW = ones x",
)
FIRST_ONLY = RIGHT.but(lambda a: np.array([[*a.x[0]]] * a.sizes.m, dtype=object), "first sample")
NO_FIT = RIGHT.but(lambda a: a.W @ a.W @ a.x, "does not fit")


@pytest.mark.parametrize("evidence", [ShapeProof(), ShapeSample()])
@pytest.mark.parametrize(
    ("statement", "status"), [(RIGHT, "passed"), (FIRST_ONLY, "failed"), (NO_FIT, "failed")]
)
def test_evidence_tells(evidence, statement, status):
    assert evidence.check(statement)[0].status == status


def test_counterexamples():
    assert RIGHT.counterexample() is None
    found = FIRST_ONLY.counterexample()
    assert found is not None
    assert "n = 2" in found.where["shape"]
    assert found.left != found.right
    assert NO_FIT.counterexample() is not None


def test_the_sample_is_large_and_drawn_and_the_same_every_time():
    shapes = large_shapes("nmpq")
    assert shapes == large_shapes("nmpq")
    assert shapes[0] == {"n": 7, "m": 5, "p": 11, "q": 6}
    assert len(shapes) == 3
    assert all(3 < size <= 16 for sizes in shapes for size in sizes.values())
    assert all(len(set(sizes.values())) > 1 for sizes in shapes)  # rectangular
    row = ShapeSample().check(RIGHT)[0]
    assert row.points == sum(sizes["m"] * sizes["p"] for sizes in large_shapes("npm"))
    assert "n = 7" in row.domain


def test_a_mistake_that_small_shapes_hide_is_found_by_the_sample():
    """Right up to 3 rows, wrong from the fifth on."""
    late = RIGHT.but(
        lambda a: np.ones((a.sizes.m, a.sizes.n), dtype=int).astype(object) @ _cut(a.x, 4), "late"
    )
    assert ShapeProof().check(late)[0].status == "passed"
    row = ShapeSample().check(late)[0]
    assert row.status == "failed"
    assert "entry" in row.where


def _cut(array, rows):
    kept = array.copy()
    kept[rows:] = kept[rows:] * 0
    return kept


def test_a_sample_alone_is_no_proof():
    assert ShapeSample().covers(RIGHT) == frozenset()
    assert ShapeProof().covers(RIGHT) == {"every entry"}


def test_jacobians_in_both_layouts():
    statement = ForShapes(
        {"x": "p", "W": "mp"},
        left=Gradient(lambda a: a.W @ a.x, by="x", layout="denominator"),
        right=lambda a: a.W.T,
        formula="",
        words="transposed",
    )
    assert ShapeProof().check(statement)[0].status == "passed"
    assert ShapeProof().check(statement.but(lambda a: a.W, "W"))[0].status == "failed"


def test_dual_numbers_follow_the_rules():
    u = Dual(Fraction(3, 2), Fraction(1))
    assert u * u * u == Dual(Fraction(27, 8), Fraction(27, 4))
    assert 1 - u * 2 == Dual(Fraction(-2), Fraction(-2))
    assert (u / 3).slope == Fraction(1, 3)


@pytest.mark.parametrize("system", [symbol_system, ball_system, exact_system])
def test_the_slope_of_phi_is_its_derivative_in_every_system(system):
    made = system()
    array = made.array("u", (2,))
    for index in np.ndindex(array.shape):
        moved = made.moved(array, index)
        got = made.derivative(made.phi(moved)[index], array[index])
        gap = got - made.slope(array)[index]
        if isinstance(gap, sp.Expr):
            assert gap == 0
        elif isinstance(gap, Dual):
            assert gap.value == 0
        else:
            assert gap.contains(0)
