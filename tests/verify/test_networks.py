"""Networks: kernels and matrix lines against the ball sweep, right and with planted errors."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import sympy
from flint import arb

import gradmath as gm
from gradmath.verify import FAILED, INCONCLUSIVE, PASSED, Report, balls, verify
from gradmath.verify.networks import Case, cases, gradient_rows, kernel_rows, truth

D = gm.Dense
NETS = {
    "two layers": gm.Network(2, [D(3, gm.tanh), D(1)], loss=gm.squared_error),
    "mixed": gm.Network(3, [D(4, gm.gelu), D(3, gm.softplus), D(3)], loss=gm.softmax_cross_entropy),
    "kinked": gm.Network(2, [D(4, gm.relu), D(3, gm.elu), D(2)], loss=gm.huber),
    "parameters": gm.Network(2, [D(4, gm.leaky_relu, negative_slope=0.2), D(2)],
                             loss=gm.absolute_error),
    "logits": gm.Network(2, [D(4, gm.sigmoid), D(2)], loss=gm.binary_cross_entropy),
    "one residual": gm.Network(2, [D(2, gm.tanh, residual=True)]),
    "residual classes": gm.Network(3, [D(3, gm.gelu, residual=True), D(4, gm.tanh),
                                       D(4, residual=True)], loss=gm.softmax_cross_entropy),
    "residual kinks": gm.Network(2, [D(3, gm.relu), D(3, gm.relu, residual=True), D(3, gm.elu),
                                     D(3, gm.leaky_relu, residual=True), D(2)], loss=gm.huber),
}  # fmt: skip


def kernel(net):
    return gm.compile(gm.derive(net), backend="numpy")


@pytest.mark.parametrize("name", NETS)
def test_kernels_pass(name):
    report = verify(kernel(NETS[name]))
    assert report.status == PASSED, report
    assert len(report) == 48  # five regimes and a sum, four results, two types
    assert all(row.worst < 0.25 for row in report)  # the bound is well beyond what rounding does


@pytest.mark.parametrize("name", NETS)
def test_derivations_pass(name):
    assert verify(gm.derive(NETS[name])).status == PASSED


def test_float32():
    net = NETS["mixed"]
    k = kernel(net)
    rows = [row for case in cases(net, "float32") for row in gradient_rows(k, net, case)]
    assert Report(rows).status == PASSED


class Spoiled:
    def __init__(self, kernel, change):
        self.kernel, self.change = kernel, change
        self.derivation, self.network = kernel.derivation, kernel.network

    def __call__(self, params, x, y):
        return self.change(*self.kernel(params, x, y), params, x, y)


def changed(name, change):
    def apply(loss, grads, params, x, y):
        return loss, {**grads, name: change(grads[name])}

    return apply


def at_one_entry(g, value):
    g = g.copy()
    g.flat[-1] = value(g.flat[-1])
    return g


MISTAKES = {
    "0.01 % in the loss": lambda loss, grads, *_: (loss * 1.0001, grads),
    "0.01 % in one weight": changed("W1", lambda g: at_one_entry(g, lambda v: v * 1.0001)),
    "a lost factor": changed("W2", lambda g: g / 2),
    "a flipped sign": changed("b1", lambda g: -g),
    "sum for mean": lambda loss, grads, p, x, y: (loss, {k: g * len(x) for k, g in grads.items()}),
    "zero for small": lambda loss, grads, *_: (
        loss, {k: np.where(abs(g) < 1e-3, 0, g) for k, g in grads.items()}),
    "NaN": changed("x", lambda g: at_one_entry(g, lambda v: np.nan)),
    "infinity": changed("x", lambda g: at_one_entry(g, lambda v: np.inf)),
    "a missing gradient": lambda loss, grads, *_: (loss, {k: grads[k] for k in grads if k != "x"}),
    "a transposed matrix": changed("W2", lambda g: g.T),
    "another type": changed("b1", lambda g: g.astype("float32")),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_planted_mistakes_are_found(mistake):
    report = verify(Spoiled(kernel(NETS["two layers"]), MISTAKES[mistake]))
    assert report.status == FAILED


def test_the_unspoiled_twin_passes():
    twin = Spoiled(kernel(NETS["two layers"]), lambda loss, grads, *_: (loss, grads))
    assert verify(twin).status == PASSED


def test_tails_of_a_saturated_chain():
    """True gradients around 1e-170: a claimed 0 fails, the true ones pass."""
    net = gm.Network(1, [D(1, gm.tanh)] * 3)
    params = {f"{v}{k}": np.full((1, 1) if v == "W" else (1,), 8.0 * (v == "W") + 60.0 * (v == "b"))
              for k in (1, 2, 3) for v in "Wb"}  # fmt: skip
    case = Case("saturated", params, np.array([[0.5]]), np.array([[0.25]]))
    k = kernel(net)
    assert Report(gradient_rows(k, net, case)).status == PASSED
    assert 0 < abs(k(params, case.x, case.y)[1]["W1"][0, 0]) < 1e-150

    def zero(loss, grads, *_):
        return loss, {**grads, "W1": 0 * grads["W1"]}

    rows = gradient_rows(Spoiled(k, zero), net, case)
    assert {row.subject.split(",")[0] for row in rows if row.status == FAILED} == {"weights"}


def test_underflow_is_said():
    net = gm.Network(1, [D(1, gm.tanh)] * 3)
    params = {f"{v}{k}": np.full((1, 1) if v == "W" else (1,), 90.0 if v == "W" else 120.0)
              for k in (1, 2, 3) for v in "Wb"}  # fmt: skip
    case = Case("underflow", params, np.array([[0.5]]), np.array([[0.25]]))
    rows = gradient_rows(kernel(net), net, case)
    assert Report(rows).status == PASSED
    assert all("underflow" in row.note for row in rows)


def test_exact_kinks_take_the_declared_derivative():
    net = gm.Network(1, [D(2, gm.relu), D(1)])
    params = {"W1": np.array([[1.0], [2.0]]), "b1": np.array([0.0, -1.0]),
              "W2": np.array([[0.75, -1.5]]), "b2": np.array([0.25])}  # fmt: skip
    case = Case("kink", params, np.array([[0.0]]), np.array([[1.0]]))
    k = kernel(net)
    assert Report(gradient_rows(k, net, case)).status == PASSED
    right = changed("b1", lambda g: g + 0.1)  # as if the slope at 0 were not 0
    rows = gradient_rows(Spoiled(k, right), net, case)
    assert Report(rows).status == FAILED


def test_within_rounding_of_a_kink_a_mismatch_is_undecided():
    net = gm.Network(1, [D(1, gm.relu), D(1)])
    params = {"W1": np.array([[0.1]]), "b1": np.array([-0.1 * 3]),
              "W2": np.array([[0.75]]), "b2": np.array([0.25])}  # fmt: skip
    case = Case("near a kink", params, np.array([[3.0]]), np.array([[1.0]]))
    rows = gradient_rows(Spoiled(kernel(net), changed("b1", lambda g: g + 1.0)), net, case)
    assert Report(rows).status == INCONCLUSIVE
    assert all("kink" in row.note for row in rows)


@pytest.mark.parametrize("residual", [False, True])
def test_depth_fifty_width_sixteen_and_a_single_wrong_entry(residual):
    net = gm.Network(3, [D(16, gm.tanh), *[D(16, gm.tanh, residual=residual)] * 48, D(2)])
    k, case = kernel(net), next(cases(net, batch=1))
    assert Report(gradient_rows(k, net, case)).status == PASSED
    wrong = changed("W1", lambda g: at_one_entry(g, lambda v: v * 1.001))
    rows = gradient_rows(Spoiled(k, wrong), net, case)
    bad = [row for row in rows if row.status == FAILED]
    assert [row.where for row in bad] == ["W1[15, 2]"]


@pytest.mark.parametrize("name", ["mixed", "residual classes"])
def test_the_sweep_agrees_with_differences_of_its_own_loss(name):
    """The truth itself, checked by central differences in ball arithmetic."""
    net = NETS[name]
    case = next(cases(net))
    found = truth(net, case).found
    h = 2.0**-60
    for name, index in (("W1", (2, 1)), ("b2", (0,)), ("W3", (2, 0))):
        moved = []
        for sign in (1, -1):
            params = {k: v.copy() for k, v in case.params.items()}
            # steps far below double's spacing: carried as exact fractions
            exact = _exact(params, name, index, sign * h)
            moved.append(truth(net, Case("moved", exact, case.x, case.y)).found.loss)
        with balls.precision(256):
            slope = (moved[0] - moved[1]) / (2 * arb(h))
            table = found.grads[name]
            true = table[index] if len(index) == 2 else table[0, index[0]]
            assert float(abs(slope - true)) < 1e-30


def _exact(params, name, index, step):
    from fractions import Fraction

    table = {k: v.astype(object) for k, v in params.items()}
    for k, array in table.items():
        table[k] = np.vectorize(Fraction, otypes=[object])(array)
    table[name][index] += Fraction(step)
    return table


def spoil_step(derivation, kind, name, change):
    steps = tuple(
        dataclasses.replace(s, expression=change(s.expression)) if (s.kind, s.by) == (kind, name)
        else s
        for s in derivation.steps
    )  # fmt: skip
    assert steps != derivation.steps

    class Changed:
        def __getattr__(self, attribute):
            return getattr(derivation, attribute)

    changed = Changed()
    changed.steps = steps
    return changed


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_gradient_of_the_layers_path_alone_is_found(dtype):
    """A kernel whose forward sweep is right and whose adjoints forget the identity."""
    net = NETS["one residual"]
    k = kernel(net)

    def forgets(loss, grads, params, x, y):
        z = x @ params["W1"].T + params["b1"]
        adjoint = 2 * (x + np.tanh(z) - y) / len(x)
        return loss, {**grads, "x": grads["x"] - adjoint.astype(dtype)}

    for case in cases(net, dtype):
        rows = gradient_rows(Spoiled(k, forgets), net, case)
        assert {row.subject.split(",")[0] for row in rows if row.status == FAILED} == {"input"}


def test_lines_of_fifty_residual_layers():
    net = gm.Network(3, [D(3, gm.tanh, residual=True)] * 50)
    report = verify(gm.derive(net))
    assert report.status == PASSED
    assert sum(row.subject.startswith("adjoint dL/da") for row in report) == 49


@pytest.mark.parametrize(
    ("kind", "name", "change"),
    [
        ("gradient", "W2", lambda e: 2 * e),
        ("gradient", "W1", lambda e: e.T),
        ("adjoint", "z1", lambda e: -e),
        ("local", "z1", lambda e: 2 * e),
    ],
)
def test_planted_matrix_lines_are_found(kind, name, change):
    derivation = spoil_step(gm.derive(NETS["two layers"]), kind, name, change)
    bad = [row for row in verify(derivation) if row.status == FAILED]
    assert len(bad) == 1
    assert bad[0].subject.startswith(kind)


@pytest.mark.parametrize("name", ["mixed", "logits"])
def test_a_loss_that_is_right_for_whole_classes_alone_fails(name):
    right = kernel(NETS[name])

    class Whole:
        network = right.network

        def __call__(self, params, x, y, **options):
            y = np.asarray(y)
            if y.ndim == 2:  # its largest entry counts as the class
                whole = y == y.max(axis=1, keepdims=True) if y.shape[1] == 3 else y > 0.5
                y = whole.astype(y.dtype)
            return right(params, x, y, **options)

    assert Report(kernel_rows(Whole())).status == FAILED
    derivation = gm.derive(NETS[name])
    y = derivation.symbols["y"]
    squared = sympy.HadamardProduct(y, y)  # y itself for 0 and 1
    last = f"a{len(NETS[name].layers)}"
    wrong = spoil_step(derivation, "local", last, lambda e: e.subs(y, squared))
    assert verify(wrong).status == FAILED


def test_a_network_kernel_that_raises_fails_and_says_so():
    net = NETS["two layers"]

    def broken(params, x, y):
        raise RuntimeError("lost")

    rows = gradient_rows(broken, net, next(cases(net)))
    assert {row.status for row in rows} == {FAILED}
    assert all("raised RuntimeError: lost" in row.note for row in rows)


class Answering:
    """A kernel whose answer is changed, given the number of samples."""

    def __init__(self, net, change):
        self.network, self._kernel, self._change = net, kernel(net), change

    def __call__(self, params, x, y, **options):
        return self._change(*self._kernel(params, x, y, **options), len(x))


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda loss, g, n: (loss, g), False),
        (lambda loss, g, n: (loss * n / 2, {k: v * n / 2 for k, v in g.items()}), True),
        (lambda loss, g, n: (loss, {k: v * (2 if n == 1 else 1) for k, v in g.items()}), True),
        (
            lambda loss, g, n: (loss, {k: np.where(abs(v) < 1e-12, 0, v) for k, v in g.items()}),
            True,
        ),
    ],
    ids=["right", "half the sum for the mean", "wrong for one sample", "tiny ones set to zero"],
)
def test_kernels_that_are_right_for_two_samples_or_for_large_gradients_only(change, found):
    spoiled = Answering(NETS["two layers"], change)
    assert any(row.status == FAILED for row in kernel_rows(spoiled)) == found


@pytest.mark.parametrize(
    "change",
    [
        lambda n, line: n / 2 * line,
        lambda n, line: n / 3 * line,
        lambda n, line: (1 + sympy.Rational(1, 10**20)) * line,
    ],
    ids=["right for two samples", "right for three", "a little off"],
)
def test_matrix_lines_that_are_nearly_right(change):
    derivation = gm.derive(NETS["two layers"])
    n = derivation.symbols["n"]
    wrong = spoil_step(derivation, "gradient", "W1", lambda line: change(n, line))
    assert verify(wrong).status == FAILED
