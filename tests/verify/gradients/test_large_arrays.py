"""Large arrays: tails, tiny numbers and both sides of comparisons are looked at there as well."""

from __future__ import annotations

import numpy as np
import pytest

import gradmath as gm
from gradmath.verify.gradients.intervals import REALS
from gradmath.verify.gradients.places import Places
from gradmath.verify.gradients.shifts import Leaving, shifts

MANY = 310


def soft(x):
    """Softplus, summed."""
    return np.sum(np.log1p(np.exp(-np.abs(x))) + np.maximum(x, 0))


def slope(x):
    """Its slope, without overflow."""
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, small) / (1 + small)


def smooth(x):
    return np.sum(np.log(np.cosh(x / 64)))


def status(function, gradient, entries=MANY):
    return gm.check_gradient(
        function, gradient, wrt=["x"], at={"x": np.linspace(-1, 1, entries)}
    ).status


@pytest.mark.parametrize("entries", [3, 40, MANY, 1200])
def test_every_scale_is_tried_at_every_size(entries):
    places = Places({"x": np.zeros(entries)}, {"x": REALS}, {})
    sizes = np.concatenate([point["x"] for point in places.points()])
    for low, high in ((1e-13, 1e-8), (1e-4, 1e-2), (0.1, 1), (15, 60), (100, 500)):
        for sign in (1, -1):
            assert np.any((sign * sizes > low) & (sign * sizes < high)), (low, high, sign)


@pytest.mark.parametrize(
    ("wrong", "entries"),
    [
        (lambda x: np.tanh(x / 64) / 64 * (1 + 1e-3 / (1 + np.exp(60 - x))), MANY),
        (lambda x: np.tanh(x / 64) / 64 * (1 + 1e-3 / (1 + np.exp(60 + x))), 40),
        (lambda x: np.tanh(x / 64) / 64 * (1 + 1e-4 * np.exp(-((1e5 * x) ** 2))), 40),
    ],
    ids=["right tail", "left tail", "tiny"],
)
def test_a_mistake_in_a_tail_of_a_large_array_is_found(wrong, entries):
    assert status(smooth, wrong, entries) == "failed"


def test_its_right_twin_passes():
    assert status(smooth, lambda x: np.tanh(x / 64) / 64) == "passed"


@pytest.mark.parametrize("place", [70])
def test_comparisons_of_all_entries_are_followed(place):
    def wrong(x):
        return slope(x) * np.where((np.arange(100) == place) & (x > 3000.0), 1.001, 1.0)

    assert status(soft, wrong, 100) == "failed"


def test_a_right_gradient_with_comparisons_passes():
    assert status(soft, slope, 100) == "passed"


def test_ties_of_many_numbers_are_left_in_every_direction():
    def largest(x):
        return np.max(x)

    def first(x):
        found = np.zeros_like(x)
        found[np.argmax(x)] = 1.0
        return found

    at = {"x": np.zeros(24)}
    assert gm.check_gradient(largest, first, wrt=["x"], at=at).status == "passed"
    wrong = lambda x: first(x) * 1.0001  # noqa: E731  # beside its twin
    assert gm.check_gradient(largest, wrong, wrt=["x"], at=at).status == "failed"


def test_only_what_a_comparison_depends_on_is_moved():
    found = list(shifts([1.0, 0.0, 2.0, 3.0], Leaving((1,)), closer=False))
    assert [[bool(x) for x in each] for each in found] == [[False, True, False, False]] * 2
    assert len(list(shifts([0.0] * 50, Leaving(tuple(range(50))), closer=False))) == 6
    tied = list(shifts([0.0] * 50, Leaving(tuple(range(50)), tied=True), closer=False))
    assert {max(range(50), key=each.__getitem__) for each in tied} == set(range(50))


def test_comparisons_met_on_one_side_only_are_said():
    def largest(x):
        return np.max(x)

    def first(x):
        return (np.arange(x.size) == np.argmax(x)) * 1.0

    report = gm.check_gradient(largest, first, wrt=["x"], at={"x": np.linspace(-1, 1, 60)})
    assert report.status == "passed"
    assert "comparisons came out the same way in every run" in report.rows[0].note


@pytest.mark.parametrize(
    "wrong",
    [
        lambda x: np.where(x > 1e100, 0, 3 * x**2),
        lambda x: np.where(x < -1e150, 0, 3 * x**2),
        lambda x: np.where(np.abs(x) < 1e-50, 1e-140, 3 * x**2),
    ],
)
def test_without_a_domain_arrays_are_tried_far_out_too(wrong):
    cubes = lambda x: np.sum(x**3)  # noqa: E731  # beside its gradients
    given = {"wrt": "x", "shapes": {"x": (3,)}}
    assert gm.check_gradient(cubes, wrong, **given).status == "failed"
    assert gm.check_gradient(cubes, lambda x: 3 * x**2, **given).status == "passed"


def network(weights, x):
    (W, b), (V, c) = weights
    return np.sum(np.log1p(np.exp(V @ np.tanh(W @ x + b) + c)))


def network_gradient(weights, x):
    (W, b), (V, c) = weights
    h = np.tanh(W @ x + b)
    up = 1 / (1 + np.exp(-(V @ h + c)))
    below = (V.T @ up) * (1 - h**2)
    return [(np.outer(below, x), below), (np.outer(up, h), up)]


def test_what_far_out_cannot_be_decided_does_not_count_against_values_that_were_given():
    draw = np.random.Generator(np.random.PCG64(2)).normal
    weights = [(draw(size=(3, 2)), draw(size=3)), (draw(size=(2, 3)), draw(size=2))]
    at = {"weights": weights, "x": draw(size=2)}
    gm.check_gradient(network, network_gradient, "weights", at=at).require()


def beyond(x, threshold=5.0):
    return np.sum(x**3) if np.linalg.norm(x) < threshold else np.sum(x)


def beyond_gradient(x, threshold=5.0):
    return 3 * x**2 if np.linalg.norm(x) < threshold else np.ones_like(x)


@pytest.mark.parametrize("entries", [12, 100])
def test_a_comparison_of_all_entries_together_is_met(entries):
    given = {"wrt": "x", "domain": (-5, 5), "shapes": {"x": (entries,)}}
    assert gm.check_gradient(beyond, beyond_gradient, **given).status == "passed"
    wrong = lambda x: beyond_gradient(x, 5.01)  # noqa: E731  # beside its twin
    assert gm.check_gradient(beyond, wrong, **given).status == "failed"
