"""Gaussian means as expressions: what is bound, what the oracle encloses, what evalf finds."""

from __future__ import annotations

import pytest
import sympy as sp

from gradmath.catalogue import activations
from gradmath.catalogue.applied import applied
from gradmath.catalogue.gaussian import GaussianMean, Z, quadrature
from gradmath.claims import ball
from gradmath.errors import ArgumentTypeError, EquationError
from gradmath.verify import oracle

q = sp.Symbol("q", positive=True)
tanh, relu, sigmoid = (applied(activations[name]) for name in ("tanh", "relu", "sigmoid"))


def test_the_standard_normal_variable_is_bound():
    mean = GaussianMean(tanh(sp.sqrt(q) * Z) ** 2)
    assert mean.free_symbols == {q}
    assert GaussianMean(Z).free_symbols == set()
    assert mean.subs(q, 4) == GaussianMean(tanh(2 * Z) ** 2)


def test_it_stays_as_it_was_written():
    assert isinstance(GaussianMean(Z), GaussianMean)
    assert isinstance(GaussianMean(sp.S.One), GaussianMean)
    assert str(GaussianMean(Z**2)) == "E[Z**2]"
    assert sp.latex(GaussianMean(Z**2)) == r"\mathbb{E}\left[Z^{2}\right]"
    assert sp.latex(GaussianMean(Z) ** 2) == r"\left(\mathbb{E}\left[Z\right]\right)^{2}"


def test_no_derivative_is_carried_out():
    """Where the integrand has kinks, differentiating inside could be wrong."""
    assert isinstance(GaussianMean(relu(q * Z)).diff(q), sp.Derivative)


@pytest.mark.parametrize(
    ("mean", "value"),
    [
        (GaussianMean(Z**4), 3),
        (GaussianMean(relu(Z) ** 2), sp.Rational(1, 2)),
        (GaussianMean(sp.exp(Z)), sp.sqrt(sp.E)),
        (GaussianMean(sp.Abs(Z - 1)), sp.sqrt(2 / sp.pi / sp.E) + sp.erf(1 / sp.sqrt(2))),
        (GaussianMean(sp.S(7)), 7),
    ],
    ids=str,
)
def test_known_means(mean, value):
    exact = oracle.value(sp.sympify(value)).arb
    assert oracle.value(mean).arb.overlaps(exact)
    assert abs(sp.N(mean, 30) - sp.N(value, 30)) < sp.Rational(1, 10**28)


@pytest.mark.parametrize("name", list(activations))
@pytest.mark.parametrize("order", [0, 1])
def test_quadrature_lies_in_the_oracles_ball(name, order):
    mean = GaussianMean(applied(activations[name])(Z).diff(Z, order) ** 2)
    ball = oracle.value(mean).arb
    assert abs(float(sp.N(mean, 20)) - float(ball.mid())) < 1e-15
    found = oracle.value(sp.N(mean, 30) - mean)
    assert isinstance(found, oracle.Inconclusive) or abs(found.arb) < 1e-24


def test_a_parameter_is_an_exact_number():
    mean, third = GaussianMean(sigmoid(q * Z) * Z), sp.Rational(1, 3)
    by_parts = q * GaussianMean(sigmoid(Z).diff(Z).xreplace({Z: q * Z}))
    found = float(oracle.value(mean, {q: third}))
    assert found == pytest.approx(float(oracle.value(by_parts, {q: third})), rel=1e-15)
    assert found == pytest.approx(float(sp.N(mean.subs(q, third))), rel=1e-15)
    with pytest.raises(EquationError, match="exact numbers"):
        oracle.value(mean, {q: sp.sqrt(2)})
    with pytest.raises(EquationError, match="exact numbers"):
        oracle.taylor(mean, q, {q: 1}, 1)


def test_what_grows_too_fast_is_not_decided():
    found = oracle.value(GaussianMean(sp.exp(Z**2)))
    assert isinstance(found, oracle.Inconclusive)


def test_no_expression_is_refused():
    with pytest.raises(ArgumentTypeError, match="an expression in Z"):
        GaussianMean(sp.Lt(Z, 1))


def test_quadrature_to_the_digits_asked_for():
    assert abs(quadrature(sp.cos(Z), 40) - sp.N(1 / sp.sqrt(sp.E), 45)) < sp.Rational(1, 10**39)


def test_a_sign_is_told_where_the_digits_do_not_suffice_for_a_value():
    """The integral is known to some 25 digits; a small difference of two of them has fewer."""
    mean = GaussianMean(tanh(Z) ** 2)
    near = sp.Rational("0.394294490397841174416")  # the mean to 21 digits
    assert isinstance(oracle.value(mean - near), oracle.Inconclusive)
    assert ball.sign(mean - near, {}) == 1
    assert ball.sign(near - mean, {}) == -1
    assert ball.sign(mean - mean.evalf(40), {}) is None
