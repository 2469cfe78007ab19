"""Mistakes in callable entries of the catalogue: activations, losses, penalties and clips."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import sympy as sp

from gradmath.catalogue.applied import explicit
from gradmath.mutation.expressions import TAIL
from gradmath.mutation.outcome import Mutant
from gradmath.verify import oracle
from gradmath.verify.operators import Operator
from gradmath.verify.symbolic import prove_zero

#: a result that is off by more than this share of the true value is off by no rounding
_OFF = 1e-5
_SECONDS = 5.0
_POINTS = (0.8125, -1.3125, 2.375, 25.5, -31.25, 0.0, 1.0, -1.0, 3.0, -3.0, 6.0)

Change = Callable[[Any, Any], Any]


class Wrong:
    """An activation or penalty with one of its results changed: `change(x, right)`."""

    def __init__(self, function: Any, order: int, change: Change, defaults: bool = False) -> None:
        self.function, self.entry = function, function.entry
        self._order, self._change, self._defaults = order, change, defaults

    def __call__(self, x: Any, *positional: Any, **parameters: Any) -> Any:
        """The value with the mistake in it."""
        given = ((), {}) if self._defaults else (positional, parameters)
        right = self.function(x, *given[0], **given[1])
        return self._change(x, right) if self._order == 0 else right

    def derivative(self, x: Any, *positional: Any, order: int = 1, **parameters: Any) -> Any:
        """The derivative with the mistake in it."""
        given = ((), {}) if self._defaults else (positional, parameters)
        right = self.function.derivative(x, *given[0], order=order, **given[1])
        return self._change(x, right) if self._order == order else right


def activation_mutants(function: Any) -> Iterator[Mutant]:
    """Wrong slopes and second derivatives of an activation, and parameters that are dropped."""
    z = function.entry.variable
    value, slope, bend = (function.entry.derivative(order) for order in (0, 1, 2))
    far = sp.Abs(z) > TAIL
    # what is claimed, how it is computed, and by how much the formulas then differ
    changes: list[tuple[Operator, str, int, Change, sp.Expr]] = [
        (Operator.FLIPPED_SIGN, "the slope", 1, lambda x, y: -y, slope),
        (Operator.DOUBLED_FACTOR, "the slope", 1, lambda x, y: 2 * y, slope),
        (Operator.DOUBLED_FACTOR, "the second derivative", 2, lambda x, y: 2 * y, bend),
        (Operator.WRONG_PLACE, "the slope at the value", 1,
         lambda x, y: function.derivative(function(x)), slope.xreplace({z: value}) - slope),
        (Operator.TAIL_ONLY, f"the slope is 0 for |z| > {TAIL}", 1,
         lambda x, y: np.where(abs(x) > TAIL, 0 * y, y), sp.Piecewise((slope, far), (0, True))),
        (Operator.TAIL_ONLY, f"the value is doubled for |z| > {TAIL}", 0,
         lambda x, y: np.where(abs(x) > TAIL, 2 * y, y), sp.Piecewise((value, far), (0, True))),
        (Operator.SINGLE_PRECISION_ONLY, "the slope off by 0.01 %", 1, _in_single, slope),
        (Operator.SINGLE_PRECISION_ONLY, "the second derivative off by 0.01 %", 2, _in_single,
         bend),
    ]  # fmt: skip
    for operator, what, order, change, gap in changes:
        mutant = _mutant(Wrong(function, order, change), operator, what, order)
        yield replace(mutant, equal=functools.partial(_vanishes, function.entry, gap))
    for location, kink in function.entry.kinks.items():
        if kink.order == 1:
            yield from _at_kink(function, location, kink)
            yield from _branches(function, location)
    for symbol, parameter in function.entry.parameters.items():
        wrong = Wrong(function, 0, lambda x, y: y, defaults=True)
        other = next(v for v in (3, sp.Rational(1, 4)) if parameter.contains(sp.sympify(v)))
        given = {str(symbol): sp.sympify(other)}
        yield _mutant(wrong, Operator.DEFAULTS_ONLY, f"{symbol} is not looked at", 1, given)


def _vanishes(entry: Any, gap: sp.Expr) -> bool:
    """Whether two formulas are proved equal at the default parameters, off the kinks."""
    values = {symbol: parameter.default for symbol, parameter in entry.parameters.items()}
    whole = explicit(gap).xreplace(values)
    return bool(prove_zero(whole, seconds=_SECONDS, breakpoints=False).proved)


def _in_single(x: Any, y: Any) -> Any:
    return y * y.dtype.type(1.0001) if np.asarray(y).dtype == np.float32 else y


def _at_kink(function: Any, location: Any, kink: Any) -> Iterator[Mutant]:
    values = {symbol: parameter.default for symbol, parameter in function.entry.parameters.items()}
    place = sp.sympify(location).xreplace(values)
    declared, *sides = (
        float(sp.sympify(slope).xreplace(values))
        for slope in (kink.returned, kink.left, kink.right)
    )
    for side in sides:
        if side != declared:
            change = functools.partial(_put, float(place), side)
            words = f"slope {side:g} against the declared {declared:g} at z = {place}"
            wrong = Wrong(function, 1, change)
            yield Mutant(Operator.WRONG_SIDE_OF_KINK, words, wrong, functools.partial(str, words),
                         lambda: False)  # fmt: skip


def _put(place: float, side: float, x: Any, y: Any) -> Any:
    return np.where(x == place, y.dtype.type(side), y)


def _branches(function: Any, location: Any) -> Iterator[Mutant]:
    """The slope at the mirror image about a kink: the branches exchanged."""
    values = {symbol: parameter.default for symbol, parameter in function.entry.parameters.items()}
    place = float(sp.sympify(location).xreplace(values))

    def mirrored(x: Any, y: Any) -> Any:
        far = np.finfo(x.dtype).max / 4
        return function.derivative(2 * x.dtype.type(place) - np.clip(x, -far, far))

    wrong = Wrong(function, 1, mirrored)
    yield _mutant(wrong, Operator.WRONG_BRANCH, f"branches exchanged about {place:g}", 1)


def _mutant(
    wrong: Wrong, operator: Operator, what: str, order: int, given: dict[str, Any] | None = None
) -> Mutant:
    kind = np.float32 if operator is Operator.SINGLE_PRECISION_ONLY else np.float64
    shown = functools.partial(_shown, wrong, order, given or {}, kind)
    return Mutant(operator, what, wrong, shown, lambda: False)


def _shown(wrong: Wrong, order: int, given: dict[str, Any], kind: Any) -> str:
    """A point at which the result is far from the oracle's Taylor coefficient."""
    entry = wrong.entry
    values = {s: given.get(str(s), p.default) for s, p in entry.parameters.items()}
    definition = explicit(entry.definition).xreplace(values)
    kinks = {float(sp.sympify(place).xreplace(values)) for place in entry.kinks}
    floats = {name: float(number) for name, number in given.items()}
    for x in _POINTS:
        if x in kinks:
            continue
        true = oracle.taylor(definition, entry.variable, {entry.variable: x}, order)[order]
        array = np.array([x], dtype=kind)
        got = wrong(array, **floats) if order == 0 else wrong.derivative(
            array, order=order, **floats)  # fmt: skip
        number = float(np.asarray(got)[0])
        if isinstance(true, oracle.Ball) and _off(number, float(true)):
            return f"{number!r} against {float(true)!r} at z = {x}"
    return ""


def _off(got: float, true: float) -> bool:
    return not abs(got - true) <= _OFF * abs(true)


# -- losses and clips -------------------------------------------------------------------------


class WrongLoss:
    """A loss with its gradient changed: `change(prediction, target, right)`."""

    def __init__(self, function: Any, change: Callable[[Any, Any, Any], Any]) -> None:
        self.function, self.entry, self._change = function, function.entry, change

    def __call__(self, p: Any, y: Any, **options: Any) -> Any:
        """The right value."""
        return self.function(p, y, **options)

    def gradient(self, p: Any, y: Any, **options: Any) -> Any:
        """The gradient with the mistake in it."""
        return self._change(p, y, self.function.gradient(p, y, **options))


def loss_mutants(function: Any) -> Iterator[Mutant]:
    """Wrong gradients of a loss of one prediction and one target."""
    changes: list[tuple[Operator, str, Callable[[Any, Any, Any], Any]]] = [
        (Operator.FLIPPED_SIGN, "the gradient", lambda p, y, g: -g),
        (Operator.DOUBLED_FACTOR, "the gradient", lambda p, y, g: 2 * g),
        (Operator.LOST_FACTOR, "half of the gradient", lambda p, y, g: g / 2),
        (Operator.TAIL_ONLY, "0 for a large prediction",
         lambda p, y, g: np.where(abs(p) > TAIL, 0 * g, g)),
        (Operator.SINGLE_PRECISION_ONLY, "off by 0.01 %", lambda p, y, g: _in_single(p, g)),
    ]  # fmt: skip
    for operator, what, change in changes:
        wrong = WrongLoss(function, change)
        kind = np.float32 if operator is Operator.SINGLE_PRECISION_ONLY else np.float64
        shown = functools.partial(_shown_loss, wrong, kind)
        yield Mutant(operator, what, wrong, shown, lambda: False)


def _shown_loss(wrong: WrongLoss, kind: Any) -> str:
    entry = wrong.entry
    values = {s: p.default for s, p in entry.parameters.items()}
    definition = explicit(entry.definition).xreplace(values)
    p, y = entry.variables
    for x in _POINTS:
        target = 0.0 if entry.takes_logits else 0.3125
        true = oracle.taylor(definition, p, {p: x, y: target}, 1)[1]
        arrays = (np.array([x], dtype=kind), np.array([target], dtype=kind))
        got = float(wrong.gradient(*arrays, reduction="none")[0])
        if isinstance(true, oracle.Ball) and _off(got, float(true)):
            return f"{got!r} against {float(true)!r} at prediction {x}, target {target}"
    return ""


class WrongClip:
    """A clip that does something else: `change(g, bounds)`."""

    def __init__(self, function: Any, change: Callable[..., Any]) -> None:
        self.function, self.entry, self._change = function, function.entry, change

    def __call__(self, g: Any, *bounds: Any) -> Any:
        """What the wrong clip makes of g."""
        return self._change(g, *bounds)


def clip_mutants(by_norm: Any, by_value: Any) -> Iterator[Mutant]:
    """Clips by norm that clip by value, scale without need, or bound the wrong norm."""

    def largest(g: Any, limit: Any) -> Any:
        return g * min(1, limit / np.max(abs(g)))

    def always(g: Any, limit: Any) -> Any:
        scale = np.max(abs(g))  # or the squares leave the type
        return g * (limit / (scale * np.sqrt(np.sum((g / scale) ** 2))))

    def single(g: Any, limit: Any) -> Any:
        return _in_single(g, by_norm(g, limit))

    value = Operator.VALUE_CLIP_FOR_NORM_CLIP
    changes = [
        (value, "each entry cut at the bound", lambda g, limit: by_value(g, -limit, limit)),
        (value, "scaled by the largest entry", largest),
        (Operator.WRONG_BRANCH, "scaled however short", always),
        (Operator.FLIPPED_SIGN, "the whole", lambda g, limit: -by_norm(g, limit)),
        (Operator.DEFAULTS_ONLY, "max_norm = 1", lambda g, limit: by_norm(g, 1.0)),
        (Operator.SINGLE_PRECISION_ONLY, "off by 0.01 %", single),
    ]
    for operator, what, change in changes:
        wrong = WrongClip(by_norm, change)
        yield Mutant(operator, what, wrong, functools.partial(_shown_clip, wrong), lambda: False)


def _shown_clip(wrong: WrongClip) -> str:
    """A vector whose clipped entries are not g min(1, max_norm / norm), in balls."""
    g, limit = np.array([3.0, -4.0, 0.5]), 2.0
    short = np.array([0.25, -0.5, 0.125])
    for kind in (np.float64, np.float32):
        for vector in (g, short):
            given = vector.astype(kind)
            exact = [sp.Rational(float(x)) for x in given]
            norm = sp.sqrt(sum(x**2 for x in exact))
            got = np.asarray(wrong(given, limit)).tolist()
            for x, number in zip(exact, got, strict=True):
                true = oracle.value(x * sp.Min(1, sp.Rational(limit) / norm))
                if isinstance(true, oracle.Ball) and _off(number, float(true)):
                    return f"{number!r} against {float(true)!r} for {vector.tolist()}"
    return ""
