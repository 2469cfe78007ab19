"""The neuron and networks whole: NamedKernel and NetworkKernel on kernels that the host runs."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

import gradmath as gm
from gradmath.kernels.cupy.runner import CupyRunner
from gradmath.program import program_of
from gradmath.verify.report import PASSED
from tests.cuda.host import Host

NEURON = gm.derive([("z", "w*x + b"), ("a", "sigmoid(z)"), ("L", "(a - y)**2")], wrt=["w", "b"])
WITH_X = gm.derive(NEURON.equations, wrt=["w", "b", "x"])
X = np.linspace(-6.0, 6.0, 24)
TYPES = ("float16", "bfloat16", "float32", "float64")
Use = Callable[[Host], None]


@pytest.mark.parametrize("name", ["sigmoid", "gelu", "hard_tanh"])
def test_a_neuron_keeps_the_bound_whole_and_reduced(name: str, plain: Host, stand_in: Use) -> None:
    stand_in(plain)
    d = gm.derive([("z", "w*x + b"), ("a", f"{name}(z)"), ("L", "(a - y)**2")], wrt=["w", "b"])
    report = gm.verify(gm.compile(d, "cupy"))
    assert any("over samples" in row.subject for row in report.rows)
    report.require()


@pytest.mark.parametrize("loss", ["squared_error", "softmax_cross_entropy"])
def test_a_network_keeps_the_bound(loss: str, plain: Host, stand_in: Use) -> None:
    stand_in(plain)
    layers = [gm.Dense(4, "tanh"), gm.Dense(4, "gelu", residual=True), gm.Dense(2)]
    report = gm.verify(gm.compile(gm.derive(gm.Network(3, layers, loss=loss)), "cupy"))
    assert report.status == PASSED, report


def test_a_networks_loss_is_one_number(plain: Host, stand_in: Use) -> None:
    stand_in(plain)
    net = gm.Network(3, [gm.Dense(4, "tanh"), gm.Dense(2)])
    loss, _ = gm.compile(gm.derive(net), "cupy")(net.init(0), np.ones((5, 3)), np.ones((5, 2)))
    assert np.shape(loss) == ()


@pytest.mark.parametrize("dtype", TYPES)
def test_results_keep_the_type_and_are_rounded_once(dtype: str, plain: Host, stand_in: Use) -> None:
    """float16 and bfloat16: what float32 gives, rounded once."""
    stand_in(plain)
    kernel = gm.compile(NEURON, "cupy")
    x = X.astype(dtype)
    loss, grads = kernel(x=x, y=0.25, w=0.5, b=0.1)
    wide = np.float64 if dtype == "float64" else np.float32
    whole, slopes = kernel(x=x.astype(wide), y=0.25, w=0.5, b=0.1)
    for got, want in ((loss, whole), (grads["w"], slopes["w"]), (grads["b"], slopes["b"])):
        assert got.dtype == x.dtype
        assert np.array_equal(got, want.astype(dtype))


def test_mixed_types_are_promoted_first(plain: Host, stand_in: Use) -> None:
    stand_in(plain)
    kernel = gm.compile(NEURON, "cupy")
    x, y = X.astype(np.float16), np.full(24, 0.3, np.float32)
    loss, _ = kernel(x=x, y=y, w=0.5, b=0.1)
    assert loss.dtype == np.float32
    assert np.array_equal(loss, kernel(x=x.astype(np.float32), y=y, w=0.5, b=0.1)[0])


def test_numbers_and_arrays_without_axes_give_the_same(plain: Host, stand_in: Use) -> None:
    stand_in(plain)
    kernel = gm.compile(NEURON, "cupy")
    for reduce in (None, "mean"):
        by_number = kernel(x=X, y=0.25, w=0.5, b=0.1, reduce=reduce)
        arrays = {name: np.asarray(v) for name, v in {"y": 0.25, "w": 0.5, "b": 0.1}.items()}
        by_array = kernel(x=X, **arrays, reduce=reduce)
        assert np.array_equal(by_number[0], by_array[0])
        assert np.array_equal(by_number[1]["w"], by_array[1]["w"])


def strided() -> dict[str, dict[str, np.ndarray]]:
    """One set of values in several layouts."""
    x, y = X.reshape(4, 6), np.linspace(0.1, 0.9, 6)
    backwards = np.ascontiguousarray(x[::-1, ::-1])[::-1, ::-1]
    gaps = np.zeros((8, 12))
    gaps[::2, 1::2] = x
    return {
        "contiguous": {"x": x.copy(), "y": np.tile(y, (4, 1))},
        "broadcast": {"x": x, "y": y},
        "transposed": {"x": np.asfortranarray(x), "y": y},
        "backwards": {"x": backwards, "y": y[None, :]},
        "with gaps": {"x": gaps[::2, 1::2], "y": y},
    }


@pytest.mark.parametrize("reduce", [None, "sum"])
@pytest.mark.parametrize("layout", ["broadcast", "transposed", "backwards", "with gaps"])
def test_layouts_do_not_matter(layout: str, reduce: str | None, plain: Host, stand_in: Use) -> None:
    stand_in(plain)
    kernel = gm.compile(WITH_X, "cupy")
    want = kernel(**strided()["contiguous"], w=0.5, b=0.1, reduce=reduce)
    got = kernel(**strided()[layout], w=0.5, b=0.1, reduce=reduce)
    assert np.array_equal(got[0], want[0])
    for name in ("w", "b", "x"):
        assert np.array_equal(got[1][name], want[1][name])


def test_results_may_take_the_memory_of_an_argument(plain: Host, stand_in: Use) -> None:
    stand_in(plain)
    kernel = gm.compile(NEURON, "cupy")
    loss, grads = kernel(x=X, y=0.25, w=0.5, b=0.1)
    x, other = X.copy(), np.empty_like(X)
    got, slopes = kernel(x=x, y=0.25, w=0.5, b=0.1, out={"w": x, "L": other})
    assert slopes["w"] is x
    assert got is other
    assert np.array_equal(x, grads["w"])
    assert np.array_equal(other, loss)
    overlapping = np.concatenate([X, [0.0]])
    kernel(x=overlapping[:-1], y=0.25, w=0.5, b=0.1, out={"w": overlapping[1:]})
    assert np.array_equal(overlapping[1:], grads["w"])


@pytest.mark.parametrize("size", [1, 255, 256, 257, 20_000])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_sums_are_those_of_the_samples(size: int, dtype: str, plain: Host, stand_in: Use) -> None:
    """Added in double and rounded once; the same bits whatever the order of the threads."""
    stand_in(plain)
    x = np.sin(np.arange(size)).astype(dtype)
    loss, grads = gm.compile(NEURON, "cupy")(x=x, y=0.25, w=0.5, b=0.1)
    total, sums = gm.compile(NEURON, "cupy")(x=x, y=0.25, w=0.5, b=0.1, reduce="sum")
    stand_in(replace(plain, descending=True))
    again, others = gm.compile(NEURON, "cupy")(x=x, y=0.25, w=0.5, b=0.1, reduce="sum")
    for got, other, samples in (
        (total, again, loss), (sums["w"], others["w"], grads["w"]),
        (sums["b"], others["b"], grads["b"]),
    ):  # fmt: skip
        assert got.dtype == samples.dtype == np.dtype(dtype)
        assert got == other
        scale = math.fsum(np.abs(samples.astype(np.float64)))
        off = abs(float(got) - math.fsum(samples.astype(np.float64)))
        half = np.finfo(dtype).eps / 2
        assert off <= half * abs(float(got)) + 2**-53 * (12 + size / 1e6) * scale


def test_the_number_of_blocks_is_limited(
    plain: Host, stand_in: Use, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More samples than threads: each thread takes several."""
    stand_in(plain)
    monkeypatch.setattr("gradmath.kernels.cupy.cuda_sums.BLOCKS", 3)
    x = np.linspace(-2, 2, 5_000)
    total, _ = gm.compile(NEURON, "cupy")(x=x, y=0.25, w=0.5, b=0.1, reduce="sum")
    loss, _ = gm.compile(NEURON, "cupy")(x=x, y=0.25, w=0.5, b=0.1)
    assert math.isclose(total, math.fsum(loss), rel_tol=1e-15)


def test_a_point_without_derivative_is_refused(plain: Host, stand_in: Use) -> None:
    stand_in(plain)
    kernel = gm.compile(gm.derive("L = abs(w*x)", wrt="w"), "cupy")
    for reduce in (None, "sum"):
        kernel(x=X, w=1.0, reduce=reduce)
        with pytest.raises(gm.errors.KinkError):
            kernel(x=np.zeros(3), w=1.0, reduce=reduce)


def test_a_derivative_that_is_a_number_is_summed_over_the_samples(
    plain: Host, stand_in: Use
) -> None:
    stand_in(plain)
    kernel = gm.compile(gm.derive("L = 3*w + x", wrt=["w", "x"]), "cupy")
    loss, grads = kernel(x=np.ones(5), w=2.0, reduce="sum")
    assert (loss, grads["w"]) == (35.0, 15.0)
    assert np.array_equal(grads["x"], np.ones(5))


def test_maps_hold_no_number_for_each_entry() -> None:
    """A number is computed once, or again where it is read: no array is filled with it."""
    net = gm.Network(3, [gm.Dense(4, "tanh"), gm.Dense(2)])
    program = program_of(gm.derive(net))
    for part in CupyRunner(program)._parts:
        if not isinstance(part, int):
            assert {program.instructions[p].shape for p in part.outputs} == {part.shape}
