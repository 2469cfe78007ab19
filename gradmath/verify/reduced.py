"""A kernel of named equations that sums or averages over its samples.

Checked on one small batch in which what is differentiated by is shared by all samples and the rest
varies: the derivative by a shared number is the sum over the samples (divided by their number for a
mean), that by an argument with a value for each sample has one entry for each.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from flint import arb

from gradmath.errors import GradmathError
from gradmath.verify import balls, domains
from gradmath.verify.lookout import Point, points_for
from gradmath.verify.report import Row
from gradmath.verify.tally import Raised, Tally, attempt
from gradmath.verify.ulps import KERNEL_FACTOR, Format

#: samples in the batch, and how many points are tried for each
_SAMPLES: Final = 4
_TRIES: Final = 8

Truth = Callable[[Point], Mapping[str, tuple[arb, arb]]]


def reduces(call: Callable[..., Any]) -> bool:
    """Whether a kernel takes the option `reduce`."""
    try:
        return "reduce" in inspect.signature(call).parameters
    except (TypeError, ValueError):
        return False


def reduced_rows(
    call: Callable[..., Any], derivation: Any, names: Sequence[str], truth: Truth, form: Format
) -> list[Row]:
    """A row for each of `names`, with its sum and its mean over the samples of a batch.

    `names` are the output and what is differentiated by; `truth` gives, at one sample, the ball of
    each and the error allowed.
    """
    output, *by = names
    shared = [name for name in derivation.inputs if name in by]
    if len(shared) == len(derivation.inputs):
        shared = shared[1:]  # something must vary from sample to sample
    batch, truths, left_out = _batch(derivation, shared, truth, form)
    domain = domains.over(batch, f"{len(batch)} samples", form.name)
    tallies = {
        name: Tally(
            f"{name if name == output else f'd{output}/d{name}'} {form.name} over samples",
            "oracle", "of the rounding bound", left_out=left_out, domain=domain,
        )
        for name in names
    }  # fmt: skip
    if len(batch) > 1:
        for how in ("sum", "mean"):
            got = attempt(_called, call, derivation, shared, batch, form, how, output)
            for name, tally in tallies.items():
                if isinstance(got, Raised):
                    tally.fail("", got.note)
                    continue
                parts = [found[name] for found in truths]
                summed = name in {output, *shared}
                failed = attempt(_judge, tally, how, name, got.get(name), parts, summed, form)
                if isinstance(failed, Raised):
                    tally.fail("", failed.note)
    return [tally.row() for tally in tallies.values()]


def _batch(
    derivation: Any, shared: Sequence[str], truth: Truth, form: Format
) -> tuple[list[Point], list[Mapping[str, tuple[arb, arb]]], int]:
    """Points inside the domain that share some coordinates, the truth at each, and how many points
    were left out.
    """
    kind = np.dtype(form.name).type
    tried = [
        {name: float(kind(size(x))) for name, x in candidate.items()}
        for size in (float, abs)
        for candidate in points_for(derivation, _TRIES * _SAMPLES)
    ]
    fixed: Point = {}
    found: list[Point] = []
    truths: list[Mapping[str, tuple[arb, arb]]] = []
    left_out = 0
    for at in tried:
        here = {**at, **fixed}
        try:
            truths.append(truth(here))
        except GradmathError:  # outside the domain, or too hard to tell
            left_out += 1
            continue
        found.append(here)
        fixed = fixed or {name: here[name] for name in shared}
        if len(found) == _SAMPLES:
            break
    return found, truths, left_out


def _called(
    call: Callable[..., Any],
    derivation: Any,
    shared: Sequence[str],
    batch: Sequence[Point],
    form: Format,
    how: str,
    output: str,
) -> dict[str, Any]:
    kind = np.dtype(form.name).type
    values = {
        name: np.array(batch[0][name] if name in shared else [at[name] for at in batch], dtype=kind)
        for name in derivation.inputs
    }
    loss, grads = call(values, reduce=how)
    return {output: loss, **grads}


def _judge(
    tally: Tally,
    how: str,
    name: str,
    got: Any,
    parts: Sequence[tuple[arb, arb]],
    summed: bool,
    form: Format,
) -> None:
    """Judge one result: the sum of the parts, or each of them where they are not summed."""
    if got is None:
        tally.fail(how, f"no result {name!r} of the {how}")
        return
    numbers = np.asarray(got, dtype=float)
    shape = () if summed else (len(parts),)
    if numbers.shape != shape:
        tally.fail(how, f"{how} of {name} of shape {numbers.shape}, not {shape}")
        return
    groups = [parts] if summed else [[part] for part in parts]
    scale = len(parts) if how == "mean" else 1
    with balls.precision(128):
        for n, (group, number) in enumerate(zip(groups, numbers.reshape(-1).tolist(), strict=True)):
            true = sum((ball for ball, _ in group), arb(0))
            size = sum((abs(ball) for ball, _ in group), arb(0))
            room = sum((room for _, room in group), arb(0))
            room += KERNEL_FACTOR * form.epsilon * size + len(parts) * form.smallest
            where = how if summed else f"{how}, sample {n}"
            tally.judge(number, true / scale, room / scale + form.smallest, where, form)
