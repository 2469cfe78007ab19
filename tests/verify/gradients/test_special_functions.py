"""Special functions of SymPy and SciPy: in balls where Arb has them, else by mpmath."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
import scipy.special as scs
import sympy as sp
from flint import arb

import gradmath as gm
from gradmath.verify import balls
from gradmath.verify.gradients.rules import RULES
from gradmath.verify.gradients.special_rules import OF_TWO, SPECIAL

x = sp.Symbol("x", real=True)
OFF = sp.Rational(10001, 10000)

HEADS = [
    sp.besselj(2, x), sp.bessely(0, x), sp.besseli(1, x), sp.besselk(0, x), sp.gamma(x),
    sp.loggamma(x), sp.digamma(x), sp.polygamma(2, x), sp.zeta(3, x), sp.airyai(x),
    sp.airybiprime(x), sp.LambertW(x), sp.LambertW(x, -1), sp.erfi(x), sp.erfinv(x), sp.E1(x),
    sp.expint(3, x), sp.Si(x), sp.Ci(x), sp.Shi(x), sp.Chi(x), sp.Ei(x), sp.li(x), sp.fresnels(x),
    sp.polylog(2, x), sp.uppergamma(3, x), sp.factorial(x), sp.beta(x, 2), sp.atan2(x, 2),
    sp.asec(x), sp.erf2(1, x),
]  # fmt: skip


@pytest.mark.parametrize("function", HEADS, ids=str)
def test_heads_with_balls(function):
    gradient = function.diff(x)
    report = gm.check_gradient(function, gradient, x, domain=(-9, 9)).require()
    assert not any("mpmath" in row.method for row in report.rows)
    assert gm.check_gradient(function, OFF * gradient, x, domain=(-9, 9)).status == "failed"


def test_a_derivative_that_sympy_leaves_standing_has_values():
    zeta = sp.zeta(x)
    gm.check_gradient(zeta, zeta.diff(x), x, domain=(2, 4)).require()
    inner = sp.zeta(x**2 + 2)
    gm.check_gradient(inner, inner.diff(x), x, domain=(0, 2)).require()
    assert gm.check_gradient(zeta, -zeta.diff(x), x, domain=(2, 4)).status == "failed"


def test_constants_are_exact():
    gm.check_gradient(x * sp.sech(2), 1 / sp.cosh(2), x).require()
    gm.check_gradient(x * sp.gamma(sp.Rational(1, 3)), sp.gamma(sp.Rational(1, 3)), x).require()


def test_what_arb_has_no_function_of_is_asked_of_mpmath_and_the_row_says_so():
    function = sp.elliptic_k(x)
    report = gm.check_gradient(function, function.diff(x), x, domain=(-3, sp.Rational(1, 2)))
    row = report.require().rows[-1]
    assert row.method == "the definition in ball arithmetic and mpmath, swept back"
    assert "no ball encloses the value" in row.note
    wrong = gm.check_gradient(function, OFF * function.diff(x), x, domain=(-3, 0))
    assert wrong.status == "failed"
    # a mistake is looked for on this tape too
    k = sp.Symbol("k")
    of_all = gm.check_gradient(sp.Sum(x**k, (k, 0, 5)), sp.Sum(x ** (k - 1), (k, 0, 5)), x)
    assert of_all.status == "failed"


def test_an_imaginary_claim_has_no_real_value_and_never_passes():
    for function, claim in ((x**2, sp.I * x), (sp.I * x, sp.I)):
        assert gm.check_gradient(function, claim, x).status != "passed"


def test_without_a_domain_mpmath_is_asked_near_0_only():
    function = sp.elliptic_e(x)
    report = gm.check_gradient(function, function.diff(x), x).require()
    assert "[-16, 16]" in report.rows[-1].domain


def test_a_derivative_by_an_order_is_asked_of_mpmath():
    n = sp.Symbol("n", real=True)
    report = gm.check_gradient(sp.besselj(n, 2), 0, n, domain=(1, 2))
    assert report.status == "failed"
    assert "derivatives by a parameter" in report.rows[-1].note


def test_what_has_no_values_is_inconclusive_with_the_reason():
    f = sp.Function("f")
    for function, gradient in ((f(x) * x, f(x)), (x**2, f(x))):
        report = gm.check_gradient(function, gradient, x)
        assert report.status == "inconclusive"
        assert "f(x)" in report.rows[0].note


def test_second_derivatives():
    for function in (sp.besselj(1, x), sp.gamma(x), sp.Si(x), sp.airyai(x), sp.erfinv(x)):
        claim = function.diff(x, 2)
        gm.check_gradient(function, claim, x, domain=(0, 1), order=2).require()
        wrong = gm.check_gradient(function, OFF * claim, x, domain=(0, 1), order=2)
        assert wrong.status == "failed"


# -- scipy ------------------------------------------------------------------------------------

SCIPY = {
    "j0": (scs.j0, lambda x: -scs.j1(x)),
    "y0": (scs.y0, lambda x: -scs.y1(x)),
    "jv": (lambda x: scs.jv(2, x), lambda x: (scs.jv(1, x) - scs.jv(3, x)) / 2),
    "i0": (scs.i0, scs.i1),
    "i0e": (scs.i0e, lambda x: scs.i1e(x) - np.sign(x) * scs.i0e(x)),
    "k0": (scs.k0, lambda x: -scs.k1(x)),
    "gamma": (scs.gamma, lambda x: scs.gamma(x) * scs.psi(x)),
    "psi": (scs.digamma, lambda x: scs.polygamma(1, x)),
    "zeta": (lambda x: scs.zeta(3.0, x), lambda x: -3 * scs.zeta(4.0, x)),
    "erfinv": (scs.erfinv, lambda x: math.sqrt(math.pi) / 2 * np.exp(scs.erfinv(x) ** 2)),
    "dawsn": (scs.dawsn, lambda x: 1 - 2 * x * scs.dawsn(x)),
    "expi": (scs.expi, lambda x: np.exp(x) / x),
    "expn": (lambda x: scs.expn(2, x), lambda x: -scs.expn(1, x)),
    "sici": (lambda x: scs.sici(x)[0], lambda x: np.sin(x) / x),
    "airy": (lambda x: scs.airy(x)[0], lambda x: scs.airy(x)[1]),
    "gammainc": (
        lambda x: scs.gammainc(2, x), lambda x: x * np.exp(-x),
    ),
    "spence": (scs.spence, lambda x: np.log(x) / (1 - x)),
    "ndtri": (scs.ndtri, lambda x: math.sqrt(2 * math.pi) * np.exp(scs.ndtri(x) ** 2 / 2)),
    "entr": (scs.entr, lambda x: -np.log(x) - 1),
    "lambertw": (
        lambda x: scs.lambertw(x).real,
        lambda x: scs.lambertw(x).real / (x * (1 + scs.lambertw(x).real)),
    ),
    "arctan2": (lambda x: np.arctan2(x, 2.0), lambda x: 2 / (4 + x**2)),
    "math.atan2": (lambda x: math.atan2(x, 2.0), lambda x: 2 / (4 + x**2)),
    "huber": (lambda x: scs.huber(1.0, x), lambda x: np.clip(x, -1, 1)),
}  # fmt: skip


@pytest.mark.parametrize("name", SCIPY)
def test_functions_of_scipy(name):
    function, gradient = SCIPY[name]
    domain = (0.05, 0.9)
    report = gm.check_gradient(function, gradient, domain=domain).require()
    assert not any("cannot be traced" in row.note for row in report.rows)
    wrong = gm.check_gradient(function, lambda x: 1.0001 * gradient(x), domain=domain)
    assert wrong.status == "failed"


# -- the rules themselves ---------------------------------------------------------------------


@pytest.mark.parametrize("rule", SPECIAL, ids=lambda rule: rule.name)
def test_slopes_are_those_of_the_values(rule):
    """A central difference of the balls, and the derivative along a series, against the slope."""
    first = {"expn": 2, "polygamma": 1, "zeta": 3, "polylog": 2}.get(rule.name, 1)
    start = -0.25 if rule.name == "lambertw_lower" else 3 if rule.name == "riemann" else 0.25
    with balls.precision(600, 2):
        h = arb(2) ** -150
        at = [balls.exact(first)] * (rule.name in OF_TWO)
        ends = [balls.real(rule.value([*at, arb(start) + s * h])) for s in (1, -1)]
        values = [*at, balls.exact(start)]
        slope = balls.real(rule.slopes(values, rule.value(values))[-1].find()
                           if rule.name == "zeta" else rule.slopes(values, None)[-1])  # fmt: skip
        assert abs((ends[0] - ends[1]) / (2 * h) - slope) < abs(slope) * arb(2) ** -250
        along = balls.coefficients(rule.value([*at, balls.variable(start, 2)]), 2)[1]
        assert abs(balls.real(along) - slope) < abs(slope) * arb(2) ** -250


def test_values_are_mpmaths():
    for name, ours in (("si", mpmath.si), ("psi", mpmath.psi), ("erfi", mpmath.erfi)):
        with balls.precision(128):
            found = float(RULES[name].value([balls.exact(0.75)]).mid())
        expected = ours(0, 0.75) if name == "psi" else ours(0.75)
        assert found == pytest.approx(float(expected), rel=1e-15)
