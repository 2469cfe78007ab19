"""Arguments that are numbers, arrays, or lists, tuples and mappings of these: their leaves."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from gradmath.errors import ValueRangeError


def leaves(tree: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The arrays and numbers in a tree, each with its path such as `[0]['W']`."""
    if isinstance(tree, Mapping):
        for key, value in tree.items():
            yield from leaves(value, f"{path}[{key!r}]")
    elif isinstance(tree, list | tuple):
        for place, value in enumerate(tree):
            yield from leaves(value, f"{path}[{place}]")
    else:
        yield path, tree


def mapped(function: Callable[[Any], Any], tree: Any) -> Any:
    """The same tree with `function` of each leaf."""
    if isinstance(tree, Mapping):
        return {key: mapped(function, value) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        made = [mapped(function, value) for value in tree]
        if hasattr(tree, "_fields"):
            return type(tree)(*made)
        return made if isinstance(tree, list) else tuple(made)
    return function(tree)


def is_tree(value: Any) -> bool:
    """Whether a value is a list, tuple or mapping rather than a leaf."""
    return isinstance(value, Mapping | list | tuple)


def numeric(value: Any) -> Any:
    """A nested list of numbers as one array; lists and mappings of arrays stay what they are."""
    if isinstance(value, list) and value and all(_plain(each) for each in value):
        try:
            return np.asarray(value)
        except ValueError:  # ragged: a list of arrays
            return value
    return value


def _plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(_plain(each) for each in value)
    return isinstance(value, int | float | np.number)


def mapped_shapes(name: str, shapes: Any) -> Any:
    """Zeros of the given shapes: a shape is a tuple of whole numbers, a list holds several."""
    if isinstance(shapes, int) and not isinstance(shapes, bool):
        shapes = (shapes,)
    if isinstance(shapes, Mapping):
        return {key: mapped_shapes(f"{name}[{key!r}]", value) for key, value in shapes.items()}
    if isinstance(shapes, list):
        return [mapped_shapes(f"{name}[{n}]", each) for n, each in enumerate(shapes)]
    whole = isinstance(shapes, tuple) and all(isinstance(n, int | np.integer) for n in shapes)
    if not whole or any(n < 1 for n in shapes) or math.prod(map(int, shapes)) > _MOST:
        raise ValueRangeError(
            f"shape of {name}",
            got=repr(shapes)[:60],
            allowed=f"a tuple of whole numbers above 0, at most {_MOST} entries in all",
        )
    return np.zeros(shapes) if shapes else 0.0


#: an array of more entries than this is not filled with points
_MOST = 1_000_000
