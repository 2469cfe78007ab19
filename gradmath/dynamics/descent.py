"""Gradient descent for one neuron, with the right update and with the published one.

The neuron is `a = sigmoid(x . w + b)`, an entry of the loss is `l = (a - y)**2`, and the loss L is
the mean of the entries.  Its gradient by the chain rule is the mean of `dl/dz * x`, where

    dl/dz = 2 (a - y) sigmoid'(z).

The update printed in the chapter's source puts `2 l` in the place of `dl/da = 2 (a - y)`.  Since
`l >= 0`, the sign of the residual is lost.  (That rule is the gradient of another function, the
mean of `2/3 (a - y)**3`, which is smallest where every a is as small as it can be.)

Every derivative here comes out of `gradmath.derive` and `gradmath.compile`.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import sympy
from numpy.typing import NDArray

from gradmath import kernels
from gradmath.catalogue import activations
from gradmath.derivation import derive
from gradmath.errors import ShapeError, UnknownNameError, ValueRangeError

Array = NDArray[np.float64]
Rule = Literal["right", "published"]
RULES: tuple[Rule, ...] = ("right", "published")

PUBLISHED_SETTING = (1.0, 200)
"""Step and number of updates, from zero, with which the chapter compares the two rules."""


@functools.cache
def _entry_kernel() -> Any:
    """Kernel of one entry of the loss and its derivative by the pre-activation."""
    return kernels.compile(derive([("a", "sigmoid(z)"), ("l", "(a - y)**2")], wrt=["z"]), "numpy")


@functools.cache
def _activation_kernel() -> Any:
    """Kernel of the activation and its slope, the factor that both rules share."""
    return kernels.compile(derive([("a", "sigmoid(z)")], wrt=["z"]), "numpy")


def entries(z: Array, y: Array) -> tuple[Array, Array]:
    """Entries `l = (sigmoid(z) - y)**2` and their derivatives dl/dz; z and y broadcast."""
    z, y = np.broadcast_arrays(z, y)
    loss, gradient = _entry_kernel()(z=np.ascontiguousarray(z), y=np.ascontiguousarray(y))
    return loss, gradient["z"]


def _factor(rule: Rule, z: Array, y: Array) -> tuple[Array, Array]:
    """Entries of the loss, and what `rule` takes for their derivatives by z."""
    loss, adjoint = entries(z, y)
    if rule == "published":
        _, slope = _activation_kernel()(z=z)
        adjoint = 2 * loss * slope["z"]
    return loss, adjoint


@dataclass(frozen=True)
class Descent:
    """The path of one descent: rows 0 to n of `w` (n+1, features), `b` (n+1,), `loss` (n+1,)."""

    rule: Rule
    step: float
    w: Array
    b: Array
    loss: Array

    def __post_init__(self) -> None:
        for array in (self.w, self.b, self.loss):
            array.setflags(write=False)

    @property
    def steps(self) -> int:
        """How many updates were made."""
        return len(self.loss) - 1

    @property
    def rises(self) -> int:
        """How many updates made the loss larger."""
        return int(np.count_nonzero(np.diff(self.loss) > 0))


def descend(
    x: Array,
    y: Array,
    *,
    rule: Rule = "right",
    step: float,
    steps: int,
    w: Array | float = 0.0,
    b: float = 0.0,
) -> Descent:
    """Full-batch descent from (`w`, `b`), zero unless given.

    w <- w - step * mean_i(g_i x_i),  b <- b - step * mean_i(g_i), where g_i is dl_i/dz_i for the
    rule "right" and `2 l_i sigmoid'(z_i)` for the rule "published".

    `x` is (n, features), `y` (n,); `w` is a number or (features,).  Raises `ShapeError`,
    `UnknownNameError` for another rule, `ValueRangeError` for a step that is not positive and
    finite or a negative number of steps.

    >>> from gradmath.dynamics import binary, descend
    >>> data = binary("0 against 1")
    >>> right = descend(data.x, data.y, step=1.0, steps=200)
    >>> wrong = descend(data.x, data.y, step=1.0, steps=200, rule="published")
    >>> [round(float(run.loss[i]), 3) for run in (right, wrong) for i in (0, -1)]
    [0.25, 0.003, 0.25, 0.505]
    """
    x, y = _checked(x, y)
    if rule not in RULES:
        raise UnknownNameError("rule", rule, RULES)
    if not (np.isfinite(step) and step > 0):
        raise ValueRangeError("step", got=step, allowed="a positive, finite number")
    if steps < 0:
        raise ValueRangeError("steps", got=steps, allowed="0 or more")
    n, features = x.shape
    if np.shape(w) not in ((), (features,)):
        raise ShapeError("w", got=f"shape {np.shape(w)}", allowed=f"a number or ({features},)")
    path_w, path_b, path_loss = np.empty((steps + 1, features)), np.empty(steps + 1), []
    path_w[0], path_b[0] = w, b
    for k in range(steps + 1):
        loss, factor = _factor(rule, x @ path_w[k] + path_b[k], y)
        path_loss.append(float(loss.mean()))
        if k < steps:
            path_w[k + 1] = path_w[k] - step * (factor @ x) / n
            path_b[k + 1] = path_b[k] - step * factor.mean()
    return Descent(rule, float(step), path_w, path_b, np.array(path_loss))


def loss_at(x: Array, y: Array, w: Array | float, b: float) -> float:
    """The loss L of the neuron at one point: the mean of the entries over the samples."""
    x, y = _checked(x, y)
    return float(entries(x @ np.broadcast_to(w, x.shape[1:]) + b, y)[0].mean())


def loss_surface(x: Array, y: Array, w: Array, b: Array) -> Array:
    """The loss L over a grid, for a neuron with one input.

    `x` (n, 1), `y` (n,), `w` (nw,), `b` (nb,) -> L (nb, nw), rows along b.
    """
    x, y = _checked(x, y)
    if x.shape[1] != 1:
        raise ShapeError("x", got=f"shape {x.shape}", allowed="(n, 1)")
    rows = [entries(np.outer(w, x[:, 0]) + bias, y)[0].mean(axis=1) for bias in b]
    return np.array(rows)


@functools.cache
def curvature_bound() -> sympy.Expr:
    """The largest |d^2 l / dz^2| over all z, for a target y in {0, 1}, as an exact number.

    With `s = sigmoid(z)` and y = 0 it is the largest |2 s^2 (1 - s) (2 - 3 s)| on 0 <= s <= 1, and
    y = 1 mirrors it; both are derived here rather than typed.
    """
    z = sympy.Symbol("z", real=True)
    s = sympy.Symbol("s", real=True)
    sigmoid = activations["sigmoid"]
    value = sigmoid.expression.subs(sigmoid.variable, z)
    slope_in_s = sympy.simplify(sympy.diff(value, z).subs(z, sympy.log(s / (1 - s))))
    worst = sympy.Integer(0)
    for target in (0, 1):
        first = sympy.diff((s - target) ** 2, s) * slope_in_s
        second = sympy.expand(sympy.diff(first, s) * slope_in_s)
        at = [r for r in sympy.real_roots(sympy.diff(second, s)) if 0 <= r <= 1] + [0, 1]
        worst = sympy.Max(worst, *(sympy.Abs(sympy.expand(second.subs(s, point))) for point in at))
    return sympy.radsimp(worst)


def smoothness(x: Array) -> float:
    """A bound beta on the curvature of the loss everywhere: every Hessian eigenvalue <= beta.

    beta = c * (largest eigenvalue of mean_i (x_i, 1)(x_i, 1)^T), c = `curvature_bound()`.  Below
    the step 2/beta every update from a point with a non-zero gradient makes the loss fall; above it
    nothing is promised.  Rounded to nearest, not enclosed: for figures, not for proofs.
    """
    rows = np.column_stack([x, np.ones(len(x))])
    return float(curvature_bound()) * float(np.linalg.eigvalsh(rows.T @ rows / len(x))[-1])


def _checked(x: Array, y: Array) -> tuple[Array, Array]:
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if x.ndim != 2 or x.shape[0] == 0:
        raise ShapeError("x", got=f"shape {x.shape}", allowed="(n, features) with n >= 1")
    if y.shape != (x.shape[0],):
        raise ShapeError("y", got=f"shape {y.shape}", allowed=f"({x.shape[0]},) to fit x")
    for name, array in (("x", x), ("y", y)):
        if not np.isfinite(array).all():
            raise ValueRangeError(name, got="NaN or infinity", allowed="finite numbers")
    return x, y
