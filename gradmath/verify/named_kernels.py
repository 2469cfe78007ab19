"""Named equations: every number of a kernel.

A kernel is called with arrays, at points of ordinary size and in the tails where functions saturate
and gradients vanish, and each number is judged on its own.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from flint import arb

from gradmath.errors import GradmathError, UnknownNameError
from gradmath.verify import balls, domains, tape
from gradmath.verify.lookout import Point, far_points, inside, points_for, sharp_sweep
from gradmath.verify.oracle import LIMIT
from gradmath.verify.reduced import reduced_rows, reduces
from gradmath.verify.report import Row
from gradmath.verify.tally import Raised, Tally, attempt, floating_point_flags, place
from gradmath.verify.typed import trouble
from gradmath.verify.ulps import FLOAT32, FLOAT64, KERNEL_FACTOR, Format

#: the bound on the error is looked for at this precision first, until this many bits are known
_BITS, _KNOWN = 128, 8
#: at most this many points in the tails
_TAILS = 40
#: fewer points than this inside the domain show nothing
_FEWEST = 8
#: how many failing points of a row are asked whether the typed equations break down there
_ASKED = 4


def kernel_rows(
    kernel: Any, count: int = 40, formats: Sequence[Format] = (FLOAT64, FLOAT32)
) -> list[Row]:
    """Compare a kernel's output and gradients, point by point, with the oracle.

    The kernel is called with arrays and ``reduce=None``; `kernel.derivation` says what it computes.
    If it takes other values of `reduce`, sums and means over a batch are compared as well.
    """
    derivation = kernel.derivation
    recorded = tape.record(derivation.equations, derivation.symbols)
    names = [recorded.output, *derivation.wrt]
    rows = []
    for form in formats:
        kind = np.dtype(form.name).type
        points = [
            {name: float(kind(v)) for name, v in at.items()}
            for at in itertools.chain(points_for(derivation, count), far_points(derivation, _TAILS))
        ]
        rows += compare(kernel, recorded, derivation, points, form)
        if reduces(kernel):
            truth = partial(_kernel_truth, recorded, names, form=form)
            rows += reduced_rows(kernel, derivation, names, truth, form)
    return rows


def compare(
    call: Callable[..., Any],
    recorded: tape.Tape,
    derivation: Any,
    points: Sequence[Point],
    form: Format,
) -> list[Row]:
    """Judge `call(arrays, reduce=None)` at those of the points that lie inside the domain."""
    names = [recorded.output, *derivation.wrt]
    found, left_out = inside(
        points, lambda at: _kernel_truth(recorded, names, at, form), len(points)
    )
    kind = np.dtype(form.name).type
    arrays = {
        name: np.array([at[name] for at, _ in found], dtype=kind) for name in derivation.inputs
    }
    domain = domains.over([at for at, _ in found], form.name)
    tallies = {
        name: Tally(
            f"{name if name == recorded.output else f'd{recorded.output}/d{name}'} {form.name}",
            "oracle", "of the rounding bound", left_out=left_out, fewest=min(_FEWEST, len(points)),
            domain=domain,
        )
        for name in names
    }  # fmt: skip
    if not found:
        return [tally.row() for tally in tallies.values()]
    with floating_point_flags() as flags:
        results = attempt(_called, call, arrays, recorded.output)
    columns: dict[str, Any] = {}
    for name, tally in tallies.items():
        column = results
        if not isinstance(results, Raised):
            column = attempt(_column, results, name, len(found))
        if isinstance(column, Raised):
            tally.fail("", column.note)
        else:
            columns[name] = column
    beyond = False
    failing: dict[str, list[Point]] = {}
    for n, (at, truth) in enumerate(found):
        for name, column in columns.items():
            if isinstance(truth, GradmathError):
                tallies[name].undecide(place(at), str(truth))
                continue
            tally = tallies[name]
            before = tally.failures
            true, room = truth[name]
            beyond = beyond or bool(true.abs_upper() + room > arb(form.largest))
            with balls.precision(128):
                tally.judge(column[n], true, room, place(at), form)
            if tally.failures > before:
                failing.setdefault(name, []).append(at)
    for name, places in failing.items():
        tallies[name].notes += _as_typed(recorded, places, form)
    if flags and not beyond:
        for tally in tallies.values():
            tally.fail("", f"floating-point warning: {', '.join(sorted(set(flags)))}")
    return [tally.row() for tally in tallies.values()]


def _as_typed(recorded: tape.Tape, failing: Sequence[Point], form: Format) -> list[str]:
    """What to do where the equations themselves, as they are written, break down."""
    for at in failing[:_ASKED]:
        how = trouble(recorded, at, sharp_sweep(recorded, at), form)
        if how:
            return [
                f"the expression as typed {how} at {place(at)}: "
                "use the catalogue function, or a loss that takes logits"
            ]
    return []


def _called(call: Callable[..., Any], arrays: Mapping[str, Any], output: str) -> dict[str, Any]:
    """Output and gradients by name."""
    loss, grads = call(dict(arrays), reduce=None)
    return {output: loss, **grads}


def _column(results: Mapping[str, Any], name: str, count: int) -> list[float]:
    """One result as a number for each point."""
    if name not in results:
        raise UnknownNameError("the kernel's results", name, results)
    numbers = np.broadcast_to(np.asarray(results[name], dtype=float), (count,))
    return [float(number) for number in numbers]


def _kernel_truth(
    recorded: tape.Tape, names: Sequence[str], at: Point, form: Format
) -> dict[str, tuple[arb, arb]]:
    """For the output and each gradient: its ball and the error allowed."""
    swept = sharp_sweep(recorded, at)
    bits = _BITS
    while True:
        with balls.precision(bits, 3):
            noise = tape.Noise(arb(KERNEL_FACTOR * form.epsilon), arb(form.smallest))
            bound = tape.sweep(recorded, at, noise)
            found = {}
            for name in names:
                where = recorded.places[name]
                output = name == recorded.output
                true = swept.values[where] if output else swept.adjoints[where]
                error = (bound.errors if output else bound.adjoint_errors)[where]
                ball = balls.real(balls.coefficients(true, 1)[0])
                found[name] = (ball, error + noise.of(abs(ball)))
        if all(room.rel_accuracy_bits() > _KNOWN for _, room in found.values()):
            return found
        bits *= 2
        if bits > LIMIT:
            raise balls.Undecided("rounding", got=f"the bound is not known at {LIMIT} bits")
