"""Native kernels: results in the form of NumPy's, whatever the arrays look like."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import array_api_strict as strict
import numpy as np
import pytest

import gradmath as gm
from gradmath.errors import ArrayLibraryError, KinkError, ValueRangeError
from gradmath.kernels.native.runner import NativeRunner
from gradmath.kernels.numpy.runner import NumpyRunner
from gradmath.program import Builder

NEURON = gm.derive([("z", "w*x + b"), ("a", "sigmoid(z)"), ("L", "(a - y)**2")], wrt=["w", "b"])
EVERY = gm.derive(NEURON.equations, wrt=["w", "b", "x", "a"])
X = np.linspace(-3.0, 3.0, 7)


def both(derivation: gm.Derivation, *arguments: object, **named: object) -> list:
    return [gm.compile(derivation, backend)(*arguments, **named) for backend in ("native", "numpy")]


def same(got: tuple, want: tuple, rtol: float = 1e-14, atol: float = 1e-300) -> None:
    """Values, and before them the types and shapes."""
    (loss, grads), (right, slopes) = got, want
    assert list(grads) == list(slopes)
    for one, other in ((loss, right), *((grads[n], slopes[n]) for n in slopes)):
        assert type(one) is type(other)
        assert np.shape(one) == np.shape(other)
        assert np.asarray(one).dtype == np.asarray(other).dtype
        np.testing.assert_allclose(one, other, rtol=rtol, atol=atol)


def bits(result: tuple) -> list[bytes]:
    loss, grads = result
    return [np.asarray(value).tobytes() for value in (loss, *grads.values())]


@pytest.mark.parametrize("reduce", [None, "sum", "mean"])
@pytest.mark.parametrize(
    "x", [0.5, X, X.astype("float32"), X.astype("float16"), X[:1], X[:2], [1, 2, 3], X[::-2]]
)
@pytest.mark.parametrize("derivation", [NEURON, EVERY])
def test_results_have_the_form_of_numpys(
    derivation: gm.Derivation, x: object, reduce: str | None
) -> None:
    kind = getattr(x, "dtype", np.dtype("float64"))
    got, want = both(derivation, x=x, y=1.0, w=0.5, b=0.1, reduce=reduce)
    same(got, want, rtol=16 * float(np.finfo(kind).eps) if kind != "float64" else 1e-14)


@pytest.mark.parametrize("reduce", [None, "sum", "mean"])
@pytest.mark.parametrize("x", [0.5, X, X.astype("float32")])
def test_numpys_numbers_are_doubles(x: object, reduce: str | None) -> None:
    w, b = np.float64(0.5), np.float64(1e308)
    got, want = both(NEURON, x=x, y=1.0, w=w, b=-b, reduce=reduce)
    same(got, want)
    kernel = gm.compile(NEURON, "native")
    assert kernel._quick is not None  # the short way takes them, beside doubles
    quick = kernel._quick({"x": x, "y": 1.0, "w": w, "b": -b}, reduce, None, True)
    assert (quick is not None) == (getattr(x, "dtype", None) == "float64")
    for bad in (np.float64("nan"), np.float64("inf")):
        with pytest.raises(ValueRangeError, match=r"^w\b"):
            kernel(x=x, y=1.0, w=bad, b=b, reduce=reduce)


@pytest.mark.parametrize("reduce", [None, "sum", "mean"])
def test_arguments_broadcast(reduce: str | None) -> None:
    b = np.array([[0.1], [0.2]])[:, None]
    got, want = both(EVERY, x=X[:, None], y=X[None, :3] / 4, w=0.5, b=b, reduce=reduce)
    same(got, want, rtol=1e-13)


ODD = np.linspace(-3.0, 3.0, 48).reshape(4, 3, 4)


@pytest.mark.parametrize(
    "x",
    [
        ODD[::-1, :, ::2],
        ODD.T,
        np.asfortranarray(ODD),
        ODD[:, 1:2],
        ODD.astype(">f8"),
        np.broadcast_to(X, (5, 7)),
        np.lib.stride_tricks.sliding_window_view(X, 3),
        np.frombuffer(b"\0" + X.tobytes(), np.uint8)[1:].view("f8"),
    ],
    ids="backwards turned columns slice bytes row window unaligned".split(),
)
def test_arrays_in_any_layout(x: np.ndarray) -> None:
    plain = np.array(x, dtype="float64", order="C")
    got, want = (gm.compile(EVERY, "native")(x=v, y=0.25, w=0.5, b=0.1) for v in (x, plain))
    np.testing.assert_array_equal(got[0], want[0])
    for name, slope in want[1].items():
        np.testing.assert_array_equal(got[1][name], slope)
    frozen = plain.copy()
    frozen.flags.writeable = False
    assert bits(gm.compile(EVERY, "native")(x=frozen, y=0.25, w=0.5, b=0.1)) == bits(want)


@pytest.mark.parametrize("size", [511, 512, 513, 32767, 32768, 32769, 100_003])
def test_blocks_meet_without_a_seam(size: int) -> None:
    x = np.linspace(-5, 5, size)
    kernel = gm.compile(EVERY, "native")
    whole = kernel(x=x, y=0.25, w=0.5, b=0.1)
    some = np.r_[0:3, 509 : min(size, 516), size - 3 : size]
    part = kernel(x=x[some], y=0.25, w=0.5, b=0.1)
    np.testing.assert_allclose(whole[0][some], part[0], rtol=1e-14)
    same(whole, gm.compile(EVERY, "numpy")(x=x, y=0.25, w=0.5, b=0.1), atol=2e-16)
    total, grads = kernel(x=x, y=0.25, w=0.5, b=0.1, reduce="sum")
    assert total == pytest.approx(math.fsum(whole[0]), rel=4e-15)
    assert grads["b"] == pytest.approx(math.fsum(whole[1]["b"]), rel=1e-13)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_sum_is_that_of_the_samples(dtype: str) -> None:
    rng = np.random.Generator(np.random.PCG64(3))
    x = rng.normal(size=300_001).astype(dtype)
    kernel = gm.compile(gm.derive("L = w*x", wrt="w"), "native")
    total, grads = kernel(w=1.0, x=x, reduce="sum")
    exact = math.fsum(x.tolist())
    # in a block each lane of a vector adds up its numbers, then lanes are added, then, in double
    # and with what rounding takes kept beside it, blocks
    assert abs(float(total) - exact) <= 40 * np.finfo(dtype).eps * float(np.abs(x).sum())
    assert abs(float(grads["w"]) - exact) <= 40 * np.finfo(dtype).eps * float(np.abs(x).sum())
    assert kernel(w=1.0, x=x, reduce="sum")[0] == total


def test_a_mean_does_not_overflow_where_its_sum_does() -> None:
    x = np.full(100_000, 1e35, "float32")
    kernel = gm.compile(gm.derive("L = w*x", wrt="w"), "native")
    assert kernel(w=1.0, x=x, reduce="mean")[0] == pytest.approx(1e35, rel=1e-6)
    with np.errstate(over="ignore"):
        assert kernel(w=1.0, x=x, reduce="sum")[0] == np.inf


@pytest.mark.parametrize("reduce", [None, "sum", "mean"])
@pytest.mark.parametrize("equations", ["L = w*x", "z = w*x; L = tanh(z)*z + exp(-z*z)"])
def test_bits_do_not_depend_on_the_number_of_threads(equations: str, reduce: str | None) -> None:
    x = np.random.Generator(np.random.PCG64(5)).normal(size=200_001)
    d = gm.derive(equations, wrt=["w", "x"])
    one, *more = (
        bits(gm.compile(d, "native", threads=n)(x=x, w=0.75, reduce=reduce)) for n in (1, 2, 3)
    )
    assert more == [one, one]


def test_calls_from_several_threads() -> None:
    kernel = gm.compile(EVERY, "native")
    inputs = [np.linspace(-k, k, 20_000 + k) for k in range(1, 9)]
    want = [bits(kernel(x=x, y=0.25, w=float(len(x)), b=0.1)) for x in inputs]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(5):
            got = pool.map(lambda x: bits(kernel(x=x, y=0.25, w=float(len(x)), b=0.1)), inputs)
            assert list(got) == want


def test_results_are_written_where_asked() -> None:
    kernel = gm.compile(NEURON, "native")
    want = kernel(x=X, y=0.25, w=0.5, b=0.1)
    out = {"L": np.empty(7), "w": np.empty((7, 2))[:, 0]}
    loss, grads = kernel(x=X, y=0.25, w=0.5, b=0.1, out=out)
    assert loss is out["L"]
    assert grads["w"] is out["w"]
    assert bits((loss, grads)) == bits(want)
    x = X.copy()
    loss, grads = kernel(x=x, y=0.25, w=0.5, b=0.1, out={"w": x})
    assert grads["w"] is x
    assert bits((loss, grads)) == bits(want)
    assert not np.shares_memory(*kernel(x=X, y=0.25, w=0.5, b=0.1)[1].values())


def test_what_is_the_same_for_every_sample_and_what_is_an_input() -> None:
    d = gm.derive([("m", "x"), ("L", "3*m + b*b")], wrt=["b", "x", "m"])
    for reduce in (None, "sum", "mean"):
        for x in (X, 0.5):
            same(*both(d, x=x, b=0.1, reduce=reduce))
    only = gm.derive("L = x", wrt="x")
    loss, grads = gm.compile(only, "native")(x=X)
    assert loss is not X
    np.testing.assert_array_equal(loss, X)
    np.testing.assert_array_equal(grads["x"], np.ones(7))


def test_non_finite_values_and_signed_zeros() -> None:
    d = gm.derive([("L", "x*y")], wrt=["x", "y"])
    values = np.array([0.0, -0.0, 5e-324, -1e308, math.inf, -math.inf, math.nan])
    with np.errstate(invalid="ignore", over="ignore"):
        for y in (1.0, -1.0, 1e10):
            (loss, grads), (right, slopes) = both(d, x=values, y=y, check_finite=False)
            np.testing.assert_array_equal(loss, right)
            np.testing.assert_array_equal(np.signbit(loss)[:-1], np.signbit(right)[:-1])
            np.testing.assert_array_equal(grads["y"], slopes["y"])


@pytest.mark.parametrize("place", [0, 3, 511, 40_000, 49_999])
@pytest.mark.parametrize("bad", [math.nan, -math.inf])
@pytest.mark.parametrize("reduce", [None, "mean"])
def test_a_number_that_is_none_is_found_and_named(
    place: int, bad: float, reduce: str | None
) -> None:
    kernel = gm.compile(NEURON, "native")
    y = np.ones(50_000)
    y[place] = bad
    arguments = {"x": np.ones(50_000), "y": y, "w": 1.0, "b": 0.0}
    for given in (arguments, {**arguments, "x": np.ones((50_000, 2))[:, 0]}):
        with pytest.raises(ValueRangeError, match=f"y: got {bad} at flat index {place}"):
            kernel(given, reduce=reduce)
    with pytest.raises(ValueRangeError, match="w: got inf"):
        kernel(x=X, y=0.0, w=math.inf, b=0.0)
    with pytest.raises(ValueRangeError, match="w: got nan"):
        kernel(x=1.0, y=0.0, w=math.nan, b=0.0)


def test_numbers_near_the_largest_are_finite() -> None:
    kernel = gm.compile(gm.derive("L = w + v + x", wrt="w"), "native")
    assert kernel(w=1.7e308, v=-1.7e308, x=1.0)[0] == 1.0
    np.testing.assert_array_equal(kernel(w=1.7e308, v=-1.7e308, x=X)[0], X)


def test_operations_are_those_of_ieee_754() -> None:
    b = Builder()
    x, y = b.input("x", ("*",)), b.input("y", ("*",))
    outputs = {op: b.emit(op, x, y) for op in ("pow", "copysign", "min", "max", "div")}
    outputs |= {op: b.emit(op, x) for op in ("sign", "floor", "sqrt", "abs", "neg", "log")}
    program = b.build(outputs, ["x", "y"])
    edges = [0.0, -0.0, 1.0, -1.0, 2.0, 0.5, -2.5, 5e-324, math.inf, -math.inf, math.nan, 3.0]
    pairs = np.array([(a, c) for a in edges for c in edges]).T.copy()
    for dtype in (np.float64, np.float32):
        values = {"x": pairs[0].astype(dtype), "y": pairs[1].astype(dtype)}
        sizes = {"*": pairs[0].shape}
        with np.errstate(all="ignore"):
            want, _ = NumpyRunner(program).run(values, sizes, np.dtype(dtype), {})
        got, _ = NativeRunner(program).run(values, sizes, np.dtype(dtype), {})
        for name in outputs:
            np.testing.assert_allclose(got[name], want[name], rtol=1e-6, err_msg=name)
            sound = ~np.isnan(want[name])
            np.testing.assert_array_equal(
                np.signbit(got[name])[sound], np.signbit(want[name])[sound], err_msg=name
            )


def test_a_point_without_a_derivative_is_refused() -> None:
    kernel = gm.compile(gm.derive("L = abs(w - x)", wrt="w"), "native")
    assert kernel(w=2.0, x=[1.0, 3.0])[1]["w"].tolist() == [1.0, -1.0]
    for x in ([1.0, 2.0], np.array([1.0, 2.0]), np.linspace(0, 2, 3000), 2.0):
        with pytest.raises(KinkError, match=r"dL/dw.*w - x = 0"):
            kernel(w=2.0, x=x)


def test_arrays_of_another_library_are_refused() -> None:
    with pytest.raises(ArrayLibraryError, match="backend 'native'"):
        gm.compile(NEURON, "native")(x=strict.asarray(X), y=1.0, w=1.0, b=1.0)


NETS = [
    gm.Network(3, [gm.Dense(4, "tanh"), gm.Dense(5, "gelu"), gm.Dense(2)], "softmax_cross_entropy"),
    gm.Network(3, [gm.Dense(3, "silu", residual=True)] * 3 + [gm.Dense(1, "sigmoid")]),
]


@pytest.mark.parametrize("net", NETS)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_networks(net: gm.Network, dtype: str) -> None:
    rng = np.random.Generator(np.random.PCG64(7))
    params = net.init(seed=1, dtype=dtype)
    x = rng.normal(size=(33, 3)).astype(dtype)
    y = rng.integers(0, 2, 33) if net is NETS[0] else rng.normal(size=33).astype(dtype)
    for reduce in ("mean", "sum"):
        got, want = both(gm.derive(net), params, x, y, reduce=reduce)
        (loss, grads), (right, slopes) = got, want
        assert loss.dtype == right.dtype == dtype
        close = {"rtol": 1e-5, "atol": 1e-5} if dtype == "float32" else {"rtol": 1e-12}
        np.testing.assert_allclose(loss, right, **close)
        for name, slope in slopes.items():
            assert grads[name].dtype == dtype
            np.testing.assert_allclose(grads[name], slope, err_msg=name, **close)
    out = {"W1": np.empty_like(params["W1"]), "b1": np.empty_like(params["b1"])}
    _, grads = gm.compile(gm.derive(net), "native")(params, x, y, out=out)
    assert grads["W1"] is out["W1"]
    traced = [gm.compile(gm.derive(net), n).trace(params, x, y)[2] for n in ("native", "numpy")]
    for name in traced[1]:
        np.testing.assert_allclose(traced[0][name], traced[1][name], rtol=1e-4, atol=1e-6)
