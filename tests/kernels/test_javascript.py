"""JavaScript kernels in Node.js: against NumPy's, against the oracle, and as text."""

from __future__ import annotations

import json
import math
import multiprocessing
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import array_api_strict as strict
import numpy as np
import pytest

import gradmath as gm
from gradmath.errors import ArrayLibraryError, BackendError, KinkError, ValueRangeError
from gradmath.kernels.javascript import node as javascript_node
from gradmath.kernels.javascript.node import NodeProcess, node_program
from gradmath.kernels.javascript.runner import JavascriptRunner
from gradmath.kernels.numpy.runner import NumpyRunner
from gradmath.program import Builder, softmax_cross_entropy

NEURON = gm.derive([("z", "w*x + b"), ("a", "sigmoid(z)"), ("L", "(a - y)**2")], wrt=["w", "b"])
KERNEL = gm.compile(NEURON, "javascript")
X = np.linspace(-3.0, 3.0, 7)


def both(derivation: gm.Derivation, *arguments: object, **named: object) -> list:
    return [
        gm.compile(derivation, backend)(*arguments, **named) for backend in ("javascript", "numpy")
    ]


def same(got: tuple, want: tuple, rtol: float = 1e-14) -> None:
    """Values, and before them the types and shapes."""
    (loss, grads), (right, slopes) = got, want
    assert list(grads) == list(slopes)
    for one, other in ((loss, right), *((grads[n], slopes[n]) for n in slopes)):
        assert type(one) is type(other)
        assert np.shape(one) == np.shape(other)
        assert np.asarray(one).dtype == np.asarray(other).dtype
        np.testing.assert_allclose(one, other, rtol=rtol, atol=1e-300)


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


def test_one_kernel_serves_many_threads() -> None:
    rng = np.random.Generator(np.random.PCG64(0))
    inputs = [rng.normal(size=2_000) for _ in range(12)]
    expected = [KERNEL(x=x, y=1.0, w=0.5, b=0.1)[1]["w"] for x in inputs]
    with ThreadPoolExecutor(6) as pool:
        got = list(pool.map(lambda x: KERNEL(x=x, y=1.0, w=0.5, b=0.1)[1]["w"], inputs * 4))
    for result, want in zip(got, expected * 4, strict=True):
        assert np.array_equal(result, want)


def _mean(scale: float) -> float:
    return float(KERNEL(x=scale * X, y=1.0, w=0.5, b=0.1, reduce="mean")[0])


@pytest.mark.skipif(
    "fork" not in multiprocessing.get_all_start_methods(), reason="there is no fork here"
)
def test_forked_processes_ask_a_node_of_their_own() -> None:
    scales = [float(k) for k in range(8)]
    want = [_mean(scale) for scale in scales]
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.map(_mean, scales, chunksize=1) == want
    assert [_mean(scale) for scale in scales] == want


def test_a_process_that_ended_is_replaced_and_its_last_words_are_told() -> None:
    KERNEL(x=X, y=1.0, w=0.5, b=0.1)
    first = javascript_node._shared
    assert first is not None
    javascript_node.close()
    assert not first.running
    KERNEL(x=X, y=1.0, w=0.5, b=0.1)
    other = NodeProcess()
    other._process.kill()
    other._process.wait()
    with pytest.raises(BackendError, match="ended with"):
        other.evaluate(KERNEL.source, {}, {"samples": 1}, np.float64)
    other.close()


def test_an_error_in_a_module_is_told_and_harms_nothing() -> None:
    with pytest.raises(BackendError, match="SyntaxError"):
        javascript_node.evaluate("export const 5;", {}, {}, np.float64)
    with pytest.raises(BackendError, match="out of range"):
        javascript_node.evaluate(
            "export function evaluate() { throw new RangeError('out of range') }", {}, {}, "float64"
        )
    assert KERNEL(x=0.0, y=0.0, w=1.0, b=0.0)[0] == 0.25


def test_without_node_there_is_the_source_and_a_clear_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    javascript_node.close()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    kernel = gm.compile(NEURON, "javascript")
    assert "export function run" in kernel.source
    with pytest.raises(BackendError, match=r"pip install 'gradmath\[javascript\]'"):
        kernel(x=X, y=1.0, w=0.5, b=0.1)


def test_node_is_taken_from_the_path_where_there_is_no_wheel(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert Path(node_program()).is_file()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr(shutil, "which", lambda name: f"/somewhere/{name}")
    assert node_program() == "/somewhere/node"


def test_arrays_of_another_library_are_refused() -> None:
    with pytest.raises(ArrayLibraryError, match="backend 'javascript'"):
        KERNEL(x=strict.asarray(X), y=1.0, w=0.5, b=0.1)


def test_no_name_collides_with_the_generated_source() -> None:
    names = ["t3", "let_", "given", "i", "Math", "step0", "new", "constructor", "toString", "out0"]
    d = gm.derive("L = " + "*".join(names), wrt=names)
    values = {name: np.array([float(k + 1)]) for k, name in enumerate(names)}
    got, want = both(d, values)
    same(got, want)


# -- networks ---------------------------------------------------------------------------------

RNG = np.random.Generator(np.random.PCG64(1))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("loss", list(gm.losses))
def test_networks_agree_with_numpys(loss: str, dtype: str) -> None:
    skip = gm.Dense(4, "mish", residual=True)
    net = gm.Network(3, [gm.Dense(4, "gelu"), skip, gm.Dense(3)], loss=loss)
    x = RNG.normal(size=(70, 3)).astype(dtype)
    y = RNG.integers(0, 3, 70) if loss == "softmax_cross_entropy" else RNG.random((70, 3))
    y = y if loss == "softmax_cross_entropy" else y.astype(dtype)
    params = net.init(seed=2, dtype=dtype)
    for reduce in ("mean", "sum"):
        got, want = both(gm.derive(net), params, x, y, reduce=reduce)
        (loss_got, grads), (right, slopes) = got, want
        assert loss_got.dtype == right.dtype == np.dtype(dtype)
        room = 40 * float(np.finfo(dtype).eps)
        assert math.isclose(loss_got, right, rel_tol=room)
        for name, slope in slopes.items():
            assert grads[name].dtype == slope.dtype
            np.testing.assert_allclose(
                grads[name], slope, rtol=100 * room, atol=room * float(np.abs(slope).max())
            )


def test_a_trace_and_out_arrays() -> None:
    net = gm.Network(3, [gm.Dense(4, gm.tanh), gm.Dense(2)])
    kernel, params = gm.compile(gm.derive(net), "javascript"), net.init(seed=0)
    x, y = RNG.normal(size=(5, 3)), RNG.normal(size=(5, 2))
    loss, grads, inner = kernel.trace(params, x, y)
    right, slopes, between = gm.compile(gm.derive(net), "numpy").trace(params, x, y)
    assert math.isclose(loss, right, rel_tol=1e-14)
    for got, want in ((grads, slopes), (inner, between)):
        assert set(got) == set(want)
        for name, value in want.items():
            np.testing.assert_allclose(got[name], value, rtol=1e-12, atol=1e-15)
    out = {"W1": np.empty((4, 3))}
    assert kernel(params, x, y, out=out)[1]["W1"] is out["W1"]
    np.testing.assert_array_equal(out["W1"], grads["W1"])


def test_rows_of_a_softmax_and_their_sum() -> None:
    b = Builder()
    logits, targets = b.input("prediction", ("n", "k")), b.input("target", ("n", "k"))
    loss, slope = softmax_cross_entropy(b, logits, targets)
    program = b.build({"loss": loss, "gradient": slope}, ["prediction", "target"])
    rows = np.array([[1e308, -1e308, 0.0], [60.0, 0.0, 0.0], [1.0, 1.0, 1.0], [-1.0, 2.0, 7.0]])
    values = {"prediction": rows, "target": np.eye(3)[[0, 0, 2, 1]]}
    sizes = {"n": (4,), "k": (3,)}
    got, _ = JavascriptRunner(program).run(values, sizes, np.float64, {})
    want, _ = NumpyRunner(program).run(values, sizes, np.float64, {})
    for name, value in want.items():
        assert got[name].shape == value.shape
        np.testing.assert_allclose(got[name], value, rtol=1e-14, atol=0)
    added, _ = JavascriptRunner(program).run(values, {**sizes, "*": ()}, np.float64, {}, ["loss"])
    assert math.isclose(float(added["loss"]), float(want["loss"].sum()), rel_tol=1e-14)


def test_the_first_largest_entry_and_where_there_is_nan() -> None:
    b = Builder()
    x = b.input("x", ("n", "k"))
    mark = b.emit("where", b.emit("first_max", x), b.const(1.0), b.const(0.0))
    program = b.build({"mark": mark, "max": b.emit("row_max", x)}, ["x"])
    rows = np.array([[1, 3, 3], [math.nan, 5, 9], [2, math.nan, math.nan], [-math.inf] * 3])
    got, _ = JavascriptRunner(program).run({"x": rows}, {"n": (4,), "k": (3,)}, np.float64, {})
    want, _ = NumpyRunner(program).run({"x": rows}, {"n": (4,), "k": (3,)}, np.float64, {})
    np.testing.assert_array_equal(got["mark"], want["mark"])
    np.testing.assert_array_equal(got["max"], want["max"])


# -- the text ---------------------------------------------------------------------------------

NETWORK = gm.derive(gm.Network(2, [gm.Dense(3, "gelu"), gm.Dense(2)], loss="softmax_cross_entropy"))
KINKED = gm.derive("L = abs(w - x)**a", wrt=["w", "a"])


def script(tmp_path: Path, source: str, page: str) -> str:
    """What a page that imports the kernel prints."""
    (tmp_path / "kernel.mjs").write_text(source, encoding="utf-8")
    (tmp_path / "page.mjs").write_text(page, encoding="utf-8")
    done = subprocess.run(
        [node_program(), str(tmp_path / "page.mjs")], capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or done.stderr


@pytest.mark.parametrize("derivation", [NEURON, NETWORK, KINKED])
def test_the_text_is_strict_and_evaluates_no_text(
    derivation: gm.Derivation,
    tmp_path: Path,
) -> None:
    source = gm.compile(derivation, "javascript").source
    assert not re.search(r"\beval\b|\bFunction\b|\bimport\s*\(|require|document|window", source)
    assert not re.search(r"^\s*import\b", source, re.MULTILINE)
    assert max(map(len, source.splitlines())) <= 160
    path = tmp_path / "kernel.mjs"
    path.write_text(source, encoding="utf-8")
    checked = subprocess.run(
        [node_program(), "--check", str(path)], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr


def test_a_page_calls_run(tmp_path: Path) -> None:
    page = """
import { run } from "./kernel.mjs";
const x = Float64Array.of(-1, 0, 2);
const show = ({ value, gradients: { w, b } }) =>
  [value, w, b].map((r) => (typeof r === "number" ? r : [...r])).flat();
console.log(JSON.stringify([
  show(run({ x, y: 1, w: 0.5, b: 0.1 })),
  show(run({ x, y: 1, w: 0.5, b: 0.1 }, { reduce: "sum" })),
  show(run({ x, y: 1, w: 0.5, b: Float64Array.of(1, 2, 3) }, { reduce: "mean" })),
  show(run({ x: 2, y: 1, w: 0.5, b: 0.1 }, { reduce: "mean" })),
  [run({ x: Float32Array.from(x), y: 1, w: 0.5, b: 0.1 }).value.constructor.name],
]));
"""
    kernel = gm.compile(NEURON, "numpy")
    got = json.loads(script(tmp_path, KERNEL.source, page))
    x = np.array([-1.0, 0.0, 2.0])
    want = [
        kernel(x=x, y=1.0, w=0.5, b=0.1),
        kernel(x=x, y=1.0, w=0.5, b=0.1, reduce="sum"),
        kernel(x=x, y=1.0, w=0.5, b=np.array([1.0, 2.0, 3.0]), reduce="mean"),
        kernel(x=2.0, y=1.0, w=0.5, b=0.1),
    ]
    for shown, (loss, grads) in zip(got, want, strict=False):
        flat = np.concatenate([np.ravel(loss), np.ravel(grads["w"]), np.ravel(grads["b"])])
        np.testing.assert_allclose(shown, flat, rtol=1e-14)
    assert got[-1] == ["Float32Array"]


def test_the_page_in_the_documents(tmp_path: Path) -> None:
    document = Path(__file__).parents[2] / "docs/en/reference/api.md"
    page = re.search(r"^```js\n(.*?)^```$", document.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert page is not None
    shown = [float(number) for number in script(tmp_path, KERNEL.source, page[1]).split()]
    loss, grads = gm.compile(NEURON, "numpy")(
        x=np.array([-1.0, 0.0, 2.0]), y=1.0, w=0.5, b=0.1, reduce="mean"
    )
    np.testing.assert_allclose(shown, [loss, grads["w"], grads["b"]], rtol=1e-14)


def test_a_page_calls_run_of_a_network(tmp_path: Path) -> None:
    net = NETWORK.network
    params, x = net.init(seed=4), RNG.normal(size=(5, 2))
    y = np.eye(2)[[0, 1, 1, 0, 1]]
    given = ", ".join(
        f"{name}: Float64Array.of({', '.join(map(repr, np.ravel(value).tolist()))})"
        for name, value in {"x": x, "y": y, **params}.items()
    )
    page = f"""
import {{ run }} from "./kernel.mjs";
const {{ value, gradients }} = run({{ {given} }}, {{ reduce: "sum" }});
const flat = Object.entries(gradients).map(([name, g]) => [name, [...g]]);
console.log(JSON.stringify([value, Object.fromEntries(flat)]));
"""
    source = gm.compile(NETWORK, "javascript").source
    value, gradients = json.loads(script(tmp_path, source, page))
    loss, grads = gm.compile(NETWORK, "numpy")(params, x, y, reduce="sum")
    assert math.isclose(value, loss, rel_tol=1e-14)
    assert gradients.keys() == grads.keys()
    for name, gradient in grads.items():
        np.testing.assert_allclose(gradients[name], gradient.ravel(), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(
    ("call", "word"),
    [
        ("{ w: 1, x: 2 }", "TypeError: a: allowed"),
        ("{ w: 1, x: 2, a: 3, q: 4 }", "TypeError: q: allowed: w, x, a"),
        ("{ w: 1, x: '2', a: 3 }", "TypeError: x: allowed"),
        ("{ w: 1, x: NaN, a: 3 }", "RangeError: x: NaN"),
        ("{ w: 1, x: Float64Array.of(), a: 3 }", "RangeError: x: length 0"),
        ("{ w: Float64Array.of(1, 2), x: new Float32Array(3), a: 3 }", "RangeError: x: length 3"),
        ("{ w: 1, x: 2, a: 3 }, { reduce: 'average' }", "TypeError: reduce: got average"),
        ("{ w: 2, x: Float64Array.of(1, 2), a: 3 }", "w - x = 0; use a catalogue function"),
    ],
)
def test_run_throws_and_says_why(call: str, word: str, tmp_path: Path) -> None:
    page = f"import {{ run }} from './kernel.mjs'; console.log(run({call}));"
    assert word in script(tmp_path, gm.compile(KINKED, "javascript").source, page)


@pytest.mark.parametrize(
    ("call", "word"),
    [
        ("{ x: new Float64Array(4) }", "TypeError: y: allowed"),
        ("{ ...all, z: 1 }", "TypeError: z: allowed: x, y, W1"),
        ("{ ...all, x: new Float64Array(3) }", "RangeError: x: length 3; its shape is (n, 2)"),
        ("{ ...all, b1: Float64Array.of(0, 0, NaN) }", "RangeError: b1: NaN"),
        ("all, { reduce: null }", "TypeError: reduce: got null"),
    ],
)
def test_a_networks_run_throws_and_says_why(call: str, word: str, tmp_path: Path) -> None:
    page = f"""
import {{ run, SHAPES }} from "./kernel.mjs";
const size = (shape) => shape.reduce((p, s) => p * (s === "n" ? 2 : s), 1);
const all = Object.fromEntries(
  Object.entries(SHAPES).map(([name, shape]) => [name, new Float64Array(size(shape))]));
console.log(run({call}));
"""
    assert word in script(tmp_path, gm.compile(NETWORK, "javascript").source, page)
