"""Which array library a person's code works with, and arrays of that library."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

#: libraries whose arrays are not NumPy's, and what makes an array in them
_FOREIGN = ("array_api_strict", "jax.numpy", "torch", "cupy")


def converter(function: Callable[..., Any], library: Any = None) -> Callable[[Any], Any]:
    """Leaf -> an array of `library`, or of the library that the function's own names point at."""
    found = library or _library(function)
    if found is None or found is np:
        return lambda leaf: leaf
    make = getattr(found, "asarray", None) or found.tensor

    def convert(leaf: Any) -> Any:
        return make(leaf) if isinstance(leaf, np.ndarray | np.generic | float) else leaf

    return convert


def _library(function: Any) -> Any:
    for value in _reached(function, set()):
        name = value.__name__
        if name in _FOREIGN:
            return value
        if name == "jax":
            return value.numpy
        if name.startswith("torch."):
            return __import__("torch")
    return None


def _reached(function: Any, seen: set[int]) -> Iterator[types.ModuleType]:
    """Modules that the code of a function, and of the functions it uses, refers to."""
    function = getattr(function, "func", getattr(function, "__func__", function))
    if not isinstance(function, types.FunctionType) or id(function) in seen:
        return
    seen.add(id(function))
    scope = function.__globals__
    cells = []
    for cell in function.__closure__ or ():
        try:
            cells.append(cell.cell_contents)
        except ValueError:  # an empty cell refers to nothing
            continue
    for value in [*(scope[n] for n in _names(function.__code__) if n in scope), *cells]:
        if isinstance(value, types.ModuleType):
            yield value
        else:
            yield from _reached(value, seen)


def _names(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names(constant)
