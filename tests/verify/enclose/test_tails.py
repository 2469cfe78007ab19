"""Sums of c z^m e^(-q): equal to the function at every point of the half line."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import pytest
import sympy as sp
from flint import arb, fmpq

from gradmath.catalogue import activations
from gradmath.catalogue.applied import applied, explicit
from gradmath.verify import balls, oracle
from gradmath.verify.enclose.curve import Curve
from gradmath.verify.enclose.tail_series import on_half_line
from gradmath.verify.enclose.tails import NoTail, Tail, ball

z = sp.Symbol("z", real=True)
SMOOTH = [name for name, entry in activations.items() if entry.expression.free_symbols]


def at(tail, point):
    """The sum at one point of the half line."""
    total = arb(0)
    for (exponent, power), c in tail.terms.items():
        q = sum((ball(d) * arb(point) ** n for n, d in exponent), arb(0))
        total += ball(c) * arb(point) ** power * (-q).exp()
    return total


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize("name", SMOOTH)
def test_the_sum_holds_the_function_and_its_derivatives(name, side):
    expression = applied(activations[name])(z)
    curve = Curve(expression, z)
    ends = [-sp.oo, *curve.breaks, sp.oo]
    formula = curve.piece(*(ends[-2:] if side > 0 else ends[:2]))
    series = on_half_line(formula, z, Fraction(9), side, 3)
    for point in (9, 10.25, 17, 60):
        true = oracle.taylor(explicit(expression), z, {z: side * point}, 2)
        with balls.precision(128):
            for order, answer in enumerate(true):
                said = at(series[order], point) * math.factorial(order)
                assert said.overlaps(answer.arb), (name, order, point)
                if answer.kind == "relative":  # and no guess that holds everything
                    assert said.rad() < abs(answer.arb) * arb("0.1"), (name, order, point)


def tail(terms, start=9):
    return Tail(terms, fmpq(start))


ONE, Z = ((), 0), ((), 1)
DECAY = (((1, sp.Integer(1)),), 0)


@pytest.mark.parametrize("method", ["reciprocal", "exp", "log"])
def test_remainders_are_kept(method):
    """A perturbed constant: what is cut off lies in the balls."""
    x = tail({ONE: sp.Integer(2), DECAY: sp.Integer(100)})
    function = {"reciprocal": lambda y: 1 / y, "exp": arb.exp, "log": arb.log}[method]
    with balls.precision(128):
        made = getattr(x, method)()
        for point in (9, 9.5, 12, 40):
            with balls.precision(400):
                true = function(2 + 100 * arb(-point).exp())
            assert at(made, point).contains(true)
            assert at(made, point).rad() < 1e-4


def test_folding_keeps_the_sum():
    many = {(((1, sp.Rational(n, 4)),), n % 3): sp.Integer(n) for n in range(1, 41)}
    with balls.precision(128):
        whole, folded = tail(many), tail(many) + tail({})
        assert len(folded.terms) < len(whole.terms)
        for point in (9, 10, 25):
            assert at(folded, point).contains(at(whole, point).mid())


def test_signs_limits_and_integrals():
    with balls.precision(128):
        assert tail({Z: sp.Integer(-1), ONE: sp.Integer(8)}).sign() == -1
        with pytest.raises(NoTail):
            tail({Z: sp.Integer(-1), ONE: sp.Integer(10)}).sign()  # positive at 9
        with pytest.raises(NoTail):
            tail({ONE: arb(0, 1)}).sign()
        assert tail({}).sign() == 0
        assert tail({ONE: sp.Integer(3), DECAY: sp.Integer(5)}).limit() == 3
        assert tail({Z: sp.Integer(-1)}).limit() == -sp.oo
        bound = tail({(((1, sp.Integer(1)),), 2): sp.Integer(1)}).integral()
        true = mpmath.quad(lambda t: t**2 * mpmath.exp(-t), [9, mpmath.inf])
        assert bound >= float(true)
        assert bound < 4 * float(true)
        with pytest.raises(NoTail):
            tail({((), -2): sp.Integer(1)}).integral()


def test_a_ball_that_may_be_one_has_a_logarithm_that_may_not_be_zero():
    with balls.precision(128):
        found = tail({ONE: arb(1, "0.1")}).log()
        assert found.total().contains(arb("1.05").log())
        assert found.total().contains(arb("0.95").log())


def test_a_start_too_near_is_refused():
    with balls.precision(128), pytest.raises(NoTail):
        tail({(((1, sp.Integer(1)),), 20): sp.Integer(1)}, 9).total()  # z^20 e^-z rises up to 20
    with balls.precision(128), pytest.raises(NoTail):
        tail({Z: sp.Integer(1), ONE: sp.Integer(-9)}, 9).reciprocal()  # 1/(z - 9) has a pole
