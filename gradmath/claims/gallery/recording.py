"""What other checkers and frameworks said, as `nox -s peers` wrote it down.

The file holds answers, versions and a date; it is data of the package, and anybody can write it
anew.  It is read when it is first asked for.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradmath.errors import UnknownNameError, VerificationError

FILE = Path(__file__).parents[1] / "recorded" / "peers.json"
ACCEPTED, REJECTED = "accepted", "rejected"


@dataclass(frozen=True)
class Trial:
    """A checker's verdict on one claimed gradient, and the settings that were not its defaults."""

    gradient: str
    verdict: str
    changed: Mapping[str, Any]
    sizes: Mapping[str, str]


@dataclass(frozen=True)
class Record:
    """One peer's answers about one exhibit: verdicts of a checker, or numbers of a framework."""

    exhibit: str
    peer: str
    tool: str
    settings: Mapping[str, Any]
    promise: str
    inputs: Mapping[str, Any]
    value: float | None
    trials: Sequence[Trial]
    results: Mapping[str, Any]

    def trial(self, gradient: str, changed: Mapping[str, Any] | None = None) -> Trial:
        """The verdict on a gradient under these changed settings (none: the defaults)."""
        for each in self.trials:
            if each.gradient == gradient and each.changed == (changed or {}):
                return each
        known = [f"{each.gradient} {dict(each.changed)}" for each in self.trials]
        wanted = f"{gradient} {changed or {}}"
        raise UnknownNameError(f"trial of {self.exhibit} by {self.peer}", wanted, known)


@dataclass(frozen=True)
class Recording:
    """The whole file."""

    date: str
    platform: Mapping[str, str]
    versions: Mapping[str, str]
    records: Sequence[Record]
    gradmath: Mapping[str, Mapping[str, str]]

    def of(self, exhibit: str, peer: str | None = None) -> Record:
        """The record of one peer about an exhibit, or the only one there is."""
        found = [each for each in self.records if each.exhibit == exhibit]
        if peer is not None:
            found = [each for each in found if each.peer == peer]
        if len(found) != 1:
            known = [f"{each.exhibit} {each.peer}" for each in self.records]
            raise UnknownNameError("record", f"{exhibit} {peer or ''}".strip(), known)
        return found[0]

    def peers(self, exhibit: str) -> list[Record]:
        """Every peer's record about an exhibit."""
        return [each for each in self.records if each.exhibit == exhibit]


@functools.cache
def recording() -> Recording:
    """The file that is part of this package."""
    return read(FILE)


def read(file: Path) -> Recording:
    """Read a file that `nox -s peers` wrote; `VerificationError` if it is missing or incomplete."""
    remedy = "write it with: python -m nox -s peers"
    try:
        whole = json.loads(file.read_text(encoding="utf-8"))
        return Recording(
            whole["date"],
            whole["platform"],
            whole["versions"],
            tuple(_record(each) for each in whole["records"]),
            whole["gradmath"],
        )
    except FileNotFoundError:
        raise VerificationError("record of the peers", "no file", FILE.name, remedy) from None
    except (KeyError, TypeError, ValueError) as error:
        raise VerificationError(
            "record of the peers", repr(error), "a whole file", remedy
        ) from None


def _record(plain: Mapping[str, Any]) -> Record:
    value = plain["value"]
    return Record(
        plain["exhibit"],
        plain["peer"],
        plain["tool"],
        plain["settings"],
        plain["promise"],
        plain["inputs"],
        None if value is None else float.fromhex(value),
        tuple(
            Trial(each["gradient"], each["verdict"], each["changed"], each.get("sizes", {}))
            for each in plain["trials"]
        ),
        {name: _number(number) for name, number in plain["results"].items()},
    )


def _number(text: Any) -> Any:
    return [_number(each) for each in text] if isinstance(text, list) else float.fromhex(text)
