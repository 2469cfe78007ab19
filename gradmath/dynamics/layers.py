"""A network layer by layer: pre-activations, activations, signals and gradients at one batch.

The numbers come out of the package's own kernels, `gradmath.compile(gradmath.derive(net))`.

The *signal* of layer k at sample i is `delta_k = dl_i/dz_k`, the derivative of the sample's own
loss l_i by the pre-activations of the layer: what backpropagation hands to the layer.  Its norm
does not depend on the size of the batch.  The gradients of W_k and b_k are those of the mean loss.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradmath import kernels
from gradmath.derivation import derive
from gradmath.dynamics.norms import norm, root_mean_square, row_norms
from gradmath.errors import ArgumentTypeError, ValueRangeError
from gradmath.functions import losses
from gradmath.kernels.layers import NetworkKernel
from gradmath.network import Dense, Network, parameters_by_name

Array = NDArray[Any]
Start = str | tuple[float, float]


@functools.lru_cache(maxsize=64)
def kernel_of(net: Network) -> NetworkKernel:
    """The compiled kernel of a network; made once for equal networks."""
    made = kernels.compile(derive(net), "numpy")
    assert isinstance(made, NetworkKernel)
    return made


@dataclass(frozen=True)
class Profile:
    """A network at one batch, layer by layer; layer k is at index k - 1.

    loss: the mean loss.  weight_norm, weight_gradient, bias_gradient (layers,): norms of W_k and of
    the gradients of the mean loss by W_k and b_k.  signal (layers, samples): norms of dl_i/dz_k.
    z, a, delta: a matrix (samples, units) for each layer: pre-activations, activations, dl_i/dz_k.
    stream: a matrix (samples, units) for each layer but the last, dl_i/da_k: what comes back to the
    output of the layer, by its branch and by the path past it if the next layer is residual.
    gradient: by name, `W1`, `b1`, ..., and `x`.
    """

    loss: float
    weight_norm: Array
    weight_gradient: Array
    bias_gradient: Array
    signal: Array
    z: tuple[Array, ...]
    a: tuple[Array, ...]
    delta: tuple[Array, ...]
    stream: tuple[Array, ...]
    gradient: Mapping[str, Array]

    def __post_init__(self) -> None:
        named = (self.weight_norm, self.weight_gradient, self.bias_gradient, self.signal)
        rows = (*self.z, *self.a, *self.delta, *self.stream)
        for array in (*named, *rows, *self.gradient.values()):
            array.setflags(write=False)

    @property
    def depth(self) -> int:
        """Number of layers."""
        return len(self.z)

    @property
    def rms_signal(self) -> Array:
        """The root mean square, over the samples, of the norm of the signal: one for each layer."""
        return np.array([root_mean_square(row) for row in self.signal])

    @property
    def rms_stream(self) -> Array:
        """The same of dl_i/da_k, shape (layers - 1,)."""
        return np.array([root_mean_square(row_norms(rows)) for rows in self.stream])

    @property
    def factors(self) -> Array:
        """What one layer does to the signal on its way back: rms_signal[k] / rms_signal[k + 1].

        Shape (layers - 1,); NaN where both are 0.
        """
        signal = self.rms_signal
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            return signal[:-1] / signal[1:]

    @property
    def reach(self) -> float:
        """rms_signal of the first layer over that of the last: what arrives at the beginning."""
        signal = self.rms_signal
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            return float(signal[0] / signal[-1])

    def __reduce__(self) -> tuple[Any, ...]:
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return _restored, (fields | {"gradient": dict(self.gradient)},)


def _restored(fields: dict[str, Any]) -> Profile:
    return Profile(**fields | {"gradient": MappingProxyType(fields["gradient"])})


def profile(
    net: Network, params: Mapping[str, Any], x: Any, y: Any, *, check_finite: bool = True
) -> Profile:
    """A network at one batch, layer by layer.

    net: a `gradmath.Network`.  params, x, y: as its kernel takes them, as NumPy arrays or lists.
    check_finite: refuse NaN and infinity (default); with False they pass through.

    Raises what the kernel raises: `ShapeError`, `ArgumentTypeError`, `ValueRangeError`.

    >>> from gradmath.dynamics import profile
    >>> net = Network(1, [Dense(1, "sigmoid"), Dense(1, "sigmoid")])
    >>> params = {"W1": [[2.0]], "b1": [-1.0], "W2": [[2.0]], "b2": [-1.0]}
    >>> found = profile(net, params, x=[[0.5]], y=[[1.0]])
    >>> found.signal[:, 0].tolist(), found.factors.tolist()
    ([0.125, 0.25], [0.5])
    """
    if not isinstance(net, Network):
        raise ArgumentTypeError("net", got=type(net).__name__, allowed="a gradmath.Network")
    given = {name: numpy_array(name, value) for name, value in _items(params)}
    x, y = numpy_array("x", x), numpy_array("y", y)
    with np.errstate(all="ignore"):
        loss, grads, inner = kernel_of(net).trace(given, x, y, check_finite=check_finite)
        layers = range(1, len(net.layers) + 1)
        # the derivative of the mean has 1/n in it; the sample's own loss has not
        delta = tuple(inner[f"delta{k}"].astype(np.float64) * len(x) for k in layers)
        stream = _stream(net, given, delta, inner[f"a{len(net.layers)}"], y)
    return Profile(
        loss=float(loss),
        weight_norm=np.array([norm(given[f"W{k}"]) for k in layers]),
        weight_gradient=np.array([norm(grads[f"W{k}"]) for k in layers]),
        bias_gradient=np.array([norm(grads[f"b{k}"]) for k in layers]),
        signal=np.array([row_norms(rows) for rows in delta]),
        z=tuple(inner[f"z{k}"] for k in layers),
        a=tuple(inner[f"a{k}"] for k in layers),
        delta=delta,
        stream=stream,
        gradient=MappingProxyType(grads),
    )


def _stream(
    net: Network, params: Mapping[str, Array], delta: Sequence[Array], end: Array, y: Array
) -> tuple[Array, ...]:
    """dl_i/da_k of all layers but the last: by z_(k+1), and past it if layer k + 1 is residual."""
    found: list[Array] = []
    above: Array | None = None  # dl_i/da_(k+1), where a residual layer hands it on
    if net.layers[-1].residual:
        chosen = net.loss
        given = dict(zip(parameters_by_name(chosen.entry), map(float, chosen.values), strict=True))
        above = np.asarray(losses[chosen.name].gradient(end, y, reduction="sum", **given))
    for k in range(len(net.layers) - 1, 0, -1):
        below = delta[k] @ params[f"W{k + 1}"].astype(np.float64)
        above = below + above if net.layers[k].residual and above is not None else below
        found.insert(0, above)
    return tuple(found)


def _items(params: object) -> list[tuple[str, Any]]:
    if not isinstance(params, Mapping):
        raise ArgumentTypeError(
            "params", got=type(params).__name__, allowed="a mapping with W1, b1, ..., Wn, bn"
        )
    return list(params.items())


def numpy_array(name: str, value: Any) -> Array:
    """An argument as a NumPy array, or an error that says how to make one."""
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as error:
        raise ArgumentTypeError(
            name,
            got=f"{type(value).__name__}, which NumPy cannot read ({error})",
            allowed="a NumPy array or a list of numbers",
            remedy="move it to the CPU and detach it first",
        ) from error
    if array.dtype.kind not in "biuf":
        raise ArgumentTypeError(
            name, got=f"an array of {array.dtype}", allowed="real numbers as a NumPy array or list"
        )
    return array


def gaussian_start(
    net: Network, weight: float = 1.0, bias: float = 0.0, seed: int = 0
) -> dict[str, NDArray[np.float64]]:
    """Parameters as mean-field theory draws them: W ~ N(0, weight^2 / fan_in), b ~ N(0, bias^2).

    weight, bias: sigma_w and sigma_b, at least 0.  The generator is
    `numpy.random.Generator(PCG64(seed))`; W1, b1, W2, ... are drawn in this order.

    >>> gaussian_start(Network(4, [Dense(3)]), weight=2.0, bias=0.1)["W1"].shape
    (3, 4)
    """
    for name, value in (("weight", weight), ("bias", bias)):
        if not (np.isfinite(value) and value >= 0):
            raise ValueRangeError(name, got=value, allowed="a finite number, at least 0")
    rng = np.random.Generator(np.random.PCG64(seed))
    return {
        name: rng.standard_normal(shape) * (weight / np.sqrt(shape[1]) if len(shape) == 2 else bias)
        for name, shape in net.shapes.items()
    }


def start(net: Network, how: Start, seed: int) -> dict[str, Any]:
    """Parameters by the name of an initialiser, or by (sigma_w, sigma_b): see `gaussian_start`."""
    if isinstance(how, str):
        return net.init(seed=seed, scheme=how)
    weight, bias = how
    return gaussian_start(net, weight, bias, seed)


@dataclass(frozen=True)
class DepthSweep:
    """Networks of several depths at their start, each with several seeds.

    depths: the numbers of layers.  signal, weight_gradient: for each depth an array
    (seeds, layers), the root mean square signal and the norm of the gradient by W_k.
    loss (depths, seeds).
    """

    depths: tuple[int, ...]
    signal: tuple[Array, ...]
    weight_gradient: tuple[Array, ...]
    loss: Array

    def __post_init__(self) -> None:
        for array in (*self.signal, *self.weight_gradient, self.loss):
            array.setflags(write=False)

    @property
    def reach(self) -> Array:
        """Signal of the first layer over that of the last, shape (depths, seeds)."""
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            return np.array([rows[:, 0] / rows[:, -1] for rows in self.signal])


def depth_sweep(
    x: Any,
    y: Any,
    *,
    depths: Sequence[int],
    width: int,
    outputs: int,
    activation: str = "sigmoid",
    last: str = "identity",
    loss: str = "squared_error",
    start_from: Start = "xavier",
    seeds: int = 5,
) -> DepthSweep:
    """Gradients at the start, by layer, for networks of several depths.

    A network of depth n has n - 1 layers of `width` units with `activation`, and a last one of
    `outputs` units with the activation `last`.  start_from: the name of an initialiser (biases 0)
    or a pair (sigma_w, sigma_b), see `gaussian_start`.  seeds: 0 to seeds - 1.

    >>> from gradmath.dynamics import depth_sweep, one_of_each
    >>> x, y = one_of_each()
    >>> found = depth_sweep(x, y, depths=(2, 10), width=16, outputs=10, start_from="lecun", seeds=2)
    >>> [rows.shape for rows in found.signal], bool((found.reach[1] < 1e-3 * found.reach[0]).all())
    ([(2, 2), (2, 10)], True)
    """
    signal, gradient, losses = [], [], []
    for depth in depths:
        if depth < 1:
            raise ValueRangeError("depths", got=depth, allowed="integers >= 1")
        net = Network(
            numpy_array("x", x).shape[-1],
            [*[Dense(width, activation)] * (depth - 1), Dense(outputs, last)],
            loss=loss,
        )
        found = [profile(net, start(net, start_from, seed), x, y) for seed in range(seeds)]
        signal.append(np.array([one.rms_signal for one in found]))
        gradient.append(np.array([one.weight_gradient for one in found]))
        losses.append([one.loss for one in found])
    return DepthSweep(tuple(depths), tuple(signal), tuple(gradient), np.array(losses))
