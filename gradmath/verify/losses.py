"""Callable losses and penalties against their definitions: values and gradients by the prediction.

A loss has two sources of error in its arguments, so that its condition number is
k = (|p f_p| + |y f_y|) / |f|.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import sympy
from flint import arb

from gradmath.verify import balls, domains
from gradmath.verify.lower import lower
from gradmath.verify.opaque import Operation, operation
from gradmath.verify.oracle import Answer, Inconclusive, sharpen
from gradmath.verify.parameters import others, titled
from gradmath.verify.points import beside, points
from gradmath.verify.report import Row
from gradmath.verify.scalars import FORMATS, declaration_rows, derivatives
from gradmath.verify.tally import Raised, Tally, attempt, floating_point_flags, place
from gradmath.verify.ulps import Format, judge, lever

_UNIT = "of 4(1+k) ulp"
#: points asked for at parameters other than the defaults
_FEW = 40
Point = tuple[float, ...]


def loss_rows(function: Any, formats: Iterable[Format] = FORMATS, count: int = 120) -> list[Row]:
    """Check a loss that works entry by entry: its declaration, its values and its gradients.

    Its numbers are checked at the default parameters, and on fewer points at other ones.
    """
    rows = declaration_rows(function.entry)
    rows += _numbers(function, formats, count, {})
    for given in others(function.entry):
        rows += titled(_numbers(function, formats, min(count, _FEW), given), given)
    return rows


def _numbers(
    function: Any, formats: Iterable[Format], count: int, given: Mapping[str, Any]
) -> list[Row]:
    entry = function.entry
    values = _values(entry, given)
    floats = {name: float(number) for name, number in given.items()}
    rows = []
    for form in formats:
        pairs = list(_pairs(entry, values, form, count))
        rows += _judged(function, operation(entry, values), pairs, form, floats)
    return rows


def _values(entry: Any, given: Mapping[str, Any]) -> tuple[sympy.Expr, ...]:
    """The value of each parameter: the given one, or its default."""
    return tuple(given.get(str(symbol), number) for symbol, number in entry.defaults.items())


def _pairs(entry: Any, values: Sequence[Any], form: Format, count: int) -> Iterator[Point]:
    """Predictions over the whole range against targets of their kind, and both sides of kinks."""
    kind = np.dtype(form.name).type
    probabilities = (0.0, 1.0, 0.3125, float(kind(0.7)), form.smallest)
    numbers = (0.0, 1.0, -2.6875, float(kind(1e4 / 3)), -form.smallest_normal)
    targets = probabilities if entry.takes_logits else numbers
    limit = form.largest**0.5 / 4  # beyond it a squared residual leaves the format
    for n, p in enumerate(points(form, count=count)):
        if abs(p) < limit:
            yield p, targets[n % len(targets)]
    given = dict(zip(entry.parameters, values, strict=True))
    for location in entry.kinks:
        for y in targets[:3]:
            b = float(location.xreplace({**given, entry.others[0]: sympy.Rational(y)}))
            for p in beside(b, form):
                yield p, y


def vector_loss_rows(function: Any, formats: Iterable[Format] = FORMATS) -> list[Row]:
    """Check a loss of whole rows on rows of 2 to 5 logits, far apart and close together."""
    rows = []
    for form in formats:
        samples = list(_samples(form))
        domain = domains.ranges(
            {
                "logits": [v for logits, _ in samples for v in logits],
                "targets": [v for _, targets in samples for v in targets],
            },
            f"{len(samples)} rows of 2 to 5",
            form.name,
        )
        value = Tally(f"{function.entry.name} {form.name}", "oracle", _UNIT, domain=domain)
        slope = Tally(f"{function.entry.name}' {form.name}", "oracle", _UNIT, domain=domain)
        for logits, targets in samples:
            size = len(logits)
            names = function.entry.symbols(size)
            act = Operation(
                lower(function.entry.instance(*names)), tuple(s for row in names for s in row)
            )
            kind = np.dtype(form.name).type
            arrays = [np.array([row], dtype=kind) for row in (logits, targets)]
            with floating_point_flags() as flags:
                got = [
                    attempt(_flat, call, size, *arrays)
                    for call, size in ((function, 1), (function.gradient, len(logits)))
                ]
            raised = [(t, g) for t, g in zip((value, slope), got, strict=True)
                      if isinstance(g, Raised)]  # fmt: skip
            for tally, reason in raised:
                tally.fail(str(logits), reason.note)
            if raised:
                flags.clear()  # of what came before the call broke off
            if flags:
                value.fail(str(logits), f"floating-point warning: {', '.join(sorted(set(flags)))}")
            at = (*logits, *targets)
            # a class is no source of rounding, a probability is
            active = [n for n, v in enumerate(at) if n < size or v != round(v)]
            truth = _truths(act, at, active)
            where = f"logits {list(logits)}, targets {list(targets)}"
            sources = [at[n] for n in active]
            if not isinstance(got[0], Raised):
                _one(value, got[0][0], truth[0], sources, where, form)
            if not isinstance(got[1], Raised):
                for k in range(size):
                    _one(slope, got[1][k], truth[k + 1], sources, f"{where}, k = {k}", form)
        rows += [value.row(), slope.row()]
    return rows


def _flat(call: Any, size: int, *arrays: Any) -> list[float]:
    """The numbers of an unreduced result, `size` of them."""
    return np.asarray(call(*arrays, reduction="none")).reshape(size).tolist()


def _samples(form: Format) -> Iterator[tuple[Point, Point]]:
    kind = np.dtype(form.name).type
    spread = [0.328125, -1.40625, 2.59375, 0.0, 7.15625]
    for size in (2, 3, 5):
        for scale in (0.0, 1.0, 40.0, 1e3):
            logits = tuple(float(kind(scale * v)) for v in spread[:size])
            for hot in (0, size - 1):
                yield logits, tuple(float(k == hot) for k in range(size))
        weights = [2.0 ** -(k + 1) for k in range(size - 1)]
        yield tuple(spread[:size]), (*weights, 1 - sum(weights))


def penalty_rows(function: Any, formats: Iterable[Format] = FORMATS, count: int = 120) -> list[Row]:
    """Check a penalty of one weight, and its derivatives of orders 1 and 2."""
    rows = declaration_rows(function.entry)
    rows += _penalty_numbers(function, formats, count, {})
    for given in others(function.entry):
        rows += titled(_penalty_numbers(function, formats, min(count, _FEW), given), given)
    return rows


def _penalty_numbers(
    function: Any, formats: Iterable[Format], count: int, given: Mapping[str, Any]
) -> list[Row]:
    entry = function.entry
    values = _values(entry, given)
    act = operation(entry, values)
    strength = float(values[0])
    rows = []
    for form in formats:
        kind = np.dtype(form.name).type
        limit = form.largest**0.5 / 4
        xs = [x for x in points(form, [0.0], count) if abs(x) < limit]
        domain = domains.ranges({"w": xs}, form.name)
        for order in (0, 1, 2):
            name = f"{entry.name}{chr(39) * order} {form.name}"
            tally = Tally(name, "oracle", _UNIT, domain=domain)
            for x in xs:
                array = np.array([x], dtype=kind)
                got = attempt(_penalty, function, array, strength, order)
                if isinstance(got, Raised):
                    tally.fail(f"w = {x!r}", got.note)
                    break
                found = derivatives(act, x, order + 1)
                truth = found[order], [found[order + 1]]
                _one(tally, got, truth, (x,), f"w = {x!r}", form)
            rows.append(tally.row())
    return rows


def _penalty(function: Any, array: Any, strength: float, order: int) -> float:
    """The one number of a penalty of one weight, or of its derivative."""
    if order == 0:
        return float(np.asarray(function(array, strength)).reshape(()))
    found = function.derivative(array, strength, order=order)
    return float(np.asarray(found).reshape(1)[0])


def _judged(
    function: Any, act: Operation, pairs: list[Point], form: Format, given: Mapping[str, float]
) -> list[Row]:
    kind = np.dtype(form.name).type
    p, y = (np.array(column, dtype=kind) for column in zip(*pairs, strict=True))
    truths = {at: _truths(act, at, [0, 1]) for at in pairs}
    domain = domains.ranges({"prediction": p, "target": y}, form.name)
    rows = []
    for order, call in enumerate((function, function.gradient)):
        name = f"{function.entry.name}{chr(39) * order} {form.name}"
        tally = Tally(name, "oracle", _UNIT, domain=domain)
        with floating_point_flags() as flags:
            got = attempt(_array, call, p, y, given)
        if isinstance(got, Raised):
            tally.fail("", got.note)
        elif got.dtype != kind or got.shape != p.shape:
            tally.fail("shape", f"returned {got.dtype} {got.shape}")
        else:
            if flags:
                tally.fail("", f"floating-point warning: {', '.join(sorted(set(flags)))}")
            for at, value in zip(pairs, got.tolist(), strict=True):
                where = place(dict(zip(("prediction", "target"), at, strict=True)))
                _one(tally, value, truths[at][order], at, where, form)
        rows.append(tally.row())
    return rows


def _array(call: Any, p: Any, y: Any, given: Mapping[str, float]) -> Any:
    return np.asarray(call(p, y, reduction="none", **given))


def _truths(act: Operation, at: Point, active: list[int]) -> list[tuple[Answer, list[Answer]]]:
    """The value and each slope, each with its own slopes in the `active` arguments."""
    exact = [balls.exact(v) for v in at]
    size = len(active)

    def compute() -> list[Any]:
        value, slopes, curves = act.gradient_and_hessian(exact, active)
        return [value, *slopes, *(c for row in curves for c in row)]

    found = sharpen(compute, 1 + size + size * size, length=3)
    value, slopes = found[0], found[1 : size + 1]
    rows = [found[size + 1 + n * size :][:size] for n in range(size)]
    return [(value, slopes), *zip(slopes, rows, strict=True)]


def _one(
    tally: Tally,
    got: float,
    truth: tuple[Answer, list[Answer]],
    at: Sequence[float],
    where: str,
    form: Format,
) -> None:
    """Judge one number, with the condition number over all arguments."""
    true, slopes = truth
    total = arb(0)
    for answer, x in zip((true, *slopes), (0.0, *at), strict=False):
        if isinstance(answer, Inconclusive):
            tally.undecide(where, answer.reason)
            return
        if answer is not true:
            total += lever(x, answer)
    assert not isinstance(true, Inconclusive)
    verdict = judge(got, true, total, form)
    tally.add(verdict.ok, verdict.share, where, got, true)
