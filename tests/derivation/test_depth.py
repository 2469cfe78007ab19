"""Deep chains: the cost grows linearly, and nothing ends at a recursion limit."""

from __future__ import annotations

import math
import pickle
import statistics
import time

import numpy as np
import pytest

import gradmath as gm
from gradmath.catalogue import activations as declared
from gradmath.derivation import named
from gradmath.kernels.numpy.runner import NumpyRunner
from gradmath.program import program_of

DEEP = 4000


def chain(depth: int, activation: str = "sigmoid") -> list[tuple[str, str]]:
    equations, before = [], "x"
    for k in range(1, depth + 1):
        equations.append((f"z{k}", f"w{k}*{before} + b{k}"))
        equations.append((f"a{k}", f"{activation}(z{k})"))
        before = f"a{k}"
    return [*equations, ("L", f"({before} - y)**2")]


def weights(depth: int) -> list[str]:
    return [f"{kind}{k}" for k in range(1, depth + 1) for kind in "wb"]


def seconds(depth: int) -> float:
    """Processor time to derive a chain and to make its kernel ready to be called."""
    start = time.process_time()
    NumpyRunner(program_of(gm.derive(chain(depth), wrt=weights(depth))))
    return time.process_time() - start


def test_the_program_of_a_chain_grows_linearly() -> None:
    sizes = {n: len(program_of(gm.derive(chain(n), wrt=weights(n)))) for n in (64, 128, 1000, DEEP)}
    a_layer = (sizes[128] - sizes[64]) // 64
    for depth, size in sizes.items():
        assert size == sizes[64] + (depth - 64) * a_layer
    assert a_layer <= 20


def test_deriving_and_compiling_a_chain_grows_about_linearly() -> None:
    """Exponent at most 1.25 from 64 to 4000 layers; ratios of one process, the best of several."""
    seconds(8)  # imports, and the rules of a sigmoid
    short = min(seconds(64) for _ in range(7))
    long = min(seconds(DEEP) for _ in range(2))
    assert math.log(long / short) / math.log(DEEP / 64) <= 1.25


def test_a_network_of_200_layers_grows_linearly() -> None:
    def size(depth: int) -> int:
        layers = [gm.Dense(3, "tanh") for _ in range(depth)]
        return len(program_of(gm.derive(gm.Network(3, layers))))

    assert size(200) - size(100) == size(300) - size(200)
    net = gm.Network(3, [gm.Dense(3, "tanh") for _ in range(200)])
    kernel = gm.compile(gm.derive(net))
    loss, grads = kernel(net.init(seed=0), np.ones((2, 3)), np.zeros((2, 3)))
    assert np.isfinite(loss)
    assert len(grads) == 401


def test_a_deep_chain_shows_itself_and_travels() -> None:
    d = gm.derive(chain(1000), wrt=["w1", "b1000"])
    assert repr(d) == f"<Derivation of L by w1, b1000: {len(d.steps)} steps>"
    assert "w1" in repr(d.gradient)
    assert d.latex(["gradient"]).count(r"\\") == 1
    assert len(d.text().splitlines()) > len(d.steps)
    assert d.explicit("L").is_Pow
    assert len(d.explicit("w1").args) > 1000
    again = pickle.loads(pickle.dumps(d))
    assert repr(again) == repr(d)
    assert list(again.equations) == list(d.equations)


def test_a_deep_chain_is_computed() -> None:
    kernel = gm.compile(gm.derive(chain(DEEP, "tanh"), wrt=["w1", f"w{DEEP}"]), "numpy")
    values = {name: 1.01 if name[0] == "w" else 0.001 for name in weights(DEEP)}
    loss, grads = kernel({**values, "x": np.linspace(-1.0, 1.0, 50), "y": 0.5}, reduce="mean")
    assert np.isfinite([loss, *grads.values()]).all()
    alone, _ = kernel({**values, "x": 0.25, "y": 0.5})
    a = 0.25
    for _ in range(DEEP):
        a = math.tanh(1.01 * a + 0.001)
    assert math.isclose(alone, (a - 0.5) ** 2, rel_tol=1e-9)


@pytest.mark.parametrize("name", list(declared))
def test_a_deep_explicit_form_is_the_shallow_one(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is put together without SymPy's evaluation has the same values."""
    equations, point = chain(2, name), {"x": 0.3, "y": 0.1, "w1": 1.2, "b1": -0.5, "w2": 0.7,
                                        "b2": 0.2}  # fmt: skip
    plain = gm.derive(equations, wrt=["w1"])
    expected = [plain.explicit(what) for what in ("L", "w1")]
    monkeypatch.setattr(named, "DEEPEST", 0)
    deep = gm.derive(equations, wrt=["w1"])
    for what, want in zip(("L", "w1"), expected, strict=True):
        values = {deep.symbols[n]: v for n, v in point.items()}
        got, true = (float(e.subs(values).doit().evalf()) for e in (deep.explicit(what), want))
        assert math.isclose(got, true, rel_tol=1e-12)


def test_equations_of_one_form_are_read_once() -> None:
    """A thousand layers more add no form that is to be parsed, differentiated or lowered."""
    from gradmath import equations
    from gradmath.derivation import rules
    from gradmath.program import fragment

    caches = (equations._parsed, rules._rules, fragment.fragments)
    program_of(gm.derive(chain(20)))
    before = [cache.cache_info().misses for cache in caches]
    program_of(gm.derive(chain(1000)))
    after = [cache.cache_info().misses for cache in caches]
    assert statistics.fmean(b - a for a, b in zip(before, after, strict=True)) <= 8


@pytest.mark.parametrize(
    "text", ["lambda*x", "x if w else 2", "__x*w", "f(x)", "w*x +", "x.w", "not x", "1e5e", "x, w"]
)
def test_text_that_is_no_expression_is_refused_as_ever(text: str) -> None:
    with pytest.raises(gm.errors.GradmathError):
        gm.derive([("L", text)])


def test_names_and_numbers_are_told_apart() -> None:
    d = gm.derive("L = 1e2*e2 + 2.5e-1*x*pi + x1e3", wrt="x")
    assert set(d.inputs) == {"e2", "x", "x1e3"}
    assert float(d.gradient["x"]) == pytest.approx(math.pi / 4)
    assert gm.derive("L = leaky_relu(x, negative_slope=0.25)").inputs == ("x",)
    assert gm.derive("L = x - x + w").inputs == ("w",)
