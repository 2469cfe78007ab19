"""Derivations and kernels of named equations, right and with planted errors."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import sympy as sp

import gradmath as gm
from gradmath.errors import GradmathError, VerificationError
from gradmath.verify import FAILED, INCONCLUSIVE, PASSED, verify

NEURON = [("z", "w*x + b"), ("a", "sigmoid(z)"), ("L", "(a - y)**2")]
EQUATIONS = {
    "neuron": NEURON,
    "nested kinks": [("z", "w*x"), ("L", "huber(relu(z), y) + w**2/10")],
    "typed by hand": [("p", "1/(1 + exp(-w*x))"), ("L", "(p - y)**2")],
    "shared": [("h", "tanh(w*x)"), ("u", "h*w"), ("v", "h + u"), ("L", "u*v**2*exp(-v**2)")],
    "renamed": [("a", "w*x"), ("c", "a"), ("L", "c**3 + a")],
    "one line": [("L", "log(1 + exp(-y*(w*x + b)))")],
}


class Changed:
    """A derivation with some attributes replaced."""

    def __init__(self, derivation, **fields):
        self.__dict__.update(fields)
        self._derivation = derivation

    def __getattr__(self, name):
        return getattr(self._derivation, name)


def with_step(derivation, kind, name, change):
    steps = tuple(
        dataclasses.replace(step, expression=change(step.expression))
        if (step.kind, step.name) == (kind, name)
        else step
        for step in derivation.steps
    )
    assert steps != derivation.steps
    return Changed(derivation, steps=steps)


@pytest.mark.parametrize("name", EQUATIONS)
def test_derivations_pass(name):
    report = verify(gm.derive(EQUATIONS[name]))
    assert report.status == PASSED, report
    assert all(row.points for row in report if row.method == "oracle")


@pytest.mark.parametrize(
    ("kind", "name", "change"),
    [
        ("local", "da/dz", lambda e: e * sp.Rational(10001, 10000)),
        ("local", "da/dz", lambda e: sp.Symbol("a", real=True)),
        ("local", "dL/da", lambda e: e / 2),
        ("local", "dz/dw", lambda e: -e),
        ("adjoint", "dL/dz", lambda e: e * 2),
        ("adjoint", "dL/dz", lambda e: sp.S.Zero),
        ("gradient", "dL/dw", lambda e: e * sp.Rational(10001, 10000)),
        ("gradient", "dL/db", lambda e: e + sp.Rational(1, 10**20)),
        ("forward", "z", lambda e: e + 1),
    ],
)
def test_planted_steps_are_found_by_name(kind, name, change):
    report = verify(with_step(gm.derive(NEURON), kind, name, change))
    bad = {row.subject for row in report if row.status == FAILED}
    assert bad == {f"{kind} {name}"}
    with pytest.raises(VerificationError, match=name):
        report.require()


def test_a_missing_gradient_is_found():
    d = gm.derive(NEURON)
    steps = tuple(step for step in d.steps if step.name != "dL/dw")
    assert verify(Changed(d, steps=steps)).status == FAILED


def test_a_derivation_without_steps_is_no_pass():
    assert verify(Changed(gm.derive(NEURON), steps=())).status == FAILED


def test_a_line_that_cannot_be_proved_is_still_checked(monkeypatch):
    from gradmath.verify import named
    from gradmath.verify.symbolic import Proof

    monkeypatch.setattr(named, "prove_zero", lambda *_, **__: Proof(None, "no time"))
    report = verify(gm.derive(NEURON))
    assert report.status == PASSED
    noted = [row for row in report if "checked, not proved" in row.note]
    assert len(noted) == 6
    wrong = with_step(gm.derive(NEURON), "local", "da/dz", lambda e: e / 2)
    assert verify(wrong).status == FAILED


class Kernel:
    """A kernel whose results pass through `spoil(name, arguments, result)`."""

    def __init__(self, kernel, spoil):
        self.kernel, self.derivation, self.spoil = kernel, kernel.derivation, spoil

    def __call__(self, values, reduce=None):
        loss, grads = self.kernel(values, reduce=reduce)
        grads = {name: self.spoil(name, values, grad) for name, grad in grads.items()}
        return self.spoil("L", values, loss), grads


@pytest.fixture(scope="module")
def kernel():
    return gm.compile(gm.derive(NEURON), backend="numpy")


def only(name, change):
    return lambda n, values, result: change(result) if n == name else result


def nan_at_one(result):
    result = np.array(result)
    result.reshape(-1)[7 % result.size] = np.nan
    return result


@pytest.mark.parametrize("name", EQUATIONS)
def test_kernels_pass(name):
    assert verify(gm.compile(gm.derive(EQUATIONS[name]), backend="numpy")).status == PASSED


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("w", lambda g: g * g.dtype.type(1.0001)),
        ("L", lambda g: g * g.dtype.type(1.0001)),
        ("w", lambda g: np.where(abs(g) < 1e-100, 0, g)),
        ("b", lambda g: np.where(abs(g) < 1e-290, 0, g)),
        ("x", lambda g: g / 2),
        ("y", lambda g: -g),
        ("b", nan_at_one),
    ],
)
def test_planted_numbers_are_found(kernel, name, change):
    report = verify(Kernel(kernel, only(name, change)))
    subject = "L" if name == "L" else f"dL/d{name}"
    bad = {row.subject.split()[0] for row in report if row.status == FAILED}
    assert bad == {subject}


def test_the_unspoiled_twin_passes(kernel):
    assert verify(Kernel(kernel, lambda name, values, result: result)).status == PASSED


REDUCTIONS = {
    "a sum for the mean": lambda k, v: k(v, reduce="sum"),
    "a mean for the sum": lambda k, v: k(v, reduce="mean"),
    "every sample": lambda k, v: k(v, reduce=None),
}


@pytest.mark.parametrize("mistake", REDUCTIONS)
def test_a_wrong_reduction_is_found(kernel, mistake):
    def wrong(values, reduce=None):
        return REDUCTIONS[mistake](kernel, values) if reduce else kernel(values)

    wrong.derivation = kernel.derivation
    bad = [row for row in verify(wrong) if row.status == FAILED]
    assert bad
    assert all("over samples" in row.subject for row in bad)


def test_a_slope_that_cancels_is_found(kernel):
    """sigmoid' as a (1 - a) is 0 in the tail, where the gradient is 1e-200 and not 0."""

    def naive(name, values, result):
        if name != "b":
            return result
        with np.errstate(over="ignore"):
            a = 1 / (1 + np.exp(-(values["w"] * values["x"] + values["b"])))
        return 2 * (a - values["y"]) * a * (1 - a)

    report = verify(Kernel(kernel, naive))
    bad = {r.subject for r in report if r.status == FAILED}
    assert {"dL/db float64", "dL/db float32"} <= bad
    assert {subject.split()[0] for subject in bad} == {"dL/db"}


def test_rounding_that_outweighs_the_value_is_set_aside_not_passed():
    """1 - p cancels before log sees it: such points are no evidence, and infinities fail."""
    d = gm.derive([("p", "1/(1 + exp(-x))"), ("q", "1 - p"), ("L", "log(q)")])
    report = verify(gm.compile(d, backend="numpy"))
    assert any("not counted" in row.note for row in report)
    assert report.status == FAILED


KINKED = ["a=max(w*x, 0); L=(a - y)**2", "a=min(w*x, y, 2); L=a**2", "L=max(w, x)"]
PARTIAL = ["L=log(w)", "L=sqrt(w)", "L=w**x", "L=log(w*x) + sqrt(y)", "L=log(w - 3)"]


@pytest.mark.parametrize("text", [*KINKED, *PARTIAL])
def test_ties_and_narrow_domains_pass(text):
    d = gm.derive(text)
    derived, computed = verify(d), verify(gm.compile(d, backend="numpy"))
    assert derived.status == PASSED, derived
    assert computed.status == PASSED, computed
    left_out = [("left out" in row.note) for row in (*derived, *computed) if row.method == "oracle"]
    assert all(left_out) if text in PARTIAL else not any(left_out)


@pytest.mark.parametrize("text", [*KINKED, *PARTIAL])
def test_planted_errors_are_found_there_too(text):
    d = gm.derive(text)
    wrong = with_step(d, "gradient", "dL/dw", lambda e: e * sp.Rational(10001, 10000))
    assert {r.subject for r in verify(wrong) if r.status == FAILED} == {"gradient dL/dw"}
    kernel = gm.compile(d, backend="numpy")
    spoiled = Kernel(kernel, only("w", lambda g: g * g.dtype.type(1.0001)))
    assert {r.subject.split()[0] for r in verify(spoiled) if r.status == FAILED} == {"dL/dw"}


def test_a_wrong_step_of_a_maximum_is_disproved():
    d = gm.derive("L=max(w, x)")
    w, x = (d.symbols[name] for name in "wx")
    swapped = with_step(d, "local", "dL/dw", lambda e: sp.Heaviside(x - w))
    assert "local dL/dw" in {row.subject for row in verify(swapped) if row.status == FAILED}


def test_points_at_a_tie_are_left_out():
    """Four inputs: two of the deterministic points put the same number into the first and last."""
    d = gm.derive("u=a*b*c; L=max(a, d) + u")
    assert d.inputs == ("a", "b", "c", "d")
    report = verify(gm.compile(d, backend="numpy"))
    assert report.status == PASSED, report
    by_sample = [row for row in report if "over samples" not in row.subject]
    assert all("left out" in row.note for row in by_sample)


def test_no_point_inside_the_domain_is_inconclusive():
    d = gm.derive("z=-exp(w); L=log(z)")
    for report in (verify(d), verify(gm.compile(d, backend="numpy"))):
        assert report.status == INCONCLUSIVE, report
        bad = [row for row in report if row.status != PASSED]
        assert bad
        assert all("left out" in row.note and row.status == INCONCLUSIVE for row in bad)


def test_a_missing_gradient_of_a_kernel_fails_its_rows(kernel):
    def without_w(values, reduce=None):
        loss, grads = kernel(values, reduce=reduce)
        del grads["w"]
        return loss, grads

    without_w.derivation = kernel.derivation
    bad = {row.subject: row.note for row in verify(without_w) if row.status == FAILED}
    assert {subject.split()[0] for subject in bad} == {"dL/dw"}
    assert len(bad) == 4  # each sample and over samples, in two types
    assert all("'w'" in note for note in bad.values())


@pytest.mark.parametrize(
    "error", [ZeroDivisionError("nothing"), GradmathError("kernel"), RuntimeError("lost")]
)
def test_a_kernel_that_raises_fails_and_says_so(kernel, error):
    def spoil(name, values, result):
        raise error

    report = verify(Kernel(kernel, spoil))
    assert {row.status for row in report} == {FAILED}
    assert all(f"raised {type(error).__name__}" in row.note for row in report)
    assert " at 0x" not in repr(report)


@pytest.mark.parametrize("result", [None, 3, (1.0, {}), ("a", {"w": "b"}), (np.ones(7), {})])
def test_results_of_another_kind_fail(kernel, result):
    def odd(values, reduce=None):
        return result

    odd.derivation = kernel.derivation
    assert {row.status for row in verify(odd)} <= {FAILED}


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("p=1/(1 + exp(-x)); q=1 - p; L=log(q)", "cancels"),
        ("L=exp(x)/x", "overflows"),
        ("p=exp(w)/(exp(w) + exp(x)); L=-log(p)", "overflows"),
        ("p=sigmoid(w*x); L=-y*log(p) - (1 - y)*log(1 - p)", "cancels"),
    ],
)
def test_what_is_wrong_with_the_typed_expression_is_said(text, how):
    report = verify(gm.compile(gm.derive(text), backend="numpy"))
    bad = [row for row in report if row.status == FAILED]
    assert any(how in row.note for row in bad), report
    assert any("loss that takes logits" in row.note for row in bad)


def test_a_wrong_kernel_of_a_sound_expression_is_not_excused(kernel):
    report = verify(Kernel(kernel, only("w", lambda g: g / 2)))
    notes = [row.note for row in report if row.status == FAILED]
    assert notes
    assert not any("as typed" in note for note in notes)
