"""Right gradients and their wrong twins: the table that the gradient checker is held to.

Each `Twin` is a function with a gradient that is right, and gradients that are wrong, each with the
operator that made it and a word on it.  The tables lie beside this file, by kind:

    twins_activations   one variable, SymPy and text: the activations in their textbook form
    twins_formulas      losses, penalties, norms, tails, second derivatives
    twins_equations     named equations: chains, shared weights, recurrences
    twins_arrays        callables on arrays: layers, softmax, attention, parameters in dicts
    twins_traps         callables that are wrong only somewhere, or only in some precision
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gradmath.verify.operators import Operator

KINDS = ("sympy", "text", "equations", "array", "network")


@dataclass(frozen=True)
class Wrong:
    """A gradient that is wrong, the operator that made it so, and what is wrong in a word."""

    gradient: Any
    operator: Operator
    word: str


@dataclass(frozen=True)
class Twin:
    """A function with right gradients (each of them, by itself) and wrong ones."""

    id: str
    kind: str
    function: Any
    right: tuple[Any, ...]
    wrong: tuple[Wrong, ...]
    wrt: Any = None
    domain: Any = None
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        assert self.kind in KINDS, self.kind
        assert self.right, self.id
        assert self.wrong, self.id


def wrong(operator: str, gradient: Any, word: str) -> Wrong:
    return Wrong(gradient, Operator(operator), word)
