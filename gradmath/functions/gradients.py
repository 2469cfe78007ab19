"""Penalties on weights, and clipping of gradients, as callables."""

from __future__ import annotations

import math
from typing import Any

import sympy as sp

from gradmath.catalogue.declaration import exact
from gradmath.catalogue.entries import Clip, Penalty
from gradmath.errors import ArgumentTypeError, ShapeError, ValueRangeError
from gradmath.functions.base import CallableEntry
from gradmath.functions.entrywise import evaluate, parameter_values
from gradmath.kernels import arrays


class PenaltyFunction(CallableEntry[Penalty]):
    """A penalty: a number for all weights of an array together; `.entry` is its declaration."""

    def __call__(self, w: Any, *positional: Any, **parameters: Any) -> Any:
        """The penalty of all weights in w together."""
        values = parameter_values(self.entry, positional, parameters)
        shares = evaluate(self.entry, (0,), {"w": w}, values)
        if isinstance(shares, sp.Basic) or arrays.is_number(shares):
            return shares
        xp = arrays.library_of({"w": shares})
        # In double precision whatever the type, and rounded once.
        total = xp.astype(xp.sum(xp.astype(shares, xp.float64)), shares.dtype)
        return total[()] if arrays.is_numpy(xp) else total

    def derivative(self, w: Any, *positional: Any, order: int = 1, **parameters: Any) -> Any:
        """The derivative by each weight, in the shape of w; 0 at a kink at 0.

        >>> import gradmath as gm
        >>> gm.l2.derivative(3.0, 0.5)
        1.5
        """
        if type(order) is not int or order not in (1, 2):
            raise ValueRangeError("order", got=repr(order), allowed="1 or 2")
        values = parameter_values(self.entry, positional, parameters)
        return evaluate(self.entry, (order,), {"w": w}, values)


class ClipByValue(CallableEntry[Clip]):
    """Clipping of each entry to [low, high]; `.entry` is its declaration."""

    usage = (
        "g: a number, an array, or a list of arrays (each is clipped).  Infinity becomes the "
        "bound; NaN is refused.\nlow, high: numbers, low <= high."
    )

    def __call__(self, g: Any, low: Any, high: Any) -> Any:
        """Clip g, entry by entry."""
        values = parameter_values(self.entry, (low, high), {})
        numbers = [value for value in (low, high) if not isinstance(value, sp.Basic)]
        if len(numbers) == 2 and not low <= high:
            raise ValueRangeError("low, high", got=f"{low}, {high}", allowed="low <= high")
        if _is_list_of_arrays(g):
            return type(g)(self(part, low, high) for part in g)
        if not isinstance(g, sp.Basic):
            _refuse_nan("g", arrays.listed("g", g))
        return evaluate(self.entry, (0,), {"g": g}, values)


class ClipByNorm(CallableEntry[Clip]):
    """Scaling of a whole gradient to norm at most max_norm; `.entry` is its declaration."""

    usage = (
        "g: a number, an array, or a list of arrays, whose global norm (over all entries together) "
        "counts.\nEntries as large as 1e200 are scaled without overflow: with m the largest "
        "modulus and r the norm of g/m, the result is (g/m) (max_norm/r).  NaN and infinity are "
        "refused, since no direction is left to keep."
    )

    def __call__(self, g: Any, max_norm: Any) -> Any:
        """Scale g down to norm `max_norm` if its norm is larger."""
        parameter_values(self.entry, (max_norm,), {})
        if _is_list_of_arrays(g) or (isinstance(g, list | tuple) and _has_symbols(g)):
            parts = list(g)
            kind = type(g)
        else:
            parts, kind = [g], None
        if any(isinstance(part, sp.Basic) for part in parts) or isinstance(max_norm, sp.Basic):
            clipped = self._symbolic([exact(part) for part in parts], exact(max_norm))
        else:
            clipped = self._numeric(parts, float(max_norm))
        return clipped[0] if kind is None else kind(clipped)

    def _symbolic(self, parts: list[sp.Expr], max_norm: sp.Expr) -> list[sp.Expr]:
        norm = sp.sqrt(sum((part**2 for part in parts), sp.S.Zero))
        return [
            self.entry.expression.subs(
                dict(zip(self.entry.arguments, self._ordered(part, norm, max_norm), strict=True)),
                simultaneous=True,
            )
            for part in parts
        ]

    def _ordered(self, g: sp.Expr, norm: sp.Expr, max_norm: sp.Expr) -> list[sp.Expr]:
        by_name = {"g": g, "norm": norm, "max_norm": max_norm}
        return [by_name[str(symbol)] for symbol in self.entry.arguments]

    def _numeric(self, parts: list[Any], max_norm: float) -> list[Any]:
        names = ["g"] if len(parts) == 1 else [f"g[{k}]" for k in range(len(parts))]
        given = {n: arrays.listed(n, part) for n, part in zip(names, parts, strict=True)}
        xp = arrays.library_of(given)
        for name, value in given.items():
            arrays.check_not_empty(name, value)
            arrays.check_finite(xp, name, value, remedy="no direction is left to keep")
        ready = []
        for name, value in given.items():
            _, compute = arrays.common_dtype(xp, {name: value})
            ready.append(arrays.as_array(xp, name, value, compute, None))
        largest = max(float(xp.max(xp.abs(part))) for part in ready)
        copies = [v if arrays.is_number(v) else xp.asarray(v, copy=True) for v in given.values()]
        if largest == 0:
            return copies
        # In double whatever the type: a half-precision sum of squares overflows at once.
        scaled = [xp.astype(part, xp.float64) / largest for part in ready]
        r = math.sqrt(math.fsum(float(xp.sum(part * part)) for part in scaled))
        if r <= max_norm / largest:
            return copies
        clipped = []
        for part, value in zip(scaled, given.values(), strict=True):
            result = part * (max_norm / r)
            if arrays.is_number(value):
                clipped.append(float(result))
            else:
                result_type, _ = arrays.common_dtype(xp, {"g": value})
                clipped.append(arrays.rounded(xp, result, result_type))
        return clipped


def _is_list_of_arrays(g: Any) -> bool:
    """A list of whole arrays, as opposed to a list of numbers that stands for one array."""
    if not isinstance(g, list | tuple):
        return False
    if not g:
        raise ValueRangeError("g", got="an empty list", allowed="at least one array")
    with_shape = [hasattr(part, "shape") and not isinstance(part, sp.Basic) for part in g]
    if any(with_shape) and not all(with_shape):
        raise ShapeError("g", got="arrays and numbers in one list", allowed="arrays alone")
    return all(with_shape)


def _has_symbols(g: Any) -> bool:
    return any(isinstance(part, sp.Basic) for part in g)


def _refuse_nan(name: str, value: Any) -> None:
    if arrays.is_number(value):
        bad = math.isnan(value)
    elif hasattr(value, "dtype"):
        xp = arrays.library_of({name: value})
        bad = xp.isdtype(value.dtype, "real floating") and bool(xp.any(xp.isnan(value)))
    else:
        raise ArgumentTypeError(name, got=type(value).__name__, allowed="a number or array")
    if bad:
        raise ValueRangeError(
            name, got="NaN", allowed="numbers; infinity is clipped, NaN cannot be"
        )
