"""Every figure in both languages, drawn once for all tests.

Figures of one module draw on the same runs: they go to one worker, which makes those once.
"""

from __future__ import annotations

import pytest

from gradmath import figures

CASES = [
    pytest.param((id, language), id=f"{id} {language}", marks=pytest.mark.xdist_group(module))
    for id, module in ((id, figure.draw.__module__) for id, figure in figures.figures.items())
    for language in ("en", "zh")
]


@pytest.fixture(params=CASES)
def case(request) -> tuple[str, str]:
    return request.param
