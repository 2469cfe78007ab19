"""A report passes only on rows that all passed, and never on nothing."""

from __future__ import annotations

import json

import pytest
from flint import arb

from gradmath.errors import VerificationError
from gradmath.verify import FAILED, INCONCLUSIVE, PASSED, Report, Row
from gradmath.verify.tally import Tally
from gradmath.verify.ulps import FLOAT64


def row(status=PASSED, **fields):
    return Row(**{"subject": "dL/dw", "method": "oracle", "status": status, **fields})


@pytest.mark.parametrize(
    ("statuses", "verdict"),
    [
        ([], INCONCLUSIVE),
        ([PASSED], PASSED),
        ([PASSED, PASSED], PASSED),
        ([PASSED, INCONCLUSIVE], INCONCLUSIVE),
        ([INCONCLUSIVE, FAILED, PASSED], FAILED),
    ],
)
def test_verdict(statuses, verdict):
    assert Report([row(s) for s in statuses]).status == verdict


def test_a_row_on_no_points_has_failed():
    assert row(points=0).status == FAILED
    assert Report([row(points=0)]).status == FAILED
    assert Tally("f", "oracle", "ulp").row().status == FAILED


def test_unknown_status_is_refused():
    with pytest.raises(VerificationError, match="status"):
        row("fine")


def test_require_names_step_point_and_both_values():
    bad = row(FAILED, points=3, where="w = 0.5", got="0.25", expected="0.5")
    with pytest.raises(VerificationError) as caught:
        Report([row(), row(INCONCLUSIVE), bad]).require()
    for part in ("dL/dw", "w = 0.5", "0.25", "0.5", "1 more"):
        assert part in str(caught.value)


def test_require_returns_a_passed_report_and_refuses_an_empty_one():
    report = Report([row(points=2)])
    assert report.require() is report
    with pytest.raises(VerificationError, match="no rows"):
        Report([]).require()


def test_unknown_is_not_a_pass_for_require():
    with pytest.raises(VerificationError, match="inconclusive"):
        Report([row(INCONCLUSIVE)]).require()


def test_json_and_html_show_every_row():
    report = Report([row(FAILED, points=1, worst=float("inf"), got="<nan>")], title="a & b")
    plain = json.loads(report.to_json())
    assert plain["status"] == FAILED
    assert plain["rows"][0]["worst"] == "inf"
    assert "&lt;nan&gt;" in report._repr_html_()
    assert "a &amp; b" in report._repr_html_()
    assert "dL/dw" in repr(report)


def test_tally_shows_the_first_failure_even_if_a_pass_was_closer_to_the_bound():
    tally = Tally("f", "oracle", "of the bound")
    tally.add(True, 0.9, "x = 1", 1.0, 1.0)
    tally.add(False, 0.5, "x = 2", 2.0, 3.0)
    tally.add(True, 0.8, "x = 3", 1.0, 1.0)
    assert (tally.row().status, tally.row().where) == (FAILED, "x = 2")


def test_tally_is_inconclusive_where_the_oracle_had_no_answer():
    tally = Tally("f", "oracle", "of the bound")
    tally.add(True, 0.1, "x = 1", 1.0, 1.0)
    tally.undecide("x = 2", "too wide")
    assert tally.row().status == INCONCLUSIVE


def test_tally_is_inconclusive_where_rounding_outweighs_most_values():
    tally = Tally("f", "oracle", "of the bound")
    for _ in range(3):
        tally.judge(1.0, arb(1.5), arb(10), "x = 1", FLOAT64)
    assert tally.row().status == FAILED  # nothing was compared
    tally.judge(1.0, arb(1), arb(1e-12), "x = 2", FLOAT64)
    assert tally.row().status == INCONCLUSIVE
    for _ in range(2):
        tally.judge(1.0, arb(1), arb(1e-12), "x = 2", FLOAT64)
    assert tally.row().status == PASSED
    tally.judge(20.0, arb(1.5), arb(10), "x = 1", FLOAT64)
    assert tally.row().status == FAILED


def test_tally_counts_nan_as_infinitely_wrong():
    tally = Tally("f", "oracle", "of the bound")
    tally.add(False, float("nan"), "x = 1", float("nan"), 1.0)
    assert tally.row().worst == float("inf")


def test_a_row_says_where_was_looked():
    told = row(points=3, domain="x in [-2, 2], float64")
    report = Report([told, row()]).within("z real")
    assert [each.domain for each in report] == ["x in [-2, 2], float64", "z real"]
    assert "3 points, for x in [-2, 2], float64" in repr(report)
    assert "<td>z real</td>" in report._repr_html_()
    assert json.loads(report.to_json())["rows"][1]["domain"] == "z real"


def test_the_domain_is_the_last_field_so_that_rows_by_place_stay_what_they_were():
    whole = Row("a", "b", PASSED, 1, 0.5, "ulp", "x = 1", "2", "3", "note", "x real")
    assert (whole.note, whole.domain) == ("note", "x real")
