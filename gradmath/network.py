"""Dense layers and networks: names and shapes, checked when built; no arrays.

A network here is what the chapter means by one: x of shape (batch, in), and for each layer k

    z_k = a_(k-1) W_k^T + b_k        W_k: (out, in), b_k: (out,)
    a_k = phi_k(z_k)                 entry by entry
    a_k = a_(k-1) + phi_k(z_k)       where the layer is residual

with a_0 = x, and a loss that is the mean over the batch of the sum over the outputs.
Only `Network.init` makes arrays; it imports NumPy when it is called.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sympy as sp

from gradmath.catalogue import activations, initialisers, losses
from gradmath.catalogue.declaration import Entry, Parameter, exact
from gradmath.catalogue.entries import Initialiser, VectorLoss
from gradmath.errors import ArgumentTypeError, ShapeError, UnknownNameError, ValueRangeError

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Chosen:
    """A catalogue entry with values for its parameters, in the declared order."""

    entry: Any
    values: tuple[sp.Expr, ...] = ()

    @property
    def name(self) -> str:
        """Name of the entry."""
        return str(self.entry.name)

    def __str__(self) -> str:
        given = ", ".join(
            f"{symbol}={value}"
            for (symbol, parameter), value in zip(
                parameters_by_name(self.entry).items(), self.values, strict=True
            )
            if value != parameter.default
        )
        return f"{self.name}({given})" if given else self.name


def parameters_by_name(entry: Entry) -> dict[str, Parameter]:
    """The parameters of an entry by name; a loss of whole samples has none."""
    declared: Mapping[sp.Symbol, Parameter] = getattr(entry, "parameters", {})
    return {str(symbol): parameter for symbol, parameter in declared.items()}


def choose(
    argument: str, chosen: object, table: Mapping[str, Any], given: Mapping[str, Any]
) -> Chosen:
    """A name, a declaration, or a callable entry (`gm.tanh`) -> the declaration with values."""
    if isinstance(chosen, Chosen):
        return chosen
    entry = getattr(chosen, "entry", chosen)
    if isinstance(entry, str):
        if entry not in table:
            raise UnknownNameError(argument, entry, table)
        entry = table[entry]
    if not isinstance(entry, Entry) or entry not in table.values():
        raise ArgumentTypeError(
            argument, got=repr(chosen)[:80], allowed=f"a name or entry among {', '.join(table)}"
        )
    known = parameters_by_name(entry)
    for name in given:
        if name not in known:
            raise UnknownNameError(f"parameter of {entry.name}", name, known)
    values = []
    for name, parameter in known.items():
        value = given.get(name, parameter.default)
        parameter.check(value, f"{entry.name}({name}=)")
        values.append(exact(value))
    return Chosen(entry, tuple(values))


@dataclass(frozen=True, init=False)
class Dense:
    """A fully connected layer of `size` units: z = a W^T + b, then `activation` on each entry.

    `activation` is a callable entry (`gm.tanh`), a declaration or a name; parameters go by
    keyword: `Dense(8, gm.leaky_relu, negative_slope=0.2)`.  Without an activation it is linear.

    residual: add the layer's input to what the activation returns, a' = a + phi(a W^T + b), which
    gives the gradient a path past W and phi.  The layer must then have as many units as inputs
    (He et al. 2016, doi:10.1109/CVPR.2016.90).

    >>> Dense(8, "tanh"), Dense(8, "tanh", residual=True)
    (Dense(8, tanh), Dense(8, tanh, residual=True))
    """

    size: int
    activation: Chosen
    residual: bool

    def __init__(
        self,
        size: int,
        activation: object = "identity",
        *,
        residual: bool = False,
        **parameters: float,
    ) -> None:
        object.__setattr__(self, "size", _positive_int("size", size))
        object.__setattr__(
            self,
            "activation",
            choose("activation", activation, activations, parameters),
        )
        if not isinstance(residual, bool):
            raise ArgumentTypeError("residual", got=repr(residual)[:80], allowed="True or False")
        object.__setattr__(self, "residual", residual)

    def __repr__(self) -> str:
        residual = ", residual=True" if self.residual else ""
        return f"Dense({self.size}, {self.activation}{residual})"


@dataclass(frozen=True, init=False)
class Network:
    """Dense layers one after another, and a loss.

    inputs: number of features of x.
    layers: `Dense`, first to last.
    loss: an entry of `gm.losses` (default `squared_error`, no 1/2); cross-entropies take logits,
        so their last layer is usually linear.

    Parameters are named `W1, b1, ..., Wn, bn`; `shapes` gives each one's shape.  Raises ShapeError
    for a residual layer whose input has another width than its output.

    >>> net = Network(inputs=2, layers=[Dense(8, "tanh"), Dense(1)])
    >>> net.shapes
    {'W1': (8, 2), 'b1': (8,), 'W2': (1, 8), 'b2': (1,)}
    """

    inputs: int
    layers: tuple[Dense, ...]
    loss: Chosen
    shapes: dict[str, tuple[int, ...]] = field(compare=False)

    def __init__(
        self,
        inputs: int,
        layers: Sequence[Dense],
        loss: object = "squared_error",
        **parameters: float,
    ) -> None:
        object.__setattr__(self, "inputs", _positive_int("inputs", inputs))
        if isinstance(layers, Dense) or not isinstance(layers, Sequence) or not layers:
            raise ArgumentTypeError(
                "layers", got=repr(layers)[:80], allowed="a non-empty list of Dense"
            )
        for position, layer in enumerate(layers):
            if not isinstance(layer, Dense):
                raise ArgumentTypeError(
                    f"layers[{position}]", got=repr(layer)[:80], allowed="a Dense layer"
                )
        object.__setattr__(self, "layers", tuple(layers))
        object.__setattr__(self, "loss", choose("loss", loss, losses, parameters))
        shapes: dict[str, tuple[int, ...]] = {}
        width = self.inputs
        for k, layer in enumerate(self.layers, start=1):
            shapes[f"W{k}"] = (layer.size, width)
            shapes[f"b{k}"] = (layer.size,)
            if layer.residual and layer.size != width:
                raise ShapeError(
                    f"layers[{k - 1}]",
                    got=f"{layer!r} where {width} values come in",
                    allowed=f"{width} units: a residual layer adds its input to its output",
                    remedy="change the width in a layer without residual=True before it",
                )
            width = layer.size
        object.__setattr__(self, "shapes", shapes)
        if isinstance(self.loss.entry, VectorLoss) and width < 2:
            raise ShapeError(
                "layers",
                got=f"a last layer of {width} for {self.loss.name}",
                allowed="at least 2 outputs, one logit a class",
                remedy="for two classes and one logit use binary_cross_entropy",
            )

    @property
    def outputs(self) -> int:
        """Number of outputs, the size of the last layer."""
        return self.layers[-1].size

    def __repr__(self) -> str:
        layers = ", ".join(map(repr, self.layers))
        return f"Network(inputs={self.inputs}, layers=[{layers}], loss={self.loss})"

    def init(
        self, seed: int = 0, dtype: str = "float64", scheme: str = "xavier"
    ) -> dict[str, np.ndarray]:
        """Draw parameters: weights by `scheme` (an entry of `gm.initialisers`), biases 0.

        The generator is `numpy.random.Generator(PCG64(seed))`; layers are drawn first to last,
        in float64, and rounded to `dtype` ("float64" or "float32").

        >>> Network(2, [Dense(1)]).init(seed=0)["W1"].shape
        (1, 2)
        """
        import numpy as np

        entry = initialisers[scheme] if isinstance(scheme, str) else getattr(scheme, "entry", None)
        if not isinstance(entry, Initialiser):
            raise ArgumentTypeError(
                "scheme", got=repr(scheme)[:80], allowed="a name or entry of gm.initialisers"
            )
        names = ("float64", "float32")
        if str(getattr(dtype, "__name__", dtype)) not in names:
            raise ValueRangeError("dtype", got=repr(dtype)[:80], allowed=" or ".join(names))
        if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
            raise ValueRangeError("seed", got=repr(seed), allowed="an integer >= 0")
        rng = np.random.Generator(np.random.PCG64(int(seed)))
        params: dict[str, np.ndarray] = {}
        for key, shape in self.shapes.items():
            drawn = np.zeros(shape) if len(shape) == 1 else draw(entry, shape, rng)
            params[key] = np.asarray(drawn, dtype=dtype)
        return params


def _positive_int(argument: str, value: object) -> int:
    # operator.index would take True; a layer of True units is a mistake
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise ArgumentTypeError(argument, got=repr(value)[:80], allowed="an integer >= 1")
    number = int(value.__index__())
    if not 1 <= number < math.inf:
        raise ValueRangeError(argument, got=number, allowed="an integer >= 1")
    return number


def draw(
    entry: Initialiser, shape: tuple[int, ...], rng: np.random.Generator, gain: float = 1.0
) -> np.ndarray:
    """One weight matrix of shape (fan_out, fan_in), float64, from an initialiser's declaration.

    The declared variance fixes the scale.  An orthogonal start is the Q of a QR decomposition of
    a normal matrix, with the signs of R's diagonal, which makes it uniformly distributed
    (F. Mezzadri, Notices of the AMS 54 (2007) 592).
    """
    import numpy as np

    fan_out, fan_in = shape
    sizes = {entry.fan_in: fan_in, entry.fan_out: fan_out, entry.gain: sp.Float(gain)}
    match entry.distribution:
        case "normal":
            return rng.normal(0.0, float(entry.standard_deviation.subs(sizes)), shape)
        case "uniform":
            limit = float(entry.limit.subs(sizes))
            return rng.uniform(-limit, limit, shape)
        case "orthogonal":
            q, r = np.linalg.qr(rng.standard_normal((max(shape), min(shape))))
            q = q * np.where(np.diagonal(r) < 0, -1.0, 1.0)
            return gain * (q if fan_out >= fan_in else q.T)
        case "zeros":
            return np.zeros(shape)
    raise ValueRangeError("distribution", got=entry.distribution)  # refused at declaration
