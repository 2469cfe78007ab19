"""Everything there is to verify, by id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from gradmath import functions
from gradmath.catalogue.declaration import ScalarEntry
from gradmath.claims import claims
from gradmath.mutation.subjects import subjects as planted
from gradmath.stable import form
from gradmath.verify import FAILED, PASSED, Report, Row
from gradmath.verify import register as register_provider

#: Derivatives whose stable forms are proved: those that the error bound is promised for.
_PROVED_ORDERS = (0, 1, 2)


@dataclass(frozen=True)
class StableForms:
    """The stable forms of one entry, each proved equal to the definition it stands for."""

    entry: ScalarEntry

    @property
    def id(self) -> str:
        """`stable-forms-` and the entry's name."""
        return f"stable-forms-{self.entry.name}"

    def verify(self) -> Report:
        """A row for each line of each proof."""
        rows = []
        for order in _PROVED_ORDERS:
            for what, proved in form(self.entry.derivative(order), self.entry.variable).prove():
                rows.append(
                    Row(
                        f"derivative {order}, {what}" if order else what,
                        "proof that the stable form equals the definition",
                        PASSED if proved else FAILED,
                        domain=f"{self.entry.variable} real",
                    )
                )
        return Report(rows, self.id)


@cache
def subjects() -> Mapping[str, Any]:
    """Every subject of `verify()` by id: entries, stable forms, planted mistakes, and claims."""
    found: dict[str, Any] = {}
    for table in (functions.activations, functions.losses, functions.penalties, functions.clips):
        found.update(table)
    for entry in functions.activations.values():
        stable = StableForms(entry.entry)
        found[stable.id] = stable
    return {**found, **planted(), **claims}


register_provider(lambda: subjects().values())
