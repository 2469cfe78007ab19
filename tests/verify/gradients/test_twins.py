"""The checker on the whole table: no wrong gradient is accepted, and no right one rejected."""

from __future__ import annotations

from collections import Counter

import pytest

import gradmath as gm
from gradmath.verify.operators import Operator
from tests.verify.gradients.all_twins import TWINS
from tests.verify.gradients.twins import KINDS, Twin, Wrong

RIGHT = [(twin, place) for twin in TWINS for place in range(len(twin.right))]
WRONG = [(twin, place) for twin in TWINS for place in range(len(twin.wrong))]


def report_on(twin: Twin, gradient):
    return gm.check_gradient(twin.function, gradient, twin.wrt, twin.domain, **twin.options)


@pytest.mark.parametrize(("twin", "place"), RIGHT, ids=lambda v: getattr(v, "id", str(v)))
def test_a_right_gradient_passes(twin: Twin, place: int):
    report = report_on(twin, twin.right[place])
    assert report.status == "passed", report


@pytest.mark.parametrize(("twin", "place"), WRONG, ids=lambda v: getattr(v, "id", str(v)))
def test_a_wrong_gradient_fails_and_is_shown(twin: Twin, place: int):
    planted: Wrong = twin.wrong[place]
    report = report_on(twin, planted.gradient)
    assert report.status == "failed", f"{planted.word}: {report}"
    failed = [row for row in report.rows if row.status == "failed"]
    assert any(row.where or row.note for row in failed), "a failure says where"


def test_the_table_is_wide_enough():
    assert len({twin.id for twin in TWINS}) == len(TWINS) >= 60
    assert {twin.kind for twin in TWINS} == set(KINDS)
    used = Counter(planted.operator for twin in TWINS for planted in twin.wrong)
    assert set(used) == set(Operator), sorted(set(Operator) - set(used))


def test_the_wrong_ones_differ():
    for twin in TWINS:
        words = [planted.word for planted in twin.wrong]
        gradients = [str(planted.gradient) for planted in twin.wrong]
        assert len(set(gradients)) == len(gradients), (twin.id, words)
