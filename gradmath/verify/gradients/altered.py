"""One product of matrices turned round while code is traced, to see what a mistake was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

#: so many products are looked at, one after the other
MOST_PRODUCTS: Final = 8


@dataclass
class Alteration:
    """Which product is to be altered, how, how many have gone by, and whether it was met."""

    number: int
    how: str
    seen: int = 0
    done: bool = False

    def of(self, a: Any, b: Any) -> tuple[Any, Any]:
        """The factors of the next product, altered if it is the one."""
        self.seen += 1
        if self.seen != self.number + 1:
            return a, b
        self.done = True
        if self.how == "reversed":
            return b, a
        return (a.T, b) if self.how == "left" else (a, b.T)


_now: ContextVar[Alteration | None] = ContextVar("alteration", default=None)


@contextmanager
def altered(number: int, how: str) -> Iterator[Alteration]:
    """Alter one product, counted from 0: "reversed", or its "left" or "right" factor turned."""
    alteration = Alteration(number, how)
    token = _now.set(alteration)
    try:
        yield alteration
    finally:
        _now.reset(token)


def factors(a: Any, b: Any) -> tuple[Any, Any]:
    """The factors of a product of matrices, as they are to be multiplied now."""
    alteration = _now.get()
    return (a, b) if alteration is None else alteration.of(a, b)
