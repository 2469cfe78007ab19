"""A PyTorch layer checked by gm.check_gradient, as `nox -s peers` recorded it."""

from __future__ import annotations

from gradmath.claims.claim import Case, claim
from gradmath.claims.gallery.cases import MEANT, ON_RECORD, RIGHT, WRONG, written
from gradmath.claims.gallery.facts import Error, Fact, verdict
from gradmath.claims.gallery.recording import ACCEPTED, REJECTED, recording
from gradmath.claims.grades import RECORDED
from gradmath.claims.practice.runs import PAGE
from gradmath.claims.values import Value

EXHIBIT = "torch-layer"
TOLERANCE = 1e-14


def _gap() -> float:
    """The recorded value of the loss against ours: the network of one layer, at those inputs."""
    import numpy as np

    from gradmath.derivation import derive
    from gradmath.kernels import compile
    from gradmath.kernels.layers import NetworkKernel
    from gradmath.network import Dense, Network

    record = recording().of(EXHIBIT)
    at = {name: np.array(value, dtype=np.float64) for name, value in record.inputs.items()}
    outputs, inputs = at["W"].shape
    kernel = compile(derive(Network(inputs, [Dense(outputs, "tanh")])), "numpy")
    assert isinstance(kernel, NetworkKernel)
    assert record.value is not None
    loss, _ = kernel({"W1": at["W"], "b1": at["b"]}, at["x"], at["y"])
    return abs(record.value - float(loss)) / float(loss)


@claim(
    "practice-torch-layer",
    page=PAGE,
    grade=RECORDED,
    titles={
        "en": "A PyTorch layer under gm.check_gradient",
        "zh": "用 gm.check_gradient 检查 PyTorch 的一层",
    },
    statement_text={
        "en": "gm.check_gradient accepts the gradient that PyTorch's own tanh layer computes, and "
        "rejects that of the same layer with a backward pass by hand that takes 1 − z² for "
        "1 − tanh² z.",
        "zh": "gm.check_gradient 接受 PyTorch 自带 tanh 层算出的梯度；若同一层的反向传播是手写的，"
        "且把 1 − tanh² z 写成 1 − z²，则予以拒绝。",
    },
    assumptions=ON_RECORD,
)
def torch_layer() -> Case:
    facts: dict[str, Fact] = {
        "right": verdict(EXHIBIT, "right", ACCEPTED, RIGHT),
        "wrong": verdict(EXHIBIT, "wrong", REJECTED, WRONG),
        "same function": Error(MEANT, "torch", _gap, 0.0, TOLERANCE),
    }
    inputs = recording().of(EXHIBIT).inputs
    values = {
        "samples": Value(len(inputs["x"]), again=lambda: len(inputs["y"])),
        "inputs": Value(len(inputs["W"][0]), again=lambda: len(inputs["x"][0])),
        "outputs": Value(len(inputs["W"]), again=lambda: len(inputs["y"][0])),
    }
    return written(
        r"\begin{gathered} z = x W^{\mathsf T} + b, \quad a = \tanh z, \\"
        r" \delta = \frac{2}{n}(a - y) \odot (1 - a^2) \end{gathered}",
        "gm.check_gradient accepts PyTorch's gradient of a tanh layer and rejects one with 1 - z^2",
        facts,
        values,
    )
