"""Slopes of functions with kinks, in text."""

from __future__ import annotations

import pytest
import sympy as sp

import gradmath as gm
from gradmath.errors import EquationError
from gradmath.grammar import parse_expression
from gradmath.verify.gradients.stepwise import Stepwise
from tests.verify.gradients.regression import status

x = sp.Symbol("x", real=True)

RIGHT = {
    "relu(w*x)": ("x if w*x > 0 else 0", "Piecewise((x, w*x > 0), (0, True))", "x*Heaviside(w*x)"),
    "abs(w)/10 + w**2": ("sign(w)/10 + 2*w", "(1 if w >= 0 else -1)/10 + 2*w"),
    "hard_tanh(w)": ("1 if -1 < w < 1 else 0", "Piecewise((1, (w > -1) & (w < 1)), (0, True))",
                     "0 if w > 1 or w < -1 else 1"),
    "max(0, 1 - y*w)": ("-y if y*w < 1 else 0", "-y*heaviside(1 - y*w)"),
    "w**2 if abs(w) < 1 else 2*abs(w) - 1": ("2*w if abs(w) < 1 else 2*sign(w)",),
}  # fmt: skip
WRONG = {
    "relu(w*x)": ("w if w*x > 0 else 0", "x if w*x > 1 else 0", "x*Heaviside(-w*x)"),
    "abs(w)/10 + w**2": ("sign(w) + 2*w", "1/10 + 2*w"),
    "hard_tanh(w)": ("1 if w < 1 else 0", "0 if w > 1 and w < -1 else 1"),
    "max(0, 1 - y*w)": ("-y if y*w < 0 else 0", "y if y*w < 1 else 0"),
    "w**2 if abs(w) < 1 else 2*abs(w) - 1": ("2*w if abs(w) < 1 else 2", "2*w"),
}


def pairs(table):
    return [(function, gradient) for function, each in table.items() for gradient in each]


@pytest.mark.parametrize(("function", "gradient"), pairs(RIGHT))
def test_a_right_slope_in_steps_passes(function, gradient):
    gm.check_gradient(function, gradient, "w").require()


@pytest.mark.parametrize(("function", "gradient"), pairs(WRONG))
def test_a_wrong_slope_in_steps_fails(function, gradient):
    assert status(function, gradient, "w") == "failed"


@pytest.mark.parametrize("value", [sp.Piecewise((x, x > 0), (x / 10, True)), sp.Max(x, 0)])
def test_what_sympy_prints_for_a_slope_is_read_back(value):
    slope = value.diff(x)
    assert parse_expression(str(slope), {}, Stepwise) == slope


@pytest.mark.parametrize(
    "text",
    ["1 if x else 0", "Piecewise(x)", "Piecewise((1, x))", "Piecewise((1, x > 0), z=2)", "x > 0",
     "sign(x, 2)", "1 if x in x else 0", "1 if " + "(x > 0) & " * 200 + "(x > 0) else 0"],
)  # fmt: skip
def test_anything_else_is_refused_with_the_part_that_is_meant(text):
    with pytest.raises(EquationError):
        gm.check_gradient("x**2", text)


def test_equations_of_a_derivation_have_no_steps():
    with pytest.raises(gm.GradmathError):
        gm.derive([("L", "x if w*x > 0 else 0")], wrt=["w"])
