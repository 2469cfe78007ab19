"""What frameworks give for a saturated layer and for a gradient to be clipped, as recorded."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import sympy as sp

from gradmath.claims.claim import Case, claim
from gradmath.claims.gallery.cases import ON_RECORD, PAGE, written
from gradmath.claims.gallery.facts import Answer, Error, Fact
from gradmath.claims.gallery.frameworks import LOST, RIGHT, error, error_of
from gradmath.claims.gallery.recording import Record, recording
from gradmath.claims.grades import RECORDED
from gradmath.claims.values import Value


@functools.cache
def true_layer() -> tuple[Fraction, ...]:
    """The gradient by W1 of the recorded network, row by row, by a sweep in balls."""
    from gradmath.verify import sweep

    network, params, x, y = network_of(recording().peers("saturated-layer")[0])
    found = sweep.sweep(sweep.setting(network, params, x, y), 2048)
    exact = [ball.mid().man_exp() for ball in found.grads["W1"].entries()]
    return tuple(int(digits) * Fraction(2) ** int(power) for digits, power in exact)


def network_of(record: Record) -> tuple[Any, dict[str, Any], Any, Any]:
    """The network, parameters, input and target that the peers were given."""
    import numpy as np

    from gradmath.network import Dense, Network

    given = {name: np.array(value, dtype=float) for name, value in record.inputs.items()}
    params = {
        "W1": given["W1"],
        "b1": given["b1"],
        "W2": given["W2"][None, :],
        "b2": given["b2"][None],
    }
    units, inputs = given["W1"].shape
    layers = [Dense(units, "tanh"), Dense(1)]
    network = Network(inputs=inputs, layers=layers, loss="squared_error")
    return network, params, given["x"][None, :], given["y"].reshape(1, 1)


def _sizes(record: Record) -> list[float]:
    return [float(sp.Rational(number)) for number in record.inputs["gradient"]]


@claim(
    "gallery-saturated-layer",
    page=PAGE,
    grade=RECORDED,
    titles={
        "en": "The gradient of a saturated tanh layer",
        "zh": "饱和的 tanh 层的梯度",
    },
    statement_text={
        "en": "In a layer of saturated tanh units, PyTorch's and JAX's gradients by the weights "
        "are off by more than a tenth in double precision and are 0 in single precision. HIPS "
        "autograd's are right in both.",
        "zh": "在饱和的 tanh 层里，PyTorch 与 JAX 对权重的梯度，双精度下的相对误差超过十分之一，"
        "单精度下为 0；HIPS autograd 在两种精度下都正确。",
    },
    assumptions={
        "en": "Two inputs, three tanh units with pre-activations between 17 and 19 in size, one "
        "linear unit, squared error; the numbers are in the record, which was made once, with the "
        "versions that the evidence names. The error is that of the worst entry.",
        "zh": "两个输入，三个 tanh 单元，预激活值的绝对值在 17 与 19 之间，一个线性单元，平方误差；"
        "具体数值见记录；记录只做过一次，版本见证据。误差取最差的一个元素。",
    },
)
def saturated_layer() -> Case:
    name = "saturated-layer"
    said = {
        "torch": {"float64": (0.1, 0.3), "float32": LOST},
        "jax": {"float64": (0.5, 3.0), "float32": LOST},
        "autograd": RIGHT,
    }
    facts: dict[str, Fact] = {}
    for record in recording().peers(name):
        for dtype, (low, high) in said[record.peer].items():
            facts[f"{record.peer} {dtype}"] = error_of(
                record.peer, dtype, _worst(record.results[dtype]), low, high
            )
    values = {
        f"{record.peer}_worst": Value(
            _worst(record.results["float64"])(),
            digits=2,
            again=_worst_again(record.results["float64"]),
        )
        for record in recording().peers(name)
    }
    return written(
        r"\frac{\partial L}{\partial W_1} = \bigl(\delta \odot \operatorname{sech}^2 z\bigr)\,"
        r"x^{\mathsf T}, \qquad 17 < |z_i| < 19",
        "the gradient of a saturated tanh layer is off in torch and jax and right in autograd",
        facts,
        values,
    )


def _worst_again(numbers: list[float]) -> float:
    """The same against mpmath, by the chain rule written out for this one layer."""
    import mpmath

    given = {
        name: mpmath.matrix(value)
        for name, value in recording().peers("saturated-layer")[0].inputs.items()
        if isinstance(value, list)
    }
    inputs = recording().peers("saturated-layer")[0].inputs
    with mpmath.workdps(50):
        z = given["W1"] * given["x"] + given["b1"]
        bias, target = (mpmath.mpf(inputs[name]) for name in ("b2", "y"))
        out = mpmath.fsum(given["W2"][i] * mpmath.tanh(z[i]) for i in range(z.rows)) + bias
        delta = [
            2 * (out - target) * given["W2"][i] / mpmath.cosh(z[i]) ** 2 for i in range(z.rows)
        ]
        true = [row * entry for row in delta for entry in given["x"]]
        return float(max(abs(n - t) / abs(t) for n, t in zip(numbers, true, strict=True)))


def _worst(numbers: list[float]) -> Callable[[], float]:
    return lambda: max(map(error, numbers, true_layer()))


@claim(
    "gallery-huge-norm",
    page=PAGE,
    grade=RECORDED,
    titles={
        "en": "Clipping a gradient whose square overflows",
        "zh": "裁剪平方会上溢的梯度",
    },
    statement_text={
        "en": "Of three gradients of 1e200, clip_grad_norm_ reports the norm as infinite and "
        "leaves three zeros, where the right answer has norm 1.",
        "zh": "对三个大小为 1e200 的梯度，clip_grad_norm_ 报告范数为无穷，并把它们全部变成 0；"
        "正确的结果范数应为 1。",
    },
    assumptions=ON_RECORD,
)
def huge_norm() -> Case:
    record = recording().of("huge-norm")
    facts: dict[str, Fact] = {
        "norm": Answer(
            ("the norm", "范数"), "torch", lambda: str(record.results["norm"]), "inf", "1.7e+200"
        ),
    }
    true = record_norm(record)[1]
    for place, number in enumerate(record.results["clipped"], 1):
        words = (f"entry {place} after clipping", f"裁剪后的第 {place} 个分量")
        facts[f"entry {place}"] = Error(words, "torch", _gap(number, true), *LOST)
    return written(
        r"\frac{g}{\lVert g \rVert_2} = \Bigl(\tfrac{1}{\sqrt 3}, \tfrac{1}{\sqrt 3},"
        r" \tfrac{1}{\sqrt 3}\Bigr) \;\ne\; (0, 0, 0)",
        "clip_grad_norm_ turns three gradients of 1e200 into zeros",
        facts,
        {
            "size": Value(sp.Rational(record.inputs["gradient"][0]), digits=1),
            "norm": Value(record_norm(record)[0], digits=3, again=math.hypot(*_sizes(record))),
            "entry": Value(true, digits=3, again=_sizes(record)[0] / math.hypot(*_sizes(record))),
        },
    )


def record_norm(record: Record) -> tuple[float, float]:
    """The true norm of the recorded gradients, and each entry once it is clipped."""
    entries = [sp.Rational(number) for number in record.inputs["gradient"]]
    norm = sp.sqrt(sum(entry**2 for entry in entries))
    most = sp.Rational(record.inputs["max_norm"])
    return float(norm), float(entries[0] * min(sp.Integer(1), most / norm))


def _gap(number: float, true: float) -> Callable[[], float]:
    return lambda: error(number, true)
