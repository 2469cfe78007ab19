"""Errors of one part in ten thousand, and errors in second derivatives alone: all are found."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
import pytest

import gradmath as gm
from gradmath.verify import FAILED, PASSED, Report, verify
from gradmath.verify.clips import clip_rows
from gradmath.verify.losses import loss_rows, penalty_rows, vector_loss_rows
from gradmath.verify.scalars import activation_rows
from gradmath.verify.ulps import FLOAT32, FLOAT64

OFF = 1.0001
FORMATS = (FLOAT64, FLOAT32)
NEURON = "z = w*x + b; a = sigmoid(z); l = (a - y)**2"
TWO = "z1 = w1*x + b1; a1 = sigmoid(z1); z2 = w2*a1 + b2; a2 = tanh(z2); L = (a2 - y)**2"
NET = gm.Network(2, [gm.Dense(3, gm.tanh), gm.Dense(2, gm.relu), gm.Dense(1)])
SKIPS = gm.Network(2, [gm.Dense(2, gm.tanh, residual=True)] * 2)
CLASSES = gm.Network(3, [gm.Dense(4, gm.gelu), gm.Dense(3)], loss=gm.softmax_cross_entropy)


def off(value, dtype=None):
    array = np.asarray(value)
    if dtype is not None and array.dtype != dtype:
        return value
    return array * array.dtype.type(OFF)


class Lines:
    """A derivation with the lines of one name off by a hundredth of a per cent."""

    def __init__(self, original, kind, name):
        self._original = original
        self.steps = tuple(
            dataclasses.replace(s, expression=s.expression * 10001 / 10000)
            if (s.kind, s.name) == (kind, name)
            else s
            for s in original.steps
        )
        assert self.steps != original.steps

    def __getattr__(self, name):
        return getattr(self._original, name)


def lines(subject):
    """Every line of a derivation."""
    return [(step.kind, step.name) for step in gm.derive(subject).steps]


@pytest.mark.parametrize(("kind", "name"), lines(NEURON))
def test_lines_of_equations(kind, name):
    bad = [row for row in verify(Lines(gm.derive(NEURON), kind, name)) if row.status == FAILED]
    assert {row.subject for row in bad} == {f"{kind} {name}"}


@pytest.mark.parametrize(
    ("net", "kind", "name"), [(net, *line) for net in (NET, SKIPS) for line in lines(net)]
)
def test_lines_of_a_network(net, kind, name):
    bad = [row for row in verify(Lines(gm.derive(net), kind, name)) if row.status == FAILED]
    assert {row.subject for row in bad} == {f"{kind} {name}"}


class Kernel:
    """A kernel of named equations with one result off, in one type."""

    def __init__(self, kernel, name, dtype):
        self.kernel, self.derivation, self.name, self.dtype = kernel, kernel.derivation, name, dtype

    def __call__(self, values, reduce=None):
        loss, grads = self.kernel(values, reduce=reduce)
        if self.name == self.derivation.output:
            return off(loss, self.dtype), grads
        return loss, {**grads, self.name: off(grads[self.name], self.dtype)}


@functools.cache
def compiled(subject):
    return gm.compile(gm.derive(subject), backend="numpy")


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    ("text", "name"),
    [
        *((NEURON, name) for name in ("l", "w", "x", "b", "y")),
        *((TWO, name) for name in ("L", "w1", "b1", "w2", "b2", "x")),
        ("L = w*x", "w"),
        ("L = w*x", "L"),
        ("L = log(w)", "w"),
        ("L = sqrt(w)", "L"),
    ],
)
def test_kernels_of_equations(text, name, dtype):
    kernel = compiled(text)
    assert verify(kernel).status == PASSED
    bad = [row for row in verify(Kernel(kernel, name, dtype)) if row.status == FAILED]
    output = kernel.derivation.output
    subject = name if name == output else f"d{output}/d{name}"
    assert {f"{subject} {dtype}", f"{subject} {dtype} over samples"} >= {r.subject for r in bad}
    assert f"{subject} {dtype}" in {row.subject for row in bad}


class NetworkKernel:
    """A network's kernel with one result off, in one type."""

    def __init__(self, kernel, name, dtype):
        self.kernel, self.name, self.dtype = kernel, name, dtype
        self.derivation, self.network = kernel.derivation, kernel.network

    def __call__(self, params, x, y, reduce="mean"):
        loss, grads = self.kernel(params, x, y, reduce=reduce)
        if self.name == "L":
            return off(loss, self.dtype), grads
        return loss, {**grads, self.name: off(grads[self.name], self.dtype)}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    ("net", "name"),
    [(n, name) for n in (NET, CLASSES) for name in ("L", "W1", "b1", "W2", "b2", "x")],
)
def test_kernels_of_networks(net, name, dtype):
    report = verify(NetworkKernel(compiled(net), name, dtype))
    bad = [row for row in report if row.status == FAILED]
    assert bad
    kind = {"L": "loss", "W": "weights", "b": "biases", "x": "input"}[name[0]]
    assert all(row.subject.startswith(kind) and dtype in row.subject for row in bad)


def test_kernels_of_networks_pass():
    for net in (NET, CLASSES):
        assert verify(compiled(net)).status == PASSED


class Activation:
    """An activation with one order of its derivatives off, in one type."""

    def __init__(self, function, order, dtype):
        self.function, self.entry, self.order, self.dtype = function, function.entry, order, dtype

    def __call__(self, x, **parameters):
        right = self.function(x, **parameters)
        return off(right, self.dtype) if self.order == 0 else right

    def derivative(self, x, order=1, **parameters):
        right = self.function.derivative(x, order=order, **parameters)
        return off(right, self.dtype) if order == self.order else right


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("name", gm.activations)
def test_activations(name, order, dtype):
    function = gm.activations[name]
    rows = activation_rows(Activation(function, order, dtype), count=60)
    bad = {row.subject for row in rows if row.status == FAILED}
    wanted = {f"{function.entry.name}{chr(39) * order} {dtype}"}
    assert bad == (set() if _flat(function, order) else wanted)


def _flat(function, order):
    """Whether the derivative is 0 everywhere off the kinks: then a share of it is 0 too."""
    x = np.linspace(-9.0, 9.0, 4001)
    right = function(x) if order == 0 else function.derivative(x, order=order)
    return not np.any(right)


class Loss:
    """A loss or penalty with its gradient, or one derivative, off in one type."""

    def __init__(self, function, dtype, order=1):
        self.function, self.entry, self.dtype, self.order = function, function.entry, dtype, order

    def __call__(self, *arguments, **options):
        right = self.function(*arguments, **options)
        return off(right, self.dtype) if self.order == 0 else right

    def gradient(self, *arguments, **options):
        return off(self.function.gradient(*arguments, **options), self.dtype)

    def derivative(self, *arguments, order=1, **options):
        right = self.function.derivative(*arguments, order=order, **options)
        return off(right, self.dtype) if order == self.order else right


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
@pytest.mark.parametrize("name", gm.losses)
def test_losses(name, form):
    function = gm.losses[name]
    check = vector_loss_rows if hasattr(function.entry, "instance") else loss_rows
    bad = {r.subject for r in check(Loss(function, form.name), [form]) if r.status == FAILED}
    assert bad
    assert all(subject.startswith(f"{function.entry.name}' {form.name}") for subject in bad)


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("name", gm.penalties)
def test_penalties(name, order, form):
    function = gm.penalties[name]
    rows = penalty_rows(Loss(function, form.name, order), [form], count=30)
    bad = [row for row in rows if row.status == FAILED]
    flat = order == 2 and name == "l1"  # its second derivative is 0
    assert bool(bad) is not flat
    assert all(f"{function.entry.name}{chr(39) * order} {form.name}" in r.subject for r in bad)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", gm.clips)
def test_clips(name, dtype):
    bad = [r for r in clip_rows(Loss(gm.clips[name], dtype, 0)) if r.status == FAILED]
    assert bad
    assert all(dtype in row.subject for row in bad)


def test_a_gradient_given_out_is_held_against_the_lines():
    for subject, name in ((NEURON, "w"), (NET, "W1")):
        derivation = gm.derive(subject)

        class Other:
            """The lines are right; what `gradient` holds is not."""

            gradient = {  # noqa: RUF012 - made for one look
                **{key: derivation.gradient[key] for key in derivation.wrt},
                name: derivation.gradient[name] * 10001 / 10000,
            }
            original = derivation

            def __getattr__(self, attribute):
                return getattr(self.original, attribute)

        bad = [row for row in verify(Other()) if row.status == FAILED]
        assert bad
        assert all("given out" in row.subject for row in bad)
        assert len({row.method for row in bad}) == len(bad)  # each way of looking finds it once
    assert Report(verify(gm.derive(NEURON)).rows).status == PASSED


def test_a_tail_and_a_kink_are_looked_at():
    """A line that is 0 where the slope is 1e-13, and one that is 1 at the kink of relu only."""
    import sympy as sp

    for text, wrong in (
        (NEURON, lambda z, e: sp.Piecewise((0, sp.Abs(z) > 30), (e, True))),
        ("z = w*x + b; a = relu(z); l = (a - y)**2",
         lambda z, e: sp.Piecewise((1, sp.Eq(z, 0)), (e, True))),
    ):  # fmt: skip
        derivation = gm.derive(text)
        changed = Lines(derivation, "local", "da/dz")
        z = derivation.symbols["z"]
        changed.steps = tuple(
            dataclasses.replace(s, expression=wrong(z, s.expression)) if s.name == "da/dz" else s
            for s in derivation.steps
        )
        bad = [row for row in verify(changed) if row.status == FAILED]
        assert {row.subject for row in bad} == {"local da/dz"}
