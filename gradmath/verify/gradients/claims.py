"""What a person claims the gradient to be: an expression, text, code, or a constant."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from gradmath.errors import ArgumentTypeError, ShapeError
from gradmath.verify.gradients import arrays, trees
from gradmath.verify.gradients.functions import Code, Formula
from gradmath.verify.gradients.number import Number
from gradmath.verify.gradients.trace import Trace


class Constant(Formula):
    """The same value everywhere."""

    def __init__(self, value: Any) -> None:
        self.value, self.names = value, ()

    def run(self, values: Mapping[str, Any], trace: Trace) -> Any:
        """The value."""
        return self.value


@dataclass(frozen=True)
class Claim:
    """The claimed gradient by one name: a formula, and which part of its result is meant."""

    name: str
    formula: Formula
    part: Callable[[Any], Any]

    @property
    def is_code(self) -> bool:
        """Whether it can be called on machine numbers."""
        return isinstance(self.formula, Code)

    def entries(self, output: Any, template: Any, whole: tuple[int, ...]) -> list[Any]:
        """The entries of the claim in a result, in order; a single number counts for all."""
        found, shape = leaves(self.part(output), template)
        count = int(np.prod(whole, dtype=int))
        if len(found) == count:
            return found
        if len(found) == 1:
            return found * count
        raise ShapeError(f"gradient by {self.name}", got=f"shape {shape}", allowed=f"shape {whole}")

    def shape(self, output: Any, template: Any) -> tuple[int, ...]:
        """The shape of the claim in a result; a tree has the number of its entries."""
        return leaves(self.part(output), template)[1]


def leaves(value: Any, template: Any) -> tuple[list[Any], tuple[int, ...]]:
    """The entries of a claim and its shape, in the structure of the argument."""
    if trees.is_tree(template):
        return _structured(value, template)
    if isinstance(value, Number):
        return [value], ()
    array = arrays.table("gradient", value if _holds_numbers(value) else machine(value))
    entries = [e.item() if isinstance(e, np.ndarray) else e for e in array.reshape(-1).tolist()]
    for entry in entries:
        if not isinstance(entry, Number | int | float | complex | np.number | Fraction):
            raise ArgumentTypeError(
                "gradient", got=f"{type(entry).__name__} as its value",
                allowed="a number or an array of numbers", remedy="is a return missing?",
            )  # fmt: skip
    return entries, array.shape


def machine_numbers(entries: Sequence[Any]) -> list[float]:
    """The entries of a result as doubles; raises `ArgumentTypeError` for complex numbers."""
    if any(isinstance(each, complex | np.complexfloating) for each in entries):
        raise ArgumentTypeError("values", got="complex numbers", allowed="real numbers")
    return [float(each) for each in entries]


def _holds_numbers(value: Any) -> bool:
    return isinstance(value, list | tuple | arrays.Traced)


def _structured(value: Any, template: Any) -> tuple[list[Any], tuple[int, ...]]:
    wanted = dict(trees.leaves(template))
    got = dict(trees.leaves(value)) if trees.is_tree(value) else {"": value}
    if set(got) != set(wanted):
        raise ShapeError(
            "gradient",
            got=f"the structure {', '.join(map(str, got)) or 'nothing'}",
            allowed=f"the argument's: {', '.join(wanted)}",
        )
    found: list[Any] = []
    for path, leaf in wanted.items():
        entries, shape = leaves(got[path], 0.0)
        if shape != np.shape(leaf):
            raise ShapeError(
                f"gradient{path}", got=f"shape {shape}", allowed=f"shape {np.shape(leaf)}"
            )
        found += entries
    return found, (len(found),)


def machine(value: Any) -> Any:
    """An array of another library as NumPy's."""
    if hasattr(value, "detach"):  # a tensor that may carry a graph
        value = value.detach()
    if hasattr(value, "cpu"):
        value = value.cpu()
    if isinstance(value, np.ndarray | np.generic | int | float) or not hasattr(value, "__dlpack__"):
        return value
    return np.from_dlpack(value)


def parts(names: Sequence[str], gradient: Any) -> dict[str, Callable[[Any], Any]]:
    """How one callable's result is split over several names: a mapping or a sequence of them."""

    def part(place: int, name: str) -> Callable[[Any], Any]:
        def pick(output: Any) -> Any:
            if isinstance(output, Mapping):
                if name not in output:
                    raise ArgumentTypeError(
                        "gradient", got=f"a mapping of {', '.join(map(str, output))}",
                        allowed=f"one with {name!r}",
                    )  # fmt: skip
                return output[name]
            if isinstance(output, list | tuple) and len(output) == len(names):
                return output[place]
            raise ArgumentTypeError(
                "gradient",
                got=type(output).__name__,
                allowed=f"a tuple of {len(names)} or a mapping, for wrt {', '.join(names)}",
            )

        return pick

    if len(names) == 1:
        return {names[0]: lambda output: _only(names[0], output)}
    return {name: part(place, name) for place, name in enumerate(names)}


def _only(name: str, output: Any) -> Any:
    """The result itself, or the one entry of a tuple or mapping that names it."""
    if isinstance(output, Mapping) and set(output) == {name}:
        return output[name]
    return output[0] if isinstance(output, tuple) and len(output) == 1 else output
