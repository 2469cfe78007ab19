"""Steps that are too long: bowls, valleys, and a network on real data."""

from __future__ import annotations

import numpy as np
import pytest

from gradmath.dynamics import binary, steps
from gradmath.errors import ShapeError, ValueRangeError
from gradmath.network import Dense, Network

BOWL = np.array([[2.0, 1.0], [1.0, 2.0]])  # eigenvalues 3 and 1, along (1, 1) and (1, -1)


@pytest.mark.parametrize(("step", "factor"), [(0.5, -0.5), (2 / 3, -1.0), (0.8, -1.4)])
def test_the_part_along_the_steepest_direction(step, factor):
    found = steps.bowl_path(BOWL, [1.0, 0.0], step=step, steps=12)
    along, across = found @ [1.0, 1.0], found @ [1.0, -1.0]
    np.testing.assert_allclose(along, factor ** np.arange(13), atol=1e-12, rtol=1e-9)
    np.testing.assert_allclose(across, (1 - step) ** np.arange(13), atol=1e-12, rtol=1e-9)


def test_the_slope_of_the_valley_is_its_derivative():
    at, h = np.linspace(-2, 2, 41), 1e-5
    np.testing.assert_allclose(
        steps.valley_slope(at), (steps.valley(at + h) - steps.valley(at - h)) / (2 * h), atol=1e-8
    )


def test_a_step_above_the_bound_swings_for_ever():
    found = steps.path(steps.valley_slope, [1.1], step=1.2, steps=400)[:, 0]
    one, other = found[-2:]
    assert abs(found[-4] - one) < 1e-12
    assert abs(found[-3] - other) < 1e-12
    assert abs(one - other) > 0.1
    calm = steps.path(steps.valley_slope, [1.1], step=0.9, steps=400)[:, 0]
    assert abs(calm[-1] - 1) < 1e-12


def test_beyond_doubles_nothing_is_raised():
    found = steps.path(steps.valley_slope, [10.0], step=1.0, steps=30)
    assert not np.isfinite(found[-1]).all()


def test_a_network_descends_and_its_start_is_left_alone():
    data = binary(samples=60)
    net = Network(64, [Dense(4, "tanh"), Dense(1, "sigmoid")])
    start = net.init(seed=0)
    kept = {name: value.copy() for name, value in start.items()}
    run = steps.full_batch(net, start, data.x, data.y[:, None], step=0.2, steps=30)
    assert run.rises == 0
    assert run.loss.shape == (31,)
    assert run.loss[-1] < run.loss[0]
    for name, value in start.items():
        np.testing.assert_array_equal(value, kept[name])
        assert not np.array_equal(run.params[name], value)
    wild = steps.full_batch(net, start, data.x, data.y[:, None], step=30.0, steps=30)
    assert wild.rises > 0


def test_a_run_that_overflows_says_so():
    net = Network(1, [Dense(1), Dense(1)])
    start = {"W1": [[1.0]], "b1": [0.0], "W2": [[1.0]], "b2": [0.0]}
    with pytest.raises(ValueRangeError):
        steps.full_batch(net, start, [[1.0]], [[9.0]], step=10.0, steps=20)


@pytest.mark.parametrize("bad", [{"step": 0.0}, {"step": np.inf}, {"steps": -1}, {"steps": 1.5}])
def test_odd_steps_are_refused(bad):
    with pytest.raises(ValueRangeError, match=next(iter(bad))):
        steps.path(steps.valley_slope, [1.0], **{"step": 0.1, "steps": 2} | bad)


def test_odd_shapes_are_refused():
    for start in (1.0, [], [[1.0]]):
        with pytest.raises(ShapeError, match="start"):
            steps.path(steps.valley_slope, start, step=0.1, steps=1)
    with pytest.raises(ShapeError, match="square"):
        steps.bowl_path([[1.0, 2.0]], [1.0, 2.0], step=0.1, steps=1)
    with pytest.raises(ShapeError, match="start"):
        steps.bowl_path(BOWL, [1.0], step=0.1, steps=1)
    with pytest.raises(ValueRangeError, match="symmetric"):
        steps.bowl_path([[1.0, 2.0], [0.0, 1.0]], [1.0, 1.0], step=0.1, steps=1)
