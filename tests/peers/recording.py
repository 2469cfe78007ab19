"""What a case hands over: plain values, ready for JSON.

Every case is a function that returns a `record`.  Numbers are written so that nothing is lost:
inputs as exact decimals, results in hexadecimal.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

ACCEPTED, REJECTED = "accepted", "rejected"


def record(
    exhibit: str,
    peer: str,
    tool: str,
    *,
    inputs: Mapping[str, Any],
    trials: Sequence[Mapping[str, Any]] = (),
    results: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
    promise: str = "",
    value: float | None = None,
) -> dict[str, Any]:
    """One peer's answers about one exhibit.

    `trials` are the verdicts of a checker, `results` the numbers that a framework gave.  `value`
    is the value of the function itself, by which one sees that both sides mean the same function.
    """
    return {
        "exhibit": exhibit,
        "peer": peer,
        "tool": tool,
        "settings": dict(settings or {}),
        "promise": promise,
        "inputs": {name: exact(number) for name, number in inputs.items()},
        "value": None if value is None else float(value).hex(),
        "trials": list(trials),
        "results": {name: hexadecimal(number) for name, number in (results or {}).items()},
    }


def trial(
    gradient: str, verdict: str, changed: Mapping[str, Any] | None = None, **seen: Any
) -> dict[str, Any]:
    """The verdict on one claimed gradient: "wrong" or "right", under settings that were changed.

    `seen` adds what else there is to say, such as the numerical derivative that was used.
    """
    return {"gradient": gradient, "verdict": verdict, "changed": dict(changed or {}), **seen}


def exact(number: Any) -> Any:
    """A number as an exact decimal; lists entry by entry; whole numbers as they are."""
    if isinstance(number, list | tuple):
        return [exact(each) for each in number]
    if isinstance(number, int):
        return number
    return str(Decimal(float(number)))


def hexadecimal(number: Any) -> Any:
    """A result as the hexadecimal text of its double; nested lists entry by entry."""
    if isinstance(number, list | tuple):
        return [hexadecimal(each) for each in number]
    return float(number).hex()


def defaults(function: Callable[..., Any], *names: str) -> dict[str, Any]:
    """The default settings of a checker, read from its own signature."""
    parameters = inspect.signature(function).parameters
    return {name: parameters[name].default for name in names}


def quoted(function: Any, sentence: str) -> str:
    """A sentence of a peer's own documentation; an error if it is not there any more."""
    text = " ".join((function.__doc__ or "").split())
    if sentence not in text:
        raise LookupError(f"the documentation of {function.__name__} no longer says: {sentence}")
    return sentence
