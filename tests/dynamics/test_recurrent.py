"""Recurrent nets through time: the product of Jacobians is the derivative, and its bounds hold."""

from __future__ import annotations

import numpy as np
import pytest

from gradmath.dynamics import recurrent
from gradmath.errors import ShapeError, UnknownNameError, ValueRangeError


@pytest.fixture
def net():
    rng = np.random.Generator(np.random.PCG64(4))
    return {
        "weight": rng.standard_normal((3, 3)),
        "inputs": rng.standard_normal((6, 2)),
        "input_weight": rng.standard_normal((3, 2)),
        "bias": rng.standard_normal(3) / 2,
        "start": rng.standard_normal(3) / 2,
    }


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "softsign"])
def test_the_jacobian_is_what_differences_say(net, activation):
    weight = net.pop("weight")
    run = recurrent.roll(weight, **net, activation=activation)
    step, found = 1e-6, np.empty((3, 3))
    for j in range(3):
        shift = step * np.eye(3)[j]
        ends = [
            recurrent.roll(
                weight, **net | {"start": net["start"] + sign * shift}, activation=activation
            ).h[-1]
            for sign in (1, -1)
        ]
        found[:, j] = (ends[0] - ends[1]) / (2 * step)
    np.testing.assert_allclose(run.jacobian(6), found, atol=1e-8)


def test_lags_start_from_the_end(net):
    weight = net.pop("weight")
    run = recurrent.roll(weight, **net)
    np.testing.assert_array_equal(run.jacobian(0), np.eye(3))
    np.testing.assert_allclose(run.jacobian(1), np.diag(1 - run.h[-1] ** 2) @ weight)
    later = recurrent.roll(weight, **net | {"inputs": net["inputs"][2:], "start": run.h[2]})
    np.testing.assert_allclose(run.jacobian(4), later.jacobian(4))
    norms = [np.linalg.norm(run.jacobian(k), 2) for k in range(1, 7)]
    np.testing.assert_allclose(run.log_norms(), np.log(norms))


def test_a_linear_net_multiplies_by_powers():
    weight = np.array([[0.0, 4.0], [1.0, 0.0]])
    run = recurrent.roll(
        weight, np.ones((6, 1)), input_weight=np.ones((2, 1)), activation="identity"
    )
    np.testing.assert_array_equal(run.jacobian(6), np.linalg.matrix_power(weight, 6))


@pytest.mark.parametrize("gain", [0.4, 1.2, 2.0])
def test_the_norm_bounds_every_lag(gain):
    run = recurrent.drawn(32, gain, steps=80, seed=1, drive=0.3)
    bound = np.arange(1, 81) * np.log(np.linalg.norm(run.weight, 2))
    assert (run.log_norms() <= bound + 1e-9).all()


def test_far_beyond_the_range_of_doubles():
    run = recurrent.roll(1e-3 * np.eye(2), np.zeros((200, 1)), input_weight=np.zeros((2, 1)))
    assert run.log_norms()[-1] == pytest.approx(200 * np.log(1e-3))
    nilpotent = [[0.0, 8.0], [0.0, 0.0]]
    nothing = recurrent.roll(nilpotent, np.ones((3, 1)), input_weight=np.ones((2, 1)))
    assert nothing.log_norms()[1:].tolist() == [-np.inf, -np.inf]


def test_runs_repeat():
    one, two = (recurrent.drawn(8, 1.0, steps=5, seed=3) for _ in range(2))
    np.testing.assert_array_equal(one.h, two.h)


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"weight": np.ones((2, 3))}, ShapeError),
        ({"inputs": np.ones(4)}, ShapeError),
        ({"inputs": np.ones((0, 2))}, ShapeError),
        ({"input_weight": np.ones((2, 2))}, ShapeError),
        ({"bias": np.ones(4)}, ShapeError),
        ({"start": np.nan}, ValueRangeError),
        ({"activation": "tahn"}, UnknownNameError),
    ],
)
def test_odd_arguments_are_refused(net, changed, error):
    with pytest.raises(
        error, match=next(iter(changed)) if error is not UnknownNameError else "tanh"
    ):
        recurrent.roll(**net | changed)


def test_odd_numbers_are_refused(net):
    with pytest.raises(ValueRangeError, match="lag"):
        recurrent.roll(**net).jacobian(7)
    for bad in ({"units": 0}, {"gain": -1.0}, {"steps": 1.5}, {"drive": np.inf}):
        with pytest.raises(ValueRangeError, match=next(iter(bad))):
            recurrent.drawn(**{"units": 2, "gain": 1.0, "steps": 3, "seed": 0} | bad)
