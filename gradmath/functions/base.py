"""What every callable entry has: its declaration, name, docstring and repr."""

from __future__ import annotations

from gradmath.catalogue.declaration import Entry
from gradmath.functions.docs import describe


class CallableEntry[E: Entry]:
    """A catalogue entry as a callable; `.entry` is its declaration."""

    #: What the docstring says besides the declaration: shapes and options of the call.
    usage = ""

    def __init__(self, entry: E) -> None:
        self.entry = entry
        self.__name__ = entry.name
        self.__doc__ = "\n".join(part for part in (describe(entry), self.usage) if part)

    @property
    def name(self) -> str:
        """Its name in the table of its kind."""
        return self.entry.name

    def __repr__(self) -> str:
        return f"<{self.entry.kind} {self.name}>"
