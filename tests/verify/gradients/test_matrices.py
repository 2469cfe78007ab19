"""SymPy's matrix expressions as function and gradient, with sizes as numbers or as symbols."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from sympy import HadamardProduct, KroneckerProduct, MatrixSymbol, Trace
from sympy.matrices.expressions.blockmatrix import BlockMatrix

import gradmath as gm
from gradmath.errors import ArgumentTypeError, ShapeError, UnknownNameError, ValueRangeError

m, n = sp.symbols("m n", integer=True, positive=True)
i, j = sp.symbols("i j", integer=True)
W, x, y = MatrixSymbol("W", m, n), MatrixSymbol("x", n, 1), MatrixSymbol("y", m, 1)
A, B, M = MatrixSymbol("A", n, n), MatrixSymbol("B", n, n), MatrixSymbol("M", 2, 2)
residual = W * x - y
PENALISED = Trace(residual.T * residual) + Trace(W.T * W)
QUADRATIC = x.T * A * x


def status(*args, **options):
    return gm.check_gradient(*args, **options).status


def note(*args, **options):
    report = gm.check_gradient(*args, **options)
    assert report.status == "failed"
    return report.rows[-1].note


@pytest.mark.parametrize(
    ("function", "gradient", "wrt"),
    [
        (PENALISED, 2 * residual * x.T + 2 * W, W),
        (PENALISED, {W: 2 * residual * x.T + 2 * W, x: 2 * W.T * residual, y: -2 * residual}, None),
        (PENALISED, lambda W, x, y: 2 * (W @ x - y) @ x.T + 2 * W, W),
        (PENALISED / n, (2 * residual * x.T + 2 * W) / n, "W"),
        (QUADRATIC, (A + A.T) * x, x),
        (QUADRATIC, x * x.T, A),
        (Trace(W.T * W) ** 2, 4 * Trace(W.T * W) * W, W),
        (sp.sqrt(Trace(W.T * W)), W / sp.sqrt(Trace(W.T * W)), W),
        (sp.log(sp.Determinant(A)), A.inv().T, A),
        (sp.Determinant(A), sp.Determinant(A) * A.inv().T, A),
        (Trace(A.inv()), -(A.T**-2), A),
        (Trace(A**3), 3 * (A.T) ** 2, A),
        (Trace(HadamardProduct(A, A).T * B), 2 * HadamardProduct(A, B), A),
        (Trace(BlockMatrix([[A, B]]) * BlockMatrix([[A, B]]).T), 2 * A, A),
        (Trace(KroneckerProduct(A, B)), Trace(B) * sp.Identity(n), A),
        (sp.DotProduct(x, x), 2 * x, x),
        (sp.Sum(W[i, j] ** 2, (i, 0, m - 1), (j, 0, n - 1)), 2 * W, W),
        (M[1, 1], sp.Matrix([[0, 0], [0, 1]]), M),
        (sp.exp(M[0, 1]), sp.exp(M[0, 1]) * sp.Matrix([[0, 1], [0, 0]]), M),
        (Trace(W.T * W), "2*W", W),
    ],
)  # fmt: skip
def test_right_gradients_pass(function, gradient, wrt):
    gm.check_gradient(function, gradient, wrt).require()


def test_what_sympy_gets_right_passes_and_what_it_gets_wrong_fails():
    apply = x.T * (A * x).applyfunc(sp.exp)
    gm.check_gradient(apply, apply.diff(x), x).require()  # a sum of arrays of four axes
    gm.check_gradient(A * A, (A * A).diff(A), A).require()
    wrong = [(PENALISED, W), (sp.log(sp.Determinant(A)), A), (M[1, 1], M)]
    for function, by in wrong:
        assert str(function.diff(by)) == "0"
        assert "the claim is 0 throughout" in note(function, function.diff(by), by)


@pytest.mark.parametrize(
    ("function", "gradient", "wrt", "word"),
    [
        (PENALISED, (2 * residual * x.T + 2 * W).T, W, "[transposed]"),
        (QUADRATIC, x.T * (A + A.T), x, "[transposed]"),
        (sp.log(sp.Determinant(A)), A.inv(), A, "[transposed]"),
        (Trace(A.inv()), -(A**-2), A, "[transposed]"),
        (W * x, W.T, x, "[transposed]"),
        (PENALISED / n, 2 * residual * x.T + 2 * W, W, "[missing-mean]"),
        (Trace(W.T * W), W, W, "[lost-factor]"),
        (Trace(W.T * W), -2 * W, W, "[flipped-sign]"),
    ],
)
def test_the_mistake_is_named(function, gradient, wrt, word):
    assert word in note(function, gradient, wrt)


def test_names_of_other_shapes_are_not_added_entry_by_entry():
    row = gm.check_gradient(PENALISED, "W + x*x", W).rows[0]
    assert (row.status, row.method) == ("failed", "shape")


def test_sizes_are_several_and_differ_where_they_may():
    report = gm.check_gradient(PENALISED, 2 * residual * x.T + 2 * W, W).require()
    domains = dict.fromkeys(row.domain for row in report.rows)
    assert [d.rpartition("with ")[2] for d in domains] == ["m = 2, n = 3", "m = 3, n = 2"]
    # a gradient that is right for one size only
    claim = 2 * residual * x.T + 2 * W
    assert status(PENALISED, claim * (m - 1), W) == "failed"
    assert status(PENALISED, claim * (1 + (m - 2) * (n - 3)), W) == "failed"


def test_sizes_are_stated_by_name_by_shape_or_by_value():
    claim = 2 * residual * x.T + 2 * W
    named = gm.check_gradient(PENALISED, claim, W, shapes={"n": 1, "m": 5}).require()
    assert "W (5, 1)" in named.rows[0].domain
    shaped = gm.check_gradient(PENALISED, claim, W, shapes={"W": (3, 4)}).require()
    assert "x (4, 1)" in shaped.rows[0].domain
    at = {"W": np.ones((2, 3)), "x": np.ones((3, 1)), "y": np.zeros((2, 1))}
    given = gm.check_gradient(PENALISED, claim, W, at=at).require()
    assert "x as given" in given.rows[0].domain
    shifted = MatrixSymbol("S", 2 * n + 1, n)
    report = gm.check_gradient(Trace(shifted.T * shifted), 2 * shifted, shapes={"S": (7, 3)})
    assert report.require().rows[0].domain.endswith("n = 3")


def test_jacobians_and_second_derivatives():
    gm.check_gradient(W * x, W, x).require()
    gm.check_gradient(QUADRATIC, A + A.T, x, order=2).require()
    assert status(QUADRATIC, 2 * A, x, order=2) == "failed"
    u, v = sp.symbols("u v")
    values = sp.Matrix([u * v, u + v])
    gm.check_gradient(values, {"u": sp.Matrix([v, 1]), "v": sp.Matrix([u, 1])}).require()
    assert status(values, sp.Matrix([u, 1]), u) == "failed"


def test_a_mistake_of_1e_300_is_one():
    tiny = 1 + sp.Rational(1, 10**300)
    row = gm.check_gradient(Trace(W.T * W), 2 * tiny * W, W).rows[-1]
    assert row.status == "failed"
    assert "two different numbers" in row.note


def test_a_singular_matrix_has_a_determinant_with_a_derivative():
    cofactors = sp.Matrix([[M[1, 1], -M[1, 0]], [-M[0, 1], M[0, 0]]])
    at = {"M": np.array([[1.0, 2.0], [2.0, 4.0]])}
    gm.check_gradient(sp.Determinant(M), cofactors, M, at=at).require()

    def gradient(a):
        return np.array([[a[1, 1], -a[1, 0]], [-a[0, 1], a[0, 0]]])

    gm.check_gradient(np.linalg.det, gradient, at=at["M"], domain=(-5, 5)).require()


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: status(PENALISED, MatrixSymbol("V", m, n), W), UnknownNameError, "V"),
        (lambda: status(PENALISED, 0, W, shapes={"W": (3, 4), "x": (3, 1)}), ShapeError, "x"),
        (lambda: status(PENALISED, 0, W, shapes={"W": (3,)}), ShapeError, "columns"),
        (lambda: status(PENALISED, 0, W, shapes={"n": 0}), ValueRangeError, "whole number"),
        (lambda: status(PENALISED, 0, "V"), UnknownNameError, "W"),
        (lambda: status(Trace(MatrixSymbol("T", n - 9, n - 9)), 0, "T"), ShapeError, "state it"),
        (lambda: status(Trace(W.T * W), "W + x", W), UnknownNameError, "x"),
        (lambda: status(PENALISED, sp.Eq(m, n), W), ArgumentTypeError, "formula"),
    ],
)
def test_bad_arguments_say_what_is_wrong(call, error, match):
    with pytest.raises(error, match=match):
        call()
