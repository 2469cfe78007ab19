"""Random layers and networks, drawn many times: what happens to a signal and to its gradients.

Every generator is `numpy.random.Generator(PCG64(seed))`.  Weights are normal with the variance
`weight / width`, or orthogonal and scaled to it; there are no biases unless it is said.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradmath.errors import ValueRangeError
from gradmath.functions import activations

Array = NDArray[np.float64]


@dataclass(frozen=True)
class OneLayer:
    """What single random layers did: one number for each draw.

    forward: |J v|^2 for a direction v at right angles to the activations, |v| = 1.
    backward: |J^T u|^2 for a signal u of independent random signs, |u| = 1.
    """

    forward: Array
    backward: Array


def one_layer(
    activation: str, *, width: int, q: float = 1.0, weight: float = 1.0, draws: int, seed: int = 0
) -> OneLayer:
    """Draw square layers z = W a, a' = phi(z) whose pre-activations have the variance q.

    J = diag(phi'(z)) W is the Jacobian.  Given a, the entries of z are independent and exactly
    normal at every width, so the mean of `forward` is chi = weight * E phi'(sqrt(q) Z)^2, and that
    of `backward` is chi with a correction of the order 1/width: a unit whose weights along a are
    large has another slope.

    >>> one_layer("relu", width=2, draws=3).forward.shape
    (3,)
    """
    for name, value in (("width", width), ("draws", draws)):
        if value < 1:
            raise ValueRangeError(name, got=value, allowed="an integer >= 1")
    rng = np.random.Generator(np.random.PCG64(seed))
    w = rng.standard_normal((draws, width, width)) * math.sqrt(weight / width)
    # by symmetry any a will do: take it along the first axis, and v along the second
    z = w[:, :, 0] * math.sqrt(q * width / weight)
    slope = activations[activation].derivative(z)
    forward = np.sum((slope * w[:, :, 1 % width]) ** 2, axis=1)
    signs = rng.integers(0, 2, (draws, width)) * 2.0 - 1.0
    back = np.einsum("ni,nij->nj", slope * signs / math.sqrt(width), w)
    return OneLayer(forward, np.sum(back**2, axis=1))


def relu_stretch(width: int, depth: int, draws: int, seed: int = 0) -> Array:
    """log |J v|^2 of random ReLU networks with He's weights, for a unit direction v at the input.

    Networks have `depth` layers of `width` units; the input is drawn anew for each.  A network in
    which a whole layer is dead has no gradient at all and is left out; the rest are exactly what
    the theory conditions on.  Shape (at most draws,).

    >>> bool(abs(relu_stretch(width=64, depth=4, draws=200).mean()) < 0.5)
    True
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    a = rng.standard_normal((draws, width))
    v = rng.standard_normal((draws, width))
    v /= np.linalg.norm(v, axis=1, keepdims=True)
    logs = np.zeros(draws)
    for _ in range(depth):
        w = rng.standard_normal((draws, width, width)) * math.sqrt(2 / width)
        z = np.einsum("nij,nj->ni", w, a)
        v = np.where(z > 0, np.einsum("nij,nj->ni", w, v), 0.0)
        a = np.maximum(z, 0.0)
        size = np.linalg.norm(v, axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            logs += 2 * np.log(size)
            v /= size[:, None]
            a /= np.linalg.norm(a, axis=1, keepdims=True)
    return logs[np.isfinite(logs)]


def jacobian_spectrum(
    activation: str,
    *,
    orthogonal: bool,
    weight: float,
    bias: float = 0.0,
    q: float = 1.0,
    width: int,
    depth: int,
    seed: int = 0,
) -> Array:
    """Singular values, falling, of the Jacobian of one random network at one input; shape (width,).

    The layers are z = W a + b, a' = phi(z), square, with sigma_w^2 = `weight` and sigma_b^2 =
    `bias`; the input is as long as it takes for the first pre-activations to have the variance q.

    >>> jacobian_spectrum("identity", orthogonal=True, weight=4.0, width=3, depth=5).round(9)
    array([32., 32., 32.])
    """
    if not weight > 0 or not 0 <= bias < q:
        raise ValueRangeError("bias", got=bias, allowed=f"at least 0 and below q = {q}")
    rng = np.random.Generator(np.random.PCG64(seed))
    phi = activations[activation]
    a = rng.standard_normal(width)
    a *= math.sqrt((q - bias) / weight * width) / np.linalg.norm(a)
    jacobian = np.eye(width)
    for _ in range(depth):
        w = rng.standard_normal((width, width)) * math.sqrt(weight / width)
        if orthogonal:
            turned, r = np.linalg.qr(w)
            w = math.sqrt(weight) * turned * np.where(np.diagonal(r) < 0, -1.0, 1.0)
        z = w @ a + math.sqrt(bias) * rng.standard_normal(width)
        jacobian = phi.derivative(z)[:, None] * (w @ jacobian)
        a = phi(z)
    return np.asarray(np.linalg.svd(jacobian, compute_uv=False))
