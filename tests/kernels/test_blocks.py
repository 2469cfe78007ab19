"""NumPy kernels in blocks: the same bits for any layout, number of threads and destination."""

from __future__ import annotations

import math
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gradmath as gm
from gradmath.errors import ArgumentTypeError, KinkError, ValueRangeError
from gradmath.kernels.numpy import blocks as blocks
from gradmath.kernels.numpy import calls as numpy_calls
from gradmath.kernels.numpy import compiled as numpy_compiled
from gradmath.kernels.numpy import runner as numpy_runner
from gradmath.kernels.numpy.blocks import MOST, block_length, cut
from gradmath.kernels.numpy.forms import numpy_program
from gradmath.program import Builder

NEURON = gm.derive([("z", "w*x + b"), ("a", "sigmoid(z)"), ("L", "(a - y)**2")], wrt=["w", "b"])
LARGE = 3 * MOST + 1234


def data(size: int, dtype: str = "float64") -> dict[str, Any]:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=size) * 3, rng.uniform(size=size)
    return {"x": x.astype(dtype), "y": y.astype(dtype), "w": 0.7, "b": -0.2}


def same(one: tuple[Any, Any], two: tuple[Any, Any]) -> bool:
    """Whether two results have the same bits."""
    names = one[1].keys() == two[1].keys()
    return names and all(
        np.asarray(a).tobytes() == np.asarray(b).tobytes()
        for a, b in zip([one[0], *one[1].values()], [two[0], *two[1].values()], strict=True)
    )


@given(
    st.lists(st.integers(1, 15), min_size=1, max_size=4).map(tuple),
    st.integers(20, 500),
)
def test_blocks_cover_every_entry_once(shape: tuple[int, ...], length: int) -> None:
    counts = np.zeros(shape, int)
    for index in cut(shape, length):
        assert counts[index].size <= length
        counts[index] += 1
    assert (counts == 1).all()


def test_blocks_are_about_equal() -> None:
    sizes = [block.stop - block.start for (block,) in cut((1_000_001,), 2**16)]
    assert max(sizes) - min(sizes) < 20


def test_a_block_of_few_buffers_fits_the_cache() -> None:
    for dtype in (np.dtype("float32"), np.dtype("float64")):
        assert block_length(4, dtype) * 4 * dtype.itemsize <= blocks.CACHE
    assert block_length(10**6, np.dtype("float64")) == blocks.FEWEST


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("reduce", [None, "sum", "mean"])
def test_threads_change_no_bit(reduce: Any, dtype: str) -> None:
    values = data(LARGE, dtype)
    one = gm.compile(NEURON, "numpy")(**values, reduce=reduce)
    for threads in (2, 3, 8):
        assert same(one, gm.compile(NEURON, "numpy", threads=threads)(**values, reduce=reduce))


@pytest.mark.parametrize("length", [1000, 4097, 10**9])
def test_blocks_change_no_entry_and_sums_by_rounding_alone(
    length: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = data(20_001)
    one = gm.compile(NEURON, "numpy")(**values)
    mean, grads = gm.compile(NEURON, "numpy")(**values, reduce="mean")
    monkeypatch.setattr(numpy_compiled, "block_length", lambda buffers, dtype: length)
    assert same(one, gm.compile(NEURON, "numpy")(**values))
    other, other_grads = gm.compile(NEURON, "numpy")(**values, reduce="mean")
    assert math.isclose(mean, other, rel_tol=1e-14)
    assert math.isclose(grads["w"], other_grads["w"], rel_tol=1e-12)


@pytest.mark.parametrize("reduce", [None, "sum"])
def test_the_layout_in_memory_changes_no_bit(reduce: Any) -> None:
    kernel = gm.compile(NEURON, "numpy")
    shape = (700, 611)
    flat = data(shape[0] * shape[1])
    plain = {name: np.reshape(v, shape) if np.ndim(v) else v for name, v in flat.items()}
    expected = kernel(**plain, reduce=reduce)
    wide = np.zeros((shape[0], 2 * shape[1]))
    wide[:, ::2] = plain["x"]
    for x in (np.asfortranarray(plain["x"]), wide[:, ::2], plain["x"][::-1].copy()[::-1]):
        assert same(expected, kernel(**{**plain, "x": x}, reduce=reduce))
    column = {**plain, "x": plain["x"][:, :1]}
    spread = {**plain, "x": np.repeat(plain["x"][:, :1], shape[1], axis=1)}
    assert same(kernel(**spread, reduce=reduce), kernel(**column, reduce=reduce))


def test_sums_are_those_of_the_samples() -> None:
    values = data(LARGE)
    loss, grads = gm.compile(NEURON, "numpy")(**values)
    total, sums = gm.compile(NEURON, "numpy")(**values, reduce="sum")
    assert math.isclose(total, math.fsum(loss), rel_tol=1e-13)
    for name in grads:
        scale = math.fsum(np.abs(grads[name]))
        assert abs(sums[name] - math.fsum(grads[name])) <= 1e-14 * scale


def test_a_long_mean_in_single_precision_is_accurate() -> None:
    values = data(LARGE, "float32")
    loss, _ = gm.compile(NEURON, "numpy")(**values)
    mean, _ = gm.compile(NEURON, "numpy")(**values, reduce="mean")
    exact = math.fsum(loss.astype(float)) / LARGE
    assert abs(float(mean) - exact) <= 4 * np.spacing(np.float32(exact))


def test_a_mean_needs_no_memory_for_every_sample() -> None:
    values = data(40 * MOST, "float32")
    kernel = gm.compile(NEURON, "numpy")
    kernel(**values, reduce="mean")
    tracemalloc.start()
    try:
        kernel(**values, reduce="mean")
        assert tracemalloc.get_traced_memory()[1] < values["x"].nbytes / 4
    finally:
        tracemalloc.stop()


def test_results_may_go_where_the_arguments_are_and_into_views() -> None:
    kernel = gm.compile(NEURON, "numpy")
    values = data(LARGE)
    expected = kernel(**values)
    x, y = values["x"].copy(), values["y"].copy()
    kernel(x=x, y=y, w=0.7, b=-0.2, out={"w": x, "L": y})
    assert np.array_equal(x, expected[1]["w"])
    assert np.array_equal(y, expected[0])
    shifted = np.concatenate([values["x"], [0.0]])  # the result overlaps what is still to be read
    kernel(**{**values, "x": shifted[:-1]}, out={"L": shifted[1:]})
    assert np.array_equal(shifted[1:], expected[0])
    wide = np.zeros(2 * LARGE)
    loss, _ = kernel(**values, out={"L": wide[::2]})
    assert np.array_equal(wide[::2], expected[0])
    assert not wide[1::2].any()
    assert np.array_equal(loss, expected[0])


def test_one_kernel_serves_many_threads_and_sizes() -> None:
    kernel = gm.compile(NEURON, "numpy", threads=2)
    sizes = [1, 7, 10_000, MOST + 5, 300_000, 3, LARGE]
    expected = [kernel(**data(size)) for size in sizes]
    with ThreadPoolExecutor(6) as pool:
        for _ in range(3):
            got = pool.map(lambda size: kernel(**data(size)), sizes)
            assert all(same(a, b) for a, b in zip(expected, got, strict=True))


@pytest.mark.parametrize("place", [0, LARGE // 2, LARGE - 1])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_found_in_any_block(place: int, bad: float) -> None:
    values = data(LARGE)
    values["y"][place] = bad
    kernel = gm.compile(NEURON, "numpy", threads=2)
    with pytest.raises(ValueRangeError, match=rf"y: got {bad} at flat index {place}"):
        kernel(**values)
    assert not np.isfinite(kernel(**values, check_finite=False)[0][place])
    assert kernel(**data(LARGE))[0].shape == (LARGE,)  # and the kernel is as good as before


def test_a_kink_is_found_in_any_block() -> None:
    kernel = gm.compile(gm.derive("L = abs(x)*y", wrt="x"), "numpy", threads=2)
    x = np.ones(LARGE)
    kernel(x=x, y=1.0)
    x[LARGE - 2] = 0.0
    with pytest.raises(KinkError, match="x = 0"):
        kernel(x=x, y=1.0)


def test_a_long_program_is_followed_to_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiled or followed call by call: arrays, sums, guards and numbers alone."""
    given = gm.derive("u = abs(w)*x; s = silu(u); L = max(s, v) + gelu(w)*elu(b)", wrt="x, w, b")
    cases = [data(1000), {**data(1000), "w": np.linspace(1, 2, 1000)}, {"x": 1.5, "w": 2.0, "b": 1}]
    results = []
    for length in (10**6, 0):
        monkeypatch.setattr(numpy_calls, "LONG", length)
        kernel = gm.compile(given, "numpy")
        for case in cases:
            values = {**{n: v for n, v in case.items() if n != "y"}, "v": 0.25}
            results += [kernel(**values), kernel(**values, reduce="sum")]
    half = len(results) // 2
    assert all(same(a, b) for a, b in zip(results[:half], results[half:], strict=True))
    with pytest.raises(KinkError, match="w = 0"):
        kernel(x=np.ones(3), w=0.0, b=1.0, v=1.0)


def test_results_that_are_inputs_or_numbers_are_summed() -> None:
    size = 2 * MOST + 3
    x = np.arange(size, dtype=float)
    loss, grads = gm.compile(gm.derive("L = x*w + v", wrt="w, v"), "numpy")(
        x=x, w=2.0, v=1.0, reduce="sum"
    )
    assert grads["w"] == x.sum()
    assert grads["v"] == size
    assert loss == 2 * x.sum() + size


def test_arrays_of_the_other_byte_order_are_taken() -> None:
    values = data(100)
    swapped = {n: v.astype(">f8") if np.ndim(v) else v for n, v in values.items()}
    expected = gm.compile(NEURON, "numpy")(**values)[0]
    assert np.array_equal(gm.compile(NEURON, "numpy")(**swapped)[0], expected)
    assert np.array_equal(gm.sigmoid(swapped["x"]), gm.sigmoid(values["x"]))


@pytest.mark.parametrize("threads", [0, -1, 1.5, True, "2"])
def test_threads_are_a_positive_integer(threads: Any) -> None:
    with pytest.raises((ArgumentTypeError, ValueRangeError), match="threads"):
        gm.compile(NEURON, threads=threads)


@given(st.lists(st.floats(width=32), min_size=3, max_size=3), st.integers(0, 2))
def test_choices_on_bits_are_choices(numbers: list[float], which: int) -> None:
    """`where` on every pattern of arrays and numbers, against np.where itself."""
    x, yes, no = (np.array([value, 1.0, -value], np.float32) for value in numbers)
    b = Builder()
    condition = b.emit("lt", b.const(0.0), b.input("x", ("*",)))
    left, right = b.input("yes", ("*",)), b.input("no", ("*",))
    zero, number, minus = b.const(0.0), b.const(2.5), b.const(-7.0)
    pairs = [(left, right), (zero, right), (left, zero), (number, minus), (left, number),
             (minus, right), (b.const(1.0), zero)]  # fmt: skip
    outputs = {str(k): b.emit("where", condition, *pair) for k, pair in enumerate(pairs)}
    outputs["nan"] = b.emit("where", b.emit("ne", left, left), left, right)
    program = b.build(outputs, ["x", "yes", "no"])
    runner = numpy_runner.NumpyRunner(program)
    values = {"x": x, "yes": yes, "no": no}
    got, _ = runner.run(values, {"*": (3,)}, np.float32, {})
    constants = {zero: 0.0, number: 2.5, minus: -7.0, left: yes, right: no}
    for k, (a, c) in enumerate(pairs):
        one, two = constants.get(a, 1.0), constants.get(c, 1.0)
        want = np.where(x > 0, np.float32(one), np.float32(two)).astype(np.float32)
        assert np.array_equal(got[str(k)].view(np.int32), want.view(np.int32))
    assert np.array_equal(got["nan"], np.where(np.isnan(yes), yes, no), equal_nan=True)


def test_the_exponential_below_one_is_chosen_by_a_maximum() -> None:
    program = numpy_program(gm.program.program_of(NEURON, {"w", "b"}))
    ops = [item.op for item in program.instructions]
    assert "where" not in ops
    assert {"neg_abs", "one_or"} <= set(ops)


def test_an_exponential_is_hastened_where_its_error_may_stand() -> None:
    """exp(-|z|) in quotients of itself, 1 and powers of 1 + exp(-|z|); nowhere else."""

    def operations(right: str) -> list[str]:
        program = gm.program.program_of(gm.derive([("L", right)]))
        return [item.op for item in numpy_program(program).instructions]

    assert operations("sigmoid(z)").count("quick_exp") == 1
    assert "exp" not in operations("sigmoid(w*x)**2")
    for right in ("mish(z)", "gelu(z)", "sigmoid(z) + exp(-abs(z))", "exp(z)", "tanh(z)"):
        assert "quick_exp" not in operations(right)


def test_a_negation_undone_is_not_computed() -> None:
    b = Builder()
    x = b.input("x", ("*",))
    minus = b.emit("neg", x)
    assert b.emit("neg", minus) == x
    assert b.mul(minus, b.const(-1.0)) == x
    assert b.mul(minus, b.const(2.0)) == b.mul(x, b.const(-2.0))


@pytest.mark.parametrize("backend", ["numpy", "auto"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_short_way_and_the_general_way_agree(dtype: str, backend: str) -> None:
    """The same call with its arguments by name, which may be short, and in a mapping."""
    kernel = gm.compile(NEURON, backend)
    for size in (1, 2, 1000):
        values = data(size, dtype)
        for reduce in (None, "sum", "mean"):
            short, general = kernel(**values, reduce=reduce), kernel(values, reduce=reduce)
            assert same(short, general)
            assert type(short[0]) is type(general[0])
            assert np.asarray(short[0]).dtype == np.dtype(dtype)
    values = data(50, dtype)
    expected = kernel(values)
    out = {"w": np.empty(50, dtype)}
    loss, grads = kernel(**values, out=out)
    assert grads["w"] is out["w"]
    assert same((loss, grads), expected)
    kernel(**values, out={"b": values["y"]})  # where an argument is read from
    assert np.array_equal(values["y"], expected[1]["b"])


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"x": np.array([1.0, np.nan])}, "flat index 1"),
        ({"w": math.inf}, "w: got inf"),
        ({"x": np.ones(3)}, "broadcasts"),
        ({"x": np.empty(0), "y": np.empty(0)}, "empty"),
        ({"out": {"w": np.empty(3)}}, "shape"),
        ({"out": {"q": np.empty(2)}}, "q"),
        ({"out": {"w": np.empty(2, "float32")}}, "float32"),
        ({"reduce": "max"}, "reduce"),
        ({"v": 1.0}, "v"),
    ],
)
def test_the_short_way_leaves_errors_to_the_general_way(changed: Any, word: str) -> None:
    kernel = gm.compile(NEURON, "numpy")
    values = {"x": np.ones(2), "y": np.ones(2), "w": 1.0, "b": 0.0}
    kernel(**values)
    with pytest.raises(gm.errors.GradmathError, match=word):
        kernel(**{**values, **changed})


@pytest.mark.parametrize("size", [5, 1_000_000])
def test_what_is_the_same_everywhere_needs_no_blocks(size):
    x = np.linspace(-1, 1, size)
    slope = gm.identity.derivative(x)
    assert slope.shape == x.shape
    assert (slope == 1).all()
    kernel = gm.compile(gm.derive([("L", "3*x")], wrt=["x"]), backend="numpy")
    assert (kernel(x=x)[1]["x"] == 3).all()
    total = kernel(x=x, reduce="sum")[1]["x"]
    assert (total == 3).all()
