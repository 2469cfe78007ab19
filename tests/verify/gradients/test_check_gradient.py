"""check_gradient as a stranger calls it: every kind of argument, kinks, formats, bad input.

Whether right and wrong gradients are told apart is the business of the table in test_twins.
"""

from __future__ import annotations

import decimal
import math

import array_api_strict as strict
import numpy as np
import pytest
import sympy as sp
from scipy.special import expit

import gradmath as gm
from gradmath.errors import (
    ArgumentTypeError,
    EquationError,
    GradmathError,
    UnknownNameError,
    ValueRangeError,
    VerificationError,
)

z = sp.Symbol("z", real=True)
RNG = np.random.Generator(np.random.PCG64(7))
X, Y = RNG.normal(size=(5, 3)), RNG.normal(size=5)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def squares(w):
    return np.mean((X @ w - Y) ** 2)


def slope_of_squares(w):
    return 2 * X.T @ (X @ w - Y) / len(Y)


def status(*args, **options):
    return gm.check_gradient(*args, **options).status


def only(report):
    (row,) = [row for row in report.rows if row.status != "passed"]
    return row


# -- kinds of function and gradient -----------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "gradient", "wrt"),
    [
        (sp.tanh(z), 1 - sp.tanh(z) ** 2, z),
        (sp.tanh(z), "1 - tanh(z)**2", "z"),
        ("tanh(z)", 1 - sp.tanh(sp.Symbol("z")) ** 2, None),
        ("tanh(z)", lambda z: 1 - np.tanh(z) ** 2, "z"),
        (lambda z: np.tanh(z), "1 - tanh(z)**2", "z"),
        (np.tanh, lambda x: 1 / np.cosh(x) ** 2, None),
        (math.tanh, lambda x: 1 - math.tanh(x) ** 2, None),
        (gm.tanh, gm.tanh.derivative, None),
        (gm.leaky_relu, gm.leaky_relu.derivative, None),
        (lambda x: gm.elu(x, alpha=2.0), lambda x: gm.elu.derivative(x, alpha=2.0), None),
        ("a = tanh(z); L = a**2", "2*a*(1 - a**2)", "z"),
        ([("a", "tanh(z)"), ("L", "a**2")], {"z": "2*a*(1 - a**2)", "a": "2*a"}, None),
        ({"L": sp.exp(2 * z)}, {"z": 2 * sp.exp(2 * z)}, None),
        ("w*x + b", {"w": "x", "b": 1, "x": "w"}, None),
        ("w*x + b", ["x", 1], ["w", "b"]),
        (lambda w, x: w * x, lambda w, x: (x, w), ["w", "x"]),
        (lambda w, x: w * x, lambda w, x: {"x": w, "w": x}, ["w", "x"]),
        (lambda w, x: w * x, {"w": lambda x: x, "x": lambda w: w}, None),
        (expit, lambda x: expit(x) * expit(-x), None),
    ],
)
def test_every_kind_of_function_and_gradient(function, gradient, wrt):
    gm.check_gradient(function, gradient, wrt).require()


def test_a_derivation_gives_its_equations():
    d = gm.derive([("z", "w*x + b"), ("a", "sigmoid(z)"), ("L", "(a - y)**2")], wrt=["w", "b"])
    gm.check_gradient(d, dict(d.gradient)).require()
    assert status(d, {"w": d.gradient["w"] / 2}) == "failed"


def test_arrays_by_shape_and_by_value():
    gm.check_gradient(squares, slope_of_squares, shapes={"w": (3,)}).require()
    gm.check_gradient(squares, slope_of_squares, at={"w": np.ones(3)}).require()
    gm.check_gradient(squares, slope_of_squares, at=np.ones(3)).require()
    assert status(squares, lambda w: slope_of_squares(w) * 5, shapes={"w": (3,)}) == "failed"


def test_arguments_that_are_held():
    def loss(w, x, y):
        return np.mean((x @ w - y) ** 2)

    def gradient(w, x, y):
        return 2 * x.T @ (x @ w - y) / len(y)

    at = {"w": np.ones(3), "x": X, "y": Y}
    report = gm.check_gradient(loss, gradient, "w", at=at).require()
    assert "x as given" in report.rows[0].domain


@pytest.mark.parametrize("make", [lambda W, b: [W, b], lambda W, b: {"W": W, "b": b}])
def test_trees_of_parameters(make):
    def parts(params):
        return params.values() if isinstance(params, dict) else params

    def loss(params):
        W, b = parts(params)
        return np.sum(np.tanh(X @ W.T + b) ** 2)

    def gradient(params, scale=1.0):
        W, b = parts(params)
        t = np.tanh(X @ W.T + b)
        delta = 2 * t * (1 - t**2)
        return make(delta.T @ X, scale * delta.sum(axis=0))

    params = make(RNG.normal(size=(2, 3)), RNG.normal(size=2))
    gm.check_gradient(loss, gradient, at={"params": params}).require()
    report = gm.check_gradient(loss, lambda params: gradient(params, 1.0001), at={"params": params})
    assert report.status == "failed"


def test_other_array_libraries():
    def loss(x):
        return strict.sum(strict.tanh(x) ** 2)

    def gradient(x):
        return 2 * strict.tanh(x) * (1 - strict.tanh(x) ** 2)

    gm.check_gradient(loss, gradient, shapes={"x": (3,)}).require()
    assert status(loss, lambda x: gradient(x) + 1e-3, shapes={"x": (3,)}) == "failed"


def test_code_that_insists_on_machine_numbers():
    def loss(x):
        x = np.asarray(x, dtype=np.float64)
        kept = np.zeros_like(x)
        kept[x > 0] = x[x > 0]
        return float(np.sum(kept**2) + math.exp(x[0]))

    def gradient(x):
        return 2 * np.maximum(x, 0) + np.array([math.exp(x[0]), 0.0])

    gm.check_gradient(loss, gradient, shapes={"x": (2,)}).require()


# -- values and shapes ------------------------------------------------------------------------


def test_values_for_each_entry_and_each_sample():
    gm.check_gradient(np.tanh, lambda x: 1 - np.tanh(x) ** 2, shapes={"x": (2, 3)}).require()

    def losses(w, x):
        return np.tanh(x @ w)

    def jacobian(w, x):
        return (1 - np.tanh(x @ w) ** 2)[:, None] * x

    at = {"w": np.ones(3), "x": X}
    gm.check_gradient(losses, jacobian, "w", at=at).require()
    total = gm.check_gradient(losses, lambda w, x: jacobian(w, x).sum(0), "w", at=at)
    assert total.status == "inconclusive"
    assert "reduction" in total.rows[0].note
    for reduction, factor in (("sum", 1), ("mean", 1 / 5)):
        gm.check_gradient(
            losses, lambda w, x, f=factor: f * jacobian(w, x).sum(0), "w", at=at,
            reduction=reduction,
        ).require()  # fmt: skip


def test_values_that_hang_together_are_not_taken_entry_by_entry():
    def softmax(x):
        e = np.exp(x - np.max(x))
        return e / np.sum(e)

    diagonal = gm.check_gradient(softmax, lambda x: softmax(x) * (1 - softmax(x)), at=np.ones(3))
    assert diagonal.status == "inconclusive"
    gm.check_gradient(
        softmax, lambda x: np.diag(softmax(x)) - np.outer(softmax(x), softmax(x)), at=np.ones(3)
    ).require()


def test_a_wrong_shape_fails():
    row = only(gm.check_gradient(squares, lambda w: slope_of_squares(w)[:2], shapes={"w": (3,)}))
    assert row.method == "shape"

    def loss(W):
        return np.sum((X @ W.T) ** 2)

    report = gm.check_gradient(loss, lambda W: (2 * (X @ W.T).T @ X).T, shapes={"W": (2, 3)})
    assert "transposed" in only(report).note


# -- second order -----------------------------------------------------------------------------


def test_second_derivatives():
    gm.check_gradient("z**3", "6*z", order=2).require()
    assert status("z**3", "3*z", order=2) == "failed"
    mixed = {("w", "x"): "exp(w*x)*(1 + w*x)", "w": "x**2*exp(w*x)"}
    gm.check_gradient("exp(w*x)", mixed, order=2).require()

    def loss(x):
        return np.sum(np.sin(x)) * x[0]

    def hessian(x, slip=0.0):
        H = np.diag(-np.sin(x) * x[0])
        H[0, :] += np.cos(x)
        H[:, 0] += np.cos(x)
        H[1, 0] += slip
        return H

    gm.check_gradient(loss, hessian, shapes={"x": (3,)}, order=2).require()
    assert status(loss, lambda x: hessian(x, 1e-4), shapes={"x": (3,)}, order=2) == "failed"
    gm.check_gradient(np.sin, lambda x: -np.sin(x), shapes={"x": (4,)}, order=2).require()


# -- magnitudes -------------------------------------------------------------------------------


def test_a_claimed_zero_never_passes_for_a_small_slope():
    assert status("x*10**-300", "0") == "failed"
    assert status(lambda x: 1e-300 * x, lambda x: 0.0 * x) == "failed"
    gm.check_gradient(lambda x: 1e-300 * x, lambda x: 1e-300).require()
    row = only(gm.check_gradient("sigmoid(z)", 0, domain=(600, 700)))
    assert row.got == "0"


def test_a_small_relative_mistake_fails_at_every_size():
    for factor in (1, 1e-150, 1e150):
        function, gradient = (
            (lambda x, f=factor: f * np.sin(x)),
            (lambda x, f=factor: f * np.cos(x)),
        )
        gm.check_gradient(function, gradient, domain=(-3, 3)).require()
        assert status(function, lambda x, g=gradient: 1.0001 * g(x), domain=(-3, 3)) == "failed"


def test_one_wrong_entry_of_many_fails():
    def loss(w):
        return np.sum(np.tanh(w) ** 2)

    def gradient(w, slip=0.0):
        found = 2 * np.tanh(w) * (1 - np.tanh(w) ** 2)
        found[311] *= 1 + slip
        return found

    gm.check_gradient(loss, gradient, shapes={"w": (400,)}, count=3).require()
    report = gm.check_gradient(loss, lambda w: gradient(w, 1e-4), shapes={"w": (400,)}, count=3)
    assert "entry [311]" in only(report).where


# -- rounding ---------------------------------------------------------------------------------


def test_a_right_formula_is_not_blamed_for_its_rounding_unless_that_is_asked():
    report = gm.check_gradient(sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z)), "x").require()
    assert any("lost to rounding" in row.note for row in report.rows)
    demanding = gm.check_gradient(sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z)), rtol=1e-9)
    assert demanding.status == "failed"
    gm.check_gradient(gm.sigmoid, gm.sigmoid.derivative, rtol=1e-14).require()


@pytest.mark.parametrize(
    ("dtype", "off"), [("float16", 1.2), ("float32", 1.001), ("float64", 1.0001)]
)
def test_a_mistake_in_one_format_only(dtype, off):
    def slope(x):
        found = 1 - np.tanh(x) ** 2
        return found * off if getattr(x, "dtype", None) == np.dtype(dtype) else found

    gm.check_gradient(np.tanh, lambda x: 1 - np.tanh(x) ** 2, dtypes=[dtype]).require()
    row = only(gm.check_gradient(np.tanh, slope, dtypes=["float16", "float32", "float64"]))
    assert row.method == f"numbers in {dtype}"


# -- kinks and branches -----------------------------------------------------------------------


def test_any_value_between_the_sides_is_right_at_a_kink():
    for at_zero in (0, sp.Rational(1, 2), 1):
        claim = sp.Piecewise((1, z > 0), (at_zero, sp.Eq(z, 0)), (0, True))
        report = gm.check_gradient(sp.Max(z, 0), claim, z).require()
        assert any("kink" in row.method for row in report.rows)
    outside = sp.Piecewise((1, z > 0), (2, sp.Eq(z, 0)), (0, True))
    assert status(sp.Max(z, 0), outside, z) == "failed"


def test_a_claim_without_a_value_at_the_kink_is_right_beside_it():
    gm.check_gradient("abs(x)", "x/abs(x)").require()
    assert status("abs(x)", "-x/abs(x)") == "failed"


def test_smooth_where_the_branches_meet():
    gm.check_gradient(z * sp.Abs(z), 2 * sp.Abs(z), z).require()
    gm.check_gradient("abs(x)**3", "3*x*abs(x)").require()


def test_a_wrong_threshold_is_found_wherever_it_is():
    def hinge(x):
        return np.where(x > 5.1234, (x - 5.1234) ** 2, 0.0)

    def slope(x, at=5.1234):
        return np.where(x > at, 2 * (x - 5.1234), 0.0)

    gm.check_gradient(hinge, slope).require()
    assert status(hinge, lambda x: slope(x, 5.1235)) == "failed"


def test_a_branch_that_is_not_used_may_be_undefined():
    def safe_log(x):
        return np.where(x > 0.5, np.log(x), 0 * x)

    gm.check_gradient(safe_log, lambda x: np.where(x > 0.5, 1 / x, 0.0)).require()
    wrong = gm.check_gradient(safe_log, lambda x: np.where(x > 0.5, 1 / x, 1e-5))
    assert wrong.status == "failed"


# -- domains ----------------------------------------------------------------------------------


def test_domains():
    gm.check_gradient("log(x)", "1/x").require()  # what lies outside is left out, and said
    gm.check_gradient("abs(x)", "1", domain=(0, None)).require()
    gm.check_gradient("abs(x)", 1, domain={"x": (0, 5)}).require()
    assert status("abs(x)", "1", domain=(-1e-300, 1)) == "failed"
    gm.check_gradient("abs(x)", "x/abs(x)", domain=sp.Interval(-2, 3)).require()
    both = sp.Union(sp.Interval(-2, -1), sp.Interval(1, 2))
    assert status("abs(x)", "1", domain=both) == "failed"
    positive = sp.Symbol("p", positive=True)
    gm.check_gradient(sp.log(positive), 1 / positive, positive).require()


def test_points_that_are_given_come_first():
    report = gm.check_gradient("x**2", lambda x: 2 * x if x != 0.3 else 0.0, at={"x": 0.3})
    assert report.status == "failed"
    assert "0.3" in report.rows[0].where


# -- code that cannot be traced ---------------------------------------------------------------


def cube(x):
    return float(decimal.Decimal(float(x)) ** 3)


def test_differences_where_nothing_else_is_possible():
    report = gm.check_gradient(cube, lambda x: 3 * x**2, domain=(1, 3)).require()
    assert "cannot be traced" in report.rows[0].note
    assert status(cube, lambda x: 3.0003 * x**2, domain=(1, 3)) == "failed"


def test_undecided_is_no_pass():
    report = gm.check_gradient(lambda x: float(decimal.Decimal(float(x)) * 0 + 1), lambda x: 0.0)
    assert report.status == "inconclusive"


def test_a_claim_that_cannot_be_traced_is_judged_by_its_numbers():
    def slope(x):
        return float(decimal.Decimal(float(x)) ** 2 * 3)

    gm.check_gradient("x**3", slope, domain=(-9, 9)).require()
    assert status("x**3", lambda x: 1.0001 * slope(x), domain=(-9, 9)) == "failed"


def test_a_call_that_raises_fails():
    def slope(x):
        raise RuntimeError("no")

    report = gm.check_gradient("x**3", slope)
    assert report.status == "failed"
    assert "RuntimeError" in repr(report)


# -- the report -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "gradient", "wrt", "word"),
    [
        ("(w*x - y)**2", "2*(w*x - y)", "w", "the factor x lost [lost-factor]"),
        ("(w*x - y)**2", "-2*(w*x - y)*x", "w", "the sign flipped [flipped-sign]"),
        ("(w*x - y)**2", "(w*x - y)*x", "w", "the factor 2 lost [lost-factor]"),
        ("tanh(w*x)", "x", "w", "[dropped-chain-factor]"),
        ("tanh(w*x)", "x*(1 - tanh(x)**2)", "w", "[wrong-place]"),
        ("tanh(z)", "1 - tanh(z)", "z", ""),
    ],
)
def test_the_mistake_is_named(function, gradient, wrt, word):
    assert word in only(gm.check_gradient(function, gradient, wrt)).note


def test_a_missing_mean_and_a_transposed_matrix_are_named():
    report = gm.check_gradient(squares, lambda w: 5 * slope_of_squares(w), at={"w": np.ones(3)})
    assert "times 5" in only(report).note or "factor 5" in only(report).note

    def loss(W, x):
        return np.sum(np.tanh(x @ W.T))

    def gradient(W, x):
        return ((1 - np.tanh(x @ W.T) ** 2).T @ x).T

    at = {"W": RNG.normal(size=(3, 3)), "x": X}
    assert "[transposed]" in only(gm.check_gradient(loss, gradient, "W", at=at)).note


def test_require_names_point_and_values():
    with pytest.raises(VerificationError) as caught:
        gm.check_gradient("(w*x - y)**2", "2*(w*x - y)", "w").require()
    first, row, *rest = str(caught.value).splitlines()
    assert first == "gradient of f: failed"
    assert row.startswith("  df/dw [")
    words = [line.split()[0] for line in rest]
    assert words[:4] == ["at", "got", "expected", "worst"]
    assert "    the gradient is that with the factor x lost [lost-factor]" in rest
    assert max(map(len, rest)) < 200


def test_two_calls_agree():
    one, two = (gm.check_gradient(squares, slope_of_squares, at=np.ones(3)) for _ in range(2))
    assert one.to_json() == two.to_json()


# -- bad input --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: gm.check_gradient("x + y", "1"), ArgumentTypeError),
        (lambda: gm.check_gradient("5*x - 5*x", "0"), ArgumentTypeError),
        (lambda: gm.check_gradient("x", "1", "q"), UnknownNameError),
        (lambda: gm.check_gradient("x", "q", "x"), UnknownNameError),
        (lambda: gm.check_gradient("x", "1", "x", {"q": (0, 1)}), UnknownNameError),
        (lambda: gm.check_gradient("x", "1", "x", (1, 0)), ValueRangeError),
        (lambda: gm.check_gradient("x", "1", "x", "everywhere"), ArgumentTypeError),
        (lambda: gm.check_gradient("x", "1", order=3), ValueRangeError),
        (lambda: gm.check_gradient("x", "1", rtol=-1), ValueRangeError),
        (lambda: gm.check_gradient("x", "1", reduction="max"), UnknownNameError),
        (lambda: gm.check_gradient("x", "1", at={"x": float("nan")}), ValueRangeError),
        (lambda: gm.check_gradient("x", "1", at={"q": 1.0}), UnknownNameError),
        (lambda: gm.check_gradient("x", "1", dtypes=["int8"]), UnknownNameError),
        (lambda: gm.check_gradient(lambda x: x, lambda x: x, at=np.ones(0)), ValueRangeError),
        (lambda: gm.check_gradient(lambda x: x, lambda x: x, shapes={"y": (2,)}), UnknownNameError),
        (lambda: gm.check_gradient("import os", "1"), EquationError),
        (lambda: gm.check_gradient(3, "1"), ArgumentTypeError),
        (lambda: gm.check_gradient("x*y", {"x": "y"}, ["x", "y"]), UnknownNameError),
        (lambda: gm.check_gradient("x", True), ArgumentTypeError),
        (lambda: gm.check_gradient("x*y", ["y"], ["x", "y"]), ArgumentTypeError),
    ],
)
def test_bad_arguments_say_what_is_wrong(call, error):
    with pytest.raises(error) as caught:
        call()
    assert isinstance(caught.value, GradmathError)
    assert caught.value.argument
