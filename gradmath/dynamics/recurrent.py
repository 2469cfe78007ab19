"""Recurrent nets through time: one matrix at every step, and the gradient against the lag.

    z_t = W h_{t-1} + U x_t + b,    h_t = phi(z_t)

The derivative of a state by the state k steps earlier, the *lag*, is the product of the steps
between them, the latest on the left:

    dh_t/dh_{t-k} = D_t W D_{t-1} W ... D_{t-k+1} W,    D_s = diag(phi'(z_s)).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradmath.errors import ShapeError, ValueRangeError
from gradmath.functions import activations

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Rollout:
    """States of a recurrent net: `h` (steps + 1, units) from h_0 on; `z`, `slope` (steps, units).

    `slope[t - 1]` holds phi'(z_t); `weight` is W.
    """

    weight: Array
    h: Array
    z: Array
    slope: Array

    def __post_init__(self) -> None:
        for array in (self.weight, self.h, self.z, self.slope):
            array.setflags(write=False)

    @property
    def steps(self) -> int:
        """How many steps were made."""
        return len(self.z)

    def jacobian(self, lag: int) -> Array:
        """dh_T/dh_{T - lag} at the last step T, shape (units, units); the identity for lag 0."""
        if not 0 <= lag <= self.steps:
            raise ValueRangeError("lag", got=lag, allowed=f"0 to {self.steps}")
        product = np.eye(self.h.shape[1])
        for back in range(lag):
            product = product @ (self.slope[-1 - back][:, None] * self.weight)
        return product

    def log_norms(self) -> Array:
        """ln of the spectral norm of dh_T/dh_{T - k} for k = 1, ..., T: shape (T,).

        The product is scaled to norm 1 at every step; one that is exactly zero gives -inf.
        """
        product, grown, found = np.eye(self.h.shape[1]), 0.0, []
        with np.errstate(divide="ignore"):
            for slope in self.slope[::-1]:
                product = product @ (slope[:, None] * self.weight)
                norm = np.linalg.norm(product, 2)
                grown += float(np.log(norm))
                product = product / (norm if norm > 0 else 1.0)
                found.append(grown)
        return np.array(found)


def roll(
    weight: Any,
    inputs: Any,
    *,
    input_weight: Any,
    bias: Any = 0.0,
    start: Any = 0.0,
    activation: str = "tanh",
) -> Rollout:
    """Run a recurrent net over a sequence.

    weight: W (units, units).  inputs: (steps, features), one row a step.  input_weight: U (units,
    features).  bias, start: a number or (units,).  activation: a name in `gm.activations`.

    Raises `ShapeError`, `UnknownNameError`, and `ValueRangeError` for numbers that are not finite.

    >>> run = roll([[2.0]], [[0.0], [0.0]], input_weight=[[1.0]], start=0.0)
    >>> run.jacobian(2).tolist()
    [[4.0]]
    """
    weight, inputs = np.array(weight, dtype=np.float64), np.asarray(inputs, dtype=np.float64)
    input_weight = np.asarray(input_weight, dtype=np.float64)
    if weight.ndim != 2 or weight.shape[0] != weight.shape[1] or weight.size == 0:
        raise ShapeError("weight", got=f"shape {weight.shape}", allowed="a square matrix")
    units = len(weight)
    if inputs.ndim != 2 or len(inputs) == 0:
        raise ShapeError("inputs", got=f"shape {inputs.shape}", allowed="(steps, features)")
    wanted = (units, inputs.shape[1])
    if input_weight.shape != wanted:
        raise ShapeError("input_weight", got=f"shape {input_weight.shape}", allowed=f"{wanted}")
    rows = {}
    for name, value in (("bias", bias), ("start", start)):
        if np.shape(value) not in ((), (units,)):
            raise ShapeError(
                name, got=f"shape {np.shape(value)}", allowed=f"a number or ({units},)"
            )
        rows[name] = np.broadcast_to(np.asarray(value, dtype=np.float64), (units,))
    given = {"weight": weight, "inputs": inputs, "input_weight": input_weight, **rows}
    for name, array in given.items():
        if not np.isfinite(array).all():
            raise ValueRangeError(name, got="NaN or infinity", allowed="finite numbers")
    phi: Any = activations[activation]
    states, ahead = [rows["start"]], []
    for x in inputs:
        z = weight @ states[-1] + input_weight @ x + rows["bias"]
        ahead.append(z)
        states.append(np.asarray(phi(z)))
    z = np.array(ahead)
    return Rollout(weight, np.array(states), z, np.asarray(phi.derivative(z)))


def drawn(
    units: int, gain: float, *, steps: int, seed: int, features: int = 1, drive: float = 1.0
) -> Rollout:
    """A tanh net with W ~ N(0, gain^2 / units), U ~ N(0, drive^2), inputs ~ N(0, 1), b = h_0 = 0.

    The generator is `numpy.random.Generator(PCG64(seed))`; W, U and the inputs are drawn in this
    order.

    >>> bool(drawn(8, 0.5, steps=20, seed=0).log_norms()[-1] < -10)
    True
    """
    for name, value in (("units", units), ("steps", steps), ("features", features)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
            raise ValueRangeError(name, got=repr(value), allowed="an integer >= 1")
    for name, scale in (("gain", gain), ("drive", drive)):
        if not (np.isfinite(scale) and scale >= 0):
            raise ValueRangeError(name, got=scale, allowed="a finite number, at least 0")
    rng = np.random.Generator(np.random.PCG64(seed))
    weight = rng.standard_normal((units, units)) * (gain / np.sqrt(units))
    input_weight = drive * rng.standard_normal((units, features))
    return roll(weight, rng.standard_normal((steps, features)), input_weight=input_weight)
