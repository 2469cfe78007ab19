"""Long programs in JavaScript are cut into functions, and no bit of a result shows it."""

from __future__ import annotations

import re

import numpy as np
import pytest

import gradmath as gm
from gradmath.errors import KinkError
from gradmath.kernels.javascript import parts
from tests.kernels.in_node import NEURON

RNG = np.random.Generator(np.random.PCG64(5))
X, Y = RNG.normal(size=150), RNG.uniform(size=150)  # two blocks and a part of one
SYSTEMS = {
    "a neuron": (NEURON, {"x": X, "y": Y, "w": 0.5, "b": 0.1}),
    "single precision": (NEURON, {"x": X.astype("float32"), "y": 0.25, "w": 0.5, "b": 0.1}),
    "numbers alone": (NEURON, {"x": 0.5, "y": 1.0, "w": 2.0, "b": -1.0}),
    "results that are arguments, numbers and constants": (
        gm.derive("L = w*x + v + y", wrt=["w", "x", "v"]),
        {"w": 2.0, "x": X, "v": -0.0, "y": Y},
    ),
    "branches": (
        gm.derive([("a", "relu(w*x)"), ("L", "huber(a, y)*elu(b*b)")], wrt=["w", "b", "x"]),
        {"x": X, "y": Y, "w": -1.5, "b": 0.3},
    ),
    "names that a part uses": (
        gm.derive("L = values*numbers + tanh(arrays*start)", wrt=["numbers", "start"]),
        {"values": X, "numbers": 2.0, "arrays": Y, "start": 0.5},
    ),
}


def chain(depth: int) -> tuple[gm.Derivation, dict[str, object]]:
    lines = [(f"a{k}", f"tanh(w{k}*{f'a{k - 1}' if k > 1 else 'x'})") for k in range(1, depth + 1)]
    weights = {f"w{k}": 1.0 + 0.5 * np.cos(k).item() for k in range(1, depth + 1)}
    d = gm.derive([*lines, ("L", f"(a{depth} - y)**2")], wrt=list(weights))
    return d, {"x": X, "y": Y, **weights}


@pytest.mark.parametrize("reduce", [None, "sum", "mean"])
@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize("system", SYSTEMS)
def test_the_bits_are_those_of_one_loop(
    system: str, size: int, reduce: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    derivation, given = SYSTEMS[system]
    whole = gm.compile(derivation, "javascript")
    loss, grads = whole(given, reduce=reduce)
    assert "parts0" not in whole.source
    monkeypatch.setattr(parts, "WHOLE", 0)
    monkeypatch.setattr(parts, "PART", size)
    cut = gm.compile(derivation, "javascript")
    got, slopes = cut(given, reduce=reduce)
    assert "parts0" in cut.source
    for one, other in [(got, loss), *((slopes[name], grads[name]) for name in grads)]:
        assert type(one) is type(other)
        assert np.asarray(one).dtype == np.asarray(other).dtype
        assert np.asarray(one).tobytes() == np.asarray(other).tobytes()


@pytest.mark.parametrize("x", [X, np.append(X, 0.0), 0.0])
def test_points_without_a_derivative_are_refused(
    x: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "WHOLE", 0)
    monkeypatch.setattr(parts, "PART", 2)
    kernel = gm.compile(gm.derive("L = abs(x)*w", wrt="x"), "javascript")
    if x is X:
        np.testing.assert_array_equal(kernel(x=X, w=2.0)[1]["x"], 2 * np.sign(X))
        return
    with pytest.raises(KinkError):
        kernel(x=x, w=2.0)


def test_a_deep_chain_is_many_short_functions() -> None:
    depth = 2000
    d, given = chain(depth)
    kernel = gm.compile(d, "javascript")
    loss, grads = kernel(given, reduce="mean")
    functions = re.findall(r"^(?:export )?function .*?^}", kernel.source, re.DOTALL | re.MULTILINE)
    assert len(functions) > depth * 5 / parts.PART
    assert max(text.count("\n") for text in functions) < 4 * parts.PART
    right, slopes = gm.compile(d, "numpy")(given, reduce="mean")
    np.testing.assert_allclose(loss, right, rtol=1e-9)
    for name in ("w1", "w1000", "w2000"):
        np.testing.assert_allclose(grads[name], slopes[name], rtol=1e-9, atol=1e-300)
