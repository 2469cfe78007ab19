"""What page 1 draws about one neuron on real data: its loss surface and descents on it."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from gradmath.dynamics import Descent, binary, cached, centre_ink, descend, loss_surface, smoothness

Array = NDArray[np.float64]

# One input, the ink in the middle of a digit; y = 1 for a one and 0 for a zero.
TASK = "0 against 1"
START = (-6.0, 4.0)  # on a terrace: for most samples the neuron says the opposite of the truth
STEPS = 300
W_RANGE, B_RANGE = (-8.0, 14.0), (-8.0, 8.0)
# Steps of the record, as multiples of the bound 2 / beta.
FRACTIONS = (0.05, 0.5, 4.0)
RECORDED = 60


@functools.cache
def neuron_data() -> tuple[Array, Array]:
    """Inputs (n, 1) and targets (n,) of this page's neuron."""
    data = binary(TASK)
    return centre_ink(data.x), data.y


@cached
def _surface(task: str, w: Array, b: Array) -> Array:
    data = binary(task)
    return loss_surface(centre_ink(data.x), data.y, w, b)


def surface(columns: int, rows: int) -> tuple[Array, Array, Array]:
    """The loss over a grid of the window: w (columns,), b (rows,), L (rows, columns)."""
    w, b = np.linspace(*W_RANGE, columns), np.linspace(*B_RANGE, rows)
    return w, b, _surface(TASK, w, b)


@functools.cache
def path() -> Descent:
    """A descent from the terrace, with half the step that is known to be safe."""
    x, y = neuron_data()
    return descend(x, y, step=1 / smoothness(x), steps=STEPS, w=START[0], b=START[1])


@functools.cache
def records() -> tuple[Descent, ...]:
    """Descents from zero with steps below and above the bound 2 / beta."""
    x, y = neuron_data()
    bound = 2 / smoothness(x)
    return tuple(descend(x, y, step=f * bound, steps=RECORDED) for f in FRACTIONS)
