"""Named equations: the derived gradient is SymPy's own derivative of the substituted output."""

from __future__ import annotations

import time

import pytest
import sympy as sp

import gradmath as gm
from gradmath.catalogue import activations as declared
from gradmath.errors import EquationError, UnknownNameError

NEURON = [("z", "w*x + b"), ("a", "sigmoid(z)"), ("L", "(a - y)**2")]


def test_the_steps_read_as_a_person_would_write_them() -> None:
    d = gm.derive(NEURON, wrt=["w", "b"])
    assert [step.text() for step in d.steps] == [
        "z = b + w*x",
        "a = sigmoid(z)",
        "L = (a - y)**2",
        "dL/da = 2*(a - y)",
        "da/dz = sigmoid'(z)",
        "dz/db = 1",
        "dz/dw = x",
        "dL/dz = dL/da*sigmoid'(z)",
        "dL/dw = 2*x*(a - y)*sigmoid'(z)",
        "dL/db = 2*(a - y)*sigmoid'(z)",
    ]


@pytest.mark.parametrize("name", [n for n in declared if n != "identity"])
def test_gradients_are_the_derivative_of_the_substituted_output(name: str) -> None:
    d = gm.derive([("z", "w*x + b"), ("a", f"{name}(z)"), ("L", "(a - y)**2")])
    smooth = not declared[name].kinks
    for by in ("w", "b", "x", "y"):
        ours = d.explicit(by)
        direct = sp.diff(d.explicit("L"), d.symbols[by])
        # Away from kinks both are the same number; at kinks SymPy has no declared value.
        for k in range(5):
            point = {
                d.symbols["w"]: sp.Rational(7 + 3 * k, 10) * (-1) ** k,
                d.symbols["x"]: sp.Rational(11, 10) + k,
                d.symbols["b"]: sp.Rational(1, 7),
                d.symbols["y"]: sp.Rational(1, 3),
            }
            got, expected = sp.N(ours.subs(point), 40), sp.N(direct.subs(point), 40)
            assert abs(got - expected) <= sp.Float("1e-30") * (1 + abs(expected)), (by, k, smooth)


def test_branches_are_summed_and_unused_equations_do_not_matter() -> None:
    d = gm.derive("u = x**2; v = 3*x; unused = exp(x); L = u*v + u", wrt="x")
    x = d.symbols["x"]
    assert sp.expand(d.explicit("x") - (9 * x**2 + 2 * x)) == 0


def test_an_input_that_does_not_reach_the_output_has_gradient_zero() -> None:
    d = gm.derive("u = q*2; L = x**2", wrt=["q", "x"])
    assert d.gradient["q"] == 0
    assert gm.compile(d)(q=1.0, x=3.0) == (9.0, {"q": 0.0, "x": 6.0})


def test_intermediates_can_be_asked_for() -> None:
    d = gm.derive(NEURON, wrt=["z"])
    assert gm.compile(d)(w=0.0, x=1.0, b=0.0, y=1.0)[1]["z"] == -0.25


def test_wrt_is_checked() -> None:
    with pytest.raises(UnknownNameError, match="'q'"):
        gm.derive(NEURON, wrt=["q"])
    with pytest.raises(UnknownNameError, match="wrt"):
        gm.derive(NEURON, wrt=["L"])
    with pytest.raises(EquationError, match="nothing"):
        gm.derive(NEURON, wrt=[])
    with pytest.raises(EquationError, match="once"):
        gm.derive(NEURON, wrt=["w", "w"])
    with pytest.raises(EquationError, match="without inputs"):
        gm.derive("L = 3")
    with pytest.raises(EquationError, match="'w', which cancels"):
        gm.derive("L = w - w + x", wrt="w")


def test_latex_and_notebook_forms() -> None:
    d = gm.derive(NEURON, wrt="w")
    assert r"\sigma'" in d.latex()
    assert d.latex().count(r"\begin{aligned}") == 1
    assert d._repr_latex_().startswith("$")
    assert "sigmoid" in d._repr_html_()
    with pytest.raises(UnknownNameError):
        d.gradient["b"]


def chain(n: int) -> list[tuple[str, str]]:
    equations = [("a0", "x")]
    for k in range(1, n + 1):
        equations += [(f"z{k}", f"w{k}*a{k - 1} + b{k}"), (f"a{k}", f"sigmoid(z{k})")]
    return [*equations, ("L", f"(a{n} - y)**2")]


def test_a_chain_of_200_layers_derives_and_compiles_quickly() -> None:
    gm.compile(gm.derive(chain(2)))(x=0.5, y=1.0, w1=2.0, w2=2.0, b1=-1.0, b2=-1.0)
    start = time.perf_counter()
    d = gm.derive(chain(200))
    kernel = gm.compile(d)
    values = {f"w{k}": 2.0 for k in range(1, 201)} | {f"b{k}": -1.0 for k in range(1, 201)}
    loss, grads = kernel({**values, "x": 0.5, "y": 1.0})
    assert time.perf_counter() - start < 2.0
    assert loss == 0.25
    # b = -w/2 keeps every activation at 1/2, so each layer multiplies by w/4 = 1/2.
    assert grads["x"] == -(0.5**200)
    assert sp.count_ops(d.gradient["w1"]) > 200


def test_length_of_the_program_is_linear_and_no_depth_is_too_deep() -> None:
    from gradmath.program import program_of

    lengths = {n: len(program_of(gm.derive(chain(n)))) for n in (10, 20, 40, 1500)}
    assert lengths[40] - lengths[20] == 2 * (lengths[20] - lengths[10])
    assert lengths[1500] - lengths[40] == 146 * (lengths[20] - lengths[10])


def test_branching_equations_are_shown_without_writing_out_every_path() -> None:
    lines = ["h0 = x", "h1 = sigmoid(x*w)"]
    lines += [f"h{k} = sigmoid(h{k - 1}) + h{k - 2}" for k in range(2, 40)]
    d = gm.derive("; ".join(lines), wrt="w")
    assert len(d.text()) < 10_000
    assert len(d.latex()) < 30_000
    assert "nodes" in repr(d.gradient)
    nested = gm.derive("L = " + "sigmoid(" * 20 + "x" + ")" * 20)
    assert len(nested.latex()) < 20_000


@pytest.mark.parametrize("text", ["(-1)**w", "0**w"])
def test_derivatives_that_are_not_real_are_refused(text: str) -> None:
    with pytest.raises(EquationError, match="derivative with respect to w"):
        gm.derive([("L", text)], wrt="w")


def test_error_functions_beside_other_functions() -> None:
    d = gm.derive("L = exp(-w**2)*erf(x) + erfc(x)*z")
    loss, grads = gm.compile(d)(w=1.0, x=2.0, z=0.5)
    point = {d.symbols["w"]: 1, d.symbols["x"]: 2, d.symbols["z"]: sp.Rational(1, 2)}
    assert abs(loss - float(d.explicit("L").subs(point))) < 1e-15
    for name in ("w", "x", "z"):
        assert (
            abs(grads[name] - float(sp.diff(d.explicit("L"), d.symbols[name]).subs(point))) < 1e-15
        )
