"""Mistakes in kernels of named equations: wrong local derivatives compiled, wrong results.

A counterexample is a number of the kernel that is far from what forward mode gives, much farther
than rounding would take it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from flint import arb

from gradmath.derivation import NamedDerivation
from gradmath.errors import GradmathError
from gradmath.kernels import compile as compiled
from gradmath.mutation.expressions import TAIL, changes
from gradmath.mutation.forward import Forward, within
from gradmath.mutation.named import context, equality
from gradmath.mutation.outcome import Mutant
from gradmath.mutation.points import points
from gradmath.mutation.rules import with_rule
from gradmath.verify.operators import Operator

#: a result that is off by more than this share of the true value is off by no rounding
_OFF = 1e-5


class Spoiled:
    """A kernel of named equations that gets something else, or whose results are changed.

    `given` changes the arguments, `result` each result by name, `reduce` how it reduces.
    """

    def __init__(
        self,
        kernel: Any,
        result: Callable[[str, Any, Mapping[str, Any]], Any] = lambda name, value, given: value,
        given: Callable[[dict[str, Any]], dict[str, Any]] = lambda values: values,
        reducing: Callable[[Any], Any] = lambda how: how,
    ) -> None:
        self.kernel, self.derivation = kernel, kernel.derivation
        self._result, self._given, self._reducing = result, given, reducing

    def __call__(self, values: Mapping[str, Any], *, reduce: Any = None) -> Any:
        """The kernel's answer with the mistake in it."""
        given = {name: np.asarray(value) for name, value in values.items()}
        loss, grads = self.kernel(self._given(given), reduce=self._reducing(reduce))
        changed = {name: self._result(name, value, given) for name, value in grads.items()}
        return loss, changed


def named_mutants(derivation: NamedDerivation, most: int = 1) -> Iterator[Mutant]:
    """Kernels compiled from wrong local derivatives, and right ones with something spoiled."""
    kernel = compiled(derivation, backend="numpy")
    for of, partials in derivation.local.items():
        for by, rule in partials.items():
            for operator, what, changed in changes(rule, context(derivation, of), most):
                if operator is Operator.TAIL_ONLY:
                    continue  # below, where results are spoiled
                try:
                    wrong = compiled(with_rule(derivation, of, by, changed), backend="numpy")
                except GradmathError:  # nothing that a kernel computes
                    continue
                mutant = _named(wrong, operator, f"compiled with d{of}/d{by}: {what}")
                yield replace(mutant, equal=equality(derivation, rule, changed))
    yield from _spoiled(kernel)


def _spoiled(kernel: Any) -> Iterator[Mutant]:
    first = kernel.derivation.wrt[0]

    def only(change: Callable[[Any, Mapping[str, Any]], Any]) -> Callable[..., Any]:
        return lambda name, value, given: change(value, given) if name == first else value

    tail = Spoiled(kernel, only(_zero_far_out))
    yield _named(tail, Operator.TAIL_ONLY, f"d/d{first} is 0 where an argument is beyond {TAIL}")
    for share in (1e-4, 1.0):
        single = Spoiled(kernel, only(functools.partial(in_single, share)))
        what = f"d/d{first} off by {share:.2%} in float32"
        yield _named(single, Operator.SINGLE_PRECISION_ONLY, what, np.float32)
    total = Spoiled(kernel, reducing=lambda how: "sum" if how == "mean" else how)
    yield _named(total, Operator.MISSING_MEAN, "a mean that is not divided", how="mean")
    mean = Spoiled(kernel, reducing=lambda how: "mean" if how == "sum" else how)
    yield _named(mean, Operator.SUM_FOR_MEAN, "a sum that is divided", how="sum")
    for name in kernel.derivation.inputs:
        habit = 0.0 if name.startswith("b") else 1.0
        fixed = Spoiled(kernel, given=functools.partial(_with, name, habit))
        yield _named(fixed, Operator.DEFAULTS_ONLY, f"{name} = {habit:g} whatever is given")


def _with(name: str, number: float, values: dict[str, Any]) -> dict[str, Any]:
    return {**values, name: np.full_like(values[name], number)}


def _zero_far_out(g: Any, given: Mapping[str, Any]) -> Any:
    far = np.any([np.broadcast_to(abs(v) > TAIL, np.shape(g)) for v in given.values()], axis=0)
    return np.where(far, 0 * g, g)


def in_single(share: float, g: Any, given: Mapping[str, Any]) -> Any:
    """A result that is off by a share of it, in single precision only."""
    array = np.asarray(g)
    return array * array.dtype.type(1 + share) if array.dtype == np.float32 else g


def _named(
    kernel: Any, operator: Operator, what: str, kind: Any = np.float64, how: str | None = None
) -> Mutant:
    shown = functools.partial(_shown_named, kernel, kind, how)
    return Mutant(operator, what, kernel, shown, lambda: False)


def _shown_named(kernel: Any, kind: Any, how: str | None) -> str:
    derivation = kernel.derivation
    symbols = derivation.symbols
    equations = {symbols[n]: right for n, right in derivation.equations.items()}
    for at in points([symbols[name] for name in derivation.inputs]):
        values = {name: kind(float(at[symbols[name]])) for name in derivation.inputs}
        arrays = {name: np.full(2, value) for name, value in values.items()}
        exact = {symbols[name]: float(value) for name, value in values.items()}
        scale = {None: 1.0, "sum": 1.0, "mean": 0.5}[how]
        try:
            _, grads = kernel(arrays, reduce=how)
            forward = next(within(equations, exact))
        except (GradmathError, StopIteration):
            continue
        for name in derivation.wrt:
            got = float(np.asarray(grads[name]).reshape(-1)[0])
            true = float(slope_of(forward, symbols[name])) * scale
            if off(got, true):
                where = ", ".join(f"{n} = {float(v)}" for n, v in values.items())
                return f"d/d{name} = {got!r} against {true!r} at {where}"
    return ""


def slope_of(forward: Forward, by: Any) -> arb:
    """The derivative by one name, by forward mode."""
    from gradmath.verify import balls

    with balls.precision(192, 2):
        return forward.slope(by).mid()


def off(got: float, true: float) -> bool:
    """Whether a number is off by more than rounding, and the true one not too small to tell."""
    return abs(true) > 1e-30 and not abs(got - true) <= _OFF * abs(true)
