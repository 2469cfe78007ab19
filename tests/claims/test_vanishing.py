"""The page on vanishing: the numbers it was planned with, and what its computations refuse."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from gradmath.claims import claims
from gradmath.claims.vanishing import published_norms, rounding, underflow, widths
from gradmath.errors import DeclarationError
from gradmath.figures import home
from gradmath.verify.ulps import FLOAT16, FLOAT64


def test_the_numbers_the_page_was_planned_with():
    stated = {
        ("confidently-wrong", "gradient"): "-4.12e-9",
        ("sigmoid-mean-field-ratio", "ratio"): "0.20484",
        ("zero-by-rounding", "double"): "36.74",
        ("zero-by-rounding", "single"): "16.64",
        ("one-dial", "factor_2"): "1/2",
    }
    assert {key: claims[key[0]].value(key[1]).plain for key in stated} == stated


def test_the_correction_is_the_same_by_both_quadratures():
    found, again = widths.exact_moments(), widths.moments_again()
    for name in widths.Moments.__dataclass_fields__:
        assert float(getattr(found, name)) == pytest.approx(float(getattr(again, name)), abs=1e-11)
    assert float(found.correction()) == pytest.approx(float(again.correction()), abs=1e-9)


def test_the_correction_counts_at_a_width_where_it_is_large():
    """At 12 units it is a tenth; what is left out, of the order 1/144, is ten times smaller."""
    moments = widths.exact_moments()
    chi, c = float(moments.chi), float(moments.correction())
    drawn = widths.log_factors(12, 1500)
    error = drawn.std(ddof=1) / np.sqrt(drawn.size)
    assert abs(drawn.mean() - np.log(chi) - c / 12) < 4 * error + 0.01
    assert abs(drawn.mean() - np.log(chi)) > 10 * error


def test_a_signal_is_the_same_by_processor_and_by_integers():
    for form in (FLOAT16, FLOAT64):
        for scale in (1, 1024):
            found = underflow.signals(form, 60, scale)
            exact = underflow.signals_exactly(form, 60, scale)
            assert found == [float(value) for value in exact]


@pytest.mark.parametrize("z", [0.5, 3.0, 7.0, 7.5, 7.625, 11.0])
def test_the_textbook_form_is_the_same_by_processor_and_by_integers(z):
    exact = rounding.textbook_exactly(Fraction(z), FLOAT16)
    assert rounding.textbook(z, FLOAT16) == pytest.approx(float(exact), abs=FLOAT16.epsilon / 2)


def test_the_published_norms_stand_as_printed():
    flat = [norm for norms in published_norms.PRINTED.values() for norm in norms]
    assert flat == [
        "0.07", "0.31", "0.012", "0.060", "0.283", "0.003", "0.017", "0.070", "0.285",
    ]  # fmt: skip


def test_the_dial_is_not_drawn_to_other_numbers(monkeypatch):
    wrong = [home.Chain(curve.weight, curve.norms * 1.5) for curve in home.chains()]
    monkeypatch.setattr(home, "chains", lambda: tuple(wrong))
    with pytest.raises(DeclarationError, match="one-dial"):
        home._stated()
