"""Slopes of activations at given pre-activations, and the largest that an activation has."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from gradmath.functions import activations
from gradmath.network import Chosen
from gradmath.verify import enclose

_Z = sp.Symbol("z", real=True)


@functools.cache
def largest_slope(activation: Chosen) -> float:
    """sup |phi'(z)| over all real z, from an enclosure of the whole range of the slope.

    >>> from gradmath.network import Dense
    >>> [largest_slope(Dense(1, name).activation) for name in ("sigmoid", "tanh", "hard_swish")]
    [0.25, 1.0, 1.5]
    """
    entry = activation.entry
    given = dict(zip(entry.parameters, activation.values, strict=True))
    slope = entry.derivative().subs({entry.variable: _Z, **given}, simultaneous=True)
    found = enclose.extremes(slope)
    return max(abs(float(found.least.value.mid())), abs(float(found.greatest.value.mid())))


def slopes(activation: Chosen, z: NDArray[Any]) -> NDArray[Any]:
    """phi'(z), entry by entry, as the package's own function gives it; the type of z is kept."""
    values = [float(value) for value in activation.values]
    found: NDArray[Any] = np.asarray(activations[activation.name].derivative(z, 1, *values))
    return found
