"""Catalogue entries as callables whose kernels run on the host: what the oracle is asked about."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from gradmath.functions.entrywise import parameter_values
from gradmath.kernels.cupy_runner import CupyRunner
from gradmath.program import entry_program
from tests.cuda.host import Host

#: What each type of array is computed in.
COMPUTE = {"float64": "float64", "float32": "float32", "float16": "float32", "bfloat16": "float32"}


class OnHost:
    """An activation or a loss, its derivatives too, through CUDA kernels that the host runs."""

    def __init__(self, entry: Any, host: Host) -> None:
        self.entry, self.host = entry, host
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
        values |= dict(zip(map(str, self.entry.variables), arrays, strict=True))
        shape = arrays[0].shape
        dtype = np.dtype(COMPUTE[arrays[0].dtype.name])
        results, _ = self._runners[orders].run(values, {"*": shape}, dtype, {})
        result = np.broadcast_to(results["value"], shape)  # a constant derivative is one number
        return result.astype(arrays[0].dtype, copy=False)


def prepare(
    host: Host, entries: Iterable[Any], orders: Iterable[Any], types: Iterable[str]
) -> None:
    """Build all kernels of these entries in one go."""
    with host.recording():
        for entry in entries:
            for order in orders:
                for name in types:
                    arrays = [np.ones(3, name) for _ in entry.variables]
                    OnHost(entry, host).partial(order, arrays, {})
