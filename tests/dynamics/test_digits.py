"""The binary tasks made of scikit-learn's digits."""

from __future__ import annotations

import numpy as np
import pytest

from gradmath.dynamics import TASKS, binary, centre_ink, one_of_each
from gradmath.errors import ShapeError, UnknownNameError, ValueRangeError


@pytest.mark.parametrize("task", TASKS)
def test_pixels_and_targets_lie_in_their_ranges(task):
    data = binary(task)
    assert data.x.shape == (len(data.y), 64)
    assert data.x.dtype == data.y.dtype == np.float64
    assert data.x.min() == 0
    assert data.x.max() == 1
    assert set(data.y) == {0.0, 1.0}
    np.testing.assert_array_equal(data.y == 1, data.digit == 1)
    assert set(data.task.titles) == {"en", "zh"}


def test_the_tasks_take_the_images_they_name():
    assert set(binary("0 against 1").digit) == {0, 1}
    assert set(binary("1 against the rest").digit) == set(range(10))
    assert 0.49 < binary("0 against 1").share_of_ones < 0.51
    assert 0.09 < binary("1 against the rest").share_of_ones < 0.11


def test_a_sample_is_drawn_by_its_seed():
    first, same, other = (binary("1 against the rest", samples=50, seed=s) for s in (0, 0, 1))
    np.testing.assert_array_equal(first.x, same.x)
    assert not np.array_equal(first.x, other.x)
    everything = {row.tobytes() for row in binary("1 against the rest").x}
    assert all(row.tobytes() in everything for row in first.x)
    assert len(first.y) == 50


def test_data_cannot_be_changed_by_accident():
    with pytest.raises(ValueError, match="read-only"):
        binary().x[0, 0] = 1


def test_one_of_each_has_each_digit_once():
    x, y = one_of_each(0)
    assert x.shape == (10, 64)
    np.testing.assert_array_equal(y, np.eye(10))
    everything = binary("1 against the rest")
    shown = [set(everything.digit[(everything.x == image).all(axis=1)].tolist()) for image in x]
    assert shown == [{digit} for digit in range(10)]


def test_ink_in_the_centre_tells_zeros_from_ones():
    data = binary("0 against 1")
    ink = centre_ink(data.x)
    assert ink.shape == (len(data.y), 1)
    assert ink[data.y == 1].mean() > ink[data.y == 0].mean() + 0.5
    image = np.zeros((1, 64))
    image[0, [27, 28, 35, 36]] = [0.1, 0.2, 0.3, 0.4]
    assert centre_ink(image) == pytest.approx(0.25)


def test_bad_input_is_named():
    with pytest.raises(UnknownNameError, match="did you mean '0 against 1'"):
        binary("0 against one")
    for samples in (0, -1, 361):
        with pytest.raises(ValueRangeError, match="samples: got"):
            binary("0 against 1", samples=samples)
    with pytest.raises(ShapeError, match=r"\(n, 64\)"):
        centre_ink(np.zeros((3, 63)))
