"""The oracle never guesses: values by definition, to the bits that are needed."""

from __future__ import annotations

import math
import threading

import flint
import mpmath
import numpy as np
import pytest
import sympy as sp

from gradmath.catalogue import activations
from gradmath.errors import EquationError
from gradmath.verify import balls
from gradmath.verify.lower import lower
from gradmath.verify.oracle import Ball, Inconclusive, on_breakpoint, taylor, value

z = sp.Symbol("z", real=True)
SIGMOID = 1 / (1 + sp.exp(-z))


def number(answer):
    assert isinstance(answer, Ball), answer
    return float(answer)


@pytest.mark.parametrize("x", [120, 300, 700])
def test_tails_that_fixed_precision_loses(x):
    """At 50 digits each of these is 0.0 at z = 120 already."""
    tail = math.exp(-x)
    assert number(taylor(SIGMOID, z, {z: x}, 1)[1]) == pytest.approx(tail, rel=1e-12)
    assert number(value(sp.log(1 + sp.exp(-z)), {z: x})) == pytest.approx(tail, rel=1e-12)
    assert number(value(1 - sp.tanh(z) ** 2, {z: x / 2})) == pytest.approx(4 * tail, rel=1e-12)
    with mpmath.workdps(50):
        assert mpmath.log(1 + mpmath.exp(-mpmath.mpf(x))) == 0 or x == 100


@pytest.mark.parametrize("name", list(activations))
@pytest.mark.parametrize("x", [0.3125, -1.71875, 5.0625, -7.5, 33.25])
def test_series_agree_with_differentiated_formulas(name, x):
    """Taylor coefficients of the definition and SymPy's derivatives are independent ways."""
    entry = activations[name]
    defaults = entry.defaults
    found = taylor(entry.definition.xreplace(defaults), z, {z: x}, 2)
    for order in range(3):
        claimed = value(entry.derivative(order).xreplace(defaults), {z: x})
        assert number(found[order]) == pytest.approx(number(claimed), rel=1e-14, abs=1e-320)


@pytest.mark.parametrize("x", [1e308, -1e308, 1e30, -1e200])
@pytest.mark.parametrize("name", list(activations))
def test_arguments_whose_exponential_leaves_every_range(name, x):
    entry = activations[name]
    found = taylor(entry.definition.xreplace(entry.defaults), z, {z: x}, 2)
    assert all(isinstance(answer, Ball) for answer in found)


@pytest.mark.parametrize(
    ("expression", "at", "want"),
    [
        (sp.Min(1, sp.Max(0, z / 6 + sp.Rational(1, 2))), 3, 1.0),
        (sp.Min(1, sp.Max(0, z / 6 + sp.Rational(1, 2))), -3, 0.0),
        (sp.Piecewise((1, z < sp.Rational(1, 10)), (2, True)), 0.1, 2.0),  # 0.1 is above 1/10
        (sp.Piecewise((1, z <= sp.sqrt(2)), (2, True)), math.sqrt(2), 2.0),
        (sp.Piecewise((1, sp.Ne(z, 0)), (2, True)), 0, 2.0),
        (sp.Piecewise((1, (z > 1) | (z < -1)), (2, (z > 0) & ~(z > 2)), (3, True)), 0.5, 2.0),
        (sp.sign(z), -2, -1.0),
        (sp.Abs(z), -2.5, 2.5),
        (sp.Max(z, 1 - z, 0), 0.25, 0.75),
        (sp.erfc(z), 20, 5.3958656116079009e-176),
        (sp.sqrt(z) ** 3, 4, 8.0),
        (z ** sp.Rational(1, 3), 27, 3.0),
        (sp.sin(z) + sp.cos(z) + sp.pi, 0, 1 + math.pi),
        (sp.Float("0.1") * z, 1, 0.1),
    ],
)
def test_values(expression, at, want):
    assert number(value(expression, {z: at})) == pytest.approx(want, rel=1e-15)


def test_an_exact_zero_is_exact_and_a_tiny_ball_is_no_zero():
    relu = activations["relu"].definition
    assert value(relu, {z: -1}).kind == "zero"
    assert value(SIGMOID, {z: -1000}).kind == "relative"
    assert value(sp.log(1 + sp.exp(-z)), {z: 1e9}).kind == "tiny"


@pytest.mark.parametrize(
    ("expression", "at"),
    [
        (sp.sin(z) ** 2 + sp.cos(z) ** 2 - 1, 1),  # 0, but no ball shows it exactly: tiny at best
        (1 / z, 0),
        (sp.log(z), -1),
        (sp.sqrt(z), -1),
        (sp.Piecewise((1, sp.sin(z) ** 2 + sp.cos(z) ** 2 > 1), (2, True)), 1),
        (z, math.nan),
        (z, math.inf),
    ],
)
def test_no_answer_is_inconclusive_or_tiny_never_a_number(expression, at):
    try:
        found = value(expression, {z: at})
    except balls.UndefinedHere:
        return
    assert isinstance(found, Inconclusive) or found.kind == "tiny"


def test_one_sided_derivatives_at_a_kink():
    relu = activations["relu"].definition
    assert [float(a) for a in taylor(relu, z, {z: 0}, 1, side=1)] == [0.0, 1.0]
    assert [float(a) for a in taylor(relu, z, {z: 0}, 1, side=-1)] == [0.0, 0.0]
    softsign = activations["softsign"].definition
    assert [float(a) for a in taylor(softsign, z, {z: 0}, 2, side=-1)] == [0.0, 1.0, 2.0]
    assert on_breakpoint(lower(relu), z, {z: 0})
    assert not on_breakpoint(lower(relu), z, {z: 1e-300})


def test_unknown_heads_and_missing_values_are_named():
    with pytest.raises(EquationError, match="zeta"):
        value(sp.zeta(z), {z: 2})
    with pytest.raises(EquationError, match="no value for z"):
        value(z, {})


def test_exact_numbers_of_every_kind():
    third = sp.Rational(1, 3)
    for x in (np.float32(0.1), np.float64(0.1), 1, sp.Rational(2, 7), third):
        exact = value(z * 3 - 3 * z, {z: x})
        assert exact.kind == "zero"
    assert number(value(z, {z: np.float32(0.1)})) == float(np.float32(0.1))


def test_precision_is_given_back_and_threads_take_turns():
    before = flint.ctx.prec
    results = []

    def work():
        results.extend(float(taylor(SIGMOID, z, {z: x}, 1)[1]) for x in range(600, 620))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert flint.ctx.prec == before
    assert results == results[:20] * 4
    assert results[0] == pytest.approx(math.exp(-600), rel=1e-12)


def test_deep_expressions_need_no_recursion():
    e = z
    for _ in range(3000):
        e = sp.Add(sp.Mul(e, sp.Rational(1, 2), evaluate=False), 1, evaluate=False)
    assert number(value(e, {z: 0})) == pytest.approx(2.0)
