"""Every figure in both languages, drawn once for all tests."""

from __future__ import annotations

import pytest

from gradmath import figures

CASES = [(id, language) for id in figures.figures for language in ("en", "zh")]


@pytest.fixture(params=CASES, ids=[" ".join(case) for case in CASES])
def case(request) -> tuple[str, str]:
    return request.param
