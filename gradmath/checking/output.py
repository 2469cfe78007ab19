"""The file of `gradmath verify --json`: whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from gradmath.checking.outcome import Outcome
from gradmath.claims import ledger
from gradmath.errors import ValueRangeError


def check_writable(path: Path) -> None:
    """Refuse a file that cannot be written, before anything is run; the file stays as it is."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            with path.open("a", encoding="utf-8"):
                pass
        if _replaceable(path):
            _beside(path).touch()
            _beside(path).unlink()
    except OSError as error:
        raise ValueRangeError(
            "json", got=f"{path}: {error.strerror}", allowed="a file that can be written"
        ) from None


def write(path: Path, outcomes: Sequence[Outcome]) -> None:
    """Write the outcomes; a reader of the file sees the old text or the new, never a part."""
    text = ledger.to_json(document(outcomes))
    if not _replaceable(path):  # a pipe or a device
        path.write_text(text, encoding="utf-8")
        return
    beside = _beside(path)
    try:
        beside.write_text(text, encoding="utf-8")
        os.replace(beside, path.resolve())
    finally:
        beside.unlink(missing_ok=True)


def document(outcomes: Sequence[Outcome]) -> dict[str, object]:
    """The outcomes in the form of the ledger: passports of claims, reports of everything else."""
    return ledger.document(
        [
            ledger.entry({**outcome.passport, "seconds": outcome.seconds}, cached=outcome.cached)
            for outcome in outcomes
            if outcome.passport is not None
        ],
        [
            {
                "id": outcome.id,
                "status": outcome.status,
                "seconds": round(outcome.seconds, 3),
                "cached": outcome.cached,
                "rows": outcome.report["rows"],
            }
            for outcome in outcomes
            if outcome.passport is None
        ],
    )


def _replaceable(path: Path) -> bool:
    return path.is_file() or not path.exists()


def _beside(path: Path) -> Path:
    """A name of our own in the folder of the file (of what a link points to)."""
    whole = path.resolve()
    return whole.with_name(f".{whole.name}.{os.getpid()}~")
