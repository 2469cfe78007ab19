"""The kernels of the CuPy backend on a device: what the host shows of them, for real."""

from __future__ import annotations

import math
from typing import Any

import cupy
import numpy as np
import pytest

import gradmath as gm
from gradmath.catalogue import activations
from gradmath.verify.named_kernels import kernel_rows
from gradmath.verify.report import PASSED
from gradmath.verify.ulps import FLOAT16, FLOAT32, FLOAT64, Format
from tests.cuda.entries import BFLOAT16, Called, worst
from tests.gpu.measure import DEVICE_FACTOR, NEURON, host_shares

X = np.linspace(-6.0, 6.0, 24)


def to_device(value: Any) -> Any:
    return cupy.asarray(value) if isinstance(value, np.ndarray) else value


class OnDevice:
    """A kernel of named equations that takes NumPy's arrays to the device and results back."""

    def __init__(self, derivation: Any) -> None:
        self.derivation, self.kernel = derivation, gm.compile(derivation, "cupy")

    def __call__(self, values: Any = None, /, *, reduce: Any = None, **named: Any) -> Any:
        both = {key: to_device(v) for key, v in {**(values or {}), **named}.items()}
        loss, grads = self.kernel(both, reduce=reduce)
        return cupy.asnumpy(loss), {key: cupy.asnumpy(v) for key, v in grads.items()}


@pytest.mark.parametrize("form", [FLOAT64, FLOAT32, FLOAT16, BFLOAT16], ids=lambda f: f.name)
@pytest.mark.parametrize("name", list(activations))
def test_values_and_derivatives_of_an_activation(name: str, form: Format) -> None:
    """Within 8(1 + k) ulp: the device's own functions err more than the host's."""
    call = Called(activations[name], cupy.asarray, cupy.asnumpy)
    assert worst(call, form, flushing=form.emin == FLOAT32.emin) <= DEVICE_FACTOR


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "relu"])
def test_a_neuron_keeps_the_bound_whole_and_reduced(name: str) -> None:
    d = gm.derive([("z", "w*x + b"), ("a", f"{name}(z)"), ("L", "(a - y)**2")], wrt=["w", "b"])
    rows = kernel_rows(OnDevice(d), formats=(FLOAT64,))
    assert rows
    assert all(row.status == PASSED for row in rows), rows


@pytest.mark.parametrize("loss", ["squared_error", "softmax_cross_entropy"])
def test_a_network_agrees_with_numpys(loss: str) -> None:
    """NumPy's kernel is the one that the oracle holds."""
    net = gm.Network(3, [gm.Dense(4, "tanh"), gm.Dense(2)], loss=loss)
    params, x, y = net.init(0), np.sin(np.arange(15.0)).reshape(5, 3), np.eye(2)[[0, 1, 1, 0, 1]]
    moved = {key: cupy.asarray(value) for key, value in params.items()}
    got, grads = gm.compile(gm.derive(net), "cupy")(moved, cupy.asarray(x), cupy.asarray(y))
    want, slopes = gm.compile(gm.derive(net), "numpy")(params, x, y)
    assert got.shape == ()
    assert math.isclose(float(got), want, rel_tol=1e-13)
    for key in slopes:
        np.testing.assert_allclose(cupy.asnumpy(grads[key]), slopes[key], rtol=1e-11, atol=1e-15)


def test_the_device_and_the_host_agree_on_the_same_source(tmp_path: Any) -> None:
    for share in host_shares(tmp_path).values():
        assert share["largest difference in ulp"] <= 16


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_layouts_types_and_memory(dtype: str) -> None:
    kernel = gm.compile(NEURON, "cupy")
    x = cupy.asarray(X.reshape(4, 6).astype(dtype))
    want, slopes = kernel(x=x, y=0.25, w=0.5, b=0.1)
    assert want.dtype == x.dtype
    for layout in (cupy.asfortranarray(x), cupy.ascontiguousarray(x[::-1, ::-1])[::-1, ::-1]):
        for reduce in (None, "sum"):
            got, grads = kernel(x=layout, y=0.25, w=0.5, b=0.1, reduce=reduce)
            same, others = kernel(x=x, y=0.25, w=0.5, b=0.1, reduce=reduce)
            assert bool((got == same).all())
            assert all(bool((grads[key] == others[key]).all()) for key in others)
    place = x.copy()
    _, grads = kernel(x=place, y=0.25, w=0.5, b=0.1, out={"w": place})
    assert grads["w"] is place
    assert bool((place == slopes["w"]).all())
    assert bool((grads["b"] == slopes["b"]).all())


@pytest.mark.parametrize("size", [1, 257, 1_000_003])
def test_sums_are_those_of_the_samples_and_repeat(size: int) -> None:
    kernel = gm.compile(NEURON, "cupy")
    x = cupy.sin(cupy.arange(size, dtype="float64"))
    loss, _ = kernel(x=x, y=0.25, w=0.5, b=0.1)
    total, sums = kernel(x=x, y=0.25, w=0.5, b=0.1, reduce="sum")
    assert math.isclose(float(total), math.fsum(cupy.asnumpy(loss)), rel_tol=1e-15)
    for _ in range(3):
        again, others = kernel(x=x, y=0.25, w=0.5, b=0.1, reduce="sum")
        assert float(again) == float(total)
        assert float(others["w"]) == float(sums["w"])
