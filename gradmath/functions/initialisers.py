"""Initialisers as callables: `xavier_uniform((out, in), seed=0)`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradmath.catalogue.entries import Initialiser
from gradmath.errors import ShapeError, ValueRangeError
from gradmath.functions.base import CallableEntry
from gradmath.network import draw

if TYPE_CHECKING:
    import numpy as np


class InitialiserFunction(CallableEntry[Initialiser]):
    """Draws a weight matrix of shape (fan_out, fan_in); `.entry` is its declaration."""

    def __call__(
        self, shape: tuple[int, int], seed: int = 0, gain: float = 1.0, dtype: Any = "float64"
    ) -> np.ndarray:
        """One matrix from `numpy.random.Generator(PCG64(seed))`."""
        import numpy as np

        sizes = shape if isinstance(shape, tuple | list) else ()
        whole = all(hasattr(size, "__index__") for size in sizes)
        if len(sizes) != 2 or not whole or min(sizes) < 1:
            raise ShapeError("shape", got=shape, allowed="(fan_out, fan_in), both at least 1")
        if not gain > 0:
            raise ValueRangeError("gain", got=gain, allowed="a positive number")
        rng = np.random.Generator(np.random.PCG64(seed))
        return draw(self.entry, tuple(shape), rng, gain).astype(dtype)
