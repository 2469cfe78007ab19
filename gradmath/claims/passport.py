"""A claim's passport: everything known about it, as plain values ready for JSON."""

from __future__ import annotations

import functools
import platform
from collections.abc import Mapping
from importlib import metadata
from typing import TYPE_CHECKING, Any

from gradmath.claims.grades import GRADE_TITLES, STATUS_TITLES
from gradmath.claims.judge import Trial
from gradmath.verify.report import Row

if TYPE_CHECKING:
    from gradmath.claims.claim import Claim

#: Distributions whose versions can decide an outcome.
_PACKAGES = ("gradmath", "sympy", "mpmath", "python-flint", "numpy")


@functools.cache
def versions() -> Mapping[str, str]:
    """Versions of Python and of the packages that the evidence rests on, where installed."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def passport(claim: Claim, *, duration: bool = True) -> dict[str, Any]:
    """The passport of a claim; runs its evidence."""
    judgement = claim.judgement
    file, line = claim.source
    made: dict[str, Any] = {
        "id": claim.id,
        "page": claim.page,
        "titles": dict(claim.titles),
        "statement": {
            "latex": claim.statement.latex,
            "text": claim.statement.text,
            **{f"words_{language}": words for language, words in claim.statement_text.items()},
        },
        "assumptions": dict(claim.assumptions),
        "grade": str(claim.grade),
        "grade_titles": dict(GRADE_TITLES[claim.grade]),
        "status": str(judgement.status),
        "status_titles": dict(STATUS_TITLES[judgement.status]),
        "reason": judgement.reason,
        "evidence": [_row(row) for row in judgement.report],
        "points": sum(row.points or 0 for row in judgement.report),
        "mistakes": [_trial(trial) for trial in judgement.trials],
        "planted": len(judgement.trials),
        "killed": sum(trial.passed for trial in judgement.trials),
        "generated": judgement.generated.to_json(),
        "unattacked": list(judgement.unattacked),
        "values": {
            name: value.to_json() | {"held": judgement.held.by.get(name, "")}
            for name, value in claim.values.items()
        },
        "references": list(claim.references),
        "source": {"file": file, "line": line},
        "versions": dict(versions()),
    }
    if duration:
        made["seconds"] = judgement.seconds
    return made


def _row(row: Row) -> dict[str, Any]:
    plain = {name: getattr(row, name) for name in Row.__dataclass_fields__}
    worst = plain["worst"]
    if worst is not None and not abs(worst) < float("inf"):
        plain["worst"] = str(worst)  # JSON has no infinity
    return plain


def _trial(trial: Trial) -> dict[str, Any]:
    shown = trial.shown
    return {
        "titles": dict(trial.titles),
        "text": trial.text,
        "killed": trial.killed,
        "by": trial.by,
        "attacked": sorted(trial.attacked),
        "counterexample": None
        if shown is None
        else {
            "part": shown.part,
            "where": dict(shown.where),
            "left": shown.left,
            "right": shown.right,
            "text": shown.text,
        },
    }
