"""Which array library a person's code works with, and arrays of that library."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from gradmath.verify.ulps import FLOAT64, FORMATS, Format

#: libraries whose arrays are not NumPy's, and what makes an array in them
_FOREIGN = ("array_api_strict", "jax.numpy", "torch", "cupy")
#: libraries whose functions hold no constants of the person's
_KNOWN = ("numpy", "scipy", "gradmath")


def converter(function: Callable[..., Any]) -> Callable[[Any], Any]:
    """Leaf -> an array of the library that the function's own names point at."""
    found = _library(function)
    if found is None or found is np:
        return lambda leaf: leaf
    make = getattr(found, "asarray", None) or found.tensor

    def convert(leaf: Any) -> Any:
        return make(leaf) if isinstance(leaf, np.ndarray | np.generic | float) else leaf

    return convert


def coarsest(function: Any) -> Format:
    """The coarsest floating-point format of the arrays and scalars that code refers to."""
    found = FLOAT64
    for value in reached(function):
        if isinstance(value, types.ModuleType | type):
            continue
        for each in [value, *getattr(value, "__dict__", {}).values()]:
            name = str(getattr(each, "dtype", ""))
            if name in FORMATS and FORMATS[name].precision < found.precision:
                found = FORMATS[name]
    return found


def has_state(function: Any) -> bool:
    """Whether code refers to anything that it could write into: an object, a list, a mapping."""
    plain = (types.ModuleType, type, np.ndarray, np.generic, str, int, float, tuple)
    return any(
        isinstance(value, list | dict) or bool(getattr(value, "__dict__", None))
        for value in _reached(function, set())
        if not isinstance(value, plain)
    )


def _library(function: Any) -> Any:
    for value in reached(function):
        if not isinstance(value, types.ModuleType):
            continue
        name = value.__name__
        if name in _FOREIGN:
            return value
        if name == "jax":
            return value.numpy
        if name.startswith("torch."):
            return __import__("torch")
    return None


def reached(function: Any) -> Iterator[Any]:
    """The code of a function, and of the functions it uses, and what it refers to by name."""
    return _reached(function, set())


def _reached(function: Any, seen: set[int]) -> Iterator[Any]:
    owner = getattr(function, "__self__", None)
    if owner is not None and not isinstance(owner, types.ModuleType):
        yield owner
    call = vars(type(function)).get("__call__")
    if isinstance(call, types.FunctionType):  # an object with a __call__ of its own
        yield function
        function = call
    function = getattr(function, "func", getattr(function, "__func__", function))
    if not isinstance(function, types.FunctionType) or id(function) in seen:
        return
    seen.add(id(function))
    if str(function.__module__).partition(".")[0] in _KNOWN:
        return
    yield function.__code__
    scope = function.__globals__
    cells = []
    for cell in function.__closure__ or ():
        try:
            cells.append(cell.cell_contents)
        except ValueError:  # an empty cell refers to nothing
            continue
    for value in [*(scope[n] for n in _names(function.__code__) if n in scope), *cells]:
        if callable(value) and not isinstance(value, types.ModuleType | type):
            yield from _reached(value, seen)
        else:
            yield value


def _names(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names(constant)
