"""Lines that points cannot tell from right ones are compared with the equations as formulas."""

from __future__ import annotations

import pytest
import sympy as sp

import gradmath as gm
from gradmath.mutation.named import Changed, with_line
from gradmath.verify.report import PASSED

DERIVATION = gm.derive("z = w*x + b; a = sigmoid(z); L = (a - y)**2", wrt=["w", "b"])
w, y = DERIVATION.symbols["w"], DERIVATION.symbols["y"]
PLACES = range(len(DERIVATION.steps))
HALF = sp.Rational(1, 2)
CHANGES = {
    "wrong beyond 100": lambda e: sp.Piecewise((e, w < 100), (0, True)),
    "wrong beyond a million": lambda e: sp.Piecewise((e, w < 10**6), (2 * e, True)),
    "wrong at one point": lambda e: sp.Piecewise((7, sp.Eq(w, 0)), (e, True)),
    "wrong in a window": lambda e: sp.Piecewise(
        (2 * e, sp.And(y > HALF, y - HALF < sp.Rational(1, 100))), (e, True)
    ),
    "a little off everywhere": lambda e: e * (1 + sp.Rational(1, 10**40)),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("change", CHANGES)
def test_no_such_line_passes(change, place):
    wrong = CHANGES[change](DERIVATION.steps[place].expression)
    assert gm.verify(with_line(DERIVATION, place, wrong)).status != "passed"


def test_nor_does_such_a_gradient_given_out():
    wrong = {
        **DERIVATION.gradient,
        "w": sp.Piecewise((DERIVATION.gradient["w"], w < 100), (0, True)),
    }
    assert gm.verify(Changed(DERIVATION, gradient=wrong)).status != "passed"


def test_a_line_that_says_only_itself_says_nothing():
    deep = gm.derive("z = w*x; p = sigmoid(z); q = tanh(z); L = p*q + p", wrt=["w"])
    place = next(n for n, step in enumerate(deep.steps) if step.name == "dL/dp")
    itself = next(
        symbol for step in deep.steps for symbol in step.expression.free_symbols
        if symbol.name == "dL/dp"
    )  # fmt: skip
    assert gm.verify(with_line(deep, place, itself)).status == "failed"


@pytest.mark.parametrize(
    "text",
    [
        "z = w*x + b; p = sigmoid(z); q = tanh(z); s = p*q + v*p; L = (s - y)**2",
        "z = w*x + b; a = relu(z); L = abs(a - y)",
        "a = w*x; u = a**2; v = a*u; L = exp(v)*a",
    ],
)
def test_every_line_of_our_own_is_proved(text):
    derivation = gm.derive(text, wrt=["w"])
    (row,) = [row for row in gm.verify(derivation).rows if row.subject == "lines"]
    assert row.status == PASSED
    assert row.points >= len(derivation.steps)
    assert not row.note
