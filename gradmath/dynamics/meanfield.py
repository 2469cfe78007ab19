r"""Wide random networks: what a layer does to mean squares on average, by quadrature in doubles.

A layer is z = W a + b, a' = phi(z), with W_ij ~ N(0, s_w^2 / n) and b_i ~ N(0, s_b^2), all
independent.  If q is the mean square of the pre-activations of a wide layer, then that of the next
one is

    q' = s_w^2 E phi(sqrt(q) Z)^2 + s_b^2,       Z ~ N(0, 1),

and a gradient's mean square is multiplied, on its way back through the layer, by

    chi = s_w^2 E phi'(sqrt(q) Z)^2.

The numbers here are rounded, not enclosed: for figures and experiments.  `GaussianMean` states the
same means for proofs.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradmath.errors import ValueRangeError
from gradmath.functions import activations

Array = NDArray[np.float64]

REACH = 12.0  # beyond, the normal density is below 1e-32
NODES = 24  # of the Gauss-Legendre rule on each panel
_PANELS = (-REACH, -8.0, -5.0, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 5.0, 8.0, REACH)


@functools.cache
def _rule() -> tuple[Array, Array]:
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    return nodes, weights


def gaussian_mean(function: Callable[[Array], Array], breaks: tuple[float, ...] = ()) -> float:
    """E f(Z) for Z ~ N(0, 1), by Gauss-Legendre rules between the `breaks` of f.

    About 1e-14 of the largest contribution for the activations of the catalogue.

    >>> round(gaussian_mean(lambda z: z**4), 12)
    3.0
    """
    edges = np.unique([*_PANELS, *(b for b in breaks if abs(b) < REACH)])
    nodes, weights = _rule()
    half = np.diff(edges)[:, None] / 2
    z = edges[:-1, None] + half * (nodes + 1)
    density = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    return float(np.sum(half * weights * density * function(z)))


@dataclass(frozen=True)
class MeanField:
    """Wide layers with one activation: `weight` is sigma_w^2, `bias` sigma_b^2, both at least 0.

    >>> field = MeanField("relu", weight=2.0)
    >>> round(field.forward(1.0), 12), round(field.chi(1.0), 12)
    (1.0, 1.0)
    """

    activation: str
    weight: float
    bias: float = 0.0

    def __post_init__(self) -> None:
        activations[self.activation]  # an unknown name is refused here
        for name in ("weight", "bias"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= 0):
                raise ValueRangeError(name, got=value, allowed="a finite number, at least 0")

    def _mean_square(self, q: float, order: int) -> float:
        phi = activations[self.activation]
        root = math.sqrt(_positive(q))
        breaks = tuple(float(kink) / root for kink in phi.entry.kinks)
        return gaussian_mean(lambda z: phi.derivative(root * z, order) ** 2, breaks)

    def forward(self, q: float) -> float:
        """q after one more layer: sigma_w^2 E phi(sqrt(q) Z)^2 + sigma_b^2."""
        return self.weight * self._mean_square(q, 0) + self.bias

    def chi(self, q: float) -> float:
        """What one layer does to a gradient's mean square: sigma_w^2 E phi'(sqrt(q) Z)^2."""
        return self.weight * self._mean_square(q, 1)

    def fixed_point(self, start: float = 1.0, tolerance: float = 1e-12, most: int = 2000) -> float:
        """The mean square at which the layers settle, by iteration with Aitken's steps.

        0 where it dies out; infinity where it grows past 1e12.  Raises `ValueRangeError` where
        `most` steps do not settle it.

        >>> round(MeanField("tanh", weight=1.760955, bias=0.05).fixed_point(), 6)
        0.570048
        """
        q = _positive(start)
        for _ in range(most):
            first, second = (once := self.forward(q)), self.forward(max(once, 1e-300))
            gap = (second - first) - (first - q)
            better = q - (first - q) ** 2 / gap if gap != 0 else second
            if not (second / 4 < better < 4 * second):
                better = second
            if abs(second - first) <= tolerance * max(second, 1e-12) or second < 1e-12:
                return second if second >= 1e-9 or self.bias else 0.0
            if second > 1e12:
                return math.inf
            q = better
        raise ValueRangeError(
            "fixed point", got=f"none after {most} steps", allowed="a start that settles"
        )

    def depth_scale(self, q: float | None = None) -> float:
        """Layers over which a gradient's mean square changes by the factor e: 1/|log chi|.

        Infinite at the edge, where chi is 1.
        """
        chi = self.chi(self.fixed_point() if q is None else q)
        return math.inf if chi == 1 else 1 / abs(math.log(chi))


def edge_of_chaos(activation: str, q: float) -> tuple[float, float]:
    """(sigma_w^2, sigma_b^2) for which q is a fixed point and chi is 1 there.

    sigma_b^2 is negative for a q that no such network has.

    >>> [round(x, 4) for x in edge_of_chaos("tanh", 0.570048)]
    [1.761, 0.05]
    """
    unit = MeanField(activation, 1.0)
    weight = 1 / unit.chi(q)
    return weight, q - weight * unit.forward(q)


def _positive(q: float) -> float:
    if not (math.isfinite(q) and q > 0):
        raise ValueRangeError("q", got=q, allowed="a positive, finite number")
    return float(q)
