"""The functions of a program's NumPy source, made callable.

Python takes longer to compile a statement than NumPy takes to run it on a block: thousands of
statements are followed one by one instead, which costs some per cent at each call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from gradmath.kernels.numpy.calls import Call, NumpyCalls
from gradmath.kernels.numpy.functions import SCOPE, function

Function = Callable[..., Sequence[Any]]


def once_of(calls: NumpyCalls) -> Function:
    """`once` of the source (see `calls`)."""
    if not calls.long:
        return _compiled("once", calls.once_text())
    scalars = _followed([[name] for name in calls.scalar_names], calls.once, [calls.kept.values()])

    def once(*values: Any) -> Sequence[Any]:
        return scalars(*([value] for value in values))[0]

    return once


def body_of(calls: NumpyCalls, name: str) -> Function:
    """The other function of the source, by this name."""
    if not calls.long:
        return _compiled(name, calls.block_text(name))
    followed = [call for call in calls.calls if isinstance(call, Call)]  # nothing is checked here
    return _followed([*calls.groups.values()], followed, calls.results)


def _compiled(name: str, text: str) -> Function:
    scope = dict(SCOPE)
    # The source is our own printer's, made of operations of a Program; names in it are Python
    # identifiers checked when the equations were read.
    exec(compile(text, "<gradmath kernel>", "exec"), scope)
    found: Function = scope[name]
    return found


def _followed(
    groups: Sequence[Sequence[str]], calls: Sequence[Call], results: Sequence[Iterable[str]]
) -> Function:
    """A function of groups of values that follows the calls on numbered registers."""
    register: dict[str, int] = {}
    count = 0
    for name in (name for names in groups for name in names):
        register[name] = count
        count += 1
    given = count
    constants: list[tuple[int, float | None]] = []
    # Lists side by side: a tuple for each step would be one object more for Python's collector.
    functions: list[Callable[..., Any]] = []
    taken: list[tuple[int, ...]] = []
    places: list[int] = []
    writes: list[bool] = []
    for target, called, names, out in calls:
        args = []
        for name in names:
            if name not in register:  # a number, or None
                constants.append((count, None if name == "None" else float(name)))
                register[name] = count
                count += 1
            args.append(register[name])
        if out is None:
            place = count
            count += 1
        else:
            place = register[out]
        register[target] = place
        functions.append(function(called))
        taken.append(tuple(args))
        places.append(place)
        writes.append(out is not None)
    room: list[Any] = [None] * (count - given)
    for number, value in constants:
        room[number - given] = value
    wanted = [[register[name] for name in names] for names in results]

    def follow(*arguments: Sequence[Any]) -> Sequence[Any]:
        values = [value for group in arguments for value in group]
        values += room
        for made_by, args, place, written in zip(functions, taken, places, writes, strict=True):
            if written:
                made_by(*[values[a] for a in args], out=values[place])
            else:
                values[place] = made_by(*[values[a] for a in args])
        return [[values[place] for place in part] for part in wanted]

    return follow
