"""Kernels of named equations: values, shapes, types, reductions, out=, threads, backends."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import array_api_strict as strict
import numpy as np
import pytest

import gradmath as gm
from gradmath.catalogue import activations as declared
from gradmath.errors import (
    ArgumentTypeError,
    ArrayLibraryError,
    GradmathError,
    KinkError,
    ShapeError,
    UnknownNameError,
    ValueRangeError,
)
from gradmath.kernels.array_api.runner import ArrayRunner
from gradmath.kernels.numpy.runner import NumpyRunner
from gradmath.program import program_of

NEURON = gm.derive([("z", "w*x + b"), ("a", "sigmoid(z)"), ("L", "(a - y)**2")], wrt=["w", "b"])
X = np.linspace(-3.0, 3.0, 7)
DEVICE = strict.Device("device1")  # where np.asarray raises, so no silent detour through NumPy


def by_hand(x: np.ndarray, y: np.ndarray, w: float, b: float) -> tuple[np.ndarray, ...]:
    a = 1 / (1 + np.exp(-(w * x + b)))
    slope = 2 * (a - y) * a * (1 - a)
    return (a - y) ** 2, slope * x, slope


@pytest.mark.parametrize("backend", ["auto", "numpy", "array_api"])
def test_values_per_sample(backend: str) -> None:
    loss, grads = gm.compile(NEURON, backend)(x=X, y=1.0, w=0.5, b=0.1)
    expected = by_hand(X, np.ones(7), 0.5, 0.1)
    for got, want in zip((loss, grads["w"], grads["b"]), expected, strict=True):
        assert got.dtype == np.float64
        assert got.shape == (7,)
        np.testing.assert_allclose(got, want, rtol=1e-14)


@pytest.mark.parametrize("reduce", ["sum", "mean"])
def test_reductions_give_each_argument_its_own_shape(reduce: str) -> None:
    kernel = gm.compile(gm.derive(NEURON.equations, wrt=["w", "b", "x"]))
    x, y, b = X[:, None], X[None, :3] / 4, np.array([[0.1], [0.2]])[:, None]
    loss, grads = kernel(x=x, y=y, w=0.5, b=b, reduce=reduce)
    full = by_hand(x, y, 0.5, b)
    scale = full[0].size if reduce == "mean" else 1
    assert math.isclose(loss, full[0].sum() / scale, rel_tol=1e-14)
    assert math.isclose(grads["w"], full[1].sum() / scale, rel_tol=1e-13)
    assert grads["b"].shape == b.shape
    np.testing.assert_allclose(grads["b"], full[2].sum(axis=(1, 2), keepdims=True) / scale)
    assert grads["x"].shape == x.shape
    np.testing.assert_allclose(
        grads["x"], (full[2] * 0.5).sum(axis=(0, 2)).reshape(x.shape) / scale, rtol=1e-13
    )


def test_python_numbers_give_python_numbers() -> None:
    loss, grads = gm.compile(NEURON)(x=1, y=0, w=0.5, b=0.1)
    assert type(loss) is float
    assert type(grads["w"]) is float


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_floating_type_is_kept(dtype: str) -> None:
    loss, grads = gm.compile(NEURON)(x=X.astype(dtype), y=1.0, w=0.5, b=0.1)
    assert loss.dtype == grads["w"].dtype == np.dtype(dtype)


@pytest.mark.parametrize("reduce", [None, "mean"])
def test_a_double_of_numpys_is_a_double(reduce: str | None) -> None:
    kernel = gm.compile(gm.derive("L=(sigmoid(w*x) - y)**2", wrt="w"))
    for dtype, expected in [("float64", "float64"), ("float32", "float64")]:
        x = np.linspace(-3, 3, 7, dtype=dtype)
        loss, grads = kernel(x=x, y=x, w=np.float64(0.3), reduce=reduce)
        assert {loss.dtype, grads["w"].dtype} == {np.dtype(expected)}
        wide = x.astype("float64")
        same, same_grads = kernel(x=wide, y=wide, w=0.3, reduce=reduce)
        np.testing.assert_array_equal([loss, grads["w"]], [same, same_grads["w"]])


def test_types_are_promoted_and_integers_count_as_float64() -> None:
    kernel = gm.compile(NEURON)
    assert kernel(x=np.arange(3), y=1, w=0.5, b=0.1)[0].dtype == np.float64
    assert kernel(x=np.float32([1]), y=np.float64([1]), w=1.0, b=0.0)[0].dtype == np.float64
    assert kernel(x=[1, 2], y=0.0, w=1.0, b=0.0)[0].shape == (2,)


def test_float16_is_computed_in_float32_and_rounded_once() -> None:
    x = np.linspace(-8, 8, 99, dtype=np.float16)
    loss, grads = gm.compile(NEURON)(x=x, y=1.0, w=0.5, b=0.1)
    wide, wide_grads = gm.compile(NEURON)(x=x.astype(np.float32), y=1.0, w=0.5, b=0.1)
    assert np.array_equal(loss, wide.astype(np.float16))
    assert np.array_equal(grads["w"], wide_grads["w"].astype(np.float16))


def test_the_array_api_backend_needs_no_numpy() -> None:
    x = strict.asarray(X, device=DEVICE)
    for backend in ("array_api", "auto"):
        loss, grads = gm.compile(NEURON, backend)(x=x, y=1.0, w=0.5, b=0.1)
        assert loss.device == DEVICE
        assert grads["w"].dtype == strict.float64
        host = np.asarray(loss.to_device(strict.Device("CPU_DEVICE")))
        np.testing.assert_allclose(host, by_hand(X, np.ones(7), 0.5, 0.1)[0])
    mean, _ = gm.compile(NEURON, "array_api")(x=x, y=1.0, w=0.5, b=0.1, reduce="mean")
    assert mean.shape == ()


@pytest.mark.parametrize("name", list(declared))
def test_all_runners_agree_on_every_activation(name: str) -> None:
    d = gm.derive([("z", "w*x + b"), ("a", f"{name}(z)"), ("L", "(a - y)**2")], wrt=["w", "b"])
    program = program_of(d, {"w", "b", "y"})
    x = np.concatenate([X * 5, [700.0, -700.0, 1e-300, 1e160, -1e160]])
    values = {"x": x, **{n: np.float64(v) for n, v in {"w": 1.3, "b": 0.2, "y": 0.1}.items()}}
    sizes = {"*": x.shape}
    with np.errstate(over="ignore"):  # (1e160 - y)^2 is beyond the range: inf is the answer
        expected, _ = NumpyRunner(program).run(values, sizes, np.float64, {})
        plain = ArrayRunner(program, np).run(values, sizes, np.float64, {})[0]
    for key, want in expected.items():
        assert not np.isnan(want).any()
        np.testing.assert_allclose(plain[key], want, rtol=1e-13, atol=0)


def test_out_arrays_are_written_and_may_be_inputs() -> None:
    kernel = gm.compile(NEURON)
    expected, grads = kernel(x=X, y=1.0, w=0.5, b=0.1)
    out = {"L": np.empty(7), "w": np.empty(7)}
    loss, got = kernel(x=X, y=1.0, w=0.5, b=0.1, out=out)
    assert loss is out["L"]
    assert got["w"] is out["w"]
    assert np.array_equal(loss, expected)
    x = X.copy()
    _, got = kernel(x=x, y=1.0, w=0.5, b=0.1, out={"w": x})
    assert got["w"] is x
    assert np.array_equal(x, grads["w"])
    total = np.empty(())
    kernel(x=X, y=1.0, w=0.5, b=0.1, reduce="sum", out={"w": total})
    assert math.isclose(total, grads["w"].sum(), rel_tol=1e-14)


def test_results_do_not_change_with_the_next_call() -> None:
    kernel = gm.compile(NEURON)
    loss, grads = kernel(x=X, y=1.0, w=0.5, b=0.1)
    kept = loss.copy(), grads["w"].copy()
    kernel(x=-X, y=0.0, w=2.5, b=1.1)
    assert np.array_equal(loss, kept[0])
    assert np.array_equal(grads["w"], kept[1])


def test_one_kernel_serves_many_threads() -> None:
    kernel = gm.compile(NEURON)
    rng = np.random.Generator(np.random.PCG64(0))
    inputs = [rng.normal(size=20_000) for _ in range(12)]
    expected = [kernel(x=x, y=1.0, w=0.5, b=0.1)[1]["w"].copy() for x in inputs]
    with ThreadPoolExecutor(6) as pool:
        got = list(pool.map(lambda x: kernel(x=x, y=1.0, w=0.5, b=0.1)[1]["w"], inputs * 4))
    for result, want in zip(got, expected * 4, strict=True):
        assert np.array_equal(result, want)


def test_shared_subexpressions_are_computed_once() -> None:
    source = gm.compile(NEURON, "numpy").source
    near, block = source[source.index("def near(") :].split("def block(")
    assert near.count("exp(") == block.count("exp(") == 1


@pytest.mark.parametrize(
    ("arguments", "error", "word"),
    [
        ({"x": 1.0}, ArgumentTypeError, "no value for"),
        ({"x": 1.0, "y": 1.0, "w": 1.0, "b": 1.0, "q": 1.0}, UnknownNameError, "'q'"),
        ({"x": [], "y": 1.0, "w": 1.0, "b": 1.0}, ValueRangeError, "x: got an empty"),
        ({"x": math.nan, "y": 1.0, "w": 1.0, "b": 1.0}, ValueRangeError, "x: got nan"),
        ({"x": [1.0, math.inf], "y": 1.0, "w": 1.0, "b": 1.0}, ValueRangeError, "flat index 1"),
        ({"x": X, "y": X[:3], "w": 1.0, "b": 1.0}, ShapeError, r"y: got shape \(3,\)"),
        ({"x": "1", "y": 1.0, "w": 1.0, "b": 1.0}, ArgumentTypeError, "x: got str"),
        ({"x": 1j, "y": 1.0, "w": 1.0, "b": 1.0}, ArgumentTypeError, "complex"),
        ({"x": [[1], [1, 2]], "y": 1.0, "w": 1.0, "b": 1.0}, ShapeError, "lengths"),
        ({"x": np.array(["a"]), "y": 1.0, "w": 1.0, "b": 1.0}, ArgumentTypeError, "x"),
        ({"x": strict.asarray(X), "y": X, "w": 1.0, "b": 1.0}, ArrayLibraryError, "x and y"),
        ({"x": X, "y": 1.0, "w": 1.0, "b": 1.0, "reduce": "average"}, UnknownNameError, "reduce"),
        ({"x": X, "y": 1.0, "w": 1.0, "b": 1.0, "out": {"q": X}}, UnknownNameError, "out"),
        ({"x": X, "y": 1.0, "w": 1.0, "b": 1.0, "out": {"w": [1]}}, ArgumentTypeError, "out"),
        ({"x": X, "y": 1.0, "w": 1.0, "b": 1.0, "out": {"w": np.empty(3)}}, ShapeError, "out"),
        (
            {"x": X, "y": 1.0, "w": 1.0, "b": 1.0, "out": {"w": np.empty(7, "float32")}},
            ArgumentTypeError,
            "out",
        ),
    ],
)
def test_bad_arguments_are_named(arguments: dict, error: type[GradmathError], word: str) -> None:
    with pytest.raises(error, match=word):
        gm.compile(NEURON)(**arguments)


def test_non_finite_values_pass_when_asked_to() -> None:
    kernel = gm.compile(NEURON)
    with np.errstate(invalid="ignore"):
        loss, grads = kernel(x=math.inf, y=1.0, w=1.0, b=0.0, check_finite=False)
    assert loss == 0
    assert math.isnan(grads["w"])  # inf times 0


def test_a_point_without_a_derivative_is_refused() -> None:
    kernel = gm.compile(gm.derive("L = abs(w - x)", wrt="w"))
    assert kernel(w=2.0, x=[1.0, 3.0])[1]["w"].tolist() == [1.0, -1.0]
    with pytest.raises(KinkError, match=r"dL/dw.*w - x = 0"):
        kernel(w=2.0, x=[1.0, 2.0])
    declared_kink = gm.compile(gm.derive("L = relu(w)", wrt="w"))
    assert declared_kink(w=0.0)[1]["w"] == 0.0


def test_backends_are_asked_for_by_name() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'numpy'"):
        gm.compile(NEURON, "numpi")
    with pytest.raises(ArrayLibraryError, match="array_api"):
        gm.compile(NEURON, "numpy")(x=strict.asarray(X), y=1.0, w=1.0, b=1.0)
    with pytest.raises(ArgumentTypeError, match="derivation"):
        gm.compile("L = x")  # type: ignore[arg-type]  # on purpose


def test_names_that_are_options_go_in_a_mapping() -> None:
    kernel = gm.compile(gm.derive("L = reduce*out"))
    assert kernel({"reduce": 2.0, "out": 3.0}) == (6.0, {"reduce": 3.0, "out": 2.0})


@pytest.mark.parametrize("backend", ["numpy", "array_api"])
def test_no_name_collides_with_the_generated_source(backend: str) -> None:
    kernel = gm.compile(gm.derive("L = t3*work + t4*t3_*np*xp"), backend)
    values = {"t3": 2.0, "t3_": 3.0, "t4": 5.0, "work": 7.0, "np": 11.0, "xp": 13.0}
    loss, grads = kernel({name: np.array([value]) for name, value in values.items()})
    assert loss.tolist() == [2 * 7 + 5 * 3 * 11 * 13]
    assert grads["t3"].tolist() == [7.0]


@pytest.mark.parametrize(
    "text",
    [
        "1/(1 + exp(-z))",
        "exp(z)/(1 + exp(z))",
        "log(1 + exp(z))",
        "(exp(z) - exp(-z))/(exp(z) + exp(-z))",
        "1/(1 + exp(-(c*z)))",
        "z/(1 + exp(-z))",
        "log(1 + exp(z)) - z + c",
        "c*log(1 + exp(z)) + log(1 + exp(-c))",
    ],
)
def test_typed_formulas_neither_overflow_nor_vanish_early(text: str) -> None:
    d = gm.derive([("L", text)], wrt="z")
    values = {"z": np.array([-800.0, -700.0, 700.0, 800.0])}
    loss, grads = gm.compile(d)({**values, **({"c": 1.0} if "c" in d.inputs else {})})
    assert np.isfinite(loss).all()
    assert np.isfinite(grads["z"]).all()
    if text != "(exp(z) - exp(-z))/(exp(z) + exp(-z))":  # sech^2(700) is truly below the range
        assert grads["z"][1] != 0


@pytest.mark.parametrize(
    ("text", "value", "slope"),
    [
        ("log(1 - sigmoid(z))", -100.0, -1.0),
        ("log(sigmoid(-z))", -100.0, -1.0),
        ("-(y*log(sigmoid(z)) + (1 - y)*log(1 - sigmoid(z)))", 75.0, 0.75),
        ("1 - sigmoid(z)", math.exp(-100), -math.exp(-100)),
        ("y*(1 - tanh(z)**2)", math.exp(-200), -2 * math.exp(-200)),
        ("(1 - tanh(z))**2", 4 * math.exp(-400), -16 * math.exp(-400)),
        ("sqrt(1 - tanh(z)**2)", 2 * math.exp(-100), -2 * math.exp(-100)),
    ],
)
def test_catalogue_functions_do_not_cancel_within_an_equation(
    text: str, value: float, slope: float
) -> None:
    """To leading order at z = 100, where each function alone is 0 or 1 in double precision."""
    d = gm.derive([("L", text)], wrt="z")
    loss, grads = gm.compile(d)({"z": 100.0, **({"y": 0.25} if "y" in d.inputs else {})})
    assert math.isclose(loss, value, rel_tol=1e-13)
    assert math.isclose(grads["z"], slope, rel_tol=1e-13)


@pytest.mark.parametrize(
    "text", ["erfc(x)", "w*erfc(x)", "erf(w + 30*x)*erfc(x)", "w*(1 - erf(x))", "w*(2 - erfc(-x))"]
)
def test_typed_error_functions_keep_their_tails(text: str) -> None:
    kernel = gm.compile(gm.derive([("L", text)]))
    for at, true in ((5.0, 1.5374597944280349e-12), (26.0, 5.663192408856143e-296), (30.0, 0.0)):
        loss, _ = kernel({name: {"x": at, "w": 1.0}[name] for name in kernel.derivation.inputs})
        assert math.isclose(loss, true, rel_tol=1e-14)


@pytest.mark.parametrize(
    ("text", "slope"),
    [
        ("log(2 + exp(hard_tanh(x)))", 0.0),
        ("exp(abs(x))/(1 + exp(abs(x)))", -math.exp(-2) / (1 + math.exp(-2)) ** 2),
        ("log(1 + exp(2*relu(x)))", 0.0),
        ("max(x, 1)*exp(-abs(x))", math.exp(-2)),
        ("abs(sqrt(-x) + x)", 1 / (2 * math.sqrt(2)) - 1),
        ("abs((-x)**1.5)", -1.5 * math.sqrt(2)),
    ],
)
def test_a_branch_beside_an_exponential_is_taken_at_its_own_argument(
    text: str, slope: float
) -> None:
    _, grads = gm.compile(gm.derive([("L", text)]))(x=np.array([-2.0]))
    assert math.isclose(grads["x"][0], slope, rel_tol=1e-14)


def test_an_intermediate_may_be_a_constant() -> None:
    kernel = gm.compile(gm.derive("c = silu(1); L = exp(c)*x; M = L + exp(c)"))
    for x in (2.0, np.array([2.0])):
        loss, grads = kernel(x=x)
        assert math.isclose(float(np.sum(loss)), 3 * math.exp(1 / (1 + math.exp(-1))))
        assert math.isclose(float(np.sum(grads["x"])), math.exp(1 / (1 + math.exp(-1))))
    assert gm.compile(gm.derive("c = w - w; L = exp(c)*x; M = exp(c)"))(x=1.0) == (1.0, {"x": 0.0})


def test_an_output_named_like_a_derivative_is_not_overwritten_by_it() -> None:
    kernel = gm.compile(gm.derive([("dw", "w*x")], wrt="w"))
    assert kernel(w=2.0, x=3.0) == (6.0, {"w": 3.0})
