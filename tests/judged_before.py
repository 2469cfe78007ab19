"""What `gradmath verify` has just found out about the claims is not found out again.

A folder of tests that asks claims for their judgement names the fixture in its conftest.py.
"""

from __future__ import annotations

import pytest

from gradmath import checking


@pytest.fixture(scope="session", autouse=True)
def judged_before() -> None:
    """Kept judgements are those of this very source; claims without one are judged when asked."""
    checking.recall_claims()
