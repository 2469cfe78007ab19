"""JavaScript kernels against the oracle: all activations and losses, Math itself, planted bugs.

The bound is the one for all backends, 4(1 + k) ulp for condition numbers k below 100, over the
whole range of the type, in float64 and float32.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from flint import arb, ctx

import gradmath as gm
from gradmath.kernels.javascript import runner as javascript_runner
from gradmath.kernels.javascript.runner import JavascriptRunner, javascript_source
from gradmath.mutation import kernels as mutation
from gradmath.mutation import network_kernels as network_mutation
from gradmath.program import Builder, Program
from gradmath.verify import FAILED, scalars
from tests.kernels.on_runner import OnRunner, activation_report, loss_report


@pytest.mark.parametrize("name", list(gm.activations))
def test_every_activation_and_its_derivatives(name: str) -> None:
    activation_report(name, JavascriptRunner).require()


@pytest.mark.parametrize("name", list(gm.losses))
def test_every_loss_and_its_gradient(name: str) -> None:
    loss_report(name, JavascriptRunner).require()


@pytest.mark.parametrize("name", list(gm.activations))
def test_nan_and_infinities_are_answered_as_by_numpy(name: str) -> None:
    function = OnRunner(gm.activations[name], JavascriptRunner)
    x = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 5e-324, -5e-324])
    for order in (0, 1, 2):
        want = gm.activations[name].derivative(x, order=order)
        np.testing.assert_array_equal(function.derivative(x, order=order)[1:], want[1:])
        assert not np.isfinite(function.derivative(x, order=0)[0])


NEURON = gm.derive([("z", "w*x + b"), ("a", "sigmoid(z)"), ("L", "(a - y)**2")], wrt=["w", "b"])
CHAIN = gm.derive([("h", "tanh(w*x)"), ("L", "gelu(v*h) + softplus(h)")], wrt=["v", "w", "x"])
NETWORK = gm.derive(gm.Network(2, [gm.Dense(2, "silu"), gm.Dense(2)], "softmax_cross_entropy"))


@pytest.mark.parametrize("derivation", [NEURON, CHAIN, NETWORK])
def test_kernels_are_verified_like_any_other(derivation: gm.Derivation) -> None:
    gm.verify(gm.compile(derivation, "javascript")).require()


# -- the engine's own functions --------------------------------------------------------------------

#: ECMAScript asks of Math only an "implementation-approximated" value.  This is what the kernels
#: count on from the engine, in ulp; the bound of 4(1 + k) leaves room for it.
COUNTED_ON = {"exp": 1, "expm1": 1, "log": 1, "log1p": 1, "sqrt": 0.5, "tanh": 2.5, "sinh": 2.5,
              "cosh": 2, "sin": 1, "cos": 1, "tan": 1, "atan": 1}  # fmt: skip


@pytest.mark.parametrize("op", COUNTED_ON)
def test_the_engines_functions_are_as_good_as_counted_on(op: str) -> None:
    rng = np.random.Generator(np.random.PCG64(11))
    sign = rng.choice([-1.0, 1.0], 3000)
    x = np.concatenate([
        *(rng.uniform(-bound, bound, 3000) for bound in (1.0, 4.0, 40.0, 700.0)),
        2.0 ** rng.uniform(-60, 6, 3000) * sign, 2.0 ** rng.uniform(-1070, 8, 3000) * sign,
    ])  # fmt: skip
    if op in ("log", "sqrt"):
        x = np.abs(x)
    x = x[x > -1] if op == "log1p" else x
    b = Builder()
    program = b.build({"value": b.emit(op, b.input("x", ("*",)))}, ["x"])
    got = JavascriptRunner(program).run({"x": x}, {"*": x.shape}, np.float64, {})[0]["value"]
    before, ctx.prec = ctx.prec, 160
    try:
        worst = max(map(lambda a, g: _ulps(getattr(arb(a), op)(), g), x.tolist(), got.tolist()))
    finally:
        ctx.prec = before
    assert worst <= COUNTED_ON[op] * (1 + 2.0**-40)


def _ulps(true: arb, got: float) -> float:
    near = float(true.mid())
    return float(abs(arb(got) - true).mid() / arb(float(np.spacing(abs(near) or 5e-324))))


# -- planted bugs ----------------------------------------------------------------------------------

#: What is changed in a line of the loop: every one of these is wrong somewhere.
CHANGES: dict[str, tuple[str, str]] = {
    "a sum for a difference": (r" - (?=[\w(\[])", " + "),
    "a difference for a sum": (r" \+ (?=[\w(\[])", " - "),
    "a quotient for a product": (r" \* (?=[tbwy\d])", " / "),
    "a product for a quotient": (r" / ", " * "),
    "the sign lost": (r"= -t", "= t"),
    "another function": (r"Math\.exp\(", "Math.expm1("),
    "no modulus": (r"Math\.abs\(", "("),
    "branches exchanged": (r"\? (\w+) : (\w+);", r"? \2 : \1;"),
    "single precision": (r"= (t\d+ [*/+-] .*);", r"= Math.fround(\1);"),
    "a sum that forgets": (r"(sum\d) \+= ", r"\1 = "),
}


def planted(source: str) -> Iterator[tuple[str, str]]:
    """The module with one line of its loops changed, and what was changed."""
    start = source.index("for (let ")
    end = source.index("const results", start)
    lines = source[start:end].splitlines(keepends=True)
    for number, line in enumerate(lines):
        if not re.match(r"\s+(const t\d+ =|sum\d \+=)", line):
            continue
        for what, (old, new) in CHANGES.items():
            changed = re.sub(old, new, line, count=1)
            if changed != line:
                whole = [*lines[:number], changed, *lines[number + 1 :]]
                yield f"{what}: {changed.strip()}", source[:start] + "".join(whole) + source[end:]


# Targets that are classes leave parts of a softmax unasked: a loss of single entries here.
SMALL = gm.derive(gm.Network(2, [gm.Dense(2, "silu"), gm.Dense(1, "sigmoid")]))


@pytest.mark.parametrize("derivation", [NEURON, SMALL])
def test_planted_bugs_are_caught(
    derivation: gm.Derivation, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = gm.compile(derivation, "javascript").source
    survivors = []
    seen = 0
    for what, text in planted(source):
        monkeypatch.setattr(javascript_runner, "javascript_source", lambda program, text=text: text)
        seen += 1
        if gm.verify(gm.compile(derivation, "javascript")).status != FAILED:
            survivors.append(what)
    assert seen > 20
    assert survivors == []


def test_kernels_of_wrong_derivations_are_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mistakes planted in NumPy's kernels, planted in JavaScript's."""
    for module in (mutation, network_mutation):
        monkeypatch.setattr(
            module, "compiled", lambda derivation, backend: gm.compile(derivation, "javascript")
        )
    mutants = [*mutation.named_mutants(NEURON), *network_mutation.network_mutants(SMALL, most=2)]
    assert len(mutants) > 30
    survivors = [m.what for m in mutants if gm.verify(m.subject).status != FAILED]
    assert survivors == []


def _less_exact(text: str) -> str:
    """The leading coefficient of the series off by 1e-14 of itself."""
    return re.sub(r"1\.12\d+", lambda match: repr(float(match[0]) * (1 + 1e-14)), text)


@pytest.mark.parametrize(
    ("name", "order", "change"),
    [
        ("sigmoid", 1, lambda text: text.replace("= -t", "= t")),
        (
            "tanh",
            2,
            lambda text: re.sub(r"Math\.exp\((t\d+)\)", r"Math.fround(Math.exp(\1))", text),
        ),
        ("gelu", 0, _less_exact),
    ],
)
def test_a_bug_in_an_activation_is_caught(
    name: str, order: int, change: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoiled(program: Program) -> str:
        text = javascript_source(program)
        assert change(text) != text
        return change(text)

    monkeypatch.setattr(javascript_runner, "javascript_source", spoiled)
    function = OnRunner(gm.activations[name], JavascriptRunner)
    rows = scalars.activation_rows(function, orders=[order])
    assert gm.Report(rows, name).status == FAILED
