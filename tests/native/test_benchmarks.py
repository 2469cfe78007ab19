"""The native backend does the task of the benchmarks, and its errors are found."""

from __future__ import annotations

import pytest

from gradmath.claims.performance import record
from tests.benchmarks import accuracy
from tests.benchmarks.cases import Case
from tests.benchmarks.contenders import ours

SMALL = [Case(mode, 500, dtype) for mode in record.MODES for dtype in record.DTYPES]


@pytest.mark.parametrize("case", SMALL, ids=str)
def test_it_gives_the_outputs_under_each_policy(case):
    for policy, call in ours.calls("native", case).items():
        case.check(call(), policy)


def test_its_errors_are_found():
    for row in accuracy.rows(["sigmoid"], count=100, peers=[], own=["native"]):
        assert 0 < row["worst"] < 8
