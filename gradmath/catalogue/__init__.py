"""What exists: activations, losses, penalties, clips and initialisers, one declaration each.

Each table maps a name to its declaration, in order of declaration; aliases are found but not
listed.

>>> activations["relu"].derivative()
Piecewise((0, z <= 0), (1, True))
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from gradmath.catalogue.applied import AppliedFunction, applied, explicit
from gradmath.catalogue.bibliography import BIBLIOGRAPHY, Reference
from gradmath.catalogue.declaration import (
    Activation,
    Entry,
    Kink,
    Parameter,
    ScalarEntry,
    collecting,
)
from gradmath.catalogue.entries import Clip, Initialiser, Loss, Penalty, VectorLoss
from gradmath.errors import DeclarationError, UnknownNameError

E = TypeVar("E", bound=Entry)

__all__ = [
    "BIBLIOGRAPHY", "Activation", "AppliedFunction", "Clip", "Entry", "Initialiser", "Kink",
    "Loss", "Parameter", "Penalty", "Reference", "ScalarEntry", "Table", "VectorLoss",
    "activations", "applied", "clips", "explicit", "initialisers", "losses", "penalties",
]  # fmt: skip


class Table(Mapping[str, E]):
    """A read-only mapping name -> declaration; an unknown name is answered with the nearest."""

    def __init__(self, kind: str, entries: Sequence[E]) -> None:
        self._kind = kind
        self._entries: dict[str, E] = {}
        self._found: dict[str, E] = {}
        for entry in entries:
            for name in (entry.name, *entry.aliases):
                if name in self._found:
                    raise DeclarationError(f"{kind} {name!r}", got="two", allowed="one of a name")
                self._found[name] = entry
            self._entries[entry.name] = entry

    def __getitem__(self, name: str) -> E:
        try:
            return self._found[name]
        except (KeyError, TypeError):
            raise UnknownNameError(self._kind, name, self._found) from None

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name in self._found

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        return f"<{self._kind}s: {', '.join(self)}>"


def _table(module: str, kind: str) -> Table:
    """The table of everything that the module declares, the overwritten included."""
    with collecting() as entries:
        importlib.import_module(f"gradmath.catalogue.{module}")
    return Table(kind, entries)


activations: Table[Activation] = _table("activations", "activation")
losses: Table[Loss | VectorLoss] = _table("losses", "loss")
penalties: Table[Penalty] = _table("penalties", "penalty")
clips: Table[Clip] = _table("clips", "clip")
initialisers: Table[Initialiser] = _table("initialisers", "initialiser")
