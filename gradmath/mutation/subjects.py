"""The reference subjects that mistakes are planted in, each with its mutants and its check."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gradmath import functions
from gradmath.catalogue.entries import VectorLoss
from gradmath.derivation import derive
from gradmath.mutation import entries, kernels, matrices, named, network_kernels
from gradmath.mutation.outcome import Check, Mutant, rows, trials
from gradmath.network import Dense, Network
from gradmath.verify import named_kernels, networks
from gradmath.verify.report import Report
from gradmath.verify.subjects import report

#: z = w x + b, a = sigmoid(z), l = (a - y)^2
_NEURON = "z = w*x + b; a = sigmoid(z); l = (a - y)**2"
_TWO_LAYERS = "z1 = w1*x + b1; a1 = sigmoid(z1); z2 = w2*a1 + b2; a2 = tanh(z2); L = (a2 - y)**2"
_SHARED = "z1 = w*x + b; a1 = sigmoid(z1); z2 = w*a1 + b; a2 = tanh(z2); L = (a2 - y)**2"
_BRANCHING = "z = w*x + b; p = sigmoid(z); q = tanh(z); s = p*q + v*p; L = (s - y)**2"
_MEAN = "r1 = w*x1 - y1; r2 = w*x2 - y2; L = (r1**2 + r2**2)/2"


@dataclass(frozen=True)
class Planted:
    """Mistakes planted in one thing, and the check that must reject each of them."""

    name: str
    mutants: Callable[[], Iterable[Mutant]]
    check: Check

    @property
    def id(self) -> str:
        """`mistakes-in-` and the name."""
        return f"mistakes-in-{self.name}"

    def verify(self) -> Report:
        """A row for each operator, and one that sums up."""
        return Report(rows(trials(self.mutants(), self.check)), self.id)


def subjects() -> Mapping[str, Planted]:
    """All reference subjects by id."""
    return {planted.id: planted for planted in _all()}


def _all() -> Iterator[Planted]:
    for name, text in (
        ("one-neuron", _NEURON), ("two-layers", _TWO_LAYERS), ("shared-weights", _SHARED),
        ("branching-paths", _BRANCHING), ("a-mean", _MEAN),
    ):  # fmt: skip
        yield Planted(name, functools.partial(_lines, text), named.check)
    for activation in functions.activations:
        yield _chain(activation, f"z = w*x + b; a = {activation}(z); L = (a - y)**2", "da/dz")
    for loss, function in functions.losses.items():
        if not isinstance(function.entry, VectorLoss):
            yield _chain(loss, f"z = w*x + b; a = tanh(z); L = {loss}(a, y)", "dL/da")
    square = Network(2, [Dense(2, "sigmoid"), Dense(2, "tanh"), Dense(2)])
    rectangular = Network(2, [Dense(3, "sigmoid"), Dense(2, "relu"), Dense(1)])
    classes = Network(2, [Dense(2, "leaky_relu"), Dense(2)], "softmax_cross_entropy")
    skips = [Dense(2, name, residual=True) for name in ("sigmoid", "tanh")]
    residual = Network(2, [*skips, Dense(2)])
    yield _network("square-network", square, 2)
    yield _network("rectangular-network", rectangular, 3)
    yield _network("classifying-network", classes, 2)
    yield _network("residual-network", residual, 2)
    yield Planted(
        "kernel-of-one-neuron",
        lambda: kernels.named_mutants(_derived(_NEURON)),
        named_kernels.kernel_rows,
    )
    yield Planted(
        "kernel-of-a-network",
        lambda: network_kernels.network_mutants(
            _derived(Network(2, [Dense(2, "sigmoid"), Dense(2, "relu"), Dense(2)]))
        ),
        networks.kernel_rows,
    )
    yield Planted(
        "kernel-of-a-residual-network",
        lambda: network_kernels.network_mutants(
            _derived(Network(2, [Dense(2, "sigmoid"), Dense(2, "tanh", residual=True), Dense(2)]))
        ),
        networks.kernel_rows,
    )
    for name in ("sigmoid", "tanh", "leaky_relu", "hard_tanh"):
        yield Planted(f"callable-{name}", _activation(name), report)
    for name in ("squared_error", "huber", "binary_cross_entropy"):
        yield Planted(f"callable-{name}", _loss(name), report)
    yield Planted(
        "clip-by-norm",
        lambda: entries.clip_mutants(
            functions.clips["clip_by_norm"], functions.clips["clip_by_value"]
        ),
        report,
    )


def _derived(subject: Any, wrt: Any = None) -> Any:
    """The derivation of equations or of a network, whichever it is."""
    return derive(subject, wrt)


def _lines(text: str) -> Iterable[Mutant]:
    return named.mutants(_derived(text))


def _activation(name: str) -> Callable[[], Iterable[Mutant]]:
    return lambda: entries.activation_mutants(functions.activations[name])


def _loss(name: str) -> Callable[[], Iterable[Mutant]]:
    return lambda: entries.loss_mutants(functions.losses[name])


def _chain(name: str, text: str, line: str) -> Planted:
    """One entry in a chain: its own line, and the gradient by w in which it is a factor."""

    def mutants() -> Iterator[Mutant]:
        return named.mutants(_derived(text, wrt=["w"]), lines=(line, "dL/dw"), most=1)

    return Planted(f"a-chain-with-{name}", mutants, named.check)


def _network(name: str, net: Any, batch: int) -> Planted:
    return Planted(
        name, lambda: matrices.mutants(_derived(net), batch, most=1), matrices.check(batch)
    )
