"""What every derivation offers, whether it came from equations or from a network."""

from __future__ import annotations

import html
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import sympy as sp

from gradmath.derivation.step import Step
from gradmath.errors import UnknownNameError


class LazyMapping(Mapping[str, Any]):
    """A read-only mapping over fixed names whose values are made when they are asked for.

    `what` is what an error calls the name.
    """

    def __init__(
        self, names: Sequence[str], make: Callable[[str], Any], what: str = "gradient"
    ) -> None:
        self._names, self._make, self._what = dict.fromkeys(names), make, what
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        found = self._made.get(name)
        if found is None:
            if name not in self._names:
                raise UnknownNameError(self._what, name, self._names)
            found = self._made[name] = self._make(name)
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __reversed__(self) -> Iterator[str]:
        return reversed(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __repr__(self) -> str:
        shown = ", ".join(f"{name!r}: {_short(self[name])}" for name in islice(self._names, 8))
        return "{" + shown + (", ...}" if len(self._names) > 8 else "}")


#: An expression with more nodes than this, written out, is not printed in a repr.
_LONG = 500


def _short(expression: sp.Basic) -> str:
    """The expression in text, or what it is where it would run over pages."""
    sizes: dict[sp.Basic, int] = {}
    waiting = [expression]
    while waiting:  # shared parts are measured once, though they are written out each time
        node = waiting[-1]
        missing = [argument for argument in node.args if argument not in sizes]
        if missing:
            waiting.extend(missing)
            continue
        sizes[waiting.pop()] = 1 + sum(sizes[argument] for argument in node.args)
    size = sizes[expression]
    return str(expression) if size <= _LONG else f"<expression of {size} nodes>"


class Derivation(ABC):
    """The chain rule as ordered, named, shaped steps.

    Attributes: `steps` (forward, local, adjoint, gradient), `gradient` (mapping name ->
    expression in the named intermediates), `explicit(name)` (the same in the inputs alone),
    `symbols`, `shapes`, `equations`, `output`, `inputs`, `wrt`.  In a notebook it shows itself.
    """

    output: str
    inputs: tuple[str, ...]
    wrt: tuple[str, ...]

    @property
    @abstractmethod
    def steps(self) -> tuple[Step, ...]:
        """Every line, in order."""

    @property
    def length(self) -> int:
        """The number of steps."""
        return len(self.steps)

    @property
    @abstractmethod
    def gradient(self) -> Mapping[str, Any]:
        """Derivative of the output by each of `wrt`, in the named intermediates."""

    @abstractmethod
    def explicit(self, name: str) -> sp.Basic:
        """A value or derivative in the inputs alone."""

    @property
    @abstractmethod
    def symbols(self) -> Mapping[str, sp.Basic]:
        """Name -> the SymPy symbol used for it."""

    def latex(self, kinds: Sequence[str] = ("forward", "local", "adjoint", "gradient")) -> str:
        """All steps of these kinds as one aligned LaTeX display (without dollar signs)."""
        lines = [
            step.latex().replace(" = ", " &= ", 1) for step in self.steps if step.kind in kinds
        ]
        return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"

    def text(self) -> str:
        """All steps in plain text, one a line, grouped by kind."""
        lines: list[str] = []
        previous = None
        for step in self.steps:
            if step.kind != previous:
                lines.append(f"{step.kind}:")
                previous = step.kind
            lines.append(f"  {step.text()}")
        return "\n".join(lines)

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def _repr_html_(self) -> str:
        # For viewers without maths; a notebook prefers the LaTeX.
        return f"<pre>{html.escape(self.text())}</pre>"

    def __repr__(self) -> str:
        return f"<Derivation of {self.output} by {_listed(self.wrt)}: {self.length} steps>"


def _listed(names: Sequence[str]) -> str:
    """The names, the middle of many left out."""
    if len(names) > _MANY:
        names = [*names[: _MANY - 2], "...", names[-1]]
    return ", ".join(names)


#: More names than this are not listed in full.
_MANY = 12
