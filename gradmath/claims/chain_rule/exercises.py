"""Answers to the exercises of the page, each checked as a claim."""

from __future__ import annotations

import functools
from typing import Any

import sympy as sp

from gradmath import notation
from gradmath.claims.chain_rule.by_hand import (
    BACKWARD,
    FORWARD,
    PAGE,
    POINT,
    at,
    derivatives_at,
    two_neurons,
)
from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.computed import Computed, Quantity
from gradmath.claims.derivations import two_layer
from gradmath.claims.evidence import certificate, identity, points
from gradmath.claims.exercise import Answer, Kind
from gradmath.claims.grades import CHECKED, PROVED
from gradmath.claims.kernel import KernelValues
from gradmath.claims.measured import Runs
from gradmath.claims.relation import at_most, equal, partial
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Reals, sigmoid, x, z
from gradmath.claims.values import Value

HALF, QUARTER = sp.Rational(1, 2), sp.Rational(1, 4)
FOUR = ("w2", "b2", "w1", "b1")


@claim(
    "exercise-chain-rule-hand",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Exercise: the other target", "zh": "练习：换一个目标"},
    statement_text={
        "en": "With the target 0 in place of 1 the loss is the same and every derivative changes "
        "its sign.",
        "zh": "把目标由 1 换成 0，损失不变，而每个导数都变号。",
    },
    assumptions={
        "en": "The two-layer example: w₁ = w₂ = 2, b₁ = b₂ = −1, x = 1/2.",
        "zh": "两层网络的例子：w₁ = w₂ = 2，b₁ = b₂ = −1，x = 1/2。",
    },
)
def exercise_chain_rule_hand() -> Case:
    point = {**POINT, "y": sp.Integer(0)}
    names = {name: sp.Symbol(name, real=True) for name in POINT}
    found, loss = derivatives_at(point), at(two_neurons(names)["L"], point)
    stated = {name: -BACKWARD[name] for name in FOUR}
    statement = ForAll(
        {"L": equal(loss, FORWARD["L"])}
        | {f"dL/d{name}": equal(found[name], stated[name]) for name in FOUR},
        words="y = 0: L = 1/4, "
        + ", ".join(f"dL/d{name} = {value}" for name, value in stated.items()),
        display=_display(stated),
    )
    mistakes = [
        Mistake("the signs kept", "符号没有改变",
                statement.but(**{"dL/dw2": equal(found["w2"], BACKWARD["w2"])})),
        Mistake("no gradient, since the loss is the same", "以为损失不变，梯度就为零",
                statement.but(**{"dL/dw1": equal(found["w1"], 0)})),
        Mistake("the loss has grown", "以为损失变大了",
                statement.but(L=equal(loss, 1))),
    ]  # fmt: skip
    evidence = [
        identity(),
        KernelValues(two_layer(), point, {"L": "", **{f"dL/d{n}": n for n in FOUR}}),
    ]
    values = {"loss": Value(FORWARD["L"])} | {f"d{n}": Value(stated[n]) for n in FOUR}
    answer = Answer(
        Kind.BY_HAND,
        en="Forwards nothing changes: $a_2 = 1/2$, and the loss is again {=loss}, since $1/2$ is "
        "as far from $0$ as from $1$. The residual is now $+1/2$ where it was $-1/2$, and every "
        "derivative carries it as a factor: $\\partial L/\\partial w_2 = {$dw2}$, $\\partial "
        "L/\\partial b_2 = {$db2}$, $\\partial L/\\partial w_1 = {$dw1}$, $\\partial L/\\partial "
        "b_1 = {$db1}$. The sizes are the same, all signs are turned. (A rule with the *loss* in "
        "place of the residual would not notice.)",
        zh="前向没有变化：$a_2 = 1/2$；$1/2$ 到 $0$ 与到 $1$ 一样远，损失仍为 {=loss}。残差由 "
        "$-1/2$ 变为 $+1/2$，而每个导数都含有残差这个因子：$\\partial L/\\partial w_2 = {$dw2}$，"
        "$\\partial L/\\partial b_2 = {$db2}$，$\\partial L/\\partial w_1 = {$dw1}$，$\\partial "
        "L/\\partial b_1 = {$db1}$。大小不变，符号全部反转。（若把残差误写成*损失*，"
        "就察觉不到这一点。）",
    )
    return Case(statement, evidence, mistakes, values, answer)


def _display(stated: dict[str, sp.Expr]) -> list[str]:
    gradient = [
        f"{notation.partial_latex('L', name)} = {notation.latex(value)}"
        for name, value in stated.items()
    ]
    return [
        rf"y = 0:\quad L = {notation.latex(FORWARD['L'])},",
        r",\quad ".join(gradient[:2]) + ",",
        r",\quad ".join(gradient[2:]),
    ]


@claim(
    "exercise-chain-rule-proof",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Exercise: a bound for a chain of neurons", "zh": "练习：一串神经元的导数上界"},
    statement_text={
        "en": "One more sigmoid neuron of weight w multiplies the derivative, and any bound on its "
        "size, by at most |w|/4. Equality holds where every pre-activation is 0.",
        "zh": "多接一个权重为 w 的 sigmoid 神经元，导数的绝对值（及其任何上界）至多再乘以 |w|/4；"
        "当每个预激活值都为 0 时取等号。",
    },
    assumptions={
        "en": "The step of the induction: p is the size of the derivative so far, p + g a bound on "
        "it with g not negative. The product formula is proved for two and three neurons.",
        "zh": "这是归纳的一步：p 是目前导数的绝对值，p + g 是它的一个上界（g 非负）。"
        "乘积公式对两个与三个神经元证明。",
    },
)
def exercise_chain_rule_proof() -> Case:
    p, g = sp.symbols("p g", nonnegative=True)
    v = sp.Symbol("v", real=True)
    rise = sigmoid(z).diff(z)
    ws, bs = sp.symbols("w1:4", real=True), sp.symbols("b1:4", real=True)
    inside, product, formulas = x, sp.Integer(1), {}
    for k, (weight, bias) in enumerate(zip(ws, bs, strict=True), start=1):
        line = weight * inside + bias
        product = product * weight * rise.xreplace({z: line})
        inside = sigmoid(line)
        if k > 1:
            formulas[f"{k} neurons"] = equal(partial(inside, x), product)
    # b = -w/2 puts every pre-activation at 0 once the input is 1/2, so the bound is reached
    centred = {x: HALF, **{bias: -weight / 2 for weight, bias in zip(ws, bs, strict=True)}}
    reached = formulas["3 neurons"].left.doit().subs(centred)
    statement = ForAll(
        formulas
        | {
            "one more neuron": at_most(p * sp.Abs(v) * rise, (p + g) * sp.Abs(v) * QUARTER),
            "reached": equal(reached, sp.Mul(*(weight * QUARTER for weight in ws))),
        },
        {
            **dict.fromkeys((x, z, v, *ws, *bs), Reals),
            **dict.fromkeys((p, g), sp.Interval(0, sp.oo)),
        },
        display=(
            r"\frac{\partial a_n}{\partial x} = \prod_{k=1}^{n} w_k\,\sigma'(z_k),",
            r"\left|\frac{\partial a_n}{\partial x}\right| \le \prod_{k=1}^{n} \frac{|w_k|}{4}",
        ),
        words="da_n/dx is the product of w_k sigmoid'(z_k), so its size is at most that of |w_k|/4",
    )
    three = formulas["3 neurons"]
    mistakes = [
        Mistake("1/5 in place of 1/4", "把 1/4 写成 1/5",
                statement.but(**{"one more neuron": at_most(
                    p * sp.Abs(v) * rise, (p + g) * sp.Abs(v) / 5)})),
        Mistake("w in place of |w|", "把 |w| 写成 w",
                statement.but(**{"one more neuron": at_most(
                    p * sp.Abs(v) * rise, (p + g) * v * QUARTER)})),
        Mistake("the weights added", "权重相加而不是相乘",
                statement.but(**{"3 neurons": equal(
                    three.left, product / sp.Mul(*ws) * sp.Add(*ws))})),
        Mistake("one slope lost", "漏掉一个导数",
                statement.but(**{"2 neurons": equal(
                    formulas["2 neurons"].left,
                    formulas["2 neurons"].right / rise.xreplace({z: ws[0] * x + bs[0]}))})),
        Mistake("the bound reached with one quarter less", "取等号时少一个 1/4",
                statement.but(reached=equal(reached, sp.Mul(*ws) / 16))),
    ]  # fmt: skip
    gap = p * sp.Abs(v) * (sigmoid(z) - HALF) ** 2 + g * sp.Abs(v) * QUARTER
    evidence = [
        identity(*formulas, "reached"),
        certificate(**{"one more neuron": gap}),
        points(*formulas, "one more neuron", count=20),
    ]
    values = {"quarter": Value(QUARTER)}
    answer = Answer(
        Kind.PROOF,
        en="By the composition rule each neuron contributes its slope times its weight: $\\partial "
        "a_n/\\partial x = \\prod_k w_k\\, \\sigma'(z_k)$. Take absolute values; the slope is "
        "positive and at most ${$quarter}$, so each factor is at most $|w_k|/4$, and a product of "
        "non-negative numbers does not fall when one of them grows. The sides are equal if some "
        "$w_k$ is $0$ (both are then $0$), and otherwise only if every slope is exactly a quarter, "
        "that is, every $z_k = 0$. With $b_k = -w_k/2$ and $x = 1/2$ this is so at every depth.",
        zh="由链式法则，每个神经元贡献“导数乘权重”：$\\partial a_n/\\partial x = \\prod_k w_k\\, "
        "\\sigma'(z_k)$。取绝对值；导数为正且至多为 ${$quarter}$，故每个因子至多为 $|w_k|/4$，"
        "而若干非负数之积不会因其中一个增大而变小。若某个 $w_k = 0$，两边同为 $0$；否则当且"
        "仅当每个导数恰为四分之一，即每个 $z_k = 0$ 时取等号。取 $b_k = -w_k/2$、$x = 1/2$，"
        "则任意深度都成立。",
    )
    return Case(statement, evidence, mistakes, values, answer)


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
    parts["verified"] = Quantity(_verified, _complex_step, 1.0, 1.0)
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
        Mistake("the bias with one row per sample", "偏置每个样本一行",
                statement.but({"b1 axis 1": float(BATCH)})),
        Mistake("the gradient of x summed over the batch", "x 的梯度对批次求和",
                statement.but({"x axis 1": 1.0})),
    ]  # fmt: skip
    code = """
```pycon
>>> import gradmath as gm
>>> net = gm.Network(
...     inputs=3, layers=[gm.Dense(4, gm.tanh), gm.Dense(2, gm.identity)], loss=gm.squared_error)
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

    kernel: Any = compile(derive(_network()))
    return kernel(*_batch())[1]


def _declared() -> dict[str, tuple[int, ...]]:
    """The shapes of the network's own parameters, and of the batch."""
    parameters, inputs, _ = _batch()
    return {name: value.shape for name, value in parameters.items()} | {"x": inputs.shape}


def _verified() -> float:
    """1 if the package's own verification of the derivation passes, else 0."""
    from gradmath.derivation import derive
    from gradmath.verify import verify

    return float(verify(derive(_network())).passed)


def _complex_step() -> float:
    """1 if every entry of the kernel's gradient is that of a complex step through a forward pass
    written out here, to 1e-12 of the largest entry, else 0.
    """
    import numpy as np

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
            worst = max(worst, abs(float(_gradients()[name][index]) - true))
            largest = max(largest, abs(true))
    return float(worst <= 1e-12 * largest)
