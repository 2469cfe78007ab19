"""Native kernels against the oracle: all activations and losses, the mathematics, planted bugs.

What is promised on this backend is 8(1 + k) ulp for condition numbers k below 100; what is held
here is the bound of all others, 4(1 + k), over the whole range of the type.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest
from flint import arb, ctx

import gradmath as gm
from gradmath.kernels.native import built as native_built
from gradmath.kernels.native import source as native_source
from gradmath.kernels.native.compiler import Compiler, compiler
from gradmath.kernels.native.runner import NativeRunner
from gradmath.program import Builder
from gradmath.program.special import chebyshev_coefficients
from gradmath.verify import FAILED, scalars
from tests.kernels.on_runner import OnRunner, activation_report, loss_report


@pytest.mark.parametrize("name", list(gm.activations))
def test_every_activation_and_its_derivatives(name: str) -> None:
    activation_report(name, NativeRunner).require()


@pytest.mark.parametrize("name", list(gm.losses))
def test_every_loss_and_its_gradient(name: str) -> None:
    loss_report(name, NativeRunner).require()


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", list(gm.activations))
def test_nan_infinities_and_the_smallest_numbers(name: str, dtype: str) -> None:
    function = OnRunner(gm.activations[name], NativeRunner)
    info = np.finfo(dtype)
    tiny, large = info.smallest_subnormal, info.max
    x = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, tiny, -tiny, large, -large], dtype)
    for order in (0, 1, 2):
        with np.errstate(over="ignore"):
            want = gm.activations[name].derivative(x, order=order)
        got = function.derivative(x, order=order)
        np.testing.assert_allclose(got[1:], want[1:], rtol=4 * info.eps, atol=4 * tiny)
        assert not np.isfinite(function.derivative(x, order=0)[0])


NEURON = gm.derive([("z", "w*x + b"), ("a", "sigmoid(z)"), ("L", "(a - y)**2")], wrt=["w", "b"])
CHAIN = gm.derive([("h", "tanh(w*x)"), ("L", "gelu(v*h) + softplus(h)")], wrt=["v", "w", "x"])
TYPED = gm.derive("L = sin(w*x)*exp(-x*x) + log(1 + x*x)*atan(w) + cosh(w/4)", wrt=["w", "x"])
NETWORK = gm.derive(gm.Network(2, [gm.Dense(2, "silu"), gm.Dense(2)], "softmax_cross_entropy"))


@pytest.mark.parametrize("derivation", [NEURON, CHAIN, TYPED, NETWORK])
def test_kernels_are_verified_like_any_other(derivation: gm.Derivation) -> None:
    gm.verify(gm.compile(derivation, "native")).require()


# -- the mathematics -------------------------------------------------------------------------------

#: What is promised, in ulp, where the result is not below the smallest normal number; erfcx is
#: asked for arguments from 0 on alone.  From tan on it is the system's library.
PROMISED = {"exp": 1.1, "log": 1.1, "expm1": 2.5, "log1p": 2.5, "tanh": 4, "sinh": 4, "cosh": 4,
            "scaled_erfc": 6, "sqrt": 0.5, "sin": 4, "cos": 4, "tan": 4, "atan": 4}  # fmt: skip


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("op", PROMISED)
def test_functions_are_as_good_as_promised(op: str, dtype: str) -> None:
    hold_to_promise(op, dtype)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("op", ["exp", "log", "expm1", "log1p", "tanh", "scaled_erfc"])
def test_so_they_are_where_no_instruction_multiplies_and_adds(
    op: str, dtype: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CC", f"{' '.join(compiler().command)} -DNO_FMA")
    hold_to_promise(op, dtype)


def hold_to_promise(op: str, dtype: str) -> None:
    info = np.finfo(dtype)
    rng = np.random.Generator(np.random.PCG64(11))
    sign = rng.choice([-1.0, 1.0], 2000)
    lowest, highest = info.minexp - info.nmant, info.maxexp
    x = np.concatenate([
        *(rng.uniform(-bound, bound, 2000) for bound in (0.5, 1.0, 4.0, 40.0, 110.0, 750.0)),
        2.0 ** rng.uniform(-60, 6, 2000) * sign, 2.0 ** rng.uniform(lowest, highest, 2000) * sign,
    ]).astype(dtype)  # fmt: skip
    if op in ("log", "sqrt", "scaled_erfc"):
        x = np.abs(x)
    if op in ("sin", "cos", "tan"):
        x = x[np.abs(x) < 1e4]
    x = x[x > -1] if op == "log1p" else x
    b = Builder()
    program = b.build({"value": b.emit(op, b.input("x", ("*",)))}, ["x"])
    got = NativeRunner(program).run({"x": x}, {"*": x.shape}, np.dtype(dtype), {})[0]["value"]
    worst, worst_tiny = 0.0, 0.0
    before, ctx.prec = ctx.prec, 200
    try:
        for a, g in zip(x.tolist(), got.tolist(), strict=True):
            true = (arb(a) ** 2).exp() * arb(a).erfc() if op == "scaled_erfc" else _at(op, a)
            near = abs(true)
            if near > arb(float(info.max)) * (1 + arb(2) ** -30):
                assert np.isinf(g), (op, a, g)
                continue
            if near < arb(float(info.smallest_normal)):
                off = abs(arb(g) - true) / arb(float(info.smallest_subnormal))
                worst_tiny = max(worst_tiny, float(off.mid()))
                continue
            ulp = arb(float(np.spacing(np.asarray(float(near.mid()), dtype))))
            worst = max(worst, float((abs(arb(g) - true) / ulp).mid()))
    finally:
        ctx.prec = before
    assert worst <= PROMISED[op] * (1 + 2.0**-20)
    assert worst_tiny <= 1


def _at(op: str, a: float) -> arb:
    # beyond this the true value is beyond every type, and balls need not spell it out
    if op in ("exp", "expm1", "sinh", "cosh") and abs(a) > 2000:
        a = 2000.0 if a > 0 else -2000.0
    if op == "tanh" and abs(a) > 2000:
        a = 2000.0 if a > 0 else -2000.0
    return getattr(arb(a), op)()


def test_the_polynomial_of_erfcx_is_the_series() -> None:
    text = native_source._file("vector_math.h")
    body = text[text.index("INLINE T gm_erfcx") :]
    numbers = [float(n) for n in re.findall(r"(-?\d+\.\d+(?:e-?\d+)?)(?=[;)])", body)]
    powers = numbers[: numbers.index(next(n for n in numbers if abs(n - 1.2375) < 1e-3)) + 1]
    ours = np.polynomial.Polynomial([n for n in powers if n != 3.75][::-1])
    series = np.polynomial.Chebyshev(chebyshev_coefficients())
    t = np.linspace(-1, 1, 501)
    np.testing.assert_allclose(ours(t), series(t), rtol=5e-16)


# -- planted bugs ----------------------------------------------------------------------------------

#: What is changed in a line of a loop: every one of these is wrong somewhere.
CHANGES: dict[str, tuple[str, str]] = {
    "a sum for a difference": (r" - (?=[\w(])", " + "),
    "a difference for a sum": (r" \+ (?=[\w(])", " - "),
    "a quotient for a product": (r" \* (?=[txc\d])", " / "),
    "a product for a quotient": (r" / ", " * "),
    "the sign lost": (r"= -t", "= t"),
    "another function": (r" exp_down\(", " expm1("),
    "no modulus": (r" fabs\(", " ("),
    "branches exchanged": (r"\? (\S+) : (\S+);", r"? \2 : \1;"),
    "a result in half the precision": (
        r"const T (t\d+) = (.* [*/+-] .*);",
        r"const T \1 = (T)((\2) * T(1.00001));",
    ),
    "a sum that forgets": (r"(sum\d) \+= t", r"\1 = t"),
    "another place": (r"out0\[i\] = t", "out0[i] = -t"),
}


def planted(functions: list[str]) -> Iterator[tuple[str, list[str]]]:
    """The loops with one line changed, and what was changed."""
    for k, function in enumerate(functions):
        lines = function.splitlines()
        for number, line in enumerate(lines):
            if not re.match(r"    (const T t\d+ =|sum\d \+=|out\d)", line):
                continue
            for what, (old, new) in CHANGES.items():
                changed = re.sub(old, new, line, count=1)
                if changed != line:
                    whole = "\n".join([*lines[:number], changed, *lines[number + 1 :]])
                    spoiled = [*functions[:k], whole, *functions[k + 1 :]]
                    yield f"{what}: {changed.strip()}", spoiled


@pytest.mark.parametrize("derivation", [NEURON, gm.derive("L = tanh(w*x)", wrt=["w"])])
def test_planted_bugs_are_caught(
    derivation: gm.Derivation, monkeypatch: pytest.MonkeyPatch
) -> None:
    # a wrong text is wrong however well it is optimised, and most of the time goes to compiling
    options = Compiler.options
    monkeypatch.setattr(Compiler, "options", lambda *given: (*options(*given), "-O1"))
    # the same change in the loops of each choice of sums and scalars: found in one, found
    made = native_built.make_plan
    program = gm.compile(derivation, "native")._runner(frozenset(), _numpy()).program
    functions = made(program).functions
    survivors, seen = [], 0
    for what, _ in planted(functions):
        line = what.partition(": ")[2]

        def spoiled(*arguments, what=what, line=line):
            plan = made(*arguments)
            for text, changed in planted(plan.functions):
                if text.partition(": ")[2] == line:
                    plan.functions[:] = changed
                    break
            return plan

        monkeypatch.setattr(native_built, "make_plan", spoiled)
        seen += 1
        if gm.verify(gm.compile(derivation, "native")).status != FAILED:
            survivors.append(what)
    assert seen > 10
    assert survivors == []


def _numpy():
    import array_api_compat.numpy as numpy_namespace

    return numpy_namespace


@pytest.mark.parametrize(
    ("name", "order", "old", "new"),
    [
        # a coefficient of the exponential off by one part in 10^9
        ("sigmoid", 1, "0.16666666666666", "0.16666666683333"),
        ("elu", 0, "s - T(0.5))", "s - T(0.50000001))"),
        ("gelu", 0, "x > LARGEST ? T(1) :", "x > T(5) ? T(1) :"),
        ("softplus", 0, "near ? x : m", "near ? u - T(1) : m"),
        ("tanh", 0, "T(-2) * F", "T(-2.00000001) * F"),
    ],
)
def test_a_bug_in_the_mathematics_is_caught(
    name: str, order: int, old: str, new: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit = native_source.unit

    def spoiled(*arguments):
        text = unit(*arguments)
        assert text.count(old) > 0
        return text.replace(old, new)

    monkeypatch.setattr(native_built, "unit", spoiled)
    function = OnRunner(gm.activations[name], NativeRunner)
    rows = scalars.activation_rows(function, orders=[order])
    assert gm.Report(rows, name).status == FAILED
