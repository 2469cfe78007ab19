"""The pictures of page 4 show what their captions say."""

from __future__ import annotations

import numpy as np
import pytest

from gradmath import figures
from gradmath.claims.exploding.leaps import losses
from gradmath.dynamics import products
from gradmath.figures import exploding, exploding_steps


def number(id: str, name: str) -> float:
    return float(figures.values(id)[name].value)


def test_products_grow_keep_their_size_and_shrink():
    rising, level, falling = exploding.grown()
    for norms, scale in zip((rising, level, falling), exploding.SCALES, strict=True):
        rate = (float(products.exponents(4)[0]) + np.log(scale)) / np.log(10)
        middle = np.median(norms, axis=1)
        assert (middle[-1] - middle[9]) / 90 == pytest.approx(rate, abs=0.02)
    assert abs(np.median(level[-1])) < 2
    assert np.log10(number("product-growth", "top")) == pytest.approx(24, abs=2)


def test_powers_of_the_source_s_matrix_hardly_move():
    assert np.ptp(exploding.powers()) < 1
    assert exploding.powers()[-1] < 2


def test_singular_values_fan_out():
    rows = exploding.spectrum()
    gaps = -np.diff(rows, axis=1)
    assert (gaps[-1] > gaps[4]).all()
    assert number("singular-values-by-depth", "second") < 1e-3


def test_one_net_explodes_and_two_vanish():
    large, middle, small = (run.log_norms() for run in exploding.nets())
    norms = [np.linalg.norm(run.weight, 2) for run in exploding.nets()]
    assert norms[0] > norms[1] > 1 > norms[2]
    assert large[-1] > 5
    assert middle.max() > 0 > middle[-1]  # it rises a little first
    assert small[-1] < middle[-1]


def test_the_leap_lands_higher_and_the_next_step_leaves_the_picture():
    values = {name: number("leap", name) for name in ("low", "high", "times", "landing", "next")}
    assert values["high"] == pytest.approx(values["times"] * values["low"])
    assert values["landing"] < -1
    assert abs(values["next"]) > 3


def test_paths_narrow_keep_their_width_and_widen():
    steep = np.linalg.eigh(exploding_steps.bowl())[1][:, 1]
    widths = [np.abs(way @ steep) for way in exploding_steps.bowl_paths()]
    below, at, above = (width[-1] / width[0] for width in widths)
    assert below < 0.1
    assert at == pytest.approx(1)
    assert above > 1.5
    taken = exploding_steps.TAKEN
    assert below == pytest.approx(number("paths-around-the-bound", "below") ** taken)
    assert above == pytest.approx(number("paths-around-the-bound", "above") ** taken)


def test_the_wild_run_never_settles():
    wild = losses(exploding_steps.WILD)
    assert wild[20:].min() > wild[0]
    assert np.isfinite(wild).all()
