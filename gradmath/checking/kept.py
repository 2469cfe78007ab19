"""Outcomes kept by content: what did not change is not checked again.

The address of an outcome is that of `dynamics.cache`: a hash of the package's whole source, of the
versions that compute and, for a claim, of its declaration.  Only what passed is kept, so that
nothing a time limit or a machine in trouble brought about is ever handed out again.

An outcome is kept only by a process that was started after the source was hashed, and only if the
hash is still the same when the check has ended: a source edited in between keeps nothing.
Subjects declared outside the package are neither kept nor looked up, for its hash does not hold
them.
"""

from __future__ import annotations

import inspect
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from gradmath.cache_folder import folder
from gradmath.checking.listing import subjects
from gradmath.checking.outcome import Outcome, check
from gradmath.claims import claims
from gradmath.claims.claim import Claim
from gradmath.dynamics import cache
from gradmath.verify import PASSED

_PACKAGE = Path(__file__).resolve().parents[1]
_DURATIONS = "durations.json"


def inside(subject: Any) -> bool:
    """Whether a subject is declared in the package, so that its hash holds all of it."""
    if not isinstance(subject, Claim):
        return type(subject).__module__.partition(".")[0] == "gradmath"
    function = inspect.unwrap(subject.function)
    code = getattr(function, "__code__", None)
    return (
        code is not None
        and not function.__closure__
        and function.__module__.partition(".")[0] == "gradmath"
        and Path(code.co_filename).resolve().is_relative_to(_PACKAGE)
    )


def address(id: str) -> Path | None:
    """The file of the outcome of a subject, or None for one declared outside the package."""
    subject = subjects()[id]
    if not inside(subject):
        return None
    declared = subject if isinstance(subject, Claim) else None
    return cache.address(check, {"id": id, "declared": declared})


def recall(id: str) -> Outcome | None:
    """The kept outcome of a subject, or None."""
    place = address(id)
    found = None if place is None else cache.read(place)
    return None if found is None else replace(found[0], cached=True)


def keep(outcome: Outcome, source: str) -> bool:
    """Keep an outcome, if it passed and the source is still that of the hash `source`."""
    place = address(outcome.id)
    if place is None or outcome.status != PASSED:
        return False
    if not source == cache.source_hash() == cache.source_hash_now():
        return False
    cache.write(place, outcome)
    return True


def recall_claims() -> int:
    """Give every claim its kept judgement, so that its evidence is not run again; says how many.

    For a program that shows what was verified before, such as the build of the site.  Claims
    without a kept judgement run their evidence when asked, as always.
    """
    count = 0
    for id, claim in claims.items():
        outcome = recall(id)
        if outcome is not None and outcome.judgement is not None:
            vars(claim)["judgement"] = outcome.judgement  # in place of the cached property
            count += 1
    return count


def durations() -> dict[str, float]:
    """How long each subject took when it was last checked, in seconds; empty if never."""
    try:
        known = json.loads((folder() / _DURATIONS).read_text("utf-8"))
        return {str(id): float(seconds) for id, seconds in known.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def remember_durations(found: Mapping[str, float]) -> None:
    """Note how long subjects took; what cannot be written is forgotten."""
    whole = {**durations(), **{id: round(seconds, 3) for id, seconds in found.items()}}
    target = folder() / _DURATIONS
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=target.parent, prefix="~", delete=False
        ) as file:
            json.dump(whole, file)
        os.replace(file.name, target)
    except OSError:
        return
