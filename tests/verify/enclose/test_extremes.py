"""Extremes, zeros and Gaussian means: enclosed, with the digits that another way finds."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp
from flint import arb

from gradmath.catalogue import activations
from gradmath.catalogue.applied import applied, explicit
from gradmath.errors import ArgumentTypeError
from gradmath.verify import balls
from gradmath.verify.enclose import NotEnclosed, extremes, moment, roots

z = sp.Symbol("z", real=True)
R = sp.Rational
F = {name: applied(entry)(z) for name, entry in activations.items()}
ORDERS = [(name, order) for name in activations for order in (0, 1, 2)]
_ROUGH = 2.0**-40


def derivative(name, order):
    return F[name].diff(z, order) if order else F[name]


def number(expression):
    """An exact number as a ball, to 55 digits."""
    return arb(str(sp.N(expression, 60))) + arb(0, "1e-55")


def grid(name):
    kinks = [float(point) for point in activations[name].kinks]
    far = [sign * 10.0**n for n in range(1, 7) for sign in (1, -1)]
    beside = [kink + side * _ROUGH for kink in kinks for side in (-1, 0, 1)]
    return [n / 64 for n in range(-768, 769)] + far + beside


@pytest.mark.parametrize(("name", "order"), ORDERS, ids=lambda value: str(value))
def test_no_point_lies_outside_the_range_and_some_come_close(name, order):
    """Against SymPy's derivative in doubles at 1,600 points."""
    found = extremes(derivative(name, order))
    modules = [{"erf": mpmath.erf, "erfc": mpmath.erfc}, "mpmath"]
    function = sp.lambdify(z, explicit(derivative(name, order)), modules=modules)
    values = []
    with mpmath.workdps(30):
        for point in grid(name):
            values.append(float(function(mpmath.mpf(point))))
    for extreme, seen, sign in ((found.least, min(values), -1), (found.greatest, max(values), 1)):
        if extreme.infinite:
            assert abs(seen) > 5e3
            assert extreme.attained is False
            assert extreme.value == (arb.pos_inf() if sign > 0 else arb.neg_inf())
            continue
        bound = float(extreme.value.mid())
        assert float(extreme.value.rad()) <= 1e-30
        assert sign * seen <= sign * bound + 1e-15
        assert abs(seen - bound) < 2e-4
        assert extreme.places
        assert extreme.attained is not None


EXACT = {
    "sigmoid'": (F["sigmoid"].diff(z), R(1, 4), [0]),
    "tanh'": (F["tanh"].diff(z), 1, [0]),
    "sigmoid''": (F["sigmoid"].diff(z, 2), sp.sqrt(3) / 18, [-sp.log(2 + sp.sqrt(3))]),
    "tanh''": (F["tanh"].diff(z, 2), 4 / (3 * sp.sqrt(3)), [-sp.log(2 + sp.sqrt(3)) / 2]),
    "gelu''": (F["gelu"].diff(z, 2), sp.sqrt(2 / sp.pi), [0]),
    "silu''": (F["silu"].diff(z, 2), R(1, 2), [0]),
    "even quartic": (z**2 - z**4, R(1, 4), [-1 / sp.sqrt(2), 1 / sp.sqrt(2)]),
    "flat top": (1 - z**4, 1, [0]),
    "on an interval": (z**2, 9, [3], sp.Interval(-1, 3)),
}


@pytest.mark.parametrize("case", EXACT.values(), ids=EXACT)
def test_known_maxima_and_where_they_are(case):
    expression, value, where, *domain = case
    greatest = extremes(expression, *domain).greatest
    with balls.precision(192):
        assert greatest.value.overlaps(number(value))
        assert greatest.value.rad() < 1e-15
        assert greatest.attained is not False
        assert len(greatest.arguments) == len(where)
        for ball, point in zip(greatest.arguments, where, strict=True):
            assert ball.contains(number(point)) or ball.overlaps(number(point))
            assert ball.rad() < 1e-12
            # a wrong digit in the fifteenth place is outside
            assert not ball.overlaps(number(point) + arb("1e-11"))


def test_digits_of_the_slopes_above_one():
    """Values and places to 15 digits and more, against mpmath's Newton iteration on SymPy's own."""
    for name, guess in (("silu", 2.4), ("gelu", 1.4), ("gelu_tanh", 1.4), ("mish", 1.5)):
        for start, extreme in zip(
            (guess, -2.3 if name == "mish" else -guess),
            (extremes(F[name].diff(z)).greatest, extremes(F[name].diff(z)).least),
            strict=True,
        ):
            with mpmath.workdps(40):
                slope = sp.lambdify(z, explicit(F[name].diff(z)), "mpmath")
                bend = sp.lambdify(z, explicit(F[name].diff(z, 2)), "mpmath")
                root = mpmath.findroot(bend, start)
                digits = [mpmath.nstr(x, 38) for x in (root, slope(root))]
            (ball,) = extreme.arguments
            assert extreme.attained is True
            with balls.precision(192):
                place, value = map(arb, digits)
                assert abs(ball - place) < 1e-30
                assert abs(extreme.value - value) < 1e-30
                assert not ball.contains(place + arb("1e-15"))


def test_bounds_that_are_only_approached():
    softplus = extremes(F["softplus"].diff(z))
    assert softplus.greatest.value == 1
    assert softplus.greatest.attained is False
    assert str(softplus.greatest.places[0]) == "z -> oo"
    selu = extremes(F["selu"].diff(z)).greatest
    assert selu.attained is False
    assert str(selu.places[0]) == "z = 0 from the left"
    far = extremes(1 / (1 + sp.exp(100 - z)))
    assert far.greatest.value == 1
    assert extremes(1 / z, sp.Interval.open(1, sp.oo)).least.value == 0


def test_a_maximum_far_out_is_found_or_said_to_be_beyond_the_budget():
    far = extremes(sp.exp(-((z - 100) ** 2)))
    (place,) = far.greatest.arguments
    assert place.contains(100)
    assert far.greatest.value.contains(1)
    with pytest.raises(NotEnclosed, match="did not suffice"):
        extremes(sp.exp(-((z - 10**6) ** 2)), budget=500)


def test_what_cannot_be_settled_is_said():
    with pytest.raises(NotEnclosed, match="half line"):
        extremes(sp.sin(z))
    with pytest.raises(NotEnclosed, match="did not suffice"):
        extremes(F["log_sigmoid"].diff(z, 2), budget=50)
    with pytest.raises(ArgumentTypeError):
        extremes(z, sp.S.EmptySet)


def test_zeros_are_isolated_and_none_is_missed():
    assert len(roots(F["silu"].diff(z)).balls) == 1
    cubic = roots(z**3 - 2 * z)
    assert [float(ball.mid()) for ball in cubic.balls] == pytest.approx([-(2**0.5), 0, 2**0.5])
    assert cubic.balls[1] == 0
    assert roots(F["sigmoid"]).balls == ()
    (hard,) = roots(sp.Abs(z) - 3, sp.Interval(0, sp.oo)).balls
    assert hard == 3
    far = roots(sp.tanh(z - 10**6))
    assert far.balls[0].contains(10**6)
    assert len(roots(sp.exp(z) - 1 - z + sp.Rational(-1, 10**12)).balls) == 2
    assert len(roots(z * (z - R(1, 10**9)) * (z - 3)).balls) == 3
    at_kink = roots(sp.Max(z - 1, 0) + sp.Max(1 - z, 0) - 0 * z)
    assert [float(ball.mid()) for ball in at_kink.balls] == [1.0]


def test_zeros_that_cannot_be_isolated():
    with pytest.raises(NotEnclosed, match="perhaps a multiple zero"):
        roots((z**2 - 2) ** 2)
    with pytest.raises(NotEnclosed, match="all of"):
        roots(F["relu"].diff(z))
    with pytest.raises(NotEnclosed, match="half line"):
        roots(sp.sin(z))


MEANS = {
    "one": (sp.Integer(1) + 0 * z, 1),
    "fourth power": (z**4, 3),
    "relu^2": (F["relu"] ** 2, R(1, 2)),
    "relu": (F["relu"], 1 / sp.sqrt(2 * sp.pi)),
    "selu": (F["selu"], 0),
    "selu^2": (F["selu"] ** 2, 1),
    "exp": (sp.exp(z), sp.exp(R(1, 2))),
    "gaussian bump": (sp.exp(z**2 / 4), sp.sqrt(2)),
    "erf^2 slope": (sp.erf(z).diff(z), 2 / sp.sqrt(3 * sp.pi)),
    "step at an irrational point": (
        sp.Piecewise((1, z > sp.sqrt(2)), (0, True)),
        sp.erfc(1) / 2,
    ),
    "modulus": (sp.Abs(z - 1), sp.sqrt(2 / sp.pi) * sp.exp(-R(1, 2)) + sp.erf(1 / sp.sqrt(2))),
}


@pytest.mark.parametrize("case", MEANS.values(), ids=MEANS)
def test_means_with_a_closed_form(case):
    found = moment(case[0], z)
    with balls.precision(192):
        assert found.value.contains(number(case[1]))
        assert found.value.rad() < 1e-25
        assert not found.value.contains(number(case[1]) + arb("1e-12"))


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "silu", "gelu", "mish", "softplus", "elu"])
@pytest.mark.parametrize("order", [0, 1])
def test_means_of_squares_against_quadrature(name, order):
    found = moment(derivative(name, order) ** 2)
    with mpmath.workdps(30):
        function = sp.lambdify(z, explicit(derivative(name, order)) ** 2, "mpmath")
        numeric = mpmath.quad(
            lambda t: function(t) * mpmath.npdf(t), [-16, -8, -4, -2, 0, 2, 4, 8, 16]
        )
    assert abs(float(found.value.mid()) - float(numeric)) < 1e-14
    assert found.value.rad() < 1e-25
    assert found.tail < 1e-28


def test_means_that_do_not_exist_or_have_no_tail():
    with pytest.raises(NotEnclosed, match="tail"):
        moment(sp.exp(z**2))
    with pytest.raises(NotEnclosed, match="tail"):
        moment(sp.sin(z))
    with pytest.raises(NotEnclosed):
        moment(1 / z)


def test_the_reference_values():
    slope = F["sigmoid"].diff(z)
    assert moment(slope).value.str(6, radius=False) == "0.206621"
    assert moment(slope**2).value.str(6, radius=False) == "0.0448362"
    tanh = moment(F["tanh"] ** 2).value
    assert (1 / tanh.sqrt()).str(7, radius=False) == "1.592537"
    assert moment(F["selu"].diff(z) ** 2).value.str(6, radius=False) == "1.07157"
