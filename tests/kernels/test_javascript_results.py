"""JavaScript kernels give the values, types and shapes that NumPy's give."""

from __future__ import annotations

import math

import array_api_strict as strict
import numpy as np
import pytest

import gradmath as gm
from gradmath.errors import ArrayLibraryError, KinkError, ValueRangeError
from gradmath.kernels.javascript.runner import JavascriptRunner
from gradmath.kernels.numpy.runner import NumpyRunner
from gradmath.program import Builder
from tests.kernels.in_node import KERNEL, NEURON, X, both, same


@pytest.mark.parametrize("reduce", [None, "sum", "mean"])
@pytest.mark.parametrize(
    "x", [0.5, X, X.astype("float32"), X.astype("float16"), X[:1], [1, 2, 3], X[::-2]]
)
def test_results_have_the_form_of_numpys(x: object, reduce: str | None) -> None:
    kind = getattr(x, "dtype", np.dtype("float64"))
    got, want = both(NEURON, x=x, y=1.0, w=0.5, b=0.1, reduce=reduce)
    same(got, want, rtol=4 * float(np.finfo(kind).eps) if kind != "float64" else 1e-14)


@pytest.mark.parametrize("reduce", [None, "sum", "mean"])
def test_arguments_broadcast(reduce: str | None) -> None:
    d = gm.derive(NEURON.equations, wrt=["w", "b", "x", "a"])
    b = np.array([[0.1], [0.2]])[:, None]
    got, want = both(d, x=X[:, None], y=X[None, :3] / 4, w=0.5, b=b, reduce=reduce)
    same(got, want, rtol=1e-13)


def test_float32_is_computed_in_double_and_rounded_once() -> None:
    x = np.linspace(-90, 90, 999, dtype="float32")
    loss, grads = KERNEL(x=x, y=np.float32(1), w=np.float32(0.5), b=np.float32(0.25))
    wide, slopes = KERNEL(x=x.astype("float64"), y=1.0, w=0.5, b=0.25)
    assert loss.dtype == np.float32
    np.testing.assert_array_equal(loss, wide.astype("float32"))
    np.testing.assert_array_equal(grads["w"], slopes["w"].astype("float32"))


def test_a_sum_has_the_accuracy_of_its_blocks() -> None:
    rng = np.random.Generator(np.random.PCG64(3))
    x = rng.normal(size=100_003)
    kernel = gm.compile(gm.derive("L = w*x", wrt="w"), "javascript")
    total, grads = kernel(w=1.0, x=x, reduce="sum")
    exact = math.fsum(x)
    assert abs(total - exact) <= 80 * 2.0**-53 * float(np.abs(x).sum())
    assert grads["w"] == total
    again, _ = kernel(w=1.0, x=x, reduce="sum")
    assert again == total
    assert kernel(w=1.0, x=np.array([-0.0, -0.0]), reduce="sum")[0].tobytes() == b"\0" * 7 + b"\x80"


def test_a_derivative_that_is_the_same_for_every_sample() -> None:
    d = gm.derive("L = x + b", wrt=["b", "x"])
    for reduce in (None, "sum", "mean"):
        got, want = both(d, x=X, b=0.1, reduce=reduce)
        same(got, want)


def test_non_finite_values_and_signed_zeros() -> None:
    d = gm.derive([("L", "x*y")], wrt=["x", "y"])
    values = np.array([0.0, -0.0, 5e-324, -1e308, math.inf, -math.inf, math.nan])
    with np.errstate(invalid="ignore", over="ignore"):
        for y in (1.0, -1.0, 1e10):
            (loss, grads), (right, slopes) = both(d, x=values, y=y, check_finite=False)
            np.testing.assert_array_equal(loss, right)
            np.testing.assert_array_equal(np.signbit(loss)[:-1], np.signbit(right)[:-1])
            np.testing.assert_array_equal(grads["y"], slopes["y"])
    with pytest.raises(ValueRangeError, match="x: got inf"):
        gm.compile(d, "javascript")(x=values, y=1.0)


def test_powers_and_signs_are_those_of_ieee_754() -> None:
    b = Builder()
    x, y = b.input("x", ("*",)), b.input("y", ("*",))
    outputs = {"p": b.emit("pow", x, y), "c": b.emit("copysign", x, y), "s": b.emit("sign", x)}
    outputs |= {"max": b.emit("max", x, y), "min": b.emit("min", x, y)}
    program = b.build(outputs, ["x", "y"])
    edges = [0.0, -0.0, 1.0, -1.0, 2.0, 0.5, -2.0, math.inf, -math.inf, math.nan, 3.0]
    pairs = np.array([(a, c) for a in edges for c in edges]).T.copy()
    values = {"x": pairs[0], "y": pairs[1]}
    with np.errstate(all="ignore"):
        want, _ = NumpyRunner(program).run(values, {"*": pairs[0].shape}, np.float64, {})
    got, _ = JavascriptRunner(program).run(values, {"*": pairs[0].shape}, np.float64, {})
    for name in outputs:
        np.testing.assert_array_equal(got[name], want[name], err_msg=name)
    for name in ("c", "s"):
        number = ~np.isnan(want[name])
        np.testing.assert_array_equal(np.signbit(got[name])[number], np.signbit(want[name])[number])


def test_a_point_without_a_derivative_is_refused() -> None:
    kernel = gm.compile(gm.derive("L = abs(w - x)", wrt="w"), "javascript")
    assert kernel(w=2.0, x=[1.0, 3.0])[1]["w"].tolist() == [1.0, -1.0]
    with pytest.raises(KinkError, match=r"dL/dw.*w - x = 0"):
        kernel(w=2.0, x=[1.0, 2.0])
    with pytest.raises(KinkError, match=r"dL/dw"):
        kernel(w=2.0, x=2.0)


def test_arrays_of_another_library_are_refused() -> None:
    with pytest.raises(ArrayLibraryError, match="backend 'javascript'"):
        KERNEL(x=strict.asarray(X), y=1.0, w=0.5, b=0.1)


def test_no_name_collides_with_the_generated_source() -> None:
    names = ["t3", "let_", "given", "i", "Math", "step0", "new", "constructor", "toString", "out0"]
    d = gm.derive("L = " + "*".join(names), wrt=names)
    values = {name: np.array([float(k + 1)]) for k, name in enumerate(names)}
    got, want = both(d, values)
    same(got, want)
