"""Evaluating one derivative of a catalogue entry on whatever was passed: the shared machinery."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from types import ModuleType
from typing import Any

import sympy as sp

from gradmath.catalogue.declaration import ScalarEntry, exact
from gradmath.errors import ArgumentTypeError, UnknownNameError, ValueRangeError
from gradmath.kernels import arrays
from gradmath.kernels.backends import library_runner
from gradmath.kernels.runner import Runner
from gradmath.network import parameters_by_name
from gradmath.program import entry_program


def parameter_values(
    entry: ScalarEntry, positional: Sequence[Any], named: Mapping[str, Any]
) -> dict[str, Any]:
    """Values for all parameters of an entry, defaults filled in, each checked."""
    known = parameters_by_name(entry)
    if len(positional) > len(known):
        raise ArgumentTypeError(
            f"arguments of {entry.name}",
            got=f"{len(positional)} parameters",
            allowed=", ".join(known) or "none",
        )
    given = dict(zip(known, positional, strict=False))
    for name, value in named.items():
        if name not in known:
            raise UnknownNameError(f"parameter of {entry.name}", name, known)
        if name in given:
            raise ArgumentTypeError(f"{entry.name}({name}=)", got="two values", allowed="one")
        given[name] = value
    values = {name: given.get(name, parameter.default) for name, parameter in known.items()}
    for name, value in values.items():
        if not isinstance(value, sp.Basic) or value.is_number:
            known[name].check(value, f"{entry.name}({name}=)")
    return values


def is_symbolic(values: Mapping[str, Any]) -> bool:
    """Whether any argument is a SymPy expression."""
    return any(isinstance(value, sp.Basic) for value in values.values())


def symbolic(
    entry: ScalarEntry,
    orders: tuple[int, ...],
    variables: Mapping[str, Any],
    parameters: Mapping[str, Any],
) -> sp.Expr:
    """The explicit expression of a derivative, with the arguments put in."""
    values = [exact(value) for value in (*variables.values(), *parameters.values())]
    return entry.partial(*orders).subs(
        dict(zip(entry.arguments, values, strict=True)), simultaneous=True
    )


@cache
def _runner(entry: ScalarEntry, orders: tuple[int, ...], xp: ModuleType) -> Runner:
    return library_runner(xp, entry_program(entry, orders))


def numeric(
    entry: ScalarEntry,
    orders: tuple[int, ...],
    variables: Mapping[str, Any],
    parameters: Mapping[str, Any],
    wide: bool = False,
) -> Any:
    """The derivative on arrays or numbers: type kept, one library, no empty arrays.

    `variables` are in the entry's order, under the names that errors should use.  NaN gives NaN
    and an infinity the limit.  The result has the common shape of the variables.  With `wide` the
    result comes in the type it was computed in, beside the type that it is to be rounded to.
    """
    given = {name: arrays.listed(name, value) for name, value in variables.items()}
    for name, value in given.items():
        if isinstance(value, bool):
            raise ArgumentTypeError(name, got="a truth value", allowed="a number or an array")
    xp = arrays.library_of(given)
    for name, value in given.items():
        arrays.check_not_empty(name, value)
    result_type, dtype = arrays.common_dtype(xp, given)
    shape = arrays.common_shape(given)
    device = _device(given)
    values: dict[str, Any] = {}
    for symbol, (name, value) in zip(entry.variables, given.items(), strict=True):
        array = arrays.as_array(xp, name, value, dtype, device)
        values[str(symbol)] = (
            array if tuple(array.shape) == shape else xp.broadcast_to(array, shape)
        )
    for name, value in parameters.items():
        values[name] = _parameter(xp, f"{entry.name}({name}=)", float(value), dtype, device)
    results, _ = _runner(entry, orders, xp).run(values, {"*": shape}, dtype, {})
    result = xp.asarray(results["value"])
    if tuple(result.shape) != shape or not result.shape:
        result = _spread(xp, result, list(values.values())[: len(given)], shape)
    if any(result is variable for variable in values.values()):
        result = xp.asarray(result, copy=True)  # the identity must not hand out its argument
    if wide:
        return result, result_type
    result = arrays.rounded(xp, result, result_type)
    if all(arrays.is_number(value) for value in given.values()):
        return float(result)
    return result[()] if arrays.is_numpy(xp) else result


def _parameter(xp: ModuleType, argument: str, value: float, dtype: Any, device: Any) -> Any:
    """A parameter in the type of the computation; one that this type cannot hold is refused."""
    info = xp.finfo(dtype)
    if value != 0 and not float(info.smallest_normal) <= abs(value) <= float(info.max):
        raise ValueRangeError(
            argument, got=value, allowed=f"0 or a modulus within the normal range of {dtype}"
        )
    return xp.asarray(value, dtype=dtype, device=device)


def _spread(xp: ModuleType, result: Any, variables: list[Any], shape: tuple[int, ...]) -> Any:
    """A derivative that is the same everywhere, in the common shape; NaN still gives NaN."""
    result = xp.asarray(xp.broadcast_to(result, shape), copy=True)
    for variable in variables:
        result = xp.where(xp.isnan(variable), variable, result)
    return result


def _device(given: Mapping[str, Any]) -> Any:
    import array_api_compat

    for value in given.values():
        if not arrays.is_number(value):
            return array_api_compat.device(value)
    return None


def evaluate(
    entry: ScalarEntry,
    orders: tuple[int, ...],
    variables: Mapping[str, Any],
    parameters: Mapping[str, Any],
) -> Any:
    """SymPy in, explicit SymPy out; numbers and arrays in, the same kind out."""
    free = {k: v for k, v in parameters.items() if isinstance(v, sp.Basic) and not v.is_number}
    if is_symbolic(variables) or free:
        for name, value in variables.items():
            if not isinstance(value, sp.Basic) and not arrays.is_number(value):
                raise ArgumentTypeError(
                    name,
                    got=f"{type(value).__name__} beside a SymPy expression",
                    allowed="SymPy expressions and numbers, or arrays alone",
                )
        return symbolic(entry, orders, variables, parameters)
    return numeric(entry, orders, variables, parameters)
