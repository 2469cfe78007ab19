"""Networks: every gradient of a kernel, in several regimes.

The truth is `sweep`: ball arithmetic straight from parameters and definitions.  A kernel's entry g
passes if |g - true| is at most 4 epsilon C, where C is the first-order effect of all roundings in
units of one (`rounding`), plus what rounding to subnormal numbers may add; where that second part
counts the row says `underflow`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from flint import arb, arb_mat

from gradmath.verify import balls, domains, sweep
from gradmath.verify.oracle import LIMIT
from gradmath.verify.reduced import reduces
from gradmath.verify.report import FAILED, INCONCLUSIVE, Row
from gradmath.verify.rounding import Allowed, allowed
from gradmath.verify.tally import Raised, Tally, attempt, floating_point_flags
from gradmath.verify.ulps import FLOAT64, KERNEL_FACTOR, Format, format_of

#: the types that a kernel is checked in
_DTYPES = ("float64", "float32")
#: a ball this much narrower than the error allowed is sharp enough
_SHARP = 2.0**-20
_FIRST = 256
#: up to this precision balls are narrowed before the effect of rounding is looked at
_SEARCH = 1024
#: what no floating-point type can tell from 0
_NOTHING = arb(2) ** -1200

#: name, size of the weights, size of the biases, samples, whether classes are given by their
#: probabilities: neither a factor that ought to be 1/n nor what a target stands for may be right
#: for the one kind of batch that is looked at
_REGIMES = (
    ("ordinary", 1.0, 0.3, 3, False),
    ("vanishing", 0.2, 0.1, 1, True),
    ("saturated", 6.0, 2.0, 2, False),
    ("exploding", 2.5, 0.5, 2, True),
    ("vanished", 1.0, 40.0, 2, False),
)


@dataclass(frozen=True)
class Case:
    """Parameters and a batch, and in words what regime they stand for."""

    name: str
    params: Mapping[str, Any]
    x: Any
    y: Any


def cases(net: Any, dtype: str = "float64", batch: int | None = None) -> Iterator[Case]:
    """Deterministic parameters for a network: ordinary, vanishing, saturated, exploding, vanished.

    Random numbers are NumPy's `Generator(PCG64(seed))`, the seed being the number of the case.
    Without a `batch` each case has a number of samples of its own.
    """
    for seed, (name, weight, bias, samples, soft) in enumerate(_REGIMES):
        rng = np.random.Generator(np.random.PCG64(seed))
        params: dict[str, Any] = {}
        for key, shape in net.shapes.items():
            drawn = rng.standard_normal(shape)
            scale = weight / np.sqrt(shape[1]) if len(shape) == 2 else bias
            params[key] = (scale * drawn).astype(dtype)
        rows = samples if batch is None else batch
        x = rng.standard_normal((rows, net.inputs)).astype(dtype)
        yield Case(name, params, x, _targets(net, rng, rows, dtype, soft))


def _targets(net: Any, rng: np.random.Generator, batch: int, dtype: str, soft: bool) -> Any:
    if hasattr(net.loss.entry, "instance"):
        if soft:
            return rng.dirichlet(np.ones(net.outputs), batch).astype(dtype)
        return rng.integers(0, net.outputs, batch)
    if net.loss.entry.takes_logits:
        if soft:
            return rng.random((batch, net.outputs)).astype(dtype)
        return rng.integers(0, 2, (batch, net.outputs)).astype(dtype)
    return rng.standard_normal((batch, net.outputs)).astype(dtype)


def case_domain(case: Case, *more: str) -> str:
    """The ranges of a case's weights, biases and inputs, in words."""
    kinds = {"W": "weights", "b": "biases"}
    columns: dict[str, list[float]] = {}
    for name, array in {**case.params, "x": case.x}.items():
        columns.setdefault(kinds.get(name[0], name), []).extend(np.ravel(array).tolist())
    return domains.ranges(columns, f"{len(case.x)} samples", *more)


@dataclass(frozen=True)
class Truth:
    """The balls of a sweep, and the errors allowed in one format."""

    found: sweep.Sweep
    room: Allowed
    setting: sweep.Setting


def truth(net: Any, case: Case, form: Format = FLOAT64) -> Truth:
    """Sweep at rising precision until every ball is narrow against the error allowed.

    Raises `balls.Undecided` or `balls.UndefinedHere` if there is no answer.
    """
    given = sweep.setting(net, case.params, case.x, case.y)
    relative = KERNEL_FACTOR * form.epsilon
    bits = _FIRST
    while True:
        try:
            found = sweep.sweep(given, bits)
            if not _narrow(found) and 2 * bits <= _SEARCH:
                bits *= 2
                continue  # bounding the rounding takes longer than sweeping again
            room = allowed(given, found, relative, form.smallest)
            with balls.precision(64):
                if all(
                    bool(v.rad() <= arb(_SHARP) * e.mid())
                    for name, table in found.grads.items()
                    for v, e in zip(table.entries(), room.grads[name].entries(), strict=True)
                ):
                    return Truth(found, room, given)
        except balls.Undecided:
            if 2 * bits > LIMIT:
                raise
        bits *= 2
        if bits > LIMIT:
            raise balls.Undecided("sweep", got=f"balls too wide at {LIMIT} bits")


def _narrow(found: sweep.Sweep) -> bool:
    """Whether every pre-activation and adjoint is known to some bits, or next to nothing."""
    return all(
        v.rel_accuracy_bits() > 40 or bool(abs(v) < _NOTHING)
        for table in (*found.pres, *found.deltas)
        for v in table.entries()
    )


# -- kernels ----------------------------------------------------------------------------------


def kernel_rows(
    kernel: Any, dtypes: Sequence[str] = _DTYPES, batch: int | None = None
) -> list[Row]:
    """Compare a network kernel with the sweep in every regime of `cases`.

    If it takes the option `reduce`, the sum over the samples is compared once in each type as well.
    """
    rows = []
    for dtype in dtypes:
        for case in cases(kernel.network, dtype, batch):
            rows += gradient_rows(kernel, kernel.network, case)
        if reduces(kernel):
            summed = replace(next(cases(kernel.network, dtype, batch)), name="sum over samples")
            call = partial(kernel, reduce="sum")
            rows += gradient_rows(call, kernel.network, summed, times=len(summed.x))
    return rows


def gradient_rows(call: Callable[..., Any], net: Any, case: Case, times: int = 1) -> list[Row]:
    """Compare ``loss, grads = call(params, x, y)`` with `times` the sweep, for one case."""
    form = format_of(np.asarray(case.x).dtype)
    subjects = ("loss", "weights", "biases", "input")
    title = {s: f"{s}, {case.name} {form.name}" for s in subjects}
    try:
        true = truth(net, case, form)
    except (balls.Undecided, balls.UndefinedHere) as error:
        return [Row(title[s], "ball sweep", INCONCLUSIVE, note=str(error)) for s in subjects]
    with floating_point_flags() as flags:
        results = attempt(_called, call, case)
    if isinstance(results, Raised):
        return [Row(title[s], "ball sweep", FAILED, 0, note=results.note) for s in subjects]
    loss, grads = results
    domain = case_domain(case, form.name)
    tallies = {
        s: Tally(title[s], "ball sweep", "of the rounding bound", domain=domain) for s in subjects
    }
    with balls.precision(128):
        loss_true, loss_room = true.found.loss * times, true.room.loss * times
        tallies["loss"].judge(loss, loss_true, loss_room, "loss", form)
        for name, table in true.found.grads.items():
            kind = {"W": "weights", "b": "biases"}.get(name[0], "input")
            room = true.room.grads[name] * times
            _entries(tallies[kind], name, grads.get(name), table * times, room, form)
    beyond = any(
        bool(v.abs_upper() > arb(form.largest))
        for table in (*true.found.grads.values(), *true.found.deltas, *true.found.pres)
        for v in table.entries()
    )
    if flags and not beyond:
        tallies["loss"].fail("", f"floating-point warning: {', '.join(sorted(set(flags)))}")
    near = sweep.near_kinks(true.setting, true.found, true.room.pres)
    notes = _notes(true, form, near, beyond)
    rows = []
    for tally in tallies.values():
        tally.notes += notes
        row = tally.row()
        if (near or beyond) and row.status == "failed" and tally.points:
            # rounding may legitimately take the other side of a kink, or leave the format on the
            # way: then the mismatch shows nothing, but neither is it a pass
            row = Row(*(getattr(row, f) for f in Row.__dataclass_fields__))
            object.__setattr__(row, "status", INCONCLUSIVE)
        rows.append(row)
    return rows


def _called(call: Callable[..., Any], case: Case) -> tuple[float, dict[str, Any]]:
    """The loss as a number, and the gradients by name."""
    loss, grads = call(case.params, case.x, case.y)
    return float(loss), dict(grads)


def _entries(
    tally: Tally, name: str, got: Any, table: arb_mat, room: arb_mat, form: Format
) -> None:
    if got is None:
        tally.fail(name, f"no gradient by {name}")
        return
    array = np.asarray(got)
    shape = (table.nrows(), table.ncols()) if name[0] != "b" else (table.ncols(),)
    if array.shape != shape or array.dtype.name != form.name:
        tally.fail(name, f"{name} is {array.dtype} {array.shape}, not {form.name} {shape}")
        return
    indices = list(np.ndindex(*shape))
    for index, value, true, e in zip(
        indices, array.reshape(-1).tolist(), table.entries(), room.entries(), strict=True
    ):
        tally.judge(value, true, e, f"{name}{list(index)}", form)


def _notes(true: Truth, form: Format, near: int, beyond: bool) -> list[str]:
    """What kept the numbers from being ordinary ones."""
    notes = []
    low = sum(
        bool(abs(v) < arb(form.smallest_normal)) and not v.is_zero()
        for table in true.found.deltas
        for v in table.entries()
    )
    if low:
        notes.append(f"underflow: {low} adjoints below the smallest normal number")
    if near:
        notes.append(f"{near} pre-activations within rounding of a kink")
    if beyond:
        notes.append("overflow: true values beyond the largest number")
    return notes
