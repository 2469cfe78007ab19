"""Catalogue entries as callables: what goes in comes out, of the same kind."""

from __future__ import annotations

import math

import array_api_strict as strict
import numpy as np
import pytest
import sympy as sp

import gradmath as gm
from gradmath.errors import GradmathError

ACTIVATIONS = list(gm.activations)
X = np.array([-700.0, -30.0, -1.5, -1e-300, 0.0, 1e-300, 0.7, 25.0, 700.0, 1e300, -1e300])
Z = sp.Symbol("z", real=True)


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("order", [0, 1, 2])
def test_kind_type_and_shape_are_kept(name: str, order: int) -> None:
    f = gm.activations[name]
    for dtype in ("float16", "float32", "float64"):
        x = np.linspace(-4, 4, 6, dtype=dtype).reshape(2, 3)
        got = f.derivative(x, order=order)
        assert type(got) is np.ndarray
        assert got.dtype == x.dtype
        assert got.shape == x.shape
    assert f.derivative(np.arange(3), order=order).dtype == np.float64
    assert type(f.derivative(0.5, order=order)) is float
    assert type(f.derivative(1, order=order)) is float
    assert type(f.derivative(np.float32(0.5), order=order)) is np.float32
    assert isinstance(f.derivative(Z, order=order), sp.Expr)
    on_device = f.derivative(strict.asarray(X, device=strict.Device("device1")), order=order)
    assert on_device.device == strict.Device("device1")
    assert on_device.dtype == strict.float64


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_infinities_give_the_limits_and_nan_gives_nan(name: str) -> None:
    f = gm.activations[name]
    low, high = (float(sp.N(limit.subs(f.entry.defaults))) for limit in f.entry.limits)
    got = f(np.array([-math.inf, math.inf, math.nan]))
    np.testing.assert_allclose(got[:2], [low, high], rtol=1e-15)
    assert math.isnan(got[2])
    for order in (1, 2):
        slopes = f.derivative(np.array([-math.inf, math.inf, math.nan]), order=order)
        assert np.isfinite(slopes[:2]).all()
        assert math.isnan(slopes[2])
        plain = f.derivative(strict.asarray([math.inf, math.nan]), order=order)
        assert bool(strict.isnan(plain[1]))
        assert not bool(strict.isnan(plain[0]))


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("order", [0, 1, 2])
def test_no_nan_and_no_warning_from_finite_numbers(name: str, order: int) -> None:
    f = gm.activations[name]
    for dtype in (np.float64, np.float32):
        info = np.finfo(dtype)
        x = np.concatenate([X, [info.max, -info.max, info.tiny, info.smallest_subnormal]])
        # selu(max) is beyond the range: there an overflow is the answer
        x = np.clip(x, -info.max / 2, info.max / 2).astype(dtype)
        with np.errstate(over="raise", divide="raise", invalid="raise"):
            assert np.isfinite(f.derivative(x, order=order)).all()


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_sympy_in_gives_the_definition_and_its_declared_derivatives(name: str) -> None:
    f = gm.activations[name]
    q = sp.Symbol("q", real=True)
    values = f.entry.defaults
    assert f(q) == f.entry.definition.subs({f.entry.variable: q, **values}, simultaneous=True)
    for k, point in enumerate([sp.Rational(-7, 4), sp.Rational(1, 3), sp.Integer(5)]):
        for order in (1, 2):
            exact = float(sp.N(f.derivative(q, order=order).subs(q, point), 30))
            got = f.derivative(float(point), order=order)
            assert math.isclose(got, exact, rel_tol=1e-13, abs_tol=1e-300), (k, order)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_kinks_return_what_is_declared(name: str) -> None:
    f = gm.activations[name]
    for point, kink in f.entry.kinks.items():
        where = float(point.subs(f.entry.defaults))
        expected = float(kink.returned.subs(f.entry.defaults))
        assert math.isclose(f.derivative(where, order=kink.order), expected, abs_tol=1e-15)


def test_parameters_go_by_name_or_position() -> None:
    assert gm.leaky_relu(-2.0, negative_slope=0.2) == -0.4
    assert gm.leaky_relu(-2.0, 0.2) == -0.4
    assert gm.leaky_relu.derivative(-2.0, negative_slope=0.2) == 0.2
    assert gm.elu(sp.Symbol("q", real=True), alpha=sp.Symbol("c", positive=True)).free_symbols


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: gm.sigmoid(np.array([])), "x: got an empty"),
        (lambda: gm.sigmoid([]), "x: got an empty"),
        (lambda: gm.sigmoid("1"), "x: got str"),
        (lambda: gm.sigmoid(None), "x: got NoneType"),
        (lambda: gm.sigmoid(True), "truth"),
        (lambda: gm.sigmoid(1j), "complex"),
        (lambda: gm.sigmoid(np.array([1j])), "complex"),
        (lambda: gm.sigmoid(np.array([True])), "bool"),
        (lambda: gm.sigmoid(1.0, 2.0), "1 parameters"),
        (lambda: gm.elu(1.0, alpha=-1), r"alpha.*\(0, oo\)"),
        (lambda: gm.elu(1.0, alpha=math.nan), "alpha"),
        (lambda: gm.elu(1.0, alpha="1"), "alpha"),
        (lambda: gm.elu(1.0, beta=1), "did you mean|alpha"),
        (lambda: gm.sigmoid.derivative(1.0, order=-1), "order"),
        (lambda: gm.sigmoid.derivative(1.0, order=1.5), "order"),
        (lambda: gm.sigmoid.derivative(1.0, order=99), "order"),
        (lambda: gm.activations["sigmod"], "did you mean 'sigmoid'"),
        (lambda: gm.sigmod, "did you mean 'sigmoid'"),
        (lambda: gm.losses["hubert"], "did you mean 'huber'"),
        (lambda: gm.squared_error(np.ones((3, 1)), np.ones(3)), "target: got shape"),
        (lambda: gm.squared_error([1.0], [1.0], reduction="avg"), "reduction"),
        (lambda: gm.squared_error(np.ones(2), strict.ones(2)), "prediction and target"),
        (lambda: gm.huber(1.0, 0.0, delta=0), "delta"),
        (lambda: gm.softmax_cross_entropy([1.0, 2.0], [0]), "prediction"),
        (lambda: gm.softmax_cross_entropy([[1.0, 2.0]], [2]), "class 2"),
        (lambda: gm.softmax_cross_entropy([[1.0, 2.0]], [[1.0]]), "target"),
        (lambda: gm.clip_by_value(1.0, 2.0, 1.0), "low <= high"),
        (lambda: gm.clip_by_value(math.nan, 0.0, 1.0), "NaN"),
        (lambda: gm.clip_by_norm(np.array([1.0, math.inf]), 1.0), "inf"),
        (lambda: gm.clip_by_norm([], 1.0), "empty"),
        (lambda: gm.clip_by_norm([1.0], 0.0), "max_norm"),
        (lambda: gm.l2([1.0], -1.0), "strength"),
        (lambda: gm.Network(0, [gm.Dense(1)]), "inputs"),
        (lambda: gm.Network(1, []), "layers"),
        (lambda: gm.Network(1, [3]), r"layers\[0\]"),
        (lambda: gm.Dense(2, "sigmod"), "did you mean 'sigmoid'"),
        (lambda: gm.Dense(2.5), "size"),
        (lambda: gm.Dense(2, residual=1), "residual: got 1"),
        (
            lambda: gm.Network(3, [gm.Dense(3), gm.Dense(2, gm.tanh, residual=True)]),
            r"layers\[1\]: got Dense\(2, tanh, residual=True\) where 3 values come in; allowed: 3",
        ),
        (lambda: gm.Network(1, [gm.Dense(2, residual=True)]), r"layers\[0\]: .* 1 values come in"),
        (lambda: gm.Network(1, [gm.Dense(1)], loss="softmax_cross_entropy"), "at least 2"),
        (lambda: gm.Network(1, [gm.Dense(1)]).init(scheme="xaver"), "did you mean 'xavier'"),
        (lambda: gm.Network(1, [gm.Dense(1)]).init(seed=-1), "seed"),
        (lambda: gm.Network(1, [gm.Dense(1)]).init(dtype="int32"), "dtype"),
    ],
)
def test_bad_input_is_named(call, word: str) -> None:  # type: ignore[no-untyped-def]  # a lambda
    with pytest.raises(GradmathError, match=word):
        call()


def test_losses_reduce_over_samples_and_sum_over_outputs() -> None:
    prediction, target = np.array([[1.0, 2.0], [3.0, 5.0]]), np.zeros((2, 2))
    assert gm.squared_error(prediction, target) == (1 + 4 + 9 + 25) / 2
    assert gm.squared_error(prediction, target, reduction="sum") == 39
    assert gm.squared_error(prediction, target, reduction="none").tolist() == [[1, 4], [9, 25]]
    assert gm.squared_error.gradient(prediction, target).tolist() == [[1, 2], [3, 5]]
    assert gm.squared_error(3.0, 1.0) == 4.0
    p, y = sp.symbols("p y", real=True)
    assert gm.squared_error(p, y) == (p - y) ** 2


@pytest.mark.parametrize("name", ["binary_cross_entropy", "softmax_cross_entropy"])
def test_cross_entropies_keep_the_tail(name: str) -> None:
    tiny = math.exp(-200)
    if name == "binary_cross_entropy":
        assert math.isclose(gm.binary_cross_entropy(200.0, 1.0), tiny, rel_tol=1e-14)
        assert math.isclose(gm.binary_cross_entropy.gradient(200.0, 1.0), -tiny, rel_tol=1e-14)
        assert gm.binary_cross_entropy(-1e5, 1.0) == 1e5
    else:
        logits = [[200.0, 0.0]]
        assert math.isclose(gm.softmax_cross_entropy(logits, [0]), tiny, rel_tol=1e-14)
        gradient = gm.softmax_cross_entropy.gradient(logits, [0])[0]
        np.testing.assert_allclose(gradient, [-tiny, tiny], rtol=1e-14)


def test_softmax_of_symbols_is_the_definition() -> None:
    a, b = sp.symbols("a b", real=True)
    gradient = gm.softmax_cross_entropy.gradient([a, b], [1, 0])
    assert sp.simplify(gradient[0] + 1 / (1 + sp.exp(a - b))) == 0


def test_penalties() -> None:
    w = np.array([[1.0, -2.0], [0.0, 3.0]])
    assert gm.l1(w, 0.5) == 3.0
    assert gm.l2(w, 0.5) == 0.25 * 14
    assert gm.l1.derivative(w, 0.5).tolist() == [[0.5, -0.5], [0.0, 0.5]]
    assert gm.l2.derivative(w, 0.5).tolist() == [[0.5, -1.0], [0.0, 1.5]]


def test_clipping_by_norm_keeps_the_direction_at_any_size() -> None:
    for size in (1e-300, 1.0, 1e200, 1e307):
        g = np.array([3.0, -4.0]) * size
        clipped = gm.clip_by_norm(g, size)
        np.testing.assert_allclose(clipped, np.array([0.6, -0.8]) * size, rtol=1e-14)
        assert np.array_equal(gm.clip_by_norm(g, 10 * size), g)
    parts = gm.clip_by_norm([np.float32([3.0]), np.array([4.0])], 1.0)
    assert parts[0].dtype == np.float32
    np.testing.assert_allclose([parts[0][0], parts[1][0]], [0.6, 0.8], rtol=1e-7)
    half = gm.clip_by_norm(np.full(4, 6e4, dtype=np.float16), 1.0)
    assert half.tolist() == [0.5] * 4


def test_clipping_by_value() -> None:
    assert gm.clip_by_value(np.array([-3.0, 0.5, math.inf]), -1, 1).tolist() == [-1, 0.5, 1]
    first, second = gm.clip_by_value([np.array([5.0]), np.array([-5.0])], 0, 1)
    assert (first.item(), second.item()) == (1, 0)


@pytest.mark.parametrize("name", list(gm.initialisers))
def test_initialisers_draw_what_they_declare(name: str) -> None:
    initialise = gm.initialisers[name]
    w = initialise((300, 200), seed=3)
    again = initialise((300, 200), seed=3)
    assert np.array_equal(w, again)
    sizes = {initialise.entry.fan_in: 200, initialise.entry.fan_out: 300, initialise.entry.gain: 1}
    variance = float(initialise.entry.variance.subs(sizes))
    assert abs(w.var() - variance) <= 0.03 * variance
    if initialise.entry.distribution == "orthogonal":
        np.testing.assert_allclose(w.T @ w, np.eye(200), atol=1e-12)


def test_docstrings_say_what_a_caller_needs() -> None:
    for table in (gm.activations, gm.losses, gm.penalties, gm.clips, gm.initialisers):
        for entry in table.values():
            assert entry.__doc__
            assert entry.entry.name in repr(entry)
