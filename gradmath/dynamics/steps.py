"""Steps that are too long: descent in a bowl, in a valley, and of a network, full batch.

For a loss with curvature beta, a step eta below 2/beta goes down, one above it climbs the far side
of the bowl higher and higher.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradmath.dynamics.layers import kernel_of
from gradmath.errors import ShapeError, ValueRangeError
from gradmath.network import Network

Array = NDArray[np.float64]


def path(gradient: Callable[[Array], Array], start: Any, *, step: float, steps: int) -> Array:
    """The points of gradient descent: theta <- theta - step * gradient(theta).

    start: (n,).  Returns (steps + 1, n); the start is the first row.  Points beyond the range of
    doubles are infinite or NaN.  Raises `ValueRangeError` for a step that is not positive and
    finite, or a negative number of steps.

    >>> path(lambda theta: 2 * theta, [1.0], step=1.0, steps=3)[:, 0].tolist()
    [1.0, -1.0, 1.0, -1.0]
    """
    _checked(step, steps)
    theta = np.asarray(start, dtype=np.float64)
    if theta.ndim != 1 or theta.size == 0:
        raise ShapeError("start", got=f"shape {theta.shape}", allowed="(n,) with n >= 1")
    found = [theta]
    with np.errstate(all="ignore"):
        for _ in range(steps):
            theta = theta - step * np.asarray(gradient(theta), dtype=np.float64)
            found.append(theta)
    return np.array(found)


def bowl_path(curvature: Any, start: Any, *, step: float, steps: int) -> Array:
    """Descent in the bowl L = theta^T H theta / 2, with H = `curvature`, (n, n) and symmetric.

    Below 2/beta, beta the largest eigenvalue of H, the points run to 0; at 2/beta the part along
    its eigenvector changes sign for ever; above, that part grows by the factor |1 - step * beta|.
    """
    matrix = np.asarray(curvature, dtype=np.float64)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise ShapeError("curvature", got=f"shape {matrix.shape}", allowed="a square matrix")
    if np.shape(start) != matrix.shape[:1]:
        raise ShapeError("start", got=f"shape {np.shape(start)}", allowed=f"{matrix.shape[:1]}")
    if not np.array_equal(matrix, matrix.T):
        raise ValueRangeError("curvature", got="a matrix that is not symmetric")
    return path(lambda theta: matrix @ theta, start, step=step, steps=steps)


def valley(theta: Any) -> Array:
    """The loss (theta^2 - 1)^2 / 4: two valleys, at -1 and 1, with curvature 2 at their bottoms."""
    theta = np.asarray(theta, dtype=np.float64)
    return np.asarray((theta**2 - 1) ** 2 / 4)


def valley_slope(theta: Any) -> Array:
    """Its derivative, theta^3 - theta."""
    theta = np.asarray(theta, dtype=np.float64)
    return np.asarray(theta**3 - theta)


@dataclass(frozen=True)
class Training:
    """A full-batch descent: the loss before each step and after the last, (steps + 1,)."""

    step: float
    loss: Array
    params: Mapping[str, Array]

    def __post_init__(self) -> None:
        self.loss.setflags(write=False)

    @property
    def rises(self) -> int:
        """How many steps made the loss larger."""
        return int(np.count_nonzero(np.diff(self.loss) > 0))


def full_batch(
    net: Network, params: Mapping[str, Any], x: Any, y: Any, *, step: float, steps: int
) -> Training:
    """Full-batch gradient descent of a network from the given parameters, which are left alone.

    Raises `ValueRangeError` for a step or a number of steps as `path` does, and if a parameter or
    the loss leaves the range of its type on the way; and what the network's kernel raises.

    >>> from gradmath.dynamics import binary
    >>> from gradmath.network import Dense
    >>> data, net = binary(samples=50), Network(64, [Dense(1, "sigmoid")])
    >>> start = {"W1": np.zeros((1, 64)), "b1": np.zeros(1)}
    >>> run = full_batch(net, start, data.x, data.y[:, None], step=0.5, steps=20)
    >>> float(run.loss[0]), run.rises, bool(run.loss[-1] < 0.1)
    (0.25, 0, True)
    """
    _checked(step, steps)
    kernel, losses = kernel_of(net), []
    now = {name: np.array(value, dtype=np.float64) for name, value in params.items()}
    for k in range(steps + 1):
        with np.errstate(all="ignore"):  # what is not finite is refused at the next step
            loss, grads = kernel(now, x, y)
        losses.append(float(loss))
        if k < steps:
            now = {name: value - step * grads[name] for name, value in now.items()}
    return Training(float(step), np.array(losses), now)


def _checked(step: Any, steps: Any) -> None:
    if not (np.isfinite(step) and step > 0):
        raise ValueRangeError("step", got=step, allowed="a positive, finite number")
    if isinstance(steps, bool) or not isinstance(steps, int | np.integer) or steps < 0:
        raise ValueRangeError("steps", got=repr(steps), allowed="an integer >= 0")
