"""Gradient clipping against its definition."""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import arb

from gradmath.verify import balls, domains
from gradmath.verify.lower import State, lower
from gradmath.verify.oracle import sharpen
from gradmath.verify.points import points
from gradmath.verify.report import Row
from gradmath.verify.tally import Raised, Tally, attempt, floating_point_flags
from gradmath.verify.ulps import FLOAT32, FLOAT64, Format

#: clipping by norm rounds a scale, a sum of squares, a root, a quotient and a product
_ROUNDINGS = 16
#: the shape of a gradient, scaled to every size
_GRADIENT = (0.328125, -1.40625, 2.59375, 0.0)


def clip_rows(function: Any) -> list[Row]:
    """Check a clip, by value or by norm, in float64 and float32."""
    rows = _norm_rows if getattr(function.entry, "norm", None) is not None else _value_rows
    return [row for form in (FLOAT64, FLOAT32) for row in rows(function, form)]


def _value_rows(function: Any, form: Format) -> list[Row]:
    """Clipping by value is exact: every entry is itself or a bound."""
    low, high = -1.25, 2.5
    kind = np.dtype(form.name).type
    xs = points(form, [low, high])
    entry = function.entry
    given = dict(zip(entry.parameters, (balls.exact(low), balls.exact(high)), strict=True))
    domain = domains.ranges({"g": xs, "low": [low], "high": [high]}, form.name)
    tally = Tally(f"{entry.name} {form.name}", "oracle", "absolute", domain=domain)
    with floating_point_flags() as flags:
        got = attempt(_clipped, function, np.array(xs, dtype=kind), low, high)
    if isinstance(got, Raised):
        tally.fail("", got.note)
        return [tally.row()]
    program = lower(entry.expression)
    for x, value in zip(xs, got, strict=True):
        with balls.precision(128):
            true = program.run(State({entry.variable: balls.exact(x), **given}))
            off = abs(arb(value) - balls.real(true))
        tally.add(off.is_zero(), float(off.mid()), f"g = {x!r}", value, true)
    if flags:
        tally.fail("", f"floating-point warning: {', '.join(sorted(set(flags)))}")
    return [tally.row()]


def _clipped(function: Any, g: Any, *bounds: float) -> list[float]:
    """The clipped entries, as many as came."""
    return np.asarray(function(g, *bounds)).reshape(g.shape).tolist()


def _norm_rows(function: Any, form: Format) -> list[Row]:
    """Clipping by norm: each entry against g min(1, max_norm / norm), norms from tiny to huge."""
    kind = np.dtype(form.name).type
    entry = function.entry
    program = lower(entry.expression)
    exponents = range(form.emin // 2, form.emax - 4, (form.emax - form.emin) // 24)
    limits = (0.75, 5.0)
    domain = domains.ranges(
        {"g": [v * 2.0 ** exponents[-1] for v in _GRADIENT], "max_norm": limits},
        form.name,
    )
    tally = Tally(f"{entry.name} {form.name}", "oracle", f"of {_ROUNDINGS} ulp", domain=domain)
    for exponent in exponents:
        g = np.array(_GRADIENT, dtype=kind) * kind(2.0) ** kind(exponent)
        for limit in limits:
            with floating_point_flags() as flags:
                got = attempt(_clipped, function, g, limit)
            if isinstance(got, Raised):
                tally.fail(f"exponent {exponent}, max_norm = {limit}", got.note)
                continue
            if flags:
                tally.fail("", f"floating-point warning: {', '.join(sorted(set(flags)))}")
            for x, value in zip(g.tolist(), got, strict=True):
                true = _true(program, entry, g.tolist(), x, limit)
                with balls.precision(128):
                    room = arb(max(form.ulp(float(true.mid())), form.smallest) * _ROUNDINGS)
                    where = f"g = {x!r}, exponent {exponent}, max_norm = {limit}"
                    off = abs(arb(value) - true)
                    share = float((off / room).abs_upper())
                    tally.add(bool(off <= room), share, where, value, true.str(17, radius=False))
    return [tally.row()]


def _true(program: Any, entry: Any, g: list[float], x: float, limit: float) -> arb:
    def compute() -> list[Any]:
        squares = sum((balls.exact(v) ** 2 for v in g), balls.exact(0))
        at = {"g": balls.exact(x), "norm": balls.sqrt(squares), "max_norm": balls.exact(limit)}
        inputs = {symbol: at[str(symbol)] for symbol in program.symbols}
        return [program.run(State(inputs))]

    answer = sharpen(compute)[0]
    return answer.arb if hasattr(answer, "arb") else arb.nan()
