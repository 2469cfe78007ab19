"""Every activation and loss, through the exact CUDA source, against the oracle."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import ml_dtypes
import numpy as np
import pytest

from gradmath.catalogue import activations, losses
from gradmath.catalogue.entries import VectorLoss
from gradmath.verify.losses import loss_rows
from gradmath.verify.opaque import operation
from gradmath.verify.oracle import Ball
from gradmath.verify.points import points
from gradmath.verify.report import PASSED, Row
from gradmath.verify.scalars import activation_rows, derivatives
from gradmath.verify.ulps import FLOAT16, FLOAT32, FLOAT64, Format, judge, lever
from tests.cuda.entries import OnHost, prepare
from tests.cuda.host import JOINED, Host

BFLOAT16 = Format("bfloat16", 8, -126, 127)
assert np.dtype("bfloat16") == ml_dtypes.bfloat16
FORMATS = (FLOAT64, FLOAT32, FLOAT16, BFLOAT16)
SCALAR_LOSSES = {name: entry for name, entry in losses.items() if not isinstance(entry, VectorLoss)}
Use = Callable[[Host], None]


@pytest.fixture(scope="module")
def joined(folder: Any) -> Host:
    """Products are joined with the sums that take them, as the device's compiler may do."""
    return Host(folder, JOINED)


def failed(rows: list[Row]) -> list[Row]:
    assert rows
    return [row for row in rows if row.status != PASSED]


def test_all_kernels_of_activations_are_built(plain: Host, joined: Host, stand_in: Use) -> None:
    for host in (plain, joined):
        stand_in(host)
        types = [form.name for form in FORMATS] if host is plain else ["float64", "float32"]
        prepare(host, activations.values(), [(0,), (1,), (2,)], types)
        assert len(host.recorded) >= 2 * len(activations)


@pytest.mark.parametrize("name", list(activations))
def test_values_and_derivatives_of_an_activation(name: str, plain: Host, stand_in: Use) -> None:
    stand_in(plain)
    rows = activation_rows(OnHost(activations[name], plain), formats=FORMATS, count=60)
    assert len(rows) == 3 * len(FORMATS)
    assert not failed(rows)


@pytest.mark.parametrize("name", list(activations))
def test_joined_products_and_sums_stay_within_the_bound(
    name: str, joined: Host, stand_in: Use
) -> None:
    stand_in(joined)
    rows = activation_rows(OnHost(activations[name], joined), formats=(FLOAT64, FLOAT32), count=60)
    assert not failed(rows)


@pytest.mark.parametrize("name", list(activations))
def test_flushing_costs_no_more_than_is_said(name: str, joined: Host, stand_in: Use) -> None:
    """Single precision as a device has it: what lies below the smallest normal number may be 0.

    An argument that small may be answered as 0 is; any other answer is within four smallest normal
    numbers where it is not within the bound.
    """
    flushing = replace(joined, flush=True)
    stand_in(flushing)
    entry = activations[name]
    call = OnHost(entry, flushing)
    values = tuple(parameter.default for parameter in entry.parameters.values())
    xs = points(FLOAT32, [float(b.xreplace(entry.defaults)) for b in entry.kinks], 60)
    truths = [derivatives(operation(entry, values), x, 3) for x in xs]
    for order in (0, 1, 2):
        got = call.derivative(np.array(xs, np.float32), order=order)
        zero = call.derivative(np.zeros(1, np.float32), order=order)[0]
        for x, answer, truth in zip(xs, got.tolist(), truths, strict=True):
            true, slope = truth[order], truth[order + 1]
            assert isinstance(true, Ball)
            assert isinstance(slope, Ball)
            fine = judge(answer, true, lever(x, slope), FLOAT32).ok
            near = math.isfinite(answer) and bool(
                abs(answer - true.arb) < 4 * FLOAT32.smallest_normal
            )
            as_zero = abs(x) < FLOAT32.smallest_normal and answer == zero
            assert fine or near or as_zero, (name, order, x, answer, float(true))


def test_all_kernels_of_losses_are_built(plain: Host, stand_in: Use) -> None:
    stand_in(plain)
    prepare(plain, SCALAR_LOSSES.values(), [(0, 0), (1, 0)], ["float64", "float32"])


@pytest.mark.parametrize("name", list(SCALAR_LOSSES))
def test_values_and_gradients_of_a_loss(name: str, plain: Host, stand_in: Use) -> None:
    stand_in(plain)
    rows = loss_rows(OnHost(SCALAR_LOSSES[name], plain), count=60)
    assert not failed(rows)
