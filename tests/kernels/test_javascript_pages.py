"""The text of a JavaScript kernel, and web pages that import it."""

from __future__ import annotations

import json
import math
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

import gradmath as gm
from gradmath.kernels.javascript.node import node_program
from tests.kernels.in_node import KERNEL, NEURON

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
    params, x = net.init(seed=4), np.random.Generator(np.random.PCG64(1)).normal(size=(5, 2))
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
