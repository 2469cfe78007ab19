"""Evidence by enclosures: it passes, fails and is undecided where it should be."""

from __future__ import annotations

import pytest
import sympy as sp

from gradmath.claims import claims
from gradmath.claims.enclosed import Enclosures, enclosures, on_whole_domain
from gradmath.claims.located import Extremal, Located, Mean, Zeros
from gradmath.claims.relation import at_most, equal, less
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Reals, sigmoid, tanh, w, z
from gradmath.errors import DeclarationError, UnknownNameError
from gradmath.verify import enclose

R = sp.Rational
HAIR = R(1, 10**12)
SLOPE = sigmoid(z).diff(z)
TOP = Extremal(SLOPE, "greatest", R(1, 4), (sp.S.Zero,))
ROOT = Zeros(sp.exp(z) - 2, (sp.log(2),))
MEAN = Mean(z**2, sp.S.One)
WRONG = {
    "value too low": {"top": {"value": R(1, 4) - HAIR}},
    "value too high": {"top": {"value": R(1, 4) + HAIR}},
    "another place": {"top": {"at": (HAIR,)}},
    "two places": {"top": {"at": (sp.S.Zero, sp.S.One)}},
    "root off": {"root": {"at": (sp.log(2) + HAIR,)}},
    "no root": {"root": {"at": ()}},
    "one root too many": {"root": {"at": (sp.log(2), sp.S.One)}},
    "mean off": {"mean": {"value": 1 + HAIR}},
}


def located():
    return Located({"top": TOP, "root": ROOT, "mean": MEAN})


def statuses(statement):
    return {row.subject: row.status for row in enclosures().check(statement)}


def test_what_is_true_passes_and_names_boxes_precision_and_enclosure():
    rows = enclosures().check(located())
    assert {row.status for row in rows} == {"passed"}
    assert [row.method for row in rows] == [
        "Arb: extremum enclosed",
        "Arb: root enclosed",
        "Arb: Gaussian moment enclosed",
    ]
    for row in rows:
        assert "bits" in row.note
        assert row.got
        assert row.domain
    assert "boxes" in rows[0].note
    assert "(-oo, -8]" in rows[0].note
    assert "below" in rows[2].note  # the tails


@pytest.mark.parametrize("changed", WRONG.values(), ids=WRONG)
def test_what_is_wrong_by_a_hair_fails_and_is_shown_false(changed):
    planted = located().but(changed)
    (name,) = changed
    found = statuses(planted)
    assert found.pop(name) == "failed"
    assert set(found.values()) == {"passed"}
    assert planted.counterexample() is not None
    assert planted.text != located().text


def test_what_is_true_has_no_counterexample():
    assert located().counterexample() is None


def test_a_stated_error_smaller_than_the_enclosure_is_undecided():
    fine = located().but({"mean": {"within": R(1, 10**60)}})
    assert statuses(fine)["mean"] == "inconclusive"


def test_a_bound_that_is_only_approached_is_not_taken():
    rising = Located({"top": Extremal(sigmoid(z), "greatest", sp.S.One, (sp.Integer(40),))})
    assert statuses(rising)["top"] == "failed"
    bound = Located({"top": Extremal(sigmoid(z), "greatest", sp.S.One)})
    assert statuses(bound)["top"] == "passed"


def test_what_cannot_be_enclosed_is_undecided():
    wave = Located({"top": Extremal(sp.sin(z), "greatest", sp.S.One)})
    row = enclosures().check(wave)[0]
    assert row.status == "inconclusive"
    assert "half line" in row.note


def test_parts_are_named():
    with pytest.raises(UnknownNameError):
        enclosures("topp").check(located())
    assert Enclosures(("top",)).covers(located()) == {"top"}
    with pytest.raises(DeclarationError):
        Located({})


def test_inequalities_on_whole_domains():
    statement = ForAll({"slope": at_most(SLOPE, R(1, 4))}, {z: Reals})
    row = on_whole_domain().check(statement)[0]
    assert row.status == "passed"
    assert row.method == "Arb: on the whole domain"
    assert "[8, oo): largest term" in row.note
    assert "boxes" in row.note
    assert "128 bits" in row.note
    low = statement.but(slope=at_most(SLOPE, R(1, 4) - HAIR))
    row = on_whole_domain().check(low)[0]
    assert row.status == "failed"
    assert row.where == "z = 0"
    assert row.got.startswith("0.25")


def test_points_left_out_are_those_given():
    from gradmath.claims.relation import unequal

    strict = ForAll({"slope": less(SLOPE, R(1, 4))}, {z: Reals})
    assert on_whole_domain().check(strict)[0].status == "failed"
    given = ForAll({"slope": less(SLOPE, R(1, 4))}, {z: Reals}, given=(unequal(z, 0),))
    assert on_whole_domain().check(given)[0].status == "passed"


def test_what_it_is_not_for():
    equation = ForAll({"slope": equal(SLOPE, R(1, 4))}, {z: Reals})
    assert on_whole_domain().check(equation)[0].status == "failed"
    two = ForAll({"both": less(tanh(z) * tanh(w), 2)}, {z: Reals, w: Reals})
    with pytest.raises(DeclarationError):
        on_whole_domain().check(two)


def test_a_symbol_with_one_value_stands_for_its_number():
    from gradmath.claims.evidence import enclosure

    named = ForAll({"small": less(sigmoid(w), R(1, 50))}, {w: sp.FiniteSet(sp.Integer(-4))})
    assert enclosure().check(named)[0].status == "passed"
    assert enclosure().check(named.but(small=less(sigmoid(w), R(1, 60))))[0].status == "failed"
    for domain in (sp.FiniteSet(-4, -5), Reals, sp.FiniteSet(sp.sqrt(2))):
        many = ForAll({"small": less(sigmoid(w), R(1, 50))}, {w: domain})
        with pytest.raises(DeclarationError, match="numbers only"):
            enclosure().check(many)


def test_too_few_boxes_is_undecided(monkeypatch):
    def few(*args, **options):
        return inequality(*args, **options, budget=5)

    inequality = enclose.inequality
    monkeypatch.setattr(enclose, "inequality", few)
    statement = ForAll({"slope": at_most(SLOPE, R(251, 1000))}, {z: Reals})
    row = on_whole_domain().check(statement)[0]
    assert row.status == "inconclusive"
    assert "5 boxes did not suffice" in row.note


def test_reference_values_are_what_the_page_quotes():
    means, slopes = claims["gaussian-means"], claims["slopes-above-one"]
    assert means.value("sigmoid_slope").plain == "0.206621"
    assert means.value("sigmoid_slope_squared").plain == "0.0448362"
    assert means.value("tanh_gain").plain == "1.592537"
    assert means.value("selu_slope_squared").plain == "1.07157"
    assert slopes.value("silu_max").plain == "1.09984"
    assert slopes.value("gelu_max_at").plain == "1.41421"
