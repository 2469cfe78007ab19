"""The kernel of named equations: broadcasting, per sample or reduced."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any

from gradmath.derivation import NamedDerivation
from gradmath.errors import ArgumentTypeError, KinkError, ShapeError, UnknownNameError
from gradmath.kernels import arrays
from gradmath.kernels.auto_runner import AutoRunner
from gradmath.kernels.backends import check_backend, make_runner
from gradmath.kernels.cupy.device import is_cupy
from gradmath.kernels.native.call import quick_call
from gradmath.kernels.native.runner import NativeRunner
from gradmath.kernels.numpy.runner import NumpyRunner
from gradmath.kernels.plan import Plan, Reduce, plan_of, signature
from gradmath.kernels.runner import NotFinite, Runner
from gradmath.program.collection import uncollected
from gradmath.program.ir import Program, derivative_key

if TYPE_CHECKING:
    from gradmath.kernels.numpy.call import NumpyCall  # it loads NumPy
from gradmath.program.named import named_program

#: Keyword options of a call, which an input of the same name cannot be passed by.
_OPTIONS = frozenset(["reduce", "out", "check_finite"])
#: Kinds of arguments that a kernel remembers.
_PLANS = 64

#: Runners that look for NaN and infinity on their way.
_CHECKING = (NumpyRunner, NativeRunner, AutoRunner)


class NamedKernel:
    """Loss and gradients of named equations, as a function of arrays.

    `loss, grads = kernel(x=..., y=..., w=0.5, b=0.1, reduce="mean")`.  Arguments broadcast.

    reduce: None gives the output and every derivative for each sample, in the common shape;
    "sum" and "mean" give the summed or mean output, and its derivative by each argument in that
    argument's own shape.
    out: a mapping of names to NumPy or CuPy arrays to write into.
    check_finite: refuse NaN and infinity among the arguments (default); with False they pass
    through.  What `out` holds after an error is not defined.
    A name that is also an option is passed in a mapping: `kernel({"out": 1.0})`.

    The result has the common floating type of the arrays (integers count as float64; float16 is
    computed in float32 and rounded once); Python numbers alone give Python numbers.
    """

    def __init__(self, derivation: NamedDerivation, backend: str, threads: int = 1) -> None:
        check_backend(backend, threads)
        self.derivation = derivation
        self.backend = backend
        self.threads = threads
        self._names = {derivation.output: derivation.output}
        self._names |= {derivative_key(name): name for name in derivation.wrt}
        self._known = frozenset(derivation.inputs)
        self._keys = {name: key for key, name in self._names.items()}
        self._plans: dict[Any, Plan] = {}
        self._programs: dict[frozenset[str], Program] = {}
        self._runners: dict[tuple[frozenset[str], ModuleType], Runner] = {}
        self._quick = quick_call(derivation, backend, self._runner)
        self._short = self._short_call()

    @property
    def source(self) -> str:
        """The generated source, for arguments that are all arrays."""
        import array_api_compat.numpy as numpy_namespace

        from gradmath.kernels.cupy.device import cupy_namespace

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
            with uncollected():
                program = self._program(scalars)
                self._runners[key] = make_runner(self.backend, xp, program, self.threads)
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
        if self._quick is not None and reduce in (None, "sum", "mean"):
            both = {**values, **named} if isinstance(values, Mapping) else named
            answer = self._quick(both, reduce, out, check_finite)
            if answer is not None:
                return answer
        if self._short is not None and values is None:
            answer = self._short(named, reduce, out, check_finite)
            if answer is not None:
                return answer
        given = self._arguments(values, named)
        if reduce not in (None, "sum", "mean"):
            raise UnknownNameError("reduce", reduce, ["None", "sum", "mean"])
        plan = self._plan(given, reduce)
        runner = self._runner(plan.scalars, plan.xp)
        fused = plan.full if check_finite and isinstance(runner, _CHECKING) else ()
        if check_finite:
            for name, value in given.items():
                if name not in fused:
                    arrays.check_finite(plan.xp, name, value)
        ready = plan.ready(given)
        targets = self._targets(out, plan) if out else {}
        direct = {key: targets[key] for key in targets if key in plan.direct}
        if fused and isinstance(runner, _CHECKING):
            try:
                results, guards = runner.run(
                    ready, plan.sizes, plan.dtype, direct, plan.sums, finite=fused
                )
            except NotFinite:
                for name, value in given.items():  # the error names the first place
                    arrays.check_finite(plan.xp, name, value)
                raise
        else:
            results, guards = runner.run(ready, plan.sizes, plan.dtype, direct, plan.sums)
        if guards:
            self._check_guards(plan.xp, guards, self._program(plan.scalars))

        # A result is an array of its own: never an input, nor the array of another result.
        taken = {id(array) for array in (*ready.values(), *targets.values())}
        for key in self._names:
            value = results[key]
            if id(value) in taken and value is not targets.get(key):
                value = plan.xp.asarray(value, copy=True)
            taken.add(id(value))
            results[key] = plan.shaped(key, value)
        # Only now is an array written that was given: it may lie where an input is.
        finished: dict[str, Any] = {}
        for key, name in self._names.items():
            value, target = results[key], targets.get(key)
            if target is None:
                value = plan.typed(value)
            elif target is not value:
                target[...] = value
                value = target
            finished[name] = value
        if plan.numbers:
            finished = {name: float(value) for name, value in finished.items()}
        loss = finished.pop(self.derivation.output)
        return loss, finished

    def _short_call(self) -> NumpyCall | None:
        """The short way for NumPy's arrays of one block."""
        if self.backend not in ("numpy", "auto"):
            return None
        from gradmath.kernels.numpy.call import NumpyCall

        def runner(scalars: frozenset[str]) -> NumpyRunner:
            import array_api_compat.numpy as numpy_namespace

            made: Any = self._runner(scalars, numpy_namespace)
            return made.numpy if isinstance(made, AutoRunner) else made

        return NumpyCall(self.derivation, runner)

    def _plan(self, given: Mapping[str, Any], reduce: Reduce) -> Plan:
        """The plan for arguments of this kind; those for NumPy's arrays are remembered."""
        key = signature(given)
        plan = self._plans.get((key, reduce)) if key else None
        if plan is None:
            plan = plan_of(given, self._names, self.derivation.output, reduce, self.backend)
            if key:
                if len(self._plans) >= _PLANS:
                    self._plans.clear()
                self._plans[key, reduce] = plan
        return plan

    def _arguments(
        self, values: Mapping[str, Any] | None, named: Mapping[str, Any]
    ) -> dict[str, Any]:
        if values is not None and not isinstance(values, Mapping):
            raise ArgumentTypeError(
                "values", got=type(values).__name__, allowed="a mapping, or names: kernel(x=...)"
            )
        both = {**(values or {}), **named}
        inputs = self.derivation.inputs
        if not values and named.keys() == self._known:
            return {name: arrays.listed(name, named[name]) for name in inputs}
        known = self._known
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

    def _targets(self, out: Mapping[str, Any], plan: Plan) -> dict[str, Any]:
        """The arrays to write into, by key, each checked."""
        if not isinstance(out, Mapping):
            raise ArgumentTypeError("out", got=type(out).__name__, allowed="a mapping")
        if not plan.numpy and not is_cupy(plan.xp):
            raise ArgumentTypeError(
                "out", got="arrays of another library", allowed="NumPy or CuPy arrays"
            )
        targets = {}
        for name, array in out.items():
            key = self._keys.get(name)
            if key is None:
                raise UnknownNameError("out", name, self._keys)
            if not _writable(array, plan.xp):
                raise ArgumentTypeError(
                    f"out[{name!r}]",
                    got=type(array).__name__,
                    allowed="a writable array of the arguments' library",
                )
            if array.dtype != plan.result_type:
                raise ArgumentTypeError(f"out[{name!r}]", got=array.dtype, allowed=plan.result_type)
            if array.shape != plan.shapes[key]:
                raise ShapeError(
                    f"out[{name!r}]", got=f"shape {array.shape}", allowed=str(plan.shapes[key])
                )
            targets[key] = array
        arrays.check_distinct(out)
        return targets

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
    of_cupy = type(array).__module__.partition(".")[0] == "cupy"
    return of_cupy if is_cupy(xp) else not of_cupy and bool(array.flags.writeable)
