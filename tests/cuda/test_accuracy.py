"""Every activation and loss, through the exact CUDA source, against the oracle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from gradmath.catalogue import activations, losses
from gradmath.catalogue.entries import VectorLoss
from gradmath.verify.losses import loss_rows
from gradmath.verify.report import PASSED, Row
from gradmath.verify.scalars import activation_rows
from gradmath.verify.ulps import FLOAT16, FLOAT32, FLOAT64
from tests.cuda.entries import BFLOAT16, Called, prepare, worst
from tests.cuda.host import JOINED, Host

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
    rows = activation_rows(Called(activations[name]), formats=FORMATS, count=60)
    assert len(rows) == 3 * len(FORMATS)
    assert not failed(rows)


@pytest.mark.parametrize("name", list(activations))
def test_joined_products_and_sums_stay_within_the_bound(
    name: str, joined: Host, stand_in: Use
) -> None:
    stand_in(joined)
    rows = activation_rows(Called(activations[name]), formats=(FLOAT64, FLOAT32), count=60)
    assert not failed(rows)


@pytest.mark.parametrize("name", list(activations))
def test_flushing_costs_no_more_than_is_said(name: str, joined: Host, stand_in: Use) -> None:
    """Single precision as a device has it: what lies below the smallest normal number may be 0.

    An argument that small may be answered as 0 is; any other answer is within four smallest normal
    numbers where it is not within the bound.
    """
    stand_in(replace(joined, flush=True))
    call = Called(activations[name])
    assert worst(call, FLOAT32, flushing=True) <= 1
    if name in ("relu", "tanh"):  # and something is flushed at all
        assert worst(call, FLOAT32, flushing=False) > 1


def test_all_kernels_of_losses_are_built(plain: Host, stand_in: Use) -> None:
    stand_in(plain)
    prepare(plain, SCALAR_LOSSES.values(), [(0, 0), (1, 0)], ["float64", "float32"])


@pytest.mark.parametrize("name", list(SCALAR_LOSSES))
def test_values_and_gradients_of_a_loss(name: str, plain: Host, stand_in: Use) -> None:
    stand_in(plain)
    rows = loss_rows(Called(SCALAR_LOSSES[name]), count=60)
    assert not failed(rows)
