"""The exercise on the shapes of all gradients: a network, verified, and compared entry by entry."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sympy as sp

from gradmath import notation
from gradmath.claims.chain_rule.by_hand import PAGE
from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.computed import Computed, Quantity
from gradmath.claims.exercise import Answer, Kind
from gradmath.claims.grades import CHECKED
from gradmath.claims.measured import Runs

if TYPE_CHECKING:
    from gradmath.derivation import Derivation

BATCH = 5
SIZES = {"W1": (4, 3), "b1": (4,), "W2": (2, 4), "b2": (2,), "x": (BATCH, 3)}


@claim(
    "exercise-chain-rule-code",
    page=PAGE,
    grade=CHECKED,
    titles={"en": "Exercise: the shapes of all gradients", "zh": "练习：所有梯度的形状"},
    statement_text={
        "en": "Every gradient has the shape of what it belongs to: W₁ (4, 3), b₁ (4), W₂ (2, 4), "
        "b₂ (2), and x the shape of the batch.",
        "zh": "每个梯度与它所属的量形状相同：W₁ 为 (4, 3)，b₁ 为 (4)，W₂ 为 (2, 4)，b₂ 为 (2)，"
        "x 的梯度与该批输入同形。",
    },
    assumptions={
        "en": "Three inputs, four tanh units, two linear outputs, squared error, a batch of five. "
        "Every entry is compared with a complex step through a forward pass written by itself.",
        "zh": "三个输入，四个 tanh 单元，两个线性输出，平方误差，一批五个样本。"
        "每个元素都与另写一遍前向计算、用复步长法求得的导数比较。",
    },
)
def exercise_chain_rule_code() -> Case:
    parts = {
        f"{name} axis {axis + 1}": _axis(name, axis, float(size))
        for name, sizes in SIZES.items()
        for axis, size in enumerate(sizes)
    }
    parts["verified"] = Quantity(_ours_verified, _complex_step, 1.0, 1.0)
    statement = Computed(
        parts,
        formula=r"\begin{gathered}"
        + r" \\[0.6ex] ".join(
            rf"{notation.partial_latex('L', name)}:\quad ({', '.join(map(str, sizes))})"
            for name, sizes in SIZES.items()
        )
        + r"\end{gathered}",
        words=", ".join(f"dL/d{name}: {sizes}" for name, sizes in SIZES.items()),
    )
    mistakes = [
        Mistake("W1 transposed", "W1 被转置",
                statement.but({"W1 axis 1": 3.0, "W1 axis 2": 4.0})),
        Mistake("W2 transposed", "W2 被转置",
                statement.but({"W2 axis 1": 4.0, "W2 axis 2": 2.0})),
        Mistake("the bias with one row per sample", "偏置每个样本一行",
                statement.but({"b1 axis 1": float(BATCH), "b2 axis 1": float(BATCH)})),
        Mistake("the gradient of x summed over the batch", "x 的梯度对批次求和",
                statement.but({"x axis 1": 1.0})),
        Mistake("the gradient of x transposed", "x 的梯度被转置",
                statement.but({"x axis 1": 3.0, "x axis 2": float(BATCH)})),
        Mistake("a derivation without the slopes of tanh is verified",
                "推导中漏掉 tanh 的导数，却以为能通过验证",
                replace(statement, words="a derivation without the slopes of tanh is verified",
                        parts={**parts, "verified": Quantity(
                            lambda: _verified(_slopes_lost()),
                            lambda: _complex_step(_gradients_without_slopes()), 1.0, 1.0)})),
    ]  # fmt: skip
    code = """
```pycon
>>> import gradmath as gm
>>> net = gm.Network(
...     inputs=3,
...     layers=[gm.Dense(4, gm.tanh), gm.Dense(2, gm.identity)],
...     loss=gm.squared_error,
... )
>>> d = gm.derive(net)
>>> {name: d.shapes[name] for name in d.gradient}
{'W1': (4, 3), 'b1': (4,), 'W2': (2, 4), 'b2': (2,), 'x': (n, 3)}
>>> gm.verify(d).status
'passed'

```
"""
    answer = Answer(
        Kind.CODE,
        en=code
        + "\nEach gradient has the shape of the thing itself; `n` is the size of the batch.",
        zh=code + "\n每个梯度与它所属的量形状相同；`n` 是一批样本的个数。",
    )
    return Case(statement, [Runs()], mistakes, {}, answer)


def _axis(name: str, axis: int, size: float) -> Quantity:
    """The size of one axis of a gradient, against that of what it belongs to."""
    return Quantity(
        lambda: float(_gradients()[name].shape[axis]),
        lambda: float(_declared()[name][axis]),
        size,
        size,
    )


@functools.cache
def _network() -> Any:
    from gradmath.functions import activations, losses
    from gradmath.network import Dense, Network

    layers = [Dense(4, activations["tanh"]), Dense(2, activations["identity"])]
    return Network(inputs=3, layers=layers, loss=losses["squared_error"])


def _batch() -> tuple[Any, Any, Any]:
    """Parameters, inputs and targets, seeded."""
    import numpy as np

    random = np.random.Generator(np.random.PCG64(0))
    inputs, targets = random.normal(size=(BATCH, 3)), random.normal(size=(BATCH, 2))
    return _network().init(seed=0), inputs, targets


@functools.cache
def _gradients() -> Any:
    """The arrays that the kernel returns for a batch."""
    from gradmath.derivation import derive
    from gradmath.kernels import compile

    kernel: Any = compile(derive(_network()), "numpy")
    return kernel(*_batch())[1]


def _declared() -> dict[str, tuple[int, ...]]:
    """The shapes of the network's own parameters, and of the batch."""
    parameters, inputs, _ = _batch()
    return {name: value.shape for name, value in parameters.items()} | {"x": inputs.shape}


def _slopes_lost() -> Derivation:
    """The derivation of the network by a rule that leaves the slopes of tanh out."""
    from gradmath.derivation import NetworkDerivation

    class SlopesLost(NetworkDerivation):
        def _delta(self, k: int, following: sp.MatrixExpr | None) -> sp.MatrixExpr:
            handed_back = super()._delta(k, following)
            is_product = isinstance(handed_back, sp.HadamardProduct)
            return handed_back.args[0] if is_product else handed_back

    return SlopesLost(_network())


def _gradients_without_slopes() -> dict[str, Any]:
    """What that rule gives for the batch, in a few lines of NumPy."""
    import numpy as np

    parameters, inputs, targets = _batch()
    hidden = np.tanh(inputs @ parameters["W1"].T + parameters["b1"])
    last = 2 * (hidden @ parameters["W2"].T + parameters["b2"] - targets) / BATCH
    first = last @ parameters["W2"]
    return {
        "W1": first.T @ inputs, "b1": first.sum(axis=0),
        "W2": last.T @ hidden, "b2": last.sum(axis=0), "x": first @ parameters["W1"],
    }  # fmt: skip


def _verified(derivation: Derivation) -> float:
    """1 if the package's own verification of the derivation passes, else 0."""
    from gradmath.verify import verify

    return float(verify(derivation).passed)


@functools.cache
def _ours_verified() -> float:
    """The same for the derivation of the exercise."""
    from gradmath.derivation import derive

    return _verified(derive(_network()))


def _complex_step(gradients: Mapping[str, Any] | None = None) -> float:
    """1 if every entry of the gradients (none given: the kernel's) is that of a complex step
    through a forward pass written out here, to 1e-12 of the largest entry, else 0.
    """
    import numpy as np

    found = _gradients() if gradients is None else gradients
    parameters, inputs, targets = _batch()
    named = {**parameters, "x": inputs}
    tiny, worst, largest = 1e-40, 0.0, 0.0
    for name, value in named.items():
        for index in np.ndindex(value.shape):
            moved = {n: np.array(v, dtype=complex) for n, v in named.items()}
            moved[name][index] += 1j * tiny
            hidden = np.tanh(moved["x"] @ moved["W1"].T + moved["b1"])
            out = hidden @ moved["W2"].T + moved["b2"]
            true = (((out - targets) ** 2).sum() / BATCH).imag / tiny
            worst = max(worst, abs(float(found[name][index]) - true))
            largest = max(largest, abs(true))
    return float(worst <= 1e-12 * largest)
