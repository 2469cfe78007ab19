"""Losses as callables: `squared_error(prediction, target)`, `.gradient(...)`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from types import ModuleType
from typing import Any, Literal

import sympy as sp

from gradmath.catalogue.entries import Loss, VectorLoss
from gradmath.errors import ShapeError, UnknownNameError
from gradmath.functions.base import CallableEntry
from gradmath.functions.entrywise import evaluate, is_symbolic, numeric, parameter_values
from gradmath.kernels import arrays
from gradmath.kernels.backends import library_runner
from gradmath.kernels.layers import one_hot
from gradmath.kernels.runner import Runner
from gradmath.program import Builder, softmax_cross_entropy

Reduction = Literal["mean", "sum", "none"] | None


def _checked(reduction: Reduction) -> str:
    if reduction not in ("mean", "sum", "none", None):
        raise UnknownNameError("reduction", reduction, ["mean", "sum", "none"])
    return reduction or "none"


class LossFunction(CallableEntry[Loss]):
    """A loss for each entry of prediction and target; `.entry` is its declaration."""

    usage = (
        "prediction, target: arrays of one shape, samples along the first axis.\n"
        'reduction: "mean" (default: mean over the samples of the sum over the outputs), "sum", or '
        '"none" for every entry.'
    )

    def __call__(
        self, prediction: Any, target: Any, reduction: Reduction = "mean", **parameters: Any
    ) -> Any:
        """The loss, reduced."""
        how = _checked(reduction)
        entries = self._entries((0, 0), prediction, target, parameters, wide=how != "none")
        if not isinstance(entries, tuple):
            return entries
        values, result_type = entries
        return _reduced(values, result_type, how)

    def gradient(
        self, prediction: Any, target: Any, reduction: Reduction = "mean", **parameters: Any
    ) -> Any:
        """The gradient by the prediction of the reduced loss, in the prediction's shape.

        >>> import gradmath as gm
        >>> gm.squared_error.gradient([1.0, 3.0], [0.0, 0.0]).tolist()
        [1.0, 3.0]
        """
        how = _checked(reduction)
        entries = self._entries((1, 0), prediction, target, parameters)
        if isinstance(entries, sp.Basic) or arrays.is_number(entries) or how != "mean":
            return entries
        return entries / _samples(entries)

    def _entries(
        self,
        orders: tuple[int, ...],
        prediction: Any,
        target: Any,
        parameters: dict[str, Any],
        wide: bool = False,
    ) -> Any:
        """Every entry; with `wide`, unrounded arrays and the type they are to be rounded to."""
        values = parameter_values(self.entry, (), parameters)
        variables = {
            "prediction": arrays.listed("prediction", prediction),
            "target": arrays.listed("target", target),
        }
        shapes = [tuple(v.shape) for v in variables.values() if hasattr(v, "shape")]
        if not is_symbolic(variables) and len(set(shapes)) > 1:
            raise ShapeError(
                "target",
                got=f"shape {shapes[1]}",
                allowed=f"the prediction's {shapes[0]}",
                remedy="shapes are not broadcast here, since (n,) against (n, 1) would give n x n",
            )
        if wide and shapes and not is_symbolic(variables):
            return numeric(self.entry, orders, variables, values, wide=True)
        return evaluate(self.entry, orders, variables, values)


def _reduced(entries: Any, result_type: Any, how: str) -> Any:
    """Sum or mean in double precision, rounded once: half precision would overflow on the way."""
    xp = arrays.library_of({"prediction": entries})
    total = xp.sum(xp.astype(entries, xp.float64))
    if how == "mean":
        total = total / _samples(entries)
    result = arrays.rounded(xp, total, result_type)
    return result[()] if arrays.is_numpy(xp) else result


def _samples(entries: Any) -> int:
    return int(entries.shape[0]) if entries.ndim else 1


class VectorLossFunction(CallableEntry[VectorLoss]):
    """A loss of whole rows of logits; `.entry` is its declaration."""

    usage = (
        "prediction: logits (batch, classes).\n"
        "target: integer classes (batch,), or rows (batch, classes) of probabilities.\n"
        'reduction: "mean" (default), "sum" or "none" (each row).'
    )

    def __call__(self, prediction: Any, target: Any, reduction: Reduction = "mean") -> Any:
        """The loss, reduced over the rows."""
        how = _checked(reduction)
        if _symbolic_row(prediction):
            _check_row(prediction, target)
            return self.entry.instance(prediction, target)
        xp, results, result_type = self._run(prediction, target)
        rows = results["loss"][:, 0]
        if how == "none":
            return arrays.rounded(xp, rows, result_type)
        return _reduced(rows, result_type, how)

    def gradient(self, prediction: Any, target: Any, reduction: Reduction = "mean") -> Any:
        """The gradient by the logits of the reduced loss, shape (batch, classes).

        >>> import gradmath as gm
        >>> gm.softmax_cross_entropy.gradient([[0.0, 0.0]], [0]).tolist()
        [[-0.5, 0.5]]
        """
        how = _checked(reduction)
        if _symbolic_row(prediction):
            _check_row(prediction, target)
            names, targets = self.entry.symbols(len(prediction))
            back = dict(zip([*names, *targets], [*prediction, *target], strict=True))
            return [self.entry.instance(names, targets).diff(name).xreplace(back) for name in names]
        xp, results, result_type = self._run(prediction, target)
        gradient = results["gradient"]
        if how == "mean":
            gradient = gradient / gradient.shape[0]
        return arrays.rounded(xp, gradient, result_type)

    def _run(self, prediction: Any, target: Any) -> tuple[ModuleType, dict[str, Any], Any]:
        given = {
            "prediction": arrays.listed("prediction", prediction),
            "target": arrays.listed("target", target),
        }
        xp = arrays.library_of(given)
        for name, value in given.items():
            if arrays.is_number(value):
                raise ShapeError(name, got="a number", allowed="(batch, classes)")
            arrays.check_not_empty(name, value)
        logits, y = given.values()
        if logits.ndim != 2 or logits.shape[1] < 2:
            raise ShapeError(
                "prediction", got=f"shape {tuple(logits.shape)}", allowed="(batch, classes >= 2)"
            )
        result_type, dtype = arrays.common_dtype(xp, {"prediction": logits})
        if tuple(y.shape) == (logits.shape[0],):
            y = one_hot(xp, y, int(logits.shape[1]), dtype)
        elif tuple(y.shape) != tuple(logits.shape):
            raise ShapeError(
                "target",
                got=f"shape {tuple(y.shape)}",
                allowed=f"({logits.shape[0]},) integer classes or {tuple(logits.shape)}",
            )
        values = {
            "prediction": arrays.as_array(xp, "prediction", logits, dtype, None),
            "target": arrays.as_array(xp, "target", y, dtype, None),
        }
        sizes = {"n": (int(logits.shape[0]),), "k": (int(logits.shape[1]),)}
        results, _ = _row_runner(xp).run(values, sizes, dtype, {})
        return xp, results, result_type


def _symbolic_row(prediction: Any) -> bool:
    return isinstance(prediction, Sequence) and any(
        isinstance(value, sp.Basic) for value in prediction
    )


def _check_row(prediction: Any, target: Any) -> None:
    if not isinstance(target, Sequence) or len(target) != len(prediction):
        raise ShapeError(
            "target", got=repr(target)[:60], allowed=f"{len(prediction)} numbers or expressions"
        )


@cache
def _row_runner(xp: ModuleType) -> Runner:
    b = Builder()
    logits, targets = b.input("prediction", ("n", "k")), b.input("target", ("n", "k"))
    loss, slope = softmax_cross_entropy(b, logits, targets)
    program = b.build({"loss": loss, "gradient": slope}, ["prediction", "target"])
    return library_runner(xp, program)
