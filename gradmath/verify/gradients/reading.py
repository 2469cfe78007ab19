"""What a person passed to `check_gradient`, read into a question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gradmath.errors import ArgumentTypeError, UnknownNameError, ValueRangeError
from gradmath.verify.gradients import read_function, trees
from gradmath.verify.gradients.claims import machine
from gradmath.verify.gradients.constants import constants
from gradmath.verify.gradients.functions import Equations
from gradmath.verify.gradients.intervals import REALS, Interval, interval
from gradmath.verify.gradients.matrices import shapes_of
from gradmath.verify.gradients.places import Places, Point
from gradmath.verify.gradients.question import Question
from gradmath.verify.gradients.read_claims import listed, read_claims, wanted_names

#: where mpmath has to answer: so many points, and where they lie if no domain is stated
_FEW, _NEAR = 12, Interval(-16.0, 16.0)


def read(
    function: Any,
    gradient: Any,
    wrt: Any,
    domain: Any,
    order: int,
    at: Any,
    shapes: Mapping[str, Any] | None,
    reduction: str | None,
    count: int | None,
) -> Question:
    """Read the arguments of `check_gradient`; each error names the argument and the remedy."""
    if order not in (1, 2):
        raise ValueRangeError("order", got=repr(order), allowed="1 or 2")
    if reduction not in (None, "sum", "mean"):
        raise UnknownNameError("reduction", reduction, ["sum", "mean"])
    named = _names_in(wrt, gradient, shapes, at)
    formula, assumed = read_function.formula(function, named)
    if not formula.names and isinstance(formula, Equations):
        formula.names = tuple(named)  # a constant, by whatever name is asked for
    names = list(formula.names)
    wanted = wanted_names(wrt, gradient, formula, order)
    points = _given(at, names)
    claims, expressions = read_claims(gradient, wanted, formula, order)
    known = shapes_of(function) | dict(shapes or {})
    templates, held = _templates(names, wanted, points, known, domain)
    domains = _domains(domain, list(templates), assumed)
    # points that name some arguments only give shapes and values to hold, but are no points
    whole = tuple(point for point in points if set(point) == set(names))
    numbers = constants([formula, *dict.fromkeys(claim.formula for claim in claims.values())])
    if any(each.by_mpmath for each in (formula, *(c.formula for c in claims.values()))):
        count = count or _FEW  # mpmath takes long, and longest far out
        domains = {name: _NEAR if place is REALS else place for name, place in domains.items()}
    places = Places(templates, domains, held, whole, count, numbers)
    stated = domain is not None
    return Question(formula, claims, places, order, reduction, expressions, stated)


def _names_in(wrt: Any, gradient: Any, shapes: Any, at: Any) -> list[str]:
    """Names that the caller used anywhere: they tell which optional arguments take part."""
    found: list[str] = []
    for source in (at, shapes):
        for each in source if isinstance(source, list | tuple) else [source]:
            if isinstance(each, Mapping):
                found += [str(key) for key in each]
    found += listed(wrt)
    if isinstance(gradient, Mapping):
        found += [str(key) for key in gradient]
    return list(dict.fromkeys(found))


def _given(at: Any, names: Sequence[str]) -> tuple[Point, ...]:
    if at is None:
        return ()
    if isinstance(at, list | tuple) and not at:
        raise ValueRangeError("at", got="an empty list", allowed="one point or more")
    listed = at if isinstance(at, list | tuple) and isinstance(at[0], Mapping) else [at]
    points = []
    for each in listed:
        if not isinstance(each, Mapping):
            if len(names) != 1 and not (isinstance(each, tuple) and len(each) == len(names)):
                raise ArgumentTypeError(
                    "at", got=type(each).__name__, allowed="a mapping from argument to value"
                )
            values = each if isinstance(each, tuple) and len(names) > 1 else (each,)
            each = dict(zip(names, values, strict=True))
        for name in each:
            if str(name) not in names:
                raise UnknownNameError("at", name, names)
        points.append(
            {str(name): trees.mapped(_leaf, trees.numeric(v)) for name, v in each.items()}
        )
    return tuple(points)


def _leaf(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        array = value
    elif hasattr(value, "__array_namespace__") or hasattr(value, "detach"):
        array = np.asarray(machine(value))
    else:
        array = np.asarray(value)
    if array.dtype == object or array.dtype.kind not in "fiub":
        raise ArgumentTypeError("at", got=repr(value)[:60], allowed="numbers or arrays of numbers")
    if array.size == 0:
        raise ValueRangeError(
            "at", got=f"an empty array {array.shape}", allowed="one entry or more"
        )
    if array.dtype.kind == "f":
        array = array.astype(np.float64)
        if not np.isfinite(array).all():
            raise ValueRangeError("at", got="NaN or infinity", allowed="finite numbers")
    return array if array.ndim else array.item()


def _templates(
    names: Sequence[str],
    wanted: Sequence[str],
    points: tuple[Point, ...],
    shapes: Mapping[str, Any],
    domain: Any,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Shapes of what varies, and the values of what is held."""
    for name in shapes:
        if name not in names:
            raise UnknownNameError("shapes", name, names)
    asked = {each for name in wanted for each in name.split(",")}
    stated = {str(key) for key in domain} if isinstance(domain, Mapping) else set()
    templates: dict[str, Any] = {}
    held: dict[str, Any] = {}
    first = points[0] if points else {}
    for point in points[1:]:
        if set(point) != set(first):
            raise ArgumentTypeError("at", got="points of different names", allowed="the same names")
    for name in names:
        if name in first:
            value = first[name]
            if name in asked:
                value = trees.mapped(_as_float, value)
                for point in points:
                    point[name] = trees.mapped(_as_float, point[name])
            if name in asked or name in stated:
                templates[name] = value
            else:
                held[name] = value
        elif name in shapes:
            templates[name] = trees.mapped_shapes(name, shapes[name])
        else:
            templates[name] = 0.0
    return templates, held


def _as_float(leaf: Any) -> Any:
    return np.asarray(leaf, dtype=np.float64) if np.shape(leaf) else float(leaf)


def _domains(
    domain: Any, names: Sequence[str], assumed: Mapping[str, Interval]
) -> dict[str, Interval]:
    if isinstance(domain, Mapping):
        given = {str(key): value for key, value in domain.items()}
        for name in given:
            if name not in names:
                raise UnknownNameError("domain", name, names)
        return {n: interval(n, given[n]) if n in given else assumed.get(n, REALS) for n in names}
    if domain is not None:
        return {name: interval(name, domain) for name in names}
    return {name: assumed.get(name, REALS) for name in names}
