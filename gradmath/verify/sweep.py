"""A network's loss and gradients in ball arithmetic.

Straight from the parameters, the definitions of the activations and the definition of the loss: a
forward sweep Z = W A + b 1^T, A' = phi(Z), or A + phi(Z) in a residual layer, and a reverse sweep
of adjoints, all in Arb.  Columns are samples.  Nothing here knows how a kernel computes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb, arb_mat, fmpq

from gradmath.verify import balls
from gradmath.verify.lower import State, lower
from gradmath.verify.opaque import Operation, operation

Rows = tuple[tuple[fmpq, ...], ...]


@dataclass(frozen=True)
class Layer:
    """Activation, weight rows and bias, as exact numbers, and whether the input is added."""

    activation: Operation
    weights: Rows
    bias: tuple[fmpq, ...]
    residual: bool

    @property
    def matrix(self) -> arb_mat:
        """The weights, (out, in)."""
        return arb_mat([list(row) for row in self.weights])


@dataclass(frozen=True)
class Setting:
    """A network, its parameters and one batch; `targets` has a row for each sample.

    `entrywise` says whether the loss is a sum over outputs; if not it takes a whole sample.
    """

    layers: tuple[Layer, ...]
    loss: Operation
    entrywise: bool
    x: Rows
    targets: Rows

    @property
    def outputs(self) -> int:
        """Number of outputs."""
        return len(self.layers[-1].bias)


@dataclass(frozen=True)
class Slopes:
    """The loss of one group of outputs: value, slopes and second derivatives in `active`.

    `active` numbers the predictions, and the targets that are not whole numbers, among all
    arguments of the loss: a class is no source of rounding.
    """

    sample: int
    outputs: tuple[int, ...]
    at: tuple[Any, ...]
    active: tuple[int, ...]
    value: arb
    slopes: tuple[arb, ...]
    curves: tuple[tuple[arb, ...], ...]


@dataclass(frozen=True)
class Sweep:
    """The balls of one sweep; layer k is at index k - 1, `posts[0]` is x.

    `images`, `slopes`, `bends` hold phi(Z), phi'(Z), phi''(Z); `deltas` dL/dZ; `post_adjoints`
    dL/dA'; `grads` has the keys of the parameters and "x", with the parameters' own shapes.
    """

    loss: arb
    grads: dict[str, arb_mat]
    pres: list[arb_mat]
    posts: list[arb_mat]
    images: list[arb_mat]
    slopes: list[arb_mat]
    bends: list[arb_mat]
    deltas: list[arb_mat]
    post_adjoints: list[arb_mat]
    losses: list[Slopes]


def setting(net: Any, params: Mapping[str, Any], x: Any, y: Any) -> Setting:
    """Read a network object, its parameter arrays and a batch."""
    layers = tuple(
        Layer(
            operation(layer.activation.entry, tuple(layer.activation.values)),
            _rows(params[f"W{k}"]),
            _rows(params[f"b{k}"])[0],
            layer.residual,
        )
        for k, layer in enumerate(net.layers, start=1)
    )
    entry, values = net.loss.entry, tuple(net.loss.values)
    outputs = len(layers[-1].bias)
    entrywise = not hasattr(entry, "instance")
    if entrywise:
        loss = operation(entry, values)
    else:
        predictions, targets = entry.symbols(outputs)
        loss = Operation(lower(entry.instance(predictions, targets)), (*predictions, *targets))
    return Setting(layers, loss, entrywise, _rows(x), _targets(y, outputs, len(x)))


def _rows(array: Any) -> Rows:
    table = np.atleast_2d(np.asarray(array))
    if table.dtype != object:  # exact fractions stay what they are
        table = table.astype(np.float64)
    return tuple(tuple(balls.exact(v) for v in row) for row in table.tolist())


def _targets(y: Any, outputs: int, batch: int) -> Rows:
    array = np.asarray(y)
    if np.issubdtype(array.dtype, np.integer) and array.shape == (batch,) and outputs > 1:
        array = np.eye(outputs)[array]  # classes
    return _rows(np.asarray(array, dtype=np.float64).reshape(batch, outputs))


def sweep(given: Setting, bits: int) -> Sweep:
    """Run both sweeps at one precision.  Raises `balls.Undecided` if it does not suffice."""
    with balls.precision(bits, 3):
        posts = [arb_mat([list(column) for column in zip(*given.x, strict=True)])]
        pres, images, slopes, bends = [], [], [], []
        batch = len(given.x)
        for layer in given.layers:
            bias = arb_mat([[b] * batch for b in layer.bias])
            pre = layer.matrix * posts[-1] + bias
            image, slope, bend = _activate(layer.activation, pre)
            pres.append(pre)
            images.append(image)
            posts.append(posts[-1] + image if layer.residual else image)
            slopes.append(slope)
            bends.append(bend)
        losses = _losses(given, posts[-1])
        loss = sum((part.value for part in losses), arb(0)) / batch
        adjoint = _seed(losses, posts[-1])
        deltas: list[arb_mat] = []
        post_adjoints: list[arb_mat] = []
        grads: dict[str, arb_mat] = {}
        ones = arb_mat(1, batch, [1] * batch)
        for k in range(len(given.layers), 0, -1):
            delta = entrywise(lambda a, b: a * b, adjoint, slopes[k - 1])
            post_adjoints.insert(0, adjoint)
            deltas.insert(0, delta)
            grads[f"W{k}"] = delta * posts[k - 1].transpose()
            grads[f"b{k}"] = ones * delta.transpose()
            layer = given.layers[k - 1]
            through = layer.matrix.transpose() * delta
            adjoint = adjoint + through if layer.residual else through
        grads["x"] = adjoint.transpose()
        return Sweep(loss, grads, pres, posts, images, slopes, bends, deltas, post_adjoints, losses)


def entrywise(function: Callable[..., Any], *matrices: arb_mat) -> arb_mat:
    """Apply a function of numbers to the entries of matrices of one shape."""
    entries = [function(*v) for v in zip(*(m.entries() for m in matrices), strict=True)]
    return arb_mat(matrices[0].nrows(), matrices[0].ncols(), entries)


def _activate(act: Operation, pre: arb_mat) -> list[arb_mat]:
    """phi(Z), phi'(Z) and phi''(Z)."""
    jets = [act.jet([thin(z)], [1], 2) for z in pre.entries()]
    shape = (pre.nrows(), pre.ncols())
    return [arb_mat(*shape, [balls.real(jet[n]) for jet in jets]) for n in range(3)]


def thin(z: arb) -> Any:
    """Return an exact zero as a rational, so that it stays exact on a breakpoint."""
    return fmpq(0) if z.is_zero() else z


def _losses(given: Setting, output: arb_mat) -> list[Slopes]:
    """The loss of each sample, or of each output of each sample, with its derivatives."""
    every = tuple(range(given.outputs))
    groups = [(i,) for i in every] if given.entrywise else [every]
    found = []
    for n, target in enumerate(given.targets):
        for group in groups:
            at = (*(thin(output[i, n]) for i in group), *(target[i] for i in group))
            active = tuple(i for i, v in enumerate(at) if i < len(group) or not _whole(v))
            value, slopes, curves = given.loss.gradient_and_hessian(at, active)
            found.append(
                Slopes(
                    n, group, at, active, balls.real(value),
                    tuple(balls.real(s) for s in slopes),
                    tuple(tuple(balls.real(c) for c in row) for row in curves),
                )
            )  # fmt: skip
    return found


def _whole(target: Any) -> bool:
    return isinstance(target, fmpq) and target.q == 1


def _seed(losses: Sequence[Slopes], output: arb_mat) -> arb_mat:
    """The slope of the mean loss by the outputs."""
    batch = output.ncols()
    seed = arb_mat(output.nrows(), batch)
    for part in losses:
        for m, i in enumerate(part.outputs):
            seed[i, part.sample] = part.slopes[m] / batch
    return seed


def near_kinks(given: Setting, found: Sweep, allowed: Sequence[arb_mat]) -> int:
    """Count pre-activations so near a kink that rounding may carry them to its other side.

    `allowed` is, for each layer, the error that the pre-activations may have.
    """
    count = 0
    for layer, pre, room in zip(given.layers, found.pres, allowed, strict=True):
        for location, _ in layer.activation.kinks:
            kink = balls.real(location.run(State({})))
            for z, e in zip(pre.entries(), room.entries(), strict=True):
                count += bool(e > 0) and not bool(abs(z - kink) > e)
    return count
