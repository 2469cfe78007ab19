"""The kernel of named equations: broadcasting, per sample or reduced."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import ModuleType
from typing import Any, Literal

from gradmath.derivation import NamedDerivation
from gradmath.errors import ArgumentTypeError, KinkError, ShapeError, UnknownNameError
from gradmath.kernels import arrays
from gradmath.kernels.backends import check_backend, converts, make_runner
from gradmath.kernels.cupy_device import is_cupy
from gradmath.kernels.runner import Runner
from gradmath.program.ir import Program, derivative_key
from gradmath.program.named import named_program

#: Keyword options of a call, which an input of the same name cannot be passed by.
_OPTIONS = frozenset(["reduce", "out", "check_finite"])
Reduce = Literal["sum", "mean"] | None


class NamedKernel:
    """Loss and gradients of named equations, as a function of arrays.

    `loss, grads = kernel(x=..., y=..., w=0.5, b=0.1, reduce="mean")`.  Arguments broadcast.

    reduce: None gives the output and every derivative for each sample, in the common shape;
    "sum" and "mean" give the summed or mean output, and its derivative by each argument in that
    argument's own shape.  out: a mapping of names to NumPy or CuPy arrays to write into.
    check_finite: refuse NaN and infinity among the arguments (default); with False they pass.
    A name that is also an option is passed in a mapping: `kernel({"out": 1.0})`.

    The result has the common floating type of the arrays (integers count as float64; float16 is
    computed in float32 and rounded once); Python numbers alone give Python numbers.
    """

    def __init__(self, derivation: NamedDerivation, backend: str) -> None:
        check_backend(backend)
        self.derivation = derivation
        self.backend = backend
        self._programs: dict[frozenset[str], Program] = {}
        self._runners: dict[tuple[frozenset[str], ModuleType], Runner] = {}

    @property
    def source(self) -> str:
        """The generated source, for arguments that are all arrays."""
        import array_api_compat.numpy as numpy_namespace

        from gradmath.kernels.cupy_device import cupy_namespace

        xp = cupy_namespace() if self.backend == "cupy" else numpy_namespace
        return self._runner(frozenset(), xp).source

    def __repr__(self) -> str:
        return f"<kernel of {self.derivation!r}, backend {self.backend!r}>"

    def _program(self, scalars: frozenset[str]) -> Program:
        if scalars not in self._programs:
            self._programs[scalars] = named_program(self.derivation, scalars)
        return self._programs[scalars]

    def _runner(self, scalars: frozenset[str], xp: ModuleType) -> Runner:
        key = (scalars, xp)
        if key not in self._runners:
            self._runners[key] = make_runner(self.backend, xp, self._program(scalars))
        return self._runners[key]

    def __call__(
        self,
        values: Mapping[str, Any] | None = None,
        /,
        *,
        reduce: Reduce = None,
        out: Mapping[str, Any] | None = None,
        check_finite: bool = True,
        **named: Any,
    ) -> tuple[Any, dict[str, Any]]:
        """Output and gradients at these arguments."""
        given = self._arguments(values, named)
        if reduce not in (None, "sum", "mean"):
            raise UnknownNameError("reduce", reduce, ["None", "sum", "mean"])
        xp = arrays.library_of(given)
        result_type, dtype = arrays.common_dtype(xp, given)
        for name, value in given.items():
            arrays.check_not_empty(name, value)
            if check_finite:
                arrays.check_finite(xp, name, value)
        shape = arrays.common_shape(given)
        ready = self._ready(xp, given, dtype, result_type, shape)
        scalars = frozenset(name for name, value in ready.items() if not getattr(value, "ndim", 0))
        own = dict.fromkeys((self.derivation.output, *self.derivation.wrt), shape)
        if reduce:
            own = {name: self._shape(given, name, shape) for name in own}
            own[self.derivation.output] = ()
        targets = self._targets(out, xp, own, result_type) if out else {}

        direct = {} if reduce else {self._key(name): array for name, array in targets.items()}
        sums = [self._key(name) for name, own_shape in own.items() if math.prod(own_shape) == 1]
        results, guards = self._runner(scalars, xp).run(
            ready, {"*": shape}, dtype, direct, sums if reduce else ()
        )
        self._check_guards(xp, guards, self._program(scalars))

        finished: dict[str, Any] = {}
        for name, own_shape in own.items():
            value = xp.asarray(results[self._key(name)])
            if reduce:
                value = _reduced(xp, value, shape, own_shape)
                value = value / math.prod(shape) if reduce == "mean" else value
            elif tuple(value.shape) != shape:  # the same for each sample
                value = xp.asarray(xp.broadcast_to(value, shape), copy=True)
            taken = [*ready.values(), *finished.values()]
            finished[name] = _deliver(xp, value, result_type, targets.get(name), taken)
        if all(arrays.is_number(value) for value in given.values()):
            finished = {name: float(value) for name, value in finished.items()}
        loss = finished.pop(self.derivation.output)
        return loss, finished

    def _key(self, name: str) -> str:
        return name if name == self.derivation.output else derivative_key(name)

    def _arguments(
        self, values: Mapping[str, Any] | None, named: Mapping[str, Any]
    ) -> dict[str, Any]:
        if values is not None and not isinstance(values, Mapping):
            raise ArgumentTypeError(
                "values", got=type(values).__name__, allowed="a mapping, or names: kernel(x=...)"
            )
        both = {**(values or {}), **named}
        inputs = self.derivation.inputs
        known = frozenset(inputs)
        for name in both:
            if name not in known:
                raise UnknownNameError("argument", name, inputs)
        missing = [name for name in inputs if name not in both]
        if missing:
            raise ArgumentTypeError(
                "arguments",
                got=f"no value for {', '.join(missing)}",
                allowed=", ".join(inputs),
                remedy="pass names that are options too in a mapping: kernel({'out': 1.0})"
                if _OPTIONS & set(missing)
                else None,
            )
        return {name: arrays.listed(name, both[name]) for name in inputs}

    def _ready(
        self,
        xp: ModuleType,
        given: Mapping[str, Any],
        dtype: Any,
        stored: Any,
        shape: tuple[int, ...],
    ) -> dict[str, Any]:
        """Every argument as an array of the compute type; true arrays in the common shape.

        A runner that converts as it loads gets numbers as they are, and true arrays in the type of
        the results.
        """
        import array_api_compat

        direct = converts(self.backend, xp)
        devices = [array_api_compat.device(v) for v in given.values() if not arrays.is_number(v)]
        device = devices[0] if devices else None
        ready = {}
        for name, value in given.items():
            if direct and arrays.is_number(value):
                ready[name] = float(value)
                continue
            wanted = stored if direct and value.ndim else dtype
            array = arrays.as_array(xp, name, value, wanted, device)
            if array.ndim and array.shape != shape:
                array = xp.broadcast_to(array, shape)
            ready[name] = array
        return ready

    def _shape(
        self, given: Mapping[str, Any], name: str, shape: tuple[int, ...]
    ) -> tuple[int, ...]:
        """The shape of the argument `name`; an intermediate has one value for each sample."""
        if name not in given:
            return shape
        return () if arrays.is_number(given[name]) else tuple(given[name].shape)

    def _targets(
        self, out: Mapping[str, Any], xp: ModuleType, own: Mapping[str, Any], dtype: Any
    ) -> dict[str, Any]:
        if not isinstance(out, Mapping):
            raise ArgumentTypeError("out", got=type(out).__name__, allowed="a mapping")
        if not arrays.is_numpy(xp) and not is_cupy(xp):
            raise ArgumentTypeError(
                "out", got="arrays of another library", allowed="NumPy or CuPy arrays"
            )
        for name, array in out.items():
            if name not in own:
                raise UnknownNameError("out", name, own)
            if not _writable(array, xp):
                raise ArgumentTypeError(
                    f"out[{name!r}]",
                    got=type(array).__name__,
                    allowed="a writable array of the arguments' library",
                )
            if array.dtype != dtype:
                raise ArgumentTypeError(f"out[{name!r}]", got=array.dtype, allowed=dtype)
            if tuple(array.shape) != own[name]:
                raise ShapeError(
                    f"out[{name!r}]", got=f"shape {tuple(array.shape)}", allowed=str(own[name])
                )
        arrays.check_distinct(out)
        return dict(out)

    def _check_guards(self, xp: ModuleType, guards: list[Any], program: Program) -> None:
        for predicate, guard in zip(guards, program.guards, strict=True):
            if bool(xp.any(xp.asarray(predicate))):
                raise KinkError(
                    f"step {guard.step}",
                    got=f"a point where {guard.point}",
                    allowed="points where the derivative exists",
                    remedy="use a catalogue function, whose value at the kink is declared",
                )


def _writable(array: Any, xp: ModuleType) -> bool:
    """Whether results may be written into `array`; CuPy's arrays are always writable."""
    if not hasattr(array, "flags"):
        return False
    cupy_array = type(array).__module__.partition(".")[0] == "cupy"
    return cupy_array if is_cupy(xp) else not cupy_array and bool(array.flags.writeable)


def _deliver(xp: ModuleType, value: Any, dtype: Any, target: Any, taken: list[Any]) -> Any:
    """A result of its own: never an input, nor the array of another result."""
    if target is None and any(value is other for other in taken):
        value = xp.asarray(value, copy=True)
    if target is not None:
        if target is not value:
            target[...] = value
        return target
    value = xp.astype(xp.asarray(value), dtype, copy=False)
    return value[()] if arrays.is_numpy(xp) else value  # NumPy's own convention for scalars


def _reduced(xp: ModuleType, value: Any, shape: tuple[int, ...], own: tuple[int, ...]) -> Any:
    """The sum over the samples in the argument's own shape, of values that may be summed already.

    Only what has more than one entry of its own comes for each sample.
    """
    if math.prod(own) == 1:
        return xp.reshape(value, own)
    if tuple(value.shape) != shape:
        value = xp.broadcast_to(value, shape)
    padded = (1,) * (len(shape) - len(own)) + own
    axes = tuple(k for k, size in enumerate(padded) if size == 1 and shape[k] != 1)
    total = xp.sum(value, axis=axes, keepdims=True) if axes else value
    return xp.reshape(total, own)
