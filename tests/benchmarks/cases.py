"""The task that everybody is timed on, and the numbers by which one sees that all did it.

Arrays x and y, scalars w and b: s = sigmoid(w x + b), the loss (s - y)^2, and its derivatives.
"full" asks for four arrays, the loss of each sample and its derivatives by w, b and x; "reduced"
for three numbers, the mean loss and its derivatives by w and b.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradmath.claims.performance.record import DTYPES, FULL, MODES, SIZES

W, B = 0.7, 0.1
EQUATIONS = [("z", "w*x + b"), ("s", "sigmoid(z)"), ("L", "(s - y)**2")]
#: how far a peer's outputs may be from the true ones, relative to the largest of each
ALLOWED = {"float32": 2e-5, "float64": 1e-12}

Call = Callable[[], Sequence[Any]]
"""One call of a contender: its outputs, finished when it returns."""


@dataclass(frozen=True)
class Case:
    """One cell's task."""

    mode: str
    size: int
    dtype: str

    @property
    def full(self) -> bool:
        """Whether each sample's outputs are wanted."""
        return self.mode == FULL

    @property
    def arrays(self) -> tuple[Any, Any]:
        """x and y: the same for everybody, never written to."""
        return _arrays(self.size, self.dtype)

    @property
    def type(self) -> Any:
        """The NumPy type."""
        return np.dtype(self.dtype).type

    def outputs(self) -> list[Any]:
        """Buffers for the four arrays, as NumPy makes them."""
        return [np.empty(self.size, self.dtype) for _ in range(4)]

    def kept(self) -> list[Any]:
        """Buffers for the four arrays, to be used again and again: the same for everybody.

        How pages of memory share a cache is a matter of chance, and changes a small map's time by
        some per cent: a chance that all have alike.
        """
        return list(_kept(self.size, self.dtype))

    def check(self, found: Sequence[Any], who: str) -> None:
        """Refuse outputs that are not those of the task."""
        wanted = _true(self)
        if len(found) != len(wanted):
            raise ValueError(f"{who}, {self}: {len(found)} outputs, not {len(wanted)}")
        for got, true in zip(found, wanted, strict=True):
            got = np.asarray(got)
            if got.shape != true.shape or got.dtype != np.dtype(self.dtype):
                raise ValueError(f"{who}, {self}: {got.dtype} {got.shape}")
            off = np.max(np.abs(got - true)) / np.max(np.abs(true))
            # a plain sum in single precision loses digits with its length
            slack = 1 if self.full else max(1.0, self.size / 1e4)
            if not off <= ALLOWED[self.dtype] * slack:
                raise ValueError(f"{who}, {self}: off by {off:.1e}")


def placed(size: int, dtype: str, number: int) -> Any:
    """An empty array that begins at a place of its own within a page of memory.

    Where two arrays begin at the same place of two pages a processor takes reading the one for
    reading what was just written to the other, and waits; by chance that is as good as a third of
    the time of a small map.
    """
    page, line = 4096, 64
    kind = np.dtype(dtype)
    raw = np.empty(size * kind.itemsize + 2 * page, np.uint8)
    start = -raw.ctypes.data % page + number * 10 * line
    return raw[start : start + size * kind.itemsize].view(kind)


def all_cases(
    sizes: Sequence[int] = SIZES, modes: Sequence[str] = MODES, dtypes: Sequence[str] = DTYPES
) -> list[Case]:
    """Every cell's task, small arrays first."""
    return [Case(mode, size, t) for size, mode, t in itertools.product(sizes, modes, dtypes)]


@functools.lru_cache(maxsize=1)
def _arrays(size: int, dtype: str) -> tuple[Any, Any]:
    rng = np.random.Generator(np.random.PCG64(7))
    x, y = (placed(size, dtype, number) for number in range(2))
    x[...] = rng.normal(scale=3.0, size=size)
    y[...] = rng.uniform(size=size)
    for array in (x, y):
        array.setflags(write=False)
    return x, y


@functools.lru_cache(maxsize=1)
def _kept(size: int, dtype: str) -> tuple[Any, ...]:
    return tuple(placed(size, dtype, number) for number in range(2, 6))


@functools.lru_cache(maxsize=1)
def _true(case: Case) -> list[Any]:
    """Evaluated plainly in double precision from the same inputs."""
    x, y = (array.astype(np.float64) for array in case.arrays)
    w, b = (float(case.type(number)) for number in (W, B))
    e = np.exp(-np.abs(w * x + b))
    s = np.where(w * x + b >= 0, 1.0, e) / (1.0 + e)
    slope = 2.0 * (s - y) * e / (1.0 + e) ** 2
    found = [(s - y) ** 2, slope * x, slope, slope * w]
    return found if case.full else [np.mean(array) for array in found[:3]]
