"""A network of dense layers -> the chain rule as matrix steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import sympy as sp

from gradmath.catalogue.applied import applied
from gradmath.catalogue.entries import VectorLoss
from gradmath.derivation.derivation import Derivation, LazyMapping
from gradmath.derivation.matrices import entrywise, rowwise_gradient
from gradmath.derivation.step import Step
from gradmath.errors import UnknownNameError
from gradmath.network import Network

#: A loss with no more operations than this is written out in the forward step.
_SHORT = 4
#: The number of samples in a batch.
BATCH = sp.Symbol("n", integer=True, positive=True)


class NetworkDerivation(Derivation):
    """The derivation of a network's mean loss by every W_k, b_k and the input x.

    With delta_k = dL/dz_k, of shape (n, out):

        delta_n = loss'(a_n, y) / n  *  phi_n'(z_n)          (* entry by entry)
        delta_k = (delta_(k+1) W_(k+1))  *  phi_k'(z_k)
        dL/dW_k = delta_k^T a_(k-1),   dL/db_k = column sums of delta_k,   dL/dx = delta_1 W_1

    A residual layer, a_k = a_(k-1) + phi_k(z_k), is reached by two paths, so that its adjoint is
    needed besides delta_k and gets a name and a line of its own, g_k = dL/da_k:

        g_(k-1) = g_k + delta_k W_k,   delta_k = g_k * phi_k'(z_k)       (g_0 is dL/dx)

    The layer below reads the sum: delta_(k-1) = g_(k-1) * phi_(k-1)'(z_(k-1)).
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self.output = "L"
        self.inputs = ("x", "y", *network.shapes)
        self.wrt = (*network.shapes, "x")

    @property
    def depth(self) -> int:
        """Number of layers."""
        return len(self.network.layers)

    @cached_property
    def shapes(self) -> Mapping[str, tuple[Any, ...]]:
        """Shape of every named quantity; n is the batch size, the loss is a number: ()."""
        net = self.network
        shapes: dict[str, tuple[Any, ...]] = {"x": (BATCH, net.inputs), **net.shapes}
        for k, layer in enumerate(net.layers, start=1):
            shapes[f"z{k}"] = shapes[f"a{k}"] = (BATCH, layer.size)
        shapes["y"] = (BATCH, net.outputs)
        shapes["L"] = ()
        for k in range(1, self.depth + 1):
            if self._named_adjoint(k):
                shapes[f"g{k}"] = shapes[f"a{k}"]
        return shapes

    @cached_property
    def symbols(self) -> Mapping[str, sp.Basic]:
        """Name -> matrix symbol; a bias is a row (1, out), the loss a scalar symbol."""
        symbols: dict[str, sp.Basic] = {"L": sp.Symbol("L", real=True), "n": BATCH}
        for name, shape in self.shapes.items():
            if len(shape) == 2:
                symbols[name] = sp.MatrixSymbol(name, *shape)
            elif len(shape) == 1:
                symbols[name] = sp.MatrixSymbol(name, 1, shape[0])
        return symbols

    def _before(self, k: int) -> str:
        return "x" if k == 1 else f"a{k - 1}"

    def _residual(self, k: int) -> bool:
        return k <= self.depth and self.network.layers[k - 1].residual

    def _named_adjoint(self, k: int) -> bool:
        """Whether dL/da_k is read more than once, or a sum: beside a residual layer."""
        return self._residual(k) or self._residual(k + 1)

    def _activation(self, k: int, order: int) -> sp.MatrixExpr:
        chosen = self.network.layers[k - 1].activation
        if self._linear(k) and order == 0:
            return self.symbols[f"z{k}"]
        function: Any = applied(chosen.entry, (order,))
        return entrywise(function)(self.symbols[f"z{k}"], *chosen.values)

    @cached_property
    def equations(self) -> Mapping[str, Any]:
        """Forward equations in order: z_k, a_k for each layer, then L."""
        s = self.symbols
        equations: dict[str, Any] = {}
        ones = sp.OneMatrix(BATCH, 1)
        for k in range(1, self.depth + 1):
            equations[f"z{k}"] = s[self._before(k)] * s[f"W{k}"].T + ones * s[f"b{k}"]
            equations[f"a{k}"] = self._with_input(k, self._activation(k, 0))
        equations["L"] = self._loss()
        return equations

    def _with_input(self, k: int, right: sp.MatrixExpr) -> sp.MatrixExpr:
        """What a layer returns: phi(z_k), and its input beside it where it is residual."""
        return sp.MatAdd(self.symbols[self._before(k)], right) if self._residual(k) else right

    def _loss(self) -> sp.Expr:
        a, y = self.symbols[f"a{self.depth}"], self.symbols["y"]
        i, j = sp.Symbol("i", integer=True), sp.Symbol("j", integer=True)
        chosen, outputs = self.network.loss, self.network.outputs
        if isinstance(chosen.entry, VectorLoss):
            one = chosen.entry.instance(
                [a[i, k] for k in range(outputs)], [y[i, k] for k in range(outputs)]
            )
            return sp.Sum(one, (i, 0, BATCH - 1)) / BATCH
        entry = applied(chosen.entry)(a[i, j], y[i, j], *chosen.values)
        if sp.count_ops(entry.explicit()) <= _SHORT:
            entry = entry.explicit()
        return sp.Sum(entry, (j, 0, outputs - 1), (i, 0, BATCH - 1)) / BATCH

    def _mean_loss_slope(self) -> sp.MatrixExpr:
        a, y = self.symbols[f"a{self.depth}"], self.symbols["y"]
        chosen = self.network.loss
        if isinstance(chosen.entry, VectorLoss):
            return rowwise_gradient(chosen.entry)(a, y) / BATCH
        p, t = chosen.entry.variables
        rule = chosen.entry.partial(1, 0)
        factor = sp.diff(rule, p)
        if factor.is_number and sp.expand(rule - factor * (p - t)) == 0:
            return sp.MatMul(
                factor / BATCH, a - y
            )  # squared error: a residual reads better than a function
        slope: Any = applied(chosen.entry, (1,))
        return entrywise(slope)(a, y, *chosen.values) / BATCH

    def _linear(self, k: int) -> bool:
        return bool(self.network.layers[k - 1].activation.name == "identity")

    def _delta(self, k: int, following: sp.MatrixExpr | None) -> sp.MatrixExpr:
        """delta_k from g_k where it has a name, else from delta_(k+1) or from the loss."""
        if self._named_adjoint(k):
            incoming = self.symbols[f"g{k}"]
        elif following is None:
            incoming = self._mean_loss_slope()
        else:
            incoming = sp.MatMul(following, self.symbols[f"W{k + 1}"])
        if self._linear(k):
            return incoming
        return sp.HadamardProduct(incoming, self._activation(k, 1))

    @cached_property
    def _deltas(self) -> dict[int, sp.MatrixExpr]:
        """Every delta_k in the z, a and W, put together from the last layer backwards."""
        deltas: dict[int, sp.MatrixExpr] = {}
        following = None
        for k in range(self.depth, 0, -1):
            following = deltas[k] = self._delta(k, following)
        return deltas

    def _adjoint(self, k: int, delta: Mapping[int, sp.MatrixExpr]) -> sp.MatrixExpr:
        """g_k, of the loss's slope or of the layer after it; g_0 is dL/dx."""
        if k == self.depth:
            return self._mean_loss_slope()
        through_layer = sp.MatMul(delta[k + 1], self.symbols[f"W{k + 1}"])
        if self._residual(k + 1):
            return sp.MatAdd(self.symbols[f"g{k + 1}"], through_layer)
        return through_layer

    def _rule(self, name: str, delta: Mapping[int, sp.MatrixExpr]) -> sp.MatrixExpr:
        if name == "x":
            return self._adjoint(0, delta)
        kind, k = name[0], int(name[1:])
        if kind == "W":
            # Unevaluated: SymPy would carry the transpose inside every factor of delta.
            return sp.MatMul(sp.Transpose(delta[k]), self.symbols[self._before(k)])
        return sp.MatMul(sp.OneMatrix(1, BATCH), delta[k])

    @cached_property
    def gradient(self) -> Mapping[str, sp.MatrixExpr]:
        """`gradient["W1"]`: dL/dW1 in the z_k, a_k and W_k; entries by `[i, j]`.

        Beside residual layers also in the g_k, each of which has its adjoint step: the sum over
        all paths, written out, has a length that doubles with every layer.
        """
        return LazyMapping(self.wrt, lambda name: self._rule(name, self._deltas))

    def explicit(self, name: str) -> sp.Basic:
        """A forward value or a derivative in x, y and the parameters alone."""
        if name in self.wrt:
            expression = self.gradient[name]
        elif name in self.equations:
            expression = self.equations[name]
        else:
            raise UnknownNameError("explicit", name, [*self.wrt, *self.equations])
        values: dict[sp.Basic, sp.Basic] = {}
        for other, right in self.equations.items():
            if other not in (name, "L"):
                values[self.symbols[other]] = right.xreplace(values)
        if name in self.wrt:
            for k in range(self.depth, 0, -1):
                if self._named_adjoint(k):
                    right = self._adjoint(k, self._deltas)
                    values[self.symbols[f"g{k}"]] = right.xreplace(values)
        return expression.xreplace(values)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Forward, local, adjoint and gradient steps, layer by layer."""
        return tuple(self._lines())

    def _lines(self) -> Iterator[Step]:
        for name, right in self.equations.items():
            yield Step("forward", name, None, right, self.shapes[name], "definition")
        last = f"a{self.depth}"
        shape = self.shapes[last]
        adjoint = f"g{self.depth}" if self._named_adjoint(self.depth) else None
        yield Step("local", "L", last, self._mean_loss_slope(), shape, "slope of the loss", adjoint)
        for k in range(self.depth, 0, -1):
            shape = self.shapes[f"z{k}"]
            if not self._linear(k):
                slope = self._activation(k, 1)
                yield Step("local", f"a{k}", f"z{k}", slope, shape, "entry by entry")
            if self._residual(k):
                ones = sp.OneMatrix(*self.symbols[f"a{k}"].shape)
                yield Step("local", f"a{k}", self._before(k), ones, shape, "identity path")
        deltas = {
            k: sp.MatrixSymbol(f"delta{k}", *self.symbols[f"z{k}"].shape)
            for k in range(1, self.depth + 1)
        }
        for k in range(self.depth, 0, -1):
            if k < self.depth and self._named_adjoint(k):
                reason = "chain rule, two paths" if self._residual(k + 1) else "chain rule"
                yield Step(
                    "adjoint", "L", f"a{k}", self._adjoint(k, deltas), self.shapes[f"a{k}"],
                    reason, f"g{k}",
                )  # fmt: skip
            right = self._delta(k, deltas.get(k + 1))
            yield Step(
                "adjoint", "L", f"z{k}", right, self.shapes[f"z{k}"], "chain rule", f"delta{k}"
            )
        for name in self.wrt:
            yield Step("gradient", "L", name, self._rule(name, deltas), self.shapes[name],
                       "matrix rule")  # fmt: skip
