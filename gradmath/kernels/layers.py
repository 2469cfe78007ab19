"""The kernel of a network: mean loss and every gradient."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any, Literal

from gradmath.catalogue.entries import VectorLoss
from gradmath.derivation import NetworkDerivation
from gradmath.errors import ArgumentTypeError, ShapeError, UnknownNameError, ValueRangeError
from gradmath.kernels import arrays
from gradmath.kernels.backends import check_backend, make_runner
from gradmath.kernels.runner import Runner
from gradmath.program.ir import derivative_key
from gradmath.program.layers import network_program


class NetworkKernel:
    """Loss and gradients of a network: `loss, grads = kernel(params, x, y)`.

    params: a mapping with exactly `W1, b1, ..., Wn, bn`, each `Wk` of shape (out, in), each `bk`
    of shape (out,).
    x: of shape (batch, in).
    y: of shape (batch, out); (batch,) is taken for one output, and for softmax_cross_entropy as
    integer classes 0 ... out-1.
    reduce: "mean" (default: mean over the batch of the sum over outputs) or "sum".
    out: a mapping of gradient names to NumPy arrays to write into.
    check_finite: refuse NaN and infinity (default); with False they pass through.

    `grads` has the keys of params and `x`.
    """

    def __init__(self, derivation: NetworkDerivation, backend: str, threads: int = 1) -> None:
        check_backend(backend, threads)
        self.derivation = derivation
        self.network = derivation.network
        self.backend = backend
        self.threads = threads
        self._program = network_program(derivation)
        self._runners: dict[tuple[ModuleType, bool], Runner] = {}

    @property
    def source(self) -> str:
        """The generated source."""
        import array_api_compat.numpy as numpy_namespace

        from gradmath.kernels.cupy.device import cupy_namespace

        return self._runner(cupy_namespace() if self.backend == "cupy" else numpy_namespace).source

    def __repr__(self) -> str:
        return f"<kernel of {self.network!r}, backend {self.backend!r}>"

    def _runner(self, xp: ModuleType, inner: bool = False) -> Runner:
        if (xp, inner) not in self._runners:
            program = network_program(self.derivation, inner=True) if inner else self._program
            self._runners[xp, inner] = make_runner(self.backend, xp, program, self.threads)
        return self._runners[xp, inner]

    def __call__(
        self,
        params: Mapping[str, Any],
        x: Any,
        y: Any,
        *,
        reduce: Literal["mean", "sum"] = "mean",
        out: Mapping[str, Any] | None = None,
        check_finite: bool = True,
    ) -> tuple[Any, dict[str, Any]]:
        """Loss and gradients at these parameters and this batch."""
        xp, values, dtype, result_type = self._values(params, x, y, reduce, check_finite)
        batch = int(values["x"].shape[0])
        direct = {
            derivative_key(name): array for name, array in self._targets(out, result_type).items()
        }
        results, _ = self._runner(xp).run(values, {"n": (batch,)}, dtype, direct)
        grads = {}
        for name in self.derivation.wrt:
            value = arrays.rounded(xp, results[derivative_key(name)], result_type)
            target = direct.get(derivative_key(name))
            if target is not None and target is not value:
                target[...] = value
                value = target
            grads[name] = value
        return arrays.rounded(xp, xp.asarray(results["L"]), result_type)[()], grads

    def trace(
        self,
        params: Mapping[str, Any],
        x: Any,
        y: Any,
        *,
        reduce: Literal["mean", "sum"] = "mean",
        check_finite: bool = True,
    ) -> tuple[Any, dict[str, Any], dict[str, Any]]:
        """Loss and gradients as a call gives them, and what lies between: `(loss, grads, inner)`.

        `inner` holds for each layer k, with a row for each sample: `zk`, the pre-activations, `ak`,
        the activations, and `deltak`, the derivatives of the loss by the pre-activations.  With
        `reduce="sum"` row i of `deltak` is the derivative of sample i's own loss.

        >>> import gradmath as gm
        >>> net = gm.Network(1, [gm.Dense(1, "sigmoid"), gm.Dense(1)])
        >>> params = {"W1": [[2.0]], "b1": [-1.0], "W2": [[3.0]], "b2": [0.0]}
        >>> loss, grads, inner = gm.compile(gm.derive(net)).trace(params, [[0.5]], [[1.0]])
        >>> [float(inner[name][0, 0]) for name in ("z1", "a1", "z2", "delta2", "delta1")]
        [0.0, 0.5, 1.5, 1.0, 0.75]
        """
        xp, values, dtype, result_type = self._values(params, x, y, reduce, check_finite)
        batch = int(values["x"].shape[0])
        results, _ = self._runner(xp, inner=True).run(values, {"n": (batch,)}, dtype, {})
        typed = {
            name: arrays.rounded(xp, xp.asarray(value), result_type)
            for name, value in results.items()
        }
        grads = {name: typed[derivative_key(name)] for name in self.derivation.wrt}
        inner = {}
        for k in range(1, len(self.network.layers) + 1):
            inner[f"z{k}"], inner[f"a{k}"] = typed[f"z{k}"], typed[f"a{k}"]
            inner[f"delta{k}"] = typed[derivative_key(f"z{k}")]
        return typed["L"][()], grads, inner

    def _values(
        self, params: Mapping[str, Any], x: Any, y: Any, reduce: str, check_finite: bool
    ) -> tuple[ModuleType, dict[str, Any], Any, Any]:
        """The arrays of a call, checked, in the type to compute in, and the type of its results."""
        if reduce not in ("mean", "sum"):
            raise UnknownNameError("reduce", reduce, ["mean", "sum"])
        net = self.network
        if not isinstance(params, Mapping):
            raise ArgumentTypeError(
                "params",
                got=type(params).__name__,
                allowed=f"a mapping with {', '.join(net.shapes)}",
            )
        for name in params:
            if name not in net.shapes:
                raise UnknownNameError("params", name, net.shapes)
        missing = [name for name in net.shapes if name not in params]
        if missing:
            raise ArgumentTypeError(
                "params", got=f"no {', '.join(missing)}", allowed=", ".join(net.shapes)
            )
        given = {"x": x, "y": y, **{name: params[name] for name in net.shapes}}
        given = {name: arrays.listed(name, value) for name, value in given.items()}
        xp = arrays.library_of(given)
        for name, value in given.items():
            if arrays.is_number(value):
                raise ShapeError(name, got="a number", allowed=self._allowed(name))
            arrays.common_dtype(xp, {name: value})
            arrays.check_not_empty(name, value)
            if check_finite:
                arrays.check_finite(xp, name, value)
        for name, shape in net.shapes.items():
            if tuple(given[name].shape) != shape:
                raise ShapeError(name, got=f"shape {tuple(given[name].shape)}", allowed=f"{shape}")
        if given["x"].ndim != 2 or given["x"].shape[1] != net.inputs:
            raise ShapeError(
                "x", got=f"shape {tuple(given['x'].shape)}", allowed=self._allowed("x")
            )
        typed = {name: value for name, value in given.items() if name != "y"}
        result_type, dtype = arrays.common_dtype(xp, typed)
        given["y"] = self._target(xp, given["y"], int(given["x"].shape[0]), dtype)
        device = _device(given["x"])
        values = {
            name: arrays.as_array(xp, name, value, dtype, device) for name, value in given.items()
        }
        factor = 1.0 / int(values["x"].shape[0]) if reduce == "mean" else 1.0
        values["scale"] = xp.asarray(factor, dtype=dtype, device=device)
        return xp, values, dtype, result_type

    def _allowed(self, name: str) -> str:
        if name == "x":
            return f"(batch, {self.network.inputs})"
        if name == "y":
            return f"(batch, {self.network.outputs})"
        return str(self.network.shapes[name])

    def _target(self, xp: ModuleType, y: Any, batch: int, dtype: Any) -> Any:
        """y as (batch, out): classes become one-hot rows, a single output gets its column."""
        outputs = self.network.outputs
        shape = tuple(y.shape)
        if shape == (batch, outputs):
            return y
        if shape == (batch,) and isinstance(self.network.loss.entry, VectorLoss):
            return one_hot(xp, y, outputs, dtype)
        if shape == (batch,) and outputs == 1:
            return xp.reshape(y, (batch, 1))
        raise ShapeError("y", got=f"shape {shape}", allowed=f"({batch}, {outputs})")

    def _targets(self, out: Mapping[str, Any] | None, dtype: Any) -> dict[str, Any]:
        if out is None:
            return {}
        if not isinstance(out, Mapping):
            raise ArgumentTypeError("out", got=type(out).__name__, allowed="a mapping")
        for name, array in out.items():
            if name not in self.derivation.wrt:
                raise UnknownNameError("out", name, self.derivation.wrt)
            if not hasattr(array, "flags") or not array.flags.writeable or array.dtype != dtype:
                raise ArgumentTypeError(
                    f"out[{name!r}]",
                    got=f"{type(array).__name__} of {getattr(array, 'dtype', None)}",
                    allowed=f"a writable NumPy array of {dtype}",
                )
            wanted = self.network.shapes.get(name)
            if wanted is not None and tuple(array.shape) != wanted:
                raise ShapeError(f"out[{name!r}]", got=tuple(array.shape), allowed=str(wanted))
        arrays.check_distinct(out)
        return dict(out)


def one_hot(xp: ModuleType, classes: Any, count: int, dtype: Any) -> Any:
    """Integer classes 0 ... count-1, shape (batch,), as rows with a single 1."""
    if not xp.isdtype(classes.dtype, "integral"):
        raise ArgumentTypeError(
            "y", got=f"an array of {classes.dtype}", allowed="integer classes, or one row a sample"
        )
    low, high = int(xp.min(classes)), int(xp.max(classes))
    if low < 0 or high >= count:
        raise ValueRangeError(
            "y", got=f"class {low if low < 0 else high}", allowed=f"0 to {count - 1}"
        )
    columns = xp.arange(count, dtype=classes.dtype, device=_device(classes))
    return xp.astype(classes[:, None] == columns[None, :], dtype)


def _device(array: Any) -> Any:
    import array_api_compat

    return array_api_compat.device(array)
