"""Every error the package raises.

Each error names the argument, what came, what is allowed and the remedy, in that order, so that
the message alone is enough to mend the call.  All of them are `GradmathError`; most are also the
built-in error a Python reader expects (`ValueError`, `TypeError`, `KeyError`), so that code which
knows nothing of gradmath still catches them.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class GradmathError(Exception):
    """Base of every error raised by gradmath.

    `argument`, `got`, `allowed` and `remedy` keep the four parts of the message for programs.
    """

    def __init__(
        self,
        argument: str,
        got: object = None,
        allowed: object = None,
        remedy: str | None = None,
    ) -> None:
        self.argument = argument
        self.got = got
        self.allowed = allowed
        self.remedy = remedy
        super().__init__(self._message())

    def _message(self) -> str:
        parts = [self.argument]
        if self.got is not None:
            parts.append(f"got {self.got}")
        if self.allowed is not None:
            parts.append(f"allowed: {self.allowed}")
        if self.remedy is not None:
            parts.append(self.remedy)
        return parts[0] + (": " if len(parts) > 1 else "") + "; ".join(parts[1:])

    def __str__(self) -> str:  # KeyError would print the repr of its argument
        return self._message()


class DeclarationError(GradmathError, ValueError):
    """A catalogue entry, claim or figure is incomplete, contradicts itself or repeats a name."""


class UnknownNameError(GradmathError, KeyError, AttributeError):
    """A name that is not in the table it was looked up in; the nearest one is offered."""

    def __init__(self, argument: str, name: object, known: Iterable[str]) -> None:
        names = sorted(known)
        near = difflib.get_close_matches(str(name), names, n=1, cutoff=0.5)
        super().__init__(
            argument,
            got=repr(name),
            allowed=", ".join(names) if names else "nothing: the table is empty",
            remedy=f"did you mean {near[0]!r}?" if near else None,
        )


class EquationError(GradmathError, ValueError):
    """An equation that cannot be read, is out of order, cyclic, or outside the safe grammar."""


class ShapeError(GradmathError, ValueError):
    """Arrays whose shapes do not fit each other or the network."""


class ValueRangeError(GradmathError, ValueError):
    """A value outside its range: NaN, infinity, an empty array, a parameter out of bounds."""


class ArgumentTypeError(GradmathError, TypeError):
    """An argument of a type that the call does not take."""


class ArrayLibraryError(GradmathError, TypeError):
    """Arrays of two libraries, or of a library that is not supported, in one call."""


class KinkError(GradmathError, ValueError):
    """A derivative asked for at a point where there is none and none was declared."""


class BackendError(GradmathError, RuntimeError):
    """A backend that was asked for is missing, or has no device to run on."""


class VerificationError(GradmathError, AssertionError):
    """`Report.require()` found a row that did not pass.

    What was found is written on lines of its own, if it takes more than one.
    """

    def _message(self) -> str:
        if "\n" in str(self.got):
            return f"{self.argument}: {self.got}"
        return super()._message()
