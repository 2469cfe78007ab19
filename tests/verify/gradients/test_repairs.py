"""Mistakes that are named by what has to be put back: an order, a transpose, a name."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from sympy import MatrixSymbol, Trace

import gradmath as gm
from gradmath.errors import ArgumentTypeError
from gradmath.verify.gradients.altered import altered, factors

n = sp.Symbol("n", integer=True, positive=True)
A, B, C = (MatrixSymbol(name, n, n) for name in "ABC")
RNG = np.random.Generator(np.random.PCG64(11))
SQUARE = {name: RNG.normal(size=(3, 3)) for name in ("W1", "W2", "x")}


def note(*args, **options):
    report = gm.check_gradient(*args, **options)
    assert report.status == "failed"
    return next(row.note for row in report.rows if row.status == "failed")


@pytest.mark.parametrize(
    ("function", "gradient", "by", "words"),
    [
        (Trace(A * B * C), B.T * C.T, A, "in the wrong order [reordered]"),
        (Trace(A * B * C), (C * B).T, A, "[reordered]"),
        (Trace(A * B * C), C.T * B, A, "in place of"),
        (Trace(A * B * C), C * B.T, A, "[transposed]"),
        (Trace(A * B.T * C * C), A.T * (C * C).T, B, "[transposed]"),
        (Trace(A * A * B), A * B + B * A, A, ""),
        (Trace(A * B * A.T), A * (B + B), A, ""),
    ],
)
def test_matrices(function, gradient, by, words):
    assert words in note(function, gradient, by)


@pytest.mark.parametrize(
    ("function", "gradient", "words"),
    [
        ("tanh(w*x)", "w*(1 - tanh(w*x)**2)", "w and x exchanged [wrong-place]"),
        ("w1*sin(w2)", "cos(w2)", ""),
        ("exp(w1)*sin(w2)*w1", "exp(w2)*sin(w1)*(1 + w2)", "w1 and w2 exchanged [wrong-layer]"),
    ],
)
def test_names(function, gradient, words):
    by = "w" if "w*x" in function else "w1"
    assert words in note(function, gradient, by)


def two_layers(W1, W2, x):
    return np.sum(np.tanh(x @ W1.T) @ W2.T * np.arange(1.0, 10.0).reshape(3, 3))


def by_first(W1, W2, x, order=False, turn=False, swap=False):
    if swap:
        W1, W2 = W2, W1
    h = np.tanh(x @ W1.T)
    out = np.arange(1.0, 10.0).reshape(3, 3)
    back = out @ (W2.T if turn else W2)
    delta = back * (1 - h**2)
    return x @ delta.T if order else delta.T @ x


@pytest.mark.parametrize(
    ("slip", "words"),
    [
        ({"order": True}, "[reordered]"),
        ({"turn": True}, "[transposed]"),
        ({"swap": True}, "W1 and W2 exchanged [wrong-layer]"),
    ],
)
def test_code_on_matrices(slip, words):
    gm.check_gradient(two_layers, by_first, "W1", at=SQUARE).require()
    assert words in note(two_layers, lambda W1, W2, x: by_first(W1, W2, x, **slip), "W1", at=SQUARE)


def test_arguments_exchanged():
    def product(a, b):
        return np.sum(a**2 * np.sin(b))

    options = {"shapes": {"a": (3,), "b": (3,)}}
    wrong = note(product, lambda a, b: 2 * b * np.sin(a), "a", **options)
    assert "a and b exchanged [wrong-place]" in wrong


def test_what_is_only_wrong_is_not_explained():
    assert "[" not in note("sin(x)*w", "cos(x)*w + 0.125", "x")


def test_alterations_end_with_their_block():
    with altered(1, "reversed") as alteration:
        assert factors(1, 2) == (1, 2)
        assert factors(1, 2) == (2, 1)
        assert factors(1, 2) == (1, 2)
    assert alteration.done
    assert factors(1, 2) == (1, 2)


def test_a_constant_by_no_name_is_told_so():
    with pytest.raises(ArgumentTypeError, match=r"no name is left: it is the constant 0.*wrt='x'"):
        gm.check_gradient("5*x - 5*x", "0")
    gm.check_gradient("5*x - 5*x", "0", "x").require()
