"""Derivations that the chapter shows step by step, by name."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradmath.derivation import Derivation

#: z = w x + b, a = sigmoid(z), l = (a - y)^2: one neuron, one sample.
ONE_NEURON = (("z", "w*x + b"), ("a", "sigmoid(z)"), ("l", "(a - y)**2"))

#: Two such neurons in a row, one sample.
TWO_LAYERS = (
    ("z1", "w1*x + b1"),
    ("a1", "sigmoid(z1)"),
    ("z2", "w2*a1 + b2"),
    ("a2", "sigmoid(z2)"),
    ("L", "(a2 - y)**2"),
)


#: A residual block with one unit in its branch, and a squared error: two paths lead back to h.
RESIDUAL_BLOCK = (("z", "w*h"), ("f", "tanh(z)"), ("r", "h + f"), ("l", "(r - y)**2"))


@functools.cache
def one_neuron() -> Derivation:
    """One neuron and the squared error of one sample, by weight and bias."""
    from gradmath.derivation import derive

    return derive(ONE_NEURON, wrt=["w", "b"])


@functools.cache
def two_layer() -> Derivation:
    """Two neurons in a row, by every parameter and the input."""
    from gradmath.derivation import derive

    return derive(TWO_LAYERS, wrt=["w2", "b2", "w1", "b1", "x"])


@functools.cache
def residual_block() -> Derivation:
    """A residual block, by its input and its weight."""
    from gradmath.derivation import derive

    return derive(RESIDUAL_BLOCK, wrt=["h", "w"])


@functools.cache
def network() -> Derivation:
    """A small network of matrices: two inputs, three hidden units, one output."""
    from gradmath.derivation import derive
    from gradmath.functions import activations, losses
    from gradmath.network import Dense, Network

    net: Any = Network(
        inputs=2,
        layers=[Dense(3, activations["sigmoid"]), Dense(1, activations["identity"])],
        loss=losses["squared_error"],
    )
    return derive(net)


def chain(layers: int) -> Derivation:
    """A chain of `layers` sigmoid neurons with a squared error, by every weight, bias and x."""
    from gradmath.derivation import derive

    equations, previous = [], "x"
    for k in range(1, layers + 1):
        equations += [(f"z{k}", f"w{k}*{previous} + b{k}"), (f"a{k}", f"sigmoid(z{k})")]
        previous = f"a{k}"
    equations.append(("L", f"({previous} - y)**2"))
    parameters = [f"{letter}{k}" for k in range(1, layers + 1) for letter in "wb"]
    return derive(equations, wrt=[*parameters, "x"])


@functools.cache
def three_neurons() -> Derivation:
    """Three neurons in a row, by every parameter and the input."""
    return chain(3)


@functools.cache
def through_time() -> Derivation:
    """A recurrent unit over two steps, by its first state and its one weight."""
    from gradmath.derivation import derive

    equations: list[tuple[str, str]] = []
    for t in range(1, 3):
        equations += [(f"z{t}", f"w*h{t - 1} + u*x{t}"), (f"h{t}", f"tanh(z{t})")]
    return derive(equations, wrt=["h0", "w"])


#: Name on a page -> function that derives.
DERIVATIONS: Mapping[str, Callable[[], Derivation]] = {
    "one-neuron": one_neuron,
    "two-layer": two_layer,
    "network": network,
    "three-neurons": three_neurons,
    "residual-block": residual_block,
    "through-time": through_time,
}
