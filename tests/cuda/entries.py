"""Catalogue entries as callables through CUDA kernels: what the oracle is asked about."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import ml_dtypes
import numpy as np

from gradmath.functions.entrywise import parameter_values
from gradmath.kernels.cupy.runner import CupyRunner
from gradmath.program import entry_program
from gradmath.verify.opaque import operation
from gradmath.verify.oracle import Ball
from gradmath.verify.points import points
from gradmath.verify.scalars import derivatives
from gradmath.verify.ulps import Format, judge, lever
from tests.cuda.host import Host

#: What each type of array is computed in.
COMPUTE = {"float64": "float64", "float32": "float32", "float16": "float32", "bfloat16": "float32"}
BFLOAT16 = Format("bfloat16", 8, -126, 127)
assert np.dtype("bfloat16") == ml_dtypes.bfloat16


class Called:
    """An activation or a loss, its derivatives too, on NumPy's arrays.

    move, back: take an array to where kernels run, and a result from there.
    """

    def __init__(
        self,
        entry: Any,
        move: Callable[[Any], Any] = np.asarray,
        back: Callable[[Any], Any] = np.asarray,
    ) -> None:
        self.entry, self.move, self.back = entry, move, back
        self._runners: dict[tuple[int, ...], CupyRunner] = {}

    def __call__(self, *arrays: Any, reduction: str = "none", **parameters: Any) -> Any:
        return self.partial((0,) * len(arrays), arrays, parameters)

    def derivative(self, x: Any, order: int = 1, **parameters: Any) -> Any:
        return self.partial((order,), (x,), parameters)

    def gradient(self, *arrays: Any, reduction: str = "none", **parameters: Any) -> Any:
        return self.partial((1, *(0,) * (len(arrays) - 1)), arrays, parameters)

    def partial(self, orders: tuple[int, ...], arrays: Any, parameters: Any) -> Any:
        if orders not in self._runners:
            self._runners[orders] = CupyRunner(entry_program(self.entry, orders))
        numbers = parameter_values(self.entry, (), parameters)
        values = {name: float(number) for name, number in numbers.items()}
        moved = map(self.move, arrays)
        values |= dict(zip(map(str, self.entry.variables), moved, strict=True))
        shape = arrays[0].shape
        dtype = np.dtype(COMPUTE[arrays[0].dtype.name])
        results, _ = self._runners[orders].run(values, {"*": shape}, dtype, {})
        result = np.broadcast_to(self.back(results["value"]), shape)  # of one number too
        return result.astype(arrays[0].dtype, copy=False)


def worst(call: Called, form: Format, flushing: bool, count: int = 60) -> float:
    """The largest error of an activation and its derivatives, as a share of 4(1 + k) ulp.

    flushing: subnormal numbers may count as zero.  An argument that small may then be answered as
    0 is, and any answer may be off by four smallest normal numbers: such an answer counts as right.
    """
    entry = call.entry
    values = tuple(parameter.default for parameter in entry.parameters.values())
    xs = points(form, [float(b.xreplace(entry.defaults)) for b in entry.kinks], count)
    truths = [derivatives(operation(entry, values), x, 3) for x in xs]
    largest = 0.0
    for order in (0, 1, 2):
        got = call.derivative(np.array(xs, form.name), order=order).astype(np.float64)
        zero = float(call.derivative(np.zeros(1, form.name), order=order)[0])
        for x, answer, truth in zip(xs, got.tolist(), truths, strict=True):
            true, slope = truth[order], truth[order + 1]
            assert isinstance(true, Ball)
            assert isinstance(slope, Ball)
            share = judge(answer, true, lever(x, slope), form).share
            near = math.isfinite(answer) and bool(abs(answer - true.arb) < 4 * form.smallest_normal)
            as_zero = abs(x) < form.smallest_normal and answer == zero
            if not (flushing and (near or as_zero)):
                largest = max(largest, share)
    return largest


def prepare(
    host: Host, entries: Iterable[Any], orders: Iterable[Any], types: Iterable[str]
) -> None:
    """Build all kernels of these entries in one go."""
    with host.recording():
        for entry in entries:
            for order in orders:
                for name in types:
                    arrays = [np.ones(3, name) for _ in entry.variables]
                    Called(entry).partial(order, arrays, {})
