"""Descent with the right update and with the published one."""

from __future__ import annotations

import numpy as np
import pytest

import gradmath as gm
from gradmath.dynamics import (
    PUBLISHED_SETTING,
    binary,
    centre_ink,
    curvature_bound,
    descend,
    loss_at,
    loss_surface,
    smoothness,
)
from gradmath.errors import ShapeError, UnknownNameError, ValueRangeError

RNG = np.random.Generator(np.random.PCG64(7))
X, Y = RNG.uniform(0, 1, (40, 3)), RNG.integers(0, 2, 40).astype(float)
START = {"w": np.array([1.0, -2.0, 0.5]), "b": 0.3}


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def by_hand(rule, x, y, step, steps, w, b):
    """The same descent written out once more, with nothing of gradmath in it."""
    losses = []
    for _ in range(steps + 1):
        s = sigmoid(x @ w + b)
        losses.append(np.mean((s - y) ** 2))
        factor = {"right": 2 * (s - y), "published": 2 * (s - y) ** 2}[rule] * s * (1 - s)
        w, b = w - step * x.T @ factor / len(y), b - step * factor.mean()
    return np.array(losses)


@pytest.mark.parametrize("rule", ["right", "published"])
def test_it_agrees_with_the_rule_written_by_hand(rule):
    run = descend(X, Y, rule=rule, step=2.0, steps=30, **START)
    expected = by_hand(rule, X, Y, 2.0, 30, START["w"], START["b"])
    np.testing.assert_allclose(run.loss, expected, rtol=1e-12)
    other = {"right": "published", "published": "right"}[rule]
    wrong = by_hand(other, X, Y, 2.0, 30, START["w"], START["b"])
    assert not np.allclose(run.loss, wrong, rtol=1e-3)


def test_the_right_update_is_the_gradient_of_the_network():
    net = gm.Network(inputs=3, layers=[gm.Dense(1, gm.sigmoid)], loss=gm.squared_error)
    params = {"W1": START["w"][None, :], "b1": np.array([START["b"]])}
    loss, gradient = gm.compile(gm.derive(net))(params, X, Y[:, None])
    run = descend(X, Y, step=0.5, steps=1, **START)
    assert run.loss[0] == pytest.approx(float(loss), rel=1e-13)
    np.testing.assert_allclose(run.w[0] - run.w[1], 0.5 * gradient["W1"][0], rtol=1e-10)
    np.testing.assert_allclose(run.b[0] - run.b[1], 0.5 * gradient["b1"][0], rtol=1e-10)


def test_the_published_update_descends_the_cube_of_the_residual():
    kernel = gm.compile(gm.derive([("a", "sigmoid(z)"), ("c", "2*(a - y)**3/3")], wrt=["z"]))
    _, gradient = kernel(z=X @ START["w"] + START["b"], y=Y)
    run = descend(X, Y, rule="published", step=0.5, steps=1, **START)
    np.testing.assert_allclose(run.w[0] - run.w[1], 0.5 * gradient["z"] @ X / len(Y), rtol=1e-10)


def test_on_zeros_and_ones_the_published_update_climbs():
    data, (step, steps) = binary("0 against 1"), PUBLISHED_SETTING
    right, wrong = (
        descend(data.x, data.y, rule=rule, step=step, steps=steps)
        for rule in ("right", "published")
    )
    assert right.loss[0] == wrong.loss[0] == 0.25
    assert right.loss[-1] < 0.003
    assert right.rises == 0
    assert wrong.loss[-1] > 0.5
    assert wrong.rises == steps
    assert abs(wrong.loss[-1] - data.share_of_ones) < 0.001


def test_on_one_against_the_rest_it_happens_to_descend():
    data, (step, steps) = binary("1 against the rest"), PUBLISHED_SETTING
    right, wrong = (
        descend(data.x, data.y, rule=rule, step=step, steps=steps)
        for rule in ("right", "published")
    )
    assert wrong.loss[-1] < wrong.loss[0] / 2
    assert abs(wrong.loss[-1] - data.share_of_ones) < 0.001
    assert right.loss[-1] < wrong.loss[-1] / 3


@pytest.mark.parametrize("task", ["0 against 1", "1 against the rest"])
def test_for_bright_pixels_the_published_update_only_lowers_weights(task):
    data = binary(task)
    run = descend(data.x, data.y, rule="published", step=1.0, steps=20)
    assert (np.diff(run.w, axis=0) <= 0).all()
    assert (np.diff(run.b) < 0).all()


def test_the_curvature_bound_is_the_largest_curvature():
    z = np.linspace(-20, 20, 400_001)
    s = sigmoid(z)
    curvature = 2 * s**2 * (1 - s) * (2 - 3 * s)
    assert np.abs(curvature).max() <= float(curvature_bound())
    assert float(curvature_bound()) == pytest.approx(np.abs(curvature).max(), rel=1e-7)


def hessian(x, y, w, b, h=1e-4):
    def loss(v):
        return float(np.mean((sigmoid(x @ v[:-1] + v[-1]) - y) ** 2))

    at, eye = np.append(w, b), h * np.eye(len(w) + 1)
    return np.array([
        [(loss(at + p + q) - loss(at + p - q) - loss(at - p + q) + loss(at - p - q)) / (4 * h * h)
         for q in eye] for p in eye
    ])  # fmt: skip


def test_no_curvature_exceeds_beta_and_some_comes_near():
    beta = smoothness(X)
    for _ in range(50):
        w, b = RNG.normal(size=3) * 3, RNG.normal() * 3
        assert np.abs(np.linalg.eigvalsh(hessian(X, Y, w, b))).max() <= beta + 1e-6
    # With one sample the bound is attained: x = 1, y = 0, at the pre-activation of most curvature.
    one, target = np.ones((1, 1)), np.zeros(1)
    z = np.linspace(-3, 3, 6001)
    s = sigmoid(z)
    worst = z[np.argmax(np.abs(2 * s**2 * (1 - s) * (2 - 3 * s)))]
    found = np.linalg.eigvalsh(hessian(one, target, np.array([worst]), 0.0)).max()
    assert found == pytest.approx(smoothness(one), rel=1e-4)


def test_below_two_over_beta_every_step_descends():
    data = binary("0 against 1")
    x = centre_ink(data.x)
    bound = 2 / smoothness(x)
    for start in ((0.0, 0.0), (-6.0, 4.0), (-4.0, -4.0)):
        run = descend(x, data.y, step=0.99 * bound, steps=60, w=start[0], b=start[1])
        assert run.rises == 0
    assert descend(x, data.y, step=4 * bound, steps=5).rises > 0


def test_the_surface_is_the_loss_on_a_grid():
    data = binary("0 against 1")
    x = centre_ink(data.x)
    w, b = np.array([-3.0, 0.0, 9.0]), np.array([-1.0, 2.0])
    surface = loss_surface(x, data.y, w, b)
    assert surface.shape == (2, 3)
    for row, bias in enumerate(b):
        for column, weight in enumerate(w):
            expected = np.mean((sigmoid(weight * x[:, 0] + bias) - data.y) ** 2)
            assert surface[row, column] == pytest.approx(expected, rel=1e-13)
            assert loss_at(x, data.y, weight, bias) == pytest.approx(expected, rel=1e-13)


def test_a_path_is_read_only_and_as_long_as_said():
    run = descend(X, Y, step=1.0, steps=0)
    assert run.steps == 0
    assert run.w.shape == (1, 3)
    run = descend(X, Y, step=1.0, steps=4)
    assert (run.w.shape, run.b.shape, run.loss.shape) == ((5, 3), (5,), (5,))
    with pytest.raises(ValueError, match="read-only"):
        run.loss[0] = 0


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"rule": "publshed"}, UnknownNameError, "did you mean 'published'"),
        ({"step": 0.0}, ValueRangeError, "step: got 0.0"),
        ({"step": float("nan")}, ValueRangeError, "step: got nan"),
        ({"step": float("inf")}, ValueRangeError, "step: got inf"),
        ({"steps": -1}, ValueRangeError, "steps: got -1"),
        ({"x": np.zeros(3)}, ShapeError, "x: got shape"),
        ({"x": np.zeros((0, 3))}, ShapeError, "x: got shape"),
        ({"y": np.zeros(39)}, ShapeError, "y: got shape"),
        ({"w": np.zeros(2)}, ShapeError, "w: got shape"),
        ({"x": np.full((40, 3), np.nan)}, ValueRangeError, "x: got NaN"),
        ({"y": np.full(40, np.inf)}, ValueRangeError, "y: got NaN or infinity"),
    ],
)
def test_bad_input_is_named(change, error, words):
    arguments = {"x": X, "y": Y, "step": 1.0, "steps": 3} | change
    with pytest.raises(error, match=words):
        descend(arguments.pop("x"), arguments.pop("y"), **arguments)


def test_the_surface_wants_one_input():
    with pytest.raises(ShapeError, match=r"\(n, 1\)"):
        loss_surface(X, Y, np.zeros(2), np.zeros(2))
