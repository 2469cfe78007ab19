"""Catalogue entries computed by a runner of one's choice, in the form that the oracle's checks ask.

`OnRunner(gm.gelu, JavascriptRunner)` is called as `gm.gelu` is, for arrays.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

import gradmath as gm
from gradmath.kernels.runner import Runner
from gradmath.program import Builder, Program, entry_program, softmax_cross_entropy
from gradmath.verify import losses, scalars
from gradmath.verify.parameters import others

#: Points for the default values of the parameters, and for each other choice of them.
COUNT, COUNT_OF_OTHERS = 200, 40


def activation_report(name: str, make: Callable[[Program], Runner]) -> gm.Report:
    """The oracle on value, first and second derivative, for several values of the parameters."""
    function = OnRunner(gm.activations[name], make)
    rows = scalars.activation_rows(function, count=COUNT)
    for given in others(function.entry):
        floats = {parameter: float(number) for parameter, number in given.items()}
        rows += scalars.activation_rows(function, count=COUNT_OF_OTHERS, **floats)
    return gm.Report(rows, name)


def loss_report(name: str, make: Callable[[Program], Runner]) -> gm.Report:
    """The oracle on a loss and its gradient."""
    if name == "softmax_cross_entropy":
        rows = losses.vector_loss_rows(RowsOnRunner(gm.losses[name], make))
    else:
        rows = losses.loss_rows(OnRunner(gm.losses[name], make))
    return gm.Report(rows, name)


class OnRunner:
    """An activation or a loss of single entries."""

    def __init__(self, function: Any, make: Callable[[Program], Runner]) -> None:
        self.entry = function.entry
        self._runner = cache(lambda orders: make(entry_program(self.entry, orders)))

    def __call__(self, *variables: Any, reduction: str = "none", **parameters: float) -> Any:
        return self._run((0,) * len(variables), variables, parameters)

    def derivative(self, x: Any, order: int = 1, **parameters: float) -> Any:
        return self._run((order,), (x,), parameters)

    def gradient(self, p: Any, y: Any, reduction: str = "none", **parameters: float) -> Any:
        return self._run((1, 0), (p, y), parameters)

    def _run(self, orders: tuple[int, ...], variables: Any, parameters: dict[str, float]) -> Any:
        kind, shape = variables[0].dtype, variables[0].shape
        values = dict(zip(map(str, self.entry.variables), variables, strict=True))
        for symbol, parameter in self.entry.parameters.items():
            given = parameters.get(str(symbol), parameter.default)
            values[str(symbol)] = np.asarray(float(given), kind)
        results, _ = self._runner(orders).run(values, {"*": shape}, kind, {})
        return np.broadcast_to(results["value"], shape)


class RowsOnRunner:
    """The softmax cross-entropy of whole rows."""

    def __init__(self, function: Any, make: Callable[[Program], Runner]) -> None:
        self.entry = function.entry
        b = Builder()
        logits, targets = b.input("prediction", ("n", "k")), b.input("target", ("n", "k"))
        loss, slope = softmax_cross_entropy(b, logits, targets)
        self._runner = make(b.build({"loss": loss, "slope": slope}, ["prediction", "target"]))

    def __call__(self, prediction: Any, target: Any, reduction: str = "none") -> Any:
        return self._run(prediction, target)["loss"][:, 0]

    def gradient(self, prediction: Any, target: Any, reduction: str = "none") -> Any:
        return self._run(prediction, target)["slope"]

    def _run(self, prediction: Any, target: Any) -> dict[str, Any]:
        n, k = prediction.shape
        values = {"prediction": prediction, "target": target}
        return self._runner.run(values, {"n": (n,), "k": (k,)}, prediction.dtype, {})[0]
