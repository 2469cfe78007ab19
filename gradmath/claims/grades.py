"""Words for what a claim is worth: how strong its evidence is, and how the check ended."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Grade(StrEnum):
    """How strong the evidence for a claim is.

    proved    SymPy reduces a difference to zero under explicit assumptions, or Arb ball arithmetic
              encloses it on the whole stated domain.
    checked   so many points, with the worst error, against an independent evaluation.
    measured  a seeded simulation, held against a theory in a simultaneous interval whose width
              was fixed in advance.
    refuted   declared false, with a counterexample shown.
    recorded  somebody's or some device's result, with date and versions; never counted as verified.
    """

    PROVED = "proved"
    CHECKED = "checked"
    MEASURED = "measured"
    REFUTED = "refuted"
    RECORDED = "recorded"


PROVED, CHECKED, MEASURED, REFUTED, RECORDED = Grade

GRADE_TITLES: Mapping[Grade, Mapping[str, str]] = {
    PROVED: {"en": "proved", "zh": "已证明"},
    CHECKED: {"en": "checked", "zh": "已核验"},
    MEASURED: {"en": "measured", "zh": "已实测"},
    REFUTED: {"en": "refuted", "zh": "已证伪"},
    RECORDED: {"en": "recorded", "zh": "已记录"},
}


class Status(StrEnum):
    """How a check ended.  Only `passed` is a pass."""

    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"


STATUS_TITLES: Mapping[Status, Mapping[str, str]] = {
    Status.PASSED: {"en": "passed", "zh": "通过"},
    Status.FAILED: {"en": "failed", "zh": "未通过"},
    Status.INCONCLUSIVE: {"en": "inconclusive", "zh": "未能判定"},
}
