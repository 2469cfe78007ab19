"""The pictures of the page "Remedies" show what their captions say."""

from __future__ import annotations

import numpy as np
import pytest

from gradmath import figures
from gradmath.figures import remedies, remedies_run
from gradmath.functions import activations


def number(id: str, name: str) -> float:
    return float(figures.values(id)[name].value)


def test_a_kink_is_drawn_where_the_slope_jumps_and_with_the_slopes_beside_it():
    for name in activations:
        for corner in remedies.corners(name):
            left, right = (
                float(activations[name].derivative(corner.at + side)) for side in (-1e-9, 1e-9)
            )
            assert left == pytest.approx(corner.left, abs=1e-6), name
            assert right == pytest.approx(corner.right, abs=1e-6), name
            assert (left == pytest.approx(right, abs=1e-6)) == corner.bend, name


def test_every_jump_of_a_slope_is_marked():
    z = np.linspace(-6.5, 6.5, 13001) + 1e-7
    for name in activations:
        jumps = np.flatnonzero(np.abs(np.diff(activations[name].derivative(z))) > 0.05)
        marked = [corner.at for corner in remedies.corners(name) if not corner.bend]
        found = [float(z[k]) for k in jumps]
        large = [c.at for c in remedies.corners(name) if abs(c.left - c.right) > 0.05]
        assert len(found) == len(large) <= len(marked), name
        assert found == pytest.approx(large, abs=2e-3), name


def test_clipping_by_value_turns_and_by_norm_does_not():
    # arccos near 1 magnifies a rounding of 1e-16 to its root
    assert remedies.turns("norm").max() == pytest.approx(0, abs=1e-5)
    assert 5 < remedies.turns("value").max() < 45
    assert number("clip-maps", "turned") == remedies.turns("value").max()
    assert np.linalg.norm(remedies.clipped("norm"), axis=1) == pytest.approx(1)
    assert np.abs(remedies.clipped("value")).max(axis=1) == pytest.approx(1)


def test_the_window_from_0_deletes_the_third_quadrant():
    lost = (remedies.clipped("window") == 0).all(axis=1)
    assert list(lost) == list((remedies.gradients() < 0).all(axis=1))
    assert number("clip-maps", "lost") == lost.sum() == 3


def test_the_diode_is_elu_on_the_left_and_above_it_on_the_right():
    v = np.linspace(-4, 2, 61)
    np.testing.assert_allclose(
        remedies.shockley(v[v <= 0]), activations["elu"](v[v <= 0]), rtol=1e-14
    )
    assert (remedies.shockley(v[v > 0]) > activations["elu"](v[v > 0])).all()


def test_the_lists_show_the_runs_and_quote_their_medians():
    for setting, arms in remedies_run.SHOWN.items():
        for arm in arms:
            right = remedies_run.found(setting, arm).final_accuracy
            assert len(right) == remedies_run.SEEDS >= 5
            key = f"{setting}_{arm}".replace("-", "_")
            assert number("remedies-accuracy", key) == np.median(right)
    assert set(remedies_run.PANELS) <= {
        (s, a) for s, arms in remedies_run.SHOWN.items() for a in arms
    }
    assert number("remedies-signal", "dead") + number("remedies-signal", "broken") == 5


def test_the_words_about_the_lists_hold():
    def median(setting, arm):
        return number("remedies-accuracy", f"{setting}_{arm}".replace("-", "_"))

    guessing = ("none", "lsuv", "clip-norm", "l2", "matching-loss", "xavier", "residual")
    assert all(median("vanishing", arm) < 0.15 for arm in guessing)
    assert all(0.3 < median("vanishing", arm) < 0.6 for arm in ("pretraining", "relu"))
    assert 0.6 < median("vanishing", "tanh") < median("vanishing", "elu") < 0.95
    assert all(median("vanishing", arm) > 0.95 for arm in ("relu-he", "tanh-xavier"))
    assert median("vanishing", "residual-matching") > 0.9
    assert all(median("exploding", arm) < 0.15 for arm in ("none", "l2"))
    assert all(median("exploding", arm) > 0.85 for arm in ("clip-norm", "clip-value", "lsuv", "he"))


def test_the_dead_runs_have_no_signal_at_all():
    one = remedies_run.found("exploding", "none")
    for run, stop in enumerate(one.stopped):
        assert (one.signal[run, -1, 0] == 0) == (stop is None)
