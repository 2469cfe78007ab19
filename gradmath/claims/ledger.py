"""The ledger as one document for machines: the same for the site and for `gradmath verify --json`.

`ledger.schema.json`, a JSON Schema beside this module, says what stands in it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

from gradmath.claims.passport import versions

#: Raised whenever a field changes its meaning or goes.
FORMAT = 1


def entry(
    passport: Mapping[str, Any], *, number: str | None = None, cached: bool | None = None
) -> dict[str, Any]:
    """One claim: its passport, its number in the chapter, and what the run that checked it took.

    What is not known is None: the number where no page was read, the duration and whether it was
    read back from the cache where two runs are to give the same text.
    """
    seconds = passport.get("seconds")
    return {
        **passport,
        "number": number,
        "seconds": None if seconds is None else round(seconds, 3),
        "cached": cached,
    }


def document(
    claims: Sequence[Mapping[str, Any]],
    subjects: Sequence[Mapping[str, Any]] | None = None,
    commit: str | None = None,
) -> dict[str, Any]:
    """The whole: `claims` from `entry`, and what else was verified, if anything was."""
    whole: dict[str, Any] = {
        "format": FORMAT,
        "commit": commit,
        "versions": dict(versions()),
        "claims": list(claims),
    }
    if subjects is not None:
        whole["subjects"] = list(subjects)
    return whole


def to_json(whole: Mapping[str, Any]) -> str:
    """The document as text; refuses numbers that JSON does not have."""
    return json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n"


def schema() -> str:
    """The text of the JSON Schema (draft 2020-12) that every such document satisfies."""
    return resources.files(__package__).joinpath("ledger.schema.json").read_text("utf-8")
